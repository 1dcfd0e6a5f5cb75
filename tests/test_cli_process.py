"""The command line as a process: faults, interrupts, readers that leave, what a start loads."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.cli import app, run
from planner.cli.io.progress import stoppable, working

ROOT = Path(__file__).parents[1]
COPILOT = str(ROOT / "saved/support-copilot.toml")
ROUTING = str(ROOT / "saved/support-copilot-rag-routing.toml")


def started(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(
        [sys.executable, "-m", "planner", *map(str, arguments)], env=environment, text=True, **streams
    )


def test_a_fault_of_the_planner_is_one_line_and_exit_1(planner, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError("by \x1b[31mnothing")

    monkeypatch.setattr("planner.cli.commands.show.report", broken)
    code, out, err = planner("show", COPILOT)
    assert (code, out) == (1, "")
    assert "ZeroDivisionError" in err
    assert "\x1b" not in err
    assert len(err.splitlines()) == 1


def test_a_stranger_s_text_can_not_act_on_the_terminal(planner, mix):
    mix.write_text(mix.read_text().replace("Seven in ten", "\\u001b]0;owned\\u0007\\u202eSeven"))
    for arguments in (["show", mix], ["show", mix, "--json"], ["show", mix, "--sources"]):
        code, out, _ = planner(*arguments)
        assert code == 0
        assert not any(char in out for char in "\x1b\x07\u202e")


def test_help_imports_nothing_heavy():
    check = (
        "import sys; from planner.cli import run; run(['--help']);"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'pydantic', 'textual', 'genai_prices', 'platformdirs')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0


def test_diff_loads_what_it_needs_and_no_more(tmp_path):
    """No screen, no other analysis; no price package and no search for plugins of pydantic once prices are known."""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "planner", "diff", COPILOT, ROUTING],
            env=os.environ | {"PYTHONPATH": str(ROOT), "PLANNER_CACHE": str(tmp_path)},
            check=False,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "planner.analysis.compare" in loaded
    unneeded = {
        "textual",
        "rich",
        "tomlkit",
        "genai_prices",
        "importlib.metadata",
        "planner.analysis.frontier",
    }
    assert not loaded & unneeded


def test_a_misspelt_command_is_told_which_one_was_meant(planner):
    code, _, err = planner("shwo", COPILOT)
    assert code == 2
    assert "Did you mean show?" in err


def test_a_reader_that_goes_away_is_no_error():
    process = started("show", COPILOT, "--json")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def test_watch_prints_again_when_the_file_is_saved(mix, tmp_path):
    printed = tmp_path / "printed.txt"

    def comes(text, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and text not in printed.read_text():
            time.sleep(0.1)
        return text in printed.read_text()

    with printed.open("w") as out:
        process = started("show", mix, "--watch", "--samples", 16, stdout=out)
    try:
        assert comes("$42.8k")
        mix.write_text(mix.read_text().replace("10_000_000", "20_000_000"))
        assert comes("$85.5k")
    finally:
        process.terminate()  # ctrl+c would not do: who runs the tests in the background has it ignored
        process.communicate(timeout=120)


def test_long_work_is_told_to_stop_by_an_interrupt_and_ended_by_the_second():
    before = signal.getsignal(signal.SIGINT)
    with stoppable("Sweeping", io.StringIO()) as told:
        assert told(1, 4, 3.0)
        signal.raise_signal(signal.SIGINT)
        assert not told(2, 4, 2.0)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_during_a_query_is_no_fault(monkeypatch, capsys):
    def interrupted(**_):
        raise RuntimeError("Query interrupted")  # what duckdb makes of it

    monkeypatch.setattr(app.planner, "main", interrupted)
    assert run(["import", "log.csv"]) == 130
    assert capsys.readouterr().err == ""


def test_work_in_several_processes_gives_its_locks_back():
    code = "from multiprocessing import Lock; from planner import startup; kept = Lock(); startup.leave(0)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_help_comes_at_once():
    start = time.perf_counter()
    process = started("--help")
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            [
                "frontier",
                *[f"--lever={name}=0:1:1000" for name in ("chat.share_to_last", "company.cash_usd")],
            ],
            "1,000,000,000,000",
        ),
        (["show", "--samples=1000000000"], "1000000000"),
    ],
)
def test_work_of_an_absurd_size_is_refused_with_its_number(words, said, planner):
    more = ["--lever=revenue.usd_per_customer_per_month=1:9:1000", "--lever=chat.output_tokens=1:1000:1000"]
    command, *rest = words
    code, _, err = planner(command, ROUTING, *rest, *(more if command == "frontier" else []))
    assert code == 2
    assert said in err


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_what_is_told_of_progress_never_falls(monkeypatch):
    monkeypatch.setattr("planner.cli.io.progress.SHOWN_AFTER_S", 0.0)
    monkeypatch.setattr("planner.cli.io.progress.EVERY_S", 0.01)
    shares = iter([0.1, 0.5, 0.3, 0.9])
    stream = Terminal()
    with working("Reading", stream, share=lambda: next(shares, 0.2)):
        time.sleep(0.1)
    told = [int(each) for each in re.findall(r"Reading: (\d+)%", stream.getvalue())]
    assert len(told) > 3
    assert told == sorted(told)
