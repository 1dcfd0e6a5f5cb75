"""A config.json's fields, type-checked; missing ones come from the architecture's defaults."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from planner.errors import Problem

MOST = 1e8  # of any shape
MOST_LAYERS = 10_000
MOST_CONTEXT = 1e10
_ABSENT = object()

# Different makers' names for the same field, the usual one first.
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_blocks")
HIDDEN = ("hidden_size", "n_embd", "d_model", "embedding_dim", "dim")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
KV_HEADS = (
    "num_key_value_heads",
    "num_kv_heads",
    "n_head_kv",
    "n_kv_heads",
    "kv_n_heads",
    "num_attention_groups",
)
HEAD_DIM = ("head_dim", "attention_head_dim", "kv_channels", "head_size")
FFN = ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff", "hidden_dim")
VOCAB = ("vocab_size", "padded_vocab_size")
CONTEXT = (
    "max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "model_max_length", "max_sequence_length",
    "context_length", "n_ctx",
)  # fmt: skip
EXPERTS = ("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")
CHOSEN = (
    "num_experts_per_tok", "num_experts_per_token", "top_k_experts", "moe_topk", "moe_k", "moe_top_k",
    "num_selected_experts",
)  # fmt: skip
EXPERT_FFN = ("moe_intermediate_size", "expert_ffn_hidden_size", "expert_intermediate_size")
SHARED = ("n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts")
SHARED_FFN = (
    "shared_expert_intermediate_size", "moe_shared_expert_intermediate_size", "shared_intermediate_size",
    "share_expert_dim",
)  # fmt: skip


class Fields:
    """One table of a config.json: numbers, flags, words and lists under any of their names.

    A field set to null has no value; a missing field takes the default. Problems are kept
    in `problems` and read as 0, so that all are found at once; `filled` lists the defaults used.
    """

    def __init__(self, given: Mapping[str, Any], *, defaults: Mapping[str, Any], where: str) -> None:
        self.given, self.defaults, self.where = given, defaults, where
        self.problems: list[Problem] = []
        self.filled: dict[str, Any] = {}

    def part(self, name: str) -> "Fields":
        """Return a table inside this one, empty if missing; its problems are kept here."""
        inner = self.value(name)
        if inner is not None and not isinstance(inner, Mapping):
            self.refuse(name, inner, "it must be a table")
            inner = None
        found = Fields(inner or {}, defaults={}, where=f"{self.where}.{name}")
        found.problems, found.filled = self.problems, self.filled
        return found

    def value(self, *names: str) -> Any:
        """Return the value from the file or else the defaults; None if neither has it."""
        found = next((self.given[name] for name in names if self.given.get(name) is not None), _ABSENT)
        if found is not _ABSENT:
            return found
        if any(name in self.given for name in names):
            return None
        name = next((name for name in names if self.defaults.get(name) is not None), "")
        if name:
            self.filled[name] = self.defaults[name]
        return self.defaults.get(name)

    def has(self, *names: str) -> bool:
        """Say whether the file itself gives a value."""
        return any(self.given.get(name) is not None for name in names)

    def number(self, *names: str, default: float = 0.0, most: float = MOST) -> float:
        """Return a whole number from 0 to `most` under any of `names`; a list of equal numbers counts as one."""
        found = self.value(*names)
        if isinstance(found, Sequence) and not isinstance(found, str) and found and _alike(found):
            found = found[0]
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int | float):
            return self.refuse(self._name(names), found, "it must be a number")
        if not math.isfinite(found) or not 0 <= found <= most:
            return self.refuse(self._name(names), found, f"it must be between 0 and {most:,.0f}")
        if found != int(found):
            return self.refuse(self._name(names), found, "it must be a whole number")
        return float(found)

    def needed(self, *names: str, most: float = MOST) -> float:
        """Return a number above 0; record a problem if it is missing."""
        if self.value(*names) is None:
            self.problems.append(Problem(f"{self.where}.{names[0]}", "is missing."))
            return 0.0
        before = len(self.problems)
        found = self.number(*names, most=most)
        if found == 0.0 and len(self.problems) == before:
            return self.refuse(self._name(names), found, "it must be above 0")
        return found

    def flag(self, *names: str, default: bool = False) -> bool:
        """Return a yes or no."""
        found = self.value(*names)
        if found is None:
            return default
        if isinstance(found, bool) or found in (0, 1):
            return bool(found)
        self.refuse(self._name(names), found, "it must be true or false")
        return default

    def words(self, name: str) -> list[str]:
        """Return a list of words; empty if missing."""
        return [str(one) for one in self._list(name, str, "words")]

    def numbers(self, name: str) -> list[float]:
        """Return a list of whole numbers of 0 or more; empty if missing."""
        found = self._list(name, int, "whole numbers")
        if any(one < 0 or one > MOST for one in found):
            self.refuse(name, found, "its numbers must be 0 or more")
            return []
        return [float(one) for one in found]

    def is_list(self, name: str) -> bool:
        """Say whether the value is a list."""
        return isinstance(self.value(name), Sequence) and not isinstance(self.value(name), str)

    def _list(self, name: str, kind: type, words: str) -> list[Any]:
        found = self.value(name)
        if found is None:
            return []
        if not isinstance(found, Sequence) or isinstance(found, str) or len(found) > MOST_LAYERS:
            self.refuse(name, found, f"it must be a list of {words}")
            return []
        if not all(isinstance(one, kind) for one in found):
            self.refuse(name, found, f"it must hold {words} only")
        return [one for one in found if isinstance(one, kind)]

    def refuse(self, name: str, found: Any, rule: str) -> float:
        """Record a problem with a field; return 0."""
        shown = repr(found)
        shown = f"{shown[:60]}..." if len(shown) > 60 else shown
        self.problems.append(Problem(f"{self.where}.{name}", f"is {shown}; {rule}."))
        return 0.0

    def _name(self, names: tuple[str, ...]) -> str:
        """Return the name under which the file has the value."""
        return next((name for name in names if self.given.get(name) is not None), names[0])


def _alike(values: Sequence[Any]) -> bool:
    return all(type(one) is type(values[0]) and one == values[0] for one in values)
