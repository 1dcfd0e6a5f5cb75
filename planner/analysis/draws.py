"""Draw the ranges of a plan: one column of samples per uncertain field."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
from pydantic import BaseModel

from planner.analysis import sobol
from planner.analysis.speed_bands import speeds_not_measured
from planner.errors import Problem, ScenarioError
from planner.model.shared import EachAnew, Parts
from planner.schema import (
    Array,
    Range,
    Scenario,
    declared,
    holding,
    path_of,
    replaced_many,
    spec_at,
    steps_of,
)

NAMED = ("deployments", "workloads", "segments")
# Fields declared later come last, so that draws of existing plans don't change.
_LATER = (
    "cash.paid_after_days", "cash.receivables_usd", "cash.annual_prepay_share", "cash.annual_discount_share",
    "utc_offset_h", "weekend_share", "start_s", "interruptions_per_hour",
    "reactions.new_to_price", "reactions.use_to_price", "reactions.churn_to_success", "reactions.churn_to_latency",
    "reactions.becoming_to_allowance", "reactions.at_usd_per_customer", "reactions.at_segment_usd",
    "reactions.at_request_usd", "reactions.at_success_share", "reactions.at_latency_s", "reactions.at_allowance",
    "cash.refund_share", "cash.interest_share_per_year",
)  # fmt: skip
_NUMBERS_AT_ONCE = 2**24  # 128 MB: one number per sample, month and part of a plan
_MONTHS_AT_ONCE = 16
_LEAST_AT_ONCE = 128
_HIGHEST_Z = 6.5  # beyond the first and last of 2^32 points
_STEPS_PER_Z = 256


def draw(scenario: Scenario, *, n: int, seed: int = 0, parts: Parts | None = None) -> Scenario:
    """Return `scenario` with every range replaced by its samples, shape (n,).

    The points are scrambled Sobol points. A field's column depends only on its path, `n` and `seed`: it is the
    same in every plan, whatever else is a range. Declared correlations are Gaussian copulas.
    `parts` may hold those of an earlier plan: a part shared by both plans is then the same object in both draws.
    """
    found = ranges(scenario)
    drawn: dict[str, dict[str, Array]] = {}
    for path, samples in columns(scenario, found, n=n, seed=seed).items():
        section, *rest = steps_of(path)
        drawn.setdefault(section, {})[path_of(rest)] = samples
    known = {
        name: _section(getattr(scenario, name), held, parts or EachAnew()) for name, held in drawn.items()
    }
    return scenario.model_copy(update=known) if known else scenario


def _section(section: Any, drawn: Mapping[str, Array], parts: Parts) -> Any:
    """Return a section of a plan with its samples, by path within it; named parts separately."""
    if not isinstance(section, dict):
        return parts.found("drawn", (section, *drawn.items()), partial(replaced_many, section, drawn))
    of_part: dict[str, dict[str, Array]] = {}
    for path, samples in drawn.items():
        name, *rest = steps_of(path)
        of_part.setdefault(name, {})[path_of(rest)] = samples
    known = {name: _section(section[name], held, parts) for name, held in of_part.items()}
    return parts.found("drawn parts", (section, *known.items()), lambda: section | known)


def in_blocks(
    scenario: Scenario, *, n: int, seed: int = 0, most: int | None = None, parts: Parts | None = None
) -> Iterator[tuple[Scenario, int]]:
    """Yield the same samples in blocks, with their number, limited by memory and by `most`."""
    block = min(most or n, at_once(scenario))
    drawn = draw(scenario, n=n, seed=seed, parts=parts)
    if block >= n:
        yield drawn, n
        return
    arrays = dict(holding(drawn, np.ndarray))
    for start in range(0, n, block):
        size = min(block, n - start)
        yield (
            replaced_many(drawn, {path: values[start : start + size] for path, values in arrays.items()}),
            size,
        )


def at_once(scenario: Scenario) -> int:
    """Return how many samples of a plan to evaluate at once, a power of two: fewer for a large plan.

    Segments are held for all months, the rest for a few months at a time.
    """
    parts = len(scenario.workloads) + len(scenario.deployments) + len(scenario.segments)
    months = int(np.max(scenario.company.horizon_months)) if scenario.segments else _MONTHS_AT_ONCE
    fit = max(_NUMBERS_AT_ONCE // max(parts * months, 1), _LEAST_AT_ONCE)
    return 1 << (fit.bit_length() - 1)


def ranges(scenario: Scenario) -> dict[str, Range]:
    """Return the uncertain fields by path: ranges, and the speed of unmeasured GPUs."""
    return stated(scenario) | speeds_not_measured(scenario)


def stated(scenario: Scenario) -> dict[str, Range]:
    """Return the fields with a range, by path, in file order."""
    return dict(holding(scenario, Range))


def columns(
    scenario: Scenario, found: Mapping[str, Range], *, n: int, seed: int = 0, second: bool = False
) -> dict[str, Array]:
    """Return the samples of the ranges in `found`, by path, each of shape (n,); `second` is an independent set."""
    mixed = _correlated(scenario, found, n, seed, second)
    out = {}
    for path, each in found.items():
        spec, _ = spec_at(scenario, path)
        bounds = (spec.lo, spec.hi, spec.kind == "count")
        if path in mixed:
            out[path] = _bounded(each.quantile(mixed[path]), *bounds)
        else:
            out[path] = _samples(each, bounds, (_place(scenario, path), path, n, seed, second))
    return out


def scores(scenario: Scenario, found: Mapping[str, Range], *, n: int, seed: int = 0) -> dict[str, Array]:
    """Return the standard normal scores behind the samples of `columns`, by path, each of shape (n,)."""
    mixed = _correlated(scenario, found, n, seed, second=False)
    return {
        path: mixed[path] if path in mixed else _scores(_place(scenario, path), path, n, seed, second=False)
        for path in found
    }


def values_at(scenario: Scenario, found: Mapping[str, Range], at: Mapping[str, Array]) -> dict[str, Array]:
    """Return the values of ranges at given scores, by path, within their fields' bounds."""
    out = {}
    for path, each in found.items():
        spec, _ = spec_at(scenario, path)
        out[path] = _bounded(each.quantile(at[path]), spec.lo, spec.hi, spec.kind == "count")
    return out


