"""Customers by segment and month: their number, requests and payments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property, partial, reduce
from itertools import pairwise
from operator import add

import numpy as np

from planner.model.company import ages, growth, use_price, use_spread
from planner.model.company.asked import with_started
from planner.model.shared import EachAnew, Parts
from planner.records import dataclass
from planner.schema import Array, Number, Scenario, Segment, some
from planner.units import MONTHS_PER_YEAR

_WHO_IS_THERE = frozenset(  # fields of a segment that say who is there and what a seat costs, not what is asked
    (
        "customers", "new_customers_per_month", "growth_share_per_month", "churn_share_per_month", "retention", "becomes",
        "usd_per_customer_per_month", "expansion_share_per_month", "cac_usd_per_customer",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Begun:
    """A segment's state at the start of its months: customers by age, usage and seat price relative to month 1."""

    by_age: tuple[Number, ...]
    usage: Number = 1.0
    price: Number = 1.0


At = int | slice  # the index of a month in its epoch, or a slice
SMALL = 8_192  # numbers: results this small are cached; larger ones would leave the processor's cache


@dataclass(frozen=True)
class SegmentMonths:
    """The months of one segment, months first, all axes of the plans after them.

    `left` are customers who leave after the first of them. `usage` is over that of month 1, `seat_usd` what a
    seat costs. `per_customer` are flows of a customer in USD a month, and the share of customers who pay anything;
    `requests` those that a customer asks of each workload. One month of them stands for all that are alike: what all
    customers together ask and pay is asked for month by month, and never kept.
    """

    customers: Array
    left: Array
    usage: Array
    seat_usd: Array
    acquisition_usd: Array
    per_customer: Mapping[str, Number]
    requests: Mapping[str, Number]

    def flow(self, name: str, at: At) -> Array:
        """Return a flow over all customers: "seats_usd", "overage_usd" or "acquisition_usd" per month, or customers."""
        if name in self.per_customer:
            return self._of_all(self.per_customer[name], at)
        whole: Array = getattr(self, name)
        return whole[at]

    def asked(self, workload: str, at: At) -> Array:
        """Return all customers' requests of a workload."""
        return self._of_all(self.requests[workload], at)

    @cached_property
    def asked_by_workload(self) -> Array:
        """The same of a single plan, of all workloads at once: (workloads, months)."""
        each = np.empty((len(self.requests), max(map(np.size, self.requests.values()), default=1)))
        for row, requests in zip(each, self.requests.values(), strict=True):
            row[...] = requests
        return each * self.customers

    def _of_all(self, each: Number, at: At) -> Array:
        here: Array = self.customers[at]
        if np.ndim(each) == 0 and each == 0:
            months = len(here) if isinstance(at, slice) else 1
            return np.zeros((months, *[1] * (here.ndim - 1)) if here.ndim else ())
        every = np.asarray(each)
        if every.ndim == self.customers.ndim and not (len(every) == 1 and isinstance(at, slice)):
            every = every[at if len(every) > 1 else 0]
        return np.asarray(here * every)


