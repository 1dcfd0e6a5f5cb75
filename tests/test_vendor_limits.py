"""What vendors let through, and by when a plan asks for more."""

import json
from datetime import date

import numpy as np
import pytest

from planner.catalog.rate_limits import tier_limits, tiers_of
from planner.cli import run
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.readout.cautions import cautions
from planner.readout.vendor_terms import first_month_over
from planner.schema import Scenario

TODAY = date(2026, 11, 28)
MINUTES_PER_MONTH = 60 * 730


def plan(limits, workload=(), model="anthropic:claude-sonnet-5", **sections):
    return Scenario.from_table({
        "company": {"horizon_months": 12}, **sections,
        "deployments": {"api": {"kind": "api", "model": model, "limits": limits}},
        "workloads": {"ask": {"context_tokens": 0, "peak_to_mean": 2, "routing": {"tiers": ["api"]}, **dict(workload)}},
    })  # fmt: skip


LOAD = {"requests_per_month": 100 * MINUTES_PER_MONTH, "prompt_tokens": 1_000, "output_tokens": 100}


def used(scenario):
    return {each.kind: float(each.peaks[0]) for each in evaluate(scenario).limits}


def test_the_busiest_hour_counts_against_each_limit_of_a_minute():
    limits = {
        "requests_per_minute": 1,
        "tokens_per_minute": 1,
        "input_tokens_per_minute": 1,
        "output_tokens_per_minute": 1,
    }
    assert used(plan(limits, LOAD)) == pytest.approx(
        {"requests": 200, "tokens": 220_000, "input_tokens": 200_000, "output_tokens": 20_000}
    )


@pytest.mark.parametrize(
    ("model", "tier", "said", "tokens"),
    [
        ("anthropic:claude-sonnet-5", "anthropic-build", {}, 120_000),
        ("anthropic:claude-sonnet-5", "anthropic-build", {"cached_tokens": "count"}, 200_000),
        ("openai:gpt-5.4", "openai-tier-2", {}, 220_000),
        ("openai:gpt-5.4", "openai-tier-2", {"cached_tokens": "free"}, 140_000),
    ],
)
def test_cached_tokens_count_where_the_vendor_says_so(model, tier, said, tokens):
    cached = {**LOAD, "cache": {"prefix_hit_share": 0.4}}
    found = used(plan({"tier": tier, **said}, cached, model=model))
    assert found.get("input_tokens", found.get("tokens")) == pytest.approx(tokens)


def test_the_calls_of_a_session_are_requests_each():
    session = {**LOAD, "session": {"calls": 5, "added_tokens": 0, "keeps_answers": False}}
    assert used(plan({"requests_per_minute": 1}, session)) == pytest.approx({"requests": 1_000})


def test_a_plan_that_grows_into_a_limit_says_in_which_month():
    """100 requests a minute at the peak grow by a fifth a month: 248.8 in month 6, 298.6 in month 7."""
    load = {"requests_per_customer_per_month": MINUTES_PER_MONTH / 2, "prompt_tokens": 10, "output_tokens": 1}
    growing = plan(
        {"requests_per_minute": 250}, load, demand={"customers": 100, "growth_share_per_month": 0.2}
    )
    result = evaluate(growing)
    assert [first_month_over(each) for each in result.limits] == [7]
    told = [line for line in cautions(growing, result, on=TODAY) if line.startswith("api: needs")]
    assert told == ["api: needs 299 requests a minute, the limit is 250, exceeded from month 7"]


def test_a_change_that_lifts_the_limit_in_time_is_seen():
    load = {"requests_per_customer_per_month": MINUTES_PER_MONTH / 2, "prompt_tokens": 10, "output_tokens": 1}
    lifted = [{"month": 5, "set": {"deployments.api.limits.requests_per_minute": 2_000}}]
    growing = plan(
        {"requests_per_minute": 250},
        load,
        demand={"customers": 100, "growth_share_per_month": 0.2},
        change=lifted,
    )
    assert [first_month_over(each) for each in evaluate(growing).limits] == [None]


def test_a_spend_limit_is_a_month_s_bill():
    limits = {"usd_per_month": 100}
    found = evaluate(plan(limits, LOAD)).limits[0]
    assert float(found.peaks[0]) == pytest.approx(100 * MINUTES_PER_MONTH * (1_000 * 2 + 100 * 10) / 1e6)


def test_a_stack_of_limits_equals_one_plan_at_a_time():
    load = {"requests_per_customer_per_month": MINUTES_PER_MONTH / 2, "prompt_tokens": 10, "output_tokens": 1}
    base = plan({"requests_per_minute": 250}, load, demand={"customers": 100, "growth_share_per_month": 0.2})
    stack = base.with_value("deployments.api.limits.requests_per_minute", np.array([90.0, 250.0, 9e8]))
    months = evaluate(stack).limits[0].first_month
    assert months == pytest.approx([1, 7, np.nan], nan_ok=True)


def test_nothing_is_limited_where_nothing_is_said():
    assert evaluate(plan({}, LOAD)).limits == ()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"tier": "anthropic-buld"}, "Did you mean anthropic-build"),
        ({"tier": "openai-tier-1"}, "has no limits for anthropic:"),
    ],
)
def test_a_tier_that_is_not_listed_is_refused_in_words(limits, words):
    with pytest.raises(ScenarioError, match=words):
        evaluate(plan(limits, LOAD))


def test_a_model_of_a_family_has_the_limits_of_its_family():
    assert tier_limits("anthropic-scale", "anthropic:claude-fable-5-1").limits["requests"] == 4_000
    assert {each.tier for each in tiers_of("google:gemini-3-flash")} == {
        "google-tier-1",
        "google-tier-2",
        "google-tier-3",
    }
    assert tiers_of("openai:gpt-5-mini-2025-08-07")[0].limits["tokens"] == 500_000


def test_a_deployment_says_where_its_units_and_limits_are_from():
    units = {"offer": "azure-global", "units": 15}
    table = {"deployments": {"api": {"kind": "api", "model": "azure:gpt-4.1", "provisioned": units,
                                     "limits": {"tier": "azure-global-standard"}}}, "workloads": {}}  # fmt: skip
    notes = " ".join(evaluate(Scenario.from_table(table)).deployments["api"].notes)
    assert "units: azure-global, Azure retail prices 2026-08-11" in notes
    assert "limits: azure-global-standard, learn.microsoft.com" in notes


def test_prices_of_a_model_show_its_units_of_capacity_and_limits(capsys):
    assert run(["prices", "azure:gpt-4.1", "--json", "--on", "2026-11-28"]) == 0
    found = json.loads(capsys.readouterr().out)["model"]
    assert [each["name"] for each in found["units_of_capacity"]] == [
        "azure-global",
        "azure-data-zone",
        "azure-regional",
    ]
    assert found["limits_by_tier"][0]["limits"] == {"requests": 5_000, "tokens": 5_000_000}
    assert run(["prices", "azure:gpt-4.1", "--on", "2026-11-28"]) == 0
    text = capsys.readouterr().out
    assert "$1.00 an hour, $260.00 a month (month), $221.00 a month (year)" in text
    assert max(map(len, text.splitlines())) <= 100
