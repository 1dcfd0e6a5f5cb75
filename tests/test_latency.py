"""The latency of a workload is one distribution: held against requests drawn one by one."""

from pathlib import Path

import numpy as np
import pytest

from planner.files import load
from planner.model import evaluate, evaluate_month_one
from planner.model.time_spread import TimeSpread, Way
from planner.schema import Scenario

DRAWS = 400_000
QUANTILES = (0.5, 0.9, 0.95, 0.99)
FAST = {"kind": "api", "model": "fast", "first_token_s": 0.3, "tokens_per_s": 200, "success_share": 0.6}
SLOW = {"kind": "api", "model": "slow", "first_token_s": 0.9, "tokens_per_s": 50, "success_share": 0.9}
PRICE = {"input_usd_per_mtok": 1, "output_usd_per_mtok": 1}
FAST_S, SLOW_S = 0.3 + 400 / 200, 0.9 + 400 / 50  # an answer of 400 tokens
CV2 = 0.8


def plan(**workload):
    tiers = workload.pop("tiers", ["fast", "slow"])
    return Scenario.from_table(
        {
            "deployments": {"fast": FAST | {"price": PRICE}, "slow": SLOW | {"price": PRICE}},
            "workloads": {
                "ask": {
                    "requests_per_month": 1_000, "output_tokens": 400, "answer_length_cv2": CV2,
                    "routing": {"tiers": tiers} | workload.pop("routing", {}), **workload,
                }
            },
        }
    )  # fmt: skip


def latency(**workload):
    return evaluate(plan(**workload)).workloads["ask"]


def lognormal(rng, mean, cv2=CV2):
    s2 = np.log1p(cv2)
    return rng.lognormal(np.log(mean) - s2 / 2, np.sqrt(s2), DRAWS)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def agrees(found, times, within):
    for share in QUANTILES:
        assert float(found.latency.quantile_s(share)) == pytest.approx(
            np.quantile(times, share), rel=within
        ), share


def test_a_router_mixes_its_tiers(rng):
    slow = rng.random(DRAWS) < 0.3
    times = np.where(slow, lognormal(rng, SLOW_S), lognormal(rng, FAST_S))
    agrees(latency(routing={"share_to_last": 0.3}), times, within=0.02)


def test_a_cascade_calls_one_tier_after_the_other(rng):
    accepted = 0.6 * 0.9 + 0.4 * 0.2
    further = rng.random(DRAWS) > accepted
    times = lognormal(rng, FAST_S) + np.where(further, lognormal(rng, SLOW_S), 0.0)
    found = latency(
        routing={"policy": "cascade"}, verifier={"true_accept_share": 0.9, "false_accept_share": 0.2}
    )
    agrees(found, times, within=0.03)


def test_each_further_attempt_takes_its_time(rng):
    accept = 0.9 * 0.8 + 0.1 * 0.1
    times, open_still = np.zeros(DRAWS), np.ones(DRAWS, bool)
    for _ in range(5):
        times += np.where(open_still, lognormal(rng, SLOW_S), 0.0)
        open_still &= rng.random(DRAWS) > accept
    found = latency(
        tiers=["slow"],
        outcome={"attempts": 5},
        verifier={"true_accept_share": 0.8, "false_accept_share": 0.1},
    )
    agrees(found, times, within=0.04)


def test_the_first_visible_token_comes_after_the_reasoning():
    shown = latency(tiers=["slow"], latency="first-token", reasoning_tokens=300)
    plain = latency(tiers=["slow"], latency="first-token")
    assert float(shown.p95_latency_s / plain.p95_latency_s) == pytest.approx((0.9 + 300 / 50) / 0.9)


def test_what_is_checked_before_it_is_shown_is_shown_whole():
    checked = latency(
        tiers=["slow"], latency="first-token", outcome={"attempts": 2},
        verifier={"true_accept_share": 1, "false_accept_share": 1},
    )  # fmt: skip
    whole = latency(tiers=["slow"], latency="whole-answer")
    assert float(checked.p95_latency_s) == pytest.approx(float(whole.p95_latency_s))


def test_an_api_without_a_measured_spread_has_that_of_the_answers():
    found = latency(tiers=["slow"])
    s = np.sqrt(np.log1p(CV2))
    assert float(found.p95_latency_s) == pytest.approx(SLOW_S * np.exp(1.6448536 * s - s * s / 2), rel=1e-6)


@pytest.mark.parametrize("ratio", [1.0, 1.8, 3.5])
def test_a_measured_spread_of_an_api_is_its_own(ratio):
    scenario = plan(tiers=["slow"]).with_value("deployments.slow.p95_to_mean_latency_ratio", ratio)
    found = evaluate(scenario).workloads["ask"]
    assert float(found.p95_latency_s) == pytest.approx(SLOW_S * ratio, rel=1e-9)


def test_one_spread_of_lengths_goes_before_that_of_times():
    assert float(latency(tiers=["slow"], output_cv=0.0).p95_latency_s) == pytest.approx(SLOW_S)


def test_a_session_takes_the_time_of_all_its_calls(rng):
    times = sum(lognormal(rng, SLOW_S) for _ in range(6))
    agrees(latency(tiers=["slow"], session={"calls": 6}), times, within=0.03)


@pytest.mark.parametrize("percentile", ["p90", "p95", "p99"])
@pytest.mark.parametrize("margin", [0.999, 1.001])
def test_a_promise_is_kept_where_its_own_percentile_is_inside_the_target(percentile, margin):
    routing = {"share_to_last": 0.3}
    took = latency(routing=routing, latency_percentile=percentile).promised_latency_s
    found = latency(routing=routing, latency_percentile=percentile, latency_target_s=float(took) * margin)
    assert bool(np.all(found.promise_met)) == (margin > 1)
    assert float(found.latency.quantile_s(float(percentile[1:]) / 100)) == float(found.promised_latency_s)


def test_percentiles_rise():
    found = latency(routing={"share_to_last": 0.04})
    shown = [found.p50_latency_s, found.p90_latency_s, found.p95_latency_s, found.p99_latency_s]
    assert [float(each) for each in shown] == sorted(float(each) for each in shown)


def test_many_mixtures_at_once_have_the_quantiles_of_each():
    share = np.linspace(0.0, 1.0, 9)
    ways = (Way(1.0 - share, 0.2, 1.0, 0.5), Way(share, 1.0, np.linspace(2.0, 6.0, 9), 3.0))
    stacked = TimeSpread(ways).quantile_s(0.95)
    for i in range(9):
        one = TimeSpread(tuple(Way(*(np.broadcast_to(v, 9)[i] for v in vars(way).values())) for way in ways))
        assert float(one.quantile_s(0.95)) == pytest.approx(float(stacked[i]), rel=1e-5)


def test_plans_of_one_stack_wait_for_a_check_only_where_they_have_one():
    """Two attempts are checked before anything is shown; one is shown as it comes, also beside plans of several."""
    seed = load(Path(__file__).parents[1] / "saved" / "seed-runway.toml").scenario
    path = "workloads.assistant.outcome.attempts"
    stacked = evaluate_month_one(seed.with_value(path, np.array([1.0, 2.0, 3.0]))).workloads["assistant"]
    alone = [
        evaluate_month_one(seed.with_value(path, each)).workloads["assistant"] for each in (1.0, 2.0, 3.0)
    ]
    assert stacked.promised_latency_s == pytest.approx([float(each.promised_latency_s) for each in alone])
    assert stacked.promise_met.tolist() == [bool(each.promise_met) for each in alone] == [True, False, False]
