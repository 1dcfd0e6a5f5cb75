"""The plan month by month: customers, requests, revenue, costs, cash."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from planner.model import fleets, schedule
from planner.model.result import FLOWS, Months
from planner.schema import ApiDeployment, Array, Number, Scenario
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_MONTH

BLOCK = 8_192  # numbers that stay in the processor's cache while a few months of all plans are computed


@dataclass(frozen=True)
class Stream:
    """One workload's requests and what each of them costs and earns. `calls` are per deployment and request.

    `api_usd` holds (month from which it counts, USD per call) per deployment; months count from 0.
    """

    per_customer: Number
    besides: Number
    calls: Mapping[str, Number]
    api_usd: Mapping[str, Sequence[tuple[int, Number]]]
    api_tokens: Number
    flat_usd: Number
    flat_usd_per_month: Number
    revenue_usd: Number


@dataclass(frozen=True)
class Company:
    """What the months need beside the requests."""

    scenario: Scenario
    streams: Mapping[str, Stream]
    fleets: Mapping[str, fleets.Fleet]
    payments: Sequence[schedule.Payment]
    own_payments: Sequence[schedule.Payment]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Path:
    """How customers, usage and prices move from month to month: factors per month."""

    customers: Number
    usage: Number
    api_price: Number
    rent: Number
    seat_price: Number


@dataclass(frozen=True)
class Rows:
    """Some months, from `first` (counted from 0) on: customers, and usage and prices over those of month 1.

    Shape (months, ...): the months are the leading axis, the axes of the plans follow.
    """

    first: int
    customers: Array
    usage: Array
    api_price: Array
    rent: Array
    seat_price: Array

    @property
    def months(self) -> range:
        """The months, counted from 1."""
        return range(self.first + 1, self.first + 1 + len(self.customers))

    def part(self, start: int, stop: int) -> "Rows":
        """Return the months from `start` up to `stop`."""
        return Rows(
            start, self.customers[start:stop], self.usage[start:stop], self.api_price[start:stop],
            self.rent[start:stop], self.seat_price[start:stop],
        )  # fmt: skip


@dataclass(frozen=True)
class Served:
    """The cost of serving in some months: in unit cost (`cogs_usd`), in cash, and purchases of GPUs."""

    cogs_usd: Number
    cash_usd: Number
    capex_usd: Number


def path(scenario: Scenario) -> Path:
    """Return the monthly factors of a scenario. Source: price(t) = price0 * d^-t, evidence formula price_path."""
    demand, decline = scenario.demand, scenario.decline
    api = np.maximum(decline.same_model_price_x_per_year, decline.same_quality_price_x_per_year)
    return Path(
        customers=np.maximum(1.0 + demand.growth_share_per_month - demand.churn_share_per_month, 0.0),
        usage=_per_month(demand.usage_growth_x_per_year),
        api_price=1.0 / _per_month(api),
        rent=1.0 / _per_month(decline.gpu_rent_x_per_year),
        seat_price=1.0 + demand.expansion_share_per_month,
    )


def _per_month(x_per_year: Number) -> Number:
    return np.exp(np.log(x_per_year) / MONTHS_PER_YEAR)


def run(company: Company, months: int) -> Months:
    """Return the months of a plan, arrays of shape (..., months).

    Month 1 has today's customers and prices; growth, churn and declines act from month 2. A one-off, a
    purchase of GPUs and a customer's acquisition are paid in cash when they happen; unit cost bears them
    spread. Funding arrives at the start of its month and is no part of burn.
    """
    rows = _rows(company, months)
    net, gpus = _net_burn(company, rows)
    raised = _raised_usd(company, rows)
    before: Array = np.asarray(company.scenario.company.cash_usd, dtype=float)
    cash = np.empty((months, *np.broadcast_shapes(before.shape, net.shape[1:], raised.shape[1:])))
    for month in range(months):
        np.subtract(before + raised[month], net[month], out=cash[month : month + 1])
        before = cash[month]
    year = min(months, int(MONTHS_PER_YEAR))
    first = _flows_of(company, _rows(company, 1), dict.fromkeys(company.fleets, 0.0))
    return Months(
        net_burn_usd=np.moveaxis(net, 0, -1),
        cash_usd=np.moveaxis(cash, 0, -1),
        gpus=np.moveaxis(gpus, 0, -1),
        first={name: each[0] for name, each in first.items()},
        year_revenue_usd=_revenue_usd(company, rows.part(year - 1, year))[0],
        flows=partial(_all_flows, company, rows),
    )


def _rows(company: Company, months: int) -> Rows:
    """Return how customers, usage and prices stand in every month."""
    factors, axes = path(company.scenario), len(company.shape)
    grown = [
        _powers(start, factor, months, axes)
        for start, factor in (
            (company.scenario.demand.customers, factors.customers),
            (1.0, factors.usage),
            (1.0, factors.api_price),
            (1.0, factors.rent),
            (1.0, factors.seat_price),
        )
    ]
    return Rows(0, *grown)


def _powers(start: Number, factor: Number, months: int, axes: int) -> Array:
    """Return `start` times each power of `factor`, months first; multiplied up, which is faster than powers."""
    shape = np.broadcast_shapes(np.shape(start), np.shape(factor)) if months > 1 else np.shape(start)
    out = np.empty((months, *([1] * (axes - len(shape))), *shape))
    out[0] = start
    for month in range(1, months):
        np.multiply(out[month - 1 : month], factor, out=out[month : month + 1])
    return out


def _by_month(company: Company, rows: Rows, amounts: Iterable[Number]) -> Array:
    """Return one amount a month as an array, months first."""
    found = list(amounts)
    shape = np.broadcast_shapes(*(np.shape(each) for each in found))
    out = np.empty((len(rows.months), *([1] * (len(company.shape) - len(shape))), *shape))
    for month, each in enumerate(found):
        out[month] = each
    return out


def _fixed_usd(company: Company, rows: Rows) -> Array:
    return _by_month(
        company, rows, (schedule.fixed_usd(company.scenario.company, month) for month in rows.months)
    )


def _paid_usd(company: Company, rows: Rows) -> Array:
    due = [*company.payments, *company.own_payments]
    return _by_month(company, rows, (schedule.paid_usd(due, month) for month in rows.months))


def _raised_usd(company: Company, rows: Rows) -> Array:
    return _by_month(
        company, rows, (schedule.raised_usd(company.scenario.company, month) for month in rows.months)
    )


def _blocks(company: Company, rows: Rows) -> Iterator[Rows]:
    """Yield runs of months within which no API price changes, short for many plans."""
    months = len(rows.customers)
    most = max(BLOCK // max(math.prod(company.shape), 1), 1)
    changes = {
        since
        for stream in company.streams.values()
        for epochs in stream.api_usd.values()
        for since, _ in epochs
        if 0 < since < months
    }
    start = 0
    for stop in sorted({*changes, months}):
        yield from (rows.part(each, min(each + most, stop)) for each in range(start, stop, most))
        start = stop


def _joined(blocks: Sequence[Array]) -> Array:
    """Return blocks of months as one array, months first."""
    if len(blocks) == 1:
        return blocks[0]
    shape = np.broadcast_shapes(*(each.shape[1:] for each in blocks))
    return np.concatenate([np.broadcast_to(each, (len(each), *shape)) for each in blocks])


def _net_burn(company: Company, rows: Rows) -> tuple[Array, Array]:
    """Return net burn and GPUs, months first, in blocks that stay in the processor's cache."""
    owned: dict[str, Number] = dict.fromkeys(company.fleets, 0.0)
    blocks = [_net_of(company, part, owned) for part in _blocks(company, rows)]
    return _joined([net for net, _ in blocks]), _joined([gpus for _, gpus in blocks])