@dataclass(frozen=True)
class AllSegments:
    """The segments of an epoch: their months from `first` (counted from 0) on, and what they hand to the next epoch.

    `starts` holds, where requests start others, the plan that says which. Empty where the plan has no segments.
    """

    first: int = 0
    months: Mapping[str, SegmentMonths] = field(default_factory=dict)
    after: Mapping[str, Begun] = field(default_factory=dict)
    starts: Scenario | None = None

    def sum(self, name: str, first: int, count: int) -> Number:
        """Return the sum of a flow over all segments in some months, months first."""
        at = slice(first - self.first, first - self.first + count)
        return self._in(at, "flow", name, lambda at: [each.flow(name, at) for each in self.months.values()])

    def requests(self, workload: str, first: int, count: int) -> Number:
        """Return a workload's requests in some months, including those started by other requests."""
        return self.asked(workload, slice(first - self.first, first - self.first + count))

    def asked(self, workload: str, at: At) -> Number:
        """Return the same by the months' index in the epoch."""
        if self.starts is None:
            return self.own(workload, at)
        own = {name: self.own(name, at) for name in self.starts.workloads}
        return with_started(self.starts, own)[workload]

    def own(self, workload: str, at: At) -> Number:
        """Return the requests that no other request starts."""
        if self._of_one_plan:
            return self._asked_of_one_plan[workload][at]
        return self._in(
            at, "asked", workload, lambda at: [each.asked(workload, at) for each in self.months.values()]
        )

    def _in(self, at: At, of: str, name: str, parts: Callable[[At], list[Array]]) -> Array:
        """Return the sum of what all segments have in some months: of few plans out of that of all months, which is kept."""
        if not self._is_small:
            return _total(parts(at))
        if (of, name) not in self._kept:
            whole = _total(parts(slice(None)))
            self._kept[of, name] = np.broadcast_to(whole, (self._count, *whole.shape[1:]))
        return self._kept[of, name][at]

    @cached_property
    def _of_one_plan(self) -> bool:
        return bool(self.months) and all(each.customers.ndim == 1 for each in self.months.values())

    @cached_property
    def _asked_of_one_plan(self) -> dict[str, Array]:
        months = [*self.months.values()]
        found = reduce(add, (each.asked_by_workload for each in months))
        return dict(zip(months[0].requests, found, strict=True))

    @cached_property
    def _kept(self) -> dict[tuple[str, str], Array]:
        return {}

    @cached_property
    def _count(self) -> int:
        return max((len(each.customers) for each in self.months.values()), default=0)

    @cached_property
    def _is_small(self) -> bool:
        return all(each.customers.size <= SMALL for each in self.months.values())


NO_SEGMENTS = AllSegments()


def all_segments(
    scenario: Scenario, begun: Mapping[str, Begun], *, first: int, count: int, axes: int,
    parts: Parts = EachAnew(),  # noqa: B008 - it holds nothing
) -> AllSegments:  # fmt: skip
    """Return the segments of an epoch that begins in month `first`, counted from 0, for `count` months.

    `begun` is what the epoch before left; a segment that is not there begins with what the scenario states. `axes` are
    those of the plans. A month's new customers, and those who move from one segment to another, are there from the next.
    """
    if not scenario.segments:
        return NO_SEGMENTS
    asks = (each.requests_per_customer_per_month for each in scenario.workloads.values())
    starts = (each.session.spawns for each in scenario.workloads.values())
    given = (
        scenario.segments, scenario.cash.payment_fee_usd, tuple(begun.values()), (first, count, axes),
        tuple(scenario.workloads), *asks, *starts,
    )  # fmt: skip
    when = (first, count, axes)
    return parts.found("segments", given, lambda: _all_segments(scenario, begun, when, parts))


def _all_segments(
    scenario: Scenario, begun: Mapping[str, Begun], when: tuple[int, int, int], parts: Parts
) -> AllSegments:
    first, count, axes = when
    leaves = {name: leaving_of(each) for name, each in scenario.segments.items()}
    now = {
        name: _begins(each, begun.get(name), len(leaves[name].stays))
        for name, each in scenario.segments.items()
    }
    rows: dict[str, list[tuple[Number, Number, Number]]] = {name: [] for name in now}
    for _ in range(count):
        now = _month(scenario, leaves, now, rows)
    months = {}
    for name, each in scenario.segments.items():
        before = begun.get(name) or Begun(())
        use = _use_in_months(scenario, each, before, (count, axes), parts)
        given = (each, use, before.price, scenario.cash.payment_fee_usd, axes, tuple(rows[name]))
        made = partial(_months, scenario, each, (use, before.price), rows[name], axes)
        months[name] = parts.found("segment", given, made)
    starting = any(each.session.spawns for each in scenario.workloads.values())
    after = _after(scenario, begun, now, count)
    return AllSegments(first, months, after, scenario if starting else None)


def _total(values: Sequence[Array]) -> Array:
    """Return the sum of some values without starting from 0, which would cost as much as adding a value."""
    return reduce(add, values) if values else np.zeros(())


def leaving_of(segment: Segment) -> ages.Leaving:
    """Return what happens to a segment's customers in a month, by age."""
    return ages.leaving(
        retention=segment.retention,
        churn=segment.churn_share_per_month,
        moving=sum(segment.becomes.values(), start=0.0),
    )


def _begins(segment: Segment, before: Begun | None, count: int) -> tuple[Number, ...]:
    return ages.of_ages((segment.customers,) if before is None else before.by_age, count)


