"""The hint line shows what fits, and copying reaches the terminal, through tmux and screen too."""

import base64
import re

import pytest
from textual.app import App

from planner.tui.terminal.cells import Reader
from planner.tui.terminal.clipboard import MAX_BYTES, copy, osc52, passthrough
from planner.tui.widgets.hint import Hint, HintLine, fitting

HINTS = (
    Hint("j", "down", 2),
    Hint("question_mark", "help", 0),
    Hint("ctrl+p", "palette", 1),
    Hint("u", "undo", 3),
)


@pytest.mark.parametrize("width", range(80))
def test_hints_never_take_more_than_the_width_and_keep_their_order(width):
    shown = fitting(HINTS, width)
    assert list(shown) == [hint for hint in HINTS if hint in shown]
    assert (
        len("  ".join(f"{'?' if h.rank == 0 else '^p' if h.rank == 1 else h.key} {h.label}" for h in shown))
        <= width
    )


def test_help_is_the_last_hint_to_go():
    assert [hint.label for hint in fitting(HINTS, 7)] == ["help"]


async def test_new_hints_show_without_a_new_widget():
    class Shown(App[None]):
        def compose(self):
            yield HintLine()

    async with Shown().run_test(size=(40, 4)) as pilot:
        line = pilot.app.query_one(HintLine)
        line.hints = HINTS
        await pilot.pause()
        assert line.render_line(0).text.rstrip() == "j down  ? help  ^p palette  u undo"
        assert not line.children


def test_copied_text_arrives_whole():
    sequence = osc52("caf\u00e9 \x1b[31m")
    assert base64.b64decode(re.fullmatch("\x1b]52;c;(.*)\x07", sequence)[1]).decode() == "caf\u00e9 \x1b[31m"


def test_screen_gets_pieces_that_it_takes_and_that_join_up():
    wrapped = passthrough(osc52("x" * 1000), {"TERM": "screen-256color"})
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", wrapped)
    assert max(map(len, pieces)) <= 256
    assert "".join(pieces) == osc52("x" * 1000)


def test_a_plain_terminal_needs_no_wrapping():
    assert passthrough(osc52("x"), {"TERM": "xterm-256color"}) == ""


@pytest.mark.parametrize("term", ["tmux-256color", "screen-256color"])
def test_a_wrapped_sequence_passes_the_cell_driver_untouched(term):
    wrapped = passthrough(osc52("some text"), {"TERM": term})
    assert Reader(20, 2).read(f"\x1b[Hab{wrapped}") == wrapped


async def test_too_long_a_text_is_not_copied_at_all():
    app = App()
    async with app.run_test():
        assert copy(app, "short", {})
        assert not copy(app, "x" * (MAX_BYTES + 1), {})
        assert app.clipboard == "short"
