"""The spread of a plan's results over the ranges of its unknowns."""

from collections.abc import Mapping

from planner.analysis.samples import percentile, samples_of
from planner.analysis.uncertainty import Spread, spread
from planner.records import dataclass
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


def _percentiles(values: Array) -> tuple[float, float, float]:
    low, middle, high = (percentile(values, share) for share in (LOW, MIDDLE, HIGH))
    return (low, middle, high)
