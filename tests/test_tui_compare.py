"""The compare screen where there is little room, by keys alone."""

import pytest
from screen import opened, said

from planner.files import load
from planner.model import evaluate
from planner.readout import metric_text
from planner.tui.screens.compare import CompareScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.status import Title
from planner.tui.widgets.why import Why
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


async def test_values_changes_and_reasons_are_of_the_month_that_is_looked_at(root):
    plan = Plan.opened(load(root / "saved" / "support-copilot-rag-routing.toml"))
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await pilot.press("9", "greater_than_sign", "d")
        await pilot.pause()
        title, _ = app.screen.query_one(Title).title
        month = app.outlook.result.month
        assert month > 1
        assert title.endswith(f"month {month}")
        burn = app.screen.changes()[0]
        before, after = (
            evaluate(each).at_month(month).metrics[burn.metric] for each in (plan.baseline, plan.scenario)
        )
        assert burn.change == pytest.approx(float(after - before))
        assert sum(share.change for share in burn.why.values()) == pytest.approx(burn.change)
        shown = screen_text(app)
        assert f"Net burn, month {month}" in shown
        assert f"Why net burn, month {month} changed" in shown
        assert all(show(float(each), burn.metric) in shown for each in (before, after))


async def test_another_plan_is_named_and_is_the_baseline_only_while_it_is_wanted(root):
    plan = Plan.opened(load(root / "saved" / "support-copilot.toml"))
    async with opened(plan, size=(120, 40), library=root / "saved") as (app, pilot):
        own = app.plan.baseline
        for key in ("o", "slash", *"seed", "enter", "b"):
            await pilot.press(key)
            await pilot.pause()
        other = app.screen.names[0]
        assert other.startswith("Seed")
        assert other in screen_text(app)
        assert app.plan.baseline is own
        await pilot.press("b")
        await pilot.pause()
        assert app.plan.baseline.title == other
        await pilot.press("b", "escape")
        await pilot.pause()
        assert app.plan.baseline is own
        assert other not in screen_text(app)


async def test_the_inputs_are_reached_by_keys_and_say_what_came(root):
    plan = Plan.opened(load(root / "saved" / "support-copilot.toml"))
    rows = plan.scenario.model_copy(
        update={"company": plan.scenario.company.model_copy(update={"funding": ()})}
    )
    held = Plan.of(rows).became(plan.scenario)
    async with opened(held, size=(100, 30)) as (app, pilot):
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        assert said(app) == "Raises: none to a planned raise of $8.00M in month 18."
