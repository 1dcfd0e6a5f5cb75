"""Memory in bytes: weights, KV cache, and the room left for it."""

import numpy as np

from planner.arrays import pick
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.units import BYTES_PER_GB

# Bytes of a weight with its scales: NVFP4 has an 8-bit scale for 16 weights, MXFP4 one for 32; INT4's are a model's own.
WEIGHT_BYTES = {
    "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625, "mxfp4": 0.53125, "int4": 0.5,
}  # fmt: skip
INT4_SCALE_BYTES = 2.0  # one for a group of weights
# Attention's format in a mixture of experts: 4-bit files quantise mainly the experts.
MOE_ATTENTION_BYTES = WEIGHT_BYTES | {"mxfp4": 2.0, "int4": 2.0, "fp4": 1.0}
KV_BYTES = {"bf16": 2.0, "fp16": 2.0, "fp8": 1.0}
OUTPUT_BYTES = 2.0  # embeddings and output layer stay in 16 bit in all public quantised files
CONV_BYTES = 2.0  # the inputs of convolutions are kept in 16 bit
INDEX_BYTES = 132.0 / 128.0  # 8 bits, and a scale of 32 bits for 128 numbers
MOST_WORKSPACE_SHARE = 0.5  # share of the memory left by weights
WORKSPACE_TOKENS = 8192.0  # tokens per step for which an engine reserves buffers
# 1 if an engine frees the cache of windowed layers; TensorRT-LLM keeps the whole context by default.
WINDOW_FREED = {"trtllm": 0.0, "vllm": 1.0, "sglang": 1.0}


def mixing_params(*, llm: Llm) -> Number:
    """Return the weights of attention and of blocks with a state, in all layers."""
    return llm.attention_params + llm.state_params


def routed_params(*, llm: Llm) -> Number:
    """Return the active routed-expert weights per token."""
    return llm.moe_layers * llm.experts_per_token * llm.expert_params


def output_params(*, llm: Llm) -> Number:
    """Return the weights of the output layer, which each step reads; the embedding table is only looked up."""
    return llm.vocab * llm.hidden


def total_params(*, llm: Llm) -> Number:
    """Return all weights of the language model; vision and audio towers are separate, in `tower_params`."""
    routed = llm.moe_layers * llm.experts * llm.expert_params
    embeddings = output_params(llm=llm) * (2.0 - llm.tied_embeddings) + llm.lookup_params
    return mixing_params(llm=llm) + llm.dense_params + routed + embeddings


def active_params(*, llm: Llm) -> Number:
    """Return the active weights per token, including the output layer."""
    body = mixing_params(llm=llm) + llm.dense_params + routed_params(llm=llm)
    return body + output_params(llm=llm)


def weight_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes per weight of a dense layer or an expert, including its share of a scale.

    Source: GPTQ, arXiv 2210.17323, and AWQ, arXiv 2306.00978, for groups of 4-bit integers: 128 there, 32 in Kimi K2.
    """
    plain = pick(WEIGHT_BYTES, weights)
    grouped = np.asarray(weights) == "int4"
    return plain + np.where(grouped, INT4_SCALE_BYTES / llm.int4_group, 0.0) if np.any(grouped) else plain


def attention_weight_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes per weight of attention."""
    moe = np.asarray(llm.experts) > 0
    return np.where(moe, pick(MOE_ATTENTION_BYTES, weights), weight_bytes(llm=llm, weights=weights))


def body_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes that each step reads whatever the batch: attention, dense layers, shared experts."""
    mixing = mixing_params(llm=llm) * attention_weight_bytes(llm=llm, weights=weights)
    return mixing + llm.dense_params * weight_bytes(llm=llm, weights=weights)


def output_bytes(*, llm: Llm) -> Number:
    """Return the bytes of the output layer."""
    return output_params(llm=llm) * OUTPUT_BYTES


def expert_bytes(*, llm: Llm, weights: Word) -> Number:
    """Return the bytes of all routed experts."""
    return llm.moe_layers * llm.experts * llm.expert_params * weight_bytes(llm=llm, weights=weights)


def weight_bytes_per_gpu(*, llm: Llm, weights: Word, tp: Number, pp: Number, attn_dp: Number) -> Number:
    """Return the bytes of weights on each GPU, including vision and audio towers.

    Tensor parallelism splits everything, attention data-parallelism only the routed experts.
    """
    ends = output_bytes(llm=llm) * (2.0 - llm.tied_embeddings)
    ends = ends + (llm.lookup_params + llm.tower_params) * OUTPUT_BYTES
    split = (body_bytes(llm=llm, weights=weights) + ends) / (tp * pp)
    return split + expert_bytes(llm=llm, weights=weights) / (tp * pp * attn_dp)


def attended_elements(*, llm: Llm) -> Number:
    """Return one token's KV cache elements over all attention layers, including windowed ones."""
    return llm.cache_elements + llm.sparse_elements + llm.window_elements


