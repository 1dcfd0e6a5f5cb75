"""Help fits 80 columns, and each of its examples runs; the manual page and shells say the same."""

import gzip
import io
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pytest

from planner.cli.app import COMMANDS, SCREEN
from planner.cli.app import planner as program
from planner.cli.commands.manual import manual_page

ROOT = Path(__file__).parents[1]
ROWS = [
    {"created": f"2026-11-{day:02}T10:00:00Z", "model": "gpt-5.4", "tok_in": 900 + day,
     "prompt_tokens": 900 + day, "completion_tokens": 120, "cost": 0.01}
    for day in range(1, 29)
]  # fmt: skip
MEASURED = """kind,model,gpu,n_gpu,tp,precision_weights,isl_mean,osl_mean,concurrency_or_batch
online,llama-3.1-8b,H100-SXM,1,1,fp8,1000,200,32
"""
BENCH = {
    "backend": "vllm", "model_id": "llama-3.1-8b", "num_prompts": 320, "completed": 320,
    "request_rate": "inf", "max_concurrency": 32, "duration": 60.0, "total_input_tokens": 320_000,
    "total_output_tokens": 64_000, "output_throughput": 3000.0, "mean_ttft_ms": 200.0, "mean_tpot_ms": 9.0,
}  # fmt: skip
NEWER = """[sources]
quote = "A quote of 2026-11-20"
[rents.H100-SXM]
on-demand = [{ provider = "Elsewhere", usd = 9.5, as_of = 2026-11-20, source = "quote" }]
"""
LEDGER = "month,line,amount\n2026-12,revenue_usd,143800\n"
BILL = """BilledCost,BillingCurrency,ChargePeriodStart,ChargeDescription,x_Model
3.00,USD,2026-12-20T00:00:00Z,gpt-5.4 input tokens,gpt-5.4
"""
NOT_RUN_HERE = (
    "planner open",
    "planner serve",
    "--watch",
    "--against main",
    "planner diff - ",
    "refresh /tmp",
)


def command(name):
    return program.get_command(click.Context(program, info_name="planner"), name)


def examples(name):
    """Give the command lines that a command's help shows, without remarks, pipes and redirections."""
    text = re.sub(r"\\\n\s+", "", command(name).epilog or "")
    for line in re.findall(r"^  (planner\b.*)$", text, re.MULTILINE):
        words = shlex.split(re.split(r" {3,}", line)[0])
        yield list(itertools.takewhile(lambda word: word not in ("|", ">", ">>"), words))


@pytest.fixture
def folder(tmp_path, monkeypatch, planner):
    """A folder that holds the files which the examples name."""
    shutil.copytree(ROOT / "saved", tmp_path / "saved")
    planner("new", tmp_path / "plan.toml", "--from", "support-copilot-own-gpu")
    (tmp_path / "plan.actuals.toml").write_text("schema = 1\n[months.2027-02]\ncustomers = 600\n")
    (tmp_path / "recorded.json").write_text(planner("show", tmp_path / "plan.toml", "--json")[1])
    (tmp_path / "policy.toml").write_text('fail = ["gross_margin_share <= 1"]\n')
    (tmp_path / "ledger.csv").write_text(LEDGER)
    (tmp_path / "bill.csv").write_text(BILL)
    (tmp_path / "measured.csv").write_text(MEASURED)
    (tmp_path / "bench.json").write_text(json.dumps(BENCH))
    (tmp_path / "newer.toml").write_text(NEWER)
    config = json.loads((ROOT / "tests/hf_configs.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(next(iter(config.values()))["config"]))
    log = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "exports").mkdir()
    for name in ("log.jsonl", "exports/a.jsonl"):
        (tmp_path / name).write_text(log)
    for name in ("more.jsonl.gz", "old.gz"):
        (tmp_path / name).write_bytes(gzip.compress(log.encode()))
    rows = f"COPY (SELECT * FROM read_json('{tmp_path / 'log.jsonl'}')) TO"
    duckdb.sql(f"{rows} '{tmp_path / 'requests.parquet'}'")
    duckdb.sql(f"{rows} '{tmp_path / 'spend.csv'}'")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(log.encode())))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [SCREEN, *COMMANDS])
def test_help_fits_80_columns_on_any_terminal(name, planner, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = planner(name, "--help")
    assert code == 0
    assert "Example" in out
    assert [line for line in out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_runs_on_the_shipped_plans(name, planner, folder):
    if name == "new":
        (folder / "plan.toml").unlink()
    for words in examples(name):
        if any(left in " ".join(words) for left in NOT_RUN_HERE):
            continue
        given = [
            path
            for word in words[1:]
            for path in sorted(map(str, folder.glob(word)) if "*" in word else [word])
        ]
        code, _, err = planner(*given)
        assert code in ({0, 2} if name == "diff" else {0}), (words, err)
        assert "Problem" not in err


def test_the_manual_page_that_ships_is_the_one_that_is_printed(planner):
    page = planner("manual")[1]
    assert page == (ROOT / "docs/planner.1").read_text()
    assert all(f'.SS "planner {name} ' in page or f'.SS "planner {name}"' in page for name in COMMANDS)


def test_nothing_in_the_manual_page_is_read_as_a_request_by_accident():
    requests = {".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi", ".B"}
    assert {line.split()[0] for line in manual_page().splitlines() if line[:1] in (".", "'")} <= requests


def completed(*words):
    """What a shell is offered after these words."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "_PLANNER_COMPLETE": "bash_complete",
        "COMP_WORDS": shlex.join(["planner", *words]), "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "planner"], env=environment, check=True, capture_output=True, text=True
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_shell_completes_commands_plans_fields_results_models_and_gpus():
    assert "sweep" in completed("sw")
    assert "support-copilot-own-gpu" in completed("show", "support")
    path = "workloads.chat.routing.share_to_last"
    assert path in completed("sweep", "support-copilot", "--over", "workloads.chat.routing")
    assert "runway_months" in completed("seek", "support-copilot", "--metric", "run")
    assert "openai:gpt-5.4-mini" in completed("prices", "openai:gpt-5.4")
    assert "H100-SXM" in completed("serving", "--gpu", "H1")
    assert completed("sweep", "no-such-plan", "--over", "work") == [""]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_of_its_own(shell, planner):
    code, out, _ = planner("completion", shell)
    assert code == 0
    assert f"_PLANNER_COMPLETE={shell}_complete" in out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=out, text=True, check=False).returncode == 0


def test_a_shell_that_is_not_known_is_asked_for(planner, monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    code, _, err = planner("completion")
    assert code == 2
    assert "bash, zsh, fish" in err
