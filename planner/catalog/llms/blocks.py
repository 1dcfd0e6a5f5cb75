"""The kinds of blocks in a model description: their fields, meanings and rules."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from planner.catalog.naming import near
from planner.errors import Problem

NEEDED = math.nan
MOST = 1e8  # of any one shape: far above what exists, far below where sums lose their last digit
MOST_BLOCKS = 10_000.0

_INDEX = {"index_heads": 0.0, "index_head_dim": 0.0, "index_topk": 0.0}
FIELDS: dict[str, dict[str, float]] = {
    "attention": {
        "heads": NEEDED, "kv_heads": NEEDED, "head_dim": NEEDED, "v_head_dim": 0.0, "window": 0.0, "chunked": 0.0,
        "gated": 0.0, "keys_are_values": 0.0, "reads_cache_of_others": 0.0, "input_width": 0.0, "q_lora": 0.0, **_INDEX,
    },
    "latent": {
        "heads": NEEDED, "kv_lora": NEEDED, "q_lora": 0.0, "rope_head_dim": NEEDED, "nope_head_dim": NEEDED,
        "v_head_dim": NEEDED, "gated": 0.0, **_INDEX,
    },
    "compressed": {
        "heads": NEEDED, "head_dim": NEEDED, "q_lora": NEEDED, "o_lora": NEEDED, "o_groups": NEEDED, "ratio": 0.0,
        "overlap": 0.0, "window": NEEDED, **_INDEX,
    },
    "delta": {"key_heads": NEEDED, "key_dim": NEEDED, "value_heads": NEEDED, "value_dim": NEEDED, "conv": 4.0},
    "kimi-delta": {"heads": NEEDED, "head_dim": NEEDED, "full_rank_gate": 0.0, "conv": 4.0},
    "lightning": {"heads": NEEDED, "head_dim": NEEDED, "kv_heads": 0.0},
    "mamba1": {"inner": NEEDED, "state": NEEDED, "dt_rank": NEEDED, "conv": 4.0},
    "mamba2": {"heads": NEEDED, "head_dim": NEEDED, "state": NEEDED, "groups": 1.0, "conv": 4.0},
    "convolution": {"width": 0.0, "conv": 3.0},
    "recurrent": {"width": NEEDED, "heads": NEEDED, "conv": 4.0},
    "state": {"state": NEEDED, "params": 0.0},
    "mlp": {"width": NEEDED, "matrices": 3.0, "side_width": 0.0},
    "moe": {
        "experts": NEEDED, "experts_per_token": NEEDED, "width": NEEDED, "shared_width": 0.0, "matrices": 3.0,
        "input_width": 0.0, "groups_chosen": 0.0,
    },
}  # fmt: skip
ATTENDING = ("attention", "latent", "compressed")
FEEDING = ("mlp", "moe")
SHARES = ("chunked", "gated", "keys_are_values", "reads_cache_of_others", "overlap", "full_rank_gate")
_FRACTIONS = (*SHARES, "weights_shared_by", "side_width")
_UNBOUNDED = ("state", "params")  # of a block of kind "state": elements and weights, not shapes


def block_problems(block: Any, *, where: str) -> Iterator[Problem]:
    """Yield the problems with one block of a description."""
    if not isinstance(block, Mapping):
        yield Problem(where, f"is {block!r}; it must be a table with a kind and a count.")
        return
    kind = block.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        yield Problem(f"{where}.kind", f"is {kind!r}, which is not a kind of block.", near(str(kind), FIELDS))
        return
    rules = FIELDS[kind] | {"count": NEEDED, "weights_shared_by": 1.0}
    for key, value in block.items():
        if key != "kind" and key not in rules:
            yield Problem(f"{where}.{key}", f"is not a field of a block of kind {kind}.", near(key, rules))
        elif key != "kind":
            yield from _number_problems(kind, key, value, where=f"{where}.{key}")
    for key, default in rules.items():
        if math.isnan(default) and key not in block:
            yield Problem(f"{where}.{key}", "is missing.", f"A block of kind {kind} needs it.")


def _number_problems(kind: str, key: str, value: Any, *, where: str) -> Iterator[Problem]:
    most = MOST_BLOCKS if key == "count" else 1.0 if key in SHARES else MOST
    if kind == "state" and key in _UNBOUNDED:
        most = 1e15
    yield from number_problems(value, where=where, most=most, whole=key not in _FRACTIONS and kind != "state")


def number_problems(value: Any, *, where: str, most: float, whole: bool) -> Iterator[Problem]:
    """Yield the problems with one number: its type, its range, a fraction where only whole numbers make sense."""
    if isinstance(value, bool) and most == 1.0:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Problem(where, f"is {value!r}; it must be a number.")
    elif not 0.0 <= value <= most:
        yield Problem(where, f"is {value}; it must be between 0 and {most:,.0f}.")
    elif whole and value != int(value):
        yield Problem(where, f"is {value}; it must be a whole number.")


def complete(block: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a valid block, with its defaults filled in."""
    given = {key: float(value) for key, value in block.items() if key != "kind"}
    return FIELDS[block["kind"]] | {"weights_shared_by": 1.0} | given
