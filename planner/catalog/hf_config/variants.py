"""Models that describe each layer separately, and attention-free models that fit no other form."""

from collections.abc import Callable, Mapping
from typing import Any

from planner.catalog.hf_config.fields import CHOSEN, EXPERTS, FFN, HEADS, HIDDEN, KV_HEADS, Fields
from planner.catalog.hf_config.mixing import attention, state_space

Block = dict[str, Any]
_MULTIPLE = 256.0  # searched widths are rounded up to this


def blocks_of_variants(f: Fields) -> list[Block]:
    """Return the blocks of a model found by architecture search: `block_configs`, one entry per layer.

    Source: Puzzle, arXiv 2411.19146; configuration_decilm.py of nvidia/Llama-3_3-Nemotron-Super-49B-v1.
    """
    configs = f.value("block_configs")
    if configs is None:
        return []
    if not isinstance(configs, list) or not all(isinstance(one, Mapping) for one in configs):
        f.refuse("block_configs", configs, "it must be a list of tables")
        return []
    heads, hidden = f.needed(*HEADS), f.needed(*HIDDEN)
    head_dim = f.number("head_dim") or (hidden // heads if heads else 0.0)
    found: list[Block] = []
    for place, one in enumerate(configs):
        layer = Fields(one, defaults={}, where=f"{f.where}.block_configs[{place + 1}]")
        layer.problems = f.problems
        found += _attention(layer.part("attention"), heads, head_dim, hidden)
        found += _feeding(layer.part("ffn"), hidden)
    return found


def _attention(a: Fields, heads: float, head_dim: float, hidden: float) -> list[Block]:
    if a.flag("replace_with_linear"):
        return [{"kind": "mlp", "width": hidden, "matrices": 1}]
    group = a.number("n_heads_in_group")
    kv_heads = a.number("num_key_value_heads") or (heads // group if group else 0.0)
    if a.flag("no_op") or not kv_heads:
        return []
    window = a.number("window_length")
    block: Block = {"kind": "attention", "heads": heads, "kv_heads": kv_heads, "head_dim": head_dim}
    return [block | ({"window": window} if window else {})]


def _feeding(b: Fields, hidden: float) -> list[Block]:
    if b.flag("no_op"):
        return []
    if b.flag("replace_with_linear"):
        return [{"kind": "mlp", "width": hidden, "matrices": 1}]
    width = b.number(*FFN) or _multiplied(b, hidden)
    return [{"kind": "mlp", "width": width}] if width else []


def _multiplied(b: Fields, hidden: float) -> float:
    """Return the width for a multiple of the model's: two thirds of it, rounded up."""
    factor = b.value("ffn_mult")
    if not isinstance(factor, int | float) or isinstance(factor, bool) or not 0 <= factor <= 1000:
        return b.refuse("ffn_mult", factor, "it must be a number") if factor is not None else 0.0
    return _MULTIPLE * -(-float(int(2.0 * factor * hidden / 3.0)) // _MULTIPLE)


def rwkv_blocks(f: Fields, layers: int) -> list[Block]:
    """Return the blocks of RWKV: a state of five vectors per layer instead of a cache. Source: arXiv 2305.13048."""
    hidden = f.needed(*HIDDEN)
    inner = f.number("attention_hidden_size") or hidden
    width = f.number(*FFN) or 4.0 * hidden
    return [
        {"kind": "state", "count": layers, "state": 5.0 * hidden, "params": 4.0 * hidden * inner},
        {"kind": "mlp", "count": layers, "width": width, "matrices": 2, "side_width": hidden / 2.0},
    ]


def zamba2_blocks(f: Fields, layers: int) -> list[Block]:
    """Return the blocks of Zamba 2: Mamba 2 in all layers, and attention blocks whose weights several layers share.

    Source: arXiv 2411.15242; modeling_zamba2.py of transformers 5.24.
    """
    kinds = f.words("layers_block_type")
    hybrid = sum(kind == "hybrid" for kind in kinds) or len(f.numbers("hybrid_layer_ids"))
    hidden, heads = f.needed(*HIDDEN), f.needed(*HEADS)
    if not hybrid or not hidden:
        f.refuse("layers_block_type", kinds, "it must say which layers are hybrid")
        return []
    inner, wide = f.needed(*FFN), f.number("attention_hidden_size") or 2.0 * hidden
    share = hybrid / (f.number("num_mem_blocks") or 1.0)
    rank = f.number("adapter_rank", default=128.0)
    return [
        state_space(f) | {"count": layers},
        {"kind": "attention", "count": hybrid, "heads": heads, "kv_heads": f.number(*KV_HEADS) or heads,
         "head_dim": f.number("attention_head_dim") or wide // (heads or 1.0), "input_width": wide, "weights_shared_by": share},
        {"kind": "mlp", "count": hybrid, "width": inner, "weights_shared_by": share},
        {"kind": "mlp", "count": hybrid, "width": hidden, "matrices": 1,
         "side_width": rank * (hidden + 2.0 * inner) / (2.0 * hidden)},
    ]  # fmt: skip


def longcat_blocks(f: Fields, layers: int) -> list[Block]:
    """Return the blocks of LongCat Flash: each layer attends twice and has two dense blocks, plus experts.

    Experts that do nothing (`zero_expert_num`) take their share of a token's choices; the rest is the mean.
    Source: arXiv 2509.01322; modeling_longcat_flash.py of transformers 5.24.
    """
    experts, idle = f.needed(*EXPERTS), f.number("zero_expert_num")
    chosen = f.needed(*CHOSEN) * experts / (experts + idle or 1.0)
    return [
        attention(f, "full", 0, "longcat_flash") | {"count": 2 * layers},
        {"kind": "mlp", "count": 2 * layers, "width": f.needed(*FFN)},
        {"kind": "moe", "count": layers, "experts": experts, "experts_per_token": float(round(chosen)),
         "width": f.needed("expert_ffn_hidden_size")},
    ]  # fmt: skip


SPECIAL: dict[str, Callable[[Fields, int], list[Block]]] = {
    "rwkv": rwkv_blocks, "zamba2": zamba2_blocks, "longcat_flash": longcat_blocks,
}  # fmt: skip
