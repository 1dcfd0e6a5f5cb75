"""The older form of a description: one kind of layer, and the shares of layers that differ."""

from collections.abc import Iterator, Mapping
from typing import Any

from planner.catalog.llms.blocks import MOST, MOST_BLOCKS, number_problems
from planner.catalog.naming import near
from planner.errors import Problem

_SHARES = ("window_share", "window_is_chunk", "full_attention_share", "tied_embeddings")
PLAIN = {
    "layers": MOST_BLOCKS, "hidden": MOST, "heads": MOST, "kv_heads": MOST, "head_dim": MOST, "ffn": MOST,
    "ffn_matrices": 4.0, "vocab": MOST, "experts": MOST, "experts_per_token": MOST, "expert_ffn": MOST,
    "shared_ffn": MOST, "moe_layers": MOST_BLOCKS, "kv_lora": MOST, "q_lora": MOST, "rope_head_dim": MOST,
    "nope_head_dim": MOST, "v_head_dim": MOST, "window_tokens": MOST, "linear_state_elements": 1e12,
    "index_topk_tokens": MOST, "attention_params": 1e13, "max_context_tokens": 1e10, "tower_params": 1e13,
    **dict.fromkeys(_SHARES, 1.0),
}  # fmt: skip
_NEEDED = ("layers", "hidden", "heads", "kv_heads")
_FRACTIONS = (*_SHARES, "layers", "moe_layers", "head_dim")


def plain_problems(table: Mapping[str, Any], *, where: str, notes: tuple[str, ...]) -> Iterator[Problem]:
    """Yield the problems with a description in the older form."""
    for key, value in table.items():
        if key in PLAIN:
            yield from number_problems(
                value, where=f"{where}.{key}", most=PLAIN[key], whole=key not in _FRACTIONS
            )
        elif key not in notes:
            yield Problem(f"{where}.{key}", "is not a field.", near(key, [*PLAIN, "blocks"]))
    how = (
        "It must be a number; or describe the model by its blocks, as planner model config.json prints them."
    )
    yield from (Problem(f"{where}.{name}", "is missing.", how) for name in _NEEDED if name not in table)


def blocks_of_plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same model described by blocks."""
    t = {key: float(table.get(key, 0.0)) for key in PLAIN}
    full_share = float(table.get("full_attention_share", 1.0))
    matrices = float(table.get("ffn_matrices", 3.0))
    attending = t["layers"] * full_share
    windowed = attending * t["window_share"] if t["window_tokens"] else 0.0
    head = _latent(t) if t["kv_lora"] else _grouped(t)
    window = {"window": t["window_tokens"], "chunked": t["window_is_chunk"]}
    blocks: list[dict[str, Any]] = [
        head | {"count": attending - windowed},
        *([head | window | {"count": windowed}] if windowed else []),
        {"kind": "state", "count": t["layers"] - attending, "state": t["linear_state_elements"],
         "params": _grouped_params(t)},
        {"kind": "mlp", "count": t["layers"] - t["moe_layers"], "width": t["ffn"], "matrices": matrices},
        {"kind": "moe", "count": t["moe_layers"], "experts": t["experts"], "width": t["expert_ffn"],
         "experts_per_token": t["experts_per_token"], "shared_width": t["shared_ffn"], "matrices": matrices},
    ]  # fmt: skip
    kept = ("hidden", "vocab", "tied_embeddings", "max_context_tokens", "tower_params")
    return {key: t[key] for key in kept} | {"blocks": [block for block in blocks if block["count"] > 0]}


def _grouped(t: Mapping[str, float]) -> dict[str, Any]:
    return {
        "kind": "attention", "heads": t["heads"], "kv_heads": t["kv_heads"], "head_dim": t["head_dim"],
        "index_topk": t["index_topk_tokens"],
    }  # fmt: skip


def _grouped_params(t: Mapping[str, float]) -> float:
    """Return the weights of a layer with a state: the older form has no field for them and uses attention's."""
    return t["hidden"] * t["head_dim"] * 2.0 * (t["heads"] + t["kv_heads"])


def _latent(t: Mapping[str, float]) -> dict[str, Any]:
    names = ("heads", "kv_lora", "q_lora", "rope_head_dim", "nope_head_dim", "v_head_dim")
    return {"kind": "latent", "index_topk": t["index_topk_tokens"], **{name: t[name] for name in names}}
