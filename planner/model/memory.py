"""Bytes: weights, cache, and what is left for it."""

import numpy as np

from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model.choices import pick
from planner.units import BYTES_PER_GB

# Bytes of a weight with its scales: NVFP4 has an 8-bit scale for 16 weights, MXFP4 one for 32, INT4 a 16-bit one for 32.
WEIGHT_BYTES = {
    "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625, "mxfp4": 0.53125, "int4": 0.5625,
}  # fmt: skip
# What attention keeps when the model is a mixture of experts: 4-bit files quantise the experts first of all.
MOE_ATTENTION_BYTES = WEIGHT_BYTES | {"mxfp4": 2.0, "int4": 2.0, "fp4": 1.0}
KV_BYTES = {"bf16": 2.0, "fp16": 2.0, "fp8": 1.0}
OUTPUT_BYTES = 2.0  # embeddings and output layer stay in 16 bit in every public quantised file
STATE_BYTES = 2.0  # the state of linear attention is kept in 16 bit
MOST_WORKSPACE_SHARE = 0.5  # of the memory that weights leave
WORKSPACE_TOKENS = 8192.0  # the tokens of one step for which an engine reserves its buffers
# 1 where an engine frees the cache of a layer with a window; TensorRT-LLM keeps the whole context unless told.
WINDOW_FREED = {"trtllm": 0.0, "vllm": 1.0, "sglang": 1.0}


def attention_params(*, llm: Llm) -> Number:
    """Return the weights of attention in all layers.

    Latent attention: down and up projections of queries and of keys and values, and the output.
    Source: DeepSeek-V2, arXiv 2405.04434, section 2.1, for latent attention.
    """
    query_dim = llm.nope_head_dim + llm.rope_head_dim
    latent = (
        llm.hidden * (llm.q_lora + llm.kv_lora + llm.rope_head_dim)
        + llm.q_lora * llm.heads * query_dim
        + llm.kv_lora * llm.heads * (llm.nope_head_dim + llm.v_head_dim)
        + llm.heads * llm.v_head_dim * llm.hidden
    )
    grouped = llm.hidden * llm.head_dim * 2.0 * (llm.heads + llm.kv_heads)
    derived = llm.layers * np.where(np.asarray(llm.kv_lora) > 0, latent, grouped)
    return np.where(np.asarray(llm.attention_params) > 0, llm.attention_params, derived)


def dense_params(*, llm: Llm) -> Number:
    """Return the weights that every token passes outside attention: dense layers and shared experts."""
    dense = (llm.layers - llm.moe_layers) * llm.ffn + llm.moe_layers * llm.shared_ffn
    return dense * llm.ffn_matrices * llm.hidden


def expert_params(*, llm: Llm) -> Number:
    """Return the weights of one routed expert in one layer."""
    return llm.ffn_matrices * llm.hidden * llm.expert_ffn


def routed_params(*, llm: Llm) -> Number:
    """Return the weights of routed experts that one token passes."""
    return llm.moe_layers * llm.experts_per_token * expert_params(llm=llm)


def output_params(*, llm: Llm) -> Number:
    """Return the weights of the output layer, which a step reads; the embedding table is only looked up."""
    return llm.vocab * llm.hidden


def total_params(*, llm: Llm) -> Number:
    """Return all weights."""
    routed = llm.moe_layers * llm.experts * expert_params(llm=llm)
    embeddings = output_params(llm=llm) * (2.0 - llm.tied_embeddings)
    return attention_params(llm=llm) + dense_params(llm=llm) + routed + embeddings


def active_params(*, llm: Llm) -> Number:
    """Return the weights that one token passes, the output layer included."""
    body = attention_params(llm=llm) + dense_params(llm=llm) + routed_params(llm=llm)
    return body + output_params(llm=llm)


def attention_weight_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes of one weight of attention."""
    moe = np.asarray(llm.experts) > 0
    return np.where(moe, pick(MOE_ATTENTION_BYTES, weights), pick(WEIGHT_BYTES, weights))


def body_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes that each step reads whatever the batch: attention, dense layers, shared experts."""
    attention = attention_params(llm=llm) * attention_weight_bytes(llm=llm, weights=weights)
    return attention + dense_params(llm=llm) * pick(WEIGHT_BYTES, weights)


def output_bytes(*, llm: Llm) -> Number:
    """Return the bytes of the output layer."""
    return output_params(llm=llm) * OUTPUT_BYTES


