"""Cached prefixes in tiers: what a pool still holds, against replays of public traces."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import chat

from planner.model import evaluate
from planner.model.joining import join
from planner.model.serving.cache_reuse import Reuse, Tier, fetch_s, hit_share, kept_s, tier_hits, within

# Mooncake, FAST'25 traces at 3b5a5941 (Apache-2.0), replayed with one pool that forgets the least recently used, and
# with a time to live: tokens held or seconds kept, and the share of prompt tokens found.
CONVERSATION = Reuse(shared_share=0.04, returning_share=0.326, median_gap_s=137.0, gap_sigma=1.0)
SYNTHETIC = Reuse(returning_share=0.64, median_gap_s=52.0, gap_sigma=1.5)
POOLS = np.array([250e3, 500e3, 1e6, 2e6, 3e6, 5e6, 10e6, 20e6, 30e6, 50e6, 100e6])
SECONDS = np.array([1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600], float)
REPLAYED = [
    (CONVERSATION, 44e3, 0.02,
     [0.043, 0.045, 0.054, 0.086, 0.138, 0.210, 0.291, 0.358, 0.366, 0.371, 0.374],
     [0.038, 0.042, 0.043, 0.059, 0.103, 0.192, 0.288, 0.343, 0.359, 0.363, 0.366]),
    (SYNTHETIC, 83e3, 0.05,
     [0.041, 0.083, 0.142, 0.232, 0.315, 0.428, 0.577, 0.651, 0.651, 0.651, 0.651],
     [0.011, 0.066, 0.107, 0.215, 0.322, 0.437, 0.584, 0.634, 0.640, 0.640, 0.640]),
]  # fmt: skip


@pytest.mark.parametrize(("reuse", "tokens_per_s", "near", "by_pool", "by_time"), REPLAYED)
def test_a_pool_finds_what_replays_of_a_trace_found(reuse, tokens_per_s, near, by_pool, by_time):
    # the gaps are fitted to the time to live alone; the pool follows from them and one rate
    assert within(reuse=reuse, seconds=SECONDS) == pytest.approx(by_time, abs=0.035)
    found = hit_share(reuse=reuse, tokens_per_s=tokens_per_s, capacity_tokens=POOLS)
    assert found == pytest.approx(by_pool, abs=near)


def test_a_pool_is_full_of_what_came_since_the_oldest_it_keeps():
    seconds = kept_s(reuse=CONVERSATION, tokens_per_s=1000.0, capacity_tokens=1e6)
    new = 1000.0 * seconds * (1.0 - within(reuse=CONVERSATION, seconds=seconds))
    assert float(new) == pytest.approx(1e6, rel=1e-6)


def test_nothing_comes_back_where_nothing_is_asked_for_again():
    never = replace(CONVERSATION, shared_share=0.0, returning_share=0.0)
    assert float(hit_share(reuse=never, tokens_per_s=1e4, capacity_tokens=1e9)) == 0.0


@settings(max_examples=40, deadline=None)
@given(st.floats(1e3, 1e9), st.floats(10.0, 1e6))
def test_a_larger_pool_never_finds_less_and_more_traffic_never_more(tokens, rate):
    one = float(hit_share(reuse=SYNTHETIC, tokens_per_s=rate, capacity_tokens=tokens))
    larger = float(hit_share(reuse=SYNTHETIC, tokens_per_s=rate, capacity_tokens=2 * tokens))
    busier = float(hit_share(reuse=SYNTHETIC, tokens_per_s=2 * rate, capacity_tokens=tokens))
    assert busier <= one + 1e-9 <= larger + 2e-9
    assert larger <= SYNTHETIC.returning_share


def test_tiers_find_together_what_one_pool_of_their_size_finds():
    tiers = (
        Tier(capacity_tokens=1e6),
        Tier(capacity_tokens=4e6, gb_per_s=50.0),
        Tier(capacity_tokens=25e6, gb_per_s=5.0),
    )
    hits = tier_hits(reuse=SYNTHETIC, tokens_per_s=83e3, tiers=tiers)
    whole = hit_share(reuse=SYNTHETIC, tokens_per_s=83e3, capacity_tokens=30e6)
    assert float(sum(hits)) == pytest.approx(float(whole))
    assert all(float(each) > 0 for each in hits)


def test_fetching_takes_the_time_of_the_bytes_at_each_tiers_speed():
    tiers = (Tier(capacity_tokens=1e6), Tier(capacity_tokens=4e6, gb_per_s=50.0))
    seconds = fetch_s(hits=(0.3, 0.5), tiers=tiers, input_tokens=10_000.0, bytes_per_token=100_000.0)
    assert float(seconds) == pytest.approx(0.5 * 10_000 * 100_000 / 50e9)


def test_many_pools_at_once_equal_one_at_a_time():
    many = hit_share(reuse=CONVERSATION, tokens_per_s=44e3, capacity_tokens=POOLS)
    alone = [float(hit_share(reuse=CONVERSATION, tokens_per_s=44e3, capacity_tokens=each)) for each in POOLS]
    assert many.tolist() == pytest.approx(alone, rel=1e-12)


OWN = "deployments.small"


def served(**changed):
    """Return what a request of the plan costs where half of each prompt was there before."""
    values = {f"{OWN.replace('.', '__')}__{name}": value for name, value in changed.items()}
    return evaluate(chat(workloads__chat__cache__prefix_hit_share=0.5, **values)).metrics["usd_per_request"]


def test_prefixes_by_room_cost_between_those_always_there_and_none():
    always, by_room = served(), served(prefixes__on=True, prefixes__gap_s=3_000.0)
    never = evaluate(chat()).metrics["usd_per_request"]
    assert float(always) <= float(by_room) <= float(never)
    assert served(prefixes__on=True, prefixes__gap_s=0.1) == pytest.approx(float(always), rel=0.02)


def test_memory_beside_the_gpus_brings_prefixes_back_and_takes_its_time():
    def at(**changed):
        stated = {name.replace("__", "."): value for name, value in changed.items()}
        plan = chat(workloads__chat__cache__prefix_hit_share=0.5)
        for name, value in ({"prefixes.on": True, "prefixes.gap_s": 3_000.0} | stated).items():
            plan = plan.with_value(f"{OWN}.{name}", value)
        return next(iter(join(plan).batches.values())).curve

    hbm, dram, slow = (
        at(),
        at(prefixes__dram_gb=2_000.0),
        at(prefixes__dram_gb=2_000.0, prefixes__dram_gb_per_s=0.5),
    )
    assert (np.ravel(dram.slot_s) <= np.ravel(hbm.slot_s) * (1 + 1e-9)).all()
    assert np.ravel(dram.slot_s)[8] < np.ravel(hbm.slot_s)[8]
    assert (np.ravel(slow.first_token_s) > np.ravel(dram.first_token_s)).any()


def test_plans_with_and_without_prefixes_by_room_may_be_stacked():
    plan = chat(workloads__chat__cache__prefix_hit_share=0.5)
    both = plan.with_value(f"{OWN}.prefixes.on", np.array([False, True])).with_value(
        f"{OWN}.prefixes.gap_s", 3_000.0
    )
    found = evaluate(both).metrics["usd_per_request"]
    assert found.tolist() == pytest.approx(
        [float(served()), float(served(prefixes__on=True, prefixes__gap_s=3_000.0))], rel=1e-9
    )
