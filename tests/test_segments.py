"""Segments: customers who pay and use alike, their use that differs, their ages, what they are worth."""

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from planner.analysis.draws import draw
from planner.cli import run
from planner.errors import ScenarioError
from planner.files import load, load_text
from planner.model import FLOWS, evaluate, evaluate_month_one
from planner.model.company import use_spread
from planner.model.company.price_tiers import ChargeBand, graduated_usd, package_usd, volume_usd
from planner.readout import heaviest_tenth_text

SAVED = Path(__file__).parents[1] / "saved"

HEAD = """\
schema = 1
[company]
cash_usd = 3_000_000
fixed_costs_usd_per_month = 50_000
horizon_months = 24
[deployments.frontier]
kind = "api"
model = "own"
price = { input_usd_per_mtok = 2.5, output_usd_per_mtok = 15 }
[workloads.agent]
routing = { tiers = ["frontier"] }
"""
FREEMIUM = (
    HEAD
    + """\
[segments.free]
customers = 9_600
churn_share_per_month = 0.12
requests  = { agent = 4 }
limit     = { agent = 10 }
becomes   = { pro = 0.02 }
[segments.pro]
customers = 400
churn_share_per_month = 0.03
usd_per_customer_per_month = 49
requests    = { agent = 50 }
included    = { agent = 60 }
overage_usd = { agent = 0.25 }
use_cv      = 1.6
retention   = [0.86, 0.79, 0.75]
"""
)
CV_AT_SIGMA_128 = math.sqrt(math.expm1(1.28**2))


def plan(text):
    return load_text(text, path="plan.toml").scenario


def priced(customers, seat, requests, *, included, overage, rest=""):
    return plan(
        HEAD
        + f"[segments.pro]\ncustomers = {customers}\nusd_per_customer_per_month = {seat}\n"
        + f"requests = {{ agent = {requests} }}\nincluded = {{ agent = {included} }}\n"
        + f"overage_usd = {{ agent = {overage} }}\n{rest}"
    )


def test_spread_of_use_turns_an_allowance_at_the_mean_into_revenue():
    # Stripe's example: $200 for 100k tokens, $0.001 beyond. At sigma 1.28, 2 Phi(0.64) - 1 = 0.4778 of the mean is beyond.
    scenario = priced(1, 200, 100_000, included=100_000, overage=0.001, rest=f"use_cv = {CV_AT_SIGMA_128}")
    assert evaluate_month_one(scenario).first["revenue_usd"] == pytest.approx(247.78, abs=0.005)


def test_ten_seats_and_120k_requests_cost_600():
    # Chargebee's example: a seat of $20 includes 10,000 requests, $0.02 beyond.
    first = evaluate_month_one(priced(10, 20, 12_000, included=10_000, overage=0.02)).first
    assert first["revenue_usd"] == pytest.approx(600.0)


@pytest.mark.parametrize(
    ("quantity", "bands", "usd"),
    [
        (15_000, [(1_000, 0.01), (10_000, 0.008), (np.inf, 0.005)], 107.0),  # Autumn
        (15_000, [(1_000, 0.1), (10_000, 0.05), (np.inf, 0.01)], 600.0),  # Zuplo
        (500, [(1_000, 0.1), (np.inf, 0.05)], 50.0),
    ],
)
def test_graduated_bands_price_each_unit_in_its_band(quantity, bands, usd):
    assert graduated_usd(quantity, [ChargeBand(*band) for band in bands]) == pytest.approx(usd)


def test_a_volume_band_prices_all_units_and_adds_its_fee():
    bands = [ChargeBand(10_000, 0.001), ChargeBand(np.inf, 0.0006, fee_usd=10.0)]  # Lago: 65,000 units
    assert volume_usd(np.array([10_000.0, 65_000.0]), bands) == pytest.approx([10.0, 49.0])


