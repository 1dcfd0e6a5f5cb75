"""What is agreed with vendors: units of capacity by their published rules, committed spend, meters by quantity."""

import numpy as np
import pytest

from planner.catalog.unit_offers import offers_of, unit_offer
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.model.company.provisioned import carried_share
from planner.schema import Scenario

MINUTES_PER_MONTH = 60 * 730


def plan(deployment, workload=(), **sections):
    """Return a plan of one deployment and one workload, whose load never varies unless it says so."""
    return Scenario.from_table({
        "company": {"horizon_months": 6}, **sections,
        "deployments": {"api": {"kind": "api", **deployment}},
        "workloads": {"ask": {"context_tokens": 0, "peak_to_mean": 1, "routing": {"tiers": ["api"]}, **dict(workload)}},
    })  # fmt: skip


def per_minute(count, *, prompt, answer, **more):
    return {
        "requests_per_month": count * MINUTES_PER_MONTH,
        "prompt_tokens": prompt,
        "output_tokens": answer,
        **more,
    }


def units(model, offer, workload, **more):
    found = evaluate(
        plan({"model": model, "provisioned": {"offer": offer, "peak_share": 1, **more}}, workload)
    )
    return float(found.deployments["api"].units)


def line(result, name):
    return float(sum(item.usd_per_month for item in result.line_items if item.name == name))


@pytest.mark.parametrize(
    ("model", "load", "sold"),
    [
        ("azure:gpt-4.1", per_minute(60, prompt=1_000, answer=200), 40),
        ("azure:gpt-5", per_minute(60, prompt=1_000, answer=200), 35),
        ("azure:gpt-5.2", per_minute(1_000, prompt=200, answer=20), 110),
        ("azure:gpt-5.2", per_minute(1_000, prompt=200, answer=20, cache={"prefix_hit_share": 0.5}), 80),
        ("azure:gpt-4.1", per_minute(1, prompt=100, answer=10), 15),
    ],
)
def test_azure_sells_as_many_units_as_its_sizing_page_says(model, load, sold):
    """60 requests a minute of 1,000 in and 200 out on gpt-4.1: 60 (1,000 + 4 x 200) / 3,000 = 36, sold in steps of 5."""
    assert units(model, "azure-global", load) == sold


def test_the_peak_decides_how_many_units_are_needed():
    load = per_minute(60, prompt=1_000, answer=200, peak_to_mean=2)
    assert units("azure:gpt-4.1", "azure-global", load) == 75  # 72 needed


def test_google_counts_sound_and_answers_by_their_burndown():
    """10 queries a second of 1,000 text and 500 audio tokens in and 300 out: 5,700 each, 57,000 a second, 17 units."""
    load = per_minute(600, prompt=1_000, answer=300, meters={"input_audio_tokens": 500})
    deployment = {"model": "google:gemini-2.0-flash", "meter_usd": {"input_audio_tokens": 0}}
    units = {"offer": "vertex-global", "peak_share": 1, "term": "month"}
    found = evaluate(plan({**deployment, "provisioned": units}, load)).deployments["api"]
    assert (float(found.units), float(found.units_usd_per_month)) == (17, 17 * 2_700)


def test_a_cached_token_of_gemini_counts_a_tenth():
    load = per_minute(60, prompt=10_000, answer=0, cache={"prefix_hit_share": 1.0})
    plain = per_minute(60, prompt=1_000, answer=0)
    of = {"model": "google:gemini-2.5-pro"}
    said = {"offer": "vertex-global", "units": 100, "term": "year"}
    used = [
        float(evaluate(plan({**of, "provisioned": said}, each)).deployments["api"].units_used_share)
        for each in (load, plain)
    ]
    assert used[0] == pytest.approx(used[1])
    assert used[0] == pytest.approx(60 * 1_000 / (100 * 39_000))


def test_a_long_prompt_burns_at_the_long_rates():
    """Gemini 2.5 Pro above 200,000 tokens: input counts 2, output 12."""
    load = per_minute(1, prompt=250_000, answer=1_000)
    said = {"offer": "vertex-global", "units": 100, "term": "month"}
    found = evaluate(plan({"model": "google:gemini-2.5-pro", "provisioned": said}, load))
    used = float(found.deployments["api"].units_used_share)
    assert used == pytest.approx((2 * 250_000 + 12 * 1_000) / (100 * 39_000))


