"""Fit the constants robustly in logarithms, holding them near prior knowledge."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from planner.analysis.serving_fit.blockwise import without_blocks
from planner.analysis.serving_fit.rows import Rows
from planner.analysis.serving_fit.table import predict
from planner.catalog.fitted import constants_from_values
from planner.records import dataclass

Table = Mapping[str, Mapping[str, Any]]
Values = dict[str, float]

# Weights of a row's errors: plans rely on throughput and time per token; a first token depends on the client.
WEIGHTS = {
    ("offline_max", "throughput"): 1.0, ("closed_loop", "tpot"): 1.0, ("closed_loop", "ttft"): 0.45,
    ("closed_loop", "throughput"): 0.8, ("static_batch", "throughput"): 0.5, ("prefill_bs1", "ttft"): 0.5,
    ("open_loop_qps", "throughput"): 0.3, ("open_loop_qps", "ttft"): 0.5, ("open_loop_qps", "tpot"): 0.3,
    ("mlperf_offline", "throughput"): 0.25, ("mlperf_server", "throughput"): 0.25,
    ("mlperf_interactive", "throughput"): 0.25,
}  # fmt: skip
SOFT = 0.12  # log error beyond which a row's weight decreases
PAGE_POWER = 0.3  # 0: equal weight per row; 1: equal weight per page of a source
USUAL_ROWS = 30.0  # rows of a typical page, at which `WEIGHTS` apply unchanged
_WORST = 2.0  # the log error of a row predicted not to fit in memory
_KNOWN = 0.12  # weight of one standard deviation from a prior: like one row that is `SOFT` off
_LOOSE = 0.03  # how strongly a constant without a prior is held near its old value, to keep it bounded
_STEP, _SLOPE_STEP = 1e-2, 1e-4
_FURTHEST = 6.9  # bound on a free number: 1e-3 of the way between the bounds
_FARTHEST_MOVE = 1.5
_INNER = 4  # steps per Jacobian
_ENOUGH = 5e-4  # relative gain below which the fit ends


@dataclass(frozen=True)
class FitTask:
    """A fit's inputs: a table of constants, the free names, rows, and the position of each measured value."""

    table: Table
    names: tuple[str, ...]
    rows: Rows
    metric: tuple[str, ...]
    at: tuple[np.ndarray, ...]
    weight: np.ndarray

    @property
    def row(self) -> np.ndarray:
        """Return the row of each measured value, shape (m,)."""
        return np.concatenate(self.at)


@dataclass(frozen=True)
class Fit:
    """Free numbers at the optimum, their log errors, shape (m,), and the Jacobian, shape (m, names)."""

    free: np.ndarray
    errors: np.ndarray
    jacobian: np.ndarray


def free_names(table: Table) -> tuple[str, ...]:
    """Return the constants that may be fitted."""
    return tuple(name for name, row in table.items() if "same_as" not in row and "fixed" not in row)


def task(*, rows: Rows, table: Table, trust: np.ndarray) -> FitTask:
    """Return the task of fitting a table to rows with these weights, shape (n,).

    First tokens sent in blocks are excluded, as is throughput that follows from the times.
    """
    single = without_blocks(rows)
    found = [_measured(single, kind, metric, weight, trust) for (kind, metric), weight in WEIGHTS.items()]
    return FitTask(
        table=table, names=free_names(table), rows=single, metric=tuple(metric for metric, _, _ in found),
        at=tuple(at for _, at, _ in found), weight=np.concatenate([weight for _, _, weight in found]),
    )  # fmt: skip


def _measured(
    rows: Rows, kind: str, metric: str, weight: float, trust: np.ndarray
) -> tuple[str, np.ndarray, np.ndarray]:
    known = (rows.kind == kind) & (rows.measured[metric] > 0) & (trust > 0)
    if (kind, metric) == ("closed_loop", "throughput"):
        known &= ~rows.derived
    at = np.flatnonzero(known)
    pages = rows.page[at].tolist()
    count = Counter(pages)
    shared = np.array([(USUAL_ROWS / count[page]) ** (PAGE_POWER / 2.0) for page in pages])
    return metric, at, weight * np.sqrt(trust[at]) * shared


def log_errors(asked: FitTask, values: Mapping[str, float]) -> np.ndarray:
    """Return the log of predicted over measured for all measured values, shape (m,)."""
    found = predict(asked.rows, constants=constants_from_values(values))
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [
            np.log(found[metric][at] / asked.rows.measured[metric][at])
            for metric, at in zip(asked.metric, asked.at, strict=True)
        ]
    errors = np.concatenate(parts)
    return np.clip(np.where(np.isfinite(errors), errors, -_WORST), -_WORST, _WORST)


@dataclass(frozen=True)
class _Place:
    """The state of a fit: free numbers and their log errors."""

    free: np.ndarray
    errors: np.ndarray


def fit(
    asked: FitTask, *, rounds: int, start: np.ndarray | None = None, keep: np.ndarray | None = None,
    jacobian: np.ndarray | None = None, say: Callable[[str], None] = lambda _: None,
) -> Fit:  # fmt: skip
    """Return the optimum on the measured values in `keep`, by damped Gauss-Newton steps.

    A given Jacobian, from a fit to all values, serves all steps; that is enough if few values are left out.
    """
    kept = asked.weight * (1.0 if keep is None else keep)
    prior = to_free(asked.table, asked.names)
    free = prior if start is None else start
    place, slopes = _Place(free, log_errors(asked, values_at(asked, free))), jacobian
    for turn in range(rounds):
        slopes = _jacobian(asked, place) if jacobian is None else jacobian
        before = _cost(asked, kept, place, prior)
        place, after = _descend(asked, kept, place, prior, slopes)
        say(f"round {turn + 1}: cost {after:.4f}")
        if 1.0 - after / before < _ENOUGH:
            break
    return Fit(place.free, place.errors, np.zeros((0, 0)) if slopes is None else slopes)


