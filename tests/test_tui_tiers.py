"""How a plan gets a split to move, by keys alone."""

from screen import find, opened, said

from planner.files import load
from planner.tui.dialogs.order import OrderChooser
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text

TIERS = "workloads.chat.routing.tiers"
SHARE = "workloads.chat.routing.share_to_last"


def one_tier(root):
    return Plan.opened(load(root / "saved" / "support-copilot.toml"))


async def test_enter_on_tiers_offers_the_deployments_of_the_plan(root):
    async with opened(one_tier(root)) as (app, pilot):
        await find(pilot, *"tiers")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, OrderChooser)
        assert "frontier" in screen_text(app)
        await pilot.press("j", "space", "K", "enter")
        await pilot.pause()
        assert app.plan.scenario.value(TIERS) == ("night", "frontier")
        await pilot.press("u")
        assert app.plan.scenario.value(TIERS) == ("frontier",)


async def added(pilot):
    """Add a cheaper model to the tiers of the plan on the screen."""
    await find(pilot, *"tiers")
    await pilot.press("enter", "A")
    await pilot.pause()
    await pilot.press(*"openai:gpt-5.4-mini", "enter")
    await pilot.pause()


async def test_a_plan_with_one_tier_gets_a_split_and_nothing_moves_until_it_does(root):
    async with opened(one_tier(root)) as (app, pilot):
        before = app.outlook.result.metrics["usd_per_outcome"]
        await added(pilot)
        assert app.plan.scenario.value(TIERS) == ("gpt-5-4-mini", "frontier")
        assert app.plan.scenario.value(SHARE) == 1.0
        assert app.plan_screen.inputs.line.path == SHARE
        assert abs(app.outlook.result.metrics["usd_per_outcome"] - before) < 1e-12
        await pilot.press("H")
        assert app.plan.scenario.value(SHARE) == 0.5
        assert app.outlook.result.metrics["usd_per_outcome"] != before


async def test_one_undo_takes_an_added_deployment_back(root):
    async with opened(one_tier(root)) as (app, pilot):
        before = app.plan.scenario
        await added(pilot)
        await pilot.press("u")
        assert app.plan.scenario == before


async def test_an_added_deployment_is_in_the_file_once_saved(root, tmp_path):
    async with opened(one_tier(root), library=tmp_path) as (app, pilot):
        await added(pilot)
        await pilot.press("S", "ctrl+u", *str(tmp_path / "split.toml"), "enter")
        await pilot.pause()
        assert load(tmp_path / "split.toml").scenario == app.plan.scenario


async def test_a_share_without_a_split_says_why_nothing_moves(root):
    async with opened(one_tier(root)) as (app, pilot):
        await find(pilot, *"share to last")
        assert "No effect with one model" in said(app)
