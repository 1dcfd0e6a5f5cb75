"""Dated changes: a plan in epochs, each with what the one before left."""

import numpy as np
import pytest
from plans import chat

from planner.analysis.actuals.planned import is_cost, planned
from planner.analysis.compare import compare
from planner.analysis.draws import stated
from planner.analysis.grid import evaluate_grid
from planner.analysis.moves import moves
from planner.analysis.uncertainty import spread
from planner.errors import ScenarioError
from planner.files import load, load_text, save, table_of
from planner.model import FLOWS, evaluate
from planner.schema import Scenario

PLAN = """\
schema = 1
[company]
cash_usd = 3_000_000
fixed_costs_usd_per_month = 50_000
horizon_months = 24
[revenue]
usd_per_customer_per_month = 40
[demand]
customers = 1_000
growth_share_per_month = 0.06
churn_share_per_month = 0.02
usage_growth_x_per_year = 1.3
expansion_share_per_month = 0.005
[decline]
same_model_price_x_per_year = 1.2
gpu_rent_x_per_year = 1.1
[deployments.frontier]
kind = "api"
model = "openai:gpt-5.4"
[deployments.own]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
rent = "owned"
[workloads.chat]
requests_per_customer_per_month = 900
requests_per_month = 100_000
routing = { tiers = ["own", "frontier"], share_to_last = 0.6 }
"""
LEFT_ALONE = ("one_off_usd", "gross_burn_usd", "net_burn_usd", "cash_usd")


def plan(changes="", text=PLAN):
    return load_text(text + changes, path="plan.toml").scenario


def change(month, *lines, **values):
    sets = ", ".join(f'"{path}" = {value}' for path, value in values.pop("set", {}).items())
    return "\n".join(["[[change]]", f"month = {month}", f"set = {{ {sets} }}", *lines, ""])


def every_flow(result):
    return result.months.flows()


def flows(scenario):
    return every_flow(evaluate(scenario))


GROWTH = {"demand.growth_share_per_month": 0.01}
CHEAPER = {"workloads.chat.routing.share_to_last": 0.1, "revenue.usd_per_customer_per_month": 50}


def test_a_plan_without_changes_has_one_epoch_and_its_numbers():
    nothing = evaluate(plan(change(9, set={"demand.customers": 1_000}).replace("1000", "1_000")))
    for name, value in evaluate(plan()).metrics.items():
        assert nothing.metrics[name] == pytest.approx(value, rel=1e-12, nan_ok=True), name


def test_a_change_in_month_1_is_the_edited_plan():
    edited = plan()
    for path, value in CHEAPER.items():
        edited = edited.with_value(path, value)
    changed, expected = evaluate(plan(change(1, set=CHEAPER))), evaluate(edited)
    for name, number in expected.metrics.items():
        assert changed.metrics[name] == pytest.approx(number, rel=1e-9, nan_ok=True), name
    for name in FLOWS:
        assert every_flow(changed)[name] == pytest.approx(every_flow(expected)[name], rel=1e-9), name


def test_a_change_after_the_horizon_is_none():
    late, never = flows(plan(change(25, "usd = 1_000_000", set=CHEAPER))), flows(plan())
    for name in FLOWS:
        assert late[name].tolist() == never[name].tolist(), name


def test_a_change_that_sets_what_is_there_changes_nothing():
    same = flows(plan(change(9, set={"demand.growth_share_per_month": 0.06})))
    for name, values in flows(plan()).items():
        assert same[name] == pytest.approx(values, rel=1e-9), name


def test_growth_that_slows_goes_on_from_the_customers_there_are():
    customers = flows(plan(change(13, set=GROWTH)))["customers"]
    expected = 1_000 * 1.04 ** np.minimum(np.arange(24), 12) * 0.99 ** np.maximum(np.arange(24) - 12, 0)
    assert customers == pytest.approx(expected, rel=1e-12)


def test_before_a_change_all_is_as_without_it_and_prices_go_on_after_it():
    changed, never = flows(plan(change(9, set=CHEAPER))), flows(plan())
    for name in ("customers", "requests", "revenue_usd", "cogs_usd", "cash_usd"):
        assert changed[name][:8] == pytest.approx(never[name][:8], rel=1e-9), name
    assert changed["customers"] == pytest.approx(never["customers"], rel=1e-9)
    assert changed["revenue_usd"][8:] == pytest.approx(never["revenue_usd"][8:] * 50 / 40, rel=1e-9)


def test_owned_gpus_stay_owned_over_a_change():
    less = flows(plan(change(9, set={"workloads.chat.routing.share_to_last": 0.95})))
    more = flows(plan(change(9, set={"workloads.chat.routing.share_to_last": 0.0})))
    assert less["one_off_usd"][8:12].sum() == 0
    assert more["one_off_usd"][:8].tolist() == flows(plan())["one_off_usd"][:8].tolist()


