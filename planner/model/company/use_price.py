"""What customers pay when prices depend on quantity: the expected value over all of them, and by tenth.

Equations, with L(c) = E[min(U, c)] what is used up to c, S(c) = P(U > c), and q = (U - free)+ what is paid for:
graduated sum over bands of p_k (L(b_k) - L(a_k)), and a fee times S(a_k); volume sum of p_k E[q; a_k < q <= b_k], where
E[U; U <= b] = L(b) - b S(b), and a fee times the share in the band; packages of size z the sum over j >= 0 of S(free + j z).
"""

from collections.abc import Callable, Sequence

import numpy as np

from planner.model.company import use_spread
from planner.records import dataclass
from planner.schema import Array, Number, Segment
from planner.schema.commitment import MeterBands

TERMS = 32  # packages summed one by one; further ones by the Euler-Maclaurin formula
TENTHS = use_spread.TENTHS


@dataclass(frozen=True)
class Quantity:
    """Monthly usage of a segment's customers: mean, cap, and spread across customers.

    `tenths` are shares of the use from the lightest to the heaviest tenth, within which all are alike; else use is a Pareto
    with index `tail`, or where that is 0 a lognormal with standard deviation over mean `cv`. Shapes broadcast.
    """

    mean: Number
    cap: Number = np.inf
    cv: Number = 0.0
    tail: Number = 0.0
    tenths: tuple[Number, ...] = ()

    def within(self, limit: Number, share: float = 1.0) -> Number:
        """Return the usage of the lightest `share` of customers up to a limit, per customer over all customers."""
        if share == 1.0 and np.isposinf(limit).all() and np.isposinf(self.cap).all():
            return self.mean  # all customers without a limit: independent of the spread
        most = np.minimum(limit, self.cap)
        if not self.tenths:
            return use_spread.capped_use(mean=self.mean, cap=most, cv=self.cv, tail=self.tail, share=share)
        return sum(
            (part * np.minimum(each, most) for part, each in zip(_parts(share), self.by_tenth, strict=True)),
            start=0.0,
        )

    def beyond(self, limit: Number, share: float = 1.0) -> Number:
        """Return the customers among the lightest `share` who exceed a limit, as a share of all customers."""
        if self.tenths:
            found: Number = 0.0
            for part, each in zip(_parts(share), self.by_tenth, strict=True):
                found = found + part * np.asarray(np.minimum(each, self.cap) > limit, dtype=float)
            return found
        above = use_spread.beyond_share(mean=self.mean, at=limit, cv=self.cv, tail=self.tail, share=share)
        return np.where(np.asarray(limit) < self.cap, above, 0.0)

    @property
    def by_tenth(self) -> list[Number]:
        """The uncapped usage of a customer in each tenth, if tenths are given."""
        whole = sum(self.tenths, start=0.0)
        return [self.mean * TENTHS * each / whole for each in self.tenths]


def _parts(share: float) -> list[float]:
    """Return the share of all customers that each tenth adds to the lightest `share`."""
    return [min(max(share * TENTHS - place, 0.0), 1.0) / TENTHS for place in range(TENTHS)]


def quantity(segment: Segment, mean: Number, cap: Number = np.inf) -> Quantity:
    """Return a segment's usage with the segment's own spread."""
    tail = 0.0 if segment.use_tail is None else segment.use_tail
    return Quantity(mean, cap, segment.use_cv, tail, segment.use_tenths)


