"""Cash is not revenue: payment terms, years paid ahead, credits. Worked by hand; margin never moves."""

import numpy as np
import pytest

from planner.analysis.draws import _dimensions, draw
from planner.errors import ScenarioError
from planner.files import load_text
from planner.model import FLOWS, evaluate, evaluate_month_one
from planner.model.company.settlement import credits_used, paid_after, years_paid_ahead
from planner.schema import Scenario
from planner.schema.company import Credit

TERMS = ("paid_after_days", "receivables_usd", "annual_prepay_share", "annual_discount_share")

PLAN = """\
schema = 1
[company]
cash_usd = 100_000
fixed_costs_usd_per_month = 12_000
horizon_months = 14
[revenue]
usd_per_customer_per_month = 100
[demand]
customers = 100
churn_share_per_month = 0.02
growth_share_per_month = 0.02
[deployments.frontier]
kind = "api"
model = "own"
price = { input_usd_per_mtok = 2.5, output_usd_per_mtok = 15 }
[deployments.other]
kind = "api"
model = "own"
price = { input_usd_per_mtok = 2.5, output_usd_per_mtok = 15 }
[workloads.chat]
requests_per_customer_per_month = 1_000
routing = { tiers = ["frontier"] }
[workloads.docs]
requests_per_month = 10_000
routing = { tiers = ["other"] }
"""
GROWING = PLAN + "[segments.pro]\nnew_customers_per_month = 10\nusd_per_customer_per_month = 100\n"
GROWING = GROWING.replace("customers = 100\n", "customers = 0\n")


def plan(text):
    return load_text(text, path="plan.toml").scenario


def cash(*lines, text=PLAN):
    return plan(text + "\n".join(["[cash]", *lines, ""]))


def test_a_term_of_60_days_pays_in_the_second_month_after():
    months = evaluate(cash("paid_after_days = 60")).months
    assert months.settlement["collected_usd"][:4] == pytest.approx([0, 0, 10_000, 10_000])
    assert months.settlement["receivable_usd"][:4] == pytest.approx([10_000, 20_000, 20_000, 20_000])
    assert months.revenue_usd[:4] == pytest.approx([10_000] * 4)


def test_45_days_pay_half_in_the_first_and_half_in_the_second_month_after():
    months = evaluate(cash("paid_after_days = 45")).months
    assert months.settlement["collected_usd"][:4] == pytest.approx([0, 5_000, 10_000, 10_000])


def test_what_customers_owe_today_arrives_over_the_term():
    months = evaluate(cash("paid_after_days = 60", "receivables_usd = 20_000")).months
    assert months.settlement["collected_usd"] == pytest.approx(months.revenue_usd)
    assert months.settlement["receivable_usd"] == pytest.approx([20_000] * 14)


def test_half_of_new_customers_pay_a_year_ahead():
    # month 2: 10 customers, 5 of them pay 12 * 100 ahead; month 3: 5 more do; month 14: the first 5 renew.
    months = evaluate(cash("annual_prepay_share = 0.5", text=GROWING)).months
    assert months.revenue_usd[:3] == pytest.approx([0, 1_000, 2_000])
    assert months.settlement["collected_usd"][:3] == pytest.approx([0, 500 + 6_000, 1_000 + 6_000])
    assert months.settlement["deferred_usd"][:3] == pytest.approx([0, 5_500, 10_500])
    assert months.settlement["collected_usd"][13] == pytest.approx(6_500 + 6_000 + 6_000)


def test_customers_of_month_1_who_pay_a_year_ahead_renew_evenly():
    months = evaluate(cash("annual_prepay_share = 0.5")).months
    assert months.settlement["collected_usd"] == pytest.approx(months.revenue_usd)
    assert months.settlement["deferred_usd"] == pytest.approx([5.5 * 5_000] * 14)


def test_the_discount_for_a_year_ahead_is_less_revenue():
    first = evaluate_month_one(cash("annual_prepay_share = 0.5", "annual_discount_share = 0.2")).first
    assert first["revenue_usd"] == pytest.approx(5_000 + 0.8 * 5_000)
    assert first["collected_usd"] == pytest.approx(9_000)


def test_every_dollar_charged_arrives_is_owed_or_is_still_to_earn():
    lines = ("annual_prepay_share = 0.4", "annual_discount_share = 0.1", "paid_after_days = 40")
    found = evaluate(cash(*lines, text=GROWING)).months
    earned, came = np.cumsum(found.revenue_usd), np.cumsum(found.settlement["collected_usd"])
    owed, ahead = found.settlement["receivable_usd"], found.settlement["deferred_usd"]
    assert came + owed - ahead == pytest.approx(earned)


