"""Calibrate the model with a team's own benchmark."""

from collections.abc import Sequence

import numpy as np

from planner.analysis.serving_fit.cells import Row
from planner.analysis.serving_fit.rows import CATALOG, Named, Rows, read_rows
from planner.analysis.serving_fit.table import Prediction, impossible, predict
from planner.catalog.fitted import FITTED, Constants
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

WIDE = 0.25  # relative spread of the rows' factors beyond which a single factor isn't enough
LATE = 4.0  # times the predicted first token; beyond this, something other than the model was measured
METRIC_WORDS = {"throughput": "throughput", "ttft": "first token", "tpot": "time per token"}


@dataclass(frozen=True)
class AtLoad:
    """The factors of the rows with one concurrency; nan if none of them has the metric."""

    concurrency: float
    throughput_x: float
    ttft_x: float
    tpot_x: float


@dataclass(frozen=True)
class CalibrationFactors:
    """Measured over predicted, median over rows: the contents of `[deployments.x.calibration]`.

    1 if the benchmark doesn't have the metric. `spread` is half the range of the middle 68 % of the rows'
    factors, relative; `rows` counts what was used, `left_out` says which rows could not be. `by_concurrency` has the
    factors of each concurrency, fewest open requests first; rows with a rate have none.
    """

    throughput_x: float
    ttft_x: float
    tpot_x: float
    spread: dict[str, float]
    rows: dict[str, int]
    left_out: tuple[str, ...] = ()
    by_concurrency: tuple[AtLoad, ...] = ()

    @property
    def misled(self) -> tuple[str, ...]:
        """Return the metrics whose single factor is far from that of some concurrency."""
        return tuple(
            metric
            for metric in METRIC_WORDS
            if any(
                abs(getattr(each, f"{metric}_x") / getattr(self, f"{metric}_x") - 1.0) > WIDE
                for each in self.by_concurrency
            )
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return notes to read before trusting the factors."""
        wide = tuple(
            f"{metric}: rows differ by {100 * spread:.0f} %; one factor describes them badly."
            for metric, spread in self.spread.items()
            if spread > WIDE
        )
        late = (
            f"first token: {self.ttft_x:.2g} times as late as predicted; "
            "is there reasoning that the client does not count as the answer, or a queue before the server?"
        )
        wide += (late,) if self.ttft_x > LATE else ()
        return wide + self._by_load() + tuple(f"left out: {each}" for each in self.left_out)

    def _by_load(self) -> tuple[str, ...]:
        """Return the factors by concurrency for metrics where a single factor misleads."""
        return tuple(
            f"{METRIC_WORDS[metric]}: one factor misleads, it moves with the open requests: "
            + ", ".join(
                f"{factor:.3g} at {each.concurrency:g}"
                for each in self.by_concurrency
                if np.isfinite(factor := getattr(each, f"{metric}_x"))
            )
            + "."
            for metric in self.misled
        )


def calibrate(
    rows: Sequence[Row], *, constants: Constants = FITTED, named: Named = CATALOG
) -> CalibrationFactors:
    """Return the factors of a benchmark in serving-table columns; raise ScenarioError if no row can be read."""
    readable, problems = read_rows(rows, named)
    if readable.kind.size == 0:
        raise ScenarioError([*problems, Problem("benchmark", "has no row that can be compared.")])
    found = predict(readable, constants=constants)
    problems += impossible(readable, found, noun=named.noun, first=named.first)
    ratios = {metric: _ratio(readable, found, metric) for metric in found}
    if not any(np.isfinite(ratio).any() for ratio in ratios.values()):
        raise ScenarioError([*problems, Problem("benchmark", "has no row that can be compared.")])
    factors = {metric: _median(ratio) for metric, ratio in ratios.items()}
    spread: dict[str, float] = {}
    for metric, ratio in ratios.items():
        kept = ratio[np.isfinite(ratio)]
        low, high = np.quantile(kept, [0.16, 0.84]) if kept.size else (1.0, 1.0)
        spread[metric] = float((high - low) / 2.0 / factors[metric]) if kept.size else 0.0
    kept_factors = {name: value if np.isfinite(value) else 1.0 for name, value in factors.items()}
    return CalibrationFactors(
        throughput_x=kept_factors["throughput"],
        ttft_x=kept_factors["ttft"],
        tpot_x=kept_factors["tpot"],
        spread=spread,
        rows={metric: int(np.isfinite(ratio).sum()) for metric, ratio in ratios.items()},
        left_out=tuple(map(str, problems)),
        by_concurrency=_by_concurrency(readable, ratios),
    )


def _ratio(rows: Rows, found: Prediction, metric: str) -> np.ndarray:
    """Return measured over predicted, shape (n,); nan if either is missing."""
    ratio = rows.measured[metric] / found[metric]
    return np.where(np.isfinite(ratio) & (ratio > 0), ratio, np.nan)


def _median(ratio: np.ndarray) -> float:
    """Return the median of factors on a log scale; nan if there are none."""
    kept = ratio[np.isfinite(ratio)]
    return float(np.exp(np.median(np.log(kept)))) if kept.size else float("nan")


def _by_concurrency(rows: Rows, ratios: dict[str, np.ndarray]) -> tuple[AtLoad, ...]:
    loads = np.unique(rows.batch[np.isfinite(rows.batch)]).tolist()
    return tuple(
        AtLoad(load, *(_median(ratios[metric][rows.batch == load]) for metric in METRIC_WORDS))
        for load in loads
    )
