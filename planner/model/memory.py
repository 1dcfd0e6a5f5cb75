"""Bytes: weights, cache, and how many sequences fit."""

import numpy as np

from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model.choices import pick
from planner.units import BYTES_PER_GB

# Bytes of one weight, scales included: NVFP4 has one 8-bit scale for 16 weights, MXFP4 for 32, INT4 a 16-bit one for 32.
WEIGHT_BYTES = {
    "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625, "mxfp4": 0.53125, "int4": 0.5625,
}  # fmt: skip
# What the same file keeps attention in when the model is a mixture of experts: 4-bit files quantise the experts only.
MOE_ATTENTION_BYTES = WEIGHT_BYTES | {"mxfp4": 2.0, "int4": 2.0, "fp4": 1.0}
KV_BYTES = {"bf16": 2.0, "fp16": 2.0, "fp8": 1.0}
EMBEDDING_BYTES = 2.0  # embeddings and output layer stay in 16 bit in every public quantised file
STATE_BYTES = 2.0  # the state of linear attention is kept in 16 bit


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


def output_params(*, llm: Llm) -> Number:
    """Return the weights of the output layer, which a step reads; the embedding table is only looked up."""
    return llm.vocab * llm.hidden


def total_params(*, llm: Llm) -> Number:
    """Return all weights."""
    routed = llm.moe_layers * llm.experts * expert_params(llm=llm)
    embeddings = output_params(llm=llm) * (2.0 - llm.tied_embeddings)
    return attention_params(llm=llm) + dense_params(llm=llm) + routed + embeddings


def active_params(*, llm: Llm) -> Number:
    """Return the weights that one token passes."""
    routed = llm.moe_layers * llm.experts_per_token * expert_params(llm=llm)
    return attention_params(llm=llm) + dense_params(llm=llm) + routed + output_params(llm=llm)


def attention_weight_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes of one weight of attention."""
    return np.where(
        np.asarray(llm.experts) > 0, pick(MOE_ATTENTION_BYTES, weights), pick(WEIGHT_BYTES, weights)
    )


def dense_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes that each step reads whatever the batch: all but embeddings and routed experts."""
    attention = attention_params(llm=llm) * attention_weight_bytes(llm=llm, weights=weights)
    ffn = dense_params(llm=llm) * pick(WEIGHT_BYTES, weights)
    return attention + ffn + output_params(llm=llm) * EMBEDDING_BYTES


def expert_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes of all routed experts."""
    return llm.moe_layers * llm.experts * expert_params(llm=llm) * pick(WEIGHT_BYTES, weights)


def weight_bytes_per_gpu(*, llm: Llm, weights: Word, tp: Number, pp: Number, attn_dp: Number) -> Number:
    """Return the bytes of weights on each GPU.

    Tensor parallelism splits everything, attention data-parallelism only the routed experts.
    """
    table = output_params(llm=llm) * EMBEDDING_BYTES * (1.0 - llm.tied_embeddings)
    dense = (dense_bytes(llm=llm, weights=weights) + table) / (tp * pp)
    return dense + expert_bytes(llm=llm, weights=weights) / (tp * pp * attn_dp)


def cache_bytes(*, llm: Llm, kv: Word, context_tokens: Number) -> Number:
    """Return the bytes of cache that one sequence keeps at a context, in all layers.

    Latent attention keeps one shared vector a token; layers with a window keep the window; linear layers a state.
    Source: DeepSeek-V2, arXiv 2405.04434; Mistral 7B, arXiv 2310.06825, for the window.
    """
    tokens = mean_reach_tokens(llm=llm, context_tokens=context_tokens, read=False)
    vectors = np.where(
        np.asarray(llm.kv_lora) > 0, llm.kv_lora + llm.rope_head_dim, 2.0 * llm.kv_heads * llm.head_dim
    )
    attending = llm.layers * llm.full_attention_share
    state = (llm.layers - attending) * llm.linear_state_elements * STATE_BYTES
    return attending * tokens * vectors * pick(KV_BYTES, kv) + state


def mean_reach_tokens(*, llm: Llm, context_tokens: Number, read: bool) -> Number:
    """Return how many tokens of a context an attending layer keeps (or reads), the mean over layers.

    A layer that attends in chunks keeps a chunk but reads the part of it so far: half on average.
    """
    window = np.asarray(llm.window_tokens)
    half = np.where(np.asarray(llm.window_is_chunk) > 0, 0.5, 1.0) if read else 1.0
    inside = np.where(np.asarray(context_tokens) > window, window * half, context_tokens)
    return context_tokens * (1.0 - llm.window_share) + inside * llm.window_share


def cache_split(*, llm: Llm, tp: Number) -> Number:
    """Return over how many GPUs of a tensor-parallel group one sequence's cache is split.

    At most one GPU per key-value head; the latent vector is kept whole on every GPU.
    """
    return np.where(np.asarray(llm.kv_lora) > 0, 1.0, np.minimum(tp, llm.kv_heads))


def cache_room_bytes(*, gpu: Gpu, memory_share: Number, weight_bytes: Number) -> Number:
    """Return the bytes on one GPU that are left for cache; below zero the weights don't fit."""
    return gpu.mem_gb * BYTES_PER_GB * memory_share - weight_bytes
