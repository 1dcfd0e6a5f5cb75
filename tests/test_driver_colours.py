"""What the cell driver makes of terminals with fewer colours, and which driver a terminal gets."""

import pytest
from emulator import Emulator, painted
from rich.cells import cell_len

from planner.tui.terminal.capabilities import Depth, terminal
from planner.tui.terminal.cells import _ONE_CELL_EACH
from planner.tui.terminal.driver import CellDriver, driver_class
from planner.tui.terminal.sgr import PLAIN, Style, turn


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "tmux-256color"}, Depth.PALETTE),
        ({"TERM": "linux", "NO_COLOR": ""}, Depth.SIXTEEN),
        ({"TERM": "dumb"}, Depth.NONE),
        ({}, Depth.NONE),
    ],
)
def test_the_environment_says_how_many_colours_there_are(environ, depth):
    assert terminal(environ).depth is depth


@pytest.mark.parametrize(
    ("environ", "erases"),
    [
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "screen", "TMUX": "/tmp/t"}, True),
        ({"TERM": "xterm"}, True),
    ],
)
def test_gnu_screen_is_not_trusted_to_erase_in_colour_but_tmux_is(environ, erases):
    assert terminal(environ).erases_in_colour is erases


def test_sixteen_colours_keep_text_apart_from_its_background():
    data = "\x1b[H\x1b[38;2;90;90;90;48;2;40;40;40mread me\x1b[0m"
    screen, out = painted(data, depth=Depth.SIXTEEN)
    assert "38;2" not in out
    assert screen.buffer[0][0].fg != screen.buffer[0][0].bg


def test_without_colour_a_border_in_its_background_disappears_and_text_stays():
    screen, _ = painted("\x1b[H\x1b[38;2;9;9;9;48;2;0;0;0m▔▔ab\x1b[0m", depth=Depth.NONE)
    assert screen.text().startswith("  ab")


def test_characters_taken_as_one_cell_wide_are_so_for_textual_too():
    taken = [chr(code) for code in range(0x20, 0x3000) if _ONE_CELL_EACH(chr(code))]
    assert len(taken) > 1000
    assert all(cell_len(character) == 1 for character in taken)


def test_any_two_styles_are_joined_by_a_turn_that_arrives():
    styles = [Style(i, p, a) for i in ("", "31", "38;5;3") for p in ("", "44") for a in (0, 1, 5, 12)]
    for before in [None, *styles]:
        for after in styles:
            emulator, direct = Emulator(2, 1), Emulator(2, 1)
            emulator.feed(turn(None, before or PLAIN)[0] + turn(before, after)[0])
            direct.feed(turn(None, after)[0])
            assert emulator.screen.cursor.attrs == direct.screen.cursor.attrs


def test_the_browser_and_the_plain_driver_keep_textuals_choice():
    assert driver_class("cells", {}) is CellDriver
    assert driver_class("plain", {}) is None
    assert driver_class("cells", {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}) is None