def test_packages_are_whole():
    assert package_usd(np.array([1e6, 1.5e6]), size=1e6, usd=1.25) == pytest.approx([1.25, 2.5])  # Chargebee
    assert package_usd(4_500.0, size=1_000.0, usd=1.0) == pytest.approx(5.0)  # Flexprice


@pytest.mark.parametrize(("cv", "tail"), [(0.4, 0.0), (2.0, 0.0), (8.0, 0.0), (0.0, 1.3), (0.0, 2.5)])
def test_use_below_a_cap_is_what_a_million_customers_use(cv, tail):
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    if tail:
        each = 10.0 * (tail - 1) / tail * (1 - u) ** (-1 / tail)
    else:
        sigma = math.sqrt(math.log1p(cv * cv))
        z = np.interp(u, *_normal(NormalDist()))
        each = 10.0 * np.exp(sigma * z - sigma**2 / 2)
    for cap in (0.5, 8.0, 25.0):
        found = use_spread.capped_use(mean=10.0, cap=cap, cv=cv, tail=tail)
        assert found == pytest.approx(np.minimum(each, cap).mean(), rel=2e-4)
        tenths = use_spread.by_tenth(mean=10.0, cap=cap, cv=cv, tail=tail)
        assert tenths == pytest.approx(np.minimum(each, cap).reshape(10, -1).mean(axis=1), rel=1e-3)


def _normal(normal):
    z = np.linspace(-6, 6, 20_001)
    return np.array([normal.cdf(each) for each in z]), z


@pytest.mark.parametrize(("sigma", "share"), [(1.3, 0.507), (2.2, 0.821)])
def test_the_heaviest_tenth_of_a_lognormal_takes_what_is_published(sigma, share):
    tenths = use_spread.by_tenth(mean=1.0, cv=math.sqrt(math.expm1(sigma**2)))
    assert tenths[-1] / 10 == pytest.approx(share, abs=1e-3)
    assert tenths.mean() == pytest.approx(1.0)


def test_customers_by_age_are_a_convolution_of_those_who_joined():
    kept = [0.86, 0.79, 0.75]
    scenario = plan(
        HEAD + "[segments.pro]\nnew_customers_per_month = 100\nchurn_share_per_month = 0.1\n"
        "retention = [0.86, 0.79, 0.75]\n"
    )
    left = [1.0, *kept, *(0.75 * 0.9**k for k in range(1, 30))]
    by_hand = [100 * sum(left[:month]) for month in range(24)]
    assert evaluate(scenario).months.customers == pytest.approx(by_hand)


def test_free_users_move_on_at_their_share_and_others_leave():
    # month 2: 9,600 * (1 - 0.12 - 0.02); 400 * 0.97 + 192; month 3: 192 are a month old and 86 % of them are left.
    months = evaluate(plan(FREEMIUM)).months.customers
    free = [9_600, 8_256, 8_256 * 0.86]
    pro = [400, 580, 388 * 0.97 + 192 * 0.86 + 8_256 * 0.02]
    assert months[:3] == pytest.approx([a + b for a, b in zip(free, pro, strict=True)])


def test_a_segment_alone_is_the_plan_without_segments():
    plain = HEAD + "[demand]\ncustomers = 500\ngrowth_share_per_month = 0.05\nchurn_share_per_month = 0.02\n"
    plain += "expansion_share_per_month = 0.01\nusage_growth_x_per_year = 1.5\n"
    plain += "[revenue]\nusd_per_customer_per_month = 30\n"
    plain = plain.replace("[workloads.agent]", "[workloads.agent]\nrequests_per_customer_per_month = 70")
    parted = (
        plain.split("[demand]")[0]
        + "[segments.all]\n"
        + plain.split("[demand]")[1].replace("[revenue]\n", "")
    )
    one, other = evaluate(plan(plain)).months.flows(), evaluate(plan(parted)).months.flows()
    for name in FLOWS:
        assert other[name] == pytest.approx(one[name], rel=1e-12), name


