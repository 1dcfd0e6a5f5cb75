"""Goal seek: the value of a field at which a metric reaches a target, if there is one."""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from planner.analysis.grid import bounds, evaluate_grid
from planner.errors import Problem, ScenarioError
from planner.readout import METRICS
from planner.records import dataclass
from planner.schema import Array, Scenario, Spec, spec_at

POINTS = 257
ZOOM_POINTS = 33
ROUNDS = 9  # nine rounds of 33 points: 13 digits of the first step
AROUND = 10.0
FAR = 1_000.0  # times the current value, if nothing closer reaches the goal
MOST_WHOLE = 5_000
CLOSE = 1e-9

Found = Literal["none", "one", "several", "flat"]


@dataclass(frozen=True)
class Solution:
    """A value of the field. `jumps`: the metric passes the target here without being equal to it."""

    value: float
    metric: float
    jumps: bool
    feasible: bool


@dataclass(frozen=True)
class Sought:
    """The solutions between `lo` and `hi`. `nearest` is the closest value if nothing reaches the target.

    `least` and `most` are the metric's ends over the range; nan if it can't be computed anywhere.
    """

    path: str
    metric: str
    target: float
    lo: float
    hi: float
    found: Found
    solutions: tuple[Solution, ...]
    nearest: Solution
    least: float
    most: float


def seek(
    scenario: Scenario,
    path: str,
    metric: str,
    target: float,
    *,
    lo: float | None = None,
    hi: float | None = None,
) -> Sought:
    """Return where `metric` reaches `target` as the field at `path` goes from `lo` to `hi`.

    Without `lo` and `hi`: shares from 0 to 1, ranges between their ends, other numbers from a tenth to ten
    times their value. If the cash lasts, the runway counts up to the horizon.
    """
    spec = _number_spec(scenario, path, metric)
    ends = bounds(spec, scenario.value(path), around=AROUND)
    lo, hi = (ends[0] if lo is None else lo), (ends[1] if hi is None else hi)
    if not lo < hi:
        raise ScenarioError(
            [Problem(path, f"can't be sought from {lo:g} to {hi:g}; the first must be less.")]
        )
    points = _points(spec, lo, hi)
    gap, fine = _gap(scenario, path, metric, target, points)
    there = np.isfinite(gap)
    least, most = (
        (float(gap[there].min()) + target, float(gap[there].max()) + target)
        if there.any()
        else (math.nan,) * 2
    )
    scale = max(abs(target), abs(least), abs(most), 1e-300) if there.any() else 1.0
    near = int(np.argmin(np.where(there, np.abs(gap), np.inf)))
    nearest = Solution(float(points[near]), float(gap[near]) + target, jumps=False, feasible=bool(fine[near]))
    flat = not there.any() or most - least <= CLOSE * scale
    whole = spec.kind == "count"
    found = [
        _refined(scenario, path, metric, target, ends=points[index : index + 2], scale=scale, whole=whole)
        for index in ([] if flat else _crossings(gap, scale))
    ]
    said: Found = "flat" if flat else "none" if not found else "one" if len(found) == 1 else "several"
    return Sought(path, metric, target, lo, hi, said, tuple(found), nearest, least, most)


def far_ends(spec: Spec, value: Any) -> tuple[float, float]:
    """Return the ends of the values to try if nothing near the current one reaches the goal.

    A range's ends are ignored: they describe uncertainty, not what is possible.
    """
    if spec.kind == "share":
        return spec.lo, spec.hi
    now = float(value)
    if now == 0.0:
        return max(spec.lo, 0.0), min(spec.hi, (spec.step or 1.0) * FAR * FAR)
    ends = sorted((now / FAR, now * FAR))
    return max(spec.lo, ends[0]), min(spec.hi, ends[1])


def _number_spec(scenario: Scenario, path: str, metric: str) -> Spec:
    spec, _ = spec_at(scenario, path)
    problems = [] if spec.numeric else [Problem(path, "is not a number, so it can't be sought.")]
    if metric not in METRICS:
        problems.append(Problem(metric, "is not a metric.", f"Known: {', '.join(METRICS)}."))
    if problems:
        raise ScenarioError(problems)
    return spec


def _points(spec: Spec, lo: float, hi: float) -> Array:
    if spec.kind == "count":
        points = np.arange(math.ceil(lo), math.floor(hi) + 1.0)
        kept = np.unique(np.linspace(0, points.size - 1, min(points.size, MOST_WHOLE)).astype(int))
        return np.asarray(points[kept])
    if lo > 0 and hi / lo > AROUND:
        points = np.geomspace(lo, hi, POINTS)
        points[[0, -1]] = lo, hi
        return points
    return np.linspace(lo, hi, POINTS)


def _gap(
    scenario: Scenario, path: str, metric: str, target: float, points: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the metric minus the target, and feasibility, at each point."""
    grid = evaluate_grid(scenario, {path: points.tolist()})
    return grid.metrics[metric] - target, grid.feasible


def _crossings(gap: Array, scale: float) -> list[int]:
    """Return the first point of each step in which the metric reaches the target; a constant stretch counts once."""
    on = np.abs(gap) <= CLOSE * scale
    sides = np.where(on, 0.0, np.sign(gap))
    found = []
    for index in range(len(gap) - 1):
        here, following = sides[index], sides[index + 1]
        begins = here == 0 and (index == 0 or sides[index - 1] != 0)
        ends_on_last = following == 0 and here != 0 and index == len(gap) - 2
        if begins or here * following < 0 or ends_on_last:
            found.append(index)
    return found


def _refined(
    scenario: Scenario, path: str, metric: str, target: float, *, ends: Array, scale: float, whole: bool
) -> Solution:
    """Return the solution between two points, by ever finer grids."""
    low, high = float(ends[0]), float(ends[1])
    for _ in range(1 if whole else ROUNDS):
        points = np.array([low, high]) if whole else np.linspace(low, high, ZOOM_POINTS)
        gap, fine = _gap(scenario, path, metric, target, points)
        best = int(np.nanargmin(np.abs(gap)))
        if abs(gap[best]) <= CLOSE * 1e-3 * scale or whole:
            break
        steps = _crossings(gap, 0.0)
        at = steps[0] if steps else max(best - 1, 0)
        low, high = float(points[at]), float(points[at + 1])
    jumps = bool(abs(gap[best]) > 1e-6 * scale)
    return Solution(float(points[best]), float(gap[best]) + target, jumps=jumps, feasible=bool(fine[best]))
