"""Examples that others have worked out and published, each as a plan: see `worked_examples.toml`."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from planner.analysis.actuals.variance import price_volume_mix
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.model.company.use_price import Quantity, charged_usd
from planner.schema import Scenario
from planner.schema.commitment import MeterBands
from planner.usage.booked import read_booked
from planner.usage.containers import sources

GIVEN = tomllib.loads((Path(__file__).parent / "worked_examples.toml").read_text())
EXAMPLES = {each["title"]: each for each in GIVEN["example"]}


def planned(each):
    """Return the result of an example's plan; a table that it states takes the place of the base's."""
    table, own = tomllib.loads(GIVEN["base"]), tomllib.loads(each["plan"])
    merged = {**table, **{name: {**table.get(name, {}), **value} if isinstance(value, dict) else value
                          for name, value in own.items()}}  # fmt: skip
    return evaluate(Scenario.from_table(merged))


@pytest.mark.parametrize("title", [title for title, each in EXAMPLES.items() if "plan" in each])
def test_a_plan_gives_what_was_published(title):
    each = EXAMPLES[title]
    months = planned(each).months
    for name, published in each["expect"].items():
        flow = np.asarray(getattr(months, name.removesuffix("_so_far")))
        found = (np.cumsum(flow) if name.endswith("_so_far") else flow)[: len(published)]
        assert found == pytest.approx(published, abs=each["tolerance"])


@pytest.mark.parametrize("title", [title for title, each in EXAMPLES.items() if "burn" in each])
def test_the_burn_multiple_is_what_was_published(title):
    each = EXAMPLES[title]
    change = {"month": 13, "set": {"revenue.usd_per_customer_per_month": each["burn"]["new_usd"] / 12}}
    plan = Scenario.from_table(
        {
            "company": {"cash_usd": 1e9, "fixed_costs_usd_per_month": each["burn"]["burnt_usd"] / 12},
            "demand": {"customers": 1}, "change": [change],
        }
    )  # fmt: skip
    assert float(evaluate(plan).metrics["burn_multiple"]) == pytest.approx(
        each["expect"]["burn_multiple"], abs=each["tolerance"]
    )


@pytest.mark.parametrize("title", [title for title, each in EXAMPLES.items() if "spread" in each])
def test_a_spread_of_use_has_the_percentiles_that_were_published(title):
    said = EXAMPLES[title]["spread"]
    z = {0.1: 1.2815515655, 0.05: 1.6448536, 0.01: 2.326347874}[said["beyond_share"]]
    sigma = math.log(said["at"] / said["median"]) / z
    assert sigma == pytest.approx(said["log_sd"], abs=EXAMPLES[title]["tolerance"])
    use = Quantity(said["median"] * math.exp(sigma**2 / 2), cv=math.sqrt(math.expm1(sigma**2)))
    assert use.beyond(said["at"]) == pytest.approx(said["beyond_share"], abs=1e-7)
    assert use.beyond(said["median"]) == pytest.approx(0.5, abs=1e-9)


def test_two_products_split_into_price_volume_and_mix_each_as_published():
    # freemathhelp.com: budget 50 at 1.20 and 40 at 0.80, actual 60 at 1.10 and 50 at 1.00; read 2026-11-28.
    found = price_volume_mix(
        *(np.array(each) for each in ([50.0, 40.0], [1.2, 0.8], [60.0, 50.0], [1.1, 1.0]))
    )
    assert found["price"] == pytest.approx([-6.0, 10.0])
    assert found["volume"] == pytest.approx([13.3, 7.1], abs=0.06)
    assert found["mix"] == pytest.approx([-1.3, 0.9], abs=0.06)
    assert sum(each.sum() for each in found.values()) == pytest.approx(24.0)


def test_default_alive_is_profit_on_the_cash_there_is():
    # Graham's question: with expenses constant and revenue growing, is profit reached before the money is gone?
    # 10,000 a month growing 10 % against 30,000 of expenses: 10,000 x 1.1^t passes 30,000 after 11.5 months, having burnt 134,061.
    company = {"cash_usd": 150_000, "fixed_costs_usd_per_month": 30_000}
    grows = {
        "revenue": {"usd_per_customer_per_month": 10}, "demand": {"customers": 1_000, "growth_share_per_month": 0.1},
    }  # fmt: skip
    lives = evaluate(Scenario.from_table({"company": company, **grows}))
    burnt = sum(max(30_000 - 10_000 * 1.1**month, 0.0) for month in range(36))
    assert lives.metrics["least_cash_usd"] == pytest.approx(150_000 - burnt)
    assert lives.metrics["least_cash_month"] == 12
    assert int(lives.runway_state) == 2
    dead = Scenario.from_table({"company": {**company, "cash_usd": burnt - 1_000}, **grows})
    assert int(evaluate(dead).runway_state) == 0


RULES = {
    "graduated": MeterBands(up_to=(5.0, 20.0), prices_usd=(1.0, 0.6, 0.2), fees_usd=(0.0, 2.0, 3.0)),
    "volume": MeterBands(
        rule="volume", up_to=(5.0, 20.0), prices_usd=(1.0, 0.6, 0.2), fees_usd=(0.5, 2.0, 3.0)
    ),
    "package": MeterBands(rule="package", package=4.0, prices_usd=(3.0,)),
}


def exactly(rule, used, free):
    """Return what one customer pays, by the rule as it is written."""
    bands, q = RULES[rule], np.maximum(used - free, 0.0)
    if rule == "package":
        return np.ceil(q / bands.package) * bands.prices_usd[0]
    starts, ends = (0.0, *bands.up_to), (*bands.up_to, np.inf)
    rows = zip(starts, ends, bands.prices_usd, bands.fees_usd, strict=True)
    if rule == "graduated":
        return sum(np.clip(q - a, 0, b - a) * p + fee * (q > a) for a, b, p, fee in rows)
    return sum(np.where((q > a) | (a == 0), q * p + fee, 0.0) * (q <= b) for a, b, p, fee in rows)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "spread", [{"cv": 1.5}, {"tail": 1.8}, {"tenths": (1, 2, 2, 3, 4, 5, 8, 12, 20, 43)}, {}]
)
@pytest.mark.parametrize("cap", [np.inf, 300.0, 31.0])
def test_what_customers_pay_is_the_mean_over_a_million_of_them(rule, spread, cap):
    rank = (np.arange(1_000_000) + 0.5) / 1e6
    if "cv" in spread:
        sigma = math.sqrt(math.log1p(spread["cv"] ** 2))
        used = 12.0 * np.exp(sigma * np.array(_normal(rank)) - sigma**2 / 2)
    elif "tail" in spread:
        used = 12.0 * (spread["tail"] - 1) / spread["tail"] * (1 - rank) ** (-1 / spread["tail"])
    else:
        weights = np.array(spread.get("tenths", (1,) * 10), dtype=float)
        used = 120.0 * np.repeat(weights / weights.sum(), 100_000)
    used, use = np.minimum(used, cap), Quantity(12.0, cap, **spread)
    pays = exactly(rule, used, free=2.0)
    assert charged_usd(use, RULES[rule], free=2.0) == pytest.approx(pays.mean(), rel=2e-3)
    assert charged_usd(use, RULES[rule], free=2.0, share=0.7) == pytest.approx(
        pays[:700_000].sum() / 1e6, rel=2e-3
    )


def _normal(rank):
    z = np.linspace(-6, 6, 40_001)
    return np.interp(rank, [0.5 * math.erfc(-each / math.sqrt(2)) for each in z], z)


def test_a_stack_of_bands_is_each_plan_alone():
    means = np.array([3.0, 12.0, 400.0])
    for bands in RULES.values():
        alone = [float(charged_usd(Quantity(mean, cv=1.5), bands)) for mean in means]
        assert charged_usd(Quantity(means, cv=1.5), bands) == pytest.approx(alone)


def test_what_is_wrong_with_prices_is_named_all_at_once():
    text = (
        GIVEN["base"]
        + """
