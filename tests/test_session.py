"""Sessions: calls whose prompts grow, as sums in closed form against a loop over calls."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import ScenarioError
from planner.files import load_text
from planner.model import evaluate
from planner.model.request.later_calls import Calls
from planner.model.request.session import Growth, PriceBand, bands
from planner.model.request.session_sums import SessionLengths, expected_bands
from planner.model.serving.idle_sessions import Idle, kept_share

PARTS = ("calls", "prompt_tokens", "first_tokens", "prefix_tokens", "compactions")


def numbers(*found):
    return np.array([[float(getattr(band, part)) for part in PARTS] for band in found])


def call_by_call(count, growth, steps):
    """Return what `bands` does, one call after the other."""
    edges = [-np.inf, *steps, np.inf]
    out = np.zeros((len(edges) - 1, len(PARTS)))
    prompt = 0.0
    for call in range(count):
        before = prompt
        prompt = growth.first_tokens if call == 0 else prompt + growth.added_tokens
        compacted = call > 0 and 0 < growth.compact_at_tokens < prompt
        if compacted:
            prompt = min(growth.compact_to_tokens, growth.compact_at_tokens)
        band = next(i for i in range(len(steps) + 1) if edges[i] < prompt <= edges[i + 1])
        first = prompt if call == 0 else 0.0
        out[band] += (1, prompt, first, 0.0 if compacted or call == 0 else before, compacted)
    return out


@pytest.mark.parametrize(
    ("count", "tokens"),
    [(10, 15_350), (30, 67_050)],
    # evidence: first prompt 1,220 tokens, 70 more with each call
)
def test_a_chat_of_some_turns_sends_what_was_published(count, tokens):
    (band,) = bands(Calls(count), Growth(1_220.0, 70.0))
    assert float(band.prompt_tokens) == tokens


def test_401_calls_of_250_new_tokens_read_20_million_again():
    (band,) = bands(Calls(401.0), Growth(250.0, 250.0))
    assert float(band.prefix_tokens) * 0.50 / 1e6 == pytest.approx(10.03, abs=0.005)  # USD at $0.50 a million


def test_a_session_of_one_call_is_one_request():
    assert numbers(*bands(Calls(1.0, 0.8), Growth(900.0, 50.0))).tolist() == [[1.0, 900.0, 900.0, 0.0, 0.0]]


@given(
    count=st.integers(1, 300),
    growth=st.builds(
        Growth,
        st.integers(0, 5_000),
        st.integers(1, 900),
        st.sampled_from([0, 1_000, 3_000, 20_000]),
        st.integers(0, 4_000),
    ),
    steps=st.lists(st.sampled_from([1_000, 5_000, 20_000, 200_000]), unique=True, max_size=3),
)
def test_a_fixed_number_of_calls_is_exact_at_steps_and_compactions(count, growth, steps):
    edges = sorted(map(float, steps))
    found = numbers(*bands(Calls(float(count)), growth, edges))
    assert found == pytest.approx(call_by_call(count, growth, edges), rel=1e-9, abs=1e-6)


def test_a_spread_of_calls_is_the_mean_over_many_sessions():
    mean, cv = 25.0, 0.8
    growth, steps = Growth(2_500.0, 1_850.0, 60_000.0, 20_000.0), (32_000.0,)
    variance = np.log1p((cv * mean / (mean - 1.0)) ** 2)
    at = (np.arange(20_000) + 0.5) / 20_000
    later = (mean - 1.0) * np.exp(
        np.sqrt(variance) * np.array([*map(NormalDist().inv_cdf, at)]) - variance / 2
    )
    one_by_one = numbers(*bands(Calls(mean, cv), growth, steps))
    together = bands(Calls(1.0 + later), growth, steps)
    means = np.array([[np.mean(getattr(band, part)) for part in PARTS] for band in together])
    assert one_by_one == pytest.approx(means, rel=3e-3)


def test_without_a_limit_a_spread_of_calls_is_exact():
    mean, cv = 25.0, 0.8
    (band,) = bands(Calls(mean, cv), Growth(2_500.0, 1_850.0))
    square = (cv * mean) ** 2 + (mean - 1.0) ** 2
    assert float(band.prompt_tokens) == pytest.approx(
        mean * 2_500 + 1_850 * (square + mean - 1.0) / 2, rel=1e-9
    )


def test_sessions_in_a_stack_match_sessions_one_by_one():
    mean, cv = np.array([1.0, 4.0, 30.0, 200.0]), np.array([0.0, 0.5, 1.2, 0.0])
    growth = Growth(
        np.array([100.0, 2e3, 5e3, 800.0]), np.array([0.0, 500.0, 700.0, 900.0]), 40_000.0, 9_000.0
    )
    together = bands(Calls(mean, cv), growth, (8_000.0, 32_000.0))
    for index in range(mean.size):
        one = Growth(growth.first_tokens[index], growth.added_tokens[index], 40_000.0, 9_000.0)
        alone = numbers(*bands(Calls(mean[index], cv[index]), one, (8_000.0, 32_000.0)))
        stacked = [
            [np.broadcast_to(getattr(band, part), mean.shape)[index] for part in PARTS] for band in together
        ]
        assert alone == pytest.approx(np.array(stacked), rel=1e-12)


@pytest.mark.parametrize(
    ("calls", "cv", "growth", "steps"),
    [
        (4.0, 0.6, Growth(20_000.0, 5_000.0), (32_000.0,)),
        (25.0, 0.8, Growth(2_500.0, 1_850.0, 60_000.0, 20_000.0), (32_000.0,)),
    ],
)
def test_prompts_that_spread_are_the_mean_over_many_sessions(calls, cv, growth, steps):
    spread = np.sqrt(np.log1p(cv * cv))
    at = (np.arange(2_000) + 0.5) / 2_000
    scale = np.exp(spread * np.array([*map(NormalDist().inv_cdf, at)]) - spread**2 / 2)
    each = replace(growth, first_tokens=growth.first_tokens * scale, added_tokens=growth.added_tokens * scale)
    together = bands(Calls(calls), each, steps)
    means = np.array([[np.mean(getattr(band, part)) for part in PARTS] for band in together])
    found = numbers(*expected_bands(SessionLengths(Calls(calls), growth, cv), steps))
    assert np.abs(found - means).max(axis=0) == pytest.approx(0, abs=0.01 * means.sum(axis=0).max())
    assert found.sum(axis=0)[0] == pytest.approx(calls)


def test_many_plans_by_a_polynomial_are_those_one_at_a_time():
    calls, growth = np.geomspace(8, 90, 400), Growth(12_000.0, 2_200.0, 120_000.0, 20_000.0)
    together = expected_bands(SessionLengths(Calls(calls, 0.7), growth, 0.6), (32_000.0,))
    for index in (0, 57, 399):
        alone = expected_bands(SessionLengths(Calls(calls[index], 0.7), growth, 0.6), (32_000.0,))
        stacked = numbers(*(PriceBand(*(getattr(band, part)[index] for part in PARTS)) for band in together))
        assert stacked == pytest.approx(numbers(*alone), rel=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("cv", [0.0, 0.7])
def test_sessions_with_and_without_a_limit_in_one_stack_are_those_alone(cv):
    limits = np.array([0.0, 30_000.0, 400_000.0])
    together = bands(Calls(80.0, cv), Growth(3_000.0, 900.0, limits, 5_000.0), (20_000.0,))
    for index, limit in enumerate(limits):
        alone = numbers(*bands(Calls(80.0, cv), Growth(3_000.0, 900.0, limit, 5_000.0), (20_000.0,)))
        stacked = [[getattr(band, part)[index] for part in PARTS] for band in together]
        assert np.array(stacked) == pytest.approx(alone, rel=1e-12, abs=1e-9)


PLAN = """\
schema = 1
[deployments.frontier]
kind = "api"
model = "m"
price = { input_usd_per_mtok = 5, output_usd_per_mtok = 25, cache_read_usd_per_mtok = 0.5, cache_write_usd_per_mtok = 6.25 }
[workloads.agent]
requests_per_month = 100
prompt_tokens = 1_220
context_tokens = 0
output_tokens = 20
routing = { tiers = ["frontier"] }
[workloads.agent.session]
calls = 10
added_tokens = 50
gap_s = 25
"""


def plan(**values):
    scenario = load_text(PLAN, path="agent.toml").scenario
    for path, value in values.items():
        scenario = scenario.with_value(path.replace("__", "."), value)
    return scenario


def test_a_session_is_billed_call_by_call():
    """10 calls: 15,350 prompt tokens, of which 13,500 stood in the call before; 300 s of cache against 25 s of pause."""
    result = evaluate(plan())
    read = 13_500 * -np.expm1(-300 / 25)
    usd = (read * 0.5 + (15_350 - read) * 6.25 + 10 * 20 * 25) / 1e6
    assert float(result.metrics["usd_per_request"]) == pytest.approx(usd, rel=1e-9)
    assert float(result.workloads["agent"].input_tokens) == pytest.approx(15_350)
    assert sum(float(item.usd_per_month) for item in result.line_items) == pytest.approx(100 * usd, rel=1e-9)


def test_a_session_of_one_call_costs_what_a_request_does():
    alone = evaluate(plan(workloads__agent__session__calls=1))
    none = load_text(PLAN.partition("[workloads.agent.session]")[0], path="agent.toml").scenario
    for name, value in evaluate(none).metrics.items():
        assert alone.metrics[name] == pytest.approx(value, rel=1e-12, nan_ok=True), name


def test_a_request_of_one_call_beside_sessions_pays_for_its_spread_as_alone():
    price = "{ input_usd_per_mtok = 5, output_usd_per_mtok = 25, cache_read_usd_per_mtok = 0.5, cache_write_usd_per_mtok = 6.25 }"
    text = PLAN.replace('"m"', '"google:gemini-2.5-pro"').replace(f"price = {price}\n", "")
    long = load_text(text.replace("prompt_tokens = 1_220", "prompt_tokens = 150_000"), path="a.toml").scenario
    long = long.with_value("workloads.agent.prompt_cv", 0.5)
    together, alone = (
        evaluate(long.with_value("workloads.agent.session.calls", calls)).metrics["usd_per_request"]
        for calls in (np.array([1.0, 5.0]), 1.0)
    )
    assert together[0] == pytest.approx(float(alone), rel=1e-12)


def test_a_stack_of_sessions_equals_one_plan_at_a_time():
    calls = np.array([1.0, 1.5, 12.0, 300.0])
    fields = {
        "workloads__agent__session__compact_at_tokens": 6_000,
        "workloads__agent__session__calls_cv": 0.6,
    }
    together = evaluate(plan(**fields, workloads__agent__session__calls=calls))
    for index, count in enumerate(calls):
        alone = evaluate(plan(**fields, workloads__agent__session__calls=count))
        for name, value in alone.metrics.items():
            stacked = np.broadcast_to(together.metrics[name], calls.shape)[index]
            assert stacked == pytest.approx(value, rel=1e-9, nan_ok=True), name


def test_a_longer_pause_than_the_cache_lives_is_dearer_and_an_hour_mends_it():
    slow = plan(workloads__agent__session__gap_s=900)
    hour = slow.with_value("workloads.agent.cache.lifetime", "1h")
    quick, late, kept = (float(evaluate(each).metrics["usd_per_request"]) for each in (plan(), slow, hour))
    assert quick < kept < late


def test_own_gpus_read_only_what_a_session_adds():
    cold = own_gpus(workloads__agent__cache__lifetime="none")
    quick = own_gpus(workloads__agent__session__gap_s=1)
    assert float(evaluate(quick).metrics["gpus"]) < float(evaluate(cold).metrics["gpus"])


def own_gpus(**values):
    own = PLAN.replace(
        'kind = "api"\nmodel = "m"', 'kind = "self-hosted"\nmodel = "llama-3.1-8b"\ngpu = "H100-SXM"'
    )
    own = "\n".join(line for line in own.splitlines() if not line.startswith("price"))
    scenario = load_text(own, path="agent.toml").scenario.with_value(
        "workloads.agent.requests_per_month", 1e7
    )
    for path, value in values.items():
        scenario = scenario.with_value(path.replace("__", "."), value)
    return scenario


def test_prefixes_of_idle_sessions_are_kept_as_far_as_there_is_room():
    """Sessions that never end: two calls a second with pauses of 30 s wait 60 at a time, of which 15 find their prefix."""
    endless = Idle(gap_s=30.0, calls=1e12)
    assert float(kept_share(idle=endless, calls_per_s=2.0, room=15.0)) == pytest.approx(0.25)
    assert float(kept_share(idle=endless, calls_per_s=2.0, room=100.0)) == pytest.approx(1.0)
    assert float(kept_share(idle=endless, calls_per_s=2.0, room=-1.0)) == 0.0


@given(gap=st.floats(0.1, 1e5), calls=st.floats(1, 1e3), rate=st.floats(1e-3, 1e3), room=st.floats(0, 1e5))
def test_the_room_holds_the_prefixes_that_are_kept(gap, calls, rate, room):
    kept = float(kept_share(idle=Idle(gap, calls), calls_per_s=rate, room=room))
    if 1e-9 < kept < 1 - 1e-9:
        time = -gap * np.log1p(-kept)
        held = rate * (time / calls + (1 - 1 / calls) * gap * kept)
        assert held == pytest.approx(room, rel=1e-6)


def test_a_longer_pause_takes_more_of_the_room_and_reads_more_again():
    gpus = [
        float(evaluate(own_gpus(workloads__agent__session__gap_s=gap)).metrics["gpus"])
        for gap in (0.0, 30.0, 600.0, 1e6)
    ]
    assert gpus == sorted(gpus)
    assert gpus[0] < gpus[-1]
    cold = float(evaluate(own_gpus(workloads__agent__cache__lifetime="none")).metrics["gpus"])
    assert gpus[-1] == pytest.approx(cold, rel=0.02)


def test_own_gpus_of_sessions_with_pauses_in_a_stack_are_those_alone():
    gaps = np.array([0.0, 30.0, 600.0])
    together = evaluate(own_gpus(workloads__agent__session__gap_s=gaps)).metrics
    for index, gap in enumerate(gaps):
        alone = evaluate(own_gpus(workloads__agent__session__gap_s=gap)).metrics
        for name in ("gpus", "usd_per_request", "net_burn_usd_per_month"):
            assert np.broadcast_to(together[name], 3)[index] == pytest.approx(float(alone[name]), rel=1e-9), (
                name
            )


def test_prompts_that_spread_give_the_first_token_their_tail_and_without_spread_none():
    one = own_gpus(
        workloads__agent__session__calls=1, workloads__agent__latency="first-token",
        workloads__agent__latency_target_s=60, workloads__agent__requests_per_month=10,
    )  # fmt: skip
    alike, spread = (
        evaluate(one.with_value("workloads.agent.prompt_cv", cv)).workloads["agent"] for cv in (0.0, 1.2)
    )
    late = np.exp(1.6448536 * np.sqrt(np.log1p(1.44)) - np.log1p(1.44) / 2)
    assert float(alike.p95_latency_s) == pytest.approx(float(alike.p50_latency_s), rel=1e-3)
    assert float(spread.p95_latency_s) == pytest.approx(late * float(alike.p95_latency_s), rel=0.02)
    tight = one.with_value("workloads.agent.latency_target_s", 1.5 * float(alike.p95_latency_s))
    assert bool(evaluate(tight).workloads["agent"].promise_met)
    assert not bool(
        evaluate(tight.with_value("workloads.agent.prompt_cv", 1.2)).workloads["agent"].promise_met
    )


def test_what_was_said_in_a_session_is_read_again_as_sound():
    """20 turns of 55 tokens heard and 120 spoken: new 55 + 19 x 175, read again 55 x 190 + 120 x 171, spoken 20 x 120."""
    text = """
