"""Feed-forward blocks, dense and with experts, from a config.json's fields."""

from typing import Any

from planner.catalog.hf_config import families
from planner.catalog.hf_config.fields import (
    CHOSEN,
    EXPERT_FFN,
    EXPERTS,
    FFN,
    HIDDEN,
    LAYERS,
    SHARED,
    SHARED_FFN,
    Fields,
)
from planner.catalog.hf_config.layers import MOE

Block = dict[str, Any]
_DEFAULT_RATIO = 4.0  # feed-forward width over model width, in the first architectures


def feeding_blocks(f: Fields, feed: str, place: int, kind: str) -> list[Block]:
    """Return the feed-forward blocks of layer `place`."""
    if feed == MOE:
        experts = moe(f, place, kind)
        if (
            f.flag("use_residual") and kind == "arctic"
        ):  # a dense block beside the experts, as wide as the model
            return [{"kind": "mlp", "width": f.needed(*HIDDEN)}, experts]
        return [mlp(f, place, kind), experts] if f.flag("enable_moe_block") else [experts]
    return [mlp(f, place, kind)]


def matrices(f: Fields, kind: str) -> float:
    """Return the number of matrices in a feed-forward block: two without a gate."""
    plain = kind in families.UNGATED or str(f.value("hidden_act")) in {"gelu_new", "relu"}
    return 2.0 if plain else 3.0


def mlp(f: Fields, place: int, kind: str) -> Block:
    """Return a dense feed-forward block."""
    block: Block = {"kind": "mlp", "width": _width(f, place, kind)}
    if f.flag("use_double_wide_mlp") and place >= f.number("num_hidden_layers") - f.number(
        "num_kv_shared_layers"
    ):
        block["width"] *= 2.0
    if matrices(f, kind) != 3.0:
        block["matrices"] = matrices(f, kind)
    side = 1.5 * f.number("hidden_size_per_layer_input") + f.number("laurel_rank")
    return block | ({"side_width": side} if side else {})


def _width(f: Fields, place: int, kind: str) -> float:
    special = f.number("intermediate_size_mlp", "dense_intermediate_size", "prefix_dense_intermediate_size")
    if special:
        return special
    if kind == "granitemoehybrid" and not f.number(*EXPERTS):
        return f.number("shared_intermediate_size") or f.needed(*FFN)
    for name in FFN:
        if f.is_list(name):
            widths = f.numbers(name)
            return widths[place] if place < len(widths) else f.refuse(name, widths, "it must name all layers")
    width = f.number(*FFN)
    if kind in ("qwen", "recurrent_gemma"):  # the file counts both halves
        return width // 2.0
    if kind in ("lfm2", "lfm2_moe") and f.flag("block_auto_adjust_ff_dim"):
        return _adjusted(f, f.number("block_ff_dim") or width)
    if width:
        return width
    ratio = f.number("expansion_ratio") or _DEFAULT_RATIO
    return (
        f.needed(*FFN)
        if families.known(kind) and not f.value(*FFN) and kind not in _BY_RATIO
        else ratio * f.number(*HIDDEN)
    )


_BY_RATIO = frozenset(("gpt2", "gpt_bigcode", "gptj", "gpt_neo", "codegen", "bloom", "mpt", "falcon", "opt"))


def _adjusted(f: Fields, width: float) -> float:
    """Return LFM2's actual width for the one in its file: two thirds, rounded up to a multiple."""
    multiple = f.number("block_multiple_of", default=256.0) or 1.0
    width = float(int(2.0 * width / 3.0))
    return multiple * -(-width // multiple)


def moe(f: Fields, place: int, kind: str) -> Block:
    """Return a block of experts."""
    width = _at(f, place, *EXPERT_FFN) or f.needed(*FFN)
    block: Block = {
        "kind": "moe", "experts": _at(f, place, *EXPERTS), "experts_per_token": _at(f, place, *CHOSEN),
        "width": width,
    }  # fmt: skip
    shared = _shared(f, place, width, kind)
    if shared:
        block["shared_width"] = shared
    if matrices(f, kind) != 3.0:
        block["matrices"] = matrices(f, kind)
    inner = f.number("moe_latent_size", "routed_expert_hidden_size")
    if inner:
        block["input_width"] = inner
    if f.number("n_group") > 1:
        block["groups_chosen"] = f.number("topk_group")
    if block["experts"] < block["experts_per_token"]:
        f.refuse(
            CHOSEN[0], block["experts_per_token"], f"it must not exceed the {block['experts']:.0f} experts"
        )
    return block


def _shared(f: Fields, place: int, width: float, kind: str) -> float:
    """Return the total width of the shared experts, which every token passes."""
    stated = f.number(*SHARED_FFN)
    if stated:
        return stated
    return width if kind == "llama4" else width * _at(f, place, *SHARED)


def _at(f: Fields, place: int, *names: str) -> float:
    """Return a number that may differ by layer, or between text and images (text comes first)."""
    for name in names:
        if f.has(name) and f.is_list(name):
            values = f.numbers(name)
            return (
                values[place]
                if place < len(values) and len(values) >= f.number(*LAYERS)
                else max(values[:1], default=0.0)
            )
    return f.number(*names)
