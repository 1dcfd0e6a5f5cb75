"""Weights, cache and state of one block of each kind, from its shapes.

Left out: norms, biases and other vectors, together below a thousandth of a model.
"""

from collections.abc import Callable, Mapping

from planner.records import dataclass

Shapes = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """One block's contribution. `params` excludes routed experts; `width` is the attention width per token pair."""

    params: float
    expert_params: float = 0.0
    cache: float = 0.0
    sparse: float = 0.0
    index: float = 0.0
    window: float = 0.0
    width: float = 0.0
    latent_width: float = 0.0
    state: float = 0.0
    conv: float = 0.0


def attention(hidden: float, b: Shapes) -> Sums:
    """Return attention in which groups of heads share a key and a value.

    `gated`: a gate as wide as the queries. `keys_are_values`: one projection gives both. `reads_cache_of_others`: the
    block keeps no cache of its own. `q_lora`: queries go through a rank. `input_width`: what it reads, where that is wider than the model.

    Source: GQA, arXiv 2305.13245.
    """
    value_dim = b["v_head_dim"] or b["head_dim"]
    wide, gate = b["input_width"] or hidden, b["heads"] * value_dim * b["gated"]
    query_dim = b["heads"] * b["head_dim"]
    queries = b["q_lora"] * (wide + query_dim) if b["q_lora"] else wide * query_dim
    keys = b["kv_heads"] * b["head_dim"]
    values = 0.0 if b["keys_are_values"] else b["kv_heads"] * value_dim
    kept = 0.0 if b["reads_cache_of_others"] else b["kv_heads"] * (b["head_dim"] + value_dim)
    index = _index(hidden, hidden, b)
    sparse = b["index_topk"] > 0
    return Sums(
        params=queries + wide * (gate + keys + values) + hidden * b["heads"] * value_dim + index,
        cache=0.0 if b["window"] or sparse else kept,
        sparse=kept if sparse else 0.0,
        window=kept if b["window"] else 0.0,
        index=b["index_head_dim"],
        width=b["heads"] * (b["head_dim"] + value_dim) / 2.0,
    )


def latent(hidden: float, b: Shapes) -> Sums:
    """Return multi-head latent attention: one compressed vector for all heads, with or without a query rank.

    Source: DeepSeek-V2, arXiv 2405.04434, section 2.1; the index that chooses tokens: DeepSeek-V3.2-Exp report, 2025.
    """
    query_dim = b["nope_head_dim"] + b["rope_head_dim"]
    ranked = b["q_lora"] * (hidden + b["heads"] * query_dim)
    queries = ranked if b["q_lora"] else hidden * b["heads"] * query_dim
    keys = hidden * (b["kv_lora"] + b["rope_head_dim"])
    keys += b["kv_lora"] * b["heads"] * (b["nope_head_dim"] + b["v_head_dim"])
    output = b["heads"] * b["v_head_dim"] * hidden * (1.0 + b["gated"])
    kept = b["kv_lora"] + b["rope_head_dim"]
    sparse = b["index_topk"] > 0
    return Sums(
        params=queries + keys + output + _index(b["q_lora"] or hidden, hidden, b),
        cache=0.0 if sparse else kept,
        sparse=kept if sparse else 0.0,
        index=b["index_head_dim"],
        width=b["heads"] * (query_dim + b["v_head_dim"]) / 2.0,
        latent_width=b["heads"] * (2.0 * b["kv_lora"] + b["rope_head_dim"]),
    )


def _index(query_from: float, hidden: float, b: Shapes) -> float:
    """Return the weights of an index: queries of its heads, one key, a weight for each head."""
    heads = b["index_heads"]
    return heads * b["index_head_dim"] * query_from + hidden * (b["index_head_dim"] + heads)


def compressed(hidden: float, b: Shapes) -> Sums:
    """Return attention to entries that stand for `ratio` tokens each, beside a window of whole tokens.

    One shared key that is the value too; queries through a rank, outputs through `o_lora` in `o_groups`. Entries that
    overlap (`overlap`) take two projections. `ratio` 0 leaves the window alone.

    Source: DeepSeek-V4 technical report, 2026, section 2.3; modeling_deepseek_v4.py of transformers 5.24.
    """
    width = b["heads"] * b["head_dim"]
    params = hidden * b["q_lora"] + b["q_lora"] * width + hidden * b["head_dim"]
    params += width * b["o_lora"] + b["o_groups"] * b["o_lora"] * hidden
    kept, index = 0.0, 0.0
    if b["ratio"]:
        copies = 1.0 + b["overlap"]
        params += 2.0 * hidden * copies * b["head_dim"] + b["ratio"] * copies * b["head_dim"]
        kept = b["head_dim"] / b["ratio"]
        if b["index_heads"]:
            params += 2.0 * hidden * copies * b["index_head_dim"] + hidden * b["index_heads"]
            params += b["q_lora"] * b["index_heads"] * b["index_head_dim"]
            index = b["index_head_dim"] / b["ratio"]
    sparse = b["index_topk"] > 0
    return Sums(
        params=params,
        cache=0.0 if sparse else kept,
        sparse=kept if sparse else 0.0,
        index=index,
        window=b["head_dim"],
        width=b["heads"] * (kept + b["head_dim"]),
        latent_width=b["heads"] * 2.0 * (kept + b["head_dim"]),
    )


