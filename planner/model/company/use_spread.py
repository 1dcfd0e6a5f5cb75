"""Usage across customers when some use far more than others: capped usage, overage, and usage by tenth."""

from itertools import pairwise
from statistics import NormalDist

import numpy as np

from planner.model.normal import cdf
from planner.schema import Array, Number

TENTHS = 10
_EVERYONE = 40.0  # standard deviations: no customer lies beyond
_LEAST = 1e-300
NOTHING = 1e-9  # share of a package: an excess this small over a whole number is ignored


def capped_use(
    *, mean: Number, cap: Number, cv: Number = 0.0, tail: Number = 0.0, share: float = 1.0
) -> Number:
    """Return the usage of the lightest `share` of customers, capped at `cap`, per customer over all customers.

    Usage is lognormal across customers with mean `mean` and standard deviation over mean `cv`; if `tail` is
    above 1, it is Pareto with that index. `cap` may be infinite.
    Equation: `E[min(U, C); U <= q] = int_0^share min(u(p), C) dp`, for a lognormal `mu Phi(min(z, z_C) - s) + C (share - Phi(z_C))+`.
    Source: partial expectations of both, as in Kleiber, Kotz, "Statistical Size Distributions", 2003, sections 3.2 and 4.2.
    Shape: scalars or arrays, broadcast together.

    >>> round(float(capped_use(mean=100_000.0, cap=100_000.0, cv=2.043)))
    52151
    """
    mean, cap = np.asarray(mean, dtype=float), np.asarray(cap, dtype=float)
    if share == 1.0 and cap.ndim == 0 and np.isinf(cap):
        return mean
    known = np.where(mean > 0, mean, 1.0)
    used = _lognormal(known, cap, np.asarray(cv, dtype=float), share)
    if np.any(np.asarray(tail) > 1.0):
        used = np.where(
            np.asarray(tail) > 1.0, _pareto(known, cap, np.asarray(tail, dtype=float), share), used
        )
    return np.where(mean > 0, used, 0.0)


def _lognormal(mean: Array, cap: Array, cv: Array, share: float) -> Array:
    spread = np.sqrt(np.log1p(cv * cv))
    safe = np.where(spread > 0, spread, 1.0)
    at_cap = (np.log(np.maximum(cap, _LEAST) / mean) + safe * safe / 2) / safe
    at_share = NormalDist().inv_cdf(share) if 0.0 < share < 1.0 else _EVERYONE * (2 * share - 1)
    below = np.asarray(mean * cdf(np.minimum(at_share, at_cap) - safe))
    return np.where(spread > 0, below + _held(cap, share - cdf(at_cap)), share * np.minimum(mean, cap))


def _pareto(mean: Array, cap: Array, tail: Array, share: float) -> Array:
    index = np.where(tail > 1.0, tail, 2.0)
    least = mean * (index - 1.0) / index
    at_cap = 1.0 - np.exp(-index * np.log(np.maximum(cap / least, 1.0)))
    beyond = 1.0 - np.minimum(at_cap, share)
    below = mean * (1.0 - np.power(beyond, 1.0 - 1.0 / index))
    return np.where(cap < least, share * np.minimum(cap, least), below + _held(cap, share - at_cap))


def _held(cap: Array, share: Number) -> Array:
    """Return the usage of the customers held at the cap."""
    return np.asarray(np.where(np.isfinite(cap), cap, 0.0) * np.maximum(share, 0.0))


def beyond_share(
    *, mean: Number, at: Number, cv: Number = 0.0, tail: Number = 0.0, share: float = 1.0
) -> Number:
    """Return the customers among the lightest `share` who use more than `at`, as a share of all customers.

    >>> round(float(beyond_share(mean=100.0, at=100.0, cv=2.043)), 4)
    0.2608
    """
    known = np.where(np.asarray(mean) > 0, mean, 1.0)
    spread = np.sqrt(np.log1p(np.asarray(cv, dtype=float) ** 2))
    safe = np.where(spread > 0, spread, 1.0)
    z = (np.log(np.maximum(at, _LEAST) / known) + safe * safe / 2) / safe
    below = np.where(spread > 0, cdf(z), np.where(known > at, 0.0, 1.0))
    index = np.where(np.asarray(tail) > 1.0, tail, 2.0)
    least = known * (index - 1.0) / index
    of_pareto = 1.0 - np.exp(-index * np.log(np.maximum(np.maximum(at, _LEAST) / least, 1.0)))
    below = np.where(np.asarray(tail) > 1.0, of_pareto, below)
    alike = (spread <= 0) & (np.asarray(tail) <= 1.0)
    found = np.where(alike, share * (1.0 - below), np.maximum(share - below, 0.0))
    return np.where(np.asarray(mean) > 0, found, 0.0)


def overage(
    *, mean: Number, included: Number, cap: Number = np.inf, cv: Number = 0.0, tail: Number = 0.0, share: float = 1.0
) -> Number:  # fmt: skip
    """Return the usage of the lightest `share` between `included` and `cap`, per customer over all customers.

    Equation: `E[(U - A)+] = mu Phi(d1) - A Phi(d2)`, `d1 = (ln(mu / A) + s^2 / 2) / s`, `d2 = d1 - s`, as for a call option.

    >>> round(float(overage(mean=100_000.0, included=100_000.0, cv=2.043)))
    47849
    """
    included = np.minimum(included, cap)
    within = capped_use(mean=mean, cap=included, cv=cv, tail=tail, share=share)
    return capped_use(mean=mean, cap=cap, cv=cv, tail=tail, share=share) - within


def by_tenth(*, mean: Number, cap: Number = np.inf, cv: Number = 0.0, tail: Number = 0.0) -> Array:
    """Return the mean usage per customer in each tenth, from lightest to heaviest: tenths last.

    >>> by_tenth(mean=10.0)[[0, -1]].round(6).tolist(), round(float(by_tenth(mean=10.0, cv=2.1025)[-1]), 1)
    ([10.0, 10.0], 50.7)
    """
    up_to = [capped_use(mean=mean, cap=cap, cv=cv, tail=tail, share=k / TENTHS) for k in range(TENTHS + 1)]
    return np.stack([TENTHS * (more - less) for less, more in pairwise(up_to)], axis=-1)
