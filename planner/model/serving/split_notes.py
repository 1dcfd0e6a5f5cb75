"""Notes on splits over GPUs that an engine would refuse, or that cost more than they seem to."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from planner.catalog.hardware import Gpu, Llm
from planner.model.serving.step_costs import Placement


def split_notes(*, llm: Llm, gpu: Gpu, placement: Placement) -> Iterator[str]:
    """Yield notes on a split; for many plans, on that of the last."""
    tp, heads, kv_heads = _last(placement.tp), _last(llm.heads), _last(llm.kv_heads)
    if heads and heads % tp:
        yield (
            f"Engines refuse this: {heads:.0f} attention heads don't divide by tp {tp:.0f}; "
            "the figures are between those of layouts that work."
        )
    elif kv_heads and max(kv_heads, tp) % min(kv_heads, tp) and not _last(llm.kv_lora):
        yield f"Engines refuse this: {kv_heads:.0f} key-value heads don't divide by tp {tp:.0f}."
    domain, group = _last(gpu.domain_gpus), tp * _last(placement.attn_dp)
    if group > domain:
        joined = f"links join {domain:.0f} GPUs" if domain > 1 else "no link joins two of these GPUs"
        yield f"{group:.0f} GPUs work on each layer and {joined}: the rest of the traffic takes the network."


def _last(values: Any) -> float:
    return float(np.asarray(values, dtype=float).reshape(-1)[-1])