def _descend(
    asked: FitTask, kept: np.ndarray, place: _Place, prior: np.ndarray, slopes: np.ndarray
) -> tuple[_Place, float]:
    """Return the state after some damped steps along one Jacobian, and its cost."""
    cost, damping = _cost(asked, kept, place, prior), 1e-3
    for _ in range(_INNER):
        free = place.free + _move(asked, kept, place, prior, slopes, damping=damping)
        free = np.clip(free, -_FURTHEST, _FURTHEST)
        tried = _Place(free, log_errors(asked, values_at(asked, free)))
        reached = _cost(asked, kept, tried, prior)
        if reached >= cost:
            damping *= 10.0
            continue
        gained, place, cost, damping = 1.0 - reached / cost, tried, reached, max(damping / 5.0, 1e-5)
        if gained < _ENOUGH:
            break
    return place, cost


def _cost(asked: FitTask, kept: np.ndarray, place: _Place, prior: np.ndarray) -> float:
    rows = kept**2 * 2.0 * SOFT**2 * (np.sqrt(1.0 + (place.errors / SOFT) ** 2) - 1.0)
    return float(rows.sum() + (prior_misses(asked, place.free, prior) ** 2).sum())


def _move(
    asked: FitTask, kept: np.ndarray, place: _Place, prior: np.ndarray, slopes: np.ndarray, *, damping: float
) -> np.ndarray:
    """Return the Gauss-Newton step of the reweighted least squares, damped along the diagonal."""
    held = prior_misses(asked, place.free, prior)
    held_slopes = np.empty((held.size, place.free.size))
    for k in range(place.free.size):
        near = place.free.copy()
        near[k] += _SLOPE_STEP
        held_slopes[:, k] = (prior_misses(asked, near, prior) - held) / _SLOPE_STEP
    weight = kept * (1.0 + (place.errors / SOFT) ** 2) ** -0.25
    weighted = slopes * weight[:, None]
    curvature = weighted.T @ weighted + held_slopes.T @ held_slopes
    slope = weighted.T @ (weight * place.errors) + held_slopes.T @ held
    damped = curvature + damping * np.diag(np.diag(curvature) + 1e-6)
    return np.clip(-np.linalg.solve(damped, slope), -_FARTHEST_MOVE, _FARTHEST_MOVE)


def _jacobian(asked: FitTask, place: _Place) -> np.ndarray:
    found = np.empty((place.errors.size, place.free.size))
    for k in range(place.free.size):
        near = place.free.copy()
        near[k] += _STEP
        found[:, k] = (log_errors(asked, values_at(asked, near)) - place.errors) / _STEP
    return found


def prior_misses(asked: FitTask, free: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return each free constant's weighted distance from its prior: a value, another constant, or its old value."""
    values = values_at(asked, free)
    misses = []
    for name, place, old in zip(asked.names, free.tolist(), prior.tolist(), strict=True):
        row = asked.table[name]
        if "near" in row or "prior" in row:
            known = values[row["near"]] if "near" in row else float(row["prior"])
            misses.append(_KNOWN * np.log(values[name] / known) / float(row["within"]))
        else:
            misses.append(_LOOSE * (place - old))
    return np.array(misses)


def values_at(asked: FitTask, free: np.ndarray) -> Values:
    """Return all constants by name for free numbers."""
    values = {name: float(row["value"]) for name, row in asked.table.items()}
    values |= from_free(asked.table, asked.names, free)
    tied = {name: row["same_as"] for name, row in asked.table.items() if "same_as" in row}
    for _ in range(2):  # a constant may depend on one that depends on another
        values |= {name: values[other] for name, other in tied.items()}
    return values


def to_free(table: Table, names: Sequence[str]) -> np.ndarray:
    """Return constants as unbounded numbers: the logit of their position between the bounds, in logs if possible."""
    places = []
    for name in names:
        low, high, value = (float(table[name][key]) for key in ("low", "high", "value"))
        place = np.log(value / low) / np.log(high / low) if low > 0 else value / high
        places.append(np.clip(place, 1e-3, 1.0 - 1e-3))
    share = np.array(places)
    return np.log(share / (1.0 - share))


def from_free(table: Table, names: Sequence[str], free: np.ndarray) -> Values:
    """Return constants from unbounded numbers; the inverse of `to_free`."""
    values = {}
    for name, share in zip(names, (1.0 / (1.0 + np.exp(-free))).tolist(), strict=True):
        low, high = float(table[name]["low"]), float(table[name]["high"])
        values[name] = low * (high / low) ** share if low > 0 else high * share
    return values


def spreads(asked: FitTask, found: Fit) -> Values:
    """Return the relative standard error of each free constant, from the curvature of the fit at its optimum."""
    weight = asked.weight * (1.0 + (found.errors / SOFT) ** 2) ** -0.25
    weighted = found.jacobian * weight[:, None]
    residual = float(np.mean(np.minimum(np.abs(found.errors), 2.0 * SOFT) ** 2))
    deviation = np.sqrt(np.maximum(np.diag(np.linalg.pinv(weighted.T @ weighted)), 0.0) * residual)
    near = from_free(asked.table, asked.names, found.free)
    far = from_free(asked.table, asked.names, found.free + _SLOPE_STEP)
    slope = {n: abs(far[n] - near[n]) / _SLOPE_STEP / max(abs(near[n]), 1e-12) for n in asked.names}
    return {n: min(slope[n] * one, 9.9) for n, one in zip(asked.names, deviation.tolist(), strict=True)}
