"""The plan month by month: burn, remaining cash, and when it runs out."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.model.company import api_bill, cash_flows, overheads, payments, volumes
from planner.model.company.business import Business
from planner.model.company.customer_value import CustomerValue, gross_profit_usd, mean_of_segments
from planner.model.company.month_blocks import MonthBlock, blocks, by_month, one_block, with_ends
from planner.model.company.runway import Countdown, LeastCash, needed_raise_month
from planner.model.company.settlement import earns_interest, seat_price_share, settles_later
from planner.model.handed_on import FleetFlows, FleetInMonths
from planner.model.result import Months
from planner.schema import Array, Number
from planner.units import MONTHS_PER_YEAR

Watch = Callable[[int, Array], None]


def nobody(_month: int, _cash_usd: Array) -> None:
    """Watch nothing."""


class FirstYear:
    """Sums the net burn of the first year, and keeps the revenue that it led to: that of the month after.

    A month's growth shows in the next month's revenue, so twelve months of burn buy the growth up to month 13. A plan
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

    def last_revenue_usd(self, stages: Sequence[Business]) -> Array:
        """Return the revenue that the burn led to."""
        out: Array = np.zeros(())
        for last in sorted({*self._months.ravel().tolist()}):
            business = [each for each in stages if each.carried.month < last][-1]
            revenue = cash_flows.revenue_usd(business, one_block(business, last - 1))[0]
            out = np.where(self._months == last, revenue, out)
        return out


def run(stages: Sequence[Business], months: int, watch: Watch = nobody) -> Months:
    """Return the months of a plan, as arrays of shape (..., months), from its epochs in sequence.

    Month 1 has today's customers and prices; growth, churn and declines act from month 2. A one-off, a
    purchase of GPUs and a customer's acquisition are paid in cash when they happen; unit cost bears them
    spread over time. Funding arrives at the start of its month and is not part of burn. `watch` is called with each month
    (from 0 on) and the cash at its end, in memory that the next month overwrites.
    """
    business = stages[0]
    whole = one_block(business, 0, months)
    raised, value = overheads.raised_usd(business, whole), CustomerValue(business)
    cash: Array = np.array(business.scenario.company.cash_usd, dtype=float)
    scratch: Array = np.empty(0)
    funded = np.asarray(raised.reshape(months, -1).any(axis=1)).tolist()
    lasting = Lasting(business, whole)
    year = FirstYear(np.asarray(business.scenario.company.horizon_months, dtype=int))
    for block, net, profit in _burn_and_profit(stages, months):
        scratch = _cash(cash, net, (raised[block.span], funded[block.span]), scratch)
        cash = scratch[-1]
        lasting.months(block, scratch, net)
        year.months(block.first, net)
        value.months(block, profit)
        for month, cash_usd in enumerate(scratch, start=block.first):
            watch(month, cash_usd)
    first = cash_flows.first_flows(business)
    ltv_usd, payback_months = value.ltv_usd(), value.payback_months()
    if business.segments.months:
        ltv_usd, payback_months = mean_of_segments(business, first)
    return Months(
        cash_end_usd=cash,
        **lasting.found(),
        ltv_usd=ltv_usd,
        cac_payback_months=payback_months,
        first=first,
        year_net_burn_usd=year.net_burn_usd,
        year_revenue_usd=year.last_revenue_usd(stages),
        flows=partial(cash_flows.all_flows, stages, months),
    )


def _burn_and_profit(stages: Sequence[Business], months: int) -> Iterator[tuple[MonthBlock, Array, Array]]:
    """Yield the months of all epochs in blocks with net burn and customers' gross profit, until the next block's."""
    moved = settles_later(stages[0].scenario) or earns_interest(stages[0].scenario)
    if any(stage.segments.months for stage in stages):
        yield from [_from_flows(stages, months)] if moved else _by_block(stages, months)
        return
    later = cash_flows.later_usd(stages, months) if moved else None
    fleet_burn: dict[str, FleetBurn] = {}
    for stage, until in with_ends(stages, months):
        first = stage.carried.month
        whole = one_block(stage, first, until - first)
        fixed, kept = _fixed_usd(stage, whole), _kept_usd(stage, whole)
        fleet_burn = {name: FleetBurn(stage, name, fleet_burn.get(name)) for name in stage.fleets}
        repricings = stage.repricings(until) | {first}
        for block in blocks(stage, until, reuse=True):
            if block.first in repricings:
                burn = stage.total(_amounts(stage, block.first), month=block.first)
            here = slice(block.first - first, block.first - first + block.count)
            besides = [fixed[here], *(each.run(block) for each in fleet_burn.values())]
            if stage.bills_follow_load:
                besides.append(_billed_usd(stage, block))
            net = burn.run(block.first, block.count, besides)
            flows = [each.flows for each in fleet_burn.values()]
            profit = gross_profit_usd(stage, block, net, flows, kept[here])
            yield block, net if later is None else net + later[block.span], profit


def _from_flows(stages: Sequence[Business], months: int) -> tuple[MonthBlock, Array, Array]:
    """Return all months as one block, since segments don't grow by a constant factor."""
    flows = cash_flows.all_flows(stages, months)
    net, revenue, cogs = (
        np.moveaxis(flows[name], -1, 0) for name in ("net_burn_usd", "revenue_usd", "cogs_usd")
    )
    return one_block(stages[0], 0, months), net, revenue - cogs


def _by_block(stages: Sequence[Business], months: int) -> Iterator[tuple[MonthBlock, Array, Array]]:
    """Yield the same in blocks, if no month depends on others."""
    fleets = dict[str, FleetInMonths]()
    for stage, until in with_ends(stages, months):
        fleets = {name: fleet.months(fleets.get(name)) for name, fleet in stage.fleets.items()}
        for block in blocks(stage, until):
            net, revenue, cogs = cash_flows.money_of_block(stage, block, fleets)
            yield block, net, revenue - cogs


