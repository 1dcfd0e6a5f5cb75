"""Why two plans differ: each changed input's exact share of each metric's change."""

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from planner.analysis.aligned_changes import with_changes_aligned
from planner.analysis.differences import (
    Difference,
    Part,
    all_structural_together,
    differences,
    parts,
    transplanted,
)
from planner.analysis.draws import draw, ranges
from planner.analysis.stack import along
from planner.errors import ScenarioError
from planner.model import Result, evaluate
from planner.readout import METRICS, both_last, within_plan
from planner.readout.percentile import of_rows
from planner.records import dataclass
from planner.schema import Array, Scenario, holding, replaced_many

ROUNDING_SHARE = 1e-9
MOST_PLANS = 2**18
FEWEST_SAMPLES = 32
BLOCK_PLANS = 2**17


@dataclass(frozen=True)
class Share:
    """One part's contribution to the change of a metric; p5 and p95 over the samples."""

    label: str
    change: float
    p5: float
    p95: float


@dataclass(frozen=True)
class MetricChange:
    """One metric in both plans. `a` and `b` are at the medians of all ranges, `p5` and `p95` of the change over samples.

    `why` holds each part's exact Shapley share of the change; it is empty where the change, or a plan between
    the two, can't be computed, and `reason` says so.
    """

    metric: str
    label: str
    a: float
    b: float
    change: float
    p5: float
    p95: float
    rises_share: float
    falls_share: float
    why: Mapping[str, Share]
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """How two plans differ, and why, as of one `month`, counted from 1.

    If the cash lasts, the runway counts up to the horizon. `ends` are the results of the two plans.
    """

    inputs: tuple[Difference, ...]
    parts: tuple[Part, ...]
    outputs: tuple[MetricChange, ...]
    n: int
    seed: int
    ends: tuple[Result, Result]
    month: int = 1

    @property
    def same(self) -> bool:
        """Whether the two plans have the same inputs."""
        return not self.inputs

    @property
    def horizons_months(self) -> tuple[float, float]:
        """The horizons of the two plans."""
        first, second = (float(np.max(each.scenario.company.horizon_months)) for each in self.ends)
        return first, second

    @property
    def differing(self) -> tuple[MetricChange, ...]:
        """The outputs that differ by more than rounding, or are missing on one side.

        Two runways that both last to the end of their plans don't: a longer plan isn't a longer runway.
        """
        return tuple(each for each in self.outputs if self._differs(each))

    def _differs(self, change: MetricChange) -> bool:
        ends = (change.a, change.b)
        if any(map(math.isnan, ends)):
            return not all(map(math.isnan, ends))
        least = ROUNDING_SHARE * max(map(abs, ends))
        return abs(change.change) > least and not both_last(change.metric, ends, self.horizons_months)


def compare(a: Scenario, b: Scenario, *, n: int = 1024, seed: int = 0, month: int = 1) -> Comparison:
    """Return where the inputs and results of `a` and `b` differ, and what each input contributes.

    Monthly metrics are those of `month`, counted from 1, or of the last month that both plans have.

    All mixtures of the two are evaluated over the same samples of all ranges; with more differing inputs, fewer samples.
    """
    month = min(month, *(int(each.company.horizon_months) for each in (a, b)))
    a, b = with_changes_aligned(a, b)
    found = differences(a, b)
    split = parts(a, found)
    samples = min(n, max(FEWEST_SAMPLES, MOST_PLANS >> len(split)))
    samples = samples if ranges(a) or ranges(b) else 0
    try:
        table = _mixtures(a, b, split, n=samples, seed=seed, month=month)
    except ScenarioError:
        split = all_structural_together(split)
        table = _mixtures(a, b, split, n=samples, seed=seed, month=month)
    ends = evaluate(a).at_month(month), evaluate(b).at_month(month)
    outputs = tuple(_change(name, table[name], split, ends) for name in METRICS)
    return Comparison(found, split, outputs, samples, seed, ends, month)


def _mixtures(
    a: Scenario, b: Scenario, split: Sequence[Part], *, n: int, seed: int, month: int
) -> dict[str, Array]:
    """Return each metric of every mixture, shape (2 or 1 for each part, samples): [0] as in a, [1] as in b.

    The first sample is the median of all ranges.
    """
    drawn_a, drawn_b = _drawn(a, n, seed), _drawn(b, n, seed)
    stacked = [index for index, part in enumerate(split) if part.stacked]
    structural = [index for index, part in enumerate(split) if not part.stacked]
    tables: dict[tuple[int, ...], dict[str, Array]] = {}
    for chosen in itertools.product((0, 1), repeat=len(structural)):
        paths = [
            path
            for index, side in zip(structural, chosen, strict=True)
            if side
            for path in split[index].paths
        ]
        base = transplanted(drawn_a, drawn_b, paths)
        values = _axes(drawn_a, drawn_b, split, stacked)
        tables[chosen] = _evaluated(base, values, axes=len(split), samples=n + 1, month=month)
    return {name: _together({c: t[name] for c, t in tables.items()}, structural) for name in METRICS}


def _drawn(scenario: Scenario, n: int, seed: int) -> Scenario:
    """Return the samples of a scenario, preceded by the median of each range."""
    found = ranges(scenario)
    if not found or n == 0:
        return replaced_many(scenario, {path: np.array([float(each)]) for path, each in found.items()})
    samples = draw(scenario, n=n, seed=seed)
    return replaced_many(
        scenario,
        {path: np.concatenate([[float(each)], samples.value(path)]) for path, each in found.items()},
    )


