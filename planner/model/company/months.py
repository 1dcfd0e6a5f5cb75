"""The plan month by month: what burns, what cash is left, and when it runs out."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.model.company import cash_flows, trajectory
from planner.model.company.runway import Countdown
from planner.model.company.trajectory import Company, Rows
from planner.model.fleet import fleets
from planner.model.result import Months
from planner.schema import Array, Number
from planner.units import MONTHS_PER_YEAR

Watch = Callable[[int, Array], None]


def nobody(_month: int, _cash_usd: Array) -> None:
    """Watch nothing."""


class FirstYear:
    """Adds up the net burn of the first year, and keeps the revenue that it led to: that of the month after.

    Growth in a month shows in the revenue of the next: twelve months of burn buy the growth up to month 13. A plan
    shorter than that has the burn before its last month and the revenue of that month.
    """

    def __init__(self, horizon: NDArray[np.intp]) -> None:
        self._months = np.minimum(horizon, int(MONTHS_PER_YEAR) + 1)
        self._longest = int(self._months.max())
        self.net_burn_usd: Number = 0.0

    def months(self, first: int, net_burn_usd: Array) -> None:
        """Take some months from `first` on, counted from 0."""
        inside = net_burn_usd[: max(self._longest - 1 - first, 0)]
        for month, net_usd in enumerate(inside, start=first):
            counted = np.where(month < self._months - 1, net_usd, 0.0) if self._months.ndim else net_usd
            self.net_burn_usd = self.net_burn_usd + counted

    def last_revenue_usd(self, company: Company) -> Array:
        """Return the revenue that the burn led to."""
        out: Array = np.zeros(())
        for last in sorted({*self._months.ravel().tolist()}):
            revenue = cash_flows.revenue_usd(company, trajectory.months(company, last - 1))[0]
            out = np.where(self._months == last, revenue, out)
        return out


def run(company: Company, months: int, watch: Watch = nobody) -> Months:
    """Return the months of a plan, arrays of shape (..., months).

    Month 1 has today's customers and prices; growth, churn and declines act from month 2. A one-off, a
    purchase of GPUs and a customer's acquisition are paid in cash when they happen; unit cost bears them
    spread. Funding arrives at the start of its month and is no part of burn. `watch` is called with each month
    (from 0 on) and the cash at its end, in memory that the next month overwrites.
    """
    whole = trajectory.months(company, 0, months)
    raised, fixed = trajectory.raised_usd(company, whole), _fixed_usd(company, whole)
    fleet_burn = {name: FleetBurn(company, name) for name in company.fleets}
    cash: Array = np.array(company.scenario.company.cash_usd, dtype=float)
    scratch: Array = np.empty(0)
    funded = np.asarray(raised.reshape(months, -1).any(axis=1)).tolist()
    horizon = np.asarray(company.scenario.company.horizon_months, dtype=int)
    until = Countdown(horizon)
    year = FirstYear(horizon)
    repricings, provisioned = company.repricings(months) | {0}, company.provisioned
    for rows in trajectory.blocks(company, months, reuse=True):
        if rows.first in repricings:
            burn = company.total(_amounts(company, rows.first), month=rows.first)
        besides = [fixed[rows.span], *(each.run(rows) for each in fleet_burn.values())]
        if provisioned:
            besides.append(_billed_usd(company, rows))
        net = burn.run(rows.first, rows.count, besides)
        scratch = _cash(cash, net, (raised[rows.span], funded[rows.span]), scratch)
        cash = scratch[-1]
        until.months(scratch, net)
        year.months(rows.first, net)
        for month, cash_usd in enumerate(scratch, start=rows.first):
            watch(month, cash_usd)
    return Months(
        cash_end_usd=cash,
        runway=until.runway(),
        first=cash_flows.first_flows(company),
        year_net_burn_usd=year.net_burn_usd,
        year_revenue_usd=year.last_revenue_usd(company),
        flows=partial(cash_flows.all_flows, company, months),
    )


def _fixed_usd(company: Company, rows: Rows) -> Array:
    """Return what each month costs whatever the requests, months first."""
    return np.asarray(
        trajectory.fixed_usd(company, rows)
        + trajectory.once_usd(company, rows)
        + trajectory.overhead_usd(company)
    )


def _cash(cash_usd: Array, net_burn_usd: Array, raised: tuple[Array, list[bool]], scratch: Array) -> Array:
    """Return the cash at the end of each month, months first, in `scratch` where it has the right shape.

    `cash_usd`, that before, may be a part of `scratch`: its last month. `raised` is the funding, and which months see any.
    """
    raised_usd, funded = raised
    shape = (len(net_burn_usd), *np.broadcast(cash_usd, net_burn_usd[0], raised_usd[0]).shape)
    out = scratch if scratch.shape == shape else np.empty(shape)
    for month in range(len(out)):
        if funded[month]:
            cash_usd = np.add(cash_usd, raised_usd[month], out=out[month, ...])
        cash_usd = np.subtract(cash_usd, net_burn_usd[month], out=out[month, ...])
    return out


def _amounts(company: Company, month: int) -> dict[tuple[str, ...], Number]:
    """Return the net burn of a month apart from fleets and fixed costs, by what its parts grow with.

    All of it is an amount per customer and an amount besides: both are put together before they meet the customers
    of all plans. What provisioned capacity leaves to pay per token is not here, see `_billed_usd`.
    """
    seats = company.scenario.revenue.usd_per_customer_per_month
    asked: Number = 0.0
    besides: Number = 0.0
    api: Number = 0.0
    besides_api: Number = 0.0
    for stream in company.streams.values():
        own = stream.flat_usd - stream.revenue_usd
        asked, besides = asked + stream.per_customer * own, besides + stream.besides * own
        if not company.provisioned:
            usd = sum(
                (trajectory.api_usd(company, {}, stream, tier, month) for tier in stream.api_usd), start=0.0
            )
            api, besides_api = api + stream.per_customer * usd, besides_api + stream.besides * usd
    return {
        ("customers", "seat_price"): -seats,
        ("customers",): trajectory.acquisition_usd(company.scenario),
        trajectory.ASKED: asked,
        trajectory.BESIDES: besides,
        (*trajectory.ASKED, "api_price"): api,
        (*trajectory.BESIDES, "api_price"): besides_api,
    }


def _billed_usd(company: Company, rows: Rows) -> Array:
    """Return what is paid per token at all API deployments, where provisioned units carry a part of the load."""
    total: Number = np.zeros_like(rows.numbers)
    for name, stream in company.streams.items():
        usd = trajectory.request_api_usd(company, rows, name) * rows.api_price
        total = total + trajectory.requests(rows, stream) * usd
    return np.asarray(total)


class FleetBurn:
    """What a fleet costs in cash, in runs of months one after the other."""

    def __init__(self, company: Company, name: str) -> None:
        fleet = company.fleets[name]
        self._fleet = fleet
        self._peak = company.total(trajectory.slots_at(company, name, fleet.peak_slots_per_call))
        self._mean = None
        if fleet.deployment.autoscale is not False:
            self._mean = company.total(trajectory.slots_at(company, name, fleet.mean_slots_per_call))
        self._owned: dict[str, Number] = {name: 0.0}
        self._name = name

    def run(self, rows: Rows) -> Array:
        """Return the next months, months first."""
        fleet, nothing = self._fleet, [np.zeros_like(rows.numbers)]
        peak = self._peak.run(rows.first, rows.count, nothing)
        mean = None if self._mean is None else self._mean.run(rows.first, rows.count, nothing)
        here, paid = fleets.gpus(fleet, peak, mean)
        usd = fleets.paid_usd(fleet, here, paid, rows.rent)
        if fleet.hosted.owned:
            usd = usd + trajectory.bought(here, self._owned, self._name) * fleet.hosted.owned_capex_usd
        return np.asarray(usd)
