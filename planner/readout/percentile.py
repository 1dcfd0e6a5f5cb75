"""The one rule for percentiles of samples."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.records import dataclass
from planner.schema import Array, Number

ENDS = (0.05, 0.5, 0.95)
ROUNDING = 1e-6
FEW = 3  # for up to this many shares, partitioning is faster than sorting


@dataclass(frozen=True)
class Percentiles:
    """A result's percentiles over the samples that have a value; `missing_share` of them don't."""

    p5: float
    p50: float
    p95: float
    missing_share: float = 0.0

    @property
    def spreads(self) -> bool:
        """Whether the 5th and 95th percentiles are known and differ by more than rounding."""
        if math.isnan(self.p5) or math.isnan(self.p95):
            return False
        return not math.isclose(self.p5, self.p95, rel_tol=ROUNDING)


def percentile(values: Array, percent: float) -> float:
    """Return one percentile of the samples that have a value; nan if none has.

    >>> percentile(np.array([1.0, 2.0, 3.0]), 50.0), percentile(np.array([1.0, np.inf]), 75.0)
    (2.0, inf)
    """
    (found,), _ = _of_row(np.array(values, dtype=float).ravel(), (percent / 100.0,))
    return found


def of_rows(rows: NDArray[Any], shares: Sequence[float]) -> Array:
    """Return percentiles of each row, (rows, shares), by the rule below. Reorders `rows` in place."""
    return np.array([_of_row(row, tuple(shares))[0] for row in rows])


def _of_row(row: NDArray[Any], shares: tuple[float, ...]) -> tuple[list[float], float]:
    """Return percentiles of some samples, and the share of them without a value. Reorders `row` in place.

    Samples without a value (nan) are left out. Linear between the two nearest samples; a sample that is
    beyond the plan (infinite) is the largest, and a percentile between it and a finite one is beyond the
    plan too, by an unknown amount.
    Source: Hyndman and Fan, "Sample quantiles in statistical packages", 1996, definition 7.
    """
    known = row.size - np.count_nonzero(np.isnan(row))
    low, high, parts = _places(known, shares)
    if len(shares) > FEW:
        row.sort()  # nan last
    else:
        row.partition(sorted({*low, *high}))
    ends = zip(row[low].tolist(), row[high].tolist(), parts, strict=True)
    return [_between(below, above, part) for below, above, part in ends], 1.0 - known / row.size


@lru_cache(maxsize=256)
def _places(known: int, shares: tuple[float, ...]) -> tuple[list[int], list[int], list[float]]:
    """Return where each share falls among sorted samples: the places around it, and how far between them."""
    last = max(known - 1, 0)
    places = [share * last for share in shares]
    low = [int(place) for place in places]
    high = [min(each + 1, last) for each in low]
    return low, high, [place - at for place, at in zip(places, low, strict=True)]


def _between(below: float, above: float, part: float) -> float:
    if math.isinf(below) or part == 0:
        return below
    return above if math.isinf(above) else below + (above - below) * part


def percentiles(values: Mapping[str, Number]) -> dict[str, Percentiles]:
    """Return the 5th, 50th and 95th percentile of each result, its samples of shape (n,) or ()."""
    return {name: percentiles_of(each) for name, each in values.items()}


def percentiles_of(value: Number) -> Percentiles:
    """Return the 5th, 50th and 95th percentile of a result."""
    samples = np.array(value, dtype=float).ravel()  # a copy, to be reordered
    if samples.size == 1:
        only = float(samples[0])
        return Percentiles(only, only, only, missing_share=float(np.isnan(only)))
    (p5, p50, p95), missing_share = _of_row(samples, ENDS)
    return Percentiles(p5, p50, p95, missing_share)
