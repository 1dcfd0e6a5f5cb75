"""The standard normal distribution, and lognormal lengths, on arrays."""

from collections.abc import Sequence

import numpy as np

from planner.arrays import Array, Number

_FAR = 37.0  # beyond it the tail underflows
_TAIL = 7.07106781186547
_ROOT_2PI = 2.506628274631
_ABOVE = (3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
          220.206867912376)  # fmt: skip
_BELOW = (8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
          793.826512519948, 440.413735824752)  # fmt: skip


def cdf(z: Number) -> Number:
    """Return the standard normal distribution function at `z`.

    Shape: that of `z`. Source: Hart et al., "Computer Approximations", 1968, algorithm 5666, as given by West, "Better
    approximations to cumulative normal functions", Wilmott, May 2005; good to 1e-14.

    >>> float(cdf(0.0)), round(float(cdf(1.6448536269514722)), 12)
    (0.5, 0.95)
    """
    below = np.asarray(z, dtype=float)
    far = np.minimum(np.abs(below), _FAR)
    bell = np.exp(-far * far / 2)
    tail = _polynomial(_ABOVE, far)
    tail /= _polynomial(_BELOW, far)
    tail *= bell
    if (far >= _TAIL).any():
        fraction = far + 1 / (far + 2 / (far + 3 / (far + 4 / (far + 0.65))))
        tail = np.where(far < _TAIL, tail, bell / (fraction * _ROOT_2PI))
    share: Array = np.where(below > 0, 1.0 - tail, tail)
    return share


def _polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """Return a polynomial's value, coefficients from the highest power, in new memory."""
    total = np.full_like(x, coefficients[0])
    for each in coefficients[1:]:
        total *= x
        total += each
    return total


def lognormal_above(*, mean: Number, cv: Number, start: Number) -> tuple[Number, Number]:
    """Return the share of lognormal lengths above `start`, and their share of the total length.

    `cv` is the standard deviation over the mean; with 0 all have the mean length.
    Equation: s^2 = ln(1 + cv^2), z = (ln(mean / start) - s^2 / 2) / s; the share is Phi(z), its share of the sum Phi(z + s).
    Shape: scalars or arrays, broadcast together.

    >>> [round(float(one), 4) for one in lognormal_above(mean=200_000.0, cv=0.5, start=200_000)]
    [0.4066, 0.5934]
    """
    mean, cv = np.asarray(mean, dtype=float), np.asarray(cv, dtype=float)
    spread = np.sqrt(np.log1p(cv * cv))
    varies = (spread > 0) & (mean > 0)
    safe = np.where(varies, spread, 1.0)
    z = (np.log(np.where(varies, mean, 1.0) / np.maximum(start, 1e-300)) - safe * safe / 2) / safe
    certain = np.where(mean > start, 1.0, 0.0)
    return np.where(varies, cdf(z), certain), np.where(varies, cdf(z + safe), certain)
