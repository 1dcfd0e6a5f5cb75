"""When revenue becomes cash and what credits pay: payment terms, annual prepayment, cloud credits. No effect on margin."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.schema import Array, Number, Scenario, some
from planner.schema.company import Cash, Credit
from planner.units import MONTHS_PER_YEAR

DAYS_PER_TERM_MONTH = 30.0  # payment terms are 30, 60 or 90 days: one, two or three invoices later
YEAR = int(MONTHS_PER_YEAR)


def settles_later(scenario: Scenario) -> bool:
    """Return whether cash differs from revenue and cost in any plan."""
    cash = scenario.cash
    later = (cash.paid_after_days, cash.annual_prepay_share, cash.receivables_usd)
    return bool(cash.credits) or any(some(each) for each in later)


def earns_interest(scenario: Scenario) -> bool:
    """Return whether cash earns interest in any plan."""
    return some(scenario.cash.interest_share_per_year)


def interest_usd(cash: Cash, there_usd: Number) -> Number:
    """Return the interest earned in a month on the cash at its start, that month's raises included, in USD."""
    return np.maximum(there_usd, 0.0) * (cash.interest_share_per_year / MONTHS_PER_YEAR)


def seat_price_share(cash: Cash) -> Number:
    """Return the mean share of seat prices paid, after the discount for annual prepayment."""
    return 1.0 - cash.annual_prepay_share * cash.annual_discount_share


def prepaid_share(cash: Cash) -> Number:
    """Return the share of seat revenue, after discount, that is paid a year ahead."""
    return (
        cash.annual_prepay_share
        * (1.0 - cash.annual_discount_share)
        / np.maximum(seat_price_share(cash), 1e-300)
    )


def years_paid_ahead(prepaid_usd: Array) -> Array:
    """Return each month's annual invoices for prepaid revenue, months first, in USD.

    Equation: with b the part of a month's revenue on contracts that start in it, `b(t) = max(r(t) - sum over k of 1 to 11 of
    b(t - k), 0)`, and the invoice is 12 b. Customers of month 1 have paid before: their renewals are spread evenly over the
    first year. Customers who leave within the year get no refund.

    >>> years_paid_ahead(np.array([0.0, 100.0, 100.0])).tolist()
    [0.0, 1200.0, 0.0]
    """
    begun = [prepaid_usd[0] / YEAR] * (YEAR - 1)
    for revenue in prepaid_usd:
        begun.append(np.maximum(revenue - sum(begun[1 - YEAR :], start=0.0), 0.0))
    return YEAR * np.stack(begun[YEAR - 1 :])


def paid_after(invoiced_usd: Array, months: Number, owed_usd: Number) -> Array:
    """Return the cash collected each month, months first: invoices paid some months later, part months pro rata.

    `owed_usd`, from before month 1, arrives evenly over the term. Invoices of the last months arrive after the plan.

    >>> paid_after(np.array([100.0, 110.0, 120.0]), 1.5, 30.0).tolist()
    [20.0, 60.0, 105.0]
    """
    rows = []
    for month in range(len(invoiced_usd)):
        arrives = np.zeros_like(
            invoiced_usd[0]
        )  # in the plans' shape even if nothing arrives within the plan
        for before in range(month + 1):
            part = np.maximum(1.0 - np.abs(np.asarray(months) - before), 0.0)
            if np.any(part):
                arrives = arrives + part * invoiced_usd[month - before]
        term = np.maximum(months, 1.0)
        share = (np.minimum(month + 1.0, term) - np.minimum(float(month), term)) / term
        rows.append(np.asarray(arrives + owed_usd * share))
    return np.stack(np.broadcast_arrays(*rows))


def credits_used(credit_list: Sequence[Credit], invoices_usd: Mapping[str, Array]) -> Array:
    """Return the part of deployments' invoices paid by credits, months first, in USD.

    Equation: a month uses `min(invoice, credit left)`; any remainder at expiry is lost. Credits are used in the
    order of the file, each on the deployments it covers (all if none are named), after earlier credits.
    """
    left = dict(invoices_usd)
    total: Number = 0.0
    for credit in credit_list:
        remaining: Number = credit.usd + 0.0
        covered = [name for name in left if not credit.covers or name in credit.covers]
        used = {name: np.zeros_like(left[name]) for name in covered}
        months = max((len(each) for each in left.values()), default=0)
        for month in range(months):
            first, count = np.asarray(credit.month), np.asarray(credit.months)
            runs = (first <= month + 1) & (month + 1 < first + count)
            if not runs.any():
                continue
            for name in covered:
                pays = np.where(runs, np.minimum(left[name][month], remaining), 0.0)
                remaining = remaining - pays
                used[name] = _with_row(used[name], month, pays)
        left |= {name: left[name] - used[name] for name in covered}
        total = total + sum(used.values(), start=0.0)
    return np.asarray(total)


def _with_row(rows: Array, month: int, row: Array) -> Array:
    shape = np.broadcast_shapes(rows.shape[1:], np.shape(row))
    out = np.broadcast_to(rows, (len(rows), *shape)).copy()
    out[month] = row
    return out


def settled(cash: Cash, flows: Mapping[str, Array], invoices_usd: Mapping[str, Array]) -> dict[str, Any]:
    """Return the months' cash settlement, months first, in USD: collected, owed, deferred, and paid by credits.

    `flows` holds revenue, its prepaid part (`prepaid_usd`), and gross burn.
    """
    prepaid = flows["prepaid_usd"]
    ahead = years_paid_ahead(prepaid)
    invoiced = flows["revenue_usd"] - prepaid + ahead
    arrived = paid_after(invoiced, cash.paid_after_days / DAYS_PER_TERM_MONTH, cash.receivables_usd)
    credited = credits_used(cash.credits, invoices_usd)
    already = (
        prepaid[0] * (YEAR - 1) / 2.0
    )  # contracts started over the last 12 months have 5.5 months left on average
    return {
        "collected_usd": arrived,
        "receivable_usd": cash.receivables_usd + np.cumsum(invoiced - arrived, axis=0),
        "deferred_usd": already + np.cumsum(ahead - prepaid, axis=0),
        "credits_usd": credited + np.zeros_like(flows["revenue_usd"]),
        "net_burn_usd": flows["gross_burn_usd"] - arrived - credited,
    }
