"""Sweep one or two fields over a grid."""

import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from planner.analysis import cluster, pieces
from planner.analysis.grid import Grid, checked, evaluate_grid, sensible_values
from planner.analysis.stack import stackable
from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.schema import Scenario, Spec, spec_at

PIECE_PLANS = 2**15  # plans per piece of work, if one evaluation takes them all
MOST_CELLS = 1_000_000  # cells of a grid held in full
WORTH_PROCESSES = 4_000  # below this many evaluations, starting processes takes longer than the work


@dataclass(frozen=True)
class Axis:
    """A swept field and its values."""

    path: str
    spec: Spec
    values: tuple[Any, ...]


@dataclass(frozen=True)
class SweepTask:
    """A worker's task: the axes of the grid, split into pieces of work along the one at `cut`.

    It has `evaluations` of the model if fields can't share arrays.
    """

    scenario: Scenario
    axes: tuple[Axis, ...]
    cut: int
    evaluations: int

    def spans(self, workers: int) -> list[pieces.Span]:
        """Return the split axis as pieces of work."""
        count, plans = len(self.axes[self.cut].values), math.prod(len(axis.values) for axis in self.axes)
        wanted = max(math.ceil(plans / PIECE_PLANS), self.evaluations)
        return pieces.cut(count, max(wanted, workers * 4 if workers > 1 else 1))


@dataclass(frozen=True)
class SweptPart:
    """A worker's result: the grid between two values of the split axis."""

    start: int
    stop: int
    grid: Grid


@dataclass(frozen=True)
class Sweep:
    """A grid of plans: `grid.metrics` have one axis per entry of `axes`. The runway ends at the horizon.

    `stopped`: cancelled; the axes hold only the values evaluated.
    """

    axes: tuple[Axis, ...]
    grid: Grid
    stopped: bool = False


def sweep(
    scenario: Scenario,
    over: Mapping[str, Sequence[Any] | None],
    *,
    progress: pieces.Progress | None = None,
    processes: int | None = None,
    ray_address: str | None = None,
) -> Sweep:
    """Return the metrics over one or two fields; a field without values uses sensible ones.

    `progress` gets plans done, the total, and the seconds left; if it returns False, the sweep stops and keeps its
    results. Sweeps of many evaluations use all processors, or a running Ray cluster.
    """
    began = time.monotonic()
    task = plan(scenario, over)
    workers = processes or ((os.cpu_count() or 1) if task.evaluations >= WORTH_PROCESSES else 1)
    if ray_address is not None:
        workers = cluster.workers(ray_address)
    total, done, stopped = math.prod(len(axis.values) for axis in task.axes), 0, False
    parts: list[SweptPart] = []
    found = pieces.results(work, task, task.spans(workers), workers=workers, ray_address=ray_address)
    for part in found:
        parts.append(part)
        done += part.grid.feasible.size
        if not pieces.goes_on(progress, done, total, began):
            stopped = done < total
            found.close()
            break
    return replace(_together(task, sorted(parts, key=lambda part: part.start)), stopped=stopped)


def plan(scenario: Scenario, over: Mapping[str, Sequence[Any] | None]) -> SweepTask:
    """Return the task of a sweep, split along a field evaluated value by value, else along the longer one."""
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
    apart = [not stackable(scenario, axis.path, axis.spec) for axis in axes]
    pieces.check_size(math.prod(len(axis.values) for axis in axes), "cells", most=MOST_CELLS)
    cut = max(range(len(axes)), key=lambda index: (apart[index], len(axes[index].values)))
    evaluations = math.prod(len(axis.values) for axis, alone in zip(axes, apart, strict=True) if alone)
    return SweepTask(scenario, axes, cut, evaluations)


def work(task: SweepTask, start: int, stop: int) -> SweptPart:
    """Return the grid from value `start` to `stop` of the split axis."""
    values = {axis.path: axis.values for axis in task.axes}
    cut = task.axes[task.cut]
    return SweptPart(start, stop, evaluate_grid(task.scenario, {**values, cut.path: cut.values[start:stop]}))


def _together(task: SweepTask, parts: Sequence[SweptPart]) -> Sweep:
    """Return the parts as one sweep, over the values of the split axis that they cover."""
    cut = task.axes[task.cut]
    kept = tuple(value for part in parts for value in cut.values[part.start : part.stop])
    axes = tuple(replace(axis, values=kept) if axis is cut else axis for axis in task.axes)
    grids = [part.grid for part in parts]
    metrics = {
        name: np.concatenate([grid.metrics[name] for grid in grids], axis=task.cut)
        for name in grids[0].metrics
    }
    feasible = np.concatenate([grid.feasible for grid in grids], axis=task.cut)
    problems = tuple(dict.fromkeys(problem for grid in grids for problem in grid.problems))
    return Sweep(axes, Grid(metrics, feasible, problems))
