"""Hours of the week: loads by profile, fleets sized on their sum, and what follows from it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich_plan import results

from planner.catalog.load_profiles import week_of
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.model.company.provisioned import carried_in_hours
from planner.model.fleet.hours import following_gpus, starting
from planner.model.fleet.rent import up_share
from planner.model.week_hours import (
    HourlyLoad,
    load_in_hours,
    own_peak,
    profile_of,
    share_between,
    summed,
    week_hours,
)
from planner.readout import fleet_day
from planner.readout.cautions import cautions
from planner.schema import Scenario, Workload

NAMES = ("flat", "office", "consumer", "night")
SERIES = st.lists(st.floats(0.0, 9.0), min_size=24, max_size=24).filter(lambda series: sum(series) > 0.1)
DAY = (1.0,) * 12 + (3.0,) * 12  # peak over mean 1.5


def workload(**values):
    return Workload.model_validate({"routing": {"tiers": ["own"]}, **values})


def two_on_one_fleet(one, other, **own):
    """Return a plan in which two like workloads share GPUs."""
    asks = {"requests_per_customer_per_month": 9_000, "routing": {"tiers": ["own"]}}
    return Scenario.from_table({
        "demand": {"customers": 1_000, "growth_share_per_month": 0.04},
        "deployments": {"own": {"kind": "self-hosted", "model": "llama-3.1-70b", "gpu": "H100-SXM", "tensor_parallel": 4,
                                "usd_per_gpu_hour": 2.5, **own}},
        "workloads": {"here": {**asks, **one}, "there": {**asks, **other}},
    })  # fmt: skip


def gpus(plan):
    return float(evaluate(plan).deployments["own"].gpus)


@pytest.mark.parametrize("name", NAMES)
def test_a_named_week_has_a_mean_of_1(name):
    assert np.mean(week_of(name)) == pytest.approx(1.0)
    assert len(week_of(name)) == 168


def test_office_peaks_at_noon_and_rests_at_the_weekend():
    office = np.array(week_of("office")).reshape(7, 24)
    assert office[2].argmax() == 12
    assert office[5:].mean() == pytest.approx(0.41, abs=0.03)  # of the week's mean: Azure 2024
    assert float(own_peak(workload(profile="office"))) == pytest.approx(2.617, rel=0.01)


@given(series=SERIES, ahead=st.floats(-12, 14))
def test_a_clock_moves_the_hours_and_not_their_mean(series, ahead):
    moved = profile_of(workload(profile=series, utc_offset_h=ahead))
    assert moved.mean() == pytest.approx(1.0)
    assert moved.max() <= max(series) / np.mean(series) * (1 + 1e-9)


def test_a_clock_ahead_of_utc_has_its_noon_earlier():
    noon = [0.0] * 12 + [1.0] + [0.0] * 11
    assert int(profile_of(workload(profile=noon, utc_offset_h=5)).argmax()) == 7
    assert profile_of(workload(profile=noon, utc_offset_h=5.5))[6:8] == pytest.approx([12.0, 12.0])


def test_a_weekend_day_has_the_stated_share_of_the_mean_day():
    week = profile_of(workload(profile=DAY, weekend_share=0.4)).reshape(7, 24)
    assert week[5:].mean() == pytest.approx(0.4)
    assert week.mean() == pytest.approx(1.0)


def test_alike_hours_are_taken_once():
    week = week_hours({"a": workload(profile=DAY), "b": workload(profile=DAY)})
    assert sorted(week.shares) == [0.5, 0.5]
    assert [each.names for each in week.known] == [("a", "b")]
    assert sum(week.steps.values()) == pytest.approx(1.0)


def test_two_workloads_that_peak_twelve_hours_apart_do_not_double_the_fleet():
    halves = [0.1] * 12 + [1.0] * 12
    day, night = {"profile": halves}, {"profile": halves, "utc_offset_h": 12}
    apart, together = two_on_one_fleet(day, night), two_on_one_fleet(day, day)
    flat = two_on_one_fleet({"profile": "flat"}, {"profile": "flat"})
    assert gpus(apart) == gpus(flat) < gpus(together)


def test_a_fleet_of_the_sum_by_hand():
    """Load 1 and 3 against 3 and 1 is 4 in every hour: two replicas of 2 places, where both peaks would ask for 3."""
    week = week_hours({"a": workload(profile=DAY), "b": workload(profile=DAY[::-1])})
    load = summed(week, [2.0, 2.0])
    assert load.loads == pytest.approx([4.0, 4.0])
    follows = following_gpus(lambda places: np.ceil(np.asarray(places) / 2.0), load, reserved_gpus=0.0)
    assert (follows.paid, follows.beyond_reserved) == (2.0, 2.0)


def test_a_load_whose_hours_are_not_known_peaks_with_the_others():
    week = week_hours({"known": workload(profile=DAY), "other": workload(peak_to_mean=2.0)})
    load = summed(week, [10.0], rest_mean=10.0, rest_peak=20.0)
    assert max(load.loads) == pytest.approx(15.0 + 20.0, rel=0.01)
    assert np.dot(load.loads, load.shares) == pytest.approx(20.0)


@given(one=SERIES, other=SERIES, size=st.floats(0.1, 9.0))
def test_no_sum_of_loads_peaks_above_the_sum_of_peaks(one, other, size):
    workloads = {"a": workload(profile=one), "b": workload(profile=other)}
    load = load_in_hours(workloads, {"a": 1.0, "b": size})
    assert max(load.loads) <= (own_peak(workloads["a"]) + size * own_peak(workloads["b"])) * (1 + 1e-9)
    assert np.dot(load.loads, load.shares) == pytest.approx(1.0 + size)


def test_units_carry_each_hour_up_to_their_capacity():
    load = load_in_hours({"a": workload(profile=DAY)}, {"a": 20.0})
    assert float(carried_in_hours(load, capacity=20.0)) == pytest.approx(0.75)  # 10 of 10 and 20 of 30


def test_a_profile_left_out_changes_nothing_of_a_fleet():
    plain = two_on_one_fleet({}, {})
    assert gpus(plain) == gpus(two_on_one_fleet({"utc_offset_h": 7}, {"weekend_share": 0.5}))


@pytest.mark.parametrize("autoscale", [False, True])
@pytest.mark.parametrize("other", [{"profile": "night"}, {"peak_to_mean": 2.5}])
def test_plans_with_hours_in_a_stack_match_one_by_one(autoscale, other):
    plan = two_on_one_fleet({"profile": "office", "weekend_share": 0.4}, other, autoscale=autoscale)
    clocks, volumes = np.array([-5.0, 0.0, 5.5]), np.array([1e3, 2e4, 9e3])
    path = "workloads.there.requests_per_customer_per_month"
    together = dict(
        results(evaluate(plan.with_value("workloads.here.utc_offset_h", clocks).with_value(path, volumes)))
    )
    for index, (clock, volume) in enumerate(zip(clocks, volumes, strict=True)):
        alone = plan.with_value("workloads.here.utc_offset_h", clock).with_value(path, volume)
        for name, value in results(evaluate(alone)):
            at = np.broadcast_to(together[name], (3,))[index]
            assert at == pytest.approx(float(value), rel=1e-9, nan_ok=True), name


@pytest.mark.parametrize("said", ["dawn", [1, 2, 3], [0] * 24, [1] * 23 + [-1], [True] * 24, ["x"] * 24, 3])
def test_a_profile_that_is_none_is_refused_in_words(said):
    with pytest.raises(ScenarioError, match=r"profile.*24 numbers"):
        two_on_one_fleet({"profile": said}, {})


def test_hours_of_a_load_sum_over_kinds_as_over_the_week():
    profiles = {
        "a": workload(profile="office", utc_offset_h=-8),
        "b": workload(profile="consumer", utc_offset_h=8),
    }
    week = week_hours(profiles)
    load = summed(week, [1.0, 2.0])
    by_hour = np.array(load.loads)[list(week.kinds)]
    assert by_hour == pytest.approx(profile_of(profiles["a"]) + 2.0 * profile_of(profiles["b"]))
    assert isinstance(load, HourlyLoad)


OFFICE = {"profile": "office"}
TODAY = date(2026, 11, 28)


def fleet_usd(plan):
    return float(evaluate(plan).deployments["own"].usd_per_month)


def test_what_starts_is_paid_ahead_of_the_hour_that_needs_it():
    """From 4 to 8 GPUs and back each day, half an hour to start: 4 x 0.5 / 24 GPUs more in the mean."""
    load = HourlyLoad([1.0, 2.0], [0.5, 0.5], week_hours({"a": workload(profile=DAY)}).steps)
    rises = following_gpus(lambda places: 4.0 * np.asarray(places), load, reserved_gpus=0.0, start_h=0.5)
    assert rises.paid == pytest.approx(6.0 + 4.0 * 0.5 / 24)
    assert rises.beyond_reserved == rises.paid
    kept = following_gpus(lambda places: 4.0 * np.asarray(places), load, reserved_gpus=8.0, start_h=0.5)
    assert kept.beyond_reserved == 0.0


def test_a_fleet_that_does_not_scale_starts_nothing():
    assert fleet_usd(two_on_one_fleet(OFFICE, OFFICE, start_s=900)) == fleet_usd(
        two_on_one_fleet(OFFICE, OFFICE)
    )
    scaled = [fleet_usd(two_on_one_fleet(OFFICE, OFFICE, autoscale=True, start_s=s)) for s in (0, 900)]
    assert scaled[0] < scaled[1]


def test_without_hours_a_fleet_rises_once_a_day():
    """The 24 hours, from the calmest to the busiest, need 4 GPUs or 8: once a day 4 of them start for an hour."""
    rises = [fleet_usd(two_on_one_fleet({}, {}, autoscale=True, start_s=s)) for s in (0.0, 3_600.0)]
    assert rises[1] - rises[0] == pytest.approx(4.0 / 24 * 730 * 2.5)


def test_spot_gpus_are_more_by_the_time_that_they_are_down():
    """Interrupted every ten hours for an hour: 10 of 11 hours up, so 1.1 times the replicas."""
    assert float(up_share(per_hour=0.1, lost_s=3600.0)) == pytest.approx(10 / 11)
    spot, steady = (
        two_on_one_fleet({}, {}, rent=rent, interruptions_per_hour=0.1, start_s=3_600)
        .with_value("demand.customers", 200_000.0)
        for rent in ("spot", "on-demand")
    )  # fmt: skip
    assert gpus(spot) / gpus(steady) == pytest.approx(1.1, rel=0.01)
    assert any("applies to spot GPUs only" in each for each in cautions(steady, evaluate(steady), on=TODAY))


def test_rising_loads_start_no_less_than_from_the_calmest_to_the_busiest():
    week = week_hours({"a": workload(profile="office")})
    counts = list(week.known[0].over_mean)
    assert (
        float(starting(counts, HourlyLoad(counts, week.shares, week.steps), start_h=1.0))
        >= np.ptp(counts) / 168
    )


def test_a_peak_that_the_profile_contradicts_is_told():
    plan = two_on_one_fleet({**OFFICE, "peak_to_mean": 1.5}, {"profile": "flat", "peak_to_mean": 1.0})
    told = [each for each in cautions(plan, evaluate(plan), on=TODAY) if "peak_to_mean" in each]
    assert told == ["here: peak_to_mean is stated as 1.5x but ignored; its profile gives 2.62x"]


def test_a_fleet_day_says_the_busiest_hour_and_adds_up():
    result = evaluate(two_on_one_fleet(OFFICE, {**OFFICE, "utc_offset_h": 1}, autoscale=True))
    day = fleet_day(result.fleet_hours["own"])
    assert day.busiest_hour.split()[1] in ("11:00", "12:00")
    of_week = (5 * np.mean(day.weekday.gpus) + 2 * np.mean(day.weekend_day.gpus)) / 7
    assert of_week + day.starting_gpus == pytest.approx(day.mean_gpus)
    assert day.most_gpus == float(result.deployments["own"].gpus)
    assert np.sum(list(day.weekday.places_of.values()), axis=0) == pytest.approx(np.array(day.weekday.places))


def at_deepseek(**values):
    """Return a plan on an API whose price depends on the hour: dear from 1 to 4 and from 6 to 10 UTC."""
    return Scenario.from_table({
        "company": {"start": "2026-11"},
        "demand": {"customers": 1_000},
        "deployments": {"api": {"kind": "api", "model": "deepseek:deepseek-v4-pro"}},
        "workloads": {"ask": {"requests_per_customer_per_month": 90, "routing": {"tiers": ["api"]}, **values}},
    })  # fmt: skip


def usd_per_request(plan):
    return float(evaluate(plan).metrics["usd_per_request"])


def test_a_load_pays_the_price_of_its_hours():
    """Twice the price in 7 hours of 24: 31/24 of the cheap price over the day, all cheap in the evening, all dear at 2."""
    cheap = usd_per_request(at_deepseek(profile=[0] * 12 + [1] * 12))
    assert usd_per_request(at_deepseek()) == pytest.approx(cheap * 31 / 24)
    assert usd_per_request(at_deepseek(profile="flat")) == pytest.approx(cheap * 31 / 24)
    assert usd_per_request(at_deepseek(profile=[0, 0, 1] + [0] * 21)) == pytest.approx(2 * cheap)
    assert usd_per_request(at_deepseek(profile=[0, 0, 1] + [0] * 21, utc_offset_h=8)) == pytest.approx(cheap)


def test_shares_of_the_parts_of_a_day_sum_to_all_of_it():
    office = workload(profile="office", utc_offset_h=-5)
    parts = [(0.0, 0.5), (0.5, 16.5), (16.5, 24.0)]
    assert sum(float(share_between(office, *part)) for part in parts) == pytest.approx(1.0)


def test_clocks_in_a_stack_pay_as_clocks_one_by_one():
    plan, clocks = at_deepseek(profile="office"), np.array([-8.0, 0.0, 5.5, 8.0])
    path = "workloads.ask.utc_offset_h"
    together = evaluate(plan.with_value(path, clocks)).metrics["usd_per_request"]
    assert together == pytest.approx([usd_per_request(plan.with_value(path, float(each))) for each in clocks])


def test_the_busiest_hour_is_that_of_replicas_not_of_places():
    """What runs in small batches takes more of a replica for each place: its peak is the fleet's, at fewer places."""
    slow = {
        "context_tokens": 200,
        "output_tokens": 200,
        "latency": "none",
        "requests_per_customer_per_month": 60_000,
    }
    fast = {"latency": "per-token", "latency_target_s": 0.012, "requests_per_customer_per_month": 12_000}
    halves = [1.0] * 12 + [0.0] * 12
    plan = two_on_one_fleet({**slow, "profile": halves}, {**fast, "profile": halves[::-1]})
    result = evaluate(plan)
    hours, batch = result.fleet_hours["own"], result.deployments["own"].batch
    assert float(batch["there"]) < float(batch["here"]) / 4
    assert int(hours.places.argmax()) % 24 >= 12
    alone = gpus(plan.with_value("workloads.here.requests_per_customer_per_month", 0.0))
    assert alone <= gpus(plan) <= alone + 4
