"""Read a table that describes a model: by its blocks, or by one kind of layer (the older form)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from planner.catalog.llms.blocks import (
    ATTENDING,
    FEEDING,
    MOST,
    MOST_BLOCKS,
    block_problems,
    complete,
    number_problems,
)
from planner.catalog.llms.plain import PLAIN, blocks_of_plain, plain_problems
from planner.catalog.llms.shape import Llm
from planner.catalog.llms.sums import KINDS, Sums
from planner.catalog.naming import near
from planner.errors import Problem, ScenarioError
from planner.formats import WEIGHT_WORDS, WEIGHTS, meant

NOTES = ("source", "note", "as_of", "names", "stated_total_b", "stated_active_b", "weights")
WHOLE = {
    "hidden": MOST, "vocab": MOST, "layers": MOST_BLOCKS, "max_context_tokens": 1e10, "lookup_params": 1e13, "tower_params": 1e13,
    "state_element_bytes": 8.0, "tied_embeddings": 1.0, "int4_group": 1e6,
}  # fmt: skip
_NEEDED = ("hidden", "vocab", "blocks")
Counted = Sequence[tuple[str, dict[str, float], Sums]]


def llm_from_table(table: Mapping[str, Any], *, where: str = "model") -> Llm:
    """Return the model described by a table; raise ScenarioError with all its problems."""
    found = list(table_problems(table, where=where))
    if found:
        raise ScenarioError(found)
    if "blocks" in table:
        return _summed(table)
    plain = _summed(blocks_of_plain(table))
    return _overridden(plain, table)


def table_problems(table: Mapping[str, Any], *, where: str) -> Iterator[Problem]:
    """Yield every problem with a description."""
    if "blocks" not in table:
        yield from plain_problems(table, where=where, notes=NOTES)
        return
    shipped = table.get("weights", WEIGHTS[0])
    if not isinstance(shipped, str) or meant(shipped, known=WEIGHTS, words=WEIGHT_WORDS) not in WEIGHTS:
        yield Problem(
            f"{where}.weights", f"is {shipped!r}, which is not a weight format.", near(str(shipped), WEIGHTS)
        )
    for key, value in table.items():
        if key in WHOLE:
            yield from number_problems(value, where=f"{where}.{key}", most=WHOLE[key], whole=True)
        elif key != "blocks" and key not in NOTES:
            hint = near(key, [*WHOLE, "blocks"])
            if key in PLAIN:
                hint = "Describe a model by its blocks or by this field, not both."
            yield Problem(f"{where}.{key}", "is not a field.", hint)
    yield from (Problem(f"{where}.{key}", "is missing.") for key in _NEEDED if key not in table)
    blocks = table["blocks"]
    if not isinstance(blocks, Sequence) or isinstance(blocks, str) or not blocks:
        yield Problem(f"{where}.blocks", f"is {blocks!r}; it must be a list of blocks.")
        return
    for place, block in enumerate(blocks, start=1):
        yield from block_problems(block, where=f"{where}.blocks[{place}]")


def _summed(table: Mapping[str, Any]) -> Llm:
    """Return the sums over the blocks of a valid table."""
    hidden = float(table["hidden"])
    read = [(str(block["kind"]), complete(block)) for block in table["blocks"]]
    blocks: Counted = [(kind, shapes, KINDS[kind](hidden, shapes)) for kind, shapes in read]
    whole = {key: float(table[key]) for key in WHOLE if key in table}
    mixers = _count(blocks, lambda kind: kind not in FEEDING)
    feeding = _count(blocks, lambda kind: kind in FEEDING)
    layers = whole.pop("layers", 0.0) or max(mixers, feeding)
    return Llm(
        **whole, layers=layers, **_counts(blocks), **_weights(blocks), **_cache(blocks), **_shape(blocks)
    )  # fmt: skip


def _count(blocks: Counted, wanted: Callable[[str], bool]) -> float:
    return sum(shapes["count"] for kind, shapes, _ in blocks if wanted(kind))


def _counts(blocks: Counted) -> dict[str, float]:
    return {
        "attention_layers": _count(blocks, lambda kind: kind in ATTENDING),
        "state_layers": _count(blocks, lambda kind: kind not in ATTENDING and kind not in FEEDING),
        "dense_layers": _count(blocks, lambda kind: kind == "mlp"),
        "moe_layers": _count(blocks, lambda kind: kind == "moe"),
    }


def _sum(blocks: Counted, field: str, wanted: Callable[[str], bool] = lambda _: True) -> float:
    """Return the sum over all layers; weights that several layers share count once."""
    once = field == "params"
    return float(
        sum(
            shapes["count"] / (shapes["weights_shared_by"] if once else 1.0) * getattr(sums, field)
            for kind, shapes, sums in blocks
            if wanted(kind)
        )
    )


def _weights(blocks: Counted) -> dict[str, float]:
    moe = [(shapes, sums) for kind, shapes, sums in blocks if kind == "moe"]
    layers = sum(shapes["count"] for shapes, _ in moe) or 1.0
    experts = sum(shapes["count"] * shapes["experts"] for shapes, _ in moe)
    routed = sum(shapes["count"] * shapes["experts"] * sums.expert_params for shapes, sums in moe)
    chosen = sum(shapes["count"] * shapes["experts_per_token"] for shapes, _ in moe)
    return {
        "attention_params": _sum(blocks, "params", lambda kind: kind in ATTENDING),
        "state_params": _sum(blocks, "params", lambda kind: kind not in ATTENDING and kind not in FEEDING),
        "dense_params": _sum(blocks, "params", lambda kind: kind in FEEDING),
        "experts": experts / layers,
        "experts_per_token": chosen / layers,
        "expert_groups": max((shapes["groups_chosen"] for shapes, _ in moe), default=0.0),
        "expert_params": routed / experts if experts else 0.0,
        "expert_ffn": sum(shapes["count"] * shapes["width"] for shapes, _ in moe) / layers,
    }


def _cache(blocks: Counted) -> dict[str, float]:
    attending = [(kind, shapes, sums) for kind, shapes, sums in blocks if kind in ATTENDING]
    grown = [one for one in attending if one[2].cache or one[2].sparse]
    windowed = [one for one in attending if one[2].window]
    window = _sum(windowed, "window") or 1.0
    sparse = _sum(attending, "sparse") or 1.0
    tokens = sum(s["count"] * sums.window * s["window"] for _, s, sums in windowed) / window
    chosen = sum(
        s["count"] * sums.sparse * s["index_topk"] * (s.get("ratio") or 1.0) for _, s, sums in attending
    )
    return {
        "cache_elements": _sum(attending, "cache"),
        "sparse_elements": _sum(attending, "sparse"),
        "index_elements": _sum(attending, "index"),
        "window_elements": _sum(windowed, "window"),
        "window_tokens": tokens,
        "window_is_chunk": float(any(shapes.get("chunked") for _, shapes, _ in windowed)),
        "topk_tokens": chosen / sparse,
        "cache_heads": _split(grown),
        "window_heads": _split(windowed),
        "attend_width": _sum(attending, "width"),
        "latent_width": _sum(attending, "latent_width"),
        "state_elements": _sum(blocks, "state"),
        "conv_elements": _sum(blocks, "conv"),
    }


def _split(blocks: Counted) -> float:
    """Return over how many GPUs the cache of all these blocks can be split: one if heads share a vector."""
    return min((shapes.get("kv_heads") or 1.0 for _, shapes, _ in blocks), default=1.0)


def _shape(blocks: Counted) -> dict[str, float]:
    """Return the heads of the most common kind of block: attention, or else a state."""
    attending = [shapes for kind, shapes, _ in blocks if kind in ATTENDING]
    mixing = attending or [shapes for kind, shapes, _ in blocks if kind not in FEEDING]
    main = max(mixing, key=lambda shapes: shapes["count"], default={})
    heads = main.get("heads") or main.get("value_heads") or 0.0
    return {
        "heads": heads,
        "kv_heads": main.get("kv_heads") or (heads if "kv_lora" in main else 1.0 if attending else 0.0),
        "head_dim": main.get("head_dim") or main.get("v_head_dim") or 0.0,
        "kv_lora": max((shapes.get("kv_lora", 0.0) for shapes in attending), default=0.0),
    }


def _overridden(llm: Llm, table: Mapping[str, Any]) -> Llm:
    """Return the model with attention weights overridden, as the older form allows."""
    stated = float(table.get("attention_params", 0.0))
    if not stated:
        return llm
    values = {**vars(llm), "attention_params": stated, "state_params": 0.0}
    return Llm(**values)
