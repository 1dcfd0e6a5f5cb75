"""The planner's own screens look the same through the cell driver as through Textual's, after any keys."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from emulator import ROOT, Emulator, Program

TAB, UP, DOWN, ESCAPE = "\t", "\x1b[A", "\x1b[B", "\x1b[27u"
MOVES = ["j", "k", "j", "l", "h", "L", "H", "J", "K", TAB, " ", "u", "\x12", "5", "z", DOWN, UP, "G"]
VISITS = [
    ["\r", "7", "\x7f", "4", ESCAPE, ESCAPE],
    ["\r", "2", "0", "\r", ESCAPE],
    ["/", "a", "n", "\r"],
    ["?", "j", ESCAPE],
    ["e", "j", ESCAPE],
    ["d", "j", "k", ESCAPE],
]


@pytest.fixture
def both(tmp_path, request):
    """The planner under both drivers, each with a home and a copy of the plan of its own."""
    size = getattr(request, "param", (80, 24))
    programs = []
    for driver in ("plain", "cells"):
        home = tmp_path / driver
        shutil.copytree(ROOT / "saved", home / "saved")
        plan = str(home / "saved" / "support-copilot.toml")
        programs.append(Program("-m", "planner", plan, "--driver", driver, size=size, HOME=str(home)))
    yield programs
    for program in programs:
        program.close()


def same_in_the_end(programs, what):
    """Both show the same cells once the numbers have settled."""
    plain, cells = (program.settled() for program in programs)
    assert cells.cells() == plain.cells(), f"after {what}:\n{plain.text()}\n--- and not\n{cells.text()}"


@pytest.mark.parametrize("both", [(80, 25), (120, 40)], indirect=True)
def test_random_keys_and_sizes_end_in_identical_cells_and_colours(both):
    rng = random.Random(3)
    for program in both:
        program.wait_for("$1.28")
    same_in_the_end(both, "the start")
    for size in ((120, 36), (80, 24), (60, 16), (150, 50)):
        keys = [rng.choice(MOVES) for _ in range(rng.randint(1, 8))] + rng.choice([[], *VISITS])
        for key in keys:
            for program in both:
                program.type(key)
                program.read(0.03)
        for program in both:
            program.resize(*size)
        same_in_the_end(both, [*keys, size])
    plain, cells = both
    assert len(cells.sent) < len(plain.sent) / 5


def test_a_nudge_sends_its_numbers_before_its_charts(both):
    _, cells = both
    cells.wait_for("$1.28")
    cells.settled()
    before = len(cells.sent)
    cells.type("L")
    cells.settled()
    sent = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", cells.sent[before:].decode(errors="replace"))
    chart = next(at for at, character in enumerate(sent) if "\u2801" <= character <= "\u28ff")
    assert re.search(r"\d", sent[:chart])  # whatever the reads were cut into: the order is that of the bytes


def test_ctrl_z_gives_the_terminal_back_and_continuing_brings_the_screen_back(both):
    _, cells = both
    cells.wait_for("$1.28")
    before = cells.settled().cells()
    cells.type("\x1a")
    cells.wait_until_stopped()
    cells.render()
    assert b"\x1b[?1049l" in cells.sent
    cells.emulator = Emulator(80, 24)
    os.kill(cells.pid, signal.SIGCONT)
    cells.wait_for("$1.28")
    assert cells.settled().cells() == before


def test_a_list_that_scrolls_in_tmux_shows_what_it_shows_without_the_driver(tmp_path):
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed")
    shown = [claims_in_tmux(tmux, tmp_path, driver) for driver in ("plain", "cells")]
    assert shown[1] == shown[0]


def claims_in_tmux(tmux, folder, driver):
    """Return the cells of the claims after some moves in them."""
    call = [tmux, "-S", str(folder / f"{driver}.tmux"), "-f", "/dev/null"]

    def told(*arguments):
        return subprocess.run([*call, *arguments], check=True, capture_output=True, text=True).stdout

    env = ["-e", f"PYTHONPATH={ROOT}", "-e", "COLORTERM=truecolor", "-e", f"HOME={folder}"]
    plan = ROOT / "saved" / "support-copilot.toml"
    command = f"{sys.executable} -m planner {plan} --driver {driver}"
    told("new-session", "-d", "-s", driver, "-x", "80", "-y", "24", *env, command)
    try:
        for keys, text in (
            ("", "months"),
            ("C", "of 32"),
            (["j"] * 25, "26 of 32"),
            (["C-u", *["k"] * 3, "G"], "32 of 32"),
        ):
            if keys:
                told("send-keys", "-t", driver, *keys)
            end = time.monotonic() + 60
            before = ""
            while text not in before.lower() or before != told("capture-pane", "-p", "-e", "-t", driver):
                assert time.monotonic() < end, f"{text!r} is not on the screen:\n{before}"
                before = told("capture-pane", "-p", "-e", "-t", driver)
                time.sleep(0.7)
        emulator = Emulator(80, 24)
        for y, row in enumerate(before.splitlines()):
            emulator.feed(f"\x1b[{y + 1}H{row}")
        # what tmux tells of blanks that were erased, and not written, leaves out their background
        return [[cell if cell[0] != " " else " " for cell in row] for row in emulator.screen.cells()]
    finally:
        told("kill-session", "-t", driver)