def _net_of(company: Company, rows: Rows, owned: dict[str, Number]) -> tuple[Array, Array]:
    """Return net burn and GPUs of some months.

    All but the fleets is an amount per customer and an amount besides: both are put together before they meet
    the customers of all plans.
    """
    scenario = company.scenario
    per_customer = _acquisition_usd(scenario) - scenario.revenue.usd_per_customer_per_month * rows.seat_price
    besides: Number = _fixed_usd(company, rows) + _paid_usd(company, rows) + _overhead_usd(company)
    for name, stream in company.streams.items():
        api = _api_usd(company, rows, name) * rows.api_price
        usd = (api + stream.flat_usd - stream.revenue_usd) * rows.usage
        per_customer = per_customer + stream.per_customer * usd
        besides = besides + stream.besides * usd
    net: Number = rows.customers * per_customer
    net = net + besides
    gpus: Number = np.zeros((len(rows.months), *([1] * len(company.shape))))
    for name, fleet in company.fleets.items():
        here, paid = fleets.gpus(fleet, *_slots(company, rows, name))
        net = net + fleets.paid_usd(fleet, here, paid, rows.rent)
        if fleet.hosted.owned:
            net = net + _bought(here, owned, name) * fleet.hosted.owned_capex_usd
        gpus = gpus + here
    return np.asarray(net), np.asarray(gpus)


