"""The one rule for percentiles of samples."""

import math
from collections.abc import Mapping, Sequence
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
    found, _ = of_rows(np.array(values, dtype=float).reshape(1, -1), (percent / 100.0,))
    return float(found[0, 0])


def of_rows(rows: NDArray[Any], shares: Sequence[float]) -> tuple[Array, Array]:
    """Return percentiles of each row, (rows, shares), and the share of samples without a value, (rows,).

    Samples without a value (nan) are left out. Linear between the two nearest samples; a sample that is
    beyond the plan (infinite) is the largest, and a percentile between it and a finite one is beyond the
    plan too, by an unknown amount. Reorders `rows` in place.
    Source: Hyndman and Fan, "Sample quantiles in statistical packages", 1996, definition 7.
    """
    size = rows.shape[1]
    known = size - np.isnan(rows).sum(axis=1)
    places = np.asarray(shares) * np.maximum(known - 1, 0)[:, None]
    low = places.astype(int)
    high = np.minimum(low + 1, np.maximum(known - 1, 0)[:, None])
    if len(shares) > FEW:
        rows.sort(axis=1)  # nan last
    else:
        rows.partition(np.unique([low, high]), axis=1)
    below, above = (np.take_along_axis(rows, at, axis=1) for at in (low, high))
    part = places - low
    first, last = (np.where(np.isinf(each), 0.0, each) for each in (below, above))
    beyond = np.where(np.isinf(above) & (part > 0), above, first + (last - first) * part)
    found = np.where(np.isinf(below), below, beyond)
    return np.asarray(found, dtype=float), 1.0 - known / size


def percentiles(values: Mapping[str, Number]) -> dict[str, Percentiles]:
    """Return the 5th, 50th and 95th percentile of each result, its samples of shape (n,) or ()."""
    out = {name: _of_one(each) for name, each in values.items() if np.size(each) == 1}
    many = {name: np.ravel(each) for name, each in values.items() if np.size(each) > 1}
    if many:
        rows = np.empty((len(many), max(each.size for each in many.values())))
        for row, each in zip(rows, many.values(), strict=True):
            row[:] = each
        found, missing = of_rows(rows, ENDS)
        for name, (p5, p50, p95), gone in zip(many, found.tolist(), missing.tolist(), strict=True):
            out[name] = Percentiles(p5, p50, p95, gone)
    return {name: out[name] for name in values}


def _of_one(value: Number) -> Percentiles:
    only = float(np.ravel(value)[0])
    return Percentiles(only, only, only, missing_share=float(np.isnan(only)))
