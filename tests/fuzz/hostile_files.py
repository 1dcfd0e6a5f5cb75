"""Files of every kind that the planner opens, damaged at random: read, or refused in words.

    nice python tests/fuzz/hostile_files.py --each 20000
    nice python tests/fuzz/hostile_files.py --each 1 --first 4711 --kinds theme --show

The law: exit code 0, 2 or 3, no warning, and JSON in which each number is one. A file that breaks it is printed with
its number, which makes it again. Ends with 1 where any did.
"""

import argparse
import asyncio
import collections
import contextlib
import io
import json
import os
import random
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from fuzz.mutations import mutated  # noqa: E402 - the folder of the project is on the path only now

from planner.cli import run  # noqa: E402 - as above
from planner.errors import ScenarioError  # noqa: E402 - as above
from planner.files.journal import pending  # noqa: E402 - as above

PLAN = str(ROOT / "saved/support-copilot.toml")
POLICY = str(ROOT / "tests/policy.toml")
FINE = (0, 2, 3)  # done, refused in words, a guardrail broken
NOT_WORDS = ("Traceback", "pydantic", "validation error", "<class", "object at 0x")

PRICES = """
[sources]
tracker = "a tracker"
[rents.H100-SXM]
on-demand = [{ provider = "Lambda", usd = 1.29, as_of = 2026-05-01, source = "tracker" }]
spot = [{ provider = "RunPod", usd = 0.5, as_of = 2026-11-01, source = "tracker" }]
[[api."openai:gpt-5.4"]]
input_usd_per_mtok = 1.0
output_usd_per_mtok = 8.0
cache_read_usd_per_mtok = 0.1
from = 2026-11-20
as_of = 2026-11-20
source = "a page"
"""
ACTUALS = """
schema = 1
[months."2026-11"]
revenue_usd = 30_000
customers = 900
[months."2026-11".requests]
support = 100_000
[months."2026-11".deployment_usd]
frontier = 4_000
"""
BENCH = {
    "backend": "openai", "model_id": "meta-llama/Llama-3.1-8B-Instruct", "num_prompts": 200, "completed": 200,
    "request_rate": "inf", "max_concurrency": 16, "duration": 60.0, "total_input_tokens": 204_800,
    "total_output_tokens": 51_200, "request_throughput": 3.3, "output_throughput": 853.0, "mean_ttft_ms": 210.0,
    "median_ttft_ms": 200.0, "mean_tpot_ms": 12.0, "p99_tpot_ms": 30.0,
}  # fmt: skip
JOURNAL = [
    {"planner": 1, "file": PLAN, "digest": "0", "pid": 1, "host": "x", "since_s": 1.0},
    {"field": "company.cash_usd", "value": 5, "base": "0"},
]
HEADLESS = ["--gpu", "H100-SXM", "--tp", "1", "--weights", "fp8", "--engine", "vllm"]


@cache
def recorded() -> str:
    """Return what a plan led to, as JSON."""
    return _ran(["show", PLAN, "--json", "--samples", "16"])[1]


@cache
def configs() -> list[str]:
    """Return some models as their makers describe them."""
    return [
        json.dumps(each["config"])
        for each in json.loads((ROOT / "tests/hf_configs.json").read_text()).values()
    ]


def themes() -> list[str]:
    """Return the themes that ship."""
    return [path.read_text() for path in sorted((ROOT / "themes").glob("*.toml"))]


def keymaps() -> list[str]:
    """Return a keymap with every line in use."""
    from planner.tui.config.keymap import starter  # noqa: PLC0415 - loads Textual

    return [starter().replace("\n# ", "\n")]


def tables() -> list[str]:
    """Return a few measured rows."""
    return ["\n".join((ROOT / "tests/serving_cited.csv").read_text().splitlines()[:5]) + "\n"]


LOG_ROW: dict[str, Any] = {
    "model": "gpt-5.4", "created_at": "2026-11-20T10:00:00Z", "usage": {"prompt_tokens": 900, "completion_tokens": 80},
    "cost": 0.01,
}  # fmt: skip
SEEDS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "config": ("json", configs),
    "table": ("csv", tables),
    "benchmark": ("json", lambda: [json.dumps(BENCH), json.dumps([BENCH, BENCH])]),
    "import": ("json", lambda: [json.dumps([LOG_ROW] * 3), *("\n".join([json.dumps(LOG_ROW)] * 4),)]),
    "prices": ("toml", lambda: [PRICES]),
    "policy": ("toml", lambda: [Path(POLICY).read_text()]),
    "against": ("json", lambda: [recorded()]),
    "actuals": ("toml", lambda: [ACTUALS]),
    "theme": ("toml", themes),
    "keymap": ("toml", keymaps),
    "settings": ("toml", lambda: ['theme = "dark"\ndensity = "roomy"\nascii = true\n']),
    "journal": ("json", lambda: ["\n".join(map(json.dumps, JOURNAL))]),
}