def _month(
    scenario: Scenario, leaves: Mapping[str, ages.Leaving], now: Mapping[str, tuple[Number, ...]],
    rows: Mapping[str, list[tuple[Number, Number, Number]]],
) -> dict[str, tuple[Number, ...]]:  # fmt: skip
    """Return the customers of the next month by segment and age; this month's are added to `rows`."""
    after: dict[str, tuple[Number, ...]] = {}
    arrived: dict[str, Number] = dict.fromkeys(now, 0.0)
    for name, segment in scenario.segments.items():
        here: Number = reduce(add, now[name])
        after[name], moved = ages.a_month_later(now[name], leaves[name])
        stay: Number = reduce(add, after[name])
        joined = np.maximum(here * segment.growth_share_per_month + segment.new_customers_per_month, -stay)
        left = 0.0 if rows[name] else here - stay - moved  # asked for in the first month only
        rows[name].append((here, joined, left))
        arrived[name] = arrived[name] + joined
        whole = np.maximum(sum(segment.becomes.values(), start=0.0), 1e-300) if segment.becomes else 1.0
        for other, share in segment.becomes.items():
            arrived[other] = arrived[other] + moved * (share / whole)
    return {name: ages.joined(each, arrived[name]) for name, each in after.items()}


@dataclass(frozen=True)
class _UseInMonths:
    """A segment customer's requests and payments in some months, months first; a single entry if all are equal."""

    usage: Array
    overage_usd: Number
    requests: Mapping[str, Number]


def _use_in_months(
    scenario: Scenario, segment: Segment, begun: Begun, months: tuple[int, int], parts: Parts
) -> _UseInMonths:
    """Return it for (how many months, axes of the plans), which are alike where usage does not move."""
    count, axes = months
    moves = not growth.unmoved(segment.usage_growth_x_per_year)
    asks = (each.requests_per_customer_per_month for each in scenario.workloads.values())
    of_use = (value for name, value in vars(segment).items() if name not in _WHO_IS_THERE)
    given = (begun.usage, count if moves else 0, axes, tuple(scenario.workloads), *asks, *of_use)
    return parts.found("use of a segment", given, lambda: _used(scenario, segment, begun, months))


def _used(scenario: Scenario, segment: Segment, begun: Begun, months: tuple[int, int]) -> _UseInMonths:
    of_usage = np.exp(np.log(segment.usage_growth_x_per_year) / MONTHS_PER_YEAR)
    usage = _path(begun.usage, of_usage, *months)
    use = {name: use_of(scenario, segment, name, usage=usage) for name in scenario.workloads}
    overage = sum((each.overage_usd for each in use.values()), start=np.zeros(()))
    return _UseInMonths(
        usage=usage,
        overage_usd=overage + credits_usd(scenario, segment, usage=usage),
        requests={name: each.requests for name, each in use.items()},
    )


def _months(
    scenario: Scenario, segment: Segment, begun: tuple[_UseInMonths, Number],
    rows: Sequence[tuple[Number, Number, Number]], axes: int,
) -> SegmentMonths:  # fmt: skip
    here, joined, left = zip(*rows, strict=True)
    use, price = begun
    of_price = 1.0 + segment.expansion_share_per_month
    seat = np.asarray(segment.usd_per_customer_per_month * _path(price, of_price, len(rows), axes))
    overage, won_usd = use.overage_usd, segment.cac_usd_per_customer
    charged = some(scenario.cash.payment_fee_usd)
    return SegmentMonths(
        customers=_stacked(here, axes),
        left=_stacked(left[:1], axes),
        usage=_each_month(use.usage, len(rows)),
        seat_usd=_each_month(seat, len(rows)),
        acquisition_usd=np.maximum(_stacked(joined, axes), 0.0) * won_usd
        if some(won_usd)
        else np.zeros((len(rows), *[1] * axes)),
        per_customer={
            "seats_usd": seat if some(seat) else 0.0,
            "overage_usd": overage if some(overage) else 0.0,
            "paying": np.asarray((seat > 0) | (overage > 0), dtype=float) if charged else 0.0,
        },
        requests={name: each if some(each) else 0.0 for name, each in use.requests.items()},
    )


@dataclass(frozen=True)
class Use:
    """A customer's monthly requests of a workload, and the overage paid."""

    requests: Number
    overage_usd: Number


