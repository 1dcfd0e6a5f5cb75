"""One month's gross burn as line items: every dollar under one name."""

from collections.abc import Iterator

import numpy as np

from planner.catalog.meters import by_units, meter_words
from planner.model.company import api_bill, cash_flows, overheads, payments
from planner.model.company.business import Business
from planner.model.company.month_blocks import one_block
from planner.model.handed_on import MonthAtHand, WorkloadMonth
from planner.model.result import LineItem
from planner.schema import Number, some


def line_items(business: Business, at_hand: MonthAtHand) -> tuple[LineItem, ...]:
    """Return the current month's line items, USD per month, leaving out those that are zero in every plan."""
    found = [
        *_api_items(business, at_hand),
        *_fleet_items(business, at_hand),
        *_extra_items(business, at_hand),
        *_company_items(business, at_hand),
        *_revenue_items(business, at_hand.month),
    ]
    return tuple(item for item in found if some(item.usd_per_month))


def _api_items(business: Business, at_hand: MonthAtHand) -> Iterator[LineItem]:
    billed = api_bill.billed_in(business, at_hand)
    for name, now in at_hand.workloads.items():
        for tier in now.api_lines:
            lines = _pass_lines(business, billed, now, (name, tier))
            for line, usd in lines.items():
                yield LineItem(
                    line, now.requests_per_month * now.request.first_calls[tier] * usd, "serving", name, tier
                )
            again = now.requests_per_month * (now.request.calls[tier] - now.request.first_calls[tier])
            yield LineItem("retries", again * sum(lines.values(), start=0.0), "serving", name, tier)


def _pass_lines(
    business: Business, billed: api_bill.Billed, now: WorkloadMonth, place: tuple[str, str]
) -> dict[str, Number]:
    """Return the lines of the bill for one pass of a request, without the part that units carry."""
    name, tier = place
    paid = api_bill.paid_share(business.scenario, tier)
    beyond = 1.0 - api_bill.carried(business, billed, tier)
    left = paid * np.where(business.api_terms[tier].refuses, 0.0, beyond)
    lines = {line: usd * (left if by_units(line) else paid) for line, usd in now.api_lines[tier].items()}
    by_quantity = api_bill.metered_lines_usd(business, billed, business.streams[name], tier)
    return lines | {meter_words(unit): usd * billed.api_price for unit, usd in by_quantity.items()}


def _fleet_items(business: Business, at_hand: MonthAtHand) -> Iterator[LineItem]:
    for tier, month in at_hand.fleets.items():
        if not month.owned:
            busy, idle = month.busy_share, 1.0 - month.busy_share
            yield LineItem("GPU busy", month.running_usd * busy, "serving", deployment=tier)
            yield LineItem("GPU idle", month.running_usd * idle, "serving", deployment=tier)
            continue
        yield LineItem("GPU power and housing", month.running_usd, "serving", deployment=tier)
        yield LineItem("GPU purchase", month.purchase_usd, "one-off", deployment=tier)
    for tier, usd in business.unused_usd.items():
        yield LineItem("GPU idle", usd, "serving", deployment=tier)


def _extra_items(business: Business, at_hand: MonthAtHand) -> Iterator[LineItem]:
    for name, now in at_hand.workloads.items():
        each, volume = now.request, now.requests_per_month
        paid_share = business.scenario.workloads[name].outcome.failure_paid_share
        for line, usd in each.extras_usd.items():
            yield LineItem(line, volume * usd, "outcomes" if line == "people" else "serving", name)
        yield LineItem("vector store", business.streams[name].flat_usd_per_month, "serving", name)
        yield LineItem("failures", volume * each.failure_usd * paid_share, "outcomes", name)


def _company_items(business: Business, at_hand: MonthAtHand) -> Iterator[LineItem]:
    scenario, month = business.scenario, at_hand.month
    billed = api_bill.billed_in(business, at_hand)
    for tier, deployment in scenario.deployments.items():
        staff = deployment.staff_usd_per_month + 0.0  # a range counts as its middle
        yield LineItem("serving staff", staff, "serving", deployment=tier)
    for tier, terms in business.api_terms.items():
        units_usd = api_bill.units_usd(business, billed, tier)
        yield LineItem("provisioned capacity", units_usd, "serving", deployment=tier)
        yield LineItem("held at the vendor", terms.held_usd_per_month, "serving", deployment=tier)
        missing_usd = api_bill.missing_usd(business, billed, tier)
        yield LineItem("committed, not spent", missing_usd, "serving", deployment=tier)
    yield LineItem("fixed costs", payments.fixed_usd(scenario.company, month + 1), "company")
    won_usd = np.asarray(overheads.new_customers_usd(business, one_block(business, month)))[0]
    yield LineItem("new customers", won_usd, "company")
    once = payments.paid_usd([*business.payments, *business.own_payments], month + 1)
    yield LineItem("one-off spend", once, "one-off")


def _revenue_items(business: Business, month: int) -> Iterator[LineItem]:
    """Yield the costs that scale with revenue: payment fees and other cost of revenue."""
    scenario, block = business.scenario, one_block(business, month)
    revenue = cash_flows.revenue_usd(business, block)[0]
    fees = revenue * scenario.cash.payment_fee_share + np.asarray(overheads.charges_usd(business, block))[0]
    yield LineItem("payment fees", fees, "serving")
    yield LineItem("other cost of revenue", revenue * scenario.cash.other_cogs_share, "serving")
    yield LineItem("refunds", revenue * scenario.cash.refund_share, "serving")


def total_usd(items: tuple[LineItem, ...]) -> Number:
    """Return the sum of the line items: the gross burn of their month."""
    return sum((item.usd_per_month for item in items), start=0.0)
