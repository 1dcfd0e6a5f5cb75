"""Evaluate every combination of the chosen levers as arrays, and return the exact Pareto front."""

import itertools
import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.analysis import cluster, pieces
from planner.analysis.grid import checked, sensible_values
from planner.analysis.pareto import pareto
from planner.analysis.policy import Bound
from planner.analysis.stack import along, stackable
from planner.analysis.verdicts import COMPARE, ROUNDING
from planner.errors import Problem, ScenarioError
from planner.model import MonthOne, evaluate_month_one
from planner.readout import METRICS, better_when_higher
from planner.records import dataclass
from planner.schema import Array, Scenario, replaced_many, spec_at
from planner.schema.cross import cross_problems

DEFAULT_METRICS = ("usd_per_outcome", "success_share", "p95_latency_s")
AT_LEAST = (">=", ">")  # bounds that higher values come closer to
NEED_MONTHS = (
    "runway_months",
    "runway_with_raises_months",
    "least_cash_usd",
    "least_cash_month",
    "burn_multiple",
    "ltv_usd",
    "ltv_to_cac_ratio",
    "cac_payback_months",
)
BLOCK = 2**18  # combinations evaluated at once: enough to make the overhead of an evaluation negligible
PIECE = 2**20  # combinations per piece of work in a large search: about half a second
UNPROMISED_S = 1e30  # stands in for workloads without a promise: slower than any promise
MOST_COMBINATIONS = 10_000_000_000  # hours on a large cluster
WORTH_PROCESSES = 4_000_000  # below this many, starting processes takes longer than the work


