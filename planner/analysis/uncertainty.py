"""What the ranges of a scenario make of its results: percentiles, chances, the fan of the cash curve."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from planner.analysis.draws import draw
from planner.model import STATES, Result, evaluate
from planner.readout import METRICS, Percentiles, percentiles, samples_of
from planner.readout.percentile import of_rows
from planner.records import dataclass
from planner.schema import Array, Scenario

TYPING_SAMPLES = 1_024
SETTLED_SAMPLES = 8_192
FAN = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
MOST_USD = float(np.finfo(np.float32).max)  # what a sample of the fan can hold
FAN_SAMPLES = 2_048  # enough for a chart
YEAR = 12.0


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


def spread(scenario: Scenario, n: int = SETTLED_SAMPLES, seed: int = 0, *, month: int = 1) -> Spread:
    """Return what `scenario` leads to over `n` samples of its ranges, seen from a month counted from 1.

    Default alive: net burn is gone by the end of the horizon and the cash never was.
    """
    fan = CashWatch()
    result = evaluate(draw(scenario, n=n, seed=seed), fan.month).at_month(month)
    state = np.asarray(result.runway_state)
    known = state >= 0
    shares = {name: _chance(state == index, known) for index, name in enumerate(STATES)}
    soon = (state == STATES.index("cash_out")) & (np.asarray(result.metrics["runway_months"]) < YEAR)
    return Spread(
        n=n,
        seed=seed,
        result=result,
        ranges=percentiles({name: samples_of(result, name) for name in METRICS}),
        cash_fan=fan.fan(),
        p_runway_below_12_months=_chance(soon, known),
        p_default_alive=shares["self_sustaining"],
        state_shares=shares,
        missing_share=float(1.0 - known.mean()),
    )


class CashWatch:
    """Keeps some samples of the cash while the months run, so that the cash of all months is never kept.

    It may watch several runs, each of a part of the samples.
    """

    def __init__(self) -> None:
        self._rows: dict[int, list[NDArray[np.float32]]] = {}

    def month(self, month: int, cash_usd: Array) -> None:
        """Take the cash at the end of a month."""
        samples = cash_usd.ravel()
        kept = samples[:: max(samples.size // FAN_SAMPLES, 1)].clip(-MOST_USD, MOST_USD).astype(np.float32)
        self._rows.setdefault(month, []).append(kept)

    def fan(self) -> Fan:
        """Return the percentiles of all months; samples that can't be computed are left out."""
        found, _ = of_rows(self._samples(), tuple(FAN.values()))
        return Fan(**dict(zip(FAN, found.T, strict=True)))

    def _samples(self) -> NDArray[np.float32]:
        """Return the samples that were kept, (months, samples): a month in which all plans agree may have kept one."""
        sizes = np.array([[part.size for part in parts] for parts in self._rows.values()]).max(axis=0)
        return np.array(
            [
                np.concatenate([np.broadcast_to(part, size) for part, size in zip(parts, sizes, strict=True)])
                for parts in self._rows.values()
            ]
        )


def _chance(happens: NDArray[np.bool_], known: NDArray[np.bool_]) -> float:
    of = np.count_nonzero(known)
    return float(np.count_nonzero(happens & known) / of) if of else float("nan")
