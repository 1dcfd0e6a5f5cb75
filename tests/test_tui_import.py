"""A usage log taken into the plan on the screen: shown first, one undo, comments kept when it is saved."""

import json

import pytest
from screen import comes, opened, said

from planner.files import load
from planner.tui.screens.import_log import ImportScreen
from planner.tui.state import Plan

CONTEXT = "workloads.chat.context_tokens"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "calls.jsonl"
    rows = [
        {"timestamp": f"2026-11-{day:02}T10:00:00Z", "model": "gpt-5-mini", "prompt_tokens": 1_000,
         "completion_tokens": 100}
        for day in range(1, 29)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def plan(root, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text((root / "saved" / "support-copilot.toml").read_text())
    return Plan.opened(load(path))


async def shown(app, pilot, path):
    """Ask for a log and wait until it was read."""
    await pilot.press("I")
    await pilot.pause()
    await pilot.press(*str(path), "enter")
    await pilot.pause()
    await pilot.press(*"chat", "enter")
    await comes(pilot, lambda: isinstance(app.front, ImportScreen) and app.front._found is not None)


async def test_a_log_is_shown_before_it_is_taken_and_one_undo_takes_it_back(plan, log):
    async with opened(plan) as (app, pilot):
        await shown(app, pilot, log)
        assert app.plan.scenario == plan.scenario
        assert any("prompt: 1,000" in line for line in app.front._found.lines)
        await pilot.press("enter")
        await pilot.pause()
        assert app.plan.scenario.workloads["chat"].output_tokens == 100
        assert app.front is app.plan_screen
        assert said(app).startswith("Taken from")
        await pilot.press("u")
        assert app.plan.scenario == plan.scenario


async def test_edits_that_are_not_saved_stay_and_the_file_keeps_its_comments(plan, log, tmp_path):
    edited = plan.edited("company.cash_usd", 3_000_000)
    async with opened(edited) as (app, pilot):
        await shown(app, pilot, log)
        await pilot.press("enter")
        await pilot.pause()
        assert app.plan.scenario.company.cash_usd == 3_000_000
        await pilot.press("s")
        await comes(pilot, lambda: "output_tokens" in plan.file.path.read_text() and not app.plan.unsaved)
    assert "# one request is one customer question" in plan.file.path.read_text()


async def test_what_is_no_log_is_told_and_changes_nothing(plan, tmp_path):
    async with opened(plan) as (app, pilot):
        await shown(app, pilot, tmp_path / "nothing.jsonl")
        assert "is not there" in str(app.front._found.problems[0])
        await pilot.press("enter")
        await pilot.pause()
        assert app.plan.scenario == plan.scenario
        await pilot.press("escape")
        await pilot.pause()
        assert app.front is app.plan_screen
