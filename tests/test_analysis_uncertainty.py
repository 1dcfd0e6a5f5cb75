from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import chat

from planner.analysis import draws, sobol
from planner.analysis.draws import draw, normal_quantile, ranges
from planner.analysis.uncertainty import spread
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.readout import METRICS, percentiles
from planner.schema import Range, Scenario

GROWTH, CHURN = "demand.growth_share_per_month", "demand.churn_share_per_month"


def drawn(scenario, path, n=4096, seed=0):
    return draw(scenario, n=n, seed=seed).value(path)


def with_correlation(scenario, rank):
    table = scenario.model_dump(exclude_unset=True, by_alias=True)
    return Scenario.from_table({**table, "correlations": [{"a": GROWTH, "b": CHURN, "rank": rank}]})


def rank_correlation(a, b):
    return np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1]


def test_every_range_becomes_samples_and_nothing_else_changes():
    scenario = chat()
    samples = draw(scenario, n=16)
    assert set(ranges(scenario)) == {GROWTH, CHURN, "deployments.small.success_share"}
    assert not ranges(samples)
    assert all(samples.value(path).shape == (16,) for path in ranges(scenario))
    assert samples.workloads == scenario.workloads


def test_the_ends_of_a_range_are_the_5th_and_95th_percentile():
    for text, path in (
        ("0.04 to 0.12", GROWTH),
        ("0.01 to 0.2", CHURN),
        ("500 to 4k", "company.cash_usd"),
    ):
        values = drawn(chat().with_value(path, text), path)
        each = chat().with_value(path, text).value(path)
        assert np.quantile(values, [0.05, 0.5, 0.95]) == pytest.approx([each.low, each, each.high], rel=0.01)


def test_a_triangular_range_keeps_its_ends_and_its_mean():
    values = drawn(chat().with_value(GROWTH, "triangular 0.0, 0.03, 0.3"), GROWTH)
    assert values.min() >= 0.0
    assert values.max() <= 0.3
    assert values.mean() == pytest.approx(0.11, rel=1e-3)


@given(low=st.floats(1.0001, 5.0), width=st.floats(0.01, 200.0))
@settings(max_examples=25, deadline=None)
def test_a_draw_never_leaves_the_bounds_of_its_field(low, width):
    path = "workloads.chat.peak_to_mean"
    values = drawn(chat().with_value(path, f"{low} to {low + width}"), path, n=256)
    assert values.min() >= 1.0
    assert values.max() <= 1000.0


def test_counts_are_drawn_whole():
    path = "workloads.chat.rag.chunks"
    values = drawn(chat().with_value(path, "4 to 20"), path)
    assert np.array_equal(values, np.rint(values))
    assert len(np.unique(values)) > 10


def test_another_range_leaves_the_columns_of_the_rest_alone():
    more = (
        chat()
        .with_value("company.cash_usd", "1M to 4M")
        .with_value("workloads.chat.output_tokens", "100 to 400")
    )
    for path in ranges(chat()):
        assert np.array_equal(drawn(chat(), path), drawn(more, path))


def test_the_same_seed_gives_the_same_samples_and_another_seed_others():
    assert np.array_equal(drawn(chat(), GROWTH, seed=3), drawn(chat(), GROWTH, seed=3))
    assert not np.array_equal(drawn(chat(), GROWTH, seed=3), drawn(chat(), GROWTH, seed=4))


@given(dimension=st.integers(0, sobol.DIMENSIONS - 1), seed=st.integers(0, 2**31), power=st.integers(0, 11))
@settings(max_examples=40, deadline=None)
def test_each_column_has_one_point_in_each_part_of_the_interval(dimension, seed, power):
    n = 2**power
    u = sobol.column(dimension, n=n, block="b", name="a", seed=seed)
    assert np.array_equal(np.sort((u * n).astype(int)), np.arange(n))


def test_columns_of_different_fields_do_not_correlate():
    names = [("company", d, f"x{d}") for d in range(16)] + [(f"b{d}", d, f"y{d}") for d in range(40)]
    u = np.stack([sobol.column(d, n=1024, block=b, name=name, seed=0) for b, d, name in names])
    apart = np.abs(np.corrcoef(u) - np.eye(len(names)))
    assert apart.max() < 0.16
    assert apart[:16, :16].max() < 0.02


def test_the_table_of_normal_quantiles_is_exact_to_four_digits():
    share = np.concatenate([np.geomspace(1e-9, 0.5, 40), 1 - np.geomspace(1e-9, 0.5, 40)])
    assert normal_quantile(share) == pytest.approx(
        [NormalDist().inv_cdf(u) for u in share.tolist()], abs=2e-5
    )


