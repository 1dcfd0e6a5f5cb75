"""A plan seen from any of its months: its headline, workloads, line items, segments and promises."""

import json

import numpy as np
import pytest
from plans import chat

from planner.cli.commands.show import report
from planner.errors import ScenarioError
from planner.files import load, table_of
from planner.model import evaluate
from planner.model.company.line_items import total_usd
from planner.readout import METRICS
from planner.readout.formulas import formula
from planner.schema import Scenario
from planner.tui.session.outlook import Forecast, by_and_by
from planner.tui.state import Plan
from planner.units import show

MOVED = {
    "change": [
        {"month": 5, "set": {"demand.growth_share_per_month": 0.01, "workloads.chat.routing.share_to_last": 0.6}},
        {"month": 9, "set": {"deployments.small.usd_per_gpu_hour": 3.5}, "months": 3, "usd": 20_000},
    ],
}  # fmt: skip


def with_changes(**values):
    """Return the chat plan with dated changes and falling prices."""
    falling = {"decline__same_model_price_x_per_year": 2.0, "decline__gpu_rent_x_per_year": 1.3}
    return Scenario.from_table(
        {**table_of(chat(**falling, demand__usage_growth_x_per_year=1.5, **values)), **MOVED}
    )


@pytest.fixture(scope="module")
def plans():
    """Return plans with everything that months can hold."""
    shipped = {
        name: load(f"saved/{name}.toml").scenario
        for name in ("freemium-assistant", "support-copilot-own-gpu")
    }
    return {"changes": evaluate(with_changes()), **{name: evaluate(each) for name, each in shipped.items()}}


@pytest.mark.parametrize("name", ["changes", "freemium-assistant", "support-copilot-own-gpu"])
def test_every_month_agrees_with_the_table_of_months(plans, name):
    result = plans[name]
    run = result.months
    for month in (2, 4, 5, 9, 11, 24):
        seen, at = result.at_month(month), month - 1
        assert float(seen.metrics["gross_burn_usd_per_month"]) == pytest.approx(
            run.gross_burn_usd[at], rel=1e-9
        )
        assert float(total_usd(seen.line_items)) == pytest.approx(run.gross_burn_usd[at], rel=1e-9)
        assert float(seen.metrics["gross_margin_share"]) == pytest.approx(
            run.gross_margin_share[at], rel=1e-9
        )
        assert float(seen.metrics["gpus"]) == run.gpus[at]
        asked = sum(float(each.requests_per_month) for each in seen.workloads.values())
        assert asked == pytest.approx(run.requests[at], rel=1e-9)
        served = float(seen.metrics["usd_per_request"]) * asked + _follows(seen)
        assert served == pytest.approx(run.cogs_usd[at], rel=1e-9)


def _follows(seen):
    """Return what is cost of serving in the months and no cost of a request: people, failures paid, what follows revenue."""
    names = ("people", "failures", "payment fees", "other cost of revenue")
    return sum(float(item.usd_per_month) for item in seen.line_items if item.name in names)


def test_month_1_is_what_the_plan_says_today(plans):
    result = plans["changes"]
    assert result.at_month(1) is result
    assert result.at_month(7).at_month(1).metrics == pytest.approx(
        {name: float(value) for name, value in result.metrics.items()}, nan_ok=True
    )


def test_what_belongs_to_the_whole_plan_is_the_same_from_every_month(plans):
    seen = plans["changes"].at_month(12)
    for name in ("runway_months", "least_cash_usd", "burn_multiple", "ltv_usd"):
        assert seen.metrics[name] is not None
        assert float(seen.metrics[name]) == pytest.approx(float(plans["changes"].metrics[name]), nan_ok=True)
    assert {METRICS[name].when for name in ("runway_months", "least_cash_usd")} == {"whole plan"}


def test_a_month_after_a_change_is_that_of_the_plan_changed_by_hand():
    changed = chat(demand__growth_share_per_month=0.0, demand__churn_share_per_month=0.0)
    share = {"workloads.chat.routing.share_to_last": 0.6}
    dated = Scenario.from_table({**table_of(changed), "change": [{"month": 4, "set": share}]})
    seen, by_hand = evaluate(dated).at_month(4), evaluate(changed.with_value(*share.popitem()))
    assert seen.metrics["usd_per_outcome"] == pytest.approx(by_hand.metrics["usd_per_outcome"], rel=1e-12)
    assert seen.workloads["chat"].p95_latency_s == pytest.approx(by_hand.workloads["chat"].p95_latency_s)


def test_segments_of_a_month_add_up_to_it(plans):
    seen = plans["freemium-assistant"].at_month(10)
    revenue = sum(float(each.revenue_usd_per_month) for each in seen.segments.values())
    assert revenue == pytest.approx(seen.months.revenue_usd[9], rel=1e-9)
    team = seen.segments["team"]
    mean = float(np.mean(team.tenths.revenue_usd_per_customer)) * float(team.customers)
    assert mean == pytest.approx(float(team.revenue_usd_per_month), rel=1e-6)


def test_a_stack_seen_from_a_month_is_each_plan_alone():
    growth = np.array([0.02, 0.1, 0.3])
    stacked = evaluate(with_changes().with_value("demand.growth_share_per_month", growth)).at_month(8)
    for at, each in enumerate(growth):
        alone = evaluate(with_changes().with_value("demand.growth_share_per_month", each)).at_month(8)
        for name, value in alone.metrics.items():
            got = np.broadcast_to(stacked.metrics[name], growth.shape)[at]
            assert got == pytest.approx(float(value), rel=1e-9, nan_ok=True), name


def test_show_prints_and_states_a_month():
    file = "saved/freemium-assistant.toml"
    text = report(file, as_json=False, samples=64, seed=0, month=10)
    assert "Where the money goes, month 10" in text
    assert "kept: deep: 95% of answers within" in text
    told = json.loads(report(file, as_json=True, samples=64, seed=0, month=10))
    months = told["months"]
    assert told["month"] == 10
    assert told["metrics"]["net_burn_usd_per_month"] == pytest.approx(months["net_burn_usd"][9])
    low, high = (told["ranges"]["gross_burn_usd_per_month"][end] for end in ("p5", "p95"))
    assert low < told["metrics"]["gross_burn_usd_per_month"] < high
    assert {each["workload"] for each in told["promises"]} == {"ask", "deep"}


def test_the_formula_of_net_burn_has_the_cash_of_its_month(plans):
    seen = plans["freemium-assistant"].at_month(3)
    words, numbers = formula(seen.scenario, seen, "net_burn_usd_per_month")
    assert "interest on cash, in month 3" in words
    assert numbers.endswith(show(float(seen.metrics["net_burn_usd_per_month"]), "usd"))


def test_a_month_that_the_plan_lacks_is_named():
    with pytest.raises(ScenarioError, match="the plan has months 1 to 24"):
        evaluate(chat()).at_month(25)


def test_the_outlook_of_a_month_has_its_numbers_and_ranges():
    plan = Plan.blank.opened(load("saved/coding-agent.toml"))
    seen = Forecast().outlook(plan, plan.scenario).at_month(12)
    *_, drawn = by_and_by(seen, samples=64)
    burn = drawn.spread["net_burn_usd_per_month"]
    assert burn.p5 < seen.result.months.net_burn_usd[11] < burn.p95
    assert seen.baseline.month == seen.result.month == 12
