"""Regimes: the kind of engine, GPU and model of a prediction, and its error band."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.catalog.fitted import bands_table
from planner.catalog.hardware import Gpu, Llm
from planner.model.serving.step_costs import Placement
from planner.records import dataclass

METRICS = ("throughput", "ttft", "tpot")
CLOSED_LOOP = "closed_loop"
UNMEASURED_X = (
    1.6  # factor on the band's log width if no page measured this engine on this GPU with such a model
)
PARENT_PAGES = 10.0  # pages of a wider regime that count alongside those of a narrower one
KNOWN = "measured"


@dataclass(frozen=True)
class Regime:
    """The keys of a band: kind of run, engine, GPU generation, and dense, moe or hybrid."""

    kind: str
    engine: str
    generation: str
    architecture: str

    def names(self, metric: str) -> tuple[str, ...]:
        """Return the names of the bands for a metric, widest regime first."""
        k, e, g, a = self.kind, self.engine, self.generation, self.architecture
        return (
            metric,
            f"{metric} {k}",
            f"{metric} {k} {a}",
            f"{metric} {k} {e} {a}",
            f"{metric} {k} {e} {g} {a}",
        )

    @property
    def family(self) -> str:
        """Return the table's name for whether anything was measured here."""
        return f"{KNOWN} {self.engine} {self.generation} {self.architecture}"


@dataclass(frozen=True)
class Band:
    """Factors on a prediction that bracket nine in ten unseen measurements, and whether similar runs were measured."""

    low_x: float
    high_x: float
    measured: bool


def regime_of(*, llm: Llm, gpu: Gpu, placement: Placement, kind: str = CLOSED_LOOP) -> Regime:
    """Return the regime of one model on one GPU with one engine; for stacked ones, of the last."""
    return Regime(kind, _word(placement.engine), _word(gpu.generation), architecture(llm))


def architecture(llm: Llm) -> str:
    """Return dense, moe, or hybrid if layers keep a state instead of attention."""
    if _last(llm.state_layers) > 0:
        return "hybrid"
    return "moe" if _last(llm.experts) > 0 else "dense"


def band(regime: Regime, metric: str, *, table: Mapping[str, Mapping[str, Any]] | None = None) -> Band:
    """Return the error band of a metric in a regime.

    Based on held-out sources. A narrow regime counts for as many pages as it has, the next
    wider one for `PARENT_PAGES`. The band is wider if the engine was never measured with such a model on such a GPU.
    """
    table = bands_table() if table is None else table
    low = high = 0.0
    for name in regime.names(metric):
        found = table.get(name)
        if found is None:
            continue
        share = found["pages"] / (found["pages"] + (PARENT_PAGES if low or high else 0.0))
        low += share * (float(np.log(found["low_x"])) - low)
        high += share * (float(np.log(found["high_x"])) - high)
    measured = regime.family in table
    wider = 1.0 if measured else UNMEASURED_X
    return Band(float(np.exp(low * wider)), float(np.exp(high * wider)), measured)


def _word(value: Any) -> str:
    return str(np.asarray(value).reshape(-1)[-1])


def _last(value: Any) -> float:
    return float(np.asarray(value, dtype=float).reshape(-1)[-1])