def score_correlation(scenario: Scenario, paths: Sequence[str]) -> Array:
    """Return the correlation of the scores of some fields, shape (fields, fields): 2 sin(pi / 6 rank) where declared.

    Source: Kruskal, "Ordinal measures of association", JASA 53(284), 1958.
    """
    matrix = np.eye(len(paths))
    for each in scenario.correlations:
        if each.a in paths and each.b in paths:
            i, j = paths.index(each.a), paths.index(each.b)
            matrix[i, j] = matrix[j, i] = 2.0 * math.sin(math.pi / 6.0 * float(each.rank))
    return matrix


def normal_quantile(share: Array) -> Array:
    """Return the standard normal quantile of a share, error below 2e-5.

    Interpolated in a table evenly spaced in the score, so that tails are as accurate as the middle.
    """
    z, shares = _normal_table()
    return np.interp(share, shares, z)


@cache
def _normal_table() -> tuple[Array, Array]:
    steps = round(_HIGHEST_Z * _STEPS_PER_Z)
    z = np.arange(-steps, steps + 1) / _STEPS_PER_Z
    return z, np.array([0.5 * math.erfc(-each / math.sqrt(2.0)) for each in z.tolist()])


@lru_cache(maxsize=128)
def _scores(place: tuple[str, int], path: str, n: int, seed: int, second: bool) -> Array:
    block, dimension = place
    return normal_quantile(sobol.column(dimension, n=n, block=block, name=path, seed=seed, second=second))


@lru_cache(maxsize=128)
def _samples(
    each: Range, bounds: tuple[float, float, bool], place: tuple[tuple[str, int], str, int, int, bool]
) -> Array:
    return _bounded(each.quantile(_scores(*place)), *bounds)


def _bounded(values: Array, lo: float, hi: float, whole: bool) -> Array:
    out = np.clip(np.rint(values) if whole else values, lo, hi)
    out.flags.writeable = False  # cached for the next draw
    return out


def _place(scenario: Scenario, path: str) -> tuple[str, int]:
    """Return a field's block of points and its dimension within the block.

    The sections of the company share a block; each workload and deployment has one. The dimension is
    the field's place among all that its section declares. An entry of a list or table has its own block.
    """
    parts = steps_of(path)
    if parts[0] not in NAMED:
        section, block, leaf = Scenario, "company", path
    else:
        section, block, leaf = (
            type(getattr(scenario, parts[0])[parts[1]]),
            path_of(parts[:2]),
            path_of(parts[2:]),
        )
    dimension = _dimensions(section).get(leaf, sobol.DIMENSIONS)
    return (block, dimension) if dimension < sobol.DIMENSIONS else (path, 0)


@cache
def _dimensions(section: type[BaseModel]) -> dict[str, int]:
    leaves = sorted(_leaves(section), key=lambda leaf: _LATER.index(leaf) + 1 if leaf in _LATER else 0)
    return {leaf: index for index, leaf in enumerate(leaves)}


def _leaves(section: type[BaseModel]) -> Iterator[str]:
    """Yield the numbers that a section declares, including those of its subsections."""
    for name, info in section.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from (f"{name}.{leaf}" for leaf in _leaves(inner))
        elif (spec := declared(section, name)) is not None and spec.numeric:
            yield name


def _correlated(
    scenario: Scenario, found: Mapping[str, Range], n: int, seed: int, second: bool
) -> dict[str, Array]:
    """Return the scores of the fields that a declared correlation ties together."""
    declared_pairs = [(each.a, each.b) for each in scenario.correlations]
    for path in {path for pair in declared_pairs for path in pair}:
        spec_at(scenario, path)
    tied = [pair for pair in declared_pairs if all(path in found for path in pair)]
    if not tied:
        return {}
    paths = sorted({path for pair in tied for path in pair})
    matrix = score_correlation(scenario, paths)
    try:
        lower = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise ScenarioError(
            [Problem("correlations", "contradict one another.", "Weaken one of them.")]
        ) from None
    own = np.stack([_scores(_place(scenario, path), path, n, seed, second) for path in paths])
    return dict(zip(paths, lower @ own, strict=True))
