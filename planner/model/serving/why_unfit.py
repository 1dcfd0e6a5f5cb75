"""Messages with figures on why a model doesn't fit its GPUs or can't keep a promise."""

from dataclasses import replace
from typing import Any

import numpy as np

from planner.arrays import pick
from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving import memory, room
from planner.model.serving.batch_choice import ChosenBatch
from planner.model.serving.serving_speed import max_sequences
from planner.model.serving.step_costs import Placement
from planner.schema import Workload
from planner.units import BYTES_PER_GB, show

_TRIED_TP = (1, 2, 4, 8, 16)


def broken_promise(
    workload: Workload, chosen: ChosenBatch, deployment: str,
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
) -> str:  # fmt: skip
    """Return why a workload's promise can't be kept on a deployment, in any of the plans."""
    if not np.all(chosen.fits):
        context = input_tokens + output_tokens
        why = why_unfit(llm=llm, gpu=gpu, placement=placement, context_tokens=context)
        return f"the model of {deployment} does not fit: {why}"
    what = {"first-token": "a first token", "per-token": "a token"}.get(str(workload.latency))
    what = what or f"an answer of {float(np.mean(output_tokens)):,.0f} tokens"
    floor_s = float(np.min(chosen.floor_s))
    return f"{what} can't take under {show(floor_s, 'latency_s')} on {deployment}; the target can't be met"


def beyond_context(*, llm: Llm, context_tokens: Number) -> str:
    """Return a message if a request exceeds a model's context window; "" if it doesn't, or the window is unknown."""
    most, asked = _one(llm.max_context_tokens), float(np.max(context_tokens))
    return f"reads at most {most:,.0f} tokens; a request has {asked:,.0f}" if 0 < most < asked else ""


def why_unfit(
    *, llm: Llm, gpu: Gpu, placement: Placement, context_tokens: Number, constants: Constants = FITTED
) -> str:
    """Return why not even one request of `context_tokens` fits, and the smallest tensor parallelism that would fit."""
    p = placement
    weights = memory.weight_bytes_per_gpu(llm=llm, weights=p.weights, tp=p.tp, pp=p.pp, attn_dp=p.attn_dp)
    weights_gb = _one(weights) / BYTES_PER_GB
    free = room.cache_room_bytes(llm=llm, gpu=gpu, placement=p, constants=constants)
    usable_gb = weights_gb + _one(free) / BYTES_PER_GB
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
