"""Plans made out of the schema: every field, every section left out or empty, zeros, ones, bounds and ranges.

    nice python tests/fuzz/schema_plans.py --plans 200000
    nice python tests/fuzz/schema_plans.py --plans 20000 --commands all --by-turns
    nice python tests/fuzz/schema_plans.py --plans 1 --first 4711 --show

The law: a table either is refused, all in words, or evaluates, draws its ranges and prints on every surface; without
the fields that its problems name it is accepted, and held once more. A plan
that breaks it is printed with its number, which makes it again. Ends with 1 where any did.
"""

import argparse
import collections
import contextlib
import copy
import io
import json
import os
import random
import sys
import tempfile
import traceback
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import numpy as np
from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from planner.schema import Range, Scenario, Spec, declared, fields, holding, steps_of  # noqa: E402 - the folder of the project is on the path only now

NAMES = (
    "a",
    "chat",
    "api",
    "self-hosted",
    "kind",
    "routing",
    "b-2",
    "gpt-5.4",
    'a "q" b',
    "x_y",
    "0",
    "None",
    "ünï",
    "a, b",
    "🦙 70B",
    "",
    "x.y.",
    "tab\there",
)
MODELS = ("openai:gpt-5.4", "openai:gpt-5.4-mini", "anthropic:claude-sonnet-4-5", "google:gemini-2.5-pro")
OPEN_MODELS = ("llama-3.1-8b", "llama-3.1-70b", "gpt-oss-120b", "deepseek-r1")
GPUS = ("H100-SXM", "A100-SXM-80GB", "L40S", "MI300X")
RARE = 0.03  # of values that are no value of the field at all
NOT_VALUES: tuple[Any, ...] = (-1, "", "x", True, [], {}, 1e300, "nan", "1 to", "5 to 2", "1e400")


def number(spec: Spec, rng: random.Random) -> Any:
    """Return a number or a range that the field may hold, often at a bound."""
    low = spec.lo if np.isfinite(spec.lo) else -1e6
    high = spec.hi if np.isfinite(spec.hi) else 1e6
    plain = [low, high, 0.0, 1.0, 10 ** rng.uniform(-6, 9), rng.uniform(low, min(high, 100 + low))]
    value = min(max(rng.choice(plain), low), high)
    if spec.kind == "count":
        value = float(round(value))
    return (
        _range(spec, rng, value, high)
        if rng.random() < 0.4
        else int(value)
        if spec.kind == "count"
        else value
    )


def _range(spec: Spec, rng: random.Random, value: float, high: float) -> Any:
    """Return a range around a value, inside the bounds of the field."""
    if rng.random() < 0.3:
        first, last = sorted((value, min(value * rng.choice((1.5, 3, 100)) + 1, high)))
        return f"triangular {first!r}, {first!r}, {last!r}" if first < last else value
    if spec.kind == "share":
        first = min(max(value, 0.001), 0.9)
        return f"{first!r} to {min(first * rng.choice((1.01, 1.5, 30)), 0.999)!r}"
    first = max(value, 1e-6) if spec.lo >= 0 else value
    last = min(first + abs(first) * rng.choice((0.01, 0.5, 30)), high)
    return f"{first!r} to {last!r}" if first < last else value


def leaf(name: str, spec: Spec, rng: random.Random, deployments: list[str], careless: float) -> Any:
    """Return a value for a field with this declaration."""
    if rng.random() < careless:
        return rng.choice(NOT_VALUES)
    if spec.numeric:
        return number(spec, rng)
    if spec.kind == "flag":
        return rng.random() < 0.5
    if spec.kind == "names":
        most = min(len(deployments), 3)
        return rng.sample(deployments, rng.randint(0, most))
    if spec.kind == "month":
        return rng.choice(("2026-11", "2024-01", "2031-12", "1999-01"))
    if spec.kind == "text":
        return (
            rng.choice(("", "a", *deployments))
            if name in ("teacher", "covers")
            else rng.choice(("", "Words", "\t«»"))
        )
    if spec.kind == "profile" and rng.random() < 0.5:
        return [rng.choice((0, 1, rng.uniform(0, 9))) for _ in range(rng.choice((24, 24, 168)))]
    if spec.choices:
        return rng.choice(spec.choices)
    return rng.choice({"gpu": GPUS}.get(name, OPEN_MODELS))