def _bought(gpus: Number, owned: dict[str, Number], name: str) -> Array:
    """Return the GPUs bought in each month: those beyond the most that there were, which `owned` keeps."""
    most = np.maximum(np.maximum.accumulate(np.asarray(gpus), axis=0), owned[name])
    first = np.maximum(most[:1] - owned[name], 0.0)
    owned[name] = most[-1:]
    return np.concatenate([np.broadcast_to(first, most[:1].shape), np.diff(most, axis=0)])


def _slots(company: Company, rows: Rows, name: str) -> tuple[Number, Number | None]:
    """Return the places in a batch that a fleet's peak and (where it follows the load) mean hour keep busy."""
    fleet = company.fleets[name]
    peak = _load(company, rows, name, fleet.peak_slots_per_call)
    if fleet.deployment.autoscale is False:
        return peak, None
    return peak, _load(company, rows, name, fleet.mean_slots_per_call)


def _load(company: Company, rows: Rows, name: str, slots_per_call: Mapping[str, Number]) -> Number:
    per_customer: Number = 0.0
    besides: Number = 0.0
    for workload, slots in slots_per_call.items():
        stream = company.streams[workload]
        each = stream.calls[name] * slots
        per_customer = per_customer + stream.per_customer * each
        besides = besides + stream.besides * each
    return rows.customers * (per_customer * rows.usage) + besides * rows.usage


def _requests(rows: Rows, stream: Stream) -> Number:
    return (rows.customers * stream.per_customer + stream.besides) * rows.usage


def _api_usd(company: Company, rows: Rows, name: str) -> Number:
    """Return what a request pays at all API deployments, at the prices of the first of the months."""
    stream = company.streams[name]
    provisioned = any(_has_units(company.scenario, tier) for tier in stream.api_usd)
    requests = (
        {other: _requests(rows, each) for other, each in company.streams.items()} if provisioned else {}
    )
    return sum((api_usd(company, requests, stream, tier, rows.first) for tier in stream.api_usd), start=0.0)


def _acquisition_usd(scenario: Scenario) -> Number:
    """Return the cost of new customers, per customer that there is."""
    return np.maximum(scenario.demand.growth_share_per_month, 0.0) * scenario.company.cac_usd_per_customer


def _overhead_usd(company: Company) -> Number:
    """Return what serving costs a month whatever the load: stores, staff, provisioned capacity."""
    total = provisioned_usd(company.scenario)
    for stream in company.streams.values():
        total = total + stream.flat_usd_per_month
    for deployment in company.scenario.deployments.values():
        total = total + deployment.staff_usd_per_month
    return total


def _all_flows(company: Company, rows: Rows) -> dict[str, Array]:
    """Return every flow, months last."""
    owned: dict[str, Number] = dict.fromkeys(company.fleets, 0.0)
    blocks = [_flows_of(company, part, owned) for part in _blocks(company, rows)]
    return {name: np.moveaxis(_joined([block[name] for block in blocks]), 0, -1) for name in FLOWS}