def test_credits_pay_what_they_cover_until_they_are_used_up():
    plain = evaluate(plan(PLAN))
    invoice = float(plain.deployments["frontier"].usd_per_month)
    lines = f'credits = [{{ usd = {2.5 * invoice}, month = 2, months = 12, covers = ["frontier"] }}]'
    found = evaluate(cash(lines))
    assert found.months.settlement["credits_usd"][:6] == pytest.approx(
        [0, invoice, invoice, invoice / 2, 0, 0], rel=1e-9
    )
    saved = np.cumsum(found.months.settlement["credits_usd"])
    assert found.months.cash_usd - plain.months.cash_usd == pytest.approx(saved)


def test_what_is_left_of_a_credit_when_it_ends_is_lost():
    used = credits_used([Credit(usd=1_000, month=1, months=2)], {"a": np.full(4, 300.0)})
    assert used.tolist() == [300, 300, 0, 0]


def test_two_credits_pay_no_invoice_twice():
    both = [Credit(usd=250, months=3), Credit(usd=1_000, months=3)]
    assert credits_used(both, {"a": np.full(4, 300.0)}).tolist() == [300, 300, 300, 0]


def test_margin_never_moves_with_credits_and_terms():
    plain = evaluate(plan(PLAN))
    found = evaluate(cash("paid_after_days = 60", "credits = [{ usd = 50_000 }]"))
    for name in ("gross_margin_share", "contribution_margin_share", "ltv_usd", "gross_burn_usd_per_month"):
        assert found.metrics[name] == pytest.approx(plain.metrics[name]), name
    assert found.months.gross_margin_share == pytest.approx(plain.months.gross_margin_share)
    assert found.metrics["net_burn_usd_per_month"] > plain.metrics["net_burn_usd_per_month"]


def test_cash_of_the_headline_is_the_cash_of_the_months():
    found = evaluate(cash("paid_after_days = 60", "annual_prepay_share = 0.5"))
    assert found.metrics["net_burn_usd_per_month"] == pytest.approx(found.months.net_burn_usd[0])
    assert found.metrics["least_cash_usd"] == pytest.approx(found.months.cash_usd.min())
    assert found.months.cash_end_usd == pytest.approx(found.months.cash_usd[-1])


@pytest.mark.parametrize(
    "line", ["paid_after_days = 0", "annual_discount_share = 0.2", "receivables_usd = 0"]
)
def test_a_term_of_nothing_changes_nothing(line):
    one, other = evaluate(plan(PLAN)).months.flows(), evaluate(cash(line)).months.flows()
    assert {*one} == {*other} == {*FLOWS}
    for name in FLOWS:
        assert np.array_equal(other[name], one[name]), name


def test_terms_hold_over_a_change():
    change = '[[change]]\nmonth = 5\nset = { "revenue.usd_per_customer_per_month" = 200 }\n'
    months = evaluate(cash("paid_after_days = 60", text=PLAN + change)).months
    assert months.settlement["collected_usd"][2:8] == pytest.approx([10_000] * 4 + [20_000] * 2)


def test_a_stack_of_terms_is_each_plan_alone():
    lines = (
        'paid_after_days = "20 to 70"',
        'annual_prepay_share = "0.1 to 0.6"',
        'credits = [{ usd = "1000 to 9000" }]',
    )
    scenario = cash(*lines, text=PLAN)
    stack = draw(scenario, n=3)
    whole = evaluate(stack).months.net_burn_usd
    for at in range(3):
        alone = scenario
        for path in ("paid_after_days", "annual_prepay_share", "credits.0.usd"):
            alone = alone.with_value(f"cash.{path}", float(stack.value(f"cash.{path}")[at]))
        assert whole[at] == pytest.approx(evaluate(alone).months.net_burn_usd)


def test_yearly_invoices_follow_what_is_earned():
    earned = np.array([100.0, 110.0, 90.0, *([90.0] * 40)])
    begun = years_paid_ahead(earned) / 12
    assert begun.sum() + 100 * 11 / 12 >= 90 * 43 / 12
    assert begun[1] == pytest.approx(10 + 100 / 12)


def test_invoices_that_arrive_at_once_are_revenue():
    assert paid_after(np.array([3.0, 4.0]), 0.0, 5.0).tolist() == [8.0, 4.0]


def test_a_credit_for_no_deployment_is_named():
    with pytest.raises(ScenarioError, match=r"cash\.credits\.0\.covers"):
        cash('credits = [{ usd = 5, covers = ["nowhere"] }]')


def test_ranges_of_plans_without_terms_are_drawn_as_before_there_were_any():
    leaves = [*_dimensions(Scenario)]
    first = leaves.index("cash.paid_after_days")
    assert leaves[first : first + 4] == [f"cash.{name}" for name in TERMS]
    assert leaves.index("decline.gpu_rent_x_per_year") < first
