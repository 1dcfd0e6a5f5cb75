"""The distribution of a time over requests: a mixture of paths, each a fixed time plus a lognormal one.

Equations, for a path with fixed time a and a varying part of mean m and variance v: s^2 = ln(1 + v / m^2); its quantile is
a + m exp(z s - s^2 / 2). Independent times add: fixed times, means and variances add up, and the sum's varying part is taken
as lognormal again (Fenton and Wilkinson). Source: Fenton, IRE Transactions on Communications Systems 8(1), 1960.
"""

from collections.abc import Callable, Sequence

import numpy as np

from planner.arrays import Array, Number, quotient
from planner.model.kept import Kept
from planner.records import dataclass
from planner.schema.ranges import normal_cdf

Z = {0.5: 0.0, 0.9: 1.2815515655446004, 0.95: 1.6448536269514722, 0.99: 2.3263478740408408}
"""Standard normal quantiles of the percentiles that are shown or promised."""

_HALVINGS, _SECANTS = (
    5,
    6,
)  # steps of the search between the paths' quantiles: the error is below 1e-6 of the time
_LEAST_S = 1e-12
_SURE = 1e-12  # paths taken more rarely are ignored


@dataclass(frozen=True)
class Way:
    """One path that a request may take: its share, its fixed time, and the mean and variance of its varying part. Seconds.

    Shape: scalars or (n,), broadcast together.
    """

    share: Number
    fixed_s: Number
    mean_s: Number
    variance_s2: Number

    @property
    def whole_mean_s(self) -> Number:
        """The mean of the total time."""
        return self.fixed_s + self.mean_s

    def then(self, later: "Way") -> "Way":
        """Return this path followed by another time, ignoring the other path's share."""
        return Way(
            self.share,
            self.fixed_s + later.fixed_s,
            self.mean_s + later.mean_s,
            self.variance_s2 + later.variance_s2,
        )

    def with_share(self, share: Number) -> "Way":
        """Return the same path with another share."""
        return Way(share, self.fixed_s, self.mean_s, self.variance_s2)

    def sigma(self) -> Number:
        """Return the standard deviation of the logarithm of the varying part."""
        mean = np.maximum(self.mean_s, _LEAST_S)
        return np.sqrt(np.log1p(self.variance_s2 / (mean * mean)))

    def quantile_s(self, percentile: Number) -> Number:
        """Return the time within which a share of the requests on this path finish."""
        sigma = self.sigma()
        return self.fixed_s + self.mean_s * np.exp(_z(percentile) * sigma - sigma * sigma / 2.0)


def _z(percentile: Number) -> Number:
    """Return the standard normal quantile of a percentile, or of each of an array."""
    if not np.ndim(percentile):
        return Z[float(percentile)]
    return np.select([np.asarray(percentile) == share for share in Z], list(Z.values()), np.nan)


def repeated(once: Way, *, mean: Number, variance: Number) -> Way:
    """Return the time of several `once` in sequence, whose number has this mean and variance.

    >>> both = repeated(Way(1.0, 1.0, 2.0, 4.0), mean=2.0, variance=0.0)
    >>> both.fixed_s, both.mean_s, float(both.variance_s2)
    (2.0, 4.0, 8.0)
    """
    return Way(
        once.share,
        once.fixed_s * mean,
        once.mean_s * mean,
        once.variance_s2 * mean + variance * np.square(once.whole_mean_s),
    )


def together(ways: Sequence[Way]) -> Way:
    """Return one path with the mean and variance of a mixture; its share is the sum, its fixed time the mean."""
    share: Number = 0.0
    fixed: Number = 0.0
    mean: Number = 0.0
    square: Number = 0.0
    for way in ways:
        share = share + way.share
        fixed = fixed + way.share * way.fixed_s
        mean = mean + way.share * way.whole_mean_s
        square = square + way.share * (way.variance_s2 + np.square(way.whole_mean_s))
    safe = np.where(np.asarray(share) > 0, share, 1.0)
    whole = mean / safe
    return Way(
        share,
        fixed / safe,
        np.maximum(whole - fixed / safe, 0.0),
        np.maximum(square / safe - whole * whole, 0.0),
    )


@dataclass(frozen=True)
class TimeSpread:
    """The time of a request over all paths that it may take; their shares sum to 1."""

    ways: tuple[Way, ...]

    def quantile_s(self, percentile: Number) -> Number:
        """Return the time within which a share of requests, one of those in `Z`, finish; nan if it can't be computed.

        >>> fast, slow = Way(0.5, 1.0, 0.0, 0.0), Way(0.5, 3.0, 0.0, 0.0)
        >>> round(float(TimeSpread((fast, slow)).quantile_s(0.95)), 3)
        3.0
        """
        taken = [way for way in self.ways if np.any(np.asarray(way.share) > _SURE)]
        if len(taken) == 1:
            return taken[0].quantile_s(percentile)
        if not taken:
            return np.nan
        return _KEPT.found((taken, percentile), lambda: _mixture_quantile_s(taken, percentile))


def _mixture_quantile_s(ways: Sequence[Way], percentile: Number) -> Array:
    """Return the quantile by a search between the paths' quantiles, which bracket it."""
    stacked = [
        np.broadcast_arrays(way.share, way.fixed_s, way.mean_s, way.sigma(), way.quantile_s(percentile))
        for way in ways
    ]
    share, fixed, mean, sigma, each = (
        np.stack(np.broadcast_arrays(*(way[index] for way in stacked))) for index in range(5)
    )
    used = share > _SURE
    share = share / np.maximum(share.sum(axis=0), _SURE)
    safe_sigma = np.maximum(sigma, 1e-6)
    median = np.log(np.maximum(mean, _LEAST_S)) - safe_sigma * safe_sigma / 2.0

    def late(log_s: Array) -> Array:
        """Return by how much the share of later requests exceeds the allowed share."""
        left = np.exp(log_s) - fixed
        z = (np.log(np.maximum(left, _LEAST_S)) - median) / safe_sigma
        return np.asarray(
            (1.0 - percentile) - (share * (1.0 - normal_cdf(np.clip(z, -37.0, 37.0)))).sum(axis=0)
        )

    low = np.log(np.maximum(np.where(used, each, np.inf).min(axis=0), _LEAST_S))
    high = np.log(np.maximum(np.where(used, each, -np.inf).max(axis=0), _LEAST_S))
    return np.asarray(np.exp(_root(late, low, high)))


def _root(rising: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Return the zero of a rising function between `low` and `high`: bisection, then the Illinois method."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        below = rising(middle) < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    at_low, at_high = rising(low), rising(high)
    for _ in range(_SECANTS):
        apart = at_high - at_low
        part = quotient(-at_low, apart, otherwise=0.5)
        middle = low + np.clip(part, 0.0, 1.0) * (high - low)
        found = rising(middle)
        below = found < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
        at_low, at_high = np.where(below, found, at_low / 2.0), np.where(below, at_high / 2.0, found)
    return np.where(np.abs(at_low) < np.abs(at_high), low, high)


_KEPT: Kept[Array] = Kept(most=256, most_bytes=2**22)