@pytest.mark.parametrize(
    ("term", "share"), [("month", 0.978), ("3 months", 0.870), ("year", 0.725), ("week", 1.890)]
)
def test_units_of_claude_opus_pay_from_a_use_that_depends_on_the_term(term, share):
    """210 tokens a second for a month are worth 2,759.40 at 5 USD a million: a month's 2,700 need 97.8 % of it."""
    price = {"input_usd_per_mtok": 5, "output_usd_per_mtok": 25}
    said = {"offer": "vertex-global", "units": 35, "term": term}
    deployment = {"model": "google:claude-opus-4-8", "price": price, "provisioned": said}
    found = evaluate(plan(deployment, per_minute(60, prompt=1_000, answer=0))).deployments["api"]
    assert float(found.units_break_even_share) == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(("wanted", "beyond"), [(500, 0), (600, 100)])
def test_units_beyond_a_reservation_are_paid_by_the_hour(wanted, beyond):
    said = {"offer": "azure-global", "units": wanted, "reserved_units": 500, "term": "month"}
    found = evaluate(plan({"model": "azure:gpt-5", "provisioned": said}))
    assert line(found, "provisioned capacity") == pytest.approx(500 * 260 + beyond * 730)


def test_a_quarter_of_an_hour_of_units_costs_a_quarter():
    said = {"offer": "azure-global", "units": 300, "hours_per_month": 0.25}
    found = evaluate(plan({"model": "azure:gpt-5", "provisioned": said}))
    assert line(found, "provisioned capacity") == pytest.approx(75.0)


@pytest.mark.parametrize(("term", "saved"), [("month", 0.644), ("year", 0.697)])
def test_a_reservation_saves_what_azure_says(term, saved):
    offer = unit_offer("azure-global", "azure:gpt-5")
    assert 1 - offer.usd_per_month[term] / (offer.usd_per_hour * 730) == pytest.approx(saved, abs=1e-3)


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("aws:anthropic.claude-haiku-4-5-20251001-v1:0", 730 * (100 * 0.06 + 10 * 0.30)),
        ("aws:anthropic.claude-sonnet-4-6-v1:0", 19_710),
        ("aws:anthropic.claude-opus-4-6-v1:0", 730 * (100 * 0.30 + 10 * 1.50)),
    ],
)
def test_the_smallest_reserved_purchase_at_bedrock(model, usd):
    price = {"input_usd_per_mtok": 3, "output_usd_per_mtok": 15}
    said = {"offer": "bedrock-reserved", "peak_share": 1, "term": "month"}
    load = per_minute(1, prompt=100, answer=10)
    found = evaluate(plan({"model": model, "price": price, "provisioned": said}, load))
    assert line(found, "provisioned capacity") == pytest.approx(usd)


def test_where_outputs_are_sold_apart_the_scarcer_kind_decides():
    """A day of GPT-5 input units is 75 USD, of output units 60; two carry 50,000 in and 5,000 out a minute."""
    said = {"offer": "openai-scale", "units": 2, "output_units": 1, "term": "month"}
    load = per_minute(50, prompt=1_000, answer=100)
    found = evaluate(plan({"model": "openai:gpt-5", "provisioned": said}, load)).deployments["api"]
    assert float(found.units_carry_share) == pytest.approx(0.5)
    assert float(found.units_usd_per_month) == pytest.approx((2 * 75 + 60) * 365 / 12)


def test_a_reserved_tier_costs_the_larger_of_what_is_bought_and_used():
    """Bought in USD a minute at list price, GPT-5 by the token 0.01 USD a request; 100 a minute are worth 1 USD."""
    of = {"model": "openai:gpt-5", "price": {"input_usd_per_mtok": 10, "output_usd_per_mtok": 0}}
    said = {"offer": "openai-reserved", "units": 2}
    for count, usd in ((100, 2), (200, 2), (300, 3)):
        found = evaluate(plan({**of, "provisioned": said}, per_minute(count, prompt=1_000, answer=0)))
        burn = float(found.metrics["gross_burn_usd_per_month"])
        assert burn == pytest.approx(usd * MINUTES_PER_MONTH)


