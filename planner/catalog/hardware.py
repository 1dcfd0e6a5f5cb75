"""Models and GPUs as numbers: from the catalog, a scenario's own table, or a Hugging Face config.json."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from planner import arrays
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

Number = arrays.Number
Word = arrays.Word

GENERATIONS = ("ampere", "ada", "hopper", "blackwell", "blackwell-rtx", "cdna3", "cdna4")
LINKS = ("nvlink3", "nvlink4", "nvlink5", "xgmi", "pcie4", "pcie5")
_NOTES = ("source", "note")


@dataclass(frozen=True, kw_only=True)
class Llm:
    """What decides a model's bytes and operations. Each number may be an array: many models at once.

    `window_share` of the layers that attend see the last `window_tokens` only (in chunks of that length where
    `window_is_chunk`). `full_attention_share` of all layers attend; the rest keep a state of
    `linear_state_elements` a layer and sequence. `kv_lora` above 0 means multi-head latent attention (MLA).
    `index_topk_tokens` above 0: each token attends to that many chosen tokens only. `attention_params` of 0
    follows from the heads.
    """

    layers: Number
    hidden: Number
    heads: Number
    kv_heads: Number
    head_dim: Number = 0.0
    ffn: Number = 0.0
    ffn_matrices: Number = 3.0
    vocab: Number = 0.0
    experts: Number = 0.0
    experts_per_token: Number = 0.0
    expert_ffn: Number = 0.0
    shared_ffn: Number = 0.0
    moe_layers: Number = 0.0
    kv_lora: Number = 0.0
    q_lora: Number = 0.0
    rope_head_dim: Number = 0.0
    nope_head_dim: Number = 0.0
    v_head_dim: Number = 0.0
    window_tokens: Number = 0.0
    window_share: Number = 0.0
    window_is_chunk: Number = 0.0
    full_attention_share: Number = 1.0
    linear_state_elements: Number = 0.0
    index_topk_tokens: Number = 0.0
    tied_embeddings: Number = 0.0
    attention_params: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """What one GPU can do. Each field may be an array: many GPUs at once.

    Peaks are dense. `link_gb_per_s` is one way, all links of a GPU together, and joins `domain_gpus` GPUs.
    A peak of 0 means that the GPU has no such units.
    """

    generation: Word
    mem_gb: Number
    bandwidth_gb_per_s: Number
    bf16_tflops: Number
    fp8_tflops: Number = 0.0
    fp4_tflops: Number = 0.0
    int8_tops: Number = 0.0
    link: Word = "pcie4"
    link_gb_per_s: Number = 32.0
    domain_gpus: Number = 8.0
    tdp_w: Number = 0.0


Described = TypeVar("Described", Llm, Gpu)


def stack(described: Sequence[Described]) -> Described:
    """Return one value whose fields are arrays, shape (n,), in the order given."""
    kind = type(described[0])
    return kind(**{f.name: np.array([getattr(one, f.name) for one in described]) for f in fields(kind)})


def take(described: Described, index: np.ndarray) -> Described:
    """Return the stacked `described` with the elements at `index`, in its shape."""
    kind = type(described)
    return kind(**{f.name: np.asarray(getattr(described, f.name))[index] for f in fields(kind)})


def llm(name: str) -> Llm:
    """Return a model of the catalog.

    >>> llm("llama-3.1-8b").layers
    32.0
    """
    return llm_from_table(_named("models.toml", name, "model"), where=name)


def gpu(name: str) -> Gpu:
    """Return a GPU of the catalog.

    >>> gpu("H100-SXM").bandwidth_gb_per_s
    3350.0
    """
    return gpu_from_table(_named("gpus.toml", name, "GPU"), where=name)


def llms() -> dict[str, dict[str, Any]]:
    """Return the catalog's models by name: their fields, source and note."""
    return dict(_catalog("models.toml"))


def gpus() -> dict[str, dict[str, Any]]:
    """Return the catalog's GPUs by name: their fields, source and note."""
    return dict(_catalog("gpus.toml"))


def llm_from_table(table: Mapping[str, Any], *, where: str = "model") -> Llm:
    """Return the model that a table describes; every problem of the table at once."""
    _refuse(_problems(Llm, table, where))
    return Llm(**{key: float(value) for key, value in table.items() if key not in _NOTES})


def gpu_from_table(table: Mapping[str, Any], *, where: str = "gpu") -> Gpu:
    """Return the GPU that a table describes; every problem of the table at once."""
    found = _problems(Gpu, table, where)
    for key, known in (("generation", GENERATIONS), ("link", LINKS)):
        if key in table and table[key] not in known:
            hint = f"Known are: {', '.join(known)}. Take the closest."
            found.append(
                Problem(f"{where}.{key}", f"is {table[key]!r}, which has no measured efficiency.", hint)
            )
    _refuse(found)
    words = ("generation", "link")
    values: dict[str, Any] = {k: v if k in words else float(v) for k, v in table.items() if k not in _NOTES}
    return Gpu(**values)


def _problems(kind: type[Llm] | type[Gpu], table: Mapping[str, Any], where: str) -> list[Problem]:
    known = {f.name: f for f in fields(kind)}
    found = []
    for key, value in table.items():
        if key in _NOTES or key in ("generation", "link"):
            continue
        if key not in known:
            found.append(Problem(f"{where}.{key}", "is not a field.", _close(key, known)))
        elif not isinstance(value, int | float) or isinstance(value, bool):
            found.append(Problem(f"{where}.{key}", f"is {value!r}; it must be a number."))
        elif not 0.0 <= float(value) < np.inf:
            found.append(Problem(f"{where}.{key}", f"is {value}; it must be 0 or more."))
    needed = (name for name, f in known.items() if f.default is MISSING)
    found += [Problem(f"{where}.{name}", "is missing.", _rule(name)) for name in needed if name not in table]
    return found


def _rule(name: str) -> str:
    """Return what a field that is missing should say."""
    words = {"generation": GENERATIONS, "link": LINKS}.get(name)
    return f"One of {', '.join(words)}: take the closest." if words else "It is a number."


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ScenarioError(problems)


def _named(file: str, name: str, kind: str) -> dict[str, Any]:
    catalog = _catalog(file)
    if name not in catalog:
        raise ScenarioError([Problem(name, f"is not a {kind} of the catalog.", _close(name, catalog))])
    return catalog[name]


def _close(name: str, known: Mapping[str, Any]) -> str:
    """Return a hint that names what `name` may have meant."""
    by_lower = {one.lower(): one for one in known}
    lower = name.lower()
    near = [by_lower[one] for one in difflib.get_close_matches(lower, by_lower, n=3, cutoff=0.5)]
    near += [one for key, one in by_lower.items() if lower in key and one not in near][:3]
    return f"Did you mean {' or '.join(near)}?" if near else f"Known are: {', '.join(known)}."


@cache
def _catalog(file: str) -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return tomllib.loads(text)
