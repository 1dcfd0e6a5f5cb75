"""Laws of the model: what must hold for any plan."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich_plan import RICH, results

from planner.catalog import hardware
from planner.model import STATES, evaluate
from planner.model.serving.serving_speed import Placement, serve
from planner.schema import Range, Scenario, fields

TIGHT = 1e-9
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def rich():
    return Scenario.from_table(RICH)


def test_a_range_computes_as_its_median(rich):
    ranged = rich.with_value("deployments.large.success_share", Range(0.6, 0.9, family="logit-normal"))
    plain = rich.with_value(
        "deployments.large.success_share", float(ranged.value("deployments.large.success_share"))
    )
    for name, value in evaluate(plain).metrics.items():
        assert float(evaluate(ranged).metrics[name]) == pytest.approx(float(value), nan_ok=True)


SHARES = st.floats(0.0, 1.0)
PLANS = st.fixed_dictionaries(
    {
        "deployments.small.success_share": SHARES,
        "deployments.large.success_share": SHARES,
        "workloads.chat.routing.share_to_last": SHARES,
        "workloads.chat.cache.semantic_hit_share": SHARES,
        "workloads.chat.cache.semantic_wrong_share": SHARES,
        "workloads.chat.cache.prefix_hit_share": SHARES,
        "workloads.chat.cache.prefix_write_share": SHARES,
        "workloads.chat.verifier.true_accept_share": SHARES,
        "workloads.chat.verifier.false_accept_share": SHARES,
        "workloads.chat.outcome.person_share": SHARES,
        "workloads.chat.outcome.attempts": st.integers(1, 9),
        "workloads.chat.rag.on": st.booleans(),
        "workloads.reports.context_tokens": st.floats(0, 150_000),
        "workloads.reports.verifier.true_accept_share": SHARES,
        "workloads.reports.verifier.false_accept_share": SHARES,
        "demand.customers": st.sampled_from([0.0, 1.0, 500.0, 1e6]),
        "demand.churn_share_per_month": st.sampled_from([0.0, 0.02, 1.0]),
        "demand.growth_share_per_month": st.floats(-0.2, 0.4),
        "revenue.usd_per_customer_per_month": st.sampled_from([0.0, 20.0, 2_000.0]),
        "company.cash_usd": st.sampled_from([0.0, 1e5, 1e8]),
        "company.horizon_months": st.sampled_from([1, 7, 24]),
    }
)


def planned(rich, changed):
    for path, value in changed.items():
        rich = rich.with_value(path, value)
    return rich


@given(changed=PLANS)
@FEW
def test_nothing_is_infinite_or_missing_without_a_reason(rich, changed):
    result = evaluate(planned(rich, changed))
    values = dict(results(result))
    assert not [name for name, value in values.items() if np.isinf(np.asarray(value, dtype=float)).any()]
    missing = {name for name, value in result.metrics.items() if np.isnan(value).any()}
    assert missing == set(result.reasons)
    assert all(result.reasons.values())


@given(changed=PLANS)
@FEW
def test_success_is_a_probability(rich, changed):
    result = evaluate(planned(rich, changed))
    for workload in result.workloads.values():
        assert 0.0 <= workload.success_share <= 1.0
        assert all(0.0 <= tier.success_share <= 1.0 for tier in workload.tiers.values())


@given(changed=PLANS)
@FEW
def test_the_line_items_sum_to_the_gross_burn(rich, changed):
    result = evaluate(planned(rich, changed))
    total = sum(item.usd_per_month for item in result.line_items)
    assert total == pytest.approx(float(result.metrics["gross_burn_usd_per_month"]), rel=TIGHT, abs=1e-6)


@given(changed=PLANS)
@FEW
def test_what_requests_cost_is_the_cost_of_serving_them(rich, changed):
    scenario = planned(rich, changed)
    result = evaluate(scenario)
    total = 0.0
    for name, workload in result.workloads.items():
        outcome = scenario.workloads[name].outcome
        failing = (1 - workload.success_share) * outcome.failure_usd * outcome.failure_paid_share
        total += workload.requests_per_month * (workload.usd_per_request + failing)
    people = sum(item.usd_per_month for item in result.line_items if item.name == "people")
    if all(workload.requests_per_month > 0 for workload in result.workloads.values()):
        assert total + people == pytest.approx(result.months.cogs_usd[0], rel=TIGHT)


@given(customers=st.floats(1, 1e6), spares=st.integers(0, 5))
@FEW
def test_autoscaling_never_costs_more_and_spares_always_cost_their_rent(rich, customers, spares):
    plan = rich.with_value("demand.customers", customers)
    fixed, scaled = (
        evaluate(plan.with_value("deployments.small.autoscale", on)).deployments["small"].usd_per_month
        for on in (False, True)
    )
    assert scaled <= fixed
    spared = (
        evaluate(plan.with_value("deployments.small.spare_replicas", spares))
        .deployments["small"]
        .usd_per_month
    )
    assert spared - fixed == pytest.approx(spares * 3.0 * 730)


@given(changed=PLANS)
@FEW
def test_no_line_item_is_negative(rich, changed):
    assert all(item.usd_per_month >= 0 for item in evaluate(planned(rich, changed)).line_items)


@given(changed=PLANS)
@FEW
def test_the_runway_agrees_with_the_cash_of_each_month(rich, changed):
    result = evaluate(planned(rich, changed))
    cash, burn = result.months.cash_usd, result.months.net_burn_usd
    gone = np.flatnonzero((cash <= 0) & (burn > 0))
    state = STATES[int(result.runway_state)]
    if gone.size:
        assert state == "cash_out"
        assert gone[0] <= result.metrics["runway_months"] <= gone[0] + 1
    else:
        assert np.isnan(result.metrics["runway_months"])
        assert state == ("self_sustaining" if burn[-1] <= 0 else "beyond_horizon")


@given(changed=PLANS)
@FEW
def test_cash_is_what_was_there_plus_raises_less_burn(rich, changed):
    scenario = planned(rich, changed)
    months = evaluate(scenario).months
    flows = scenario.company.cash_usd + np.cumsum(months.funding_usd - months.net_burn_usd)
    assert months.cash_usd == pytest.approx(flows, rel=1e-9, abs=1e-3)


TOKEN_FIELDS = [
    "workloads.chat.prompt_tokens", "workloads.chat.history_tokens", "workloads.chat.output_tokens",
    "workloads.chat.reasoning_tokens", "workloads.chat.rag.chunk_tokens", "workloads.reports.context_tokens",
    "workloads.reports.output_tokens",
]  # fmt: skip


@given(path=st.sampled_from(TOKEN_FIELDS), more=st.floats(1.0, 3.0))
@FEW
def test_more_tokens_never_cost_less_to_call_an_api(rich, path, more):
    longer = evaluate(rich.with_value(path, rich.value(path) * more))
    shorter = evaluate(rich)
    name = path.split(".")[1]
    before, after = (each.workloads[name].tiers["large"].usd_per_call for each in (shorter, longer))
    assert after >= before * (1 - TIGHT)


@given(path=st.sampled_from(TOKEN_FIELDS), more=st.floats(1.0, 3.0))
@FEW
def test_more_tokens_never_take_fewer_gpus(rich, path, more):
    same = rich.with_value("workloads.chat.outcome.attempts", 1).with_value("workloads.chat.latency", "none")
    same = same.with_value("workloads.reports.routing.policy", "route").with_value(
        "workloads.reports.latency", "none"
    )
    longer = same.with_value(path, same.value(path) * more)
    assert evaluate(longer).metrics["gpus"] >= evaluate(same).metrics["gpus"]


@given(more=st.floats(1.0, 1e4))
@FEW
def test_more_customers_never_cost_less(rich, more):
    grown = evaluate(rich.with_value("demand.customers", 1500.0 * more)).metrics
    assert grown["gross_burn_usd_per_month"] >= evaluate(rich).metrics["gross_burn_usd_per_month"]


@given(share=SHARES, failure=st.floats(0, 50))
@FEW
def test_the_break_even_failure_makes_both_tiers_cost_the_same(rich, share, failure):
    result = evaluate(rich.with_value("workloads.chat.routing.share_to_last", share))
    tiers = result.workloads["chat"].tiers
    limit = result.workloads["chat"].break_even_failure_usd["student to large"]
    if not np.isnan(limit):
        cheap, dear = (
            tiers[name].usd_per_call + (1 - tiers[name].success_share) * limit
            for name in ("student", "large")
        )
        assert cheap == pytest.approx(float(dear), rel=1e-9)


HOSTED = {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 3.0}
ODD_PLANS = {
    "model-too-large": ({"model": "llama-3.1-405b"}, {}),
    "prompt-too-long": ({}, {"context_tokens": 2e7}),
    "promise-too-short": ({}, {"latency_target_s": 0.01}),
    "no-answer": ({}, {"output_tokens": 0}),
    "no-tokens": ({}, {"output_tokens": 0, "context_tokens": 0}),
    "a-trillion-requests": ({}, {"requests_per_month": 1e12}),
    "hardly-a-request": ({}, {"requests_per_month": 1e-9}),
    "no-request-no-floor": ({"min_replicas": 0}, {"requests_per_month": 0}),
    "nothing-varies": ({}, {"interarrival_cv2": 0, "answer_length_cv2": 0}),
    "steep-peak": ({}, {"peak_to_mean": 1000}),
    "all-from-the-cache": ({}, {"cache": {"prefix_hit_share": 1.0, "semantic_hit_share": 1.0}}),
}


@pytest.mark.parametrize("name", ODD_PLANS)
def test_odd_plans_on_own_gpus_give_numbers_or_reasons_and_no_infinity(name):
    deployment, workload = ODD_PLANS[name]
    table = {
        "deployments": {"own": HOSTED | deployment},
        "workloads": {"ask": {"requests_per_month": 1e6, "routing": {"tiers": ["own"]}} | workload},
    }
    result = evaluate(Scenario.from_table(table))
    assert not [
        key for key, value in dict(results(result)).items() if np.isinf(np.asarray(value, dtype=float)).any()
    ]
    assert {key for key, value in result.metrics.items() if np.isnan(value).any()} == set(result.reasons)
    assert not [words for words in result.warnings if "inf" in words.split() or "nan" in words.split()]


def ranged():
    """Return RICH with every number that is neither counted nor empty as a narrow range around itself."""
    scenario = Scenario.from_table(RICH)
    for field in fields(scenario):
        whole = field.spec.kind == "count" or field.value is None or not field.spec.numeric
        low = 0.0 if whole else float(field.value) * 0.98
        if whole or not field.spec.lo < low < float(field.value) * 1.02 < field.spec.hi:
            continue
        scenario = scenario.with_value(field.path, f"{low} to {float(field.value) * 1.02}")
    return scenario


def values_in(found):
    if dataclasses.is_dataclass(found):
        return [one for each in dataclasses.fields(found) for one in values_in(getattr(found, each.name))]
    if isinstance(found, dict):
        return [one for each in found.values() for one in values_in(each)]
    return [found]


def test_a_result_holds_numbers_and_never_the_words_of_a_range():
    plan = ranged()
    assert sum(isinstance(field.value, Range) for field in fields(plan)) > 50
    result = evaluate(plan)
    parts = [*result.line_items, result.workloads, result.deployments, result.metrics]
    assert not [one for part in parts for one in values_in(part) if isinstance(one, Range)]


def test_a_fleet_is_as_fast_as_the_serving_model_says():
    own = {
        "kind": "self-hosted",
        "model": "llama-3.3-70b",
        "gpu": "H100-SXM",
        "tensor_parallel": 4,
        "weights": "fp8",
    }
    ask = {
        "requests_per_month": 9e7,
        "context_tokens": 1155,
        "output_tokens": 211,
        "routing": {"tiers": ["own"]},
    }
    found = evaluate(
        Scenario.from_table({"deployments": {"own": own}, "workloads": {"ask": ask}})
    ).deployments["own"]
    point = serve(
        llm=hardware.llm("llama-3.3-70b"), gpu=hardware.gpu("H100-SXM"),
        placement=Placement(gpus=4.0, tp=4.0, weights="fp8", kv="fp16", engine="vllm"), input_tokens=1155, output_tokens=211,
        concurrency=float(found.batch["ask"]),
    )  # fmt: skip
    carried_share = 9e7 / (730 * 3600) / float(found.replicas * point.requests_per_s)
    assert float(found.busy_share) == pytest.approx(carried_share)