def test_line_items_sum_to_the_gross_burn_with_segments():
    text = FREEMIUM + "cac_usd_per_customer = 80\nnew_customers_per_month = 20\n"
    text += "[cash]\npayment_fee_share = 0.029\npayment_fee_usd = 0.3\n"
    result = evaluate(plan(text))
    total = sum(item.usd_per_month for item in result.line_items)
    assert total == pytest.approx(result.metrics["gross_burn_usd_per_month"])
    assert {item.name: item.usd_per_month for item in result.line_items}["new customers"] == pytest.approx(
        1_600
    )


def test_tenths_of_a_segment_add_up_to_it():
    result = evaluate(plan(FREEMIUM + "[cash]\npayment_fee_share = 0.029\npayment_fee_usd = 0.3\n"))
    pro = result.segments["pro"]
    assert pro.tenths.margin_usd_per_customer.mean() == pytest.approx(float(pro.margin_usd_per_customer))
    assert pro.tenths.requests_per_customer.mean() == pytest.approx(50.0)
    assert pro.tenths.cost_share.sum() == pytest.approx(1.0)


def test_segments_add_up_to_the_plan():
    result = evaluate(plan(FREEMIUM))
    assert sum(float(each.revenue_usd_per_month) for each in result.segments.values()) == pytest.approx(
        result.months.revenue_usd[0]
    )
    assert sum(float(each.cogs_usd_per_month) for each in result.segments.values()) == pytest.approx(
        result.months.cogs_usd[0]
    )


def test_a_flat_fee_loses_on_its_heaviest_tenth():
    text = HEAD + "[segments.flat]\ncustomers = 100\nusd_per_customer_per_month = 20\n"
    result = evaluate(
        plan(text + "requests = { agent = 1_500 }\nuse_cv = 2.1\nchurn_share_per_month = 0.05\n")
    )
    flat = result.segments["flat"]
    assert flat.margin_usd_per_customer > 0 > flat.tenths.margin_usd_per_customer[-1]
    assert flat.tenths.ltv_usd[-1] == pytest.approx(20 * flat.tenths.margin_usd_per_customer[-1])


def test_what_free_users_become_counts_in_what_they_are_worth():
    segments = evaluate(plan(FREEMIUM)).segments
    free, pro = segments["free"], segments["pro"]
    # 1 / 0.14 months there; 1 in 7 moves on in the end
    by_hand = float(free.margin_usd_per_customer) / 0.14 + 0.02 / 0.14 * float(pro.ltv_usd)
    assert free.ltv_usd == pytest.approx(by_hand)
    assert pro.months_there == pytest.approx(1 + 0.86 + 0.79 + 0.75 / 0.03)


def test_a_limit_holds_back_what_heavy_users_cost():
    free = FREEMIUM.replace("requests  = { agent = 4 }", "requests  = { agent = 4 }\nuse_tail = 1.3")
    open_end = evaluate(plan(free.replace("limit     = { agent = 10 }\n", ""))).segments["free"]
    capped = evaluate(plan(free)).segments["free"]
    assert open_end.requests_per_month == pytest.approx(9_600 * 4)
    least = 4 * 0.3 / 1.3  # E[min(U, C)] = x + x / (a - 1) * (1 - (x / C)^(a - 1))
    assert capped.requests_per_month == pytest.approx(
        9_600 * (least + least / 0.3 * (1 - (least / 10) ** 0.3))
    )


def test_a_change_in_the_middle_that_changes_nothing_changes_nothing():
    change = '[[change]]\nmonth = 9\nset = { "segments.pro.usd_per_customer_per_month" = 49 }\n'
    text = FREEMIUM.replace(
        "retention ", "expansion_share_per_month = 0.01\nusage_growth_x_per_year = 1.4\nretention "
    )
    one, other = evaluate(plan(text)).months.flows(), evaluate(plan(text + change)).months.flows()
    for name in FLOWS:
        assert other[name] == pytest.approx(one[name], rel=1e-9), name