def test_what_units_do_not_carry_is_billed_by_the_token_and_searches_always_are():
    of = {"model": "openai:gpt-5", "price": {"input_usd_per_mtok": 1, "output_usd_per_mtok": 0}}
    said = {"units": 1, "tokens_per_s_per_unit": 10}
    load = {
        "requests_per_month": 730 * 3_600,
        "prompt_tokens": 40,
        "output_tokens": 0,
        "meters": {"web_search": 1},
    }
    found = evaluate(plan({**of, "provisioned": said, "meter_usd": {"web_search": 0.01}}, load))
    assert line(found, "input tokens") == pytest.approx(0.75 * 730 * 3_600 * 40 / 1e6)
    assert line(found, "web searches") == pytest.approx(0.01 * 730 * 3_600)


def test_what_units_do_not_carry_gets_no_answer_where_it_is_refused():
    """Half of the requests is carried: nothing is billed by the token, half of the revenue is lost, half of what was solved fails."""
    said = {"units": 1, "tokens_per_s_per_unit": 20, "usd_per_unit_hour": 1, "beyond": "refused"}
    deployment = {"model": "openai:gpt-5", "provisioned": said, "success_share": 0.8}
    load = {
        "requests_per_month": 730 * 3_600,
        "prompt_tokens": 40,
        "output_tokens": 0,
        "outcome": {"failure_usd": 0.01},
    }
    found = evaluate(plan(deployment, load, revenue={"usd_per_request": 0.002}))
    requests = 730 * 3_600
    assert float(found.metrics["success_share"]) == pytest.approx(0.4)
    assert float(found.months.revenue_usd[0]) == pytest.approx(requests * 0.001)
    assert line(found, "input tokens") == 0
    burn = 730 + requests * 0.6 * 0.01
    assert float(found.metrics["gross_burn_usd_per_month"]) == pytest.approx(burn)
    assert sum(float(item.usd_per_month) for item in found.line_items) == pytest.approx(burn)
    assert float(found.months.cash_end_usd) == pytest.approx(6 * (requests * 0.001 - burn))
    assert float(found.months.cash_usd[-1]) == pytest.approx(6 * (requests * 0.001 - burn))


def test_the_hours_of_a_profile_decide_what_units_carry():
    """Half a day at 1.5, half at 0.5 of the mean: two units of one second's mean each carry all, one carries 3/4."""
    profile = [1.5] * 12 + [0.5] * 12
    load = {"requests_per_month": 730 * 3_600, "prompt_tokens": 40, "output_tokens": 0, "profile": profile}
    for units, share in ((1, 0.75), (2, 1.0)):
        said = {"units": units, "tokens_per_s_per_unit": 40}
        found = evaluate(plan({"model": "openai:gpt-5", "provisioned": said}, load)).deployments["api"]
        assert float(found.units_carry_share) == pytest.approx(share)
    said = {"units": 2, "tokens_per_s_per_unit": 40, "hours_per_month": 365}
    found = evaluate(plan({"model": "openai:gpt-5", "provisioned": said}, load)).deployments["api"]
    assert float(found.units_carry_share) == pytest.approx(0.75)
    sized = {"peak_share": 1, "tokens_per_s_per_unit": 5}
    found = evaluate(plan({"model": "openai:gpt-5", "provisioned": sized}, load)).deployments["api"]
    assert float(found.units) == 12  # 40 x 1.5 / 5


def test_units_that_stand_in_the_busy_hours_carry_what_falls_in_them():
    """Load rises from 0 to 100 over the sorted hours: the busiest half holds 3/4 of it, 50 carry 50 x 1/2 = half of all."""
    of = {"mean_load": 50.0, "peak_load": 100.0, "open_share": 0.5}
    assert float(carried_share(capacity=100.0, **of)) == pytest.approx(0.75)
    assert float(carried_share(capacity=50.0, **of)) == pytest.approx(0.5)


def test_what_is_missing_to_a_committed_spend_is_paid():
    of = {"model": "own", "price": {"input_usd_per_mtok": 1, "output_usd_per_mtok": 0}}
    load = {"requests_per_month": 1e6, "prompt_tokens": 50, "output_tokens": 0}
    found = evaluate(plan({**of, "committed": {"usd_per_month": 100}}, load))
    assert line(found, "committed, not spent") == pytest.approx(50)
    cheaper = evaluate(plan({**of, "committed": {"usd_per_month": 30, "discount_share": 0.2}}, load))
    assert float(cheaper.metrics["gross_burn_usd_per_month"]) == pytest.approx(40)