def _flows_of(company: Company, rows: Rows, owned: dict[str, Number]) -> dict[str, Array]:
    """Return every flow of some months, months first, each in its own smallest shape."""
    served = _serving(company, rows, owned)
    fixed, new_usd = _fixed_usd(company, rows), rows.customers * _acquisition_usd(company.scenario)
    paid = _paid_usd(company, rows) + served.capex_usd
    spread = _by_month(
        company, rows, (schedule.amortised_usd(company.payments, month) for month in rows.months)
    )
    values: dict[str, Number] = {
        "customers": rows.customers,
        "requests": sum((_requests(rows, each) for each in company.streams.values()), start=0.0 * rows.usage),
        "revenue_usd": _revenue_usd(company, rows),
        "cogs_usd": served.cogs_usd + spread,
        "fixed_costs_usd": fixed,
        "acquisition_usd": new_usd,
        "one_off_usd": paid,
        "gross_burn_usd": served.cash_usd + fixed + new_usd + paid,
        "funding_usd": _raised_usd(company, rows),
    }
    return {name: np.asarray(value) for name, value in values.items()}


def _revenue_usd(company: Company, rows: Rows) -> Array:
    revenue: Number = rows.customers * (company.scenario.revenue.usd_per_customer_per_month * rows.seat_price)
    for stream in company.streams.values():
        revenue = revenue + _requests(rows, stream) * stream.revenue_usd
    return np.asarray(revenue)


def _serving(company: Company, rows: Rows, owned: dict[str, Number]) -> Served:
    cogs: Number = _overhead_usd(company) + np.zeros((len(rows.months), *([1] * len(company.shape))))
    cash: Number = 0.0
    capex: Number = 0.0
    for name, stream in company.streams.items():
        api = _api_usd(company, rows, name) * rows.api_price
        cogs = cogs + _requests(rows, stream) * (api + stream.flat_usd)
    for name, fleet in company.fleets.items():
        here, paid = fleets.gpus(fleet, *_slots(company, rows, name))
        cogs = cogs + fleets.unit_usd(fleet, here, paid, rows.rent)
        cash = (
            cash
            + fleets.paid_usd(fleet, here, paid, rows.rent)
            - fleets.unit_usd(fleet, here, paid, rows.rent)
        )
        if fleet.hosted.owned:
            capex = capex + _bought(here, owned, name) * fleet.hosted.owned_capex_usd
    return Served(cogs_usd=cogs, cash_usd=cogs + cash, capex_usd=capex)


def api_usd(
    company: Company, requests: Mapping[str, Number], stream: Stream, name: str, month: int
) -> Number:
    """Return what one request of a stream pays per token at one API deployment, in a month counted from 0.

    Provisioned units answer up to their capacity at the busiest hour's rate; the rest is billed per token.
    """
    usd: Number = 0.0
    for since, each in stream.api_usd[name]:
        if since <= month:
            usd = each
    return stream.calls[name] * usd * (1.0 - covered_share(company, requests, name))


def covered_share(company: Company, requests: Mapping[str, Number], name: str) -> Number:
    """Return the share of a deployment's tokens that provisioned units carry at the peak."""
    deployment = company.scenario.deployments[name]
    if not isinstance(deployment, ApiDeployment) or not _has_units(company.scenario, name):
        return 0.0
    peak: Number = 0.0
    for other, stream in company.streams.items():
        if name in stream.calls:
            tokens = requests[other] * stream.calls[name] * stream.api_tokens / SECONDS_PER_MONTH
            peak = peak + tokens * company.scenario.workloads[other].peak_to_mean
    capacity = deployment.provisioned.units * deployment.provisioned.tokens_per_s_per_unit
    return np.minimum(capacity / np.maximum(peak, 1e-12), 1.0)


def _has_units(scenario: Scenario, name: str) -> bool:
    deployment = scenario.deployments[name]
    return isinstance(deployment, ApiDeployment) and bool(np.any(deployment.provisioned.units))


def provisioned_usd(scenario: Scenario) -> Number:
    """Return what provisioned API capacity costs a month, used or not."""
    return sum(
        (
            each.provisioned.units * each.provisioned.usd_per_unit_hour * HOURS_PER_MONTH
            for each in scenario.deployments.values()
            if isinstance(each, ApiDeployment)
        ),
        start=0.0,
    )
