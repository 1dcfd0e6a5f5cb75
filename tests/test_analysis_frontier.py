import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plans import chat

from planner.analysis.frontier import PIECE, frontier, plan, spans, work
from planner.analysis.nearest import nearest
from planner.analysis.pareto import pareto
from planner.analysis.policy import read_bound
from planner.errors import ScenarioError
from planner.model import evaluate, evaluate_month_one

LEVERS = {
    "workloads.chat.context_tokens": [1_000.0, 4_000.0],
    "workloads.chat.rag.chunks": [2.0, 8.0, 16.0],
    "workloads.chat.routing.share_to_last": [0.0, 0.25, 0.5, 1.0],
    "workloads.chat.routing.policy": ["route", "cascade"],
    "deployments.small.weights": ["fp8", "int4"],
    "workloads.chat.latency_target_s": [2.0, 10.0],
}


def beaten(rows, row):
    return ((rows <= row).all(axis=1) & (rows < row).any(axis=1)).any()


@given(costs=arrays(float, st.tuples(st.integers(0, 60), st.just(3)), elements=st.integers(0, 6).map(float)))
@settings(max_examples=60, deadline=None)
def test_the_front_is_what_nothing_beats(costs):
    found = pareto(costs)
    expected = [
        i
        for i, row in enumerate(costs)
        if not beaten(costs, row) and not (costs[:i] == row).all(axis=1).any()
    ]
    assert found.tolist() == expected


def test_the_front_of_all_combinations_is_that_of_plans_one_by_one():
    rows, combinations = [], []
    for values in itertools.product(*LEVERS.values()):
        scenario = chat()
        for path, value in zip(LEVERS, values, strict=True):
            scenario = scenario.with_value(path, value)
        result = evaluate(scenario)
        if all(bool(each.promise_met) for each in result.workloads.values()):
            metrics = result.metrics
            rows.append(
                [
                    float(metrics["usd_per_outcome"]),
                    -float(metrics["success_share"]),
                    float(metrics["p95_latency_s"]),
                ]
            )
            combinations.append(dict(zip(LEVERS, values, strict=True)))
    found = frontier(chat(), LEVERS)
    assert (found.total, found.evaluated, found.feasible) == (192, 192, len(rows))
    best = np.array(rows)[pareto(np.array(rows))]
    got = np.array(
        [
            [c.metrics["usd_per_outcome"], -c.metrics["success_share"], c.metrics["p95_latency_s"]]
            for c in found.choices
        ]
    )
    assert np.sort(got, axis=0) == pytest.approx(np.sort(best, axis=0))
    assert all(dict(choice.values) in combinations for choice in found.choices)


def test_month_one_alone_has_the_metrics_of_the_whole():
    whole, alone = evaluate(chat()).metrics, evaluate_month_one(chat()).metrics
    for name, value in alone.items():
        assert float(value) == pytest.approx(float(whole[name]), nan_ok=True)


def test_pieces_of_work_together_are_the_whole():
    task = plan(chat(), LEVERS, ("usd_per_outcome", "success_share"))
    assert task.blocks * task.block_size == 192
    assert [stop for _, stop in spans(task, 4)][-1] == task.blocks
    assert sum(work(task, start, stop).evaluated for start, stop in spans(task, 4)) == 192


def test_processes_find_the_same_front():
    alone = frontier(chat(), LEVERS)
    together = frontier(chat(), LEVERS, processes=2)
    assert alone.choices == together.choices


def test_cancelling_keeps_what_is_done():
    seen = []

    def stop_soon(done, total, seconds_left):
        seen.append((done, total, seconds_left))
        return False

    found = frontier(chat(), LEVERS, progress=stop_soon)
    assert found.stopped
    assert 0 < found.evaluated < found.total == 192
    assert found.choices
    assert seen[0][2] >= 0


def test_a_large_search_is_cut_into_short_pieces():
    fine = np.linspace(0.0, 1.0, 200).tolist()
    levers = {f"workloads.chat.{leaf}": fine for leaf in ("routing.share_to_last", "cache.prefix_hit_share")}
    task = plan(
        chat(), {**levers, "workloads.chat.latency_target_s": np.linspace(1, 9, 500)}, ("usd_per_outcome",)
    )
    longest = max(stop - start for start, stop in spans(task, 1)) * task.block_size
    assert task.blocks * task.block_size == 20_000_000
    assert longest <= 2 * PIECE


def test_runway_is_refused_with_the_reason():
    with pytest.raises(ScenarioError, match="needs the months"):
        frontier(chat(), LEVERS, metrics=["runway_months"])


def test_a_ray_cluster_finds_the_same_front():
    pytest.importorskip("ray", reason="the extra `cluster` is not installed")
    assert frontier(chat(), LEVERS, ray_address="local").choices == frontier(chat(), LEVERS).choices


def test_without_a_latency_promise_the_front_is_that_of_cost_and_success():
    free = chat(workloads__chat__latency="none")
    levers = {"workloads.chat.routing.share_to_last": [0.0, 0.5, 1.0]}
    found = frontier(free, levers)
    assert found.feasible == 3
    assert all(np.isnan(choice.metrics["p95_latency_s"]) for choice in found.choices)
    plain = frontier(free, levers, metrics=["usd_per_outcome", "success_share"])
    assert [dict(each.values) for each in found.choices] == [dict(each.values) for each in plain.choices]


def test_bounds_leave_the_plans_that_keep_to_them():
    bound = read_bound("success_share >= 0.72")
    free, bounded = frontier(chat(), LEVERS), frontier(chat(), LEVERS, where=[bound])
    assert 0 < bounded.allowed < bounded.feasible == free.feasible
    assert all(choice.metrics["success_share"] >= 0.72 for choice in bounded.choices)
    inside = [dict(each.values) for each in free.choices if each.metrics["success_share"] >= 0.72]
    assert all(each in [dict(choice.values) for choice in bounded.choices] for each in inside)


@pytest.mark.parametrize(("rule", "said"), [
    ("success_share >= 0.9999", "None reaches 100.0% success; the best is"),
    ("usd_per_request <= 0", "None keeps cost per request to $0.00; the lowest is"),
])  # fmt: skip
def test_a_bound_that_nothing_keeps_is_answered_with_the_nearest(rule, said):
    found = frontier(chat(), LEVERS, where=[read_bound(rule)])
    assert found.feasible > 0
    assert not found.choices
    metric = read_bound(rule).metric
    every = frontier(chat(), LEVERS, metrics=[metric]).choices[0].metrics[metric]
    assert found.reached[0] == pytest.approx(every)
    assert [each.startswith(said) for each in nearest(found)] == [True]


def test_processes_find_the_same_nearest_values():
    bounds = [read_bound("success_share >= 1"), read_bound("usd_per_request <= 0")]
    alone, together = (frontier(chat(), LEVERS, where=bounds, processes=count) for count in (1, 2))
    assert alone.reached == together.reached


def test_a_chance_is_refused_with_the_reason():
    with pytest.raises(ScenarioError, match="month 1"):
        frontier(chat(), LEVERS, where=[read_bound("P(success_share < 0.5) <= 0.1")])