def expert_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes of all routed experts."""
    return llm.moe_layers * llm.experts * expert_params(llm=llm) * pick(WEIGHT_BYTES, weights)


def weight_bytes_per_gpu(*, llm: Llm, weights: Word, tp: Number, pp: Number, attn_dp: Number) -> Number:
    """Return the bytes of weights on each GPU.

    Tensor parallelism splits everything, attention data-parallelism only the routed experts.
    """
    ends = output_bytes(llm=llm) * (2.0 - llm.tied_embeddings)
    split = (body_bytes(llm=llm, weights=weights) + ends) / (tp * pp)
    return split + expert_bytes(llm=llm, weights=weights) / (tp * pp * attn_dp)


def reach_tokens(*, llm: Llm, context_tokens: Number, window_freed: Number) -> Number:
    """Return how many tokens of a context an attending layer keeps, the mean over layers."""
    inside = np.minimum(context_tokens, np.where(window_freed, llm.window_tokens, np.inf))
    return context_tokens * (1.0 - llm.window_share) + inside * llm.window_share


def read_tokens(*, llm: Llm, context_tokens: Number) -> Number:
    """Return how many tokens of a context a new token reads, the mean over attending layers.

    A layer that attends in chunks reads the chunk so far, half of it on average; sparse attention what it chose.
    Source: Llama 4 model card, 2025, for chunks; DeepSeek-V3.2-Exp report, 2025, for sparse attention.
    """
    window = np.asarray(llm.window_tokens) * np.where(np.asarray(llm.window_is_chunk) > 0, 0.5, 1.0)
    inside = np.where(np.asarray(context_tokens) > llm.window_tokens, window, context_tokens)
    tokens = context_tokens * (1.0 - llm.window_share) + inside * llm.window_share
    return np.where(np.asarray(llm.index_topk_tokens) > 0, np.minimum(tokens, llm.index_topk_tokens), tokens)


def cache_bytes_per_token(*, llm: Llm, kv: Word) -> Number:
    """Return the bytes that one token leaves in the cache of all layers that attend.

    Latent attention keeps one shared vector; otherwise a key and a value for each key-value head.
    Source: DeepSeek-V2, arXiv 2405.04434; GQA, arXiv 2305.13245.
    """
    latent = llm.kv_lora + llm.rope_head_dim
    vector = np.where(np.asarray(llm.kv_lora) > 0, latent, 2.0 * llm.kv_heads * llm.head_dim)
    return llm.layers * llm.full_attention_share * vector * pick(KV_BYTES, kv)


def state_bytes(*, llm: Llm) -> Number:
    """Return the bytes of state that layers of linear attention keep for one sequence, whatever its length."""
    return llm.layers * (1.0 - llm.full_attention_share) * llm.linear_state_elements * STATE_BYTES


def cache_bytes(*, llm: Llm, kv: Word, context_tokens: Number, window_freed: Number = 1.0) -> Number:
    """Return the bytes of cache that one sequence keeps at a context, in all layers."""
    tokens = reach_tokens(llm=llm, context_tokens=context_tokens, window_freed=window_freed)
    return cache_bytes_per_token(llm=llm, kv=kv) * tokens + state_bytes(llm=llm)


def cache_split(*, llm: Llm, tp: Number) -> Number:
    """Return over how many GPUs of a tensor-parallel group one sequence's cache is split.

    At most one GPU per key-value head; the latent vector is kept whole on every GPU.
    """
    return np.where(np.asarray(llm.kv_lora) > 0, 1.0, np.minimum(tp, llm.kv_heads))


def workspace_bytes(*, llm: Llm, attn_dp: Number, copies: Number) -> Number:
    """Return the buffers in which experts gather the tokens of all attention ranks; none without experts."""
    tokens = WORKSPACE_TOKENS * attn_dp
    return np.where(np.asarray(llm.experts) > 0, copies * tokens * llm.hidden * 2.0, 0.0)


def cache_room_bytes(
    *, gpu: Gpu, weight_bytes: Number, workspace_bytes: Number, reserve_gb: Number
) -> Number:
    """Return the bytes on one GPU that are left for cache; below zero the weights don't fit.

    Where memory is short an engine is given smaller steps: buffers take half of what the weights leave at most.
    """
    left = (gpu.mem_gb - reserve_gb) * BYTES_PER_GB - weight_bytes
    buffers = np.minimum(workspace_bytes, np.maximum(left, 0.0) * MOST_WORKSPACE_SHARE)
    return left - buffers
