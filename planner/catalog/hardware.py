"""Models and GPUs as numbers: from the catalog, a plan's own table, or a Hugging Face config.json."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache, lru_cache
from typing import Any, TypeVar

import numpy as np

from planner import arrays
from planner.catalog.entries import Entries
from planner.catalog.llms.described import llm_from_table
from planner.catalog.llms.shape import Llm
from planner.catalog.naming import near
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

__all__ = ["Gpu", "Llm", "Number", "Word", "llm_from_table"]
Number = arrays.Number
Word = arrays.Word

GENERATIONS = ("ampere", "ada", "hopper", "blackwell", "blackwell-rtx", "cdna3", "cdna4")
LINKS = ("nvlink3", "nvlink4", "nvlink5", "xgmi", "pcie3", "pcie4", "pcie5")
_NOTES = ("source", "note", "names", "as_of")


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """The capabilities of one GPU. Each field may be an array: many GPUs at once.

    Peaks are dense; 0 means that the GPU has no units for the format. `link_gb_per_s` is one way, over all links
    of a GPU, and joins `domain_gpus` GPUs; beyond them, traffic takes the network, at `network_gb_per_s` one
    way per GPU. `pcie_gb_per_s` is the bandwidth to the host, one way.
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
    pcie_gb_per_s: Number = 32.0
    network_gb_per_s: Number = 25.0
    tdp_w: Number = 0.0


Described = TypeVar("Described", Llm, Gpu)


def stack(described: Sequence[Described]) -> Described:
    """Return one value whose fields are arrays of shape (n,), in the given order."""
    kind = type(described[0])
    return kind(**{f.name: np.array([getattr(one, f.name) for one in described]) for f in fields(kind)})


def take(described: Described, index: np.ndarray) -> Described:
    """Return the stacked `described` with the elements at `index`, in its shape."""
    kind = type(described)
    return kind(**{f.name: np.asarray(getattr(described, f.name))[index] for f in fields(kind)})


@lru_cache(maxsize=256)
def llm(name: str) -> Llm:
    """Return a catalog model by its own name, its Hugging Face name or a variant of it.

    >>> llm("llama-3.1-8b").layers, llm("meta-llama/Llama-3.1-8B-Instruct") == llm("llama-3.1-8b")
    (32.0, True)
    """
    return llm_from_table(_models()[llm_name(name)], where=name)


@lru_cache(maxsize=256)
def gpu(name: str) -> Gpu:
    """Return a catalog GPU by its own name or its driver's name for it.

    >>> gpu("H100-SXM").bandwidth_gb_per_s, gpu("NVIDIA H100 80GB HBM3") == gpu("H100-SXM")
    (3350.0, True)
    """
    return gpu_from_table(_gpus()[gpu_name(name)], where=name)


def llm_name(name: str) -> str:
    """Return a model's catalog name; raise ScenarioError with close matches."""
    return _models().known_as(name)


def is_llm(name: str) -> bool:
    """Say whether the catalog has a model with this name."""
    try:
        return bool(llm_name(name))
    except ScenarioError:
        return False


def gpu_name(name: str) -> str:
    """Return a GPU's catalog name; raise ScenarioError with close matches."""
    return _gpus().known_as(name)


def llms() -> dict[str, dict[str, Any]]:
    """Return the catalog's models by name: their fields, source and note."""
    return _models().all()


def gpus() -> dict[str, dict[str, Any]]:
    """Return the catalog's GPUs by name: their fields, source and note."""
    return _gpus().all()


def llm_names() -> tuple[str, ...]:
    """Return the names of the catalog's models without parsing their entries."""
    return tuple(_models())


def gpu_names() -> tuple[str, ...]:
    """Return the names of the catalog's GPUs without parsing their entries."""
    return tuple(_gpus())


def gpu_from_table(table: Mapping[str, Any], *, where: str = "gpu") -> Gpu:
    """Return the GPU described by a table; raise ScenarioError with all its problems."""
    found = _problems(Gpu, table, where)
    for key, known in (("generation", GENERATIONS), ("link", LINKS)):
        if key in table and table[key] not in known:
            hint = f"Known: {', '.join(known)}. Use the closest one."
            found.append(
                Problem(f"{where}.{key}", f"is {table[key]!r}, which has no measured efficiency.", hint)
            )
    _refuse(found)
    words = ("generation", "link")
    values: dict[str, Any] = {k: v if k in words else float(v) for k, v in table.items() if k not in _NOTES}
    return Gpu(**values)


def _problems(kind: type[Gpu], table: Mapping[str, Any], where: str) -> list[Problem]:
    known = {f.name: f for f in fields(kind)}
    found = []
    for key, value in table.items():
        if key in _NOTES or key in ("generation", "link"):
            continue
        if key not in known:
            found.append(Problem(f"{where}.{key}", "is not a field.", near(key, known)))
        elif not isinstance(value, int | float) or isinstance(value, bool):
            found.append(Problem(f"{where}.{key}", f"is {value!r}; it must be a number."))
        elif not 0.0 <= float(value) < np.inf:
            found.append(Problem(f"{where}.{key}", f"is {value}; it must be 0 or more."))
    needed = (name for name, f in known.items() if f.default is MISSING)
    found += [Problem(f"{where}.{name}", "is missing.", _rule(name)) for name in needed if name not in table]
    return found


def _rule(name: str) -> str:
    """Return a hint for a missing field."""
    words = {"generation": GENERATIONS, "link": LINKS}.get(name)
    return f"One of {', '.join(words)}: use the closest." if words else "It must be a number."


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ScenarioError(problems)


@cache
def _models() -> Entries:
    return Entries(
        "models.toml", "model", "Or describe it in [models]: planner model config.json prints a section."
    )


@cache
def _gpus() -> Entries:
    return Entries("gpus.toml", "GPU", "Or describe it in a section [gpus.NAME].")
