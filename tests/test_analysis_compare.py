import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import chat

from planner.analysis.compare import compare, shapley
from planner.analysis.uncertainty import spread
from planner.model import evaluate
from planner.readout import METRICS, RUNWAYS

CHEAPER = {"workloads__chat__context_tokens": 2_000.0, "workloads__chat__routing__share_to_last": 0.1}


def change(comparison, metric):
    return next(each for each in comparison.outputs if each.metric == metric)


def table(scenario):
    return scenario.model_dump(exclude_unset=True, by_alias=True)


def test_a_plan_and_itself_differ_in_nothing():
    found = compare(chat(), chat())
    assert found.same
    assert {each.change for each in found.outputs if not math.isnan(each.a)} == {0.0}
    assert {each.p95 for each in found.outputs if not math.isnan(each.a)} == {0.0}


def test_one_changed_input_explains_the_whole_change():
    found = compare(chat(), chat(company__fixed_costs_usd_per_month=150_000))
    burn = change(found, "gross_burn_usd_per_month")
    assert burn.why["company.fixed_costs_usd_per_month"].change == pytest.approx(-10_000)
    assert burn.change == pytest.approx(-10_000)
    assert change(found, "usd_per_request").why == {}
    assert [(each.path, each.a, each.b) for each in found.inputs] == [
        ("company.fixed_costs_usd_per_month", 160_000, 150_000)
    ]


def test_the_ends_are_the_plans_themselves():
    a, b = chat(), chat(**CHEAPER)
    found = compare(a, b)
    for side, scenario in (("a", a), ("b", b)):
        alone = evaluate(scenario).metrics
        for each in found.outputs:
            if each.metric not in RUNWAYS:
                assert getattr(each, side) == pytest.approx(float(alone[each.metric]), nan_ok=True)


def test_an_interaction_is_split_evenly():
    a = chat(revenue__usd_per_customer_per_month=10, demand__customers=100)
    b = chat(revenue__usd_per_customer_per_month=20, demand__customers=200)
    revenue_a, revenue_b = 10 * 100, 20 * 200
    why = change(compare(a, b), "net_burn_usd_per_month").why
    price = -why["revenue.usd_per_customer_per_month"].change
    assert price == pytest.approx((10 * 100 + 10 * 200) / 2)
    assert revenue_b - revenue_a - price == pytest.approx((100 * 10 + 100 * 20) / 2)


changes = st.fixed_dictionaries(
    {},
    optional={
        "workloads__chat__context_tokens": st.floats(100, 50_000),
        "workloads__chat__rag__on": st.just(False),
        "workloads__chat__output_tokens": st.floats(10, 2_000),
        "deployments__small__weights": st.sampled_from(["bf16", "int4"]),
        "deployments__small__tensor_parallel": st.sampled_from([2, 4]),
        "demand__customers": st.floats(10, 1e5),
        "demand__growth_share_per_month": st.sampled_from(["0.01 to 0.3", 0.05]),
        "company__cash_usd": st.floats(1e5, 1e7),
        "workloads__chat__routing__policy": st.just("cascade"),
    },
)


@given(changes=changes)
@settings(max_examples=12, deadline=None)
def test_shares_sum_to_the_change_and_reverse_when_swapped(changes):
    a, b = chat(), chat(**changes)
    there, back = compare(a, b, n=8), compare(b, a, n=8)
    for one, other in zip(there.outputs, back.outputs, strict=True):
        if one.reason or math.isnan(one.change):
            continue
        scale = max(abs(one.a), abs(one.b), 1e-12)
        assert sum(share.change for share in one.why.values()) == pytest.approx(one.change, abs=1e-9 * scale)
        for name, share in one.why.items():
            assert share.change == pytest.approx(-other.why[name].change, abs=1e-9 * scale)
    unlike = {name.replace("__", ".") for name in changes if chat(**{name: changes[name]}) != chat()}
    assert {each.path for each in there.inputs} == unlike


