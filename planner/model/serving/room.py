"""Room: the bytes of a GPU that an engine gives to the KV cache, by its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import pick
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving import memory
from planner.units import BYTES_PER_GB

if TYPE_CHECKING:
    from planner.catalog.fitted import Constants
    from planner.model.serving.step_costs import Placement

# The share of memory that an engine takes by default: vLLM and SGLang of the total, weights included; TensorRT-LLM
# of what is free after loading. Source: vLLM `gpu_memory_utilization` 0.9; SGLang `mem_fraction_static`, chosen by
# GPU, 0.84 to 0.89; TensorRT-LLM `kv_cache_free_gpu_mem_fraction`, 0.9 by default and 0.95 in published runs.
_SHARE = {"vllm": 0.90, "sglang": 0.88, "trtllm": 0.95}
_OF_FREE = {"vllm": 0.0, "sglang": 0.0, "trtllm": 1.0}
# vLLM measures the memory of a full prefill step and leaves it free: 4 to 5 GB on H100, B200, less on small cards.
# Source: cache sizes in public engine logs: Qwen3-8B, 430,272 tokens in FP8 and 377,024 in BF16 on one H100
# (silybench); Kimi-K2 INT4 on 8 H200, 715,072 tokens (vLLM recipes); FP4 on 4 B200, 524,480 (InferenceX).
_ACTIVATION_SHARE = {"vllm": 0.05, "sglang": 0.0, "trtllm": 0.0}
_MOST_ACTIVATION_GB = 4.5
# In addition, the buffers of collectives across GPUs: qwen3-235b in FP8 on 4 H100, 178,880 tokens (gpustack).
_GROUP_GB = {"vllm": 1.0, "sglang": 0.0, "trtllm": 0.0}
# Copies of a step's tokens per chosen expert, kept by unfused kernels: none on Blackwell and AMD.
_EXPERT_COPIES = {"vllm": 7.0, "sglang": 0.0, "trtllm": 0.0}
_MOST_EXPERT_TOKENS = 16_384.0  # vLLM splits longer steps before its experts
_FUSED = ("blackwell", "blackwell-rtx", "cdna3", "cdna4")


def cache_room_bytes(*, llm: Llm, gpu: Gpu, placement: Placement, constants: Constants) -> Number:
    """Return the bytes left for cache on one GPU; negative if the weights don't fit."""
    p = placement
    weights = memory.weight_bytes_per_gpu(llm=llm, weights=p.weights, tp=p.tp, pp=p.pp, attn_dp=p.attn_dp)
    free = np.asarray(pick(_OF_FREE, p.engine))
    given = np.asarray(p.memory_share, dtype=float)
    share = np.where(given > 0, given, pick(_SHARE, p.engine))
    buffers = memory.workspace_bytes(llm=llm, attn_dp=p.attn_dp, copies=constants.expert_workspace_copies)
    of_free = share * memory.cache_room_bytes(
        gpu=gpu, weight_bytes=weights, workspace_bytes=buffers, reserve_gb=constants.reserve_gb
    )
    of_all = share * np.asarray(gpu.mem_gb) * BYTES_PER_GB - weights - _step_bytes(llm, gpu, p)
    return np.where(free > 0, of_free, of_all)


def idle_prefixes(*, sequences: Number, batch: Number) -> Number:
    """Return how many idle prefixes, each of a whole request, fit in the cache beside a running batch.

    >>> float(idle_prefixes(sequences=40.0, batch=16.0))
    24.0
    """
    return np.maximum(np.asarray(sequences) - batch, 0.0)


def _step_bytes(llm: Llm, gpu: Gpu, p: Placement) -> Number:
    """Return the bytes that a prefill step takes besides weights and cache."""
    share = np.asarray(pick(_ACTIVATION_SHARE, p.engine)) * np.asarray(gpu.mem_gb)
    copies = np.where(np.isin(np.asarray(gpu.generation), _FUSED), 0.0, pick(_EXPERT_COPIES, p.engine))
    ranks = np.minimum(p.attn_dp, _MOST_EXPERT_TOKENS / memory.WORKSPACE_TOKENS)
    experts = memory.workspace_bytes(llm=llm, attn_dp=ranks, copies=copies * llm.experts_per_token)
    group_gb = np.where(np.asarray(p.tp) * np.asarray(p.attn_dp) > 1.0, pick(_GROUP_GB, p.engine), 0.0)
    return np.asarray((np.minimum(share, _MOST_ACTIVATION_GB) + group_gb) * BYTES_PER_GB + experts)
