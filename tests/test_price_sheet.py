"""Every price of a model at one moment: what counted units cost, and what has no price."""

from datetime import UTC, date, datetime

import genai_prices
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.catalog.api_offers import find_offer, offers
from planner.catalog.model_prices import ModelPrices, model_prices
from planner.catalog.price_sheet import UNITS, PriceSheet, price_sheet, steps
from planner.catalog.processing import processing_of
from planner.usage.call import Call
from planner.usage.pricing import price, price_steps

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOON_S = NOON.timestamp()
TODAY = date(2026, 11, 28)
OFFERS = [offer for offer in offers() if offer.is_own]


def sheet_of(name, processing="standard", at=NOON):
    found = price_sheet(find_offer(name), processing, at)
    assert isinstance(found, PriceSheet), found
    return found


@settings(max_examples=400, deadline=None)
@given(
    place=st.integers(0, len(OFFERS) - 1),
    hour=st.integers(0, 23),
    prompt=st.integers(0, 1_500_000),
    cached=st.floats(0, 0.4),
    output=st.integers(0, 200_000),
    searches=st.integers(0, 5),
)
def test_any_model_of_the_list_costs_what_genai_prices_says(*, place, hour, prompt, cached, output, searches):
    usage = {
        "input_tokens": prompt, "cache_read_tokens": int(prompt * cached), "cache_write_tokens": int(prompt * cached),
        "cache_write_1h_tokens": int(prompt * cached / 2), "output_tokens": output, "output_reasoning_tokens": output // 2,
        "web_searches": searches, "requests": 1,
    }  # fmt: skip
    at = NOON.replace(hour=hour)
    offer = OFFERS[place]
    sheet = price_sheet(offer, "standard", at)
    assume(isinstance(sheet, PriceSheet))
    known = {name: count for name, count in usage.items() if name != "requests"}
    theirs = offer.model.calc_price(genai_prices.Usage(**known), offer.provider, genai_request_timestamp=at)
    ours = float(sheet.bill(usage, prompt_tokens=prompt).total_usd)
    assert ours == pytest.approx(
        float(theirs["total_price"] if isinstance(theirs, dict) else theirs.total_price)
    )


def test_all_59_units_of_the_list_can_be_counted():
    assert len(UNITS) == 59
    assert {key for offer in OFFERS for key in sheet_keys(offer)} <= set(UNITS)


def sheet_keys(offer):
    found = price_sheet(offer, "standard", NOON)
    return found.prices if isinstance(found, PriceSheet) else {}


def test_a_prompt_one_token_over_the_step_reprices_the_whole_request():
    bill = [sheet_of("google:gemini-2.5-pro").bill({"input_tokens": n, "output_tokens": 1_000}, prompt_tokens=n)
            for n in (200_000, 200_001)]  # fmt: skip
    assert float(bill[0].total_usd) == pytest.approx(200_000 * 1.25e-6 + 1_000 * 10e-6)
    assert float(bill[1].total_usd) == pytest.approx(200_001 * 2.5e-6 + 1_000 * 15e-6)
    assert steps(find_offer("google:gemini-2.5-pro")) == (200_000,)


def test_a_stack_of_requests_costs_what_one_at_a_time_does():
    lengths = np.array([1_000.0, 199_000.0, 200_000.0, 200_001.0, 900_000.0])
    sheet = sheet_of("google:gemini-2.5-pro")
    stacked = sheet.bill({"input_tokens": lengths, "output_tokens": 50.0}, prompt_tokens=lengths).total_usd
    single = [
        sheet.bill({"input_tokens": n, "output_tokens": 50.0}, prompt_tokens=n).total_usd for n in lengths
    ]
    assert stacked == pytest.approx(np.array(single), rel=1e-15)


def test_one_hour_writes_cost_their_own_price():
    call = Call(
        at_s=NOON_S, model="claude-sonnet-4-5", fresh=100, cache_read=8_000, cache_write_1h=10_000, answer=300
    )
    found = price(call, today=TODAY)
    assert found.list_usd == pytest.approx((100 * 3 + 8_000 * 0.3 + 10_000 * 6 + 300 * 15) / 1e6)
    assert found.cache_usd == pytest.approx((8_000 * 0.3 + 10_000 * 6) / 1e6)


def test_searches_are_in_the_price_and_a_meter_without_one_is_named_with_its_model():
    call = Call(at_s=NOON_S, model="claude-sonnet-4-5", fresh=2_800, answer=1_000,
                meters={"web_searches": 3.0, "code_executions": 2.0})  # fmt: skip
    found = price(call, today=TODAY)
    assert found.list_usd == pytest.approx(0.0534)
    assert found.unpriced == ("no price for code executions of anthropic:claude-sonnet-4-5",)


def test_audio_without_a_price_of_its_own_is_told():
    call = Call(
        at_s=NOON_S, model="gpt-4o-audio-preview", fresh=1_100, answer=1_200, audio_in=100, audio_out=1_000
    )
    assert any("audio tokens" in mark for mark in price(call, today=TODAY).marks)


def test_audio_with_a_price_of_its_own_is_taken_out_of_the_text():
    call = Call(at_s=NOON_S, model="gpt-realtime", fresh=1_100, answer=200, audio_in=1_000, audio_out=100)
    prices = sheet_of("openai:gpt-realtime").prices
    expected = (100 * prices["input_tokens"].usd + 1_000 * prices["input_audio_tokens"].usd
                + 100 * prices["output_tokens"].usd + 100 * prices["output_audio_tokens"].usd) / 1e6  # fmt: skip
    assert price(call, today=TODAY).list_usd == pytest.approx(expected)


