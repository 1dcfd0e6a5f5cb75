"""Measure what each trick of planner/startup.py saves: python tests/benchmarks/startup.py [ROUNDS]. Nothing here is a test.

A cold `planner diff`, or the screen up to its first paint, runs with all tricks and without one of them in turns, so that
both meet the same machine. A trick is taken away from outside, by what runs before the command line; its price is the
median of the differences, round by round.
"""

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from start import PLAN, RESULTS, ROOT, ROUTED, command_ms, say, screen_ms

END = "; from planner.cli import main; main()"
DIFF = ("diff", PLAN, ROUTED)
STARTUP = "import planner.startup as s; "
WITHOUT = {  # what runs before the command line, in place of the trick
    "no search for plugins": STARTUP + "s.without_plugins = lambda: None",
    "one thread for matrices": STARTUP + "s.one_thread_for_matrices = lambda: None",
    "collected seldom": STARTUP + "s.seldom_collected = lambda: None",
    "left at once": STARTUP + "s.leave = sys.exit",
    "numpy's docstrings left out": STARTUP + "s.without_docstrings = lambda: None",
    "methods shared by classes of libraries": STARTUP + "s.share_methods = lambda: None",
    "records that share methods": (
        "import dataclasses, planner.records as r; r.dataclass = lambda **how: dataclasses.dataclass(**how)"
    ),
    "modules loaded when needed": (
        "import importlib.util, pkgutil, planner, planner.startup as s; s.prepare(); "
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(planner.__path__, 'planner.') "
        "if 'textual' not in (c := open(importlib.util.find_spec(m.name).origin, encoding='utf-8').read()) "
        "and not m.name.startswith(('planner.tui', 'planner.cli', 'planner.__main__')) and 'scipy' not in c]"
    ),
}

OF_SCREEN = {
    "Textual's palette left out": STARTUP + "s.without_palette = lambda: None",
    "OpenSSL left out": STARTUP + "s.without_tls = lambda: None",
    "methods shared by classes of libraries": WITHOUT["methods shared by classes of libraries"],
}


def copied(folder, *, compiled):
    """Copy the program, with its bytecode or without, and return what makes an interpreter run the copy."""
    shutil.copytree(ROOT / "planner", Path(folder) / "planner", ignore=shutil.ignore_patterns("__pycache__"))
    if compiled:
        compileall.compile_dir(folder, quiet=2)
    return f"import sys; sys.path.insert(0, {folder!r}); "


EVALUATED = """
import sys, time
import numpy as np
from planner import startup
if "without" in sys.argv:
    startup.keeping_freed_memory = lambda: None
from planner.analysis.draws import draw
from planner.files import load
from planner.model import evaluate
drawn = draw(load({plan!r}).scenario, n=8192, seed=0)
took = []
for _ in range(60):
    began = time.perf_counter()
    evaluate(drawn)
    took.append(time.perf_counter() - began)
print(1e3 * sorted(took)[30])
"""

COLLECTED = """
import gc, sys, time
from planner import startup
from planner.tui import app
gc.collect()
if "without" not in sys.argv:
    startup.at_rest()
began = time.perf_counter()
gc.collect()
print(1e3 * (time.perf_counter() - began))
"""


def pairs_of(measure, with_trick, without, rounds):
    """Return the medians with a trick, and of what each round costs more without it."""
    pairs = [(measure(*with_trick), measure(*without)) for _ in range(rounds)]
    now = {what: statistics.median(one[what] for one, _ in pairs) for what in pairs[0][0]}
    return now, {what: statistics.median(other[what] - one[what] for one, other in pairs) for what in now}


def tell(name, now, more):
    """Print what a run without a trick costs more."""
    for what in now:
        say(f"without {name}: {more[what]:+.1f} of {now[what]:.1f} {what}")


def printed_ms(program, *arguments):
    """Return the number that a program prints."""
    command = [sys.executable, "-c", program, *arguments]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def evaluated_ms(*arguments):
    """Return the median of many evaluations in a process of their own."""
    return {"ms of an evaluation of 8,192 samples": printed_ms(EVALUATED.format(plan=PLAN), *arguments)}


def painted_ms(command):
    """Return what the screen takes up to its first paint, and what it holds at rest."""
    found = screen_ms(command, RESULTS)
    return {"CPU of a first paint": found["CPU"], "MB": found["MB"]}


def told(program, *arguments):
    """Return the words that run a program before the command line gets its arguments."""
    return [sys.executable, "-c", program + END, *arguments]


def collected_ms(*arguments):
    """Return what a full collection takes once the screen is loaded: a key may have to wait for it."""
    return {"ms of a full collection": printed_ms(COLLECTED, *arguments)}


def main():
    """Print, for each trick, what goes slower without it."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    os.environ.pop("OPENBLAS_NUM_THREADS", None)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory() as home:
        for each in ("DATA", "CONFIG", "STATE", "CACHE"):
            os.environ[f"XDG_{each}_HOME"] = f"{home}/{each}"
        os.environ["PLANNER_CACHE"] = f"{home}/cache"
        begin, bare = copied(f"{home}/compiled", compiled=True), copied(f"{home}/bare", compiled=False)
        whole = told(f"{begin}pass", *DIFF)
        jobs = {name: told(begin + before, *DIFF) for name, before in WITHOUT.items()}
        jobs["bytecode written by the install"] = told(f"{bare}pass", *DIFF)
        command_ms(whole)  # fills the cache of prices and warms the disk
        for name, job in jobs.items():
            tell(name, *pairs_of(command_ms, (whole,), (job,), rounds))
        opened = told(f"{begin}pass", "open", PLAN)
        for name, before in OF_SCREEN.items():
            tell(name, *pairs_of(painted_ms, (opened,), (told(begin + before, "open", PLAN),), rounds))
        os.environ["PYTHONPATH"] = f"{home}/compiled"
        tell("freed memory kept", *pairs_of(evaluated_ms, (), ("without",), rounds))
        tell("what is loaded left alone", *pairs_of(collected_ms, (), ("without",), rounds))


if __name__ == "__main__":
    main()
