"""Months in blocks: some months of all plans at once, few enough to stay in the processor's cache."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property

import numpy as np

from planner.model.company import growth
from planner.model.company.business import Business
from planner.model.company.segments import AllSegments
from planner.schema import Array, Number

BLOCK = 32_768  # numbers that stay in the processor's cache while a few months of all plans are computed
Moving = Callable[[str], growth.Growing]  # by growth factor: a name of `MonthlyFactors`


class MonthBlock:
    """Some months from `first` (counted from 0): customers, and usage and prices relative to month 1.

    Shape (months, ...): months are the leading axis, followed by the plans' axes. Each value is computed when
    first requested.
    """

    def __init__(self, first: int, count: int, business: Business, moving: Moving) -> None:
        self.first, self.count, self.business, self._moving = first, count, business, moving
        self.requests: dict[str, Number] = {}  # of each workload, each computed once

    def _run(self, name: str) -> Array:
        return self._moving(name).run(self.first, self.count)

    @property
    def segments(self) -> AllSegments:
        """The segments of the epoch that these months belong to."""
        return self.business.segments

    @property
    def span(self) -> slice:
        """The slice of these months among all."""
        return slice(self.first, self.first + self.count)

    @cached_property
    def numbers(self) -> Array:
        """The months, counted from 1."""
        months = np.arange(self.first + 1.0, self.first + self.count + 1.0)
        return months.reshape(-1, *([1] * len(self.business.shape)))

    @cached_property
    def customers(self) -> Array:
        """Customers at the start of the month."""
        return self._run("customers")

    @cached_property
    def usage(self) -> Array:
        """Requests per customer relative to month 1."""
        return self._run("usage")

    @cached_property
    def api_price(self) -> Array:
        """API prices relative to month 1."""
        return self._run("api_price")

    @cached_property
    def rent(self) -> Array:
        """GPU rent relative to month 1."""
        return self._run("rent")

    @cached_property
    def seat_price(self) -> Array:
        """Seat price relative to month 1."""
        return self._run("seat_price")


def blocks(business: Business, until: int, *, reuse: bool = False) -> Iterator[MonthBlock]:
    """Yield the months up to `until`, counted from 0, in blocks within which no API price changes, short for many plans.

    With `reuse`, what one block holds may be overwritten by the next.
    """
    moving = cache(lambda name: business.growing(1.0, (name,), reuse=reuse))
    for start, stop in _spans(business, until):
        yield MonthBlock(start, stop - start, business, moving)


def with_ends(stages: Sequence[Business], months: int) -> Iterator[tuple[Business, int]]:
    """Yield each epoch of a plan with the month, counted from 0, in which the next one starts or the plan ends."""
    ends = [*(each.carried.month for each in stages[1:]), months]
    yield from zip(stages, ends, strict=True)


def one_block(business: Business, first: int, count: int = 1) -> MonthBlock:
    """Return `count` months from `first` on, counted from 0, in one piece."""
    return MonthBlock(first, count, business, lambda name: business.growing(1.0, (name,)))


def _spans(business: Business, until: int) -> Iterator[tuple[int, int]]:
    most = max(BLOCK // max(math.prod(business.shape), 1), 1)
    start = business.carried.month
    for stop in sorted(each for each in {*business.repricings(until), until} if each > start):
        yield from ((each, min(each + most, stop)) for each in range(start, stop, most))
        start = stop


def joined(parts: Sequence[Array]) -> Array:
    """Return blocks of months as one array, months first."""
    shape = np.broadcast_shapes(*(each.shape[1:] for each in parts))
    return np.concatenate([np.broadcast_to(each, (len(each), *shape)) for each in parts])


def by_month(block: MonthBlock, amount: Number) -> Array:
    """Return an amount with one entry for each month at least, months first."""
    return np.asarray(amount + np.zeros_like(block.numbers))