def test_a_move_costs_what_is_said_once():
    paid = flows(plan(change(9, "usd = 40_000", set={})))
    never = flows(plan())
    assert (paid["one_off_usd"] - never["one_off_usd"]).tolist() == [
        40_000.0 if m == 8 else 0.0 for m in range(24)
    ]
    assert paid["cogs_usd"] == pytest.approx(never["cogs_usd"], rel=1e-12)


ALL_TO_API = {"workloads.chat.routing.tiers": '["frontier"]', "deployments.own.staff_usd_per_month": 0}


def rented(both_months, *more, month=9):
    """Return a plan that leaves rented GPUs and their staff for an API, both run for so many months."""
    text = PLAN.replace('"owned"', '"on-demand"\nstaff_usd_per_month = 3_000')
    return plan(change(month, f"both_months = {both_months}", *more, set=ALL_TO_API), text=text)


def test_while_both_run_what_the_change_saves_at_a_deployment_is_still_paid():
    left = planned(rented(0).model_copy(update={"change": ()}), 24).lines["deployment_usd.own"]
    once, both, never = (flows(rented(months)) for months in (0, 3, 0))
    expected = [left[month] if 8 <= month < 11 else 0.0 for month in range(24)]
    assert both["one_off_usd"] - once["one_off_usd"] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    for name in ("revenue_usd", "cogs_usd", "customers"):
        assert both[name].tolist() == never[name].tolist(), name
    assert never["cash_usd"][-1] - both["cash_usd"][-1] == pytest.approx(sum(expected), rel=1e-9)


def test_running_both_ends_with_the_plan_and_costs_nothing_where_serving_stays():
    late = flows(rented(100, month=23))["one_off_usd"] - flows(rented(0, month=23))["one_off_usd"]
    assert np.flatnonzero(late).tolist() == [22, 23]
    price = {"revenue.usd_per_customer_per_month": 50}
    beside, alone = (flows(plan(change(9, more, set=price))) for more in ("both_months = 6", ""))
    assert beside["one_off_usd"] == pytest.approx(alone["one_off_usd"])


def test_running_both_of_a_plan_without_deployments_costs_nothing():
    bare = "schema = 2\n[company]\nhorizon_months = 12\n"
    changed = plan(change(3, "both_months = 2", set={"revenue.usd_per_customer_per_month": 9}), text=bare)
    assert flows(changed)["one_off_usd"].tolist() == [0.0] * 12


def test_both_run_alike_in_a_stack_and_in_one_plan():
    churn = np.array([0.0, 0.02, 0.08])
    together = flows(rented(3).with_value("demand.churn_share_per_month", churn))["one_off_usd"]
    for index, value in enumerate(churn):
        alone = flows(rented(3).with_value("demand.churn_share_per_month", value))["one_off_usd"]
        assert together[index] == pytest.approx(alone, rel=1e-9)


def test_a_ramp_moves_in_equal_steps():
    seats = flows(plan(change(9, "months = 4", set={"revenue.usd_per_customer_per_month": 80})))[
        "revenue_usd"
    ]
    share = seats / flows(plan())["revenue_usd"]
    assert share[7:13] == pytest.approx([1.0, 1.25, 1.5, 1.75, 2.0, 2.0], rel=1e-9)


def test_runway_sees_what_changes_later():
    calm = evaluate(plan())
    worse = evaluate(plan(change(6, set={"company.fixed_costs_usd_per_month": 900_000})))
    assert float(worse.metrics["runway_months"]) < 24
    assert not float(calm.metrics["runway_months"]) < float(worse.metrics["runway_months"])


def test_a_stack_of_plans_with_changes_equals_one_plan_at_a_time():
    text = change(9, "months = 2", set=CHEAPER) + change(15, set=GROWTH)
    churn = np.array([0.0, 0.02, 0.08])
    together = evaluate(plan(text).with_value("demand.churn_share_per_month", churn))
    for index, value in enumerate(churn):
        alone = evaluate(plan(text).with_value("demand.churn_share_per_month", value))
        for name, number in alone.metrics.items():
            stacked = np.broadcast_to(together.metrics[name], churn.shape)[index]
            assert stacked == pytest.approx(number, rel=1e-9, nan_ok=True), name
        assert every_flow(together)["cash_usd"][index] == pytest.approx(
            every_flow(alone)["cash_usd"], rel=1e-9
        )


