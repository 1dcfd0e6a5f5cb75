"""Token-mixing blocks from a config.json's fields."""

from typing import Any

from planner.catalog.hf_config import families
from planner.catalog.hf_config.fields import FFN, HEAD_DIM, HEADS, HIDDEN, KV_HEADS, LAYERS, Fields
from planner.catalog.hf_config.layers import BOTH, CHUNK, CONV, LINEAR, MAMBA, RECURRENT, WINDOW, window

Block = dict[str, Any]
_RANK_FACTOR = 16.0  # Mamba's own rank of the step size, where the file says "auto"


def mixer_blocks(f: Fields, mixer: str, place: int, kind: str) -> list[Block]:
    """Return the token-mixing blocks of layer `place`."""
    if mixer == BOTH:
        return [attention(f, "full", place, kind), state_space(f)]
    if mixer == MAMBA:
        return [state_space(f)]
    if mixer == LINEAR:
        return [linear(f)]
    if mixer == CONV:
        return [{"kind": "convolution", "conv": f.number("conv_L_cache", default=3.0)}]
    if mixer == RECURRENT:
        width = f.number("lru_width") or f.needed(*HIDDEN)
        return [
            {
                "kind": "recurrent",
                "width": width,
                "heads": f.needed(*HEADS),
                "conv": f.number("conv1d_width", default=4.0),
            }
        ]
    return [attention(f, mixer, place, kind)]


def attention(f: Fields, mixer: str, place: int, kind: str) -> Block:
    """Return a block of attention: latent, compressed or grouped."""
    if f.number("kv_lora_rank"):
        return _latent(f, place, kind)
    if f.number("o_lora_rank") and f.number("q_lora_rank"):
        return _compressed(f, mixer, place)
    return _grouped(f, mixer, place, kind)


def _grouped(f: Fields, mixer: str, place: int, kind: str) -> Block:
    heads, kv_heads, head_dim, value_dim = _heads(f, mixer, kind)
    per_layer = f.numbers("num_attention_heads_per_layer") if f.has("num_attention_heads_per_layer") else []
    block: Block = {"kind": "attention", "heads": per_layer[place] if place < len(per_layer) else heads}
    block |= {"kv_heads": kv_heads, "head_dim": head_dim}
    if value_dim and value_dim != head_dim:
        block["v_head_dim"] = value_dim
    if mixer in (WINDOW, CHUNK):
        block["window"] = window(f) if mixer == WINDOW else f.needed("attention_chunk_size")
        block |= {"chunked": 1} if mixer == CHUNK else {}
    gate = f.flag("attn_output_gate", "attention_output_gate", default=kind in families.GATED_ATTENTION)
    block |= {"gated": 1} if gate else {}
    if f.flag("attention_k_eq_v") and mixer not in (WINDOW, CHUNK):
        block["keys_are_values"] = 1
    shared = f.number("num_kv_shared_layers")
    if (shared and place >= f.number(*LAYERS) - shared) or _borrows(f, place):
        block["reads_cache_of_others"] = 1
    if f.number("share_q_dim"):
        block["q_lora"] = f.number("share_q_dim")
    return block | _block_index(f, place)


def _borrows(f: Fields, place: int) -> bool:
    """Say whether a layer attends to another layer's cache, or to the image instead of the text."""
    if f.flag("use_cla"):  # cross-layer attention, arXiv 2405.12981
        return place % int(f.number("cla_share_factor", default=2.0) or 1) != 0
    return place in (f.numbers("cross_attention_layers") if f.has("cross_attention_layers") else ())