@dataclass(frozen=True)
class FrontierTask:
    """What each worker needs: levers in the order of their axes, the first `outer` of them looped over."""

    scenario: Scenario
    levers: tuple[tuple[str, tuple[Any, ...]], ...]
    outer: int
    metrics: tuple[str, ...]
    where: tuple[Bound, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of values of each lever."""
        return tuple(len(values) for _, values in self.levers)

    @property
    def blocks(self) -> int:
        """The number of blocks of combinations."""
        return math.prod(self.shape[: self.outer])

    @property
    def block_size(self) -> int:
        """The number of combinations in a block."""
        return math.prod(self.shape[self.outer :])


@dataclass(frozen=True)
class Summary:
    """A worker's result: the front of its blocks, as combinations by number and their costs.

    `feasible` combinations keep their promises and fit; `allowed` of them also meet the bounds; `reached` is the closest that
    a feasible one comes to each bound.
    """

    combinations: NDArray[np.int64]
    costs: Array
    evaluated: int
    feasible: int
    allowed: int
    reached: tuple[float, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One plan on the front: a value for each lever, and its metrics."""

    values: Mapping[str, Any]
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Front:
    """The plans that no other combination beats, sorted by the first metric, best first.

    Only one of several equal plans is kept. A latency is nan if no workload promises one. `allowed` of the feasible plans
    to the bounds of `where`; `reached` is the nearest that any comes to each. `stopped`: cancelled, so that the front
    is that of what was evaluated.
    """

    levers: Mapping[str, tuple[Any, ...]]
    metrics: tuple[str, ...]
    choices: tuple[Choice, ...]
    total: int
    evaluated: int
    feasible: int
    allowed: int
    seconds: float
    stopped: bool
    problems: tuple[Problem, ...]
    where: tuple[Bound, ...] = ()
    reached: tuple[float, ...] = ()


def frontier(
    scenario: Scenario,
    levers: Mapping[str, Sequence[Any] | None],
    *,
    metrics: Sequence[str] = DEFAULT_METRICS,
    where: Sequence[Bound] = (),
    progress: pieces.Progress | None = None,
    processes: int | None = None,
    ray_address: str | None = None,
) -> Front:
    """Return the Pareto front over every combination of the levers' values (None: sensible ones).

    Ranges count as their middle; metrics are those of month 1. Combinations that break a promise or do not fit are
    left out, and so are those outside the bounds of `where`. `progress` is told combinations done, all, and the seconds left; where it returns False the search
    stops and keeps what is done. Large searches use all processors, or a Ray cluster that is running.
    """
    began = time.monotonic()
    task = plan(scenario, levers, metrics, where)
    total = task.blocks * task.block_size
    pieces.check_size(total, "combinations", most=MOST_COMBINATIONS)
    workers = processes or ((os.cpu_count() or 1) if total >= WORTH_PROCESSES else 1)
    if ray_address is not None:
        workers = cluster.workers(ray_address)
    merged, stopped = _nothing(task), False
    found = pieces.results(work, task, spans(task, workers), workers=workers, ray_address=ray_address)
    for summary in found:
        merged = _merged(task, [merged, summary])
        if not pieces.goes_on(progress, merged.evaluated, total, began):
            stopped = merged.evaluated < total
            found.close()
            break
    return Front(
        levers=dict(task.levers), metrics=task.metrics, choices=_choices(task, merged), total=total,
        evaluated=merged.evaluated, feasible=merged.feasible, allowed=merged.allowed,
        seconds=time.monotonic() - began, stopped=stopped, problems=merged.problems, where=task.where,
        reached=merged.reached,
    )  # fmt: skip


def plan(
    scenario: Scenario,
    levers: Mapping[str, Sequence[Any] | None],
    metrics: Sequence[str],
    where: Sequence[Bound] = (),
) -> FrontierTask:
    """Return the task of a search: levers that pick functions are looped over, others share arrays."""
    _known(metrics)
    _boundable(where)
    read = {
        path: tuple(checked(scenario, path, sensible_values(scenario, path) if values is None else values))
        for path, values in levers.items()
    }
    if not read:
        raise ScenarioError([Problem("frontier", "needs at least one lever.")])
    apart = {path: not stackable(scenario, path, spec_at(scenario, path)[0]) for path in read}
    ordered = sorted(read, key=lambda path: (not apart[path], -_weight(path)))
    looped = sum(apart.values())
    inner, outer = 1, len(ordered)
    while outer > looped and inner * len(read[ordered[outer - 1]]) <= BLOCK:
        outer -= 1
        inner *= len(read[ordered[outer]])
    return FrontierTask(
        scenario, tuple((path, read[path]) for path in ordered), outer, tuple(metrics), tuple(where)
    )


def _weight(path: str) -> int:
    """Return how much work depends on a lever: levers that change the serving speed are looped over first."""
    if path.startswith("deployments."):
        return 3
    costly = ("_tokens", "chunks", "rag.on", "compression", "output_control", "latency", "prefix_hit_share")
    return 2 if any(word in path for word in costly) else 1


def _known(metrics: Sequence[str]) -> None:
    problems = [
        Problem(metric, "is not a metric.", f"Known: {', '.join(METRICS)}.")
        for metric in metrics
        if metric not in METRICS
    ]
    problems += [
        Problem(metric, "needs the months, which a frontier leaves out.")
        for metric in metrics
        if metric in NEED_MONTHS
    ]
    if problems or not metrics:
        raise ScenarioError(problems or [Problem("frontier", "needs at least one metric.")])


def _boundable(where: Sequence[Bound]) -> None:
    """Raise ScenarioError for bounds that can't be tested on month 1 of a plan."""
    problems = [
        Problem(
            bound.text, "can't be asked of a frontier.", "It looks at month 1, at the middle of all ranges."
        )
        for bound in where
        if not month_one_bound(bound)
    ]
    if problems:
        raise ScenarioError(problems)


def month_one_bound(bound: Bound) -> bool:
    """Return whether a bound is on a headline number of month 1 itself, not on its percentile or probability."""
    plain = bound.percent is None and bound.inside is None
    return plain and bound.metric in METRICS and METRICS[bound.metric].monthly


def _nothing(task: FrontierTask, evaluated: int = 0, problems: tuple[Problem, ...] = ()) -> Summary:
    """Return the result of a search without combinations."""
    worst = tuple(-math.inf if bound.operator in AT_LEAST else math.inf for bound in task.where)
    none = np.empty(0, np.int64)
    return Summary(none, np.empty((0, len(task.metrics))), evaluated, 0, 0, worst, problems)


def work(task: FrontierTask, start: int, stop: int) -> Summary:
    """Return the front of the blocks from `start` to `stop`; small, whatever the number of combinations."""
    found = _nothing(task)
    for block in range(start, stop):
        found = _merged(task, [found, _block(task, block)])
    return found


def _block(task: FrontierTask, block: int) -> Summary:
    shape, axes = task.shape, len(task.shape)
    fixed = np.unravel_index(block, shape[: task.outer]) if task.outer else ()
    chosen: dict[str, Any] = {
        path: tried[int(index)] for (path, tried), index in zip(task.levers, fixed, strict=False)
    }
    values: dict[str, Any] = {}
    for axis, (path, tried) in itertools.islice(enumerate(task.levers), task.outer, None):
        values[path] = along(tried, axis=axis - task.outer, axes=axes - task.outer)
    try:
        result = evaluate_month_one(_joined(task.scenario, values, chosen))
    except ScenarioError as error:
        return _nothing(task, task.block_size, tuple(error.problems))
    return _front_of(task, block, result)


def _joined(scenario: Scenario, values: Mapping[str, Any], chosen: Mapping[str, Any]) -> Scenario:
    """Return the stack of plans with `values`, and `chosen` values for all; together they must be a valid plan."""
    changed = replaced_many(scenario, chosen)
    if problems := cross_problems(changed):
        raise ScenarioError(problems)
    return replaced_many(changed, values)


def _front_of(task: FrontierTask, block: int, result: MonthOne) -> Summary:
    inner = task.shape[task.outer :]
    feasible = np.asarray(result.feasible)
    columns = []
    for metric in task.metrics:
        values = np.asarray(result.metrics[metric])
        if metric == "p95_latency_s":
            values = np.where(np.isnan(values), UNPROMISED_S, values)
        feasible = feasible & np.isfinite(values)
        columns.append(-values if better_when_higher(metric) else values)
    there = np.broadcast_to(feasible, inner)
    allowed, reached = _inside(task, result, there)
    kept = np.flatnonzero(allowed)
    costs = np.stack([np.broadcast_to(column, inner).ravel().take(kept) for column in columns]).T
    best = pareto(costs)
    return Summary(
        kept[best] + block * task.block_size, costs[best], task.block_size, int(np.count_nonzero(there)),
        kept.size, reached,
    )  # fmt: skip


def _inside(
    task: FrontierTask, result: MonthOne, there: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[float, ...]]:
    """Return which feasible combinations meet all bounds, and the closest that any comes to each."""
    allowed, reached = there, []
    for bound in task.where:
        values = np.broadcast_to(result.metrics[bound.metric], there.shape)
        most = bound.operator in AT_LEAST
        known = values[there & np.isfinite(values)]
        ends = (known.max() if most else known.min()) if known.size else (-math.inf if most else math.inf)
        reached.append(float(ends))
        close = np.isclose(values, bound.limit, rtol=ROUNDING, atol=0.0)
        compare: Any = COMPARE[bound.operator]  # typed for two numbers; arrays compare one by one
        within = compare(values, bound.limit)
        allowed = allowed & np.where(close, bound.operator in ("<=", ">="), within)
    return allowed, tuple(reached)


def _merged(task: FrontierTask, found: Sequence[Summary]) -> Summary:
    combinations = np.concatenate([each.combinations for each in found])
    costs = np.concatenate([each.costs for each in found])
    order = np.argsort(combinations, kind="stable")
    best = order[pareto(costs[order])]
    problems = tuple(dict.fromkeys(problem for each in found for problem in each.problems))
    return Summary(
        combinations[best], costs[best], sum(each.evaluated for each in found),
        sum(each.feasible for each in found), sum(each.allowed for each in found), _nearest(task, found), problems,
    )  # fmt: skip


def _nearest(task: FrontierTask, found: Sequence[Summary]) -> tuple[float, ...]:
    """Return the closest that any part comes to each bound."""
    columns = zip(*(each.reached for each in found), strict=True)
    return tuple(
        max(values) if bound.operator in AT_LEAST else min(values)
        for bound, values in zip(task.where, columns, strict=True)
    )


def _choices(task: FrontierTask, found: Summary) -> tuple[Choice, ...]:
    order = np.lexsort(found.costs.T[::-1])
    out = []
    for row in order:
        index = np.unravel_index(int(found.combinations[row]), task.shape)
        values = {path: tried[int(i)] for (path, tried), i in zip(task.levers, index, strict=True)}
        signs = [-1.0 if better_when_higher(metric) else 1.0 for metric in task.metrics]
        costs = (
            math.nan if cost == UNPROMISED_S else sign * float(cost)
            for sign, cost in zip(signs, found.costs[row], strict=True)
        )
        out.append(Choice(values, dict(zip(task.metrics, costs, strict=True))))
    return tuple(out)


def spans(task: FrontierTask, workers: int) -> list[pieces.Span]:
    """Return the blocks as pieces of work: short enough to cancel quickly, and large enough to be worth sending."""
    return pieces.cut(task.blocks, max(workers * 8, 32, task.blocks * task.block_size // PIECE))
