"""Measure how soon the planner is there: python tests/benchmarks/start.py [ROUNDS]. Nothing here is a test.

Everything is a cold process, and what is compared takes turns, so that each side meets the same machine. CPU is user
and system time; ratios are of medians. `posting` is measured where its command is on the PATH (in an environment of
its own).
"""

import compileall
import os
import pty
import re
import resource
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from terminal import arrival, cpu_s, shown_at

ROOT = Path(__file__).parents[2]
PLANNER = [sys.executable, "-c", "from planner.cli import main; main()"]
PLAN, ROUTED, HOSTED = (
    str(ROOT / f"saved/support-copilot{name}.toml") for name in ("", "-rag-routing", "-own-gpu")
)
BARE = [sys.executable, "-c", "import numpy, pydantic"]
DIFFS = {"APIs": [*PLANNER, "diff", PLAN, ROUTED], "own GPUs": [*PLANNER, "diff", PLAN, HOSTED]}
MINIMAL = """
from textual.app import App
from textual.widgets import DataTable, Input

class Minimal(App):
    def compose(self):
        for number in range(5):
            yield Input(f"value {number}")
        yield DataTable()

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("name", "value")
        for number in range(10):
            table.add_row(f"row {number}", str(number * number))

Minimal().run()
"""
RESULTS = r"Gross margin.*\n.*\d%"
SCREENS = {  # a command, and what the screen shows once it is there
    "minimal": ([sys.executable, "-c", MINIMAL], r"row 4"),
    "planner": ([*PLANNER, "open", PLAN], RESULTS),
    "own GPUs": ([*PLANNER, "open", HOSTED], RESULTS),
}
COLUMNS, ROWS = 100, 30
WATCHED_S, LONGEST_S = 3.0, 20.0  # from the first byte on, until it rests; until it is given up


def say(words):
    """Print one finding."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def command_ms(command):
    """Run a command to its end; return its processor time and its time on the clock."""
    before, began = _children_s(), time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = time.perf_counter() - began
    return {"CPU": 1e3 * (_children_s() - before), "clock": 1e3 * took}


def _children_s():
    """Return the processor time of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def screen_ms(command, sign):
    """Open a screen on a terminal; return when it showed `sign`, what that cost, and the memory it holds at rest."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if not pid:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(COLUMNS), LINES=str(ROWS))
        os.execvp(command[0], command)
    heard = []
    place = None
    while place is None and time.perf_counter() - began < LONGEST_S:
        if select.select([terminal], [], [], 0.05)[0]:
            with suppress(OSError):  # a program that ended
                heard.append((time.perf_counter(), os.read(terminal, 65536), cpu_s(pid)))
        if heard and time.perf_counter() - heard[0][0] > WATCHED_S:
            place = shown_at(heard, sign, (COLUMNS, ROWS))
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    if place is None:
        raise SystemExit(f"{command} never showed {sign!r}.")
    return {
        "CPU": 1e3 * heard[place][2],
        "clock": 1e3 * (heard[place][0] - began),
        "slow line": 1e3 * (arrival(heard[: place + 1]) - began),
        "bytes": sum(len(output) for _, output, _ in heard),
        "MB": int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
    }


def in_turns(measure, jobs, rounds):
    """Return the medians of several rounds for each job, after one round that warms the disk."""
    found = {name: [] for name in jobs}
    for turn in range(rounds + 1):
        for name, job in jobs.items():
            measured = measure(*job)
            if turn:
                found[name].append(measured)
    return {
        name: {what: statistics.median(one[what] for one in several) for what in several[0]}
        for name, several in found.items()
    }


def diffs(rounds):
    """Compare a cold `planner diff` with an interpreter that only imports numpy and pydantic."""
    found = in_turns(command_ms, {"bare": (BARE,)} | {name: (job,) for name, job in DIFFS.items()}, rounds)
    bare = found.pop("bare")
    for name, took in found.items():
        ratios = ", ".join(f"{took[what] / bare[what]:.2f}x in {what}" for what in took)
        say(f"planner diff, {name}: {ratios} ({took['CPU']:.0f} of {bare['CPU']:.0f} ms CPU)")


def screens(rounds):
    """Compare the first paint with results with that of a minimal Textual app, and of Posting."""
    posting = {"Posting": (["posting"], r"Send")} if shutil.which("posting") else {}
    found = in_turns(screen_ms, SCREENS | posting, rounds)
    for name, took in found.items():
        ratios = ", ".join(
            f"{took['clock'] / found[other]['clock']:.2f}x {other}"
            for other in ("minimal", *posting)
            if other != name
        )
        say(
            f"first paint, {name}: {took['clock']:.0f} ms ({took['CPU']:.0f} CPU; {ratios}), "
            f"{took['slow line']:.0f} ms at 150 ms and 64 kbit/s, {took['bytes']:.0f} bytes, {took['MB']:.1f} MB"
        )


def main():
    """Measure in a home of its own, so that no edits of the user are in the way."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    compileall.compile_dir(ROOT / "planner", quiet=2)  # as an install does
    with tempfile.TemporaryDirectory() as home:
        for each in ("DATA", "CONFIG", "STATE", "CACHE"):
            os.environ[f"XDG_{each}_HOME"] = f"{home}/{each}"
        diffs(rounds)
        screens(rounds)


if __name__ == "__main__":
    main()
