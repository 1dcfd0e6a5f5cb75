"""Which unknowns matter most: tornado bars and Sobol indices."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from planner.analysis.draws import columns, ranges, values_at
from planner.errors import Problem, ScenarioError
from planner.model import evaluate
from planner.model.shared import Parts
from planner.readout import METRICS, label_in, placed_label, within_plan
from planner.records import dataclass
from planner.schema import Array, Scenario, replaced_many, spec_at
from planner.schema.ranges import Z_95

BLOCK_PLANS = 2**15


@dataclass(frozen=True)
class Bar:
    """A metric with one unknown at the 5th and 95th percentile of its range, all others at their medians."""

    path: str
    label: str
    unit: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """How far the metric moves; nan if an end can't be computed."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Tornado:
    """The bars of a metric, longest first."""

    metric: str
    middle: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Index:
    """The share of a metric's variance due to an unknown alone, and with all its interactions.

    Correlated unknowns count as one: their paths are joined by " + ".
    """

    path: str
    label: str
    first: float
    total: float


@dataclass(frozen=True)
class Indices:
    """Sobol indices of a metric, largest first; empty if it doesn't vary. `missing_share` of the samples lack it."""

    metric: str
    indices: tuple[Index, ...]
    n: int
    seed: int
    missing_share: float


def tornados(scenario: Scenario, parts: Parts | None = None) -> dict[str, Tornado]:
    """Return the tornado of every metric; if the cash lasts, the runway counts up to the horizon.

    `parts` are those of the evaluation, and may interrupt it.
    """
    found = ranges(scenario)
    count = len(found)
    ends: dict[str, Array] = {}
    both = values_at(scenario, found, dict.fromkeys(found, np.array([-Z_95, Z_95])))
    for index, (path, each) in enumerate(found.items()):
        values = np.full(2 * count + 1, float(each))
        values[[2 * index, 2 * index + 1]] = both[path]
        ends[path] = values
    metrics = _metrics(replaced_many(scenario, ends), parts)
    return {name: _tornado(scenario, name, metrics[name], ends) for name in METRICS}


def tornado(scenario: Scenario, metric: str, parts: Parts | None = None) -> Tornado:
    """Return how far `metric` moves over each unknown's own range; `parts` as above."""
    _known(metric)
    return tornados(scenario, parts)[metric]


def _placed(scenario: Scenario, path: str) -> str:
    return placed_label(path, label_in(scenario, path, spec_at(scenario, path)[0].label))


def _tornado(scenario: Scenario, metric: str, values: Array, ends: Mapping[str, Array]) -> Tornado:
    every = np.broadcast_to(values, (2 * len(ends) + 1,))
    bars = []
    for index, (path, tried) in enumerate(ends.items()):
        spec, _ = spec_at(scenario, path)
        low, high = 2 * index, 2 * index + 1
        bars.append(
            Bar(
                path,
                label_in(scenario, path, spec.label),
                spec.unit,
                *map(float, (tried[low], tried[high], every[low], every[high])),
            )
        )
    return Tornado(
        metric, float(every[-1]), tuple(sorted(bars, key=lambda bar: -np.nan_to_num(bar.width, nan=math.inf)))
    )


def sobol_indices(scenario: Scenario, *, n: int = 1024, seed: int = 0) -> dict[str, Indices]:
    """Return the first and total Sobol indices of every metric.

    Takes `n` samples per unknown, plus twice more. Source: Saltelli et al., Comput. Phys. Commun. 181(2),
    2010, for the design and the first index, exactly 0 for what has no effect; Jansen, Comput. Phys. Commun. 117,
    1999, for the total one.
    """
    found = ranges(scenario)
    groups = _groups(scenario, list(found))
    first = columns(scenario, found, n=n, seed=seed)
    second = columns(scenario, found, n=n, seed=seed, second=True)
    mixed: list[set[str]] = [set(), set(found), *(set(group) for group in groups)]
    step = max(BLOCK_PLANS // n, 1)
    rows: dict[str, list[Array]] = {name: [] for name in METRICS}
    for start in range(0, len(mixed), step):
        block = mixed[start : start + step]
        stack = {
            path: np.stack([second[path] if path in taken else first[path] for taken in block])
            for path in found
        }
        for name, values in _metrics(replaced_many(scenario, stack)).items():
            rows[name].append(np.broadcast_to(values, (len(block), n)))
    return {name: _indices(scenario, name, np.concatenate(rows[name]), groups, seed) for name in METRICS}


def _indices(
    scenario: Scenario, metric: str, values: Array, groups: Sequence[Sequence[str]], seed: int
) -> Indices:
    there = np.isfinite(values).all(axis=0)
    a, b, mixed = values[0, there], values[1, there], values[2:, there]
    missing = float(1.0 - there.mean())
    both = np.concatenate([a, b])
    variance, mean = (float(both.var()), float(both.mean())) if there.any() else (0.0, 0.0)
    scale = float(np.abs(a).max(initial=0.0))
    if variance <= (1e-12 * scale) ** 2:
        return Indices(metric, (), values.shape[1], seed, missing)
    first = ((b - mean) * (mixed - a)).mean(axis=1) / variance
    total = ((a - mixed) ** 2).mean(axis=1) / (2.0 * variance)
    found = [
        Index(
            " + ".join(group),
            " + ".join(_placed(scenario, path) for path in group),
            float(s),
            float(t),
        )
        for group, s, t in zip(groups, first, total, strict=True)
    ]
    return Indices(metric, tuple(sorted(found, key=lambda each: -each.total)), values.shape[1], seed, missing)


def _groups(scenario: Scenario, paths: list[str]) -> list[list[str]]:
    """Return the unknowns, grouping those with declared correlations."""
    groups = [[path] for path in paths]
    for each in scenario.correlations:
        joined = [group for group in groups if each.a in group or each.b in group]
        if len(joined) == 2:
            groups = [group for group in groups if group not in joined] + [joined[0] + joined[1]]
    return groups


def _metrics(stacked: Scenario, parts: Parts | None = None) -> Mapping[str, Array]:
    return within_plan(evaluate(stacked, parts=parts))


def _known(metric: str) -> None:
    if metric not in METRICS:
        raise ScenarioError([Problem(metric, "is not a metric.", f"Known: {', '.join(METRICS)}.")])
