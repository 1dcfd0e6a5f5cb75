"""Claims on the screen: all of them, each in full, and tried on the open plan."""

import pytest
from screen import opened, said

from planner.analysis.claims import EFFECTS, claims
from planner.tui.screens.claims import ClaimScreen, ClaimsScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def go_to(app, pilot, name):
    await pilot.press("C")
    await pilot.pause()
    app.screen.sheet.choose(name)
    app.screen.moved()


async def test_every_claim_is_listed_with_its_verdict(plan):
    async with opened(plan, size=(120, 60)) as (app, pilot):
        await pilot.press("C")
        await pilot.pause()
        listed = screen_text(app)
        for each in claims():
            row = next(line for line in listed.splitlines() if line.startswith(f" {each.id}"))
            assert row.rstrip().endswith(each.verdict)


async def test_moving_shows_what_is_claimed_and_what_the_numbers_give(plan):
    async with opened(plan) as (app, pilot):
        await go_to(app, pilot, "c03")
        await pilot.pause()
        shown = screen_text(app)
        assert "Claimed:" in shown
        assert "The numbers give:" in shown


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
@pytest.mark.parametrize("name", [each.id for each in claims()])
async def test_each_claim_opens_in_full_with_all_its_sources(plan, size, name):
    async with opened(plan, size=size) as (app, pilot):
        await go_to(app, pilot, name)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ClaimScreen)
        told = app.screen.copied_table()
        for source in next(each for each in claims() if each.id == name).sources:
            assert source.finding in told
        assert "nan" not in told.split()
        assert all(len(line) <= size[0] for line in screen_text(app).splitlines())


async def test_a_lever_claim_is_taken_into_the_plan_and_back(plan):
    async with opened(plan) as (app, pilot):
        before = app.plan.scenario
        await go_to(app, pilot, "c18")
        await pilot.press("a")
        await pilot.pause()
        assert app.plan.scenario.value("workloads.chat.rag.on") is True
        assert len(app.plan.past) == 1
        shown = screen_text(app)
        assert "rag on" in shown
        assert "better" in shown or "worse" in shown
        await pilot.press("u")
        assert app.plan.scenario == before
        await pilot.press("u")
        assert "The claim is not applied" in said(app)


async def test_undo_on_the_plan_takes_a_claim_back_whole(plan):
    async with opened(plan) as (app, pilot):
        before = app.plan.scenario
        await go_to(app, pilot, "c13")
        await pilot.press("a")
        await pilot.pause()
        assert app.plan.scenario != before
        await pilot.press("escape", "escape", "u")
        assert app.plan.scenario == before
        assert app.screen is app.plan_screen


async def test_a_claim_that_changed_sections_is_undone_too(plan):
    async with opened(plan) as (app, pilot):
        await go_to(app, pilot, "c15")
        await pilot.press("a")
        await pilot.pause()
        assert app.plan.scenario.deployments["large"].price is not None
        await pilot.press("escape", "escape", "u")
        assert app.plan.scenario.deployments["large"].price is None


async def test_a_claim_about_no_lever_says_so(plan):
    async with opened(plan) as (app, pilot):
        name = next(each.id for each in claims() if each.id not in EFFECTS)
        await go_to(app, pilot, name)
        await pilot.press("a")
        await pilot.pause()
        assert "no lever" in said(app)
        assert app.plan.past == ()


async def test_the_claims_can_be_left_again(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("C")
        await pilot.pause()
        assert isinstance(app.screen, ClaimsScreen)
        await pilot.press("escape")
        assert app.screen is app.plan_screen
