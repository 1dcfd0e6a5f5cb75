"""Along the months: how customers, usage and prices move, and what requests, places and prices follow from them."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache, cached_property

import numpy as np

from planner.model.company import growth
from planner.model.company import payments as schedule
from planner.model.fleet import fleets, provisioned
from planner.records import dataclass
from planner.schema import ApiDeployment, Array, Number, Scenario, some
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_MONTH

BLOCK = 8_192  # numbers that stay in the processor's cache while a few months of all plans are computed
Moving = Callable[[str], growth.Growing]  # by what grows: a name of `Path`
ASKED = ("customers", "usage")  # what the requests of customers grow with
BESIDES = ("usage",)  # what requests besides grow with


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

    @cached_property
    def path(self) -> "Path":
        """The monthly factors of the scenario."""
        return path(self.scenario)

    def repricings(self, months: int) -> frozenset[int]:
        """Return the months, from 0 on, from which another list price counts."""
        return frozenset(
            since
            for stream in self.streams.values()
            for epochs in stream.api_usd.values()
            for since, _ in epochs
            if since < months
        )

    @cached_property
    def provisioned(self) -> bool:
        """Whether any API deployment has provisioned capacity: what a request pays then depends on the load."""
        return any(has_units(self.scenario, name) for name in self.scenario.deployments)

    def row(self, value: Number) -> Array:
        """Return a number with all axes of the plans."""
        array = np.asarray(value, dtype=float)
        return array.reshape((1,) * (len(self.shape) - array.ndim) + array.shape)

    def growing(
        self, amount: Number, names: Iterable[str], *, month: int = 0, reuse: bool = False
    ) -> growth.Growing:
        """Return an amount per customer and unit of usage and price, from `month` on, that grows with those named.

        The names are those of `Path`.
        """
        factor: Number = 1.0
        for name in names:
            factor = factor * getattr(self.path, name)
            if name == "customers":
                amount = amount * self.scenario.demand.customers
        start = amount * growth.power(factor, month)
        return growth.Growing(self.row(start), factor, month=month, reuse=reuse)

    def total(self, amounts: Mapping[tuple[str, ...], Number], *, month: int = 0) -> growth.Total:
        """Return the sum of amounts by what they grow with; those that grow alike are put together first."""
        alike: dict[tuple[str, ...], Number] = {}
        for names, amount in amounts.items():
            if some(amount):
                key = tuple(
                    name
                    for name in names
                    if name == "customers" or not growth.unmoved(getattr(self.path, name))
                )
                alike[key] = alike.get(key, 0.0) + amount
        return growth.Total(
            [self.growing(amount, key, month=month, reuse=True) for key, amount in alike.items()]
        )


@dataclass(frozen=True)
class Path:
    """How customers, usage and prices move from month to month: factors per month."""

    customers: Number
    usage: Number
    api_price: Number
    rent: Number
    seat_price: Number


class Rows:
    """Some months, from `first` (counted from 0) on: customers, and usage and prices over those of month 1.

    Shape (months, ...): the months are the leading axis, the axes of the plans follow. Each is computed when it is
    first asked for.
    """

    def __init__(self, first: int, count: int, company: Company, moving: Moving) -> None:
        self.first, self.count, self._company, self._moving = first, count, company, moving

    def _run(self, name: str) -> Array:
        return self._moving(name).run(self.first, self.count)

    @property
    def span(self) -> slice:
        """Where these months stand among all."""
        return slice(self.first, self.first + self.count)

    @property
    def numbers(self) -> Array:
        """The months, counted from 1."""
        months = np.arange(self.first + 1.0, self.first + self.count + 1.0)
        return months.reshape(-1, *([1] * len(self._company.shape)))

    @cached_property
    def customers(self) -> Array:
        """Customers at the start of the month."""
        return self._run("customers")

    @cached_property
    def usage(self) -> Array:
        """Requests per customer over those of month 1."""
        return self._run("usage")

    @cached_property
    def api_price(self) -> Array:
        """API prices over those of month 1."""
        return self._run("api_price")

    @cached_property
    def rent(self) -> Array:
        """The rent of a GPU over that of month 1."""
        return self._run("rent")

    @cached_property
    def seat_price(self) -> Array:
        """The price of a seat over that of month 1."""
        return self._run("seat_price")


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

    With `reuse`, what one run holds may be overwritten by the next.
    """
    moving = cache(lambda name: company.growing(1.0, (name,), reuse=reuse))
    for start, stop in _spans(company, months):
        yield Rows(start, stop - start, company, moving)


def months(company: Company, first: int, count: int = 1) -> Rows:
    """Return some months in one piece."""
    return Rows(first, count, company, lambda name: company.growing(1.0, (name,)))


def _spans(company: Company, months: int) -> Iterator[tuple[int, int]]:
    most = max(BLOCK // max(math.prod(company.shape), 1), 1)
    start = 0
    for stop in sorted({*company.repricings(months), months} - {0}):
        yield from ((each, min(each + most, stop)) for each in range(start, stop, most))
        start = stop


def joined(parts: Sequence[Array]) -> Array:
    """Return runs of months as one array, months first."""
    shape = np.broadcast_shapes(*(each.shape[1:] for each in parts))
    return np.concatenate([np.broadcast_to(each, (len(each), *shape)) for each in parts])


def fixed_usd(company: Company, rows: Rows) -> Array:
    """Return the fixed costs of some months, months first."""
    return by_month(rows, schedule.fixed_usd(company.scenario.company, rows.numbers))


def once_usd(company: Company, rows: Rows) -> Array:
    """Return the single payments of some months, months first."""
    return by_month(rows, schedule.paid_usd([*company.payments, *company.own_payments], rows.numbers))


def raised_usd(company: Company, rows: Rows) -> Array:
    """Return the funding of some months, months first."""
    return by_month(rows, schedule.raised_usd(company.scenario.company, rows.numbers))


def by_month(rows: Rows, amount: Number) -> Array:
    """Return an amount with one entry for each month at least, months first."""
    return np.asarray(amount + np.zeros_like(rows.numbers))


def requests(rows: Rows, stream: Stream) -> Number:
    """Return the requests of a workload in some months."""
    asked = rows.customers * (stream.per_customer * rows.usage)
    return asked + stream.besides * rows.usage if some(stream.besides) else asked


def slots(company: Company, rows: Rows, name: str) -> tuple[Number, Number | None]:
    """Return the places in a batch that a fleet's peak and (where it follows the load) mean hour keep busy."""
    fleet = company.fleets[name]

    def busy(slots_per_call: Mapping[str, Number]) -> Number:
        now = slots_at(company, name, slots_per_call)
        return (rows.customers * now[ASKED] + now[BESIDES]) * rows.usage

    peak = busy(fleet.peak_slots_per_call)
    return peak, None if fleet.deployment.autoscale is False else busy(fleet.mean_slots_per_call)


def slots_at(
    company: Company, name: str, slots_per_call: Mapping[str, Number]
) -> dict[tuple[str, ...], Number]:
    """Return the places in a batch that calls to a fleet keep busy in month 1, by what they grow with."""
    per_customer: Number = 0.0
    besides: Number = 0.0
    for workload, places in slots_per_call.items():
        stream = company.streams[workload]
        each = stream.calls[name] * places
        per_customer = per_customer + stream.per_customer * each
        besides = besides + stream.besides * each
    return {ASKED: per_customer, BESIDES: besides}


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
    return np.maximum(scenario.demand.growth_share_per_month, 0.0) * usd if some(usd) else 0.0


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
    return isinstance(deployment, ApiDeployment) and some(deployment.provisioned.units)


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