def test_a_price_rise_of_a_segment_holds_from_its_month_on():
    change = '[[change]]\nmonth = 9\nset = { "segments.pro.usd_per_customer_per_month" = 59 }\n'
    before, after = (evaluate(plan(text)).months.revenue_usd for text in (FREEMIUM, FREEMIUM + change))
    assert after[:8] == pytest.approx(before[:8])
    assert after[8] > 1.1 * before[8]


def test_a_stack_of_segments_is_each_plan_alone():
    text = FREEMIUM.replace("customers = 400", 'customers = "300 to 500"').replace(
        "use_cv      = 1.6", 'use_cv = "1 to 2"\nexpansion_share_per_month = "0 to 0.02"'
    )
    scenario = plan(text.replace("[0.86, 0.79, 0.75]", '["0.8 to 0.9", 0.79, 0.75]'))
    stack = draw(scenario, n=4)
    whole = evaluate(stack)
    for at in range(4):
        alone = scenario
        for path in ("customers", "use_cv", "expansion_share_per_month", "retention.0"):
            alone = alone.with_value(f"segments.pro.{path}", float(stack.value(f"segments.pro.{path}")[at]))
        one = evaluate(alone)
        assert whole.months.net_burn_usd[at] == pytest.approx(one.months.net_burn_usd)
        assert np.broadcast_to(whole.segments["pro"].ltv_usd, 4)[at] == pytest.approx(
            one.segments["pro"].ltv_usd
        )


def test_fleets_carry_what_segments_ask():
    own = '[deployments.own]\nkind = "self-hosted"\nmodel = "llama-3.1-8b"\ngpu = "H100-SXM"\nusd_per_gpu_hour = 2.5\n'
    text = HEAD.replace('tiers = ["frontier"]', 'tiers = ["own"]').replace("[workloads", own + "[workloads")
    parted = text + "[segments.pro]\ncustomers = 20_000\nrequests = { agent = 3_000 }\n"
    plain = text.replace("[workloads.agent]", "[workloads.agent]\nrequests_per_customer_per_month = 3_000")
    one = evaluate(plan(plain + "[demand]\ncustomers = 20_000\n"))
    other = evaluate(plan(parted))
    assert other.metrics["gpus"] == one.metrics["gpus"] > 2
    assert other.months.gpus == pytest.approx(one.months.gpus)


def test_what_a_segment_gets_wrong_is_named_all_at_once():
    text = FREEMIUM.replace("becomes   = { pro = 0.02 }", "becomes   = { gold = 0.02 }")
    text = text.replace("included    = { agent = 60 }", "included    = { chat = 60 }").replace(
        "0.79, 0.75", "0.79, 0.95"
    )
    with pytest.raises(ScenarioError) as caught:
        plan(text + "use_tail = 1.5\n")
    where = {problem.where for problem in caught.value.problems}
    assert where == {
        "segments.free.becomes.gold", "segments.pro.included.chat", "segments.pro.retention", "segments.pro.use_tail",
    }  # fmt: skip


def test_the_shipped_freemium_plan_says_what_its_tails_cost():
    plan = load(SAVED / "freemium-assistant.toml")
    segments = evaluate(plan.scenario).segments
    assert "loses" in heaviest_tenth_text(segments["plus"])
    assert "earns" in heaviest_tenth_text(segments["team"])
    assert segments["free"].margin_usd_per_month < 0 < segments["free"].ltv_usd


def test_json_has_the_segments_and_their_tenths(capsys):
    assert run(["show", str(SAVED / "freemium-assistant.toml"), "--json", "--samples", "16"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["segments"]["plus"]["tenths"]["cost_share"]) == 10
    assert found["months"]["deferred_usd"][0] > 0


def test_text_has_a_line_for_each_segment(capsys):
    assert run(["show", str(SAVED / "freemium-assistant.toml"), "--samples", "16"]) == 0
    text = capsys.readouterr().out
    assert "Segments, month 1" in text
    assert "the heaviest tenth takes" in text
    assert "Cash and revenue" in text