def charged_usd(use: Quantity, bands: MeterBands, *, free: Number = 0.0, share: float = 1.0) -> Number:
    """Return what the lightest `share` of customers pay, USD per customer over all; `free` units come before the bands.

    >>> graduated = MeterBands(up_to=(1_000.0, 10_000.0), prices_usd=(0.01, 0.008, 0.005))
    >>> round(float(charged_usd(Quantity(15_000.0), graduated)), 9)
    107.0
    """
    free = free + bands.free
    fees = bands.fees_usd or (0.0,) * len(bands.prices_usd)
    ends = [*(free + end for end in bands.up_to), np.inf]
    rows = list(zip(ends, bands.prices_usd, fees, strict=False))
    rules: dict[str, Callable[[], Number]] = {
        "graduated": lambda: _graduated(use, rows, free, share),
        "volume": lambda: _volume(use, rows, free, share),
        "package": lambda: _packages(use, bands.package, free, share) * bands.prices_usd[0],
    }
    words = np.asarray(bands.rule)
    total: Number = 0.0
    for word in sorted({str(each) for each in words.ravel().tolist()}):
        total = total + np.where(words == word, rules[word](), 0.0)
    return total


Rows = Sequence[tuple[Number, Number, Number]]  # bands: upper limit, unit price, fee


def _graduated(use: Quantity, rows: Rows, free: Number, share: float) -> Number:
    total: Number = 0.0
    start = free
    for end, usd, fee in rows:
        inside = use.within(end, share) - use.within(start, share)
        total = total + inside * usd + (fee * use.beyond(start, share) if np.any(fee) else 0.0)
        start = end
    return total


def _volume(use: Quantity, rows: Rows, free: Number, share: float) -> Number:
    total: Number = 0.0
    below, used = _up_to(use, free, share)
    for place, (end, usd, fee) in enumerate(rows):
        here, after = _up_to(use, end, share)
        paying = here - below
        billed = after - used - free * paying
        in_band = here if place == 0 else paying  # customers within the free amount are in the first band
        total = total + billed * usd + fee * in_band
        below, used = here, after
    return total


def _up_to(use: Quantity, limit: Number, share: float) -> tuple[Number, Number]:
    """Return the share of customers within a limit, and their usage."""
    beyond = use.beyond(limit, share)
    finite = np.where(np.isfinite(limit), limit, 0.0)
    return share - beyond, use.within(limit, share) - finite * beyond


def _packages(use: Quantity, size: Number, free: Number, share: float) -> Number:
    """Return the mean number of whole packages per customer."""
    if use.tenths:
        taken = (_whole(each, use.cap, size, free) for each in use.by_tenth)
        return sum((part * each for part, each in zip(_parts(share), taken, strict=True)), start=0.0)
    alike = (np.asarray(use.cv) <= 0) & (np.asarray(use.tail) <= 1.0)
    one = share * _whole(use.mean, use.cap, size, free)
    return one if np.all(alike) else np.where(alike, one, _spread_packages(use, size, free, share))


def _whole(used: Number, cap: Number, size: Number, free: Number) -> Number:
    return np.ceil(np.maximum(np.minimum(used, cap) - free, 0.0) / size - use_spread.NOTHING)


def _spread_packages(use: Quantity, size: Number, free: Number, share: float) -> Number:
    total: Number = 0.0
    for term in range(TERMS):
        total = total + use.beyond(free + term * size, share)
    last = free + TERMS * size
    here, following = use.beyond(last, share), use.beyond(last + size, share)
    rest = (use.within(np.inf, share) - use.within(last, share)) / size + here / 2 + (here - following) / 12
    return total + np.maximum(rest + _at_the_cap(use, size, last, share), 0.0)


def _at_the_cap(use: Quantity, size: Number, last: Number, share: float) -> Number:
    """Return the correction to the smooth sum for customers held at the cap."""
    cap = np.asarray(use.cap, dtype=float)
    beyond = np.isfinite(cap) & (cap > last)
    held = np.where(beyond, cap, last + size)
    part: Array = np.asarray((held - last) / size)
    inside = part - np.ceil(part) + 1.0  # the used part of the package at the cap, above 0 and at most 1
    uncapped = Quantity(use.mean, np.inf, use.cv, use.tail)
    return np.where(beyond, uncapped.beyond(held, share) * (0.5 - inside), 0.0)