[segments.pro]
use_cv = 1
use_tenths = [3, 1]
overage_usd = { unit = 1 }
price_bands = { unit = { up_to = [5], prices_usd = [1] } }
credits = { requests = { other = 1 }, prices_usd = [] }
"""
    )
    with pytest.raises(ScenarioError) as found:
        Scenario.from_table(tomllib.loads(text))
    told = "\n".join(map(str, found.value.problems))
    for words in (
        "use_tenths and use_cv are both given", "has 2 entries; it needs 10", "prices_usd has 1 entries", "and price_bands are both",
        "credits.requests.other is not a workload", "credits.prices_usd is missing",
    ):  # fmt: skip
        assert words in told


FOCUS = {  # FOCUS_Spec, saas_examples of virtual currency at 04f8bb3d, 2025-06: what is billed of purchases, usage and overage
    "a1, a purchase at 2.00": ([(200_000, 0)], 200_000),
    "a2, usage of what was paid ahead": ([(0, 490), (0, 20), (0, 720)], 0),
    "b1, a purchase at half price": ([(100_000, 0)], 100_000),
    "b2, usage at the negotiated price": ([(0, 245), (0, 10), (0, 360)], 0),
    "c, overage": ([(3_000, 3_000), (50_000, 50_000)], 53_000),
}


@pytest.mark.parametrize("name", FOCUS)
def test_a_bill_counts_what_is_billed_and_no_purchase_twice(tmp_path, name):
    rows, billed = FOCUS[name]
    head = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeDescription\n"
    lines = (f"{paid},{cost},USD,2026-11-20T00:00:00Z,tokens" for paid, cost in rows)
    (tmp_path / "bill.csv").write_text(head + "\n".join(lines))
    (source,) = sources([tmp_path / "bill.csv"])
    found = read_booked(source, Scenario())
    assert sum(found.amounts.values()) == pytest.approx(billed)
