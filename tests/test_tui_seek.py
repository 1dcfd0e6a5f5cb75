"""Goal seek by keys: from any row or number, shown before it is taken."""

import pytest
from screen import CONTEXT, find, opened

from planner.analysis.seek import far_ends, seek
from planner.schema import spec_at
from planner.tui.dialogs.goal_seek import example
from planner.tui.screens.plan import PlanScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def asked(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_an_answer_is_shown_and_left_with_escape_or_taken_with_enter(plan):
    goal = float(seek(plan.scenario, CONTEXT, "usd_per_request", 0.02).solutions[0].value)
    async with opened(plan, size=(120, 36)) as (app, pilot):
        await find(pilot, *"context")
        await asked(pilot, "g", *"cost per request", "enter", *"0.02", "enter")
        assert "enter take it:" in screen_text(app)
        await asked(pilot, "escape")
        assert app.plan.scenario is plan.scenario
        await asked(pilot, "g", *"cost per request", "enter", *"0.02", "enter", "enter")
        assert app.plan.scenario.value(CONTEXT) == pytest.approx(goal)


async def test_on_a_row_that_is_no_number_a_dialog_says_so_and_takes_the_letters(plan):
    async with opened(plan, size=(120, 36)) as (app, pilot):
        await find(pilot, *"latency promise")
        await asked(pilot, "g", *"price")
        assert not isinstance(app.screen, PlanScreen)
        assert "changing a number" in screen_text(app)
        await asked(pilot, "escape")
        assert app.plan.scenario is plan.scenario
        assert isinstance(app.screen, PlanScreen)


async def test_from_a_headline_number_the_field_to_change_is_asked(plan):
    async with opened(plan, size=(120, 36)) as (app, pilot):
        await asked(pilot, "tab", "g", *"customers", "enter")
        assert "Net burn, month 1 is" in screen_text(app)
        await asked(pilot, *"0", "enter")
        assert "Net burn, month 1 reaches $0" in screen_text(app)


async def test_a_goal_far_from_the_field_is_found_and_one_out_of_reach_is_told(plan):
    near = seek(plan.scenario, "revenue.usd_per_customer_per_month", "net_burn_usd_per_month", -5e6)
    assert not near.solutions
    spec, value = spec_at(plan.scenario, "revenue.usd_per_customer_per_month")
    low, high = far_ends(spec, value)
    assert (low, high) == (value / 1_000, value * 1_000)
    async with opened(plan, size=(120, 36)) as (app, pilot):
        await find(pilot, *"price per seat")
        await asked(pilot, "g", *"net burn", "enter", *"-5M", "enter")
        assert "enter take it:" in screen_text(app)
        await asked(pilot, "escape", "g", *"margin", "enter", *"200%", "enter")
        assert "no price per seat between" in screen_text(app)
        await asked(pilot, "enter")
        assert app.plan.scenario is plan.scenario


async def test_the_example_of_a_goal_is_like_the_number(plan):
    async with opened(plan) as (app, _):
        result = app.outlook.result
        assert example("gross_margin_share", result).endswith("%")
        assert float(example("usd_per_request", result)) == pytest.approx(
            0.9 * float(result.metrics["usd_per_request"]), rel=0.06
        )