@pytest.mark.parametrize(
    ("tier", "usd"), [("", 0.16875), ("default", 0.16875), ("flex", 0.084375), ("priority", 0.3375)]
)
def test_each_tier_has_its_own_price(tier, usd):
    call = Call(at_s=NOON_S, model="gpt-5", tier=tier, fresh=50_000, cache_read=50_000, answer=10_000)
    assert price(call, today=TODAY).list_usd == pytest.approx(usd)


@pytest.mark.parametrize(
    ("model", "seller", "tier", "words"),
    [
        ("claude-sonnet-4-5", "", "priority", "no priority price"),
        ("gpt-4o", "azure", "batch", "no batch price for azure:gpt-4o"),
        ("gpt-5", "", "scale", "reserved capacity"),
        ("gpt-5", "", "hyperspeed", "no hyperspeed price"),
        ("meta-llama/Llama-3.1-8B-Instruct", "hosted_vllm", "", "own servers"),
        ("", "", "", "no model is named"),
    ],
)
def test_a_tier_or_model_without_a_price_is_a_reason_and_never_another_price(model, seller, tier, words):
    found = price(Call(at_s=NOON_S, model=model, seller=seller, tier=tier, fresh=10.0), today=TODAY)
    assert np.isnan(found.list_usd)
    assert words in found.reason


def test_a_tier_before_its_first_price_has_that_and_a_mark():
    early = datetime(2026, 9, 8, tzinfo=UTC).timestamp()
    found = price(Call(at_s=early, model="gpt-5", tier="batch", fresh=1e6), today=TODAY)
    assert found.list_usd == pytest.approx(0.625)
    assert "not known before 2026-10-14" in found.marks[0]


def test_the_price_is_that_of_the_day_and_of_the_half_hour():
    o3 = [datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 6, 20, tzinfo=UTC)]
    by_day = [price(Call(at_s=day.timestamp(), model="o3", fresh=1e6), today=TODAY).list_usd for day in o3]
    assert by_day == pytest.approx([10.0, 2.0])
    clock = [datetime(2026, 11, 20, 0, minute, tzinfo=UTC).timestamp() for minute in (29, 30)]
    by_time = [
        price(Call(at_s=at, model="deepseek-chat", fresh=1e4, answer=1e3), today=TODAY).list_usd
        for at in clock
    ]
    assert by_time == pytest.approx([0.0019, 0.0038])


def test_many_calls_in_one_row_have_the_mean_price_of_the_day():
    found = price(
        Call(at_s=NOON_S, model="deepseek-chat", fresh=1e5, answer=1e4, count=10, span_s=86_400), today=TODAY
    )
    assert found.list_usd == pytest.approx(0.019 * (1 / 3) + 0.038 * (2 / 3))
    assert "averaged over the day" in found.marks[0]


def test_many_calls_in_one_row_are_priced_at_their_mean_length():
    model = {"at_s": NOON_S, "model": "gemini-2.5-pro", "count": 2.0}
    short = price(Call(fresh=390_000, **model), today=TODAY)
    long = price(Call(fresh=390_000, prompt_above=200_000, **model), today=TODAY)
    assert (short.list_usd, long.list_usd) == pytest.approx((0.4875, 0.975))


def test_steps_of_several_models_are_told_together():
    names = [("gpt-5.4", ""), ("gemini-2.5-pro", ""), ("nobody", ""), ("gpt-4o", "")]
    assert price_steps(names) == [200_000, 272_000]


def test_a_refund_and_a_cached_answer_cost_nothing():
    for outcome in ("refund", "cache_hit", "rate_limited"):
        assert (
            price(Call(at_s=NOON_S, model="gpt-4o", fresh=1e6, outcome=outcome), today=TODAY).list_usd == 0.0
        )


@pytest.mark.parametrize(
    ("word", "processing"),
    [
        ("Batch", "batch"),
        ("message_batch", "batch"),
        ("true", "batch"),
        ("FLEX", "flex"),
        ("service_tier_fast", "fast"),
        ("GlobalStandard", "standard"),
        ("ON_DEMAND", "standard"),
        ("PROVISIONED_THROUGHPUT", "capacity"),
        ("", "standard"),
    ],
)
def test_words_for_tiers_are_understood(word, processing):
    assert processing_of(word) == processing


def test_all_prices_of_a_model_are_shown_by_meter_tier_and_step():
    found = model_prices("gpt-5.4", on=TODAY)
    assert isinstance(found, ModelPrices)
    lines = {(line.unit, line.above_tokens): line.usd for line in found.lines}
    assert lines["input_tokens", 272_000]["standard"] == 5.0
    assert lines["output_tokens", 0]["batch"] == 7.5
    assert lines["web_searches", 0]["flex"] == 10.0
    assert (found.context_tokens, found.answer_tokens, found.checked) == (
        1_050_000,
        128_000,
        date(2026, 3, 6),
    )


def test_all_prices_of_a_model_are_shown_by_the_hour():
    found = model_prices("deepseek:deepseek-v4-pro", on=TODAY)
    assert isinstance(found, ModelPrices)
    hours = {line.hours: line.usd["standard"] for line in found.lines if line.unit == "input_tokens"}
    assert hours["01:00-04:00, 06:00-10:00 UTC"] == 1.32
    assert len(hours) == 2
