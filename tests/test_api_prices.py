"""API prices: what one request costs, and what the price list says on a day."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import genai_prices
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog import rate_cache
from planner.catalog.api_prices import (
    _timeline,
    api_rates,
    find_prices,
    overridden,
    rate_epochs,
    user_rates,
)
from planner.errors import ScenarioError
from planner.model.request.api_cost import request_usd

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BATCH, FLEX = {"processing": "batch"}, {"service_tier": "flex"}
CASES = [
    ("openai:gpt-4o", "standard", {}),
    ("openai:gpt-4o", "batch", BATCH),
    ("openai:gpt-4o", "priority", {"service_tier": "priority"}),
    ("openai:gpt-4o-mini", "standard", {}),
    ("openai:gpt-5.4", "standard", {}),
    ("openai:gpt-5.4", "flex", FLEX),
    ("openai:gpt-6-sol", "batch", BATCH),
    ("openai:gpt-6-sol", "fast", {"service_tier": "fast"}),
    ("anthropic:claude-opus-5-5", "standard", {}),
    ("anthropic:claude-opus-5-5", "fast", {"speed": "fast"}),
    ("anthropic:claude-haiku-5-5", "standard", {}),
    ("anthropic:claude-haiku-5-5", "batch", BATCH),
    ("google:gemini-2.5-pro", "standard", {}),
    ("google:gemini-2.5-pro", "batch", BATCH),
    ("google:gemini-4-argon", "standard", {}),
    ("mistral:mistral-large", "standard", {}),
    ("x-ai:grok-4.5", "standard", {}),
    ("azure:gpt-5.4", "standard", {}),
    ("perplexity:sonar", "standard", {}),
]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv(rate_cache.CACHE_FOLDER_VARIABLE, str(tmp_path_factory.mktemp("cache")))
    _timeline.cache_clear()


def price_of_package(model, context, at=NOON, **tokens):
    provider, _, name = model.partition(":")
    return genai_prices.calc_price(
        genai_prices.Usage(**tokens),
        name,
        provider_id=provider,
        price_context=context,
        genai_request_timestamp=at,
    ).total_price


@pytest.mark.parametrize(("model", "tier", "context"), CASES)
@settings(max_examples=25, deadline=None)
@given(
    prompt=st.integers(0, 1_000_000),
    read_share=st.floats(0, 0.5),
    write_share=st.floats(0, 0.5),
    output=st.integers(0, 100_000),
)
def test_a_request_costs_what_genai_prices_says(
    *, model, tier, context, prompt, read_share, write_share, output
):
    tokens = {
        "input_tokens": prompt,
        "cache_read_tokens": int(prompt * read_share),
        "cache_write_tokens": int(prompt * write_share),
        "output_tokens": output,
    }
    ours = request_usd(api_rates(model, on=TODAY, processing=tier), **tokens)
    expected = price_of_package(model, context, **tokens)
    assert float(ours.total_usd) == pytest.approx(float(expected), rel=1e-12, abs=1e-15)


def test_a_one_hour_cache_write_costs_what_genai_prices_says():
    expected = price_of_package(
        "anthropic:claude-opus-5-5",
        {},
        input_tokens=9_000,
        cache_write_tokens=8_000,
        cache_write_1h_tokens=6_000,
        output_tokens=0,
    )
    rates = api_rates("anthropic:claude-opus-5-5", on=TODAY)
    ours = request_usd(
        rates, input_tokens=9_000, cache_write_tokens=2_000, cache_write_1h_tokens=6_000, output_tokens=0
    )
    assert ours.total_usd == pytest.approx(float(expected), rel=1e-12)


def test_ten_million_requests_on_two_models_cost_42750_usd():
    small = request_usd(api_rates("openai:gpt-4o-mini", on=TODAY), input_tokens=3_000, output_tokens=500)
    large = request_usd(api_rates("openai:gpt-4o", on=TODAY), input_tokens=3_000, output_tokens=500)
    assert 10e6 * (0.7 * small.total_usd + 0.3 * large.total_usd) == pytest.approx(42_750, rel=1e-12)


def test_a_prompt_one_token_over_the_tier_pays_the_higher_price_for_all_its_tokens():
    rates = api_rates("openai:gpt-5.4", on=TODAY)
    cost = request_usd(rates, input_tokens=np.array([272_000.0, 272_001.0]), output_tokens=1_000.0)
    assert cost.input_usd == pytest.approx([272_000 * 2.5e-6, 272_001 * 5e-6])
    assert cost.output_usd == pytest.approx([0.015, 0.0225])


def test_the_whole_prompt_picks_the_tier_also_when_most_of_it_is_cached():
    rates = api_rates("openai:gpt-5.4", on=TODAY)
    cost = request_usd(rates, input_tokens=300_000, cache_read_tokens=299_000, output_tokens=0)
    assert cost.cache_read_usd == pytest.approx(299_000 * 0.5e-6)


def test_a_stack_of_requests_costs_the_same_as_one_at_a_time():
    rates = api_rates("anthropic:claude-haiku-5-5", on=TODAY)
    prompt = np.array([10.0, 99_000.0, 100_000.0, 100_001.0, 250_000.0])[:, None]
    output = np.array([0.0, 17.0, 4_000.0])
    stacked = request_usd(rates, input_tokens=prompt, cache_read_tokens=prompt / 2, output_tokens=output)
    for row, one_prompt in enumerate(prompt[:, 0]):
        for column, one_output in enumerate(output):
            one = request_usd(
                rates, input_tokens=one_prompt, cache_read_tokens=one_prompt / 2, output_tokens=one_output
            )
            assert stacked.total_usd[row, column] == float(one.total_usd)


def test_a_line_of_the_bill_keeps_the_shape_of_what_it_depends_on():
    rates = api_rates("openai:gpt-4o", on=TODAY)
    cost = request_usd(rates, input_tokens=np.ones((3, 1)), output_tokens=np.ones(4))
    assert (cost.input_usd.shape, cost.output_usd.shape, cost.total_usd.shape) == ((3, 1), (4,), (3, 4))


@settings(max_examples=50, deadline=None)
@given(prompt=st.floats(0, 1e6), more=st.floats(0, 1e6), output=st.floats(0, 1e5))
def test_a_longer_prompt_never_costs_less(prompt, more, output):
    rates = api_rates("openai:gpt-5.4", on=TODAY)
    short = request_usd(rates, input_tokens=prompt, output_tokens=output).total_usd
    assert request_usd(rates, input_tokens=prompt + more, output_tokens=output).total_usd >= short


@pytest.mark.parametrize(
    ("model", "processing", "words"),
    [
        ("openai:gpt-5.44", "standard", "openai:gpt-5.4"),
        ("gpt5.4", "standard", "openai:gpt-5.4"),
        ("nobody:nothing", "standard", "planner prices"),
        ("openai/gpt-oss-120b", "standard", "Name one: baseten:openai/gpt-oss-120b"),
        ("openai:gpt-5.4", "overnight", "Tiers with a price: standard, flex, priority, fast, batch."),
        ("azure:gpt-5.4", "batch", "Tiers with a price: standard."),
        ("groq:whisper-large-v3", "standard", "has no price per token"),
    ],
)
def test_what_is_not_sold_is_refused_with_what_is(model, processing, words):
    with pytest.raises(ScenarioError) as caught:
        api_rates(model, on=TODAY, processing=processing)
    assert words in str(caught.value)


def test_a_tier_before_its_first_day_has_its_first_price_and_says_so():
    early = api_rates("openai:gpt-5.4", on=date(2026, 9, 1), processing="batch")
    now = api_rates("openai:gpt-5.4", on=TODAY, processing="batch")
    assert (early.input, early.output) == (now.input, now.output)
    assert "batch price not known before 2026-10-14: its first price is carried back" in early.notes
    assert not any("carried back" in note for note in now.notes)


def test_each_price_has_its_own_day_of_checking():
    old, new = (api_rates(name, on=TODAY) for name in ("openai:gpt-5.4", "openai:gpt-5.5-pro"))
    assert (old.checked, old.as_of) == (date(2026, 3, 6), date(2026, 3, 6))
    assert (new.checked, new.as_of) == (None, date(2026, 11, 9))


def test_rates_hold_every_meter_and_the_limits_of_the_model():
    rates = api_rates("openai:gpt-realtime", on=TODAY)
    assert {"input_audio_tokens", "output_audio_tokens", "cache_audio_read_tokens"} <= set(rates.meters)
    assert api_rates("anthropic:claude-sonnet-4-5", on=TODAY).meters["web_searches"].at(0) == 0.01
    assert (api_rates("openai:gpt-5", on=TODAY).context_tokens, rates.context_tokens) == (400_000, 32_000)
    assert api_rates("openai:gpt-5", on=TODAY).retired == date(2026, 12, 11)


def test_a_model_without_its_provider_is_priced_by_its_maker():
    assert api_rates("claude-opus-5-5", on=TODAY).name == "anthropic:claude-opus-5-5"


def test_a_price_that_depends_on_the_hour_is_the_mean_of_the_day():
    rates = api_rates("deepseek:deepseek-v4-pro", on=TODAY)
    hourly = [
        price_of_package("deepseek:deepseek-v4-pro", {}, at=NOON.replace(hour=hour), input_tokens=1_000_000)
        for hour in range(24)
    ]
    assert rates.input.usd_per_mtok == pytest.approx(float(sum(hourly, Decimal(0)) / 24), rel=1e-12)
    assert rates.notes == (
        "time-of-day prices, averaged over the day for a workload without a profile: input 17 h at 0.66, 7 h at 1.32",
    )


def test_a_scheduled_price_starts_in_its_month_of_the_plan():
    (first, before), (second, after) = rate_epochs(
        "google:gemini-4-argon", start=date(2026, 10, 1), months=36
    )
    assert (first, before.input.usd_per_mtok) == (0, 2.0)
    assert (second, after.input.usd_per_mtok, after.since) == (2, 4.0, date(2026, 12, 1))


def test_a_change_inside_a_month_counts_from_the_next():
    epochs = rate_epochs("google:gemini-4-argon", start=date(2026, 10, 2), months=4)
    assert [month for month, _ in epochs] == [0, 2]
    assert [
        month for month, _ in rate_epochs("google:gemini-4-argon", start=date(2026, 10, 2), months=2)
    ] == [0]


def test_a_tier_without_its_own_cache_price_says_that_the_standard_one_holds():
    rates = api_rates("openai:gpt-4.1", on=TODAY, processing="batch")
    assert rates.notes == ("no price of its own for cache read: the standard one holds",)
    assert rates.cache_read == api_rates("openai:gpt-4.1", on=TODAY).cache_read


def test_own_prices_may_be_arrays_and_a_cache_price_left_out_is_the_input_price():
    rates = user_rates(
        model="ours", input_usd_per_mtok=np.array([1.0, 2.0]), output_usd_per_mtok=4.0, as_of=TODAY
    )
    cost = request_usd(rates, input_tokens=1_000, cache_read_tokens=500, output_tokens=1_000)
    assert cost.total_usd == pytest.approx([0.005, 0.006])
    assert not rates.has_cache_read


def test_an_own_price_replaces_the_list_price_and_its_tiers():
    rates = overridden(api_rates("openai:gpt-5.4", on=TODAY), {"input": 1.5}, source="contract of 2026-09")
    cost = request_usd(rates, input_tokens=1e6, output_tokens=0.0)
    assert float(cost.input_usd) == 1.5
    assert rates.notes == ("own prices for input: contract of 2026-09",)


def test_every_price_shows_its_date_and_source():
    rows = find_prices("", on=TODAY)
    assert len(rows) > 1_000
    assert all(row.rates.as_of <= TODAY and "genai-prices" in row.rates.source for row in rows)


def test_prices_are_found_by_every_word_with_what_is_scheduled():
    (row,) = find_prices("google: argon", on=TODAY)
    assert row.name == "google:gemini-4-argon"
    ((start, later),) = row.scheduled
    assert (start, later.output.usd_per_mtok) == (date(2026, 12, 1), 20.0)


def test_the_second_start_does_not_load_the_price_package():
    code = (
        "import sys; from datetime import date; from planner.catalog.api_prices import api_rates\n"
        "print(repr(api_rates('openai:gpt-5.4', on=date(2026, 11, 23), processing='batch')))\n"
        "print('genai_prices' in sys.modules)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert [loaded for _, loaded in runs] == ["True", "False"]
    assert runs[0][0] == runs[1][0]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"stamp": "x"}', "\x00", '{"entries": 3}', "ENTRY"],
)
def test_a_spoiled_cache_is_ignored(text):
    rates = api_rates("openai:gpt-4o", on=TODAY)
    if text == "ENTRY":
        kept = json.loads(rate_cache.cache_file().read_text())
        kept["entries"]["openai:gpt-4o standard"][0][1] = {"model": "gpt-4o"}
        text = json.dumps(kept)
    rate_cache.cache_file().write_text(text)
    _timeline.cache_clear()
    assert api_rates("openai:gpt-4o", on=TODAY) == rates


def test_a_folder_that_cannot_be_written_costs_nothing(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(rate_cache.CACHE_FOLDER_VARIABLE, str(tmp_path / "file" / "below"))
    assert api_rates("openai:gpt-4o", on=TODAY).input.usd_per_mtok == 2.5
