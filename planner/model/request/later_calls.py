"""The number of calls after a session's first: fixed, lognormal, or uniform up to a maximum.

Sums over a session need two moments: E[(M - k)+] and E[(M - k)+^2] for M later calls and k before.
"""

from collections.abc import Callable

import numpy as np

from planner.arrays import Flags, Number
from planner.model.normal import cdf
from planner.records import dataclass

Moments = Callable[[Number], tuple[Number, Number]]
"""From k to E[(M - k)+] and E[(M - k)+^2]; both 0 where k is infinite."""

_LEAST = 1e-12


@dataclass(frozen=True)
class Calls:
    """The number of calls in a session: mean (1 or more) and standard deviation over mean. Shape: scalars or (n,)."""

    mean: Number
    cv: Number = 0.0

    @property
    def later(self) -> Number:
        """The mean number of calls after the first."""
        return np.maximum(np.asarray(self.mean, dtype=float) - 1.0, 0.0)

    @property
    def varies(self) -> Flags:
        """Where the number varies between sessions."""
        return (np.asarray(self.cv) > 0) & (np.asarray(self.later) > 0)


def fixed(later_calls: Number) -> Moments:
    """Return the moments of a fixed number of later calls."""

    def moments(k: Number) -> tuple[Number, Number]:
        over = np.maximum(later_calls - k, 0.0)
        return over, over * over

    return moments


def evenly(most: Number) -> Moments:
    """Return the moments of a number of later calls uniform between 0 and `most`, which is above 0."""

    def moments(k: Number) -> tuple[Number, Number]:
        over = np.maximum(most - k, 0.0)
        square = over * over
        return square / (2.0 * most), square * over / (3.0 * most)

    return moments


def where(flags: Flags, one: Moments, other: Moments) -> Moments:
    """Return `one` for flagged plans and `other` for the rest."""
    if np.all(flags):
        return one
    if not np.any(flags):
        return other

    def moments(k: Number) -> tuple[Number, Number]:
        (a, a2), (b, b2) = one(k), other(k)
        return np.where(flags, a, b), np.where(flags, a2, b2)

    return moments


@dataclass(frozen=True)
class Lognormal:
    """A lognormal number of later calls, with placeholder values where it doesn't vary.

    Source: partial moments, E[M^j; M > k] = mu^j exp(j (j - 1) s^2 / 2) Phi(d + j s) with d = (ln(mu / k) - s^2 / 2) / s.
    """

    mean: Number
    s: Number

    def _d(self, k: Number) -> Number:
        return np.log(self.mean / np.maximum(k, _LEAST)) / self.s - self.s / 2.0

    def above(self, k: Number) -> Number:
        """Return the share of sessions with more than k later calls."""
        return cdf(self._d(np.where(np.isfinite(k), k, 1.0))) * np.isfinite(k)

    def moments(self, k: Number) -> tuple[Number, Number]:
        """Return E[(M - k)+] and E[(M - k)+^2]."""
        square = self.mean * self.mean * np.exp(self.s * self.s)
        if np.ndim(k) == 0 and k == 0:
            return self.mean, square
        finite = np.isfinite(k)
        k = np.where(finite, k, 1.0)
        d = self._d(k)
        less, first = k * cdf(d), self.mean * cdf(d + self.s)
        over = np.maximum(first - less, 0.0)
        second = square * cdf(d + 2.0 * self.s) - k * (first + over)
        return over * finite, np.maximum(second, 0.0) * finite


def lognormal(calls: Calls) -> Lognormal:
    """Return the later calls of sessions whose number of calls has this mean and spread."""
    mean = np.where(calls.varies, calls.later, 1.0)
    deviation = np.where(calls.varies, np.asarray(calls.cv) * np.asarray(calls.mean), 1.0)
    return Lognormal(mean, np.sqrt(np.log1p(np.square(deviation / mean))))
