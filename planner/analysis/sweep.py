"""One or two fields over a grid."""

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

PIECE_PLANS = 2**15  # plans of a piece of work, where one evaluation takes them all
MOST_CELLS = 1_000_000  # of a grid that is held whole
WORTH_PROCESSES = 4_000  # below this many evaluations, starting processes takes longer than the work


@dataclass(frozen=True)
class Axis:
    """A field that is swept, and its values."""

    path: str
    spec: Spec
    values: tuple[Any, ...]


@dataclass(frozen=True)
class SweepTask:
    """What each worker needs: the axes of the grid, the one at `cut` being what pieces of work are pieces of.

    It has `evaluations` of the model where fields can't share arrays.
    """

    scenario: Scenario
    axes: tuple[Axis, ...]
    cut: int
    evaluations: int

    def spans(self, workers: int) -> list[pieces.Span]:
        """Return the values of the axis that is cut as pieces of work."""
        count, plans = len(self.axes[self.cut].values), math.prod(len(axis.values) for axis in self.axes)
        wanted = max(math.ceil(plans / PIECE_PLANS), self.evaluations)
        return pieces.cut(count, max(wanted, workers * 4 if workers > 1 else 1))


@dataclass(frozen=True)
class SweptPart:
    """What a worker hands back: the grid from one value of the axis that is cut to another."""

    start: int
    stop: int
    grid: Grid


@dataclass(frozen=True)
class Sweep:
    """A grid of plans: `grid.metrics` have an axis for each of `axes`. The runway ends at the horizon.

    `stopped`: cancelled; the axes hold only the values that were done.
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
    """Return the metrics over one or two fields; a field without values is tried at sensible ones.

    `progress` is told plans done, all, and the seconds left; where it returns False the sweep stops and keeps what is
    done. Sweeps of many evaluations use all processors, or a Ray cluster that is running.
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
    """Return the task of a sweep: cut along a field that is evaluated value by value, else along the longer one."""
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
    """Return the grid from the value `start` of the axis that is cut up to `stop`."""
    values = {axis.path: axis.values for axis in task.axes}
    cut = task.axes[task.cut]
    return SweptPart(start, stop, evaluate_grid(task.scenario, {**values, cut.path: cut.values[start:stop]}))


def _together(task: SweepTask, parts: Sequence[SweptPart]) -> Sweep:
    """Return the parts as one sweep, over those values of the cut axis that they hold."""
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
