"""Expected calls and tokens of sessions between price steps when prompts vary, for many plans at a time.

Prompts are lognormal across sessions: first prompt and growth are scaled together. The first call is
exact, like a request; the others are a mean over sixteenths of the sessions, each at its mean scale.

If plans differ only in the number of calls, and it varies within each, the sums are smooth in its mean: they are
computed at a few means and interpolated by a Chebyshev polynomial, whose last terms bound the error.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from math import prod
from statistics import NormalDist

import numpy as np

from planner.arrays import Array, Number
from planner.model.kept import Kept
from planner.model.normal import cdf, lognormal_above
from planner.model.request import session
from planner.model.request.later_calls import Calls
from planner.model.request.session import Growth, PriceBand
from planner.records import dataclass

Bands = tuple[PriceBand, ...]

_GROUPS = 16
_ENDS = np.array([-np.inf, *(NormalDist().inv_cdf(group / _GROUPS) for group in range(1, _GROUPS)), np.inf])
_PARTS = tuple(part.name for part in fields(PriceBand))

MANY = 256  # from this many plans, a polynomial is faster than the sums themselves
DEGREES = (24, 48, 96)
EXACT = 1e-12  # largest last terms, relative to the largest term
_LAST = 3


@dataclass(frozen=True)
class SessionLengths:
    """The parameters of a session's prompt lengths. Shape: scalars or (n,), broadcast together."""

    calls: Calls
    growth: Growth
    prompt_cv: Number = 0.0


def expected_bands(lengths: SessionLengths, steps: Sequence[float] = ()) -> Bands:
    """Return the expected calls and tokens of sessions between price steps, shortest prompts first."""
    at = tuple(map(float, steps))
    return _KEPT.found((lengths, at), lambda: _expected_bands(lengths, at))


def _expected_bands(lengths: SessionLengths, steps: Sequence[float]) -> Bands:
    spread = np.any(np.asarray(lengths.prompt_cv) > 0)
    if not spread or not (
        steps or lengths.growth.compacts
    ):  # without steps or compaction, tokens are linear in the mean
        first = session.first_bands(lengths.growth.first_tokens, steps)
        return _both(first, _later(lengths, steps, session.later_bands))
    return _both(_first_bands(lengths, steps), _later(lengths, steps, _scaled_bands(lengths.prompt_cv)))


def _both(first: Bands, later: Bands) -> Bands:
    return tuple(one + other for one, other in zip(first, later, strict=True))


def _first_bands(lengths: SessionLengths, steps: Sequence[float]) -> Bands:
    """Return the first call of sessions with lognormal prompts: its share and its tokens between steps."""
    mean = np.asarray(lengths.growth.first_tokens, dtype=float)
    above = [lognormal_above(mean=mean, cv=lengths.prompt_cv, start=step) for step in steps]
    ends = [(1.0, 1.0), *above, (0.0, 0.0)]
    return tuple(
        PriceBand(
            low[0] - high[0], mean * (low[1] - high[1]), mean * (low[1] - high[1]), 0.0 * mean, 0.0 * mean
        )
        for low, high in pairwise(ends)
    )


Sums = Callable[[Calls, Growth, Sequence[float]], Bands]


def _scaled_bands(prompt_cv: Number) -> Sums:
    """Return the sums over sessions with varying prompts."""
    cv = np.asarray(prompt_cv, dtype=float)
    spread = np.sqrt(np.log1p(cv * cv))

    def bands(calls: Calls, growth: Growth, steps: Sequence[float]) -> Bands:
        every = (calls.mean, calls.cv, spread, *(getattr(growth, part.name) for part in fields(growth)))
        ends = _ENDS.reshape(-1, *[1] * max(np.ndim(each) for each in every))
        factor = _GROUPS * np.diff(cdf(ends - spread), axis=0)  # each group's part of the sum
        scaled = replace(
            growth, first_tokens=growth.first_tokens * factor, added_tokens=growth.added_tokens * factor
        )
        found = session.later_bands(calls, scaled, steps)
        return tuple(PriceBand(*(np.mean(getattr(each, part), axis=0) for part in _PARTS)) for each in found)

    return bands


def _later(lengths: SessionLengths, steps: Sequence[float], sums: Sums) -> Bands:
    """Return the calls after the first; for many plans, by a polynomial in the mean number of calls if possible."""
    calls, growth = lengths.calls, lengths.growth
    others = (calls.cv, lengths.prompt_cv, *(getattr(growth, part.name) for part in fields(growth)))
    alone = prod(np.shape(calls.mean)) >= MANY and all(np.size(each) == 1 for each in others)
    if alone and np.min(calls.mean) > 1.0 and np.all(np.asarray(calls.cv) > 0):
        for degree in DEGREES:
            found = _by_polynomial(
                np.log(calls.later),
                degree,
                lambda later: sums(Calls(1.0 + np.exp(later), calls.cv), growth, steps),
            )
            if found is not None:
                return found
    return sums(calls, growth, steps)


def _by_polynomial(later: Array, degree: int, sums_at: Callable[[Array], Bands]) -> Bands | None:
    """Return the sums from a polynomial in the logarithm of later calls; None if its terms don't converge."""
    low, high = float(later.min()), float(later.max())
    half, middle = max((high - low) / 2.0, EXACT), (high + low) / 2.0
    nodes = np.polynomial.chebyshev.chebpts1(degree)
    found = sums_at(middle + half * nodes)
    values = np.array(
        [np.broadcast_to(getattr(each, part), nodes.shape) for each in found for part in _PARTS]
    )
    terms = np.polynomial.chebyshev.chebvander(nodes, degree - 1)
    terms[:, 0] /= 2.0
    coefficients = values @ terms * (2.0 / degree)
    largest = np.abs(coefficients).max(axis=1)
    if (np.abs(coefficients[:, -_LAST:]).max(axis=1) > EXACT * largest).any():
        return None
    at = np.polynomial.chebyshev.chebvander((later.ravel() - middle) / half, degree - 1)
    read = (coefficients @ at.T).reshape(len(found), len(_PARTS), *later.shape)
    return tuple(PriceBand(*band) for band in read)


_KEPT: Kept[Bands] = Kept(most=32, most_bytes=2**23)
