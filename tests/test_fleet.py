"""Fleets: GPUs that follow a load hour by hour, that are reserved, and that are owned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import chat

from planner.model import evaluate
from planner.model.fleet.assets import OwnedGpus
from planner.model.fleet.hours import following_gpus
from planner.model.week_hours import hourly_loads
from planner.units import HOURS_PER_DAY

PEAKS = st.floats(1.0, 20.0)


@given(mean=st.floats(0.01, 1e5), ratio=PEAKS)
def test_the_hours_have_the_mean_and_never_exceed_the_peak(mean, ratio):
    hours = np.array(hourly_loads(mean=mean, peak=mean * ratio).loads)
    assert hours.shape == (HOURS_PER_DAY,)
    assert hours.max() <= mean * ratio * (1 + 1e-12)
    assert hours.mean() == pytest.approx(mean, rel=0.05)


def test_a_load_without_peaks_is_the_same_in_every_hour():
    assert np.array(hourly_loads(mean=7.0, peak=7.0).loads) == pytest.approx(7.0)


def whole(load):
    return np.ceil(load)


@given(mean=st.floats(0.1, 300.0), ratio=PEAKS)
def test_whole_replicas_in_each_hour_are_more_than_the_mean_load_takes(mean, ratio):
    found = following_gpus(whole, hourly_loads(mean=mean, peak=mean * ratio), reserved_gpus=0)
    assert mean * 0.95 <= found.paid <= whole(mean * ratio)
    assert found.beyond_reserved == pytest.approx(found.paid)


@given(mean=st.floats(1.0, 50.0), ratio=st.floats(1.5, 8.0), reserved=st.integers(1, 60))
def test_a_calm_hour_does_not_make_up_for_a_busy_one(mean, ratio, reserved):
    found = following_gpus(whole, hourly_loads(mean=mean, peak=mean * ratio), reserved_gpus=float(reserved))
    assert found.beyond_reserved >= max(float(found.paid) - reserved, 0.0) - 1e-9


def test_reserved_gpus_are_paid_whether_used_or_not_also_where_gpus_follow_the_load():
    own = {"deployments__small__autoscale": True, "deployments__small__reserved_gpus": 50}
    few = evaluate(chat(**own, demand__customers=10)).deployments["small"].usd_per_month
    none = evaluate(chat(**own, demand__customers=0)).deployments["small"].usd_per_month
    assert float(few) == float(none) > 0


def test_gpus_that_load_no_longer_needs_stay_and_lose_value():
    months = OwnedGpus(4.0).run(np.array([4.0, 2.0, 3.0, 5.0]))
    assert months.owned.tolist() == [4, 4, 4, 5]
    assert months.bought.tolist() == [4, 0, 0, 1]
    assert months.depreciating.tolist() == [4, 4, 4, 5]


def test_gpus_are_sold_at_the_end_of_their_life_and_bought_again_only_where_needed():
    months = OwnedGpus(0.25).run(np.array([4.0, 4.0, 4.0, 1.0, 1.0, 1.0, 1.0]))
    assert months.sold.tolist() == [0, 0, 0, 4, 0, 0, 1]
    assert months.bought.tolist() == [4, 0, 0, 1, 0, 0, 1]
    assert months.owned.tolist() == [4, 4, 4, 1, 1, 1, 1]


@given(life=st.floats(0.5, 4.0), counts=st.lists(st.integers(0, 9), min_size=60, max_size=60))
def test_a_gpu_is_depreciated_over_its_life_and_no_longer(life, counts):
    needed = np.array([*map(float, counts), *[0.0] * 60])
    months = OwnedGpus(life).run(needed)
    assert months.depreciating.sum() == pytest.approx(months.bought.sum() * life * 12)
    assert (months.owned >= needed).all()
    assert months.owned[-1] == 0


def test_lives_in_a_stack_match_lives_one_by_one():
    lives, needed = np.array([0.5, 0.8, 2.0]), np.array([3.0, 1.0, 4.0, *[2.0] * 20])
    together = OwnedGpus(lives).run(np.repeat(needed[:, None], 3, axis=1))
    for i, life in enumerate(lives):
        alone = OwnedGpus(life).run(needed)
        for name, values in vars(alone).items():
            assert getattr(together, name)[:, i] == pytest.approx(values), name


@pytest.mark.parametrize("customers", [1e3, 1e5, 1e6])
@pytest.mark.parametrize("latency", ["whole-answer", "none"])
@pytest.mark.parametrize("autoscale", [False, True])
def test_no_fleet_is_fuller_than_the_highest_utilisation(customers, latency, autoscale):
    plan = chat(
        demand__customers=customers, workloads__chat__latency=latency, workloads__chat__latency_target_s=120,
        workloads__chat__peak_to_mean=1, deployments__small__autoscale=autoscale,
    )  # fmt: skip
    fleet = evaluate(plan).deployments["small"]
    assert float(fleet.busy_share) <= 0.9 + 1e-9
