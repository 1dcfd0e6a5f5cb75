"""Customer lifetime value: gross profit of customers only, along the plan's own months and retention.

Equation: with s the monthly retention and v(t) the gross profit of month t over the customers
of that month, a customer won today brings the sum over t of s^(t-1) v(t); beyond the plan, v stays at its last value. CAC
is paid back in the month in which that sum reaches it, linear within the month.
Source: Skok, "SaaS Metrics 2.0"; if nothing changes, this is its v / churn.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.arrays import quotient
from planner.model.company import api_bill, overheads, payments, volumes
from planner.model.company.business import Business
from planner.model.company.cost_of_outcome import NOTHING, ratio
from planner.model.company.month_blocks import MonthBlock, by_month
from planner.model.company.settlement import seat_price_share
from planner.model.handed_on import FleetFlows
from planner.schema import Array, Number, some


class CustomerValue:
    """Accumulates a customer's gross profit while the months run, and records when it reaches CAC."""

    def __init__(self, business: Business) -> None:
        scenario = business.scenario
        self._horizon = np.asarray(scenario.company.horizon_months, dtype=int)
        self._shortest = int(self._horizon.min())
        self._cac_usd = business.row(scenario.company.cac_usd_per_customer)
        self._begins(business)
        customers = business.row(scenario.demand.customers)
        self._over_customers = np.asarray(quotient(1.0, customers, otherwise=0.0))
        self._over_customers_at_first = self._over_customers
        self._earned: Array = np.zeros(())
        self._last: Array = np.zeros(())
        self._paid_back: Array = np.full((), np.nan)
        self._open = some(scenario.company.cac_usd_per_customer)  # whether any plan has not yet paid back

    def _begins(self, business: Business) -> None:
        """Take the churn and growth of an epoch."""
        self._business = business
        self._churn = business.row(business.scenario.demand.churn_share_per_month)
        self._stay = 1.0 - self._churn
        growth = business.row(business.factors.customers)
        self._each_month = quotient(self._stay, growth, otherwise=0.0)

    def months(self, block: MonthBlock, gross_profit_usd: Array) -> None:
        """Take the gross profit of all customers in the next months, months first."""
        if block.business is not self._business:
            self._begins(block.business)
        for month, usd in enumerate(gross_profit_usd, start=block.first):
            earned = np.asarray(usd * self._over_customers)
            if month >= self._shortest:
                earned = np.where(month < self._horizon, earned, 0.0)
                self._last = np.where(month < self._horizon, earned, self._last)
            else:
                self._last = earned
            before, self._earned = self._earned, np.asarray(self._earned + earned)
            self._pay_back(month, before, earned)
            self._over_customers = self._over_customers * self._each_month

    def _pay_back(self, month: int, before: Array, earned: Array) -> None:
        if not self._open:
            return
        reached = np.asarray((self._earned >= self._cac_usd) & np.isnan(self._paid_back) & (earned > 0))
        if reached.any():
            at = month + (self._cac_usd - before) / np.where(earned > 0, earned, 1.0)
            self._paid_back = np.where(reached, np.maximum(at, month), self._paid_back)
            self._open = bool(np.isnan(self._paid_back).any())

    def ltv_usd(self) -> Array:
        """Return the lifetime value of a customer in USD; nan if none ever leaves or there are none."""
        known = (self._churn > NOTHING) & (self._over_customers_at_first > 0)
        later = self._last * self._stay / np.where(self._churn > NOTHING, self._churn, 1.0)
        return np.where(known, self._earned + later, np.nan)

    def payback_months(self) -> Array:
        """Return the months until a customer's gross profit reaches CAC; nan if it never does."""
        found = self._paid_back
        if self._open:
            found = np.where(np.isnan(found), self._paid_back_after(), found)
        return np.where((self._cac_usd > 0) & (self._over_customers_at_first > 0), found, np.nan)

    def _paid_back_after(self) -> Array:
        """Return the payback if it takes longer than the plan, repeating the plan's last month."""
        left, next_usd = self._cac_usd - self._earned, self._last * self._stay
        brings = next_usd > 0
        safe = np.where(brings, next_usd, 1.0)
        still = 1.0 - left * self._churn / safe
        falls = (self._churn > NOTHING) & (self._stay > 0)
        log_stay = np.log(np.where(falls, self._stay, 0.5))
        months = np.where(falls, np.log(np.where(still > 0, still, 1.0)) / log_stay, left / safe)
        whole = np.floor(np.maximum(months, 0.0))
        kept = np.where(falls, np.exp(whole * log_stay), 1.0)
        begun = np.where(falls, (1.0 - kept) / np.where(falls, self._churn, 1.0), whole)
        part = (left - safe * begun) / (safe * kept)
        return np.where(brings & (still > 0), self._horizon + whole + part, np.nan)


