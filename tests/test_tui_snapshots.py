"""What each screen looks like: its text, and a digest of each row's styles. `pytest --snapshot-update` renews them."""

import hashlib
from datetime import date

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from planner.tui.app import PlannerApp
from planner.tui.state import Plan

TODAY = date(2026, 11, 24)
SIZES = [(80, 24), (120, 36), (200, 50)]
SCREENS = {
    "plan": (),
    "plan-edited": ("L", "j", "space"),
    "typing": ("enter", *"5k to 9k"),
    "numbers": ("tab", "j"),
    "compare": ("L", "j", "space", "d"),
    "explain-number": ("tab", "3", "j", "e"),
    "explain-field": ("e",),
    "help": ("question_mark",),
    "find": ("slash", *"tok"),
    "moves": ("x",),
    "sweep": ("x", "tab"),
    "claims": ("C",),
}


class TextExtension(SingleFileSnapshotExtension):
    """One text file for each snapshot."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def snapshot(snapshot):
    return snapshot.use_extension(TextExtension)


def picture(app):
    """Return the screen's rows, each with a digest of its styles."""
    rows = []
    for strip in app.screen._compositor.render_strips():
        styles = [(segment.text, str(segment.style)) for segment in strip]
        digest = hashlib.sha256(repr(styles).encode()).hexdigest()[:4]
        rows.append(f"{digest} {strip.text.rstrip()}".rstrip())
    return "\n".join(rows) + "\n"


async def at_rest(app, pilot):
    """Wait for what is worked out beside the screen, such as moves; work that newer work replaced is over too."""
    while any(not each.is_finished for each in app.workers):
        await pilot.pause(0.05)


async def shown(chat, keys, size, **kwargs):
    app = PlannerApp(Plan.of(chat), driver="plain", today=TODAY, **kwargs)
    async with app.run_test(size=size) as pilot:
        await app.settling.settled.wait()
        await pilot.press(*keys)
        await pilot.pause(0.6)
        await at_rest(app, pilot)
        await app.settling.settled.wait()
        await pilot.pause()
        return picture(app)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_did(chat, snapshot, name, size):
    assert await shown(chat, SCREENS[name], size) == snapshot


async def test_the_picture_does_not_depend_on_the_shell(chat, monkeypatch):
    before = await shown(chat, (), (80, 24))
    for name, value in {"LANG": "C", "LC_ALL": "C", "TERM": "dumb", "TEXTUAL_THEME": "nord"}.items():
        monkeypatch.setenv(name, value)
    assert await shown(chat, (), (80, 24)) == before


async def test_without_colour_marks_and_words_tell_what_colours_tell(chat):
    text = await shown(chat, ("L",), (80, 24))
    assert "* Context" in text
    assert "worse" in text