def reach_tokens(*, llm: Llm, context_tokens: Number, window_freed: Number) -> Number:
    """Return how many tokens of a context an attention layer keeps, as the mean over cache elements."""
    inside = np.minimum(context_tokens, np.where(window_freed, llm.window_tokens, np.inf))
    share = llm.window_elements / np.maximum(attended_elements(llm=llm), 1e-9)
    return context_tokens * (1.0 - share) + inside * share


def read_tokens(*, llm: Llm, context_tokens: Number) -> Number:
    """Return how many tokens of a context a new token reads, as the mean over cache elements.

    A layer that attends in chunks reads the chunk so far, half of it on average; sparse attention what it chose.
    Source: Llama 4 model card, 2025, for chunks; DeepSeek-V3.2-Exp report, 2025, for sparse attention.
    """
    window = np.asarray(llm.window_tokens) * np.where(np.asarray(llm.window_is_chunk) > 0, 0.5, 1.0)
    inside = np.where(np.asarray(context_tokens) > llm.window_tokens, window, context_tokens)
    chosen = np.minimum(context_tokens, llm.topk_tokens)
    read = llm.cache_elements * context_tokens + llm.sparse_elements * chosen + llm.window_elements * inside
    return np.asarray(read / np.maximum(attended_elements(llm=llm), 1e-9))


def cache_bytes_per_token(*, llm: Llm, kv: Word) -> Number:
    """Return the cache bytes per additional token of a long context, over all layers.

    Windowed layers add none. Latent attention keeps one shared vector; otherwise a key and a value per
    key-value head. The index of sparse attention comes on top: `index_bytes_per_token`.
    Source: DeepSeek-V2, arXiv 2405.04434; GQA, arXiv 2305.13245.
    """
    return (llm.cache_elements + llm.sparse_elements) * pick(KV_BYTES, kv)


def attended_bytes_per_token(*, llm: Llm, kv: Word) -> Number:
    """Return one token's cache bytes over all layers that attend to it, including windowed ones."""
    return attended_elements(llm=llm) * pick(KV_BYTES, kv)


def index_bytes_per_token(*, llm: Llm) -> Number:
    """Return the index bytes per token of sparse attention: 8 bits and a scale."""
    return llm.index_elements * INDEX_BYTES


def state_bytes(*, llm: Llm) -> Number:
    """Return the state bytes per sequence of state-space and linear layers, independent of length."""
    return llm.state_elements * llm.state_element_bytes


def fixed_bytes(*, llm: Llm) -> Number:
    """Return the bytes per sequence independent of length: state, and inputs of convolutions."""
    return state_bytes(llm=llm) + llm.conv_elements * CONV_BYTES


def cache_bytes(*, llm: Llm, kv: Word, context_tokens: Number, window_freed: Number = 1.0) -> Number:
    """Return the bytes per sequence at a context length, over all layers."""
    return cache_bytes_per_gpu(
        llm=llm, kv=kv, context_tokens=context_tokens, window_freed=window_freed, tp=1.0
    )


def cache_bytes_per_gpu(
    *, llm: Llm, kv: Word, context_tokens: Number, tp: Number, window_freed: Number = 1.0
) -> Number:
    """Return the bytes per sequence on each GPU of a tensor-parallel group.

    Key-value heads aren't split, and a latent vector is on every GPU; the state is split by its heads.
    """
    grown = cache_bytes_per_token(llm=llm, kv=kv) / cache_split(llm=llm, tp=tp)
    inside = np.minimum(context_tokens, np.where(window_freed, llm.window_tokens, np.inf))
    windows = llm.window_elements * pick(KV_BYTES, kv) * inside / np.minimum(tp, llm.window_heads)
    index = index_bytes_per_token(llm=llm)
    return (grown + index) * context_tokens + windows + fixed_bytes(llm=llm) / tp


def cache_split(*, llm: Llm, tp: Number) -> Number:
    """Return the number of GPUs of a tensor-parallel group over which a sequence's cache is split.

    At most one GPU per key-value head; the latent vector is kept whole on every GPU.
    """
    return np.minimum(tp, llm.cache_heads)


def workspace_bytes(*, llm: Llm, attn_dp: Number, copies: Number) -> Number:
    """Return the bytes of buffers in which experts gather tokens from all attention ranks; 0 without experts."""
    tokens = WORKSPACE_TOKENS * attn_dp
    return np.where(np.asarray(llm.experts) > 0, copies * tokens * llm.hidden * 2.0, 0.0)


def cache_room_bytes(
    *, gpu: Gpu, weight_bytes: Number, workspace_bytes: Number, reserve_gb: Number
) -> Number:
    """Return the bytes left for cache on one GPU; negative if the weights don't fit.

    If memory is short, an engine uses smaller steps: buffers take at most half of what the weights leave.
    """
    left = (gpu.mem_gb - reserve_gb) * BYTES_PER_GB - weight_bytes
    buffers = np.minimum(workspace_bytes, np.maximum(left, 0.0) * MOST_WORKSPACE_SHARE)
    return left - buffers
