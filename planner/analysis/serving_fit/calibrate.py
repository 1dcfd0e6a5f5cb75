"""A team's own benchmark against the model: the factors that make the model theirs."""

from collections.abc import Sequence

import numpy as np

from planner.analysis.serving_fit.cells import Row
from planner.analysis.serving_fit.rows import read_rows
from planner.analysis.serving_fit.table import predict
from planner.catalog.fitted import FITTED, Constants
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

FEWEST_ROWS = 1
WIDE = 0.25  # relative spread of the rows' factors beyond which one factor does not describe them


@dataclass(frozen=True)
class Calibration:
    """Measured over predicted, the median of the rows: what `[deployments.x.calibration]` holds.

    1 where the benchmark does not have the metric. `spread` is half the range of the middle 68 % of the rows'
    factors, relative; `rows` counts what was used, `left_out` says which rows could not be.
    """

    throughput_x: float
    ttft_x: float
    tpot_x: float
    spread: dict[str, float]
    rows: dict[str, int]
    left_out: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what a reader should know before trusting the factors."""
        wide = tuple(
            f"{metric}: rows differ by {100 * spread:.0f} %; one factor describes them badly."
            for metric, spread in self.spread.items()
            if spread > WIDE
        )
        return wide + tuple(f"left out: {each}" for each in self.left_out)


def calibrate(rows: Sequence[Row], *, constants: Constants = FITTED) -> Calibration:
    """Return the factors of a benchmark in the columns of the serving table; no row that can be read is an error."""
    readable, problems = read_rows(rows)
    if readable.kind.size < FEWEST_ROWS:
        raise ScenarioError([*problems, Problem("benchmark", "has no row that can be compared.")])
    found = predict(readable, constants=constants)
    factors: dict[str, float] = {}
    spread: dict[str, float] = {}
    used: dict[str, int] = {}
    for metric, predicted in found.items():
        ratio = readable.measured[metric] / predicted
        ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
        used[metric] = int(ratio.size)
        factors[metric] = float(np.exp(np.median(np.log(ratio)))) if ratio.size else 1.0
        low, high = np.quantile(ratio, [0.16, 0.84]) if ratio.size else (1.0, 1.0)
        spread[metric] = float((high - low) / 2.0 / factors[metric])
    return Calibration(
        factors["throughput"], factors["ttft"], factors["tpot"], spread, used, tuple(map(str, problems))
    )
