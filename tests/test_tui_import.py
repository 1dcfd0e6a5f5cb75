"""Files taken into the plan on the screen: shown first, one undo, comments kept when the plan is saved."""

import json

import numpy as np
import pytest
from screen import comes, opened, said
from textual.widgets import Input

from planner.analysis.serving_fit.own_benchmark import MeasuredDeployment, hosted, own_runs
from planner.errors import ScenarioError
from planner.files import load
from planner.files.actuals import actuals_path, load_actuals
from planner.files.confined import confine, set_free
from planner.schema import fields
from planner.tui.screens.import_file import ImportScreen
from planner.tui.session.file_import import file_kind, log_preview
from planner.tui.session.new_deployment import grown
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.usage.measures import peak_to_mean

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


async def given(pilot, path):
    """Ask for a file."""
    await pilot.press("I")
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await pilot.pause()


async def shown(app, pilot, path):
    """Ask for a log and wait until it was read."""
    await given(pilot, path)
    await pilot.press(*"chat", "enter")
    await comes(pilot, lambda: isinstance(app.front, ImportScreen) and app.front.found is not None)


async def test_a_log_is_shown_before_it_is_taken_and_one_undo_takes_it_back(plan, log):
    async with opened(plan) as (app, pilot):
        await shown(app, pilot, log)
        assert app.plan.scenario == plan.scenario
        lines = app.front.found.lines
        assert lines[0].split() == ["field", "now", "from", "the", "log"]
        assert any(line.startswith("chat: Answer") and line.endswith("100 tokens") for line in lines)
        assert any(line.split()[:2] == ["prompt", "1,000"] for line in lines)
        assert any("28 calls only" in line for line in lines)
        assert any("too few to tell a peak" in line for line in lines)
        await pilot.press("enter")
        await pilot.pause()
        assert app.plan.scenario.workloads["chat"].output_tokens == 100
        assert app.front is app.plan_screen
        assert said(app).startswith("Taken from")
        await pilot.press("u")
        assert app.plan.scenario == plan.scenario


async def test_the_form_shows_every_value_that_a_log_replaced(plan, log):
    first = next(iter(plan.scenario.deployments.values())).model
    log.write_text(log.read_text().replace("gpt-5-mini", first.rpartition(":")[2]))
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await pilot.press("A", *"workload", "enter", *"mail", "enter", "enter")
        await pilot.pause()
        await given(pilot, log)
        await pilot.press(*"mail", "enter")
        await comes(pilot, lambda: isinstance(app.front, ImportScreen) and app.front.found is not None)
        await pilot.press("enter")
        await pilot.pause()
        held = {field.path: field.value for field in fields(app.plan.scenario)}
        shown = {line.path: line.field.value for line in app.plan_screen.inputs.lines if line.field}
        assert held["workloads.mail.output_tokens"] == 100
        assert {path: held.get(path) for path in shown} == shown


def test_of_two_deployments_with_the_model_of_a_log_the_workload_keeps_its_own(plan, log):
    first = next(iter(plan.scenario.deployments.values())).model
    log.write_text(log.read_text().replace("gpt-5-mini", first.rpartition(":")[2]))
    scenario, name = grown(plan.scenario, first)
    scenario = scenario.with_value("workloads.chat.routing.tiers", (name,))
    found = log_preview(Plan.of(scenario), str(log), "chat", progress=lambda *_: None)
    assert found.take is not None
    assert found.take().scenario.workloads["chat"].routing.tiers == (name,)


def test_a_busiest_hour_of_few_calls_is_no_peak():
    few, enough = np.zeros(24 * 28), np.ones(24 * 28)
    few[::13] = 1.0
    enough[40] = 10.0
    assert not peak_to_mean(few).known
    assert peak_to_mean(enough).known


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


async def test_a_path_where_nothing_is_is_asked_for_again_and_says_why(plan, tmp_path):
    async with opened(plan) as (app, pilot):
        await given(pilot, tmp_path / "nothing.jsonl")
        assert "the file doesn't exist" in " ".join(screen_text(app).split())
        assert app.screen.query_one(Input).value.endswith("nothing.jsonl")
        await pilot.press("escape")
        assert app.front is app.plan_screen


async def test_a_ledger_becomes_what_happened_and_undo_takes_the_file_back(plan, tmp_path):
    ledger, beside = tmp_path / "ledger.csv", actuals_path(plan.file.path)
    ledger.write_text("month,line,amount\n2026-12,revenue_usd,61500\n2027-01,revenue_usd,65000\n")
    async with opened(plan) as (app, pilot):
        await given(pilot, ledger)
        await comes(pilot, lambda: isinstance(app.front, ImportScreen) and app.front.found is not None)
        assert not beside.exists()
        await pilot.press("enter")
        await pilot.pause()
        assert load_actuals(beside).actuals.months["2027-01"].revenue_usd == 65_000
        assert sorted(app.outlook.happened) == [1, 2]
        await pilot.press("u")
        assert not beside.exists()
        assert app.outlook.happened == {}
        await pilot.press("ctrl+r")
        assert sorted(app.outlook.happened) == [1, 2]
        beside.write_text(beside.read_text() + "# by hand\n")
        await pilot.press("u")
        assert "another program since" in said(app)
        assert beside.read_text().endswith("# by hand\n")


async def test_a_benchmark_asks_for_what_it_does_not_say_and_becomes_factors(root, tmp_path):
    plan = Plan.opened(load(root / "saved" / "support-copilot-own-gpu.toml"))
    name = next(iter(hosted(plan.scenario)))
    run = tmp_path / "run.csv"
    run.write_text("concurrency_or_batch,ttft_ms,tpot_ms\n8,90,9\n")
    told = {"isl_mean": "1000", "osl_mean": "200"}
    expected = own_runs(run.read_text(), told, target=MeasuredDeployment(plan.scenario, name)).calibration()
    async with opened(plan) as (app, pilot):
        await given(pilot, run)
        for tokens in ("1k", "200"):
            assert "The file doesn't say the length of" in app.screen._text
            await pilot.press(*tokens, "enter")
            await pilot.pause()
        await comes(pilot, lambda: isinstance(app.front, ImportScreen) and app.front.found is not None)
        assert app.front.found.problems == ()
        await pilot.press("enter")
        await pilot.pause()
        factors = app.plan.scenario.deployments[name].calibration
        assert (factors.ttft_x, factors.tpot_x) == pytest.approx((expected.ttft_x, expected.tpot_x), rel=1e-3)
        assert factors.tpot_x != plan.scenario.deployments[name].calibration.tpot_x
        await pilot.press("u")
        assert app.plan.scenario == plan.scenario


async def test_a_visitor_reads_nothing_from_outside_the_folder_that_is_shown(plan, tmp_path):
    shown_folder = tmp_path / "shown"
    shown_folder.mkdir()
    (tmp_path / "private.csv").write_text("month,line,amount\n2026-11,revenue_usd,1\n")
    confine(shown_folder)
    try:
        for path in (tmp_path / "private.csv", tmp_path / "not-there"):
            with pytest.raises(ScenarioError, match="outside the"):
                file_kind(str(path))
    finally:
        set_free()