def delta(hidden: float, b: Shapes) -> Sums:
    """Return gated delta attention: key heads of `key_dim`, value heads of `value_dim`, a short convolution.

    Source: Gated DeltaNet, arXiv 2412.06464; modeling_qwen3_next.py of transformers 5.24.
    """
    keys, values = b["key_heads"] * b["key_dim"], b["value_heads"] * b["value_dim"]
    mixed = 2.0 * keys + values
    params = hidden * (mixed + values + 2.0 * b["value_heads"]) + mixed * b["conv"] + values * hidden
    return Sums(params=params, state=values * b["key_dim"], conv=mixed * _kept(b["conv"]))


def kimi_delta(hidden: float, b: Shapes) -> Sums:
    """Return Kimi delta attention: a forget gate for each channel, low-rank unless `full_rank_gate`.

    Source: Kimi Linear, arXiv 2510.26692; modeling_kimi_linear.py of transformers 5.24.
    """
    width = b["heads"] * b["head_dim"]
    low_rank = hidden * b["head_dim"] + b["head_dim"] * width
    gate = hidden * width if b["full_rank_gate"] else low_rank
    params = 4.0 * hidden * width + low_rank + gate + hidden * b["heads"] + 3.0 * width * b["conv"]
    return Sums(params=params, state=width * b["head_dim"], conv=3.0 * width * _kept(b["conv"]))


def lightning(hidden: float, b: Shapes) -> Sums:
    """Return linear attention without a convolution: queries, keys, values, a gate, an output.

    Source: MiniMax-01, arXiv 2501.08313.
    """
    width = b["heads"] * b["head_dim"]
    kv_width = (b["kv_heads"] or b["heads"]) * b["head_dim"]
    return Sums(params=hidden * (3.0 * width + 2.0 * kv_width), state=width * b["head_dim"])


def mamba1(hidden: float, b: Shapes) -> Sums:
    """Return a selective state space with a state for each channel.

    Source: Mamba, arXiv 2312.00752.
    """
    inner, state, rank = b["inner"], b["state"], b["dt_rank"]
    params = 3.0 * hidden * inner + inner * (b["conv"] + 2.0 * rank + 3.0 * state)
    return Sums(params=params, state=inner * state, conv=inner * _kept(b["conv"]))


def mamba2(hidden: float, b: Shapes) -> Sums:
    """Return a selective state space with heads; groups of them share their inputs and outputs.

    Source: Mamba-2, arXiv 2405.21060.
    """
    inner, shared = b["heads"] * b["head_dim"], 2.0 * b["groups"] * b["state"]
    params = hidden * (3.0 * inner + shared + b["heads"]) + (inner + shared) * b["conv"]
    return Sums(params=params, state=inner * b["state"], conv=(inner + shared) * _kept(b["conv"]))


def convolution(hidden: float, b: Shapes) -> Sums:
    """Return a gated short convolution. Source: LFM2, arXiv 2511.23404."""
    width = b["width"] or hidden
    return Sums(params=hidden * width * 4.0 + width * b["conv"], conv=width * _kept(b["conv"]))


def recurrent(hidden: float, b: Shapes) -> Sums:
    """Return a gated linear recurrence. Source: Griffin, arXiv 2402.19427."""
    width = b["width"]
    params = 3.0 * hidden * width + width * b["conv"] + 2.0 * width * width / b["heads"]
    return Sums(params=params, state=width, conv=width * _kept(b["conv"]))


def state(hidden: float, b: Shapes) -> Sums:
    """Return any other block with a state: its elements and its weights, as given."""
    del hidden
    return Sums(params=b["params"], state=b["state"])


def mlp(hidden: float, b: Shapes) -> Sums:
    """Return a feed-forward block of two matrices, or three where it has a gate; a side branch has two of its own."""
    return Sums(params=b["matrices"] * hidden * b["width"] + 2.0 * hidden * b["side_width"])


def moe(hidden: float, b: Shapes) -> Sums:
    """Return a mixture of experts: a router, routed experts, and a shared one that every token passes.

    `input_width`: the width of the vectors that routed experts work on, where it is not that of the model.
    """
    inner = b["input_width"] or hidden
    ends = 2.0 * hidden * inner if b["input_width"] else 0.0
    return Sums(
        params=hidden * b["experts"] + ends + b["matrices"] * hidden * b["shared_width"],
        expert_params=b["matrices"] * inner * b["width"],
    )


def _kept(kernel: float) -> float:
    """Return the inputs that a causal convolution keeps: all of its kernel but the present one."""
    return max(kernel - 1.0, 0.0)


KINDS: dict[str, Callable[[float, Shapes], Sums]] = {
    "attention": attention, "latent": latent, "compressed": compressed, "delta": delta, "kimi-delta": kimi_delta,
    "lightning": lightning, "mamba1": mamba1, "mamba2": mamba2, "convolution": convolution, "recurrent": recurrent,
    "state": state, "mlp": mlp, "moe": moe,
}  # fmt: skip
