"""What is around the planner: full outputs, folders that are gone, strangers' code in the working folder, killed parents."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner import startup
from planner.analysis import pieces
from planner.analysis.cluster import at_same_code, code_stamp
from planner.errors import ScenarioError
from planner.files.os_errors import surroundings

ROOT = Path(__file__).parents[1]
PLAN = str(ROOT / "saved/support-copilot.toml")
MARKED = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\nraise SystemExit(9)\n"
PLANTED = (
    "numpy",
    "textual",
    "sitecustomize",
    "usercustomize",
    "multiprocessing",
    "pickle",
    "json",
    "tomllib",
)
WORKS = """
import os, sys, time
from planner.analysis.pieces import results
def work(task, start, stop):
    open(f"{task}/{os.getpid()}", "w").close()
    time.sleep(60 if task.endswith("long") else 0)
    return start
"""


def shell(line, **options):
    """Run a line of sh with $PLANNER and $PLAN, and return exit code and stderr."""
    command = f"{sys.executable} -m planner"
    env = os.environ | {"PYTHONPATH": str(ROOT), "PLANNER": command, "PLAN": PLAN} | options.pop("env", {})
    done = subprocess.run(
        ["sh", "-c", line], env=env, check=False, capture_output=True, text=True, timeout=60, **options
    )
    return done.returncode, done.stderr + done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("$PLANNER show $PLAN >/dev/full", "the disk is full"),
        ("$PLANNER fields >/dev/full", "the disk is full"),
        ("$PLANNER $PLAN >/dev/full 2>/dev/full", ""),
        ("$PLANNER show $PLAN >&-", "The output is closed"),
        ("$PLANNER show - <&-", "standard input"),
        (f"$PLANNER show {'a' * 300}", "has a name that is too long"),
        (
            "mkdir x; cd x; rmdir ../x; $PLANNER new plan.toml",
            "The folder in which the planner was started no longer exists",
        ),
    ],
)
def test_what_is_around_is_told_in_words_and_with_exit_2(line, said, tmp_path):
    code, err = shell(line, cwd=tmp_path)
    assert code == 2
    assert said in err
    assert "fault of the planner" not in err


def test_without_a_home_or_with_stderr_closed_a_plan_is_shown(tmp_path):
    assert shell("unset HOME XDG_CACHE_HOME PLANNER_CACHE; $PLANNER show $PLAN 2>&-", cwd=tmp_path)[0] == 0


def test_a_port_that_is_taken_is_named():
    error = OSError(errno.EADDRINUSE, "address already in use")
    assert surroundings(error) == "The planner's input or output fails: address already in use."


@pytest.fixture
def stranger(tmp_path):
    """A folder with files that are called like what the planner imports."""
    for name in PLANTED:
        (tmp_path / f"{name}.py").write_text(MARKED)
    (tmp_path / "works_here").mkdir()
    return tmp_path


def test_nothing_of_the_working_folder_is_run(stranger):
    code, err = shell("$PLANNER sweep $PLAN --over company.cash_usd=1e6:2e6:3", cwd=stranger)
    assert code == 0, err
    done = subprocess.run(
        [*startup.own_command(), "show", PLAN], cwd=stranger, check=False, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not [*stranger.glob("*.ran")]


def test_workers_run_nothing_of_the_working_folder(stranger):
    script = (
        WORKS
        + f"""
if __name__ == "__main__":
    print(sorted(results(work, {str(stranger / "works_here")!r}, [(0, 1), (1, 2)], workers=2, ray_address=None)))
"""
    )
    elsewhere = stranger / "works_here" / "script.py"
    elsewhere.write_text(script)
    done = subprocess.run(
        [sys.executable, "-P", str(elsewhere)], cwd=stranger, env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "[0, 1]\n", done.stderr
    assert not [*stranger.glob("*.ran")]


def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    held = tmp_path / "long"
    held.mkdir()
    script = tmp_path / "script.py"
    script.write_text(
        WORKS
        + f"""
if __name__ == "__main__":
    list(results(work, {str(held)!r}, [(0, 1), (1, 2)], workers=2, ray_address=None))
"""
    )
    parent = subprocess.Popen([sys.executable, str(script)], env=os.environ | {"PYTHONPATH": str(ROOT)})
    until(lambda: len([*held.iterdir()]) == 2, 30)
    workers = [int(path.name) for path in held.iterdir()]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not any(map(runs, workers)), 3 * pieces.LOOK_S + 2)


def until(holds, seconds):
    end_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end_s, "it does not come about"
        time.sleep(0.05)


def runs(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


WITHOUT_UNIX = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in ("fcntl", "termios", "tty", "pty", "resource", "pwd", "grp"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
for name in ("fcntl", "termios", "pwd", "grp"):
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hidden())
from planner.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("words", "code"), [(["show", PLAN], 0), (["new", "mine.toml"], 0), ([PLAN], 2), (["serve", PLAN], 2)]
)
def test_without_a_unix_terminal_all_but_the_screen_works(words, code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX, *words], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert ("needs a Unix terminal" in done.stderr) is (code == 2)


def test_a_node_with_another_planner_is_refused():
    assert at_same_code(code_stamp(), lambda task, start, stop: (task, start, stop), "x", 1, 2) == ("x", 1, 2)
    with pytest.raises(ScenarioError, match="has a node with another planner"):
        at_same_code("0.0.9+abc", lambda *_: None, "x", 1, 2)
