"""The spread of a plan's results over the ranges of its unknowns."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.analysis.uncertainty import Spread, spread
from planner.model import STATES, Result
from planner.schema import Array, Scenario

LOW, MIDDLE, HIGH = 5.0, 50.0, 95.0


@dataclass(frozen=True)
class Drawn:
    """A plan under its ranges: `values` holds each metric's samples, shape (n,) or () where none differ."""

    spread: Spread
    values: Mapping[str, Array]

    @property
    def percentiles(self) -> Mapping[str, tuple[float, float, float]]:
        """The 5th, 50th and 95th percentile of every metric; a runway that does not end is infinite."""
        return {name: _percentiles(values) for name, values in self.values.items()}


def drawn(scenario: Scenario, *, samples: int, seed: int) -> Drawn:
    """Return what `scenario` leads to over samples of its ranges."""
    found = spread(scenario, n=samples, seed=seed)
    return Drawn(found, {name: samples_of(found.result, name) for name in found.result.metrics})


def samples_of(result: Result, name: str) -> Array:
    """Return a metric of many plans; infinite for a runway that does not end within the plan."""
    values = np.asarray(result.metrics[name], dtype=float)
    if name != "runway_months":
        return values
    state = np.asarray(result.runway_state)
    return np.where(state > STATES.index("cash_out"), np.inf, values)


def _percentiles(values: Array) -> tuple[float, float, float]:
    """Return three percentiles of the samples that have a value, nan where none has; infinite ones count as largest."""
    known = np.sort(values[~np.isnan(values)], axis=None)
    if not known.size:
        return (np.nan, np.nan, np.nan)
    low, middle, high = (_at(known, share) for share in (LOW, MIDDLE, HIGH))
    return (low, middle, high)


def _at(ordered: Array, percent: float) -> float:
    """Return a percentile of sorted values, linear between neighbours, the larger one where that is infinite."""
    place = percent / 100.0 * (ordered.size - 1)
    low = int(place)
    high = min(low + 1, ordered.size - 1)
    if np.isinf(ordered[high]):
        return float(ordered[high] if place > low else ordered[low])
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))
