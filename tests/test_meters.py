"""Lengths that differ, cache lifetimes and meters: what they add to the price of a request."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog.api_prices import api_rates
from planner.catalog.api_rates import ApiRates, TokenPrice
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.model.normal import cdf, lognormal_above
from planner.model.request.api_cost import request_usd
from planner.schema import Scenario

TODAY = date(2026, 11, 23)
GEMINI = api_rates(
    "google:gemini-2.5-pro", on=TODAY
)  # 1.25 and 10 USD per million; 2.50 and 15 above 200,000


def plan(workload, *, model="google:gemini-2.5-pro", **deployment):
    return Scenario.from_table({
        "schema": 1,
        "deployments": {"api": {"kind": "api", "model": model, **deployment}},
        "workloads": {"chat": {"requests_per_month": 1_000, "context_tokens": 0, "routing": {"tiers": ["api"]}, **workload}},
    })  # fmt: skip


@pytest.mark.parametrize("z", [-40.0, -9.0, -5.0, -1.0, -1e-9, 0.0, 0.5, 2.0, 7.5, 40.0])
def test_the_normal_share_is_that_of_the_error_function(z):
    assert float(cdf(z)) == pytest.approx(math.erfc(-z / math.sqrt(2)) / 2, rel=1e-12, abs=1e-16)


def test_half_of_lognormal_lengths_lie_above_their_median():
    cv = 0.8
    median = 100_000 / math.sqrt(1 + cv**2)
    count, total = lognormal_above(mean=100_000.0, cv=cv, start=median)
    assert float(count) == pytest.approx(0.5, abs=1e-12)
    assert float(total) > 0.5


def test_prompts_around_the_step_pay_each_price_for_their_part():
    """By hand: mean 200,000, cv 0.5, s = sqrt(ln 1.25) = 0.47238; Phi(s/2) = 0.59336 of tokens, 0.40664 of requests."""
    cost = request_usd(GEMINI, input_tokens=200_000.0, output_tokens=1_000.0, prompt_cv=0.5)
    assert float(cost.input_usd) == pytest.approx(0.2 * (1.25 + 1.25 * 0.593364), rel=1e-5)
    assert float(cost.output_usd) == pytest.approx(1e-3 * (10 + 5 * 0.406636), rel=1e-5)
    certain = request_usd(GEMINI, input_tokens=200_000.0, output_tokens=1_000.0)
    assert float(certain.total_usd) == pytest.approx(0.26)


def test_the_expected_price_is_the_mean_over_drawn_prompts():
    rng = np.random.default_rng(7)
    cv, mean = 0.9, 150_000.0
    spread = math.sqrt(math.log1p(cv**2))
    drawn = rng.lognormal(math.log(mean) - spread**2 / 2, spread, 2_000_000)
    tokens = {"cache_read_tokens": 0.4, "cache_write_tokens": 0.1}
    one_by_one = request_usd(
        GEMINI, input_tokens=drawn, output_tokens=700.0, **{k: v * drawn for k, v in tokens.items()}
    )
    expected = request_usd(
        GEMINI,
        input_tokens=mean,
        output_tokens=700.0,
        prompt_cv=cv,
        **{k: v * mean for k, v in tokens.items()},
    )
    assert float(expected.total_usd) == pytest.approx(float(np.mean(one_by_one.total_usd)), rel=2e-3)


@given(prompt=st.floats(1, 1e6), output=st.floats(0, 1e5))
def test_without_spread_a_request_costs_what_it_always_did(prompt, output):
    plain = request_usd(GEMINI, input_tokens=prompt, output_tokens=output)
    stack = request_usd(
        GEMINI, input_tokens=prompt, output_tokens=output, prompt_cv=np.array([0.0, 1e-9, 2.0])
    )
    assert np.asarray(stack.total_usd)[0] == pytest.approx(float(plain.total_usd), rel=1e-12)


def test_a_stack_of_spreads_and_lengths_costs_the_same_as_one_at_a_time():
    rates = _three_steps()
    prompts, spreads = np.array([5e4, 1e5, 2e5, 6e5])[:, None], np.array([0.0, 0.3, 1.7])
    stack = request_usd(rates, input_tokens=prompts, output_tokens=100.0, prompt_cv=spreads).total_usd
    for row, prompt in enumerate(prompts[:, 0]):
        for column, cv in enumerate(spreads):
            one = request_usd(rates, input_tokens=prompt, output_tokens=100.0, prompt_cv=cv).total_usd
            assert stack[row, column] == pytest.approx(float(one), rel=1e-12)


def _three_steps() -> ApiRates:
    price = TokenPrice(1.0, ((100_000, 2.0), (200_000, 1.5)))
    return ApiRates(model="m", provider="p", processing="standard", input=price, cache_read=price, cache_write=price,
                    cache_write_1h=price, output=price, source="", as_of=TODAY)  # fmt: skip


def test_a_plan_prices_the_spread_of_its_prompts():
    spread = {"prompt_tokens": 200_000, "output_tokens": 1_000, "prompt_cv": 0.5}
    cost = 0.2 * (1.25 + 1.25 * 0.593364) + 1e-3 * (10 + 5 * 0.406636)
    result = evaluate(plan(spread))
    assert float(result.metrics["gross_burn_usd_per_month"]) == pytest.approx(1_000 * cost, rel=1e-5)


@pytest.mark.parametrize(("cache", "usd"), [
    ({}, 3.75), ({"lifetime": "1h"}, 6.0), ({"write_1h_share": 0.25}, 4.3125), ({"lifetime": "none"}, 3.0),
])  # fmt: skip
def test_a_cache_write_has_the_price_of_its_lifetime(cache, usd):
    workload = {"prompt_tokens": 10_000, "output_tokens": 0, "cache": {"prefix_write_share": 1.0, **cache}}
    result = evaluate(plan(workload, model="anthropic:claude-sonnet-4-5"))
    assert float(result.metrics["gross_burn_usd_per_month"]) == pytest.approx(1_000 * 0.01 * usd)


def test_each_meter_is_billed_per_call_and_stands_on_a_line_of_its_own():
    workload = {
        "prompt_tokens": 1_000,
        "output_tokens": 0,
        "meters": {"web_search": 0.4, "container_hours": 0.1},
    }
    result = evaluate(
        plan(workload, model="anthropic:claude-sonnet-4-5", meter_usd={"container_hours": 0.05})
    )
    lines = {item.name: float(item.usd_per_month) for item in result.line_items}
    assert lines["web searches"] == pytest.approx(4.0)
    assert lines["container hours"] == pytest.approx(5.0)
    assert float(result.metrics["gross_burn_usd_per_month"]) == pytest.approx(3.0 + 9.0)


def test_sound_comes_on_top_of_the_text_and_has_its_own_price():
    workload = {
        "prompt_tokens": 100,
        "output_tokens": 0,
        "meters": {"audio_in_tokens": 1_000, "output_audio_tokens": 200},
    }
    result = evaluate(plan(workload, model="openai:gpt-realtime"))
    expected = (100 * 4 + 1_000 * 32 + 200 * 64) / 1e6
    assert float(result.metrics["gross_burn_usd_per_month"]) == pytest.approx(1_000 * expected)


def test_a_meter_without_a_price_is_refused_with_its_model():
    workload = {"prompt_tokens": 1, "meters": {"code_executions": 1, "moon_phases": 2, "web_searches": 0}}
    with pytest.raises(ScenarioError) as caught:
        evaluate(plan(workload))
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 2
    assert all("has no price for google:gemini-2.5-pro" in line for line in told)


def test_a_meter_beside_own_gpus_costs_what_the_scenario_states():
    table = {
        "schema": 1,
        "deployments": {"own": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "meter_usd": {"web_searches": 0.01}}},
        "workloads": {"chat": {"requests_per_month": 1_000, "routing": {"tiers": ["own"]}, "meters": {"web_searches": 2}}},
    }  # fmt: skip
    lines = {item.name: float(item.usd_per_month) for item in evaluate(Scenario.from_table(table)).line_items}
    assert lines["web searches"] == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("model", "workload", "start", "words"),
    [
        ("openai:gpt-4o", {"prompt_tokens": 200_000}, "2026-12", "reads at most 128,000 tokens; a prompt has 200,000"),
        ("openai:gpt-4o", {"output_tokens": 20_000}, "2026-12", "answers with at most 16,384 tokens; an answer has 20,000"),
        ("openai:gpt-5", {}, "2026-11", "is retired in month 2, on 2026-12-11"),
        ("google:gemini-2.5-pro", {}, "2027-01", "was retired on 2026-12-01"),
        ("openai:gpt-4o-2024-05-13", {}, "2024-03", "did not exist before 2024-05-13"),
        ("openai:gpt-realtime", {}, "2026-12", "works on sound"),
        ("google:gemini-3.1-pro-preview", {"cache": {"prefix_write_share": 0.2, "lifetime": "1h"}}, "2026-12", "cache writes of an hour"),
    ],
)  # fmt: skip
def test_what_a_model_cannot_do_is_told_with_the_numbers(model, workload, start, words):
    told = evaluate(plan(workload, model=model).with_value("company.start", start)).warnings
    assert any(words in line and model in line for line in told), told


def test_a_model_within_its_limits_says_nothing_of_them():
    workload = {"prompt_tokens": 10, "output_tokens": 10, "meters": {"input_audio_tokens": 5}}
    assert evaluate(plan(workload, model="openai:gpt-realtime")).warnings == ()