@given(rank=st.floats(-0.95, 0.95))
@settings(max_examples=10, deadline=None)
def test_correlated_ranges_have_the_declared_rank_correlation(rank):
    scenario = with_correlation(chat(), rank)
    growth, churn = drawn(scenario, GROWTH), drawn(scenario, CHURN)
    assert rank_correlation(growth, churn) == pytest.approx(rank, abs=0.03)
    assert np.quantile(churn, [0.05, 0.95]) == pytest.approx([0.01, 0.04], rel=0.03)


def test_correlations_that_contradict_one_another_are_refused():
    third = "deployments.small.success_share"
    pairs = [(GROWTH, CHURN, 0.9), (CHURN, third, 0.9), (GROWTH, third, -0.9)]
    table = chat().model_dump(exclude_unset=True, by_alias=True)
    scenario = Scenario.from_table(
        {**table, "correlations": [{"a": a, "b": b, "rank": rank} for a, b, rank in pairs]}
    )
    with pytest.raises(ScenarioError, match="contradict"):
        draw(scenario, n=16)


def test_a_spread_is_the_same_as_one_plan_at_a_time():
    scenario = chat()
    stack = spread(scenario, n=4).result
    samples = draw(scenario, n=4)
    for index in range(4):
        one = scenario
        for path in ranges(scenario):
            one = one.with_value(path, float(samples.value(path)[index]))
        alone = evaluate(one)
        for name in METRICS:
            expected = np.broadcast_to(stack.metrics[name], (4,))[index]
            assert float(alone.metrics[name]) == pytest.approx(float(expected), rel=1e-9, nan_ok=True)


def test_a_plan_without_ranges_has_no_spread():
    found = spread(chat(**{GROWTH.replace(".", "__"): 0.05, CHURN.replace(".", "__"): 0.02,
                           "deployments__small__success_share": 0.7}))  # fmt: skip
    assert found.ranges["net_burn_usd_per_month"].p5 == found.ranges["net_burn_usd_per_month"].p95
    assert np.array_equal(found.cash_fan.p5, found.cash_fan.p95)
    assert sum(found.state_shares.values()) == 1.0


def test_percentiles_and_chances_agree_with_the_samples():
    found = spread(chat(), n=1024)
    burn = found.result.months.net_burn_usd[..., 5]
    cash = found.result.months.cash_usd
    assert found.cash_fan.p25 == pytest.approx(np.quantile(cash, 0.25, axis=0))
    assert found.cash_fan.p95 == pytest.approx(np.quantile(cash, 0.95, axis=0))
    assert percentiles({"burn": burn})["burn"].p50 == pytest.approx(np.median(burn))
    assert found.p_runway_below_12_months == np.mean(found.result.metrics["runway_months"] < 12)
    assert found.p_default_alive == np.mean(found.result.runway_state == 2)


def test_percentiles_say_how_many_samples_have_no_number():
    some, none = np.array([3.0, np.nan, 1.0, np.nan, 2.0]), np.full(5, np.nan)
    found = percentiles({"some": some, "none": none, "one": 4.0})
    assert (found["some"].p50, found["some"].missing_share) == (2.0, 0.4)
    assert np.isnan(found["none"].p50)
    assert found["none"].missing_share == 1.0
    assert (found["one"].p5, found["one"].p95, found["one"].missing_share) == (4.0, 4.0, 0.0)


def test_sobol_points_estimate_a_mean_far_better_than_chance():
    def error(seed):
        samples = draw(chat(), n=1024, seed=seed)
        return samples.value(GROWTH).mean() - float(chat().value(GROWTH))

    by_chance = 0.08 * 0.3 / np.sqrt(1024)
    assert max(abs(error(seed)) for seed in range(5)) < by_chance / 10


def test_a_range_used_twice_is_one_draw():
    scenario = chat().with_value("deployments.small.success_share", Range(0.6, 0.8, family="logit-normal"))
    assert drawn(scenario, "deployments.small.success_share") is drawn(
        scenario, "deployments.small.success_share"
    )


def test_a_large_plan_is_drawn_in_blocks_which_lead_to_what_all_samples_at_once_do(monkeypatch):
    whole = spread(chat(), n=4096)
    monkeypatch.setattr(draws, "_NUMBERS_AT_ONCE", 0)
    assert [size for _, size in draws.in_blocks(chat(), n=300)] == [128, 128, 44]
    blocks = spread(chat(), n=4096)
    for name, ends in whole.ranges.items():
        assert vars(blocks.ranges[name]) == pytest.approx(vars(ends), rel=1e-12, nan_ok=True)
    assert np.allclose(blocks.cash_fan.p25, whole.cash_fan.p25, rtol=1e-6)
    assert blocks.state_shares == whole.state_shares
    assert blocks.result.metrics["gpus"].shape == (4096,)
