"""Evaluate every combination of some fields' values, as one stack of plans where the model allows it."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.analysis.stack import along, stackable
from planner.catalog import hardware
from planner.errors import Problem, ScenarioError
from planner.model import Result, evaluate
from planner.readout import METRICS, within_plan
from planner.records import dataclass
from planner.schema import Array, Range, Scenario, Spec, replaced_many, spec_at, steps_of

STEPS = 9
MOST_WHOLE = 200
AROUND = 2.0  # a number without bounds is swept from half to twice its value


@dataclass(frozen=True)
class Grid:
    """Metrics of every combination, one axis per field; nan where a combination isn't a valid plan.

    `feasible`: every model fits and every latency promise is kept.
    """

    metrics: Mapping[str, Array]
    feasible: NDArray[np.bool_]
    problems: tuple[Problem, ...]


def evaluate_grid(scenario: Scenario, values: Mapping[str, Sequence[Any]]) -> Grid:
    """Return the metrics of every combination of `values` by path, shape (len of each, ...).

    Ranges count as their middle. Combinations of fields that can't be stacked are evaluated one by one;
    what the catalog refuses among them is nan, and its problems are told.
    """
    paths = list(values)
    read = {path: checked(scenario, path, values[path]) for path in paths}
    stacked = [path for path in paths if stackable(scenario, path, spec_at(scenario, path)[0])]
    looped = [path for path in paths if path not in stacked]
    shape = tuple(len(read[path]) for path in paths)
    metrics = {name: np.full(shape, np.nan) for name in METRICS}
    feasible = np.zeros(shape, bool)
    problems: list[Problem] = []
    arrays = {path: along(read[path], axis=paths.index(path), axes=len(paths)) for path in stacked}
    for choice in itertools.product(*(range(len(read[path])) for path in looped)):
        index = tuple(
            slice(choice[looped.index(path)], choice[looped.index(path)] + 1)
            if path in looped
            else slice(None)
            for path in paths
        )
        try:
            base = scenario
            for path, chosen in zip(looped, choice, strict=True):
                base = base.with_value(path, read[path][chosen])
            result = evaluate(replaced_many(base, arrays))
        except ScenarioError as error:
            problems += [each for each in error.problems if each not in problems]
            continue
        for name, value in within_plan(result).items():
            metrics[name][index] = value
        feasible[index] = can_be(result)
    return Grid(metrics, feasible, tuple(problems))


def can_be(result: Result) -> Any:
    """Return where every model fits and every latency promise is kept."""
    fine: Any = np.asarray(True)
    for workload in result.workloads.values():
        fine = fine & np.asarray(workload.promise_met)
    for deployment in result.deployments.values():
        fine = fine & np.asarray(deployment.fits)
    return fine


def checked(scenario: Scenario, path: str, values: Sequence[Any]) -> list[Any]:
    """Return the values in the model's form; raise ScenarioError for those that break a rule."""
    spec, _ = spec_at(scenario, path)
    if not len(values):
        raise ScenarioError([Problem(path, "needs at least one value.")])
    read, problems = [], []
    for value in values:
        try:
            read.append(spec.read(value.item() if isinstance(value, np.generic) else value))
        except ValueError as error:
            problems.append(Problem(path, f"is {value}; it must be {error}."))
    if problems:
        raise ScenarioError(problems)
    return [float(each) if isinstance(each, Range) else each for each in read]


def sensible_values(scenario: Scenario, path: str, *, steps: int = STEPS) -> list[Any]:
    """Return the values of a field worth trying: over its range, its bounds, or around its current value."""
    spec, value = spec_at(scenario, path)
    if spec.kind == "flag":
        return [False, True]
    if spec.kind == "choice":
        return choices(scenario, path, spec)
    if not spec.numeric:
        raise ScenarioError([Problem(path, "has no values that could be tried one by one.")])
    lo, hi = bounds(spec, value)
    found = np.linspace(lo, hi, steps)
    return sorted({float(each) for each in (np.rint(found) if spec.kind == "count" else found)})


def choices(scenario: Scenario, path: str, spec: Spec) -> list[str]:
    """Return a field's possible words: those declared, or the catalog's; a price list has too many."""
    if spec.choices:
        return list(spec.choices)
    known = {"gpu": hardware.gpu_names, "model": hardware.llm_names}
    own = {"gpu": scenario.gpus, "model": scenario.models}
    name = steps_of(path)[-1]
    if name not in known or ":" in str(scenario.value(path)):
        return [str(scenario.value(path))]
    return [*known[name](), *own[name]]


def bounds(spec: Spec, value: Any, *, around: float = AROUND) -> tuple[float, float]:
    """Return the ends of the values worth trying for a number."""
    if isinstance(value, Range):
        return value.low, value.high
    if spec.kind == "share":
        return spec.lo, spec.hi
    now = float(np.mean(value)) if value is not None else 0.0
    if now == 0.0:
        return max(spec.lo, 0.0), min(spec.hi, (spec.step or 1.0) * 10)
    ends = sorted((now / around, now * around))
    return max(spec.lo, ends[0]), min(spec.hi, ends[1])
