import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import chat

from planner.analysis.seek import seek
from planner.analysis.sensitivity import sobol_indices, tornado
from planner.analysis.sweep import plan, sweep, work
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.readout import METRICS, RUNWAYS

SHARE = "workloads.chat.routing.share_to_last"
CONTEXT = "workloads.chat.context_tokens"
FIXED = "company.fixed_costs_usd_per_month"


def test_a_bar_is_the_metric_at_the_ends_of_one_range():
    found = tornado(chat(), "success_share")
    longest = found.bars[0]
    assert longest.path == "deployments.small.success_share"
    at = [evaluate(chat(deployments__small__success_share=p)).metrics["success_share"] for p in (0.6, 0.8)]
    assert [longest.at_low, longest.at_high] == pytest.approx([float(each) for each in at])
    assert found.middle == pytest.approx(float(evaluate(chat()).metrics["success_share"]))
    assert [bar.width for bar in found.bars[1:]] == [0.0, 0.0]


def test_indices_of_a_metric_with_one_unknown_are_one():
    found = sobol_indices(chat(), n=256)["success_share"].indices
    assert found[0].path == "deployments.small.success_share"
    assert (found[0].first, found[0].total) == pytest.approx((1.0, 1.0), abs=0.03)
    assert [(each.first, each.total) for each in found[1:]] == [(0.0, 0.0), (0.0, 0.0)]


def test_indices_of_a_sum_are_shares_of_its_variance():
    scenario = chat(company__fixed_costs_usd_per_month="100k to 200k", demand__growth_share_per_month=0.05)
    scenario = scenario.with_value("company.cac_usd_per_customer", "500 to 1500")
    found = {each.path: each for each in sobol_indices(scenario, n=2048)["gross_burn_usd_per_month"].indices}
    fixed = np.log(2) / (2 * 1.6448536)
    variance = (2e10) * (np.exp(2 * fixed**2) - np.exp(fixed**2))
    won = 1_200 * 0.05
    cac = np.log(3) / (2 * 1.6448536)
    other = won**2 * 500 * 1500 * (np.exp(2 * cac**2) - np.exp(cac**2))
    expected = variance / (variance + other)
    assert found[FIXED].first == pytest.approx(expected, abs=0.01)
    assert found[FIXED].total == pytest.approx(expected, abs=0.01)
    assert sum(each.first for each in found.values()) == pytest.approx(1.0, abs=0.02)


def test_correlated_unknowns_share_an_index():
    growth, churn = "demand.growth_share_per_month", "demand.churn_share_per_month"
    table = chat().model_dump(exclude_unset=True, by_alias=True)
    tied = type(chat()).from_table({**table, "correlations": [{"a": growth, "b": churn, "rank": 0.5}]})
    found = {each.path for each in sobol_indices(tied, n=64)["burn_multiple"].indices}
    assert found == {f"{growth} + {churn}", "deployments.small.success_share"}


def test_a_metric_that_nothing_moves_has_no_indices():
    assert sobol_indices(chat(), n=64)["usd_per_mtok"].indices == ()


def test_a_sweep_equals_one_plan_at_a_time():
    found = sweep(chat(), {SHARE: [0.0, 0.5], "deployments.small.weights": ["fp8", "bf16", "int4"]})
    for i, share in enumerate((0.0, 0.5)):
        for j, weights in enumerate(("fp8", "bf16", "int4")):
            alone = evaluate(
                chat(workloads__chat__routing__share_to_last=share, deployments__small__weights=weights)
            )
            for name in METRICS:
                if name not in RUNWAYS:
                    assert found.grid.metrics[name][i, j] == pytest.approx(
                        float(alone.metrics[name]), nan_ok=True
                    )


def test_a_sweep_over_a_choice_that_picks_functions_equals_one_plan_at_a_time():
    found = sweep(chat(), {"workloads.chat.routing.policy": None, SHARE: [0.1, 0.3]})
    assert found.axes[0].values == ("route", "cascade")
    alone = evaluate(chat(workloads__chat__routing__policy="cascade")).metrics["usd_per_outcome"]
    assert found.grid.metrics["usd_per_outcome"][1] == pytest.approx([float(alone)] * 2)


GRIDS = [
    {SHARE: np.linspace(0.0, 1.0, 9).tolist(), CONTEXT: [1_000.0, 4_000.0]},
    {CONTEXT: [1_000.0, 4_000.0], "workloads.chat.routing.policy": ["route", "cascade"]},
    {"company.horizon_months": [6.0, 12.0, 24.0]},
]


def same_sweep(a, b):
    assert a.axes == b.axes
    assert a.grid.feasible.tolist() == b.grid.feasible.tolist()
    for name in METRICS:
        assert np.array_equal(a.grid.metrics[name], b.grid.metrics[name], equal_nan=True), name