def test_a_range_in_a_change_is_drawn():
    scenario = plan(change(13, set={"demand.growth_share_per_month": '"0.0 to 0.05"'}))
    (path,) = stated(scenario)
    assert path == 'change.0.set."demand.growth_share_per_month"'
    fan = spread(scenario, n=64).cash_fan
    assert fan.p5[11] == pytest.approx(fan.p95[11])
    assert fan.p5[23] < fan.p95[23]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (change(3, set={"workloads.chat.routing.share_to_last": 7}), "must be a number from 0% to 100%"),
        (change(3, set={"workloads.chatt.output_tokens": 7}), "is not a field"),
        (change(3, set={"company.cash_usd": 7}), "can't be part of a dated change"),
        (change(3, set={"workloads.chat.routing.tiers": '["nobody"]'}), "nobody"),
        (change(0, set={}), "from 1 to 120"),
        (change(1, "both_months = 2", set={}), "needs a change after month 1"),
        (change(3, 'both_months = "1 to 2"', set={}), "a change needs a single month"),
    ],
)
def test_a_change_that_can_not_be_is_said_with_its_place(text, words):
    with pytest.raises(ScenarioError, match=words) as told:
        evaluate(plan(text))
    assert any("change" in problem.where for problem in told.value.problems)


def test_a_change_survives_saving(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN + change(9, 'label = "Price"', set=CHEAPER))
    loaded = load(path)
    save(loaded, loaded.scenario.with_value('change.0.set."revenue.usd_per_customer_per_month"', 60))
    again = load(path).scenario
    assert again.change[0].set["revenue.usd_per_customer_per_month"] == 60
    assert 'label = "Price"' in path.read_text()


def two_plans():
    """Return a plan with two changes, and one whose first is made later and whose second is another."""
    first = {"month": 4, "label": "Price", "set": {"revenue.usd_per_customer_per_month": 120}}
    slower = {"month": 8, "label": "Slower", "set": {"demand.growth_share_per_month": 0.01}}
    cheaper = {
        "month": 9,
        "label": "Cheaper",
        "set": {"workloads.chat.routing.share_to_last": 0.1},
        "usd": 5_000,
    }
    table = table_of(chat())
    return (
        Scenario.from_table({**table, "change": [first, slower]}),
        Scenario.from_table({**table, "change": [{**first, "month": 6}, cheaper]}),
    )


def test_a_difference_is_attributed_to_each_change_as_one():
    a, b = two_plans()
    found = compare(a, b, n=0)
    assert [(each.label, each.a is None, each.b is None) for each in found.inputs] == [
        ("Price", False, False), ("Slower", False, True), ("Cheaper", True, False),
    ]  # fmt: skip
    cash = next(each for each in found.outputs if each.metric == "least_cash_usd")
    assert cash.a == pytest.approx(float(evaluate(a).metrics["least_cash_usd"]))
    assert cash.b == pytest.approx(float(evaluate(b).metrics["least_cash_usd"]))
    assert sum(each.change for each in cash.why.values()) == pytest.approx(cash.change)
    assert cash.why["change.0"].change < 0  # a price rise that comes later


def test_a_sweep_tries_the_month_of_a_change():
    a, _ = two_plans()
    swept = evaluate_grid(a, {"change.0.month": [2, 4, 9]}).metrics["least_cash_usd"]
    alone = [evaluate(a.with_value("change.0.month", month)).metrics["least_cash_usd"] for month in (2, 4, 9)]
    assert swept == pytest.approx([float(each) for each in alone])


def test_moves_say_what_other_months_of_a_change_are_worth():
    a, _ = two_plans()
    earlier = next(
        each
        for each in moves(a, paired=0, draws=16).found
        if each.words.startswith("Price: three months earlier")
    )
    cash = [evaluate(each).months.cash_end_usd for each in (a, a.with_value("change.0.month", 1))]
    assert earlier.cash_end_usd == pytest.approx(float(cash[1] - cash[0]))


def test_a_change_whose_month_is_a_range_is_refused():
    with pytest.raises(ScenarioError, match="a change needs a single month"):
        Scenario.from_table({"change": [{"month": "8 to 11", "set": {"demand.customers": 5}}]})


def test_owned_gpus_that_a_change_drops_from_all_routing_stay_idle():
    base = chat(deployments__small__rent="owned", deployments__small__owned__life_years=1)
    drop = {"month": 5, "set": {"workloads.chat.routing.tiers": ["frontier"]}}
    plan = Scenario.from_table({**table_of(base), "change": [drop]})
    seen = evaluate(plan).at_month(6)
    months, idle = seen.months, seen.deployments["small"]
    owned = base.deployments["small"].owned
    bought = float(evaluate(base).at_month(1).metrics["gpus"])
    housing = bought * owned.kw_per_gpu * owned.colocation_usd_per_kw_month
    assert months.gpus[5] == 0
    assert [item.usd_per_month for item in seen.line_items if item.deployment == "small"] == [
        pytest.approx(housing)
    ]
    assert idle.usd_per_month > housing  # they lose their value all the same
    assert evaluate(plan).at_month(14).deployments["small"].usd_per_month == 0  # their life of a year is over
    lines = planned(plan, 6).lines
    costs = sum(usd[5] for line, usd in lines.items() if is_cost(line))
    assert costs == pytest.approx(months.gross_burn_usd[5])