def mean_of_segments(business: Business, first: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return the mean lifetime value in USD and the CAC payback in months, for a plan with segments.

    Uses the profit and churn of month 1.

    Each segment's own value, with its retention and later segments, is in the result's segments.
    """
    demand = business.scenario.demand
    left = (
        demand.customers * demand.churn_share_per_month + np.asarray(business.segments.sum("left", 0, 1))[0]
    )
    each_usd = ratio(first["revenue_usd"] - first["cogs_usd"], first["customers"])
    cac = np.asarray(business.scenario.company.cac_usd_per_customer)
    payback = np.asarray(np.where(cac > 0, ratio(cac, each_usd), np.nan))
    ltv = np.asarray(ratio(each_usd, ratio(left, first["customers"])))
    return ltv, payback


def gross_profit_usd(
    business: Business, block: MonthBlock, net_burn_usd: Array, fleets: Sequence[FleetFlows], kept_usd: Array
) -> Array:
    """Return the gross profit of customers in some months, months first.

    If all requests come from customers, it follows from net burn: `kept_usd` is what is paid besides the cost of
    serving, less what unit cost bears of earlier payments. Else business besides is left out, with its own requests' cost
    and its part, by requests, of what is paid for all.
    """
    if any(some(stream.asked.besides) for stream in business.streams.values()):
        return _of_customers_alone(business, block, fleets)
    profit = kept_usd - net_burn_usd
    for flows in fleets:
        if some(flows.bought_usd) or some(flows.depreciation_usd):
            profit = profit + (flows.bought_usd - flows.depreciation_usd)
    won_usd = business.acquisition_usd
    return np.asarray(profit + block.customers * won_usd if some(won_usd) else profit)


def _of_customers_alone(business: Business, block: MonthBlock, fleets: Sequence[FleetFlows]) -> Array:
    cash = business.scenario.cash
    seats = business.scenario.revenue.usd_per_customer_per_month * block.seat_price
    revenue: Number = block.customers * seats * seat_price_share(cash)
    direct: Number = np.zeros_like(block.numbers)
    asked: Number = 0.0
    asked_in_all: Number = 0.0
    now = api_bill.billed(business, block)
    for name, stream in business.streams.items():
        each = block.customers * block.usage
        refused = api_bill.refused_share(business, now, name)
        usd = api_bill.request_usd(business, now, name) * block.api_price + stream.flat_usd
        usd = usd + refused * stream.lost_usd
        revenue = revenue + each * stream.asked.own_per_customer * stream.revenue_usd * (1.0 - refused)
        direct = direct + each * stream.asked.per_customer * usd
        asked = asked + each * stream.asked.per_customer
        asked_in_all = asked_in_all + volumes.requests(block, stream)
    shared = by_month(block, payments.amortised_usd(business.payments, block.numbers))
    shared = shared + overheads.standing_usd(business) + api_bill.load_usd(business, now)
    for flows in fleets:
        shared = shared + flows.paid_usd + flows.depreciation_usd
    part = quotient(asked, asked_in_all, otherwise=1.0)
    follows = overheads.revenue_cost_usd(business, block, revenue)
    return np.asarray(revenue - direct - follows - part * shared)
