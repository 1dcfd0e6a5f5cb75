"""Measure a plan as large as one gets: python tests/benchmarks/large.py [evaluate] [edits] [screen] [show] [moves].

64 workloads, 64 deployments, 12 segments, 10 dated changes, 120 months. Nothing here is a test. Times are processor time,
the best of several where they are short; the keys of the screen are on the clock too.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import terminal
from big_plan import big, text

from planner.model import evaluate
from planner.model.shared import Shared

EDITS = {
    "company.cash_usd": 4e7,
    "revenue.usd_per_customer_per_month": 41,
    "deployments.d5.success_share": 0.7,
    "deployments.d4.usd_per_gpu_hour": "2 to 3",
    "workloads.w20.output_tokens": 260,
    "workloads.w20.requests_per_customer_per_month": 22,
    "segments.s3.usd_per_customer_per_month": 31,
    "demand.customers": 2_100,
    "segments.s3.customers": 120,
}


def say(words):
    """Print one finding."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def spent_ms(function):
    """Return the processor time of one call."""
    began = time.process_time()
    function()
    return 1e3 * (time.process_time() - began)


def whole():
    """The plan worked out from nothing."""
    plan = big()
    evaluate(plan)
    say(f"evaluate: {min(spent_ms(lambda: evaluate(plan)) for _ in range(5)):.0f} ms")


def edits():
    """One edit after another, as the screen makes them."""
    plan = big()
    for path, value in EDITS.items():
        parts, turns = Shared(), [plan.with_value(path, value), plan]
        evaluate(plan, parts=parts)
        times = [spent_ms(partial(evaluate, turns[at % 2], parts=parts.next_plan())) for at in range(7)]
        say(f"evaluate after an edit of {path}: {min(times):.0f} ms")


def pressed_in(opened, key):
    """Press a key; return the milliseconds until its numbers begin to come, and processor time; charts follow them."""
    began, before = time.perf_counter(), terminal.cpu_s(opened.pid)
    os.write(opened.fd, key.encode())
    heard = opened.heard(terminal.SILENT_S, first_s=5.0)
    return {"ms": 1e3 * (heard.pieces[0][0] - began), "CPU ms": 1e3 * (heard.pieces[0][2] - before)}


def screen():
    """Keys on the screen: until the last byte, on the clock and in processor time, and the memory."""
    with tempfile.TemporaryDirectory() as home:
        for each in ("DATA", "CONFIG", "STATE", "CACHE"):
            os.environ[f"XDG_{each}_HOME"] = f"{home}/{each}"
        file = Path(home) / "big.toml"
        file.write_text(text(), encoding="utf-8")
        opened = terminal.Terminal([sys.executable, "-m", "planner", "open", str(file)])
        start = opened.heard(4.0, first_s=30.0)
        at = terminal.shown_at(start.pieces, r"Gross margin.*\n.*\d%")
        when, _, cpu = start.pieces[at]
        say(f"first paint: {when - opened.began:.2f} s, {1e3 * cpu:.0f} ms of processor time")
        for kind, keys in {
            "while ranges are drawn, a row move": [*"jkjkjkjkjk"],
            "a nudge": [*"llhhllhhll"],
        }.items():
            pressed = []
            for key in keys:
                pressed.append(pressed_in(opened, key))
                opened.heard(0.5)
            clock, spent = (statistics.median(each[what] for each in pressed) for what in ("ms", "CPU ms"))
            worst = max(each["ms"] for each in pressed)
            say(f"{kind}: {clock:.0f} ms ({spent:.0f} of processor time), longest {worst:.0f} ms")
        opened.heard(5.0, at_most_s=60.0)
        say(f"memory: {terminal.resident_mb(opened.pid):.0f} MB")
        opened.close()


def command(*words):
    """Run a command of the planner on the plan; say what it took."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "big.toml"
        file.write_text(text(), encoding="utf-8")
        began = time.perf_counter()
        pid = os.spawnv(
            os.P_NOWAIT, "/bin/sh",
            ["sh", "-c", f'exec "{sys.executable}" -m planner {words[0]} "{file}" {" ".join(words[1:])} >/dev/null'],
        )  # fmt: skip
        _, status, used = os.wait4(pid, 0)
        say(
            f"planner {' '.join(words)}: {time.perf_counter() - began:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of "
            f"processor time, at most {used.ru_maxrss / 1024:.0f} MB, exit {os.waitstatus_to_exitcode(status)}"
        )


def show():
    """All numbers with their ranges."""
    command("show")


def moves():
    """Every lever."""
    command("moves")


MEASURED = {"evaluate": whole, "edits": edits, "screen": screen, "show": show, "moves": moves}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in sys.argv[1:] or MEASURED:
        MEASURED[name]()
