"""Sessions: calls whose prompts grow, as sums in closed form against a loop over calls."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.request.session import Calls, Growth, bands

PARTS = ("calls", "prompt_tokens", "first_tokens", "prefix_tokens")


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
        out[band] += (1, prompt, prompt if call == 0 else 0.0, 0.0 if compacted or call == 0 else before)
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
    assert numbers(*bands(Calls(1.0, 0.8), Growth(900.0, 50.0))).tolist() == [[1.0, 900.0, 900.0, 0.0]]


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
