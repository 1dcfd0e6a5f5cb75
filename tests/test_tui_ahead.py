"""Keys typed ahead do in their order what they do one by one."""

import pytest
from screen import CONTEXT, comes, opened
from textual import events

from planner.tui.screens.explain import ExplainScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def test_keys_that_arrive_in_one_piece_do_what_they_do_one_by_one(plan):
    async with opened(plan) as (app, pilot):
        for key in ("enter", "1", "2", "k", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await comes(pilot, lambda: app.plan.scenario.value(CONTEXT) == 12_000)


async def test_a_search_typed_ahead_loses_no_letter(plan):
    async with opened(plan) as (app, pilot):
        for key in ("slash", *"churn", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await comes(pilot, lambda: app.plan_screen.inputs.line.path == "demand.churn_share_per_month")


async def test_what_is_typed_ahead_is_edited_in_its_order(plan):
    async with opened(plan) as (app, pilot):
        for key in ("enter", "9", "ctrl+u", "1", "5", "backspace", "2", "k", "enter", "j", "j"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await comes(pilot, lambda: app.plan_screen.inputs.cursor == 3)
        assert app.plan.scenario.value(CONTEXT) == 12_000


async def test_a_name_typed_ahead_of_its_question_arrives_whole(plan, tmp_path):
    async with opened(plan, library=tmp_path) as (app, pilot):
        for key in ("S", "ctrl+u", *str(tmp_path / "new"), "enter"):
            key = "slash" if key == "/" else key  # noqa: PLW2901 - as Textual calls it
            app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))
        await comes(pilot, (tmp_path / "new.toml").exists)


async def test_a_key_typed_ahead_of_another_pane_goes_to_that_pane(plan):
    async with opened(plan) as (app, pilot):
        for key in ("tab", "j", "e"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await comes(pilot, lambda: isinstance(app.screen, ExplainScreen))
        await comes(pilot, lambda: "Explain: Runway" in screen_text(app))