class Plans:
    """Tables of plans, one for each number."""

    def __init__(self, number: int) -> None:
        """Begin with the number of a plan."""
        self.rng = random.Random(number)
        self.fill = self.rng.choice((0.03, 0.1, 0.3, 0.8))
        names = self.rng.sample(NAMES, self.rng.randint(0, 3))
        self.deployments = names
        self.careless = self.rng.choice((0.0, 0.0, 0.0, RARE))

    def table(self) -> dict[str, Any]:
        """Return the whole table."""
        out = self.section(
            Scenario,
            skip=("schema_version", "models", "gpus", "deployments", "workloads", "source", "correlations"),
        )
        out["schema"] = 1
        by_kind = list(_models(Scenario.model_fields["deployments"].annotation))
        out["deployments"] = {name: self.deployment(self.rng.choice(by_kind)) for name in self.deployments}
        count = self.rng.randint(0, 3) if self.deployments else 0
        workload = _models(Scenario.model_fields["workloads"].annotation)[0]
        out["workloads"] = {name: self.workload(workload) for name in self.rng.sample(NAMES, count)}
        if isinstance(said := out.get("reactions"), dict):
            self.seen(said, segments=list(out.get("segments") or {}), workloads=list(out["workloads"]))
        if self.rng.random() < 0.1:
            out["source"] = {"company.cash_usd": "Bank, 2026-11"}
        self.join(out)
        return out

    def join(self, out: dict[str, Any]) -> None:
        """Let changes set, and correlations tie, fields that the plan has."""
        plan = Scenario.readable(out | {"change": []})
        if plan is None or self.rng.random() < 0.3:
            return
        places = list(fields(plan))
        for change in out.get("change") or ():
            change["set"] = {
                each.path: leaf(each.steps[-1], each.spec, self.rng, self.deployments, self.careless)
                for each in self.rng.sample(places, self.rng.randint(0, 3))
            }
        ranges = [path for path, _ in holding(plan, Range)]
        if len(ranges) > 1 and self.rng.random() < 0.2:
            a, b = self.rng.sample(ranges, 2)
            out["correlations"] = [{"a": a, "b": b, "rank": self.rng.choice((-0.99, 0, 0.5))}]

    def seen(self, said: dict[str, Any], *, segments: list[str], workloads: list[str]) -> None:
        """Let reactions speak of segments and workloads that are there, and of what was seen, most often."""
        if self.rng.random() < self.careless:
            return
        for field, names in (
            ("at_segment_usd", segments),
            ("at_allowance", segments),
            ("at_request_usd", workloads),
        ):
            said[field] = {name: self.rng.choice((0, 1, 40.0)) for name in names}
        said.setdefault("at_usd_per_customer", 50)
        said.setdefault("at_success_share", 0.5)
        said.setdefault("at_latency_s", 3)

    def deployment(self, cls: type[BaseModel]) -> dict[str, Any]:
        """Return a deployment of one kind."""
        out = self.section(cls, skip=("kind", "model"))
        kind = cls.model_fields["kind"].default
        return {"kind": kind, "model": self.rng.choice(MODELS if kind == "api" else OPEN_MODELS), **out}

    def workload(self, cls: type[BaseModel]) -> dict[str, Any]:
        """Return a workload, most often with tiers that exist."""
        out = self.section(cls)
        if self.rng.random() >= self.careless and self.deployments:
            routing = out.setdefault("routing", {})
            tiers = self.rng.sample(self.deployments, self.rng.randint(1, len(self.deployments)))
            if isinstance(routing, dict):
                routing["tiers"] = tiers
        return out

    def section(self, cls: type[BaseModel], skip: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a table of a section: each field there or left out."""
        out: dict[str, Any] = {}
        for name, info in cls.model_fields.items():
            if name in skip or not (info.is_required() or self.rng.random() < self.fill):
                continue
            value = self.value(cls, name, info.annotation)
            if value is not None:
                out[info.alias or name] = value
        return out

    def value(self, cls: type[BaseModel], name: str, annotation: Any) -> Any:
        """Return a value of one field, a table or a list of tables among them; None where there is none to make."""
        origin, inner = get_origin(annotation), _models(annotation)
        if inner and origin is tuple:
            return [self.section(inner[0]) for _ in range(self.rng.randint(0, 3))]
        if inner and origin is dict:
            return {key: self.section(inner[0]) for key in self.rng.sample(NAMES, self.rng.randint(0, 2))}
        if inner:
            return self.section(inner[0])
        spec = declared(cls, name)
        if spec is None:
            return None
        if origin is tuple and spec.kind != "names":
            return [
                leaf(name, spec, self.rng, self.deployments, self.careless)
                for _ in range(self.rng.randint(0, 3))
            ]
        if origin is dict:
            keys = self.rng.sample(self.deployments, min(1, len(self.deployments)))
            return {key: leaf(name, spec, self.rng, self.deployments, self.careless) for key in keys}
        return leaf(name, spec, self.rng, self.deployments, self.careless)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [
        each
        for inner in get_args(annotation)
        if not isinstance(inner, types.EllipsisType)
        for each in _models(inner)
    ]


COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("show", "FILE", "--samples", "64"),
    "month": ("show", "FILE", "--samples", "64", "--month", "7"),
    "json": ("show", "FILE", "--samples", "64", "--json"),
    "sources": ("show", "FILE", "--sources"),
    "diff": ("diff", "OTHER", "FILE", "--json"),
    "same": ("diff", "FILE", "FILE"),
    "moves": ("moves", "FILE", "--json"),
    "sensitivity": ("sensitivity", "FILE", "--json"),
    "sweep": ("sweep", "FILE", "--over", "company.cash_usd=0,1e6", "--json"),
    "seek": (
        "seek",
        "FILE",
        "--field",
        "company.cash_usd",
        "--metric",
        "runway_months",
        "--to",
        "12",
        "--json",
    ),
    "check": ("check", "FILE", "--policy", str(ROOT / "tests/policy.toml")),
    "markdown": ("export", "FILE", "OUT.md", "--force"),
    "csv": ("export", "FILE", "OUT.csv", "--force"),
    "page": ("export", "FILE", "OUT.html", "--force"),
    "workbook": ("export", "FILE", "OUT.xlsx", "--force"),
    "frontier": ("frontier", "FILE", "--lever", "company.cash_usd=0,1e6", "--processes", "1", "--json"),
}
FINE = (0, 2, 3)
MOST_ROUNDS = 12  # of taking out what is named, until a plan is accepted
TOLD_EACH = 1_000  # plans


def fitted(table: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Return a table without the fields that are named as what keeps it from being used, and the rounds this took."""
    from planner.errors import ScenarioError  # noqa: PLC0415 - the folder of the project is on the path only now
    from planner.model.resolve import resolve  # noqa: PLC0415 - as above

    left = copy.deepcopy(table)
    for rounds in range(MOST_ROUNDS):
        try:
            resolve(Scenario.from_table(left))
        except ScenarioError as error:
            for problem in error.problems:
                _take_out(left, problem.where)
        else:
            return left, rounds
    return left, MOST_ROUNDS


def _take_out(table: dict[str, Any], where: str) -> None:
    """Take out the field at a path, or the nearest table above it that is there."""
    node: Any = table
    trail: list[tuple[Any, Any]] = []
    for step in steps_of(where.split(" (", maxsplit=1)[0]):
        key = int(step) if isinstance(node, list) and step.isdigit() else step
        if isinstance(node, list) and not (isinstance(key, int) and key < len(node)):
            break
        if not isinstance(node, list | dict) or (isinstance(node, dict) and key not in node):
            break
        trail.append((node, key))
        node = node[key]
    if trail:
        holder, key = trail[-1]
        del holder[key]


def hold(table: dict[str, Any], *, command: str, folder: Path) -> str:
    """Hold one table against the law; return what became of it. Raises where the law is broken."""
    import tomli_w  # noqa: PLC0415 - as above

    from planner.cli import run  # noqa: PLC0415 - what is held against the law is imported when it is needed

    path = folder / "made.toml"
    path.write_text(tomli_w.dumps(table), encoding="utf-8")
    names = {"FILE": str(path), "OTHER": str(ROOT / "saved/seed-runway.toml")}
    words = [names.get(word, word.replace("OUT", str(folder / "out"))) for word in COMMANDS[command]]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    assert code in FINE, f"exit {code}"
    assert "Traceback" not in err.getvalue()
    if "--json" in words and out.getvalue():
        json.loads(out.getvalue(), parse_constant=_no_constant)
    return f"{command} exit {code}"


def _no_constant(word: str) -> None:
    raise AssertionError(f"{word} in JSON")


class Run:
    """What became of the plans so far."""

    def __init__(self, commands: Sequence[str], *, by_turns: bool) -> None:
        """Begin with nothing seen."""
        self.commands, self.by_turns = commands, by_turns
        self.seen: collections.Counter[str] = collections.Counter()
        self.broken: dict[str, list[int]] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="planner-made-"))

    def plan(self, number: int, *, show: bool) -> None:
        """Hold the plan of one number as it was made and, where that is refused, without what was named."""
        made = Plans(number).table()
        left, rounds = fitted(made)
        self.seen[f"accepted after {rounds} rounds" if rounds < MOST_ROUNDS else "never accepted"] += 1
        for table in (made, left) if rounds else (made,):
            if show:
                print(table)  # noqa: T201 - asked for
            self.seen["tables"] += 1
            turn = [self.commands[number % len(self.commands)]] if self.by_turns else self.commands
            for command in turn:
                self._held(table, number, command)

    def _held(self, table: dict[str, Any], number: int, command: str) -> None:
        try:
            self.seen[hold(table, command=command, folder=self.folder)] += 1
        except Exception as error:  # noqa: BLE001 - whatever breaks is what is looked for
            frames = traceback.extract_tb(error.__traceback__)
            where = next((f for f in reversed(frames) if "planner" in f.filename), frames[-1])
            key = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {str(error)[:120]}"
            if key not in self.broken:
                print(f"plan {number} on {command}: {key}", flush=True)  # noqa: T201 - what is found
            self.broken.setdefault(key, []).append(number)
            self.seen["broken"] += 1


def main() -> int:
    """Hold plans against the law, and count what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first plan")
    parser.add_argument(
        "--commands", default="json", help="names of COMMANDS, with commas between them, or all"
    )
    parser.add_argument("--by-turns", action="store_true", help="one of the commands for each plan, in turn")
    parser.add_argument("--show", action="store_true", help="print each table")
    asked = parser.parse_args()
    commands = [*COMMANDS] if asked.commands == "all" else asked.commands.split(",")
    os.environ["PLANNER_DEBUG"] = "1"
    run = Run(commands, by_turns=asked.by_turns)
    for done, number in enumerate(range(asked.first, asked.first + asked.plans), 1):
        run.plan(number, show=asked.show)
        if done % TOLD_EACH == 0 or done == asked.plans:
            print(f"{done} plans: {dict(sorted(run.seen.items()))}", flush=True)  # noqa: T201 - what is found
    for key, numbers in sorted(run.broken.items(), key=lambda item: -len(item[1])):
        print(f"{len(numbers)}x {key}  plans {numbers[:5]}")  # noqa: T201 - what is found
    return 1 if run.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
