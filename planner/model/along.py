"""Along the months: how customers, usage and prices move, and what requests, places and prices follow from them."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

import numpy as np

from planner.model import fleets, provisioned, schedule
from planner.records import dataclass
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
    """What the months need beside the requests.

    `unused_usd` is what own GPUs cost a month that no workload lists, by deployment.
    """

    scenario: Scenario
    streams: Mapping[str, Stream]
    fleets: Mapping[str, fleets.Fleet]
    payments: Sequence[schedule.Payment]
    own_payments: Sequence[schedule.Payment]
    shape: tuple[int, ...]
    unused_usd: Mapping[str, Number] = field(default_factory=dict)

    def repricings(self, months: int) -> frozenset[int]:
        """Return the months, from 0 on, in which what a request pays per token differs from the month before."""
        if any(has_units(self.scenario, name) for name in self.scenario.deployments):
            return frozenset(range(months))
        return frozenset(
            since
            for stream in self.streams.values()
            for epochs in stream.api_usd.values()
            for since, _ in epochs
        )


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
    def count(self) -> int:
        """How many months these are."""
        return len(self.customers)

    @property
    def span(self) -> slice:
        """Where these months stand among all."""
        return slice(self.first, self.first + self.count)


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


def blocks(company: Company, months: int, *, reuse: bool = False) -> Iterator[Rows]:
    """Yield the months in runs within which no API price changes, short where there are many plans.

    With `reuse`, each run may overwrite the one before: asking the system for memory takes longer than the sums.
    """
    factors, axes = path(company.scenario), len(company.shape)
    growing = (factors.customers, factors.usage, factors.api_price, factors.rent, factors.seat_price)
    now = [_row(start, axes) for start in (company.scenario.demand.customers, 1.0, 1.0, 1.0, 1.0)]
    for start, stop in _spans(company, months):
        grown = [_powers(each, factor, stop - start) for each, factor in zip(now, growing, strict=True)]
        yield Rows(start, *grown)
        now = [_next(each, factor, reuse=reuse) for each, factor in zip(grown, growing, strict=True)]


def _next(grown: Array, factor: Number, *, reuse: bool) -> Array:
    if np.ndim(factor) == 0 and factor == 1.0:
        return grown[-1:]
    if reuse and len(grown) == 1 and grown.size >= np.size(factor) and grown.base is None:
        return np.multiply(grown, factor, out=grown)
    return np.asarray(grown[-1:] * factor)


def first_month(company: Company) -> Rows:
    """Return month 1, in which no factor acts yet."""
    axes = len(company.shape)
    return Rows(0, *(_row(start, axes) for start in (company.scenario.demand.customers, 1.0, 1.0, 1.0, 1.0)))


def _row(value: Number, axes: int) -> Array:
    array = np.array(value, dtype=float)
    return array.reshape((1,) * (1 + axes - array.ndim) + array.shape)


def _powers(start: Array, factor: Number, months: int) -> Array:
    """Return `start` times each power of `factor`, months first; multiplied up, which is faster than powers."""
    if months == 1:
        return start
    out = np.empty((months, *np.broadcast_shapes(start.shape[1:], np.shape(factor))))
    out[0] = start[0]
    for month in range(1, months):
        np.multiply(out[month - 1 : month], factor, out=out[month : month + 1])
    return out


def _spans(company: Company, months: int) -> Iterator[tuple[int, int]]:
    most = max(BLOCK // max(math.prod(company.shape), 1), 1)
    changes = {
        since
        for stream in company.streams.values()
        for epochs in stream.api_usd.values()
        for since, _ in epochs
    }
    changes = {since for since in changes if 0 < since < months}
    start = 0
    for stop in sorted({*changes, months}):
        yield from ((each, min(each + most, stop)) for each in range(start, stop, most))
        start = stop


def joined(parts: Sequence[Array]) -> Array:
    """Return runs of months as one array, months first."""
    shape = np.broadcast_shapes(*(each.shape[1:] for each in parts))
    return np.concatenate([np.broadcast_to(each, (len(each), *shape)) for each in parts])


def by_month(company: Company, amounts: Iterable[Number]) -> Array:
    """Return one amount a month as an array, months first."""
    found = list(amounts)
    axes = len(company.shape)
    if not any(isinstance(each, np.ndarray) for each in found):
        return np.array(found, dtype=float).reshape(-1, *([1] * axes))
    shape = np.broadcast_shapes(*(np.shape(each) for each in found))
    out = np.empty((len(found), *([1] * (axes - len(shape))), *shape))
    for month, each in enumerate(found):
        out[month] = each
    return out


def fixed_usd(company: Company, months: int) -> Array:
    """Return the fixed costs of each month, months first."""
    of = company.scenario.company
    return by_month(company, (schedule.fixed_usd(of, month) for month in range(1, months + 1)))


def once_usd(company: Company, months: int) -> Array:
    """Return the single payments of each month, months first."""
    due = [*company.payments, *company.own_payments]
    return by_month(company, (schedule.paid_usd(due, month) for month in range(1, months + 1)))


def raised_usd(company: Company, months: int) -> Array:
    """Return the funding of each month, months first."""
    of = company.scenario.company
    return by_month(company, (schedule.raised_usd(of, month) for month in range(1, months + 1)))


def requests(rows: Rows, stream: Stream) -> Number:
    """Return the requests of a workload in some months."""
    return (rows.customers * stream.per_customer + stream.besides) * rows.usage


def slots(company: Company, rows: Rows, name: str) -> tuple[Number, Number | None]:
    """Return the places in a batch that a fleet's peak and (where it follows the load) mean hour keep busy."""
    fleet = company.fleets[name]
    peak = _load(company, rows, name, fleet.peak_slots_per_call)
    if fleet.deployment.autoscale is False:
        return peak, None
    return peak, _load(company, rows, name, fleet.mean_slots_per_call)