@given(worth=st.lists(st.floats(-100, 100), min_size=16, max_size=16))
@settings(max_examples=30, deadline=None)
def test_shares_are_the_mean_over_all_orders(worth):
    expected = np.zeros(4)
    for order in itertools.permutations(range(4)):
        inside = 0
        for part in order:
            grown = inside | 1 << (3 - part)
            expected[part] += (worth[grown] - worth[inside]) / 24
            inside = grown
    assert shapley(np.array(worth)[:, None])[:, 0] == pytest.approx(expected, abs=1e-9)


def test_changes_of_two_steps_add_up_and_repeat():
    a, b = chat(), chat(**CHEAPER)
    found = compare(a, b, n=4)
    assert repr(compare(a, b, n=4)) == repr(found)
    mixed = chat(workloads__chat__context_tokens=2_000.0)
    only = compare(a, mixed)
    rest = compare(mixed, b)
    for metric in METRICS:
        total = change(only, metric).change + change(rest, metric).change
        assert total == pytest.approx(change(found, metric).change, nan_ok=True, abs=1e-9)


def test_a_deployment_that_comes_with_its_tier_is_one_part():
    a = chat()
    rows = table(a)
    rows["deployments"]["medium"] = {
        "kind": "api",
        "model": "own",
        "price": {"input_usd_per_mtok": 1, "output_usd_per_mtok": 4},
    }
    rows["workloads"]["chat"]["routing"] = {"tiers": ["small", "medium"], "share_to_last": 0.25}
    b = type(a).from_table(rows)
    found = compare(a, b, n=8)
    assert {each.path for each in found.inputs} == {"deployments.medium", "workloads.chat.routing.tiers"}
    assert [part.name for part in found.parts] == ["structure"]
    cost = change(found, "usd_per_request")
    assert cost.why["structure"].change == pytest.approx(cost.change)
    assert cost.change < 0


def test_a_workload_in_one_plan_only_is_a_difference():
    a = chat()
    rows = table(a)
    rows["workloads"]["search"] = {"requests_per_month": 1000, "routing": {"tiers": ["small"]}}
    found = compare(type(a).from_table(rows), a, n=8)
    assert [(each.path, each.b) for each in found.inputs] == [("workloads.search", None)]
    assert change(found, "net_burn_usd_per_month").reason == ""


def test_of_more_than_twelve_changes_the_largest_section_is_one_part():
    paths = ["context_tokens", "output_tokens", "peak_to_mean", "latency_target_s", "prompt_tokens", "history_tokens",
             "rag.chunks", "rag.chunk_tokens", "rag.recall_at_1_share", "cache.prefix_hit_share", "outcome.value_usd",
             "outcome.failure_usd", "interarrival_cv2", "answer_length_cv2"]  # fmt: skip
    b = chat()
    for path in paths:
        value = float(b.value(f"workloads.chat.{path}"))
        b = b.with_value(f"workloads.chat.{path}", value * 2 if value >= 1 else value * 0.9 + 0.05)
    found = compare(chat(), b, n=64)
    assert len(found.inputs) == len(paths)
    alone = {f"workloads.chat.{path}" for path in paths if "." in path}
    assert {part.name for part in found.parts} == {"workloads.chat", *alone}
    cost = change(found, "usd_per_outcome")
    assert sum(share.change for share in cost.why.values()) == pytest.approx(cost.change)


def test_a_difference_between_plans_is_signal_not_noise():
    a, b = chat(), chat(workloads__chat__output_tokens=230.0)

    def mean_burn(scenario, seed):
        return spread(scenario, n=256, seed=seed).result.months.net_burn_usd[..., -1].mean()

    same = np.std([mean_burn(b, seed) - mean_burn(a, seed) for seed in range(6)])
    apart = np.std([mean_burn(b, seed + 10) - mean_burn(a, seed) for seed in range(6)])
    assert apart > 50 * same


def test_a_longer_plan_is_no_longer_runway():
    rich = chat(company__cash_usd=1e12)
    found = compare(rich, rich.with_value("company.horizon_months", 12), n=4)
    assert {each.metric for each in found.outputs if each.change} & set(RUNWAYS)
    assert not {each.metric for each in found.differing} & set(RUNWAYS)
