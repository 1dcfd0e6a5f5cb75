"""The plan month by month: what burns, what cash is left, and when it runs out."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.model import along, fleets, flows
from planner.model.along import Company, Rows
from planner.model.result import Months
from planner.model.runway import Countdown
from planner.records import dataclass
from planner.schema import Array, Number
from planner.units import MONTHS_PER_YEAR

Watch = Callable[[int, Array], None]


def nobody(_month: int, _cash_usd: Array) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Rates:
    """What the months have in common, apart from fleets: USD per customer, and USD besides.

    Those `_api` move with API prices and usage, those `_asked` with usage. `fixed_usd` is an amount for each
    month, months first.
    """

    customer_usd: Number
    customer_asked_usd: Number
    customer_api_usd: Number
    fixed_usd: Array
    besides_asked_usd: Number
    besides_api_usd: Number
    has_besides: bool


class FirstYear:
    """Adds up the net burn of the first year, and keeps the revenue that it led to: that of the month after.

    Growth in a month shows in the revenue of the next: twelve months of burn buy the growth up to month 13. A plan
    shorter than that has the burn before its last month and the revenue of that month.
    """

    def __init__(self, horizon: NDArray[np.intp]) -> None:
        self._months = np.minimum(horizon, int(MONTHS_PER_YEAR) + 1)
        self._longest = int(self._months.max())
        self.net_burn_usd: Number = 0.0
        self.revenue_usd: Array = np.zeros(())

    def month(self, company: Company, rows: Rows, month: int, net_burn_usd: Array) -> None:
        """Take one month, counted from 0, out of `rows`."""
        if month >= self._longest:
            return
        if not self._months.ndim:
            if month == self._longest - 1:
                self.revenue_usd = flows.revenue_usd(company, rows)[month - rows.first]
                return
            self.net_burn_usd = self.net_burn_usd + net_burn_usd
            return
        self.net_burn_usd = self.net_burn_usd + np.where(month < self._months - 1, net_burn_usd, 0.0)
        revenue = flows.revenue_usd(company, rows)[month - rows.first]
        self.revenue_usd = np.where(month == self._months - 1, revenue, self.revenue_usd)


def run(company: Company, months: int, watch: Watch = nobody) -> Months:
    """Return the months of a plan, arrays of shape (..., months).

    Month 1 has today's customers and prices; growth, churn and declines act from month 2. A one-off, a
    purchase of GPUs and a customer's acquisition are paid in cash when they happen; unit cost bears them
    spread. Funding arrives at the start of its month and is no part of burn. `watch` is called with each month
    (from 0 on) and the cash at its end, in memory that the next month overwrites.
    """
    raised, fixed = along.raised_usd(company, months), _fixed_usd(company, months)
    repricings = company.repricings(months)
    funded = [bool(each.any()) for each in raised]
    owned: dict[str, Number] = dict.fromkeys(company.fleets, 0.0)
    cash: Array = np.array(company.scenario.company.cash_usd, dtype=float)
    horizon = np.asarray(company.scenario.company.horizon_months, dtype=int)
    until = Countdown(horizon)
    first = FirstYear(horizon)
    rates: Rates | None = None
    net: Array = np.empty(0)
    for rows in along.blocks(company, months, reuse=True):
        if rates is None or rows.first in repricings:
            rates = _rates(company, rows, fixed)
        net = _net_burn(company, rows, rates, owned, net)
        for month, net_usd in enumerate(net, start=rows.first):
            if funded[month]:
                cash = cash + raised[month]
            cash = _put(np.subtract, cash, net_usd)
            until.month(cash, net_usd)
            watch(month, cash)
            first.month(company, rows, month, net_usd)
    return Months(
        cash_end_usd=cash,
        runway=until.runway(),
        first=flows.first_flows(company),
        year_net_burn_usd=first.net_burn_usd,
        year_revenue_usd=first.revenue_usd,
        flows=partial(flows.all_flows, company, months),
    )


def _fixed_usd(company: Company, months: int) -> Array:
    """Return what each month costs whatever the requests, months first."""
    return np.asarray(
        along.fixed_usd(company, months) + along.once_usd(company, months) + along.overhead_usd(company)
    )


def _rates(company: Company, rows: Rows, fixed_usd: Array) -> Rates:
    customer: Number = 0.0
    customer_api: Number = 0.0
    besides: Number = 0.0
    besides_api: Number = 0.0
    for name, stream in company.streams.items():
        api = along.request_api_usd(company, rows, name)
        own = stream.flat_usd - stream.revenue_usd
        customer, customer_api = (
            customer + stream.per_customer * own,
            customer_api + stream.per_customer * api,
        )
        if np.any(stream.besides):
            besides, besides_api = besides + stream.besides * own, besides_api + stream.besides * api
    return Rates(
        customer_usd=along.acquisition_usd(company.scenario),
        customer_asked_usd=customer,
        customer_api_usd=customer_api,
        fixed_usd=fixed_usd,
        besides_asked_usd=besides,
        besides_api_usd=besides_api,
        has_besides=any(np.any(stream.besides) for stream in company.streams.values()),
    )


def _net_burn(company: Company, rows: Rows, rates: Rates, owned: dict[str, Number], scratch: Array) -> Array:
    """Return the net burn of some months, months first.

    All but the fleets is an amount per customer and an amount besides: both are put together before they meet
    the customers of all plans. `scratch` is memory that may be overwritten.
    """
    usd = _times(rates.customer_api_usd, rows.api_price, scratch)
    usd = _put(np.add, usd, rates.customer_asked_usd)
    usd = _put(np.multiply, usd, rows.usage)
    usd = _put(np.subtract, usd, company.scenario.revenue.usd_per_customer_per_month * rows.seat_price)
    usd = _put(np.add, usd, rates.customer_usd)
    usd = _put(np.multiply, usd, rows.customers)
    net = _put(np.add, usd, rates.fixed_usd[rows.span])
    if rates.has_besides:
        asked = rates.besides_asked_usd + rates.besides_api_usd * rows.api_price
        net = _put(np.add, net, asked * rows.usage)
    for name, fleet in company.fleets.items():
        here, paid = fleets.gpus(fleet, *along.slots(company, rows, name))
        net = _put(np.add, net, fleets.paid_usd(fleet, here, paid, rows.rent))
        if fleet.hosted.owned:
            net = net + along.bought(here, owned, name) * fleet.hosted.owned_capex_usd
    return np.asarray(net)


def _times(one: Number, other: Array, scratch: Array) -> Array:
    """Return a product, in the memory of `scratch` where it has the right shape."""
    fits = max(np.size(one), np.size(other)) == scratch.size and other.ndim == scratch.ndim
    if fits and np.broadcast_shapes(np.shape(one), other.shape) == scratch.shape:
        return np.asarray(np.multiply(one, other, out=scratch))
    return np.asarray(one * other)


def _put(operation: np.ufunc, values: Array, other: Number) -> Array:
    """Return an operation's result, in the memory of `values` where the shape allows it."""
    if not values.ndim:
        return np.asarray(operation(values, other))
    if np.size(other) == 1:
        if other == (operation is np.multiply):  # times 1, or plus or minus 0
            return values
        return np.asarray(operation(values, other, out=values))
    if np.ndim(other) <= values.ndim and np.shape(other) == values.shape[values.ndim - np.ndim(other) :]:
        return np.asarray(operation(values, other, out=values))
    return np.asarray(operation(values, other))