def _load(company: Company, rows: Rows, name: str, slots_per_call: Mapping[str, Number]) -> Number:
    per_customer: Number = 0.0
    besides: Number = 0.0
    for workload, places in slots_per_call.items():
        stream = company.streams[workload]
        each = stream.calls[name] * places
        per_customer = per_customer + stream.per_customer * each
        besides = besides + stream.besides * each
    load = rows.customers * (per_customer * rows.usage)
    return load + besides * rows.usage if np.any(besides) else load


def bought(gpus: Number, owned: dict[str, Number], name: str) -> Array:
    """Return the GPUs bought in each month: those beyond the most that there were, which `owned` keeps."""
    most = np.maximum(np.maximum.accumulate(np.asarray(gpus), axis=0), owned[name])
    before = np.concatenate([np.broadcast_to(owned[name], most[:1].shape), most[:-1]])
    owned[name] = most[-1:]
    return np.asarray(most - before)


def request_api_usd(company: Company, rows: Rows, name: str) -> Number:
    """Return what a request pays at all API deployments, at the list prices of these months."""
    stream = company.streams[name]
    units = any(has_units(company.scenario, tier) for tier in stream.api_usd)
    volume = {other: requests(rows, each) for other, each in company.streams.items()} if units else {}
    return sum((api_usd(company, volume, stream, tier, rows.first) for tier in stream.api_usd), start=0.0)


def acquisition_usd(scenario: Scenario) -> Number:
    """Return the cost of new customers, per customer that there is."""
    usd = scenario.company.cac_usd_per_customer
    return np.maximum(scenario.demand.growth_share_per_month, 0.0) * usd if np.any(usd) else 0.0


def overhead_usd(company: Company) -> Number:
    """Return what serving costs a month whatever the load: stores, staff, provisioned and unused capacity."""
    total = provisioned_usd(company.scenario) + sum(company.unused_usd.values(), start=0.0)
    for stream in company.streams.values():
        total = total + stream.flat_usd_per_month
    for deployment in company.scenario.deployments.values():
        total = total + deployment.staff_usd_per_month
    return total


def api_usd(
    company: Company, requests: Mapping[str, Number], stream: Stream, name: str, month: int
) -> Number:
    """Return what one request of a stream pays per token at one API deployment, in a month counted from 0.

    Provisioned units answer up to their capacity in every hour; what exceeds it is billed per token.
    """
    usd: Number = 0.0
    for since, each in stream.api_usd[name]:
        if since <= month:
            usd = each
    return stream.calls[name] * usd * (1.0 - covered_share(company, requests, name))


def covered_share(company: Company, requests: Mapping[str, Number], name: str) -> Number:
    """Return the share of a deployment's tokens that provisioned units carry over the hours of a month."""
    deployment = company.scenario.deployments[name]
    if not isinstance(deployment, ApiDeployment) or not has_units(company.scenario, name):
        return 0.0
    mean: Number = 0.0
    peak: Number = 0.0
    for other, stream in company.streams.items():
        if name in stream.calls:
            tokens = requests[other] * stream.calls[name] * stream.api_tokens / SECONDS_PER_MONTH
            mean = mean + tokens
            peak = peak + tokens * company.scenario.workloads[other].peak_to_mean
    capacity = deployment.provisioned.units * deployment.provisioned.tokens_per_s_per_unit
    return provisioned.carried_share(capacity=capacity, mean_load=mean, peak_load=peak)


def has_units(scenario: Scenario, name: str) -> bool:
    """Return whether a deployment has provisioned capacity in any plan."""
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
