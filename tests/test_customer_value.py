"""What a customer is worth, held against a month-by-month sum."""

import numpy as np
import pytest
from plans import chat

from planner.model import evaluate


def brute(plan, months=4_000):
    """Return lifetime value and payback from the flows of a plan whose requests are all of customers."""
    run = evaluate(plan).months
    each = run.gross_profit_usd / run.customers
    stay = 1 - float(plan.demand.churn_share_per_month)
    profit = np.concatenate([each, np.full(months, each[-1])]) * stay ** np.arange(len(each) + months)
    total, cac = np.cumsum(profit), float(plan.company.cac_usd_per_customer)
    at = int(np.argmax(total >= cac))
    before = total[at - 1] if at else 0.0
    return total[-1], at + (cac - before) / profit[at] if total[-1] >= cac else np.nan


PLANS = {
    "own GPUs": {},
    "bought GPUs": {"deployments__small__rent": "owned"},
    "fees": {"cash__payment_fee_share": 0.03, "cash__payment_fee_usd": 0.3},
    "falling prices": {"decline__same_model_price_x_per_year": 3, "demand__usage_growth_x_per_year": 2},
    "shrinking": {"demand__growth_share_per_month": 0.0},
}


@pytest.mark.parametrize("changed", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("months", [0.3, 5.0, 50.0])
def test_value_and_payback_follow_the_months_of_the_plan(changed, months):
    base = {"revenue__usd_per_customer_per_month": 300, "demand__churn_share_per_month": 0.02} | changed
    plan = chat(**base)
    first = evaluate(plan).months
    plan = plan.with_value(
        "company.cac_usd_per_customer", months * float(abs(first.gross_profit_usd[0]) / first.customers[0])
    )
    value, payback = brute(plan)
    found = evaluate(plan).metrics
    assert float(found["ltv_usd"]) == pytest.approx(value, rel=1e-6)
    assert float(found["cac_payback_months"]) == pytest.approx(payback, rel=1e-6, nan_ok=True)


def test_business_besides_changes_no_value_of_a_customer():
    plan = chat(revenue__usd_per_customer_per_month=300, demand__churn_share_per_month=0.02)
    plan = plan.with_value("workloads.chat.routing.share_to_last", 1.0)
    apart = plan.with_value("revenue.usd_per_request", 0.5)
    few = apart.with_value("workloads.chat.requests_per_month", 1.0)
    assert float(evaluate(few).metrics["ltv_usd"]) == pytest.approx(
        float(evaluate(apart).metrics["ltv_usd"]), rel=0.01
    )
