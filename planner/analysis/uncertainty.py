"""The uncertainty of a plan's results: percentiles, probabilities, the fan of the cash curve."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from planner.analysis.draws import draw, in_blocks
from planner.model import STATES, Result, evaluate
from planner.model.shared import EachAnew, Parts
from planner.readout import METRICS, Percentiles, percentiles_of, samples_of
from planner.readout.percentile import of_rows
from planner.records import dataclass
from planner.schema import Array, Scenario

TYPING_SAMPLES = 1_024
SETTLED_SAMPLES = 8_192
FAN = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
MOST_USD = float(np.finfo(np.float32).max)  # largest value of a fan sample
FAN_SAMPLES = 2_048  # enough for a chart
YEAR = 12.0
EACH_ANEW = EachAnew()


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
    """A plan over its ranges. Shares and probabilities are over the samples that can be computed; nan if none can."""

    n: int
    seed: int
    evaluated: Callable[[], Result] = field(repr=False)
    ranges: Mapping[str, Percentiles]
    cash_fan: Fan
    p_runway_below_12_months: float
    p_default_alive: float
    state_shares: Mapping[str, float]
    missing_share: float

    @cached_property
    def result(self) -> Result:
        """The result over all samples at once, computed on request, since a large plan's takes much memory."""
        return self.evaluated()


def spread(
    scenario: Scenario, n: int = SETTLED_SAMPLES, seed: int = 0, *, month: int = 1, parts: Parts | None = None
) -> Spread:
    """Return the results of `scenario` over `n` samples of its ranges, as of a month counted from 1.

    Default alive: burn ends within the horizon and cash never runs out. `parts` may hold those of the samples of
    an earlier plan.
    """
    drawn, fan = Drawn(list(METRICS)), CashWatch(n)
    for block, size in in_blocks(scenario, n=n, seed=seed, parts=parts):
        result = evaluate(block, fan.month, parts if size == n else None).at_month(month)
        drawn.take(result, size)
    state = drawn.states()
    known = state >= 0
    shares = {name: _chance(state == index, known) for index, name in enumerate(STATES)}
    soon = (state == STATES.index("cash_out")) & (drawn.samples("runway_months") < YEAR)

    def at_once() -> Result:
        return result if size == n else evaluate(draw(scenario, n=n, seed=seed)).at_month(month)

    return Spread(
        n=n,
        seed=seed,
        evaluated=at_once,
        ranges=drawn.percentiles(parts or EACH_ANEW),
        cash_fan=fan.fan(),
        p_runway_below_12_months=_chance(soon, known),
        p_default_alive=shares["self_sustaining"],
        state_shares=shares,
        missing_share=float(1.0 - known.mean()),
    )


class Drawn:
    """The samples of some results, received in blocks."""

    def __init__(self, names: Sequence[str]) -> None:
        self._samples: dict[str, list[Array]] = {name: [] for name in names}
        self._states: list[Array] = []
        self._sizes: list[int] = []

    def take(self, result: Result, size: int) -> None:
        """Take the next block of this many samples."""
        for name, blocks in self._samples.items():
            blocks.append(samples_of(result, name))
        self._states.append(np.asarray(result.runway_state))
        self._sizes.append(size)

    def samples(self, name: str) -> Array:
        """Return all samples of a result so far, shape (n,), or () if all plans agree."""
        return self._together(self._samples[name])

    def states(self) -> Array:
        """Return the index in STATES of each sample."""
        return self._together(self._states)

    def percentiles(self, parts: Parts = EACH_ANEW) -> dict[str, Percentiles]:
        """Return the percentiles of each result; `parts` may hold those of an earlier plan."""
        drawn = {name: self.samples(name) for name in self._samples}
        return {
            name: parts.found("percentiles", (each,), partial(percentiles_of, each))
            for name, each in drawn.items()
        }

    def _together(self, blocks: Sequence[Array]) -> Array:
        if len(blocks) == 1 or all(np.ndim(each) == 0 for each in blocks):
            return blocks[0]
        sized = zip(blocks, self._sizes, strict=True)
        return np.concatenate([np.broadcast_to(each, (size,)) for each, size in sized])


class CashWatch:
    """Records some cash samples while the months run, so that the cash of all samples and months is never stored.

    It may watch several runs, each with part of the samples; `n` is their total number, if known.
    """

    def __init__(self, n: int = 0) -> None:
        self.rows: dict[int, list[NDArray[np.float32]]] = {}
        self._n = n

    def month(self, month: int, cash_usd: Array) -> None:
        """Take the cash at the end of a month."""
        samples = cash_usd.ravel()
        kept = (
            samples[:: max((self._n or samples.size) // FAN_SAMPLES, 1)]
            .clip(-MOST_USD, MOST_USD)
            .astype(np.float32)
        )
        self.rows.setdefault(month, []).append(kept)

    def take(self, block: "CashWatch") -> None:
        """Take over the samples recorded by another watcher."""
        for month, rows in block.rows.items():
            self.rows.setdefault(month, []).extend(rows)

    def fan(self) -> Fan:
        """Return the percentiles of all months, leaving out samples that can't be computed."""
        found = of_rows(self._samples(), tuple(FAN.values()))
        return Fan(**dict(zip(FAN, found.T, strict=True)))

    def _samples(self) -> NDArray[np.float32]:
        """Return the recorded samples, (months, samples); a month in which all plans agree may have only one."""
        sizes = np.array([[part.size for part in parts] for parts in self.rows.values()]).max(axis=0)
        ends = np.cumsum(sizes)
        found = np.empty((len(self.rows), ends[-1]), np.float32)
        for row, parts in zip(found, self.rows.values(), strict=True):
            for part, size, end in zip(parts, sizes, ends, strict=True):
                row[end - size : end] = part
        return found


def _chance(happens: NDArray[np.bool_], known: NDArray[np.bool_]) -> float:
    of = np.count_nonzero(known)
    return float(np.count_nonzero(happens & known) / of) if of else float("nan")
