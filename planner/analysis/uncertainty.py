"""What the ranges of a scenario make of its results: percentiles, chances, the fan of the cash curve."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.analysis.draws import draw
from planner.model import METRICS, STATES, Result, evaluate
from planner.records import dataclass
from planner.schema import Array, Number, Scenario

TYPING_SAMPLES = 1_024
SETTLED_SAMPLES = 8_192
FAN = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
FAN_SAMPLES = 2_048  # enough for a chart
_SHARES = np.array(list(FAN.values()))
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
    """Percentiles of the cash at the end of each month, shape (months,), over at most 2,048 of the samples."""

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
    fan = _FanWatch()
    result = evaluate(draw(scenario, n=n, seed=seed), fan.month)
    state = np.asarray(result.runway_state)
    known = state >= 0
    shares = {name: _chance(state == index, known) for index, name in enumerate(STATES)}
    soon = (state == STATES.index("cash_out")) & (np.asarray(result.metrics["runway_months"]) < YEAR)
    return Spread(
        n=n,
        seed=seed,
        result=result,
        ranges={name: percentiles(result.metrics[name]) for name in METRICS},
        cash_fan=fan.fan(),
        p_runway_below_12_months=_chance(soon, known),
        p_default_alive=shares["self_sustaining"],
        state_shares=shares,
        missing_share=float(1.0 - known.mean()),
    )


class _FanWatch:
    """Takes the percentiles of the cash while the months run, so that the cash of all months is never kept."""

    def __init__(self) -> None:
        self._rows: list[Array] = []

    def month(self, _month: int, cash_usd: Array) -> None:
        """Take the cash at the end of a month; samples that can't be computed are left out."""
        samples = cash_usd.ravel()
        ordered = np.sort(samples[:: max(samples.size // FAN_SAMPLES, 1)].astype(np.float32))  # nan last
        count = ordered.size
        if np.isnan(ordered[-1]):
            count -= int(np.count_nonzero(np.isnan(ordered)))
        self._rows.append(_percentiles(ordered, count))

    def fan(self) -> Fan:
        """Return the percentiles of all months."""
        return Fan(**dict(zip(FAN, np.array(self._rows).T, strict=True)))


def _percentiles(ordered: NDArray[np.floating[Any]], count: int) -> Array:
    """Return the fan's percentiles of the first `count` sorted values, linear between neighbours."""
    if count == 0:
        return np.full(len(FAN), np.nan)
    places = _SHARES * (count - 1)
    low = places.astype(int)
    high = np.minimum(low + 1, count - 1)
    return np.asarray(ordered[low] + (ordered[high] - ordered[low]) * (places - low))


def percentiles(values: Number) -> Percentiles:
    """Return the percentiles of a metric over its samples, shape (n,) or one number for all."""
    if np.size(values) == 1:
        only = float(np.ravel(values)[0])
        return Percentiles(only, only, only, missing_share=float(np.isnan(only)))
    ordered = np.sort(np.ravel(values).astype(np.float32))  # 7 digits, in half the time
    there = ordered.size
    if np.isnan(ordered[-1]):  # nan sorts last
        there -= int(np.count_nonzero(np.isnan(ordered)))
    p5, _, p50, _, p95 = _percentiles(ordered, there).tolist()
    return Percentiles(p5, p50, p95, missing_share=1.0 - there / ordered.size)


def _chance(happens: NDArray[np.bool_], known: NDArray[np.bool_]) -> float:
    return float(np.mean(happens[known])) if known.any() else float("nan")