def test_a_commitment_counts_the_bills_of_the_deployments_it_names():
    table = {
        "deployments": {
            name: {"kind": "api", "model": name, "price": {"input_usd_per_mtok": 1, "output_usd_per_mtok": 0}} for name in "ab"
        },
        "workloads": {
            name: {"requests_per_month": 1e6, "context_tokens": 0, "prompt_tokens": 40, "output_tokens": 0,
                   "routing": {"tiers": [name]}} for name in "ab"
        },
    }  # fmt: skip
    table["deployments"]["a"]["committed"] = {
        "usd_per_month": 100,
        "discount_share": 0.1,
        "also_counts": ["b"],
    }
    found = evaluate(Scenario.from_table(table))
    assert line(found, "committed, not spent") == pytest.approx(100 - 2 * 36)


@pytest.mark.parametrize(
    ("bands", "used", "usd"),
    [
        ({"up_to": [1_000, 10_000], "prices_usd": [0.01, 0.008, 0.005]}, 15_000, 107.0),
        (
            {"rule": "volume", "up_to": [10_000], "prices_usd": [0.001, 0.0006], "fees_usd": [0, 10]},
            65_000,
            49.0,
        ),
        ({"rule": "package", "prices_usd": [1.25], "package": 1e6}, 1.5e6, 2.5),
        ({"free": 5_000}, 6_000, 14.0),
        ({"free": 5_000}, 4_000, 0.0),
    ],
)
def test_a_meter_is_charged_by_what_the_month_uses_of_it(bands, used, usd):
    of = {"model": "own", "price": {"input_usd_per_mtok": 0, "output_usd_per_mtok": 0}}
    deployment = {**of, "meter_usd": {"web_search": 0.014}, "meter_bands": {"web_search": bands}}
    load = {"requests_per_month": used / 2, "output_tokens": 0, "meters": {"web_search": 2}}
    found = evaluate(plan(deployment, load))
    assert line(found, "web searches") == pytest.approx(usd)
    assert float(found.metrics["gross_burn_usd_per_month"]) == pytest.approx(usd)


def test_a_free_amount_of_what_has_no_price_is_refused_where_it_is_used():
    deployment = {"model": "openai:gpt-5", "meter_bands": {"moon_phase": {"free": 10}}}
    assert float(evaluate(plan(deployment)).metrics["gross_burn_usd_per_month"]) == 0
    with pytest.raises(ScenarioError, match="has no price for openai:gpt-5"):
        evaluate(plan(deployment, {"requests_per_month": 1, "meters": {"moon_phase": 1}}))


def test_what_is_held_at_a_vendor_is_paid_by_the_hour():
    """Cached tokens at 4.50 USD a million and hour, a tuned model at 1.70 an hour."""
    deployment = {
        "model": "google:gemini-2.5-pro",
        "held": {"cache_mtok": 0.1, "tuned_model": 1},
        "held_usd_per_hour": {"cache_mtok": 4.5, "tuned_model": 1.7},
    }
    assert line(evaluate(plan(deployment)), "held at the vendor") == pytest.approx(730 * (0.45 + 1.7))


def test_a_surcharge_is_on_tokens_and_a_fee_on_the_whole_bill():
    load = {
        "requests_per_month": 1e6,
        "prompt_tokens": 100,
        "output_tokens": 0,
        "meters": {"web_search": 0.1},
    }
    on_top = {"tokens_x": 1.1, "usd_per_mtok": 0.25, "usd_per_call": 1e-4, "bill_share": 0.055}
    deployment = {"model": "own", "price": {"input_usd_per_mtok": 2, "output_usd_per_mtok": 0},
                  "meter_usd": {"web_search": 0.01}, "surcharge": on_top}  # fmt: skip
    burn = float(evaluate(plan(deployment, load)).metrics["gross_burn_usd_per_month"])
    assert burn == pytest.approx((100 * (2.2 + 0.25) + 100 + 1_000) * 1.055)