def _ran(arguments: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    return code, out.getvalue(), err.getvalue()


def command_of(kind: str, path: Path) -> list[str]:
    """Return the command line that opens a file of this kind."""
    name, folder = str(path), path.parent
    return {
        "config": ["model", name, "--json"],
        "table": ["serving", "--table", name, "--out", str(folder / "out.csv"), "--json"],
        "benchmark": ["serving", "--calibrate", name, *HEADLESS, "--json"],
        "import": ["import", name, "--json"],
        "prices": ["refresh", name, "--library", str(folder / "library"), "--json"],
        "policy": ["check", PLAN, "--policy", name, "--format", "json"],
        "against": ["check", PLAN, "--policy", POLICY, "--against", name, "--format", "json"],
        "actuals": ["actuals", str(folder / "plan.toml"), "--json"],
    }[kind]


NAMES = {"config": "config.json", "against": "was.json", "actuals": "plan.actuals.toml"}
READ_BY_COMMANDS = ("config", "table", "benchmark", "import", "prices", "policy", "against", "actuals")


def hold(kind: str, data: bytes, folder: Path) -> str:
    """Open a damaged file; raise where the law is broken, else say in a word what became of it."""
    path = folder / NAMES.get(kind, f"{kind}.toml")
    path.write_bytes(data)
    if kind == "actuals":
        (folder / "plan.toml").write_text(Path(PLAN).read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if kind not in READ_BY_COMMANDS:
            return _opened(kind, path)
        code, out, err = _ran(command_of(kind, path))
    assert code in FINE, f"exit {code}: {err[-500:]}"
    for part in NOT_WORDS:
        assert part not in out + err, f"{part!r} in {(out + err)[:500]!r}"
    if code != 2:
        json.loads(out, parse_constant=_no_number)
    return f"{kind} exit {code}"


def _no_number(name: str) -> None:
    raise AssertionError(f"{name} in JSON")


def _opened(kind: str, path: Path) -> str:
    """Read a file that only the screen opens."""
    from planner.tui.config.keymap import keymap  # noqa: PLC0415 - loads Textual
    from planner.tui.config.settings import read_settings  # noqa: PLC0415 - as above

    if kind == "theme":
        return _shown_in(path)
    if kind == "journal":
        list(pending(PLAN, state=path.parent))
        return "journal read"
    problems = keymap(path)[1] if kind == "keymap" else read_settings(path)[1]
    return f"{kind} {'told' if problems else 'read'}"


def _shown_in(path: Path) -> str:
    from planner.tui.config.themes import read_theme, use_theme  # noqa: PLC0415 - loads Textual

    try:
        theme = read_theme(path)
    except ScenarioError:
        return "theme refused"

    async def show() -> None:
        app = planner_app()
        async with app.run_test(size=(80, 24)) as pilot:
            use_theme(app, theme)
            await pilot.pause()

    asyncio.run(show())
    return "theme shown"


def planner_app() -> Any:
    """Return the screen on an empty plan."""
    from planner.tui.app import PlannerApp  # noqa: PLC0415 - loads Textual
    from planner.tui.state import Plan  # noqa: PLC0415 - as above

    return PlannerApp(Plan.blank, from_library=True)


def damaged(kind: str, number: int) -> bytes:
    """Return the file of this kind with this number."""
    rng = random.Random(f"{kind} {number}")
    form, seeds = SEEDS[kind]
    return mutated(rng.choice(seeds()), form, rng)


def main() -> int:
    """Hold files of all kinds, and tell what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=1_000, help="files of each kind")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=[*SEEDS])
    parser.add_argument("--show", action="store_true", help="print each file before it is opened")
    asked = parser.parse_args()
    os.environ["PLANNER_DEBUG"] = "1"
    became: collections.Counter[str] = collections.Counter()
    broken = 0
    with tempfile.TemporaryDirectory(prefix="planner-hostile-") as place:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = place
        for kind in asked.kinds:
            for number in range(asked.first, asked.first + asked.each):
                data = damaged(kind, number)
                if asked.show:
                    print(data)  # noqa: T201 - asked for
                try:
                    became[hold(kind, data, Path(place))] += 1
                except Exception:  # noqa: BLE001 - whatever breaks the law is what is looked for
                    broken += 1
                    print(f"--- {kind} {number}\n{traceback.format_exc(limit=-4)}", flush=True)  # noqa: T201 - to repeat it
    print(dict(became), f"{broken} broke the law")  # noqa: T201 - the report
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