def _axes(a: Scenario, b: Scenario, split: Sequence[Part], stacked: Sequence[int]) -> dict[str, Any]:
    """Return the values of the stacked parts by path, each with its two sides along its part's axis."""
    out = {}
    for index in stacked:
        for path in split[index].paths:
            sides = np.stack(np.broadcast_arrays(*(np.atleast_1d(each.value(path)) for each in (a, b))))
            lead = along([0, 1], axis=index, axes=len(split)).shape
            out[path] = sides.reshape(*lead, sides.shape[-1])
    return out


def _evaluated(
    base: Scenario, values: Mapping[str, Any], *, axes: int, samples: int, month: int
) -> dict[str, Array]:
    """Return the metrics of all plans in a month, evaluated in blocks of samples that stay in the processor's cache."""
    stacked = replaced_many(base, values)
    plans = math.prod(np.broadcast_shapes(*(np.shape(each)[:-1] for each in values.values()), (1,)))
    step = math.ceil(samples / max(round(samples * plans / BLOCK_PLANS), 1))
    blocks = [
        within_plan(evaluate(_sliced(stacked, start, start + step)).at_month(month))
        for start in range(0, samples, step)
    ]
    return {name: _joined([block[name] for block in blocks], axes, samples, step) for name in METRICS}


def _joined(blocks: list[Any], axes: int, samples: int, step: int) -> Array:
    """Return a metric's blocks as one array, with one axis per part and one for the samples."""
    shaped = [np.asarray(each).reshape((1,) * (axes + 1 - np.ndim(each)) + np.shape(each)) for each in blocks]
    if len(shaped) == 1:
        return shaped[0]
    sizes = [min(step, samples - index * step) for index in range(len(shaped))]
    full = [np.broadcast_to(each, (*each.shape[:-1], size)) for each, size in zip(shaped, sizes, strict=True)]
    return np.concatenate(full, axis=-1)


def _sliced(scenario: Scenario, start: int, stop: int) -> Scenario:
    """Return the samples from `start` to `stop` of every field that has samples."""
    return replaced_many(
        scenario,
        {
            path: each[..., start:stop]
            for path, each in holding(scenario, np.ndarray)
            if np.shape(each)[-1:] > (1,)
        },
    )


def _together(tables: Mapping[tuple[int, ...], Array], structural: Sequence[int]) -> Array:
    """Return the tables of all structural mixtures combined, with one axis per part."""
    if not structural:
        return tables[()]
    arrays = np.broadcast_arrays(*tables.values())
    shape = arrays[0].shape
    out = np.stack(arrays).reshape(*(2 for _ in structural), *shape)
    for position, index in enumerate(structural):
        out = np.concatenate([out.take([0], position), out.take([1], position)], axis=len(structural) + index)
    return np.asarray(out[(0,) * len(structural)])


def _change(name: str, table: Array, split: Sequence[Part], ends: tuple[Result, Result]) -> MetricChange:
    acting = [index for index in range(len(split)) if table.shape[index] == 2]
    flat = table.reshape(2 ** len(acting), -1)
    first, last = flat[0], flat[-1]
    a, b = float(first[0]), float(last[0])
    moved = last - first
    known = moved[~np.isnan(moved)]
    shares = shapley(flat)
    p5, p95 = of_rows(np.concatenate([shares, moved[None]]), (0.05, 0.95)).T
    why = {
        split[index].name: Share(split[index].label, float(row[0]), float(p5[place]), float(p95[place]))
        for place, (index, row) in enumerate(zip(acting, shares, strict=True))
    }
    computed = bool(np.isfinite(shares[:, 0]).all())
    return MetricChange(
        metric=name, label=METRICS[name].label, a=a, b=b, change=b - a,
        p5=float(p5[-1]), p95=float(p95[-1]),
        rises_share=float(np.mean(known > 0)) if known.size else math.nan,
        falls_share=float(np.mean(known < 0)) if known.size else math.nan,
        why=why if computed else {},
        reason="" if computed else _reason(name, ends),
    )  # fmt: skip


def _reason(name: str, ends: tuple[Result, Result]) -> str:
    found = [side.reasons[name] for side in ends if name in side.reasons]
    return found[0] if found else "a plan between the two can't be computed"


def shapley(worth: Array) -> Array:
    """Return each part's share of `worth[-1] - worth[0]`, shape (parts, samples), for coalitions (2^parts, samples).

    Bit i from the left of a coalition's number says whether part i is in it. A share is the mean, over all
    orders of adding the parts, of what the part adds.
    Source: Shapley, "A value for n-person games", 1953.

    >>> shapley(np.array([[0.0], [1.0], [2.0], [5.0]])).ravel()
    array([3., 2.])
    """
    weights = _weights(round(math.log2(len(worth))))
    return np.asarray(np.einsum("pc,cs->ps", weights, worth))  # a product of matrices would start threads


@cache
def _weights(count: int) -> Array:
    """Return the weight of each coalition's worth in each part's share, shape (parts, 2^parts)."""
    members = (np.arange(2**count)[:, None] >> np.arange(count)[::-1]) & 1
    size = members.sum(axis=1)
    total = math.factorial(count)
    joining = np.array(
        [math.factorial(max(s - 1, 0)) * math.factorial(count - s) / total for s in range(count + 1)]
    )
    leaving = np.array(
        [math.factorial(s) * math.factorial(max(count - s - 1, 0)) / total for s in range(count + 1)]
    )
    weights = np.where(members == 1, joining[size][:, None], -leaving[size][:, None])
    return np.ascontiguousarray(weights.T, dtype=np.float64)
