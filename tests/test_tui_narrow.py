"""Sentences stay whole where there is little room."""

from screen import find, opened

from planner.tui.config.keys import PLAN, on_screen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


async def test_help_is_told_whole_at_forty_columns(chat):
    async with opened(Plan.of(chat), size=(40, 12)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        told = " ".join("".join(span.text for span in each.row) for each in app.screen.sheet.entries)
        told = " ".join(told.split())
        for key in on_screen(PLAN):
            assert key.help in told
        assert all(len(line) <= 40 for line in screen_text(app).splitlines())


async def test_the_path_of_a_field_is_told_whole_at_forty_columns(chat):
    async with opened(Plan.of(chat), size=(40, 12)) as (app, pilot):
        await find(pilot, *"share to last")
        await pilot.press("e")
        await pilot.pause()
        assert "workloads.chat.routing.share_to_last" in app.screen.copied_table()
        assert "your choice" in app.screen.copied_table()