def use_of(scenario: Scenario, segment: Segment, workload: str, *, usage: Number = 1.0) -> Use:
    """Return the mean use of a workload by a segment's customers; `usage` is relative to month 1."""
    mean, cap = _asked(scenario, segment, workload, usage)
    if not some(mean):
        return Use(0.0, 0.0)
    asks = use_price.quantity(segment, mean, cap)
    return Use(requests=asks.within(np.inf), overage_usd=_beyond_usd(segment, workload, asks))


def use_by_tenth(scenario: Scenario, segment: Segment, workload: str, *, usage: Number = 1.0) -> Use:
    """Return the same for a customer of each tenth by use, tenths last."""
    asks = use_price.quantity(segment, *_asked(scenario, segment, workload, usage))
    return Use(
        by_tenth(lambda share: asks.within(np.inf, share)),
        by_tenth(lambda share: _beyond_usd(segment, workload, asks, share)),
    )


def _beyond_usd(segment: Segment, workload: str, asks: use_price.Quantity, share: float = 1.0) -> Number:
    """Return what the lightest `share` of customers pay for requests, USD per customer over all customers."""
    included = segment.included.get(workload, 0.0)
    if workload in segment.price_bands:
        return use_price.charged_usd(asks, segment.price_bands[workload], free=included, share=share)
    beyond_usd = segment.overage_usd.get(workload, 0.0)
    if not np.any(beyond_usd):
        return 0.0
    return beyond_usd * (asks.within(np.inf, share) - asks.within(included, share))


def credits_usd(scenario: Scenario, segment: Segment, *, usage: Number = 1.0, share: float = 1.0) -> Number:
    """Return what the lightest `share` of customers pay for credits, USD per customer over all customers.

    Heavy users of one workload are assumed heavy users of all. Revenue when used; packages are whole each month.
    """
    mean: Number = sum(
        (
            each * _asked(scenario, segment, workload, usage)[0]
            for workload, each in segment.credits.requests.items()
        ),
        start=0.0,
    )
    if not segment.credits.requests:
        return 0.0
    return use_price.charged_usd(use_price.quantity(segment, mean), segment.credits, share=share)


def by_tenth(up_to: Callable[[float], Number]) -> Array:
    """Return the value per customer in each tenth, tenths last, from cumulative values of the lightest share."""
    steps = [np.asarray(up_to(place / use_spread.TENTHS)) for place in range(use_spread.TENTHS + 1)]
    return np.stack(
        np.broadcast_arrays(*(use_spread.TENTHS * (more - less) for less, more in pairwise(steps))), axis=-1
    )


def _asked(scenario: Scenario, segment: Segment, workload: str, usage: Number) -> tuple[Number, Number]:
    """Return a customer's mean demand, and the cap on any customer."""
    own = scenario.workloads[workload].requests_per_customer_per_month
    return segment.requests.get(workload, own) * usage, segment.limit.get(workload, np.inf)


def _after(
    scenario: Scenario, begun: Mapping[str, Begun], now: Mapping[str, tuple[Number, ...]], count: int
) -> dict[str, Begun]:
    out = {}
    for name, segment in scenario.segments.items():
        before = begun.get(name) or Begun(())
        of_usage = np.exp(np.log(segment.usage_growth_x_per_year) * (count / MONTHS_PER_YEAR))
        price = np.power(1.0 + segment.expansion_share_per_month, count)
        out[name] = Begun(now[name], before.usage * of_usage, before.price * price)
    return out


def _path(begun: Number, factor: Number, count: int, axes: int) -> Array:
    """Return a factor compounded by month, months first; a single month if it is constant."""
    if growth.unmoved(factor):
        return _row(begun, axes)[None]
    steps = np.arange(float(count)).reshape(-1, *([1] * axes))
    return np.asarray(_row(begun, axes) * np.power(_row(factor, axes), steps))


def _each_month(values: Array, count: int) -> Array:
    return np.broadcast_to(values, (count, *values.shape[1:]))


def _stacked(rows: Sequence[Number], axes: int) -> Array:
    return np.stack(np.broadcast_arrays(*(_row(each, axes) for each in rows)))


def _row(value: Number, axes: int) -> Array:
    array = np.asarray(value, dtype=float)
    return array.reshape((1,) * (axes - array.ndim) + array.shape)
