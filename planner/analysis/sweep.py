"""One or two fields over a grid."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.analysis.grid import Grid, checked, evaluate_grid, sensible_values
from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.schema import Scenario, Spec, spec_at


@dataclass(frozen=True)
class Axis:
    """A field that is swept, and its values."""

    path: str
    spec: Spec
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Sweep:
    """A grid of plans: `grid.metrics` have an axis for each of `axes`. The runway ends at the horizon."""

    axes: tuple[Axis, ...]
    grid: Grid


def sweep(scenario: Scenario, over: Mapping[str, Sequence[Any] | None]) -> Sweep:
    """Return the metrics over one or two fields; a field without values is tried at sensible ones."""
    if not 1 <= len(over) <= 2:
        raise ScenarioError([Problem("sweep", f"has {len(over)} fields; it takes one or two.")])
    given = {
        path: sensible_values(scenario, path) if values is None else list(values)
        for path, values in over.items()
    }
    axes = tuple(
        Axis(path, spec_at(scenario, path)[0], tuple(checked(scenario, path, values)))
        for path, values in given.items()
    )
    return Sweep(axes, evaluate_grid(scenario, {axis.path: axis.values for axis in axes}))