class Lasting:
    """How long cash lasts, without and with planned raises, and when it is lowest."""

    def __init__(self, business: Business, whole: MonthBlock) -> None:
        company = business.scenario.company
        horizon = np.asarray(company.horizon_months, dtype=int)
        planned = overheads.planned_usd(business, whole)
        self._planned_usd = np.cumsum(planned, axis=0) if planned.any() else None
        self._raises = [(each.month, np.where(each.closed, 0.0, each.amount_usd)) for each in company.funding]
        self._own, self._least = Countdown(horizon), LeastCash(horizon)
        self._with_raises = self._own  # the same until a planned raise arrives

    def months(self, block: MonthBlock, cash_usd: Array, net_burn_usd: Array) -> None:
        """Take the next months: the cash at their ends and the burn in them, months first."""
        planned = None if self._planned_usd is None else self._planned_usd[block.span]
        if planned is not None and self._with_raises is self._own and planned.any():
            self._with_raises = copy(self._own)
        if self._with_raises is self._own:
            self._own.months(cash_usd, net_burn_usd)
        else:
            self._own.months(cash_usd, net_burn_usd, planned)
            self._with_raises.months(cash_usd, net_burn_usd)
        self._least.months(block.first, cash_usd)

    def found(self) -> dict[str, Any]:
        """Return the values for `Months`."""
        own = self._own.runway()
        raised = own if self._with_raises is self._own else self._with_raises.runway()
        usd, month = self._least.found()
        needed = needed_raise_month(
            runway_months=own.months, with_raises_months=raised.months, raises=self._raises
        )
        return {
            "runway": own, "with_raises": raised, "needs_raise_month": needed, "least_cash_usd": usd,
            "least_cash_month": month,
        }  # fmt: skip


def _fixed_usd(business: Business, block: MonthBlock) -> Array:
    """Return each month's cost independent of requests, months first."""
    return np.asarray(
        overheads.fixed_usd(business, block)
        + overheads.once_usd(business, block)
        + overheads.standing_usd(business)
    )


def _kept_usd(business: Business, block: MonthBlock) -> Array:
    """Return what is paid beside the cost of serving, less what that bears of single payments, months first."""
    spread = by_month(block, payments.amortised_usd(business.payments, block.numbers))
    return np.asarray(overheads.fixed_usd(business, block) + overheads.once_usd(business, block) - spread)


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


def _amounts(business: Business, month: int) -> dict[tuple[str, ...], Number]:
    """Return the net burn of a month apart from fleets and fixed costs, by what its parts grow with.

    All of it is an amount per customer and an amount besides: both are put together before they meet the customers
    of all plans. Bills that follow the load are not here, see `_billed_usd`.
    """
    kept = 1.0 - overheads.revenue_cost_share(business.scenario)
    seats = business.scenario.revenue.usd_per_customer_per_month * kept
    seats = seats * seat_price_share(business.scenario.cash)
    asked: Number = 0.0
    besides: Number = 0.0
    api: Number = 0.0
    besides_api: Number = 0.0
    for stream in business.streams.values():
        of, usd, paid = stream.asked, stream.flat_usd, stream.revenue_usd * kept
        asked = asked + of.per_customer * usd - of.own_per_customer * paid
        besides = besides + of.besides * usd - of.own_besides * paid
        if not business.bills_follow_load:
            usd = sum(
                (stream.calls[tier] * api_bill.by_token_usd(stream, tier, month) for tier in stream.api_usd),
                start=0.0,
            )
            api, besides_api = api + of.per_customer * usd, besides_api + of.besides * usd
    return {
        ("customers", "seat_price"): -seats,
        ("customers",): business.acquisition_usd + overheads.charge_usd(business),
        volumes.ASKED: asked,
        volumes.BESIDES: besides,
        (*volumes.ASKED, "api_price"): api,
        (*volumes.BESIDES, "api_price"): besides_api,
    }


def _billed_usd(business: Business, block: MonthBlock) -> Array:
    """Return the total of load-dependent API bills, plus the cost of requests that vendors refuse."""
    now = api_bill.billed(business, block)
    total: Number = np.zeros_like(block.numbers) + api_bill.load_usd(business, now)
    kept = 1.0 - overheads.revenue_cost_share(business.scenario)
    for name, stream in business.streams.items():
        refused = api_bill.refused_share(business, now, name)
        usd = api_bill.request_usd(business, now, name) * block.api_price + refused * stream.lost_usd
        total = total + volumes.requests(block, stream) * usd
        total = total + volumes.own_requests(block, stream) * (stream.revenue_usd * refused * kept)
    return np.asarray(total)


class FleetBurn:
    """A fleet's cash cost, in successive runs of months; `flows` are those of the last run."""

    def __init__(self, business: Business, name: str, before: "FleetBurn | None" = None) -> None:
        fleet = business.fleets[name]
        self.months: FleetInMonths = fleet.months(before.months if before else None)
        self.flows = FleetFlows(np.zeros(()), 0.0, 0.0, 0.0)
        self._fleet = fleet
        self._sums = [
            business.total(volumes.places_by_growth(business, name, each))
            for each in volumes.parts_of_load(fleet)
        ]

    def run(self, block: MonthBlock) -> Array:
        """Return the next months, months first."""
        nothing = [np.zeros_like(block.numbers)]
        sums = [each.run(block.first, block.count, nothing) for each in self._sums]
        self.flows = self.months.run(volumes.put_together(self._fleet, sums), rent_factor=block.rent)
        return np.asarray(self.flows.paid_usd + self.flows.bought_usd)
