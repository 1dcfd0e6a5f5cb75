from pathlib import Path

import numpy as np
import pytest
from plans import shipped

from planner.analysis.actuals import check
from planner.analysis.actuals.refit import refit
from planner.files import load
from planner.files.actuals import actuals_path, load_actuals
from planner.model import STATES, evaluate
from planner.schema import Range, fields

SAVED = shipped()


@pytest.fixture(params=SAVED, ids=lambda path: path.stem)
def loaded(request):
    return load(request.param)


def test_at_least_six_scenarios_ship():
    assert len(SAVED) >= 6


def test_a_shipped_scenario_evaluates_to_numbers_or_reasons(loaded):
    result = evaluate(loaded.scenario)
    assert STATES[int(result.runway_state)] in STATES
    unexplained = [
        n for n, v in result.metrics.items() if not np.isfinite(v).all() and n not in result.reasons
    ]
    assert unexplained == []


def test_every_unknown_that_a_shipped_scenario_states_has_a_source(loaded):
    stated = [field.path for field in fields(loaded.scenario) if isinstance(field.value, Range)]
    assert [path for path in stated if path not in loaded.scenario.source] == []


def test_every_source_of_a_shipped_scenario_belongs_to_a_field(loaded):
    known = {field.path for field in fields(loaded.scenario)}
    assert [path for path in loaded.scenario.source if path not in known] == []


def test_a_minute_of_the_large_voice_model_leaves_a_quarter_and_of_the_small_one_two_thirds():
    plan = load(Path(__file__).parents[1] / "saved/voice-agent.toml").scenario
    margin = {
        tier: float(
            evaluate(plan.with_value("workloads.call.routing.tiers", (tier,))).metrics["gross_margin_share"]
        )
        for tier in ("large", "small")
    }
    assert margin == pytest.approx({"large": 0.25, "small": 0.67}, abs=0.03)


def test_a_shipped_scenario_says_what_it_argues(loaded):
    assert "argument" in loaded.text[:600]


def test_the_year_that_ships_is_one_of_its_plan_and_a_refit_finds_its_truth():
    path = next(path for path in SAVED if path.stem == "meeting-notes-a-year-on")
    plan, actuals = load(path).scenario, load_actuals(actuals_path(path)).actuals
    check(plan, actuals)
    assert len(actuals.months) == 12
    assert all(month.source_of("cash_usd") for month in actuals.months.values())
    truth = {
        "demand.growth_share_per_month": 0.088, "demand.churn_share_per_month": 0.034,
        "deployments.sonnet.success_share": 0.84, "workloads.notes.requests_per_customer_per_month": 15.2,
    }  # fmt: skip
    after = refit(plan, actuals, n=1_024).after
    assert [name for name, value in truth.items() if not after[name].p5 <= value <= after[name].p95] == []


def test_a_migration_ships_that_begins_in_month_9():
    path = next(path for path in SAVED if path.stem == "support-copilot-migration")
    result = evaluate(load(path).scenario)
    assert [result.at_month(month).workloads["chat"].tiers.keys() for month in (8, 9)] == [
        {"small", "frontier"}, {"own", "frontier"},
    ]  # fmt: skip
    assert result.months.one_off_usd[8] == 40_000