@pytest.mark.parametrize("over", GRIDS)
def test_pieces_of_a_sweep_are_the_sweep(over):
    task = plan(chat(), over)
    whole, cut = work(task, 0, len(task.axes[task.cut].values)).grid, task.spans(4)
    assert len(cut) > 1
    for start, stop in cut:
        here = tuple(
            slice(start, stop) if axis == task.cut else slice(None) for axis in range(len(task.axes))
        )
        part = work(task, start, stop).grid
        for name in METRICS:
            assert part.metrics[name] == pytest.approx(whole.metrics[name][here], rel=1e-12, nan_ok=True), (
                name
            )


def test_processes_sweep_the_same():
    same_sweep(sweep(chat(), GRIDS[1]), sweep(chat(), GRIDS[1], processes=2))


def test_a_ray_cluster_sweeps_the_same():
    pytest.importorskip("ray", reason="the extra `cluster` is not installed")
    same_sweep(sweep(chat(), GRIDS[1]), sweep(chat(), GRIDS[1], ray_address="local"))


def test_a_ray_cluster_that_does_not_answer_is_said_to_be_so():
    pytest.importorskip("ray", reason="the extra `cluster` is not installed")
    with pytest.raises(ScenarioError, match="can't be reached"):
        sweep(chat(), GRIDS[1], ray_address="127.0.0.1:9")


def test_cancelling_a_sweep_keeps_the_values_that_are_done():
    told = []

    def twice(*progress):
        told.append(progress)
        return len(told) < 2

    found, whole = sweep(chat(), GRIDS[2], progress=twice), sweep(chat(), GRIDS[2])
    assert (found.stopped, whole.stopped) == (True, False)
    assert found.axes[0].values == (6.0, 12.0)
    assert found.grid.metrics["runway_months"].tolist() == whole.grid.metrics["runway_months"][:2].tolist()
    assert [each[:2] for each in told] == [(1, 3), (2, 3)]


def test_a_sweep_without_values_takes_sensible_ones():
    found = sweep(chat(), {CONTEXT: None, "demand.growth_share_per_month": None})
    assert found.axes[0].values[0] == 2_000
    assert found.axes[0].values[-1] == 8_000
    assert (found.axes[1].values[0], found.axes[1].values[-1]) == (0.04, 0.12)


def test_a_sweep_refuses_values_that_break_a_rule():
    with pytest.raises(ScenarioError, match="number from 0% to 100%"):
        sweep(chat(), {SHARE: [0.5, 1.5]})


def test_a_model_that_does_not_fit_is_not_feasible():
    found = sweep(chat(), {"deployments.small.model": ["llama-3.1-8b", "llama-3.1-405b"]})
    assert found.grid.feasible.tolist() == [True, False]
    assert np.isnan(found.grid.metrics["usd_per_outcome"][1])


@given(target=st.floats(120_000, 400_000))
@settings(max_examples=15, deadline=None)
def test_the_value_found_reaches_the_target(target):
    found = seek(chat(), FIXED, "gross_burn_usd_per_month", target)
    assert found.found == "one"
    value = found.solutions[0].value
    reached = evaluate(chat(company__fixed_costs_usd_per_month=value)).metrics["gross_burn_usd_per_month"]
    assert float(reached) == pytest.approx(target, rel=1e-9)
    others = float(evaluate(chat()).metrics["gross_burn_usd_per_month"]) - 160_000
    assert value == pytest.approx(target - others, rel=1e-9)


def test_a_target_out_of_reach_is_an_answer():
    found = seek(chat(), SHARE, "success_share", 0.99)
    assert (found.found, found.solutions) == ("none", ())
    assert (found.lo, found.hi) == (0.0, 1.0)
    assert found.nearest.value == 1.0
    assert found.nearest.metric == pytest.approx(found.most)


def test_a_metric_that_the_field_does_not_move_is_flat():
    found = seek(chat(), "company.cash_usd", "success_share", 0.7)
    assert found.found == "flat"
    assert found.least == found.most


def test_a_metric_that_rises_and_falls_has_two_solutions():
    scenario = chat(workloads__chat__rag__chunk_tokens=2_000)
    chunks = "workloads.chat.rag.chunks"
    grid = sweep(scenario, {chunks: list(range(1, 200))}).grid.metrics["success_share"]
    target = (grid[0] + grid.max()) / 2
    assert grid[-1] < target
    found = seek(scenario, chunks, "success_share", float(target), lo=1, hi=199)
    assert found.found == "several"
    assert len(found.solutions) == 2
    assert all(each.value == round(each.value) for each in found.solutions)


def test_a_metric_that_jumps_over_the_target_says_so():
    found = seek(chat(), "demand.customers", "gpus", 1.5, lo=1_000, hi=10_000_000)
    assert found.found == "one"
    assert found.solutions[0].jumps


def test_what_is_not_a_number_is_not_sought():
    with pytest.raises(ScenarioError, match="not a number"):
        seek(chat(), "deployments.small.weights", "success_share", 0.7)
