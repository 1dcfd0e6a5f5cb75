"""A month's costs besides requests: fixed costs, one-off payments, new customers, standing capacity."""

import numpy as np

from planner.model.company import payments
from planner.model.company.business import Business
from planner.model.company.month_blocks import MonthBlock, by_month
from planner.schema import Array, Flags, Number, Scenario, some


def fixed_usd(business: Business, block: MonthBlock) -> Array:
    """Return the fixed costs of some months, months first."""
    return by_month(block, payments.fixed_usd(business.scenario.company, block.numbers))


def once_usd(business: Business, block: MonthBlock) -> Array:
    """Return the one-off payments of some months, months first."""
    due = [*business.payments, *business.own_payments]
    return by_month(block, payments.paid_usd(due, block.numbers))


def raised_usd(business: Business, block: MonthBlock) -> Array:
    """Return the funding of some months, months first."""
    return by_month(block, payments.raised_usd(business.scenario.company, block.numbers))


def planned_usd(business: Business, block: MonthBlock) -> Array:
    """Return the funding of some months from raises that have not closed, months first."""
    return by_month(block, payments.planned_usd(business.scenario.company, block.numbers))


def revenue_cost_share(scenario: Scenario) -> Number:
    """Return the share of revenue taken by payment fees, other cost of revenue and refunds."""
    cash = scenario.cash
    return cash.payment_fee_share + cash.other_cogs_share + cash.refund_share


def charge_usd(business: Business) -> Number:
    """Return the fixed payment fees per customer and month: one charge if customers pay anything."""
    fee = business.scenario.cash.payment_fee_usd
    if not some(fee):
        return 0.0
    paid: Flags = np.asarray(business.scenario.revenue.usd_per_customer_per_month) > 0
    for stream in business.streams.values():
        paid = np.asarray(paid) | (np.asarray(stream.asked.own_per_customer * stream.revenue_usd) > 0)
    return np.where(paid, fee, 0.0)


def charges_usd(business: Business, block: MonthBlock) -> Number:
    """Return the fixed payment fees of some months, months first."""
    usd = block.customers * charge_usd(business)
    if not block.segments.months:
        return usd
    paying = block.segments.sum("paying", block.first, block.count)
    return usd + paying * business.scenario.cash.payment_fee_usd


def revenue_cost_usd(business: Business, block: MonthBlock, revenue_usd: Number) -> Number:
    """Return payment fees and other costs that scale with revenue, USD per month, months first."""
    return revenue_usd * revenue_cost_share(business.scenario) + charges_usd(business, block)


def new_customers_usd(business: Business, block: MonthBlock) -> Number:
    """Return the cost of the new customers of some months, months first."""
    usd = block.customers * business.acquisition_usd
    if not block.segments.months:
        return usd
    return usd + block.segments.sum("acquisition_usd", block.first, block.count)


def standing_usd(business: Business) -> Number:
    """Return the monthly cost of serving independent of load: stores, staff, unused GPUs, storage at vendors."""
    total = sum(business.unused_usd.values(), start=0.0)
    for terms in business.api_terms.values():
        total = total + terms.held_usd_per_month
    for stream in business.streams.values():
        total = total + stream.flat_usd_per_month
    for deployment in business.scenario.deployments.values():
        total = total + deployment.staff_usd_per_month
    return total
