"""What the ranges of a scenario make of its results: percentiles, chances, the fan of the cash curve."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.analysis.draws import draw
from planner.model import METRICS, STATES, Result, evaluate
from planner.schema import Array, Number, Scenario

TYPING_SAMPLES = 1_024
SETTLED_SAMPLES = 8_192
FAN = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
YEAR = 12.0


@dataclass(frozen=True)
class Percentiles:
    """A metric over all samples. `missing_share` of them have no such number; the rest make the percentiles."""

    p5: float
    p50: float
    p95: float
    missing_share: float = 0.0


@dataclass(frozen=True)
class Fan:
    """Percentiles of the cash at the end of each month, shape (months,)."""

    p5: Array
    p25: Array
    p50: Array
    p75: Array
    p95: Array


@dataclass(frozen=True)
class Spread:
    """A plan under its ranges. Shares and chances are over the samples that can be computed; nan if none can."""

    n: int
    seed: int
    result: Result
    ranges: Mapping[str, Percentiles]
    cash_fan: Fan
    p_runway_below_12_months: float
    p_default_alive: float
    state_shares: Mapping[str, float]
    missing_share: float


def spread(scenario: Scenario, n: int = SETTLED_SAMPLES, seed: int = 0) -> Spread:
    """Return what `scenario` leads to over `n` samples of its ranges.

    Default alive: net burn is gone by the end of the horizon and the cash never was.
    """
    result = evaluate(draw(scenario, n=n, seed=seed))
    state = np.asarray(result.runway_state)
    known = state >= 0
    shares = {name: _chance(state == index, known) for index, name in enumerate(STATES)}
    soon = (state == STATES.index("cash_out")) & (np.asarray(result.metrics["runway_months"]) < YEAR)
    return Spread(
        n=n,
        seed=seed,
        result=result,
        ranges={name: percentiles(result.metrics[name]) for name in METRICS},
        cash_fan=cash_fan(result),
        p_runway_below_12_months=_chance(soon, known),
        p_default_alive=shares["self_sustaining"],
        state_shares=shares,
        missing_share=float(1.0 - known.mean()),
    )


def percentiles(values: Number) -> Percentiles:
    """Return the percentiles of a metric over its samples, shape (n,) or one number for all."""
    ordered = np.sort(np.ravel(values))
    there = ordered.size - int(np.count_nonzero(np.isnan(ordered)))  # nan sorts last
    p5, p50, p95 = (float(_at(ordered, there, share)) for share in (0.05, 0.5, 0.95))
    return Percentiles(p5, p50, p95, missing_share=1.0 - there / ordered.size)


def cash_fan(result: Result) -> Fan:
    """Return the percentiles of the cash, month by month, over the samples that can be computed."""
    known = ~np.isnan(result.months.cash_rows[-1])
    fan = np.empty((len(FAN), len(result.months.cash_rows)))
    for month, row in enumerate(result.months.cash_rows):
        there = row.ravel() if known.all() else np.broadcast_to(row, known.shape)[known]
        ordered = np.sort(there.astype(np.float32))  # 7 digits, in half the time
        fan[:, month] = [_at(ordered, ordered.size, share) for share in FAN.values()]
    return Fan(**dict(zip(FAN, fan, strict=True)))


def _at(ordered: Array, count: int, share: float) -> Array:
    """Return a percentile of the first `count` sorted values on the last axis, linear between neighbours."""
    if count == 0:
        return np.full(ordered.shape[:-1], np.nan)
    place = share * (count - 1)
    low = int(place)
    high = min(low + 1, count - 1)
    return ordered[..., low] + (ordered[..., high] - ordered[..., low]) * (place - low)


def _chance(happens: NDArray[np.bool_], known: NDArray[np.bool_]) -> float:
    return float(np.mean(happens[known])) if known.any() else float("nan")