schema = 1
[deployments.voice]
kind = "api"
model = "openai:gpt-realtime"
[workloads.call]
requests_per_month = 1
context_tokens = 0
output_tokens = 0
routing = { tiers = ["voice"] }
meters = { audio_in_tokens = 55, audio_out_tokens = 120 }
session = { calls = 20, gap_s = 0 }
"""
    result = evaluate(load_text(text, path="voice.toml").scenario)
    costs = {item.name: float(item.usd_per_month) for item in result.line_items}
    assert costs["input audio tokens"] == pytest.approx(3_380 * 32e-6)
    assert costs["cache audio read tokens"] == pytest.approx(30_970 * 0.4e-6)
    assert costs["output audio tokens"] == pytest.approx(2_400 * 64e-6)
    shown = result.sessions["call", "voice"]
    assert shown.mean_usd == pytest.approx(sum(costs.values()))
    assert shown.prompt_tokens[-1] == pytest.approx(20 * 55 + 19 * 120)


def test_requests_that_a_request_starts_cost_it_and_earn_nothing():
    started = (
        PLAN
        + "spawns = { research = 2 }\n"
        + """
[workloads.research]
prompt_tokens = 1_000
context_tokens = 0
output_tokens = 100
routing = { tiers = ["frontier"] }
[revenue]
usd_per_request = 1
"""
    )
    result = evaluate(load_text(started, path="agent.toml").scenario)
    each = (1_000 * 5 + 100 * 25) / 1e6
    agent = result.workloads["agent"]
    assert float(result.workloads["research"].requests_per_month) == 200
    assert float(agent.started_usd_per_request) == pytest.approx(2 * each)
    assert float(result.metrics["usd_per_request"]) == pytest.approx(float(agent.usd_per_request))
    assert float(result.months.first["revenue_usd"]) == pytest.approx(100)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("compact_at_tokens = 1000\ncompact_to_tokens = 2000", "Keep it below compact_at_tokens"),
        ("spawns = { nobody = 1 }", "is not another workload of this file"),
        ("spawns = { agent = 1 }", "is not another workload of this file"),
    ],
)
def test_a_session_that_can_not_be_is_said(lines, words):
    with pytest.raises(ScenarioError, match=words):
        load_text(PLAN + lines, path="agent.toml")


def test_workloads_that_start_one_another_in_a_circle_are_refused():
    other = '[workloads.b]\nrouting = { tiers = ["frontier"] }\nsession = { spawns = { agent = 1 } }\n'
    with pytest.raises(ScenarioError, match="agent -> b -> agent"):
        load_text(PLAN + "spawns = { b = 1 }\n" + other, path="agent.toml")
