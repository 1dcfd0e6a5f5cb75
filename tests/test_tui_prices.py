"""How old prices are, and what newer ones would change, by keys."""

from datetime import timedelta

import pytest
from screen import comes, opened, said

from planner.catalog.ages import price_ages
from planner.files import load
from planner.tui.screens.prices import PricesScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text

HALF = """
[[api."openai:gpt-5.4"]]
input_usd_per_mtok = 1.25
output_usd_per_mtok = 7.5
as_of = 2026-11-20
source = "list price"
"""


@pytest.fixture
def plan(file):
    return Plan.opened(load(file))


@pytest.fixture
def as_of(plan):
    """Give the day of the oldest list price that the plan pays."""
    return min(age.as_of for age in price_ages(plan.scenario))


async def test_the_health_line_tells_the_age_of_the_oldest_price(plan, as_of):
    async with opened(plan, today=as_of + timedelta(days=15)) as (app, _):
        assert "prices 15 days old" in screen_text(app)
        assert "✗ prices" not in screen_text(app)
        assert "days old" not in said(app)


async def test_a_plan_without_list_prices_tells_no_age(plan):
    async with opened(Plan.of(plan.scenario.model_copy(update={"deployments": {}, "workloads": {}}))) as (
        app,
        _,
    ):
        assert "prices 20" not in screen_text(app)


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
async def test_prices_older_than_sixty_days_warn_when_the_plan_opens(plan, as_of, size):
    async with opened(plan, today=as_of + timedelta(days=61), size=size) as (app, pilot):
        await comes(pilot, lambda: "days old" in said(app))
        assert "61 days old" in said(app)
        await pilot.press("j")
        assert "days old" not in said(app)
        if size[1] > 18:
            assert "✗ prices 61 days old" in screen_text(app)


async def test_newer_prices_tell_what_they_change_and_change_nothing(plan, file, tmp_path):
    (tmp_path / "newer.toml").write_text(HALF)
    before, scenario = file.read_text(), plan.scenario
    async with opened(plan, size=(120, 40), library=file.parent) as (app, pilot):
        await pilot.press("P")
        await comes(pilot, lambda: "List prices of this plan" in screen_text(app))
        await pilot.press("enter", *str(tmp_path / "newer.toml"), "enter")
        await comes(pilot, lambda: "-50.0%" in screen_text(app))
        shown = screen_text(app)
        assert "this plan" in shown
        assert "mine" in shown
        assert "Runway" in shown
        await pilot.press("escape")
        assert app.plan.scenario is scenario
    assert file.read_text() == before


async def test_a_source_that_can_not_be_read_is_told_and_asked_for_again(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("P")
        await pilot.pause()
        await pilot.press("enter", *"nowhere.toml", "enter")
        await comes(pilot, lambda: "nowhere.toml" in said(app))
        assert isinstance(app.screen, PricesScreen)
        assert "List prices of this plan" in screen_text(app)


async def test_prices_can_be_looked_at_from_the_library(file):
    async with opened(Plan.blank, library=file.parent, from_library=True) as (app, pilot):
        await pilot.press("P")
        await comes(pilot, lambda: "Older than 60 days" in screen_text(app))
        assert "List prices of this plan" not in screen_text(app)
