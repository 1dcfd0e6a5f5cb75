"""Layouts: ways to spread a model over GPUs, from one to a rack, and the one that needs the fewest GPUs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving.batch_choice import ChosenBatch
from planner.model.serving.step_costs import Placement
from planner.records import dataclass

WIDEST_TP = 8.0  # beyond this, all-reduces cost more than they gain
BROKEN_X = 1e3  # penalty on GPUs for layouts that can't keep a promise
_POWERS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclass(frozen=True)
class GpuLayout:
    """How one copy is spread: tensor parallelism, pipeline stages, attention ranks with whole experts."""

    tp: float
    pp: float = 1.0
    attn_dp: float = 1.0

    @classmethod
    def of(cls, placement: Placement) -> "GpuLayout":
        """Return the layout of a placement; for stacked ones, of the first."""
        return cls(_first(placement.tp), _first(placement.pp), _first(placement.attn_dp))

    @property
    def gpus(self) -> float:
        """Return the GPUs of one copy."""
        return self.tp * self.pp * self.attn_dp

    @property
    def words(self) -> str:
        """Return the layout in engine terms.

        >>> GpuLayout(4.0).words, GpuLayout(1.0, attn_dp=8.0).words
        ('tp 4', 'tp 1, attention dp 8')
        """
        further = (("pp", self.pp), ("attention dp", self.attn_dp))
        return ", ".join([f"tp {self.tp:g}", *(f"{name} {n:g}" for name, n in further if n > 1.0)])


def layouts(*, llm: Llm, gpu: Gpu, most_gpus: float) -> tuple[GpuLayout, ...]:
    """Return the layouts of one copy on at most `most_gpus`, fewest GPUs first; for stacked models or GPUs, of the first.

    Attention heads must divide evenly. Tensor parallelism stays within linked GPUs; a pipeline may go beyond them. A mixture of
    experts may give each rank its own sequences and spread whole experts over all ranks.
    """
    heads, experts, domain = (_first(each) for each in (llm.heads, llm.experts, gpu.domain_gpus))
    inside = min(max(domain, 1.0), WIDEST_TP, most_gpus)
    shared = [tp for tp in _POWERS if tp <= inside and (not heads or heads % tp == 0)] or [1.0]
    found = [GpuLayout(tp) for tp in shared]
    found += [GpuLayout(shared[-1], pp=pp) for pp in (2.0, 4.0) if shared[-1] * pp <= most_gpus]
    ranks = dict.fromkeys((*_POWERS[1:], domain)) if experts > 0 else ()
    found += [GpuLayout(1.0, attn_dp=n) for n in ranks if 1.0 < n <= min(most_gpus, experts)]
    return tuple(sorted(found, key=lambda each: (each.gpus, each.attn_dp, each.pp)))


def laid_out(placement: Placement, tried: GpuLayout | Sequence[GpuLayout]) -> Placement:
    """Return a placement with one copy in a layout, or in several on their own axis, shape (layouts,)."""
    of = (
        [np.array([getattr(each, name) for each in tried]) for name in ("tp", "pp", "attn_dp")]
        if isinstance(tried, Sequence)
        else [tried.tp, tried.pp, tried.attn_dp]
    )
    tp, pp, attn_dp = of
    return replace(placement, gpus=tp * pp * attn_dp, tp=tp, pp=pp, attn_dp=attn_dp, ep=attn_dp)


def fewest_gpus(
    placement: Placement,
    tried: Sequence[GpuLayout],
    loads: Callable[[Placement], Iterable[tuple[ChosenBatch, Number]]],
    *,
    searched: NDArray[np.bool_],
) -> Placement:
    """Return a placement in the layout on which all workloads' calls per second keep the fewest GPUs busy.

    `loads` gives, for a placement, how each workload runs on it and its calls a second. Where a promise can't be kept
    a layout counts `BROKEN_X`; where nothing fits the first stays. Each plan of a stack has its own; those that are not
    `searched` keep the placement as it is.
    """
    busy = [_busy_gpus(loads(laid_out(placement, one)), one.gpus) for one in tried]
    best = np.argmin(np.stack(np.broadcast_arrays(*busy)), axis=0)
    whole = laid_out(placement, tried)
    taken = {
        name: np.where(searched, np.asarray(getattr(whole, name))[best], getattr(placement, name))
        for name in ("gpus", "tp", "pp", "attn_dp", "ep")
    }
    return replace(placement, **taken)


def _busy_gpus(loads: Iterable[tuple[ChosenBatch, Number]], gpus: float) -> NDArray[np.float64]:
    total: NDArray[np.float64] = np.zeros(())
    for chosen, calls_per_s in loads:
        copies = np.maximum(calls_per_s, np.finfo(float).tiny) * chosen.slot_s / np.maximum(chosen.batch, 1.0)
        one = np.where(chosen.met, 1.0, BROKEN_X) * copies * gpus
        total = np.asarray(total + np.where(chosen.fits, one, np.inf))
    return total


def _first(value: Number) -> float:
    return float(np.asarray(value, dtype=float).reshape(-1)[0])
