"""Reactions of demand: off unless stated, constant elasticities where they are, and told as assumptions."""

import numpy as np
import pytest
from plans import chat
from rich_plan import RICH, results

from planner.errors import ScenarioError
from planner.model import evaluate
from planner.model.company.reactions import FURTHEST, times
from planner.schema import Scenario
from planner.schema.reactions import SEEN

PRICE = "revenue.usd_per_customer_per_month"
SEEN_ELSEWHERE = {
    "at_usd_per_customer": 10.0, "at_request_usd": {"chat": 1.0}, "at_success_share": 0.1, "at_latency_s": 0.1,
}  # fmt: skip


def plan(reactions, *, table=None, **values):
    """Return a company of seats whose demand reacts."""
    own = {
        "company": {"cash_usd": 1e6, "horizon_months": 13, "fixed_costs_usd_per_month": 1e4},
        "revenue": {"usd_per_customer_per_month": 50.0},
        "demand": {"customers": 1_000.0, "growth_share_per_month": 0.10, "churn_share_per_month": 0.04},
        "deployments": {"api": {"kind": "api", "model": "own", "success_share": 0.8, "first_token_s": 2.0,
                                "price": {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 4.0}}},
        "workloads": {"chat": {"requests_per_customer_per_month": 30, "routing": {"tiers": ["api"]}}},
        "reactions": reactions,
    }  # fmt: skip
    scenario = Scenario.from_table(own | (table or {}))
    for path, value in values.items():
        scenario = scenario.with_value(path.replace("__", "."), value)
    return scenario


def growth(scenario):
    """Return by what customers grew in each month."""
    customers = evaluate(scenario).months.customers
    return customers[1:] / customers[:-1]


@pytest.mark.parametrize("name", SEEN)
def test_an_elasticity_of_0_changes_nothing(name):
    plain = dict(results(evaluate(Scenario.from_table({**RICH, "reactions": {}}))))
    with_none = Scenario.from_table({**RICH, "reactions": {name: 0.0, **SEEN_ELSEWHERE}})
    found = dict(results(evaluate(with_none)))
    for key, value in plain.items():
        assert found[key] == pytest.approx(value, rel=1e-12, nan_ok=True), key


def test_nothing_changes_where_the_offer_is_the_one_that_was_seen():
    react = {
        "new_to_price": -1.5,
        "at_usd_per_customer": 50,
        "churn_to_success": -3.0,
        "at_success_share": 0.8,
    }
    assert growth(plan(react)) == pytest.approx(growth(plan({})), rel=1e-12)


def test_new_customers_follow_the_price_by_hand():
    """A tenth dearer at an elasticity of -1: 0.10 / 1.1 join each month, 0.04 leave as before."""
    react = {"new_to_price": -1.0, "at_usd_per_customer": 50}
    assert growth(plan(react, revenue__usd_per_customer_per_month=55)) == pytest.approx(1 + 0.10 / 1.1 - 0.04)


def test_churn_follows_success_by_hand():
    """Solved 0.8 where 0.9 was seen, at -2: 0.04 x (8/9)^-2 leave."""
    react = {"churn_to_success": -2.0, "at_success_share": 0.9}
    assert growth(plan(react)) == pytest.approx(1 + 0.10 - 0.04 * (8 / 9) ** -2)


def test_churn_follows_the_latency_of_the_headline():
    p95_s = float(evaluate(plan({})).metrics["p95_latency_s"])
    react = {"churn_to_latency": 0.5, "at_latency_s": p95_s / 2}
    assert growth(plan(react)) == pytest.approx(1 + 0.10 - 0.04 * 2**0.5)


def test_requests_follow_the_price_of_a_request_by_hand():
    react = {"use_to_price": -0.5, "at_request_usd": {"chat": 0.01}}
    found = evaluate(plan(react, revenue__usd_per_request=0.02)).workloads["chat"].requests_per_month
    assert float(found) == pytest.approx(30_000 * 2**-0.5)


def test_fewer_free_users_move_on_where_more_is_free():
    segments = {
        "free": {"customers": 1_000.0, "limit": {"chat": 20}, "becomes": {"paid": 0.02}},
        "paid": {"customers": 0.0, "usd_per_customer_per_month": 30.0},
    }
    react = {"becoming_to_allowance": -0.5, "at_allowance": {"free": 5}}
    plain, reacting = (
        evaluate(plan(each, table={"segments": segments, "demand": {}})).months for each in ({}, react)
    )
    assert plain.customers[1] == reacting.customers[1]  # they move, none leaves
    assert reacting.revenue_usd[1] / plain.revenue_usd[1] == pytest.approx(4**-0.5)


def test_early_churn_of_a_segment_reacts_as_later_churn_does():
    """Of 100 new ones 20 leave in the first month, and of the rest a tenth in each later one; at twice the churn 40 and a fifth."""
    new = {"new_customers_per_month": 100.0, "retention": [0.8], "churn_share_per_month": 0.1}
    react = {"churn_to_success": -1.0, "at_success_share": 1.0}
    found = plan(react, table={"segments": {"all": new}, "demand": {}}, deployments__api__success_share=0.5)
    assert evaluate(found).months.customers[:4] == pytest.approx([0, 100, 160, 100 + 60 + 48])


def test_a_dated_price_rise_meets_the_reaction_from_its_month_on():
    react = {"new_to_price": -1.0, "at_usd_per_customer": 50}
    found = growth(plan(react, table={"change": [{"month": 6, "label": "Dearer", "set": {PRICE: 60}}]}))
    assert found[:5] == pytest.approx(1.06)
    assert found[5:] == pytest.approx(1 + 0.10 * 50 / 60 - 0.04)


def test_reactions_are_told_as_assumptions():
    react = {"new_to_price": -1.0, "at_usd_per_customer": 50}
    told = evaluate(plan(react, revenue__usd_per_customer_per_month=100)).warnings
    assert "assumed reactions of demand, not known: new customers 0.5x of what the file states" in told
    assert not any("assumed" in each for each in evaluate(plan({})).warnings)


def test_far_from_what_was_seen_no_more_is_claimed():
    assert float(times(1e6, seen=1.0, elasticity=1.0)) == FURTHEST
    assert float(times(0.0, seen=1.0, elasticity=-1.0)) == FURTHEST


@pytest.mark.parametrize("name", SEEN)
def test_a_reaction_needs_what_was_seen(name):
    with pytest.raises(ScenarioError, match=f"reactions.{name} has no reference value"):
        plan({name: -1.0})


def test_what_was_seen_names_what_the_file_has():
    with pytest.raises(ScenarioError, match=r"at_segment_usd.gold doesn't name anything"):
        plan({"at_segment_usd": {"gold": 9}})


def test_reactions_in_a_stack_match_one_by_one():
    said = plan({"churn_to_latency": 0.3, "at_latency_s": 4, "at_usd_per_customer": 99}).reactions
    own = chat().model_copy(update={"reactions": said})
    prices, elasticities = np.array([80.0, 120.0, 99.0]), np.array([-0.5, -1.0, 0.0])
    together = own.with_value(PRICE, prices).with_value("reactions.new_to_price", elasticities)
    found = dict(results(evaluate(together)))
    for index in range(3):
        alone = own.with_value(PRICE, prices[index]).with_value("reactions.new_to_price", elasticities[index])
        for key, value in results(evaluate(alone)):
            at = np.broadcast_to(found[key], (3,))[index]
            assert at == pytest.approx(float(value), rel=1e-9, nan_ok=True), key