STACKED = {
    "deployments.api.provisioned.units": (0, 20), "deployments.api.provisioned.peak_share": (0.4, 1.2),
    "deployments.api.provisioned.reserved_units": (0, 30), "deployments.api.provisioned.hours_per_month": (200, 730),
    "deployments.api.committed.usd_per_month": (0, 60_000), "deployments.api.surcharge.tokens_x": (1.0, 1.1),
    "deployments.api.meter_bands.web_search.free": (0, 9e5), "demand.growth_share_per_month": (-0.1, 0.3),
    "workloads.ask.peak_to_mean": (1.0, 2.5), "deployments.api.held.cache_mtok": (0.0, 3.0),
}  # fmt: skip


def test_a_stack_of_commitments_equals_one_plan_at_a_time():
    deployment = {
        "model": "azure:gpt-4.1",
        "provisioned": {"offer": "azure-global", "units": 0, "term": "month", "reserved_units": 0},
        "committed": {"usd_per_month": 0, "discount_share": 0.1},
        "meter_bands": {"web_search": {"up_to": [1e6], "prices_usd": [0.01, 0.004]}},
        "held": {"cache_mtok": 0}, "held_usd_per_hour": {"cache_mtok": 1.0},
    }  # fmt: skip
    load = {
        "requests_per_customer_per_month": 9_000,
        "prompt_tokens": 900,
        "output_tokens": 150,
        "meters": {"web_search": 0.2},
    }
    base = plan(deployment, load, demand={"customers": 300}, decline={"same_model_price_x_per_year": 2})
    rng = np.random.default_rng(5)
    draws = {path: rng.uniform(*ends, 4) for path, ends in STACKED.items()}
    draws["deployments.api.provisioned.units"] = np.array([0.0, 3.0, 40.0, 0.0])
    stack = base
    for path, values in draws.items():
        stack = stack.with_value(path, values)
    together = evaluate(stack)
    for index in range(4):
        one = base
        for path in draws:
            one = one.with_value(path, float(np.asarray(stack.value(path))[index]))
        alone = evaluate(one)
        for name, value in alone.metrics.items():
            at = np.broadcast_to(together.metrics[name], 4)[index]
            assert at == pytest.approx(float(value), rel=1e-9, nan_ok=True), name
        for field in (
            "units",
            "units_carry_share",
            "units_used_share",
            "units_break_even_share",
            "usd_per_month",
        ):
            at = np.broadcast_to(getattr(together.deployments["api"], field), 4)[index]
            assert at == pytest.approx(
                float(getattr(alone.deployments["api"], field)), rel=1e-9, nan_ok=True
            ), field


def test_months_of_a_plan_with_commitments_add_up_to_its_cash():
    deployment = {"model": "azure:gpt-5", "provisioned": {"offer": "azure-global", "peak_share": 0.5}}
    load = per_minute(500, prompt=900, answer=200)
    months = evaluate(plan(deployment, load, company={"cash_usd": 1e7, "horizon_months": 8})).months
    assert float(months.cash_end_usd) == pytest.approx(float(months.cash_usd[-1]), rel=1e-12)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"offer": "azure-globl", "units": 5}, "Did you mean azure-global"),
        ({"offer": "vertex-global", "units": 5}, "lists no units for openai:gpt-5"),
        ({"offer": "azure-global", "units": 5, "term": "week"}, "Listed: hour, month, year"),
        (
            {"offer": "openai-scale", "units": 1, "term": "month", "reserved_units": 1},
            "State usd_per_unit_hour",
        ),
        ({"units": 1, "output_tokens_per_s_per_unit": 40}, "output units are sold apart"),
    ],
)
def test_units_that_nobody_sells_are_refused_in_words(said, words):
    with pytest.raises(ScenarioError, match=words):
        evaluate(plan({"model": "openai:gpt-5", "provisioned": said}))


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("azure:gpt-4.1-mini-2025-04-14", {"gpt-4.1-mini"}),
        ("azure:gpt-5-pro", set()),
        ("google:gemini-3.1-pro-preview", {"gemini-3.1-pro"}),
        ("aws:us.anthropic.claude-sonnet-4-5-20250929-v1:0", {"claude-sonnet-4-5"}),
    ],
)
def test_an_offer_is_found_by_the_model_and_never_by_a_longer_name(model, found):
    assert {each.model for each in offers_of(model)} == found