def _heads(f: Fields, mixer: str, kind: str) -> tuple[float, float, float, float]:
    """Return heads, key-value heads, and the dimensions of a key and of a value (0: the same)."""
    heads = f.needed(*HEADS)
    head_dim = f.number(*HEAD_DIM) or (f.number(*HIDDEN) // heads if heads else 0.0)
    kv_heads = f.number(*KV_HEADS) or heads
    value_dim = f.number("v_head_dim")
    if f.flag("multi_query_attention"):
        kv_heads = f.number("multi_query_group_num", default=1.0)
    elif f.flag("multi_query") and not f.flag("new_decoder_architecture"):
        kv_heads = 1.0
    if mixer == WINDOW:
        heads = f.number("swa_num_attention_heads", "num_sliding_attention_heads") or heads
        kv_heads = f.number("swa_num_key_value_heads") or kv_heads
        head_dim = f.number("swa_head_dim") or head_dim
        value_dim = f.number("swa_v_head_dim") or value_dim
    elif kind.startswith("gemma4"):
        kv_heads = f.number("num_global_key_value_heads") or kv_heads
        head_dim = f.number("global_head_dim", default=512.0) or head_dim
    return heads, kv_heads, head_dim, value_dim


def _block_index(f: Fields, place: int) -> Block:
    """Return the index that selects blocks of tokens, if a layer has one."""
    sparse = f.part("sparse_attention_config")
    chosen = sparse.numbers("sparse_attention_freq")
    if not sparse.flag("use_sparse_attention") or (place < len(chosen) and not chosen[place]):
        return {}
    return {
        "index_heads": sparse.needed("sparse_num_index_heads"), "index_head_dim": sparse.needed("sparse_index_dim"),
        "index_topk": sparse.needed("sparse_topk_blocks") * sparse.needed("sparse_block_size"),
    }  # fmt: skip


def _latent(f: Fields, place: int, kind: str) -> Block:
    block: Block = {
        "kind": "latent", "heads": f.needed(*HEADS), "kv_lora": f.number("kv_lora_rank"),
        "rope_head_dim": f.number("qk_rope_head_dim"), "nope_head_dim": f.needed("qk_nope_head_dim"),
        "v_head_dim": f.needed("v_head_dim"),
    }  # fmt: skip
    if f.number("q_lora_rank"):
        block["q_lora"] = f.number("q_lora_rank")
    if f.flag("mla_use_output_gate", default=kind in families.GATED_ATTENTION):
        block["gated"] = 1
    if f.number("index_topk"):
        own = f.words("indexer_types") if f.has("indexer_types") else []
        block["index_topk"] = f.number("index_topk")
        if f.value("index_n_heads") is not None and (place >= len(own) or own[place] != "shared"):
            block |= {"index_heads": f.needed("index_n_heads"), "index_head_dim": f.needed("index_head_dim")}
    return block


def _compressed(f: Fields, mixer: str, place: int) -> Block:
    ratios = f.numbers("compress_ratios") if f.has("compress_ratios") else []
    rates = f.part("compress_rates")
    by_word = {
        "csa": rates.number("compressed_sparse_attention", default=4.0),
        "hca": rates.number("heavily_compressed_attention", default=128.0),
    }
    ratio = ratios[place] if place < len(ratios) else by_word.get(mixer, 0.0)
    block: Block = {
        "kind": "compressed", "heads": f.needed(*HEADS), "head_dim": f.needed(*HEAD_DIM),
        "q_lora": f.needed("q_lora_rank"), "o_lora": f.needed("o_lora_rank"), "o_groups": f.needed("o_groups"),
        "window": window(f),
    }  # fmt: skip
    if ratio:
        block["ratio"] = ratio
    if ratio and ratio == min([one for one in ratios if one] or [by_word["csa"]]):
        index = ("index_n_heads", "index_head_dim", "index_topk")
        names = ("index_heads", "index_head_dim", "index_topk")
        block |= {"overlap": 1, **{name: f.needed(field) for name, field in zip(names, index, strict=True)}}
    return block


def linear(f: Fields) -> Block:
    """Return a block of linear attention: gated delta, Kimi delta, a state space, or lightning attention."""
    if f.number("linear_num_value_heads"):
        return {
            "kind": "delta", "key_heads": f.needed("linear_num_key_heads"), "key_dim": f.needed("linear_key_head_dim"),
            "value_heads": f.needed("linear_num_value_heads"), "value_dim": f.needed("linear_value_head_dim"),
            "conv": f.number("linear_conv_kernel_dim", default=4.0),
        }  # fmt: skip
    config = f.part("linear_attn_config")
    if config.given or f.number("linear_num_heads"):
        heads = config.number("num_heads") or f.number("linear_num_heads")
        kernel = config.number("short_conv_kernel_size") or f.number("linear_conv_kernel_dim", default=4.0)
        block: Block = {"kind": "kimi-delta", "heads": heads, "conv": kernel}
        block["head_dim"] = config.number("head_dim") or f.needed("linear_head_dim")
        return block | ({"full_rank_gate": 1} if config.flag("use_full_rank_gate") else {})
    if f.number("mamba_d_state", "ssm_state_size", "state_size"):
        return state_space(f)
    heads = f.needed(*HEADS)
    head_dim = f.number(*HEAD_DIM) or (f.number(*HIDDEN) // heads if heads else 0.0)
    return {"kind": "lightning", "heads": heads, "head_dim": head_dim}


def state_space(f: Fields) -> Block:
    """Return a block of Mamba's first or second kind: the second has heads."""
    state = f.needed("mamba_d_state", "ssm_state_size", "state_size")
    kernel = f.number("mamba_d_conv", "conv_kernel", default=4.0)
    hidden = f.number(*HIDDEN)
    inner = f.number("mamba_d_ssm") or hidden * f.number("mamba_expand", "expand", default=2.0)
    heads = f.number("mamba_n_heads", "mamba_num_heads", "n_mamba_heads") or _own_heads(f)
    if heads:
        head_dim = (
            f.number("mamba_d_head", "mamba_head_dim", "mamba_headdim") or _own_head_dim(f) or inner // heads
        )
        groups = f.number("mamba_n_groups", "n_groups", "mamba_ngroups", default=1.0)
        return {
            "kind": "mamba2",
            "heads": heads,
            "head_dim": head_dim,
            "state": state,
            "groups": groups,
            "conv": kernel,
        }
    if f.given.get("model_type") in ("mamba", "falcon_mamba"):
        inner = f.number(*FFN) or inner
    auto = f.value("mamba_dt_rank", "time_step_rank") in (None, "auto")
    rank = -(-hidden // _RANK_FACTOR) if auto else f.needed("mamba_dt_rank", "time_step_rank")
    return {"kind": "mamba1", "inner": inner, "state": state, "dt_rank": rank, "conv": kernel}


def _own_heads(f: Fields) -> float:
    """Return the heads of a pure Mamba 2 model, which its file names like attention heads."""
    return f.number("num_heads") if f.given.get("model_type") == "mamba2" else 0.0


def _own_head_dim(f: Fields) -> float:
    return f.number("head_dim") if f.given.get("model_type") == "mamba2" else 0.0
