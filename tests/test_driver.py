"""The cell driver shows what Textual's own driver shows, with fewer bytes."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from emulator import ROOT, Emulator, Program, painted
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from planner.tui.terminal.cells import Reader
from planner.tui.terminal.paint import Painter

DEMO = str(Path(__file__).with_name("driver_demo.py"))
F5, F6, F7, F8, F12 = "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[24~"
MOVES = [
    "\t",
    "\t",
    "\x1b[Z",
    "\x1b[A",
    "\x1b[B",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[F",
    "\x1b[H",
]
KEYS = [*MOVES, "a", "漢", "é", "7", " ", "\x7f", "\r", F5, "\x1b[27u", F6, F7]
GLYPHS = ["a", "b", "  ", " " * 14, "─" * 9, "漢字", "🚀", "❤️", "e\u0301", "⣿▄", "x" * 5]
COLOURS = [
    "",
    "31",
    "44",
    "38;5;200",
    "48;5;17",
    "38;2;1;2;3",
    "48;2;9;8;7",
    "48;2;9;8;7;38;2;1;2;3",
    "97;103",
]
MARKS = ["", "1", "3", "4", "7", "9", "1;4", "22;23"]


def random_writes(rng, columns, rows):
    """Return updates as Textual writes them: moves, styled text, resets."""
    out = []
    for _ in range(rng.randint(1, 12)):
        x, y = rng.randrange(columns - 30), rng.randrange(rows)
        out.append(f"\x1b[{y + 1};{x + 1}H")
        for _ in range(rng.randint(1, 4)):
            style = ";".join(filter(None, [rng.choice(MARKS), rng.choice(COLOURS)]))
            out.append(f"\x1b[{style}m{rng.choice(GLYPHS)}\x1b[0m" if style else "a bc")
    return "".join(out)


@pytest.mark.parametrize(("repeats", "in_colour"), [(False, True), (True, True), (False, False)])
def test_random_updates_look_the_same_cell_by_cell(repeats, in_colour):
    rng = random.Random(7)
    plain, ours = Emulator(60, 12), Emulator(60, 12)
    reader, painter = Reader(60, 12), Painter(60, 12, erases_in_colour=in_colour)
    painter.repeats = repeats
    blanks = "".join(f"\x1b[{y + 1}H{' ' * 60}" for y in range(12))
    for round_ in range(300):
        data = random_writes(rng, 60, 12) if round_ else blanks
        plain.feed(data)
        reader.read(data)
        out = painter.paint(reader.cells, reader.touched, (reader.x, reader.y))
        reader.touched = set()
        ours.feed(out)
        assert ours.screen.cells() == plain.screen.cells(), f"round {round_}: {out!r}"


def list_rows(rng, lines, top, cursor):
    """Return a screen as a list scrolled to `top` shows it: a title, the rows in sight, a line below."""
    out = ["\x1b[H\x1b[48;2;9;8;7mtitle" + " " * 45]
    for y in range(1, 11):
        look = "44;97" if y == cursor else "31" if (top + y) % 3 else "1;48;2;1;2;3"
        out.append(f"\x1b[{y + 1}H\x1b[0;{look}m{lines[top + y]:<50}")
    return "".join([*out, f"\x1b[12H\x1b[0m{rng.randrange(10**9):<50}"])


@pytest.mark.parametrize("in_colour", [False, True])
def test_a_list_that_scrolls_is_moved_by_the_terminal_and_looks_the_same(in_colour):
    rng = random.Random(5)
    lines = [f"{number} {rng.choice(GLYPHS)} row {rng.randrange(10**12)}" for number in range(80)]
    lines = [line + " " * (50 - cell_len(line)) for line in lines]
    plain, ours = Emulator(50, 12), Emulator(50, 12)
    reader, painter = Reader(50, 12), Painter(50, 12, erases_in_colour=in_colour)
    top, moved = 30, 0
    for _ in range(120):
        top = min(max(top + rng.choice([-5, -2, -1, -1, 0, 1, 1, 2, 5, 20]), 0), 68)
        data = list_rows(rng, lines, top, rng.randint(1, 10))
        plain.feed(data)
        reader.read(data)
        out = painter.paint(reader.cells, reader.touched, (reader.x, reader.y))
        reader.touched = set()
        ours.feed(out)
        moved += bool(re.search(r"\x1b\[\d*[LM]", out))
        assert ours.screen.cells() == plain.screen.cells(), repr(out)
    assert moved > 40


@pytest.fixture
def pair():
    """The demo app under both drivers."""
    programs = [Program(DEMO, "plain"), Program(DEMO, "cells")]
    yield programs
    for program in programs:
        program.close()


def compare(pair, count):
    """Wait until both have done all keys, then compare; a repaint may still be on its way."""
    for program in pair:
        program.type(F12)
    for program in pair:
        program.wait_for(f"count {count}.")
    end = time.monotonic() + 60
    while pair[0].render().cells() != pair[1].render().cells() and time.monotonic() < end:
        for program in pair:
            program.read(0.02)
    plain, cells = (program.emulator.screen for program in pair)
    assert cells.cells() == plain.cells(), f"{plain.text()}\n--- and not\n{cells.text()}"


def test_long_random_key_sequences_show_identical_cells_and_colours(pair):
    rng = random.Random(20)
    for program in pair:
        program.wait_for("count 0.")
    for count in range(1, 61):
        key = rng.choice(KEYS)
        for program in pair:
            if count in (20, 40):
                program.resize(*((100, 30) if count == 20 else (60, 18)))
            program.type(key)
        compare(pair, count)
    plain, cells = pair
    assert len(cells.sent) < len(plain.sent) / 3


def test_after_a_suspension_the_whole_screen_comes_back():
    program = Program(DEMO, "cells")
    try:
        program.wait_for("count 0.")
        before = program.settled().cells()
        os.kill(program.pid, signal.SIGTSTP)
        program.wait_until_stopped()
        program.render()
        program.emulator = Emulator(80, 24)
        os.kill(program.pid, signal.SIGCONT)
        program.wait_for("count 0.")
        assert program.settled().cells() == before
    finally:
        program.close()


def test_nothing_is_sent_while_nobody_types_and_leaving_resets_the_style(pair):
    cells = pair[1]
    cells.wait_for("count 0.")
    cells.settled()
    before = len(cells.sent)
    assert not cells.read(1.0)
    cells.type("\x11")
    while b"\x1b[?1049l" not in cells.sent[before:]:
        assert cells.read(5.0)
    assert cells.sent[before:].startswith(b"\x1b[m")


def test_the_terminals_own_cursor_can_be_shown_and_goes_where_it_is_put():
    program = Program(DEMO, "cells")
    try:
        program.wait_for("count 0.")
        program.type(F8)
        while b"\x1b[?25h" not in program.sent:
            assert program.read(5.0)
        cursor = program.settled().cursor
        assert (cursor.x, cursor.y) == (7, 3)
    finally:
        program.close()


def test_without_colour_no_colour_is_sent_and_the_cursor_is_still_told_apart():
    program = Program(DEMO, "cells", NO_COLOR="1")
    try:
        program.wait_for("count 0.")
        assert b"38;" not in program.sent
        assert b"48;" not in program.sent
        assert any(cell.reverse for row in program.settled().buffer.values() for cell in row.values())
    finally:
        program.close()


@pytest.mark.parametrize("repeats", [False, True])
def test_characters_are_repeated_only_where_the_terminal_showed_that_it_can(repeats):
    program = Program(DEMO, "cells", repeats=repeats)
    try:
        program.wait_for("count 0.")
        before = len(program.sent)
        program.type(F7)  # redraws all
        while b"\x1b[2J" not in program.sent[before:]:
            assert program.read(5.0)
        program.settled()
        assert bool(re.search(rb"\x1b\[\d+b", program.sent[before:])) is repeats
    finally:
        program.close()


PIECES = st.sampled_from(
    [
        "\x1b[",
        "\x1b]8;;",
        "\x1b\\",
        "\x1bP",
        "m",
        "H",
        "0",
        "99",
        ";",
        "\n",
        "\r",
        "\u6f22",
        "\ufe0f",
        "\u200d",
        " ",
        "G",
        "38;2",
    ]
)


@given(
    data=st.lists(PIECES | st.characters(), max_size=40).map("".join),
    size=st.tuples(st.integers(1, 9), st.integers(1, 4)),
)
def test_whatever_is_written_can_be_painted_and_needs_painting_once(data, size):
    reader, painter = Reader(*size), Painter(*size)
    reader.read(data)
    painter.paint(reader.cells, reader.touched, (reader.x, reader.y))
    assert all(len(row) == size[0] for row in (*reader.cells.texts, *reader.cells.styles))
    assert painter.paint(reader.cells, range(size[1]), (reader.x, reader.y)) == ""


def test_a_heart_with_a_variation_selector_does_not_shift_what_follows():
    screen, out = painted("\x1b[H❤️|漢|e\u0301|")
    assert screen.text().splitlines()[0].rstrip() == "❤️|漢|e\u0301|"
    assert "\x1b[1G❤️\x1b[3G" in out  # its cells are cleared, and its end is found by column


def test_half_a_wide_character_never_stays():
    screen, _ = painted("\x1b[H漢字\x1b[1;2Hx")
    assert screen.text().startswith(" x字")


def test_links_are_kept_without_their_random_ids():
    _, out = painted("\x1b[H\x1b]8;id=123;https://example.org\x1b\\\x1b[4mhere\x1b[0m\x1b]8;;\x1b\\.")
    assert "\x1b]8;;https://example.org\x1b\\" in out
    assert out.index("\x1b]8;;\x1b\\") > out.index("here")


def test_blinking_is_never_sent():
    _, out = painted("\x1b[H\x1b[5;31mx\x1b[0m")
    assert "\x1b[31mx" in out


def test_an_unchanged_screen_costs_nothing():
    reader, painter = Reader(20, 2), Painter(20, 2)
    reader.read("\x1b[Hhello")
    painter.paint(reader.cells, reader.touched, (5, 0))
    reader.read("\x1b[Hhello")
    assert painter.paint(reader.cells, reader.touched, (5, 0)) == ""


def test_the_first_rows_can_be_shown_ahead_of_the_rest():
    reader, painter = Reader(20, 4), Painter(20, 4)
    reader.read("\x1b[H\x1b[1;31mtitle\x1b[0m\x1b[2;1H12 months\x1b[4;1H\x1b[44mthe rest\x1b[0m")
    emulator = Emulator(20, 4)
    emulator.feed(painter.begin(reader.cells, range(2)))
    assert [row.rstrip() for row in emulator.screen.display] == ["title", "12 months", "", ""]
    emulator.feed(painter.paint(reader.cells, range(4), (0, 0)))
    whole = Emulator(20, 4)
    whole.feed(Painter(20, 4).paint(reader.cells, range(4), (0, 0)))
    assert emulator.screen.display[3].rstrip() == "the rest"
    assert emulator.screen.buffer == whole.screen.buffer


def test_a_changed_letter_costs_a_move_a_letter_and_a_move_back():
    reader, painter = Reader(20, 2), Painter(20, 2)
    reader.read("\x1b[Hhello")
    painter.paint(reader.cells, reader.touched, (0, 0))
    reader.read("\x1b[1;3HX")
    assert painter.paint(reader.cells, reader.touched, (0, 0)) == "\x1b[3GX\r"


def test_tmux_carries_the_app_without_a_difference(tmp_path):
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed")
    shown = []
    for name in ("plain", "cells"):
        program = ProgramInTmux(
            tmux, str(tmp_path / name), name
        )  # a server of its own: one that ends takes no other
        shown.append(program.screen_after("Tab", "x", "Tab", "F6", "F5", "Down"))
    assert shown[1] == shown[0]


class ProgramInTmux:
    """The demo app in a tmux session of its own."""

    def __init__(self, tmux, socket, name):
        self.tmux = [tmux, "-S", socket, "-f", "/dev/null"]
        self.name = name
        env = ["-e", f"PYTHONPATH={ROOT}", "-e", "COLORTERM=truecolor", "-e", "TEXTUAL_ANIMATIONS=none"]
        env += ["-e", "CERTAIN_WIDTHS=1"]
        command = f"{sys.executable} {DEMO} {name}"
        self.call("new-session", "-d", "-s", name, "-x", "80", "-y", "24", *env, command)

    def call(self, *arguments):
        return subprocess.run([*self.tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def wait_for(self, text):
        end = time.monotonic() + 60
        while text not in self.call("capture-pane", "-p", "-t", self.name):
            assert time.monotonic() < end, f"{text!r} is not on the screen"
            time.sleep(0.05)

    def screen_after(self, *keys):
        """Return the cells after some keys, once each of them has had its effect."""
        try:
            self.wait_for("count 0.")
            for count, key in enumerate(keys, 1):
                self.call("send-keys", "-t", self.name, key)
                time.sleep(0.05)
                self.call("send-keys", "-t", self.name, "F12")
                self.wait_for(f"count {count}.")
            time.sleep(0.3)
            emulator = Emulator(80, 24)
            for y, row in enumerate(self.call("capture-pane", "-p", "-e", "-t", self.name).splitlines()):
                emulator.feed(f"\x1b[{y + 1}H{row}")
            return emulator.screen.cells()
        finally:
            self.call("kill-session", "-t", self.name)
