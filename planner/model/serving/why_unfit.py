"""Why a model does not fit into its GPUs, in words with the numbers."""

from dataclasses import replace
from typing import Any

import numpy as np

from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.lookup import pick
from planner.model.serving import memory
from planner.model.serving.serving_speed import max_sequences
from planner.model.serving.step_costs import Placement
from planner.units import BYTES_PER_GB

_TRIED_TP = (1, 2, 4, 8, 16)


def why_unfit(
    *, llm: Llm, gpu: Gpu, placement: Placement, context_tokens: Number, constants: Constants = FITTED
) -> str:
    """Return why not one request of `context_tokens` fits, and the smallest tensor parallelism with which it would."""
    p = placement
    weights = memory.weight_bytes_per_gpu(llm=llm, weights=p.weights, tp=p.tp, pp=p.pp, attn_dp=p.attn_dp)
    usable_gb = _one(gpu.mem_gb) - _one(constants.reserve_gb)
    weights_gb = _one(weights) / BYTES_PER_GB
    head = f"on each GPU {_gb(usable_gb)} can be used and the weights take {_gb(weights_gb)}"
    if weights_gb < usable_gb:
        freed = pick(memory.WINDOW_FREED, p.engine)
        each = memory.cache_bytes_per_gpu(
            llm=llm, kv=p.kv, context_tokens=context_tokens, window_freed=freed, tp=p.tp
        )
        share = _one(each) / _one(p.pp) / BYTES_PER_GB
        head += f", the cache of one request of {_one(context_tokens):,.0f} tokens {_gb(share)}"
    fitting = [
        tp
        for tp in _TRIED_TP
        if tp > _one(p.tp) and _fits(llm, gpu, replace(p, tp=float(tp)), context_tokens, constants)
    ]
    if fitting:
        return f"{head}; it fits from tensor parallelism {fitting[0]} on"
    return (
        f"{head}; no tensor parallelism up to {_TRIED_TP[-1]} mends that, fewer bits or shorter prompts may"
    )


def _fits(llm: Llm, gpu: Gpu, placement: Placement, context_tokens: Number, constants: Constants) -> bool:
    p = placement
    whole = replace(p, gpus=p.tp * p.pp * p.attn_dp)
    found = max_sequences(
        llm=llm, gpu=gpu, placement=whole, context_tokens=context_tokens, constants=constants
    )
    return _one(found) >= 1


def _gb(size_gb: float) -> str:
    return f"{size_gb:,.0f} GB" if size_gb >= 10 else f"{size_gb:.1f} GB"


def _one(values: Any) -> float:
    """Return the value of the last of many plans."""
    return float(np.asarray(values, dtype=float).reshape(-1)[-1])
