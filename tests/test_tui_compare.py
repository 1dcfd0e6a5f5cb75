"""The compare screen where there is little room, by keys alone."""

import pytest
from screen import opened

from planner.files import load
from planner.readout import metric_text
from planner.tui.screens.compare import CompareScreen, Why
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.units import show


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (77, 24), (80, 24)])
async def test_every_change_is_told_whole(root, size):
    plan = Plan.opened(load(root / "saved" / "support-copilot-rag-routing.toml"))
    async with opened(plan, size=size) as (app, pilot):
        await pilot.press("d")
        await pilot.pause()
        told = app.screen.copied_table().replace("\t", " ")
        assert isinstance(app.screen, CompareScreen)
        for outlook in (app.outlook.result, app.outlook.baseline):
            assert metric_text(outlook, "runway_months", brief=True) in told
        assert "small, frontier" in told
        for change in app.screen.changes():
            assert f"{show(abs(change.change), change.metric).replace('%', '').split()[0]}" in told
        assert all(len(line) <= size[0] for line in screen_text(app).splitlines())


async def test_the_chart_leaves_room_for_the_numbers_on_a_short_screen(root):
    plan = Plan.opened(load(root / "saved" / "support-copilot-rag-routing.toml"))
    async with opened(plan, size=(40, 12)) as (app, pilot):
        await pilot.press("d")
        await pilot.pause()
        assert app.screen.sheet.size.height >= 4
        assert app.screen.query_one(Why).size.height >= 4
        assert "$212k to $204k" in screen_text(app)
        assert app.screen.max_scroll_y == 0
