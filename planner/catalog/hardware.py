"""Models and GPUs as numbers: from the catalog, a scenario's own table, or a Hugging Face config.json."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from planner import arrays
from planner.catalog.llms.described import llm_from_table
from planner.catalog.llms.shape import Llm
from planner.catalog.naming import near
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

__all__ = ["Gpu", "Llm", "Number", "Word", "llm_from_table"]
Number = arrays.Number
Word = arrays.Word

GENERATIONS = ("ampere", "ada", "hopper", "blackwell", "blackwell-rtx", "cdna3", "cdna4")
LINKS = ("nvlink3", "nvlink4", "nvlink5", "xgmi", "pcie4", "pcie5")
_NOTES = ("source", "note")


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
    """Return what a field that is missing should say."""
    words = {"generation": GENERATIONS, "link": LINKS}.get(name)
    return f"One of {', '.join(words)}: take the closest." if words else "It is a number."


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ScenarioError(problems)


def _named(file: str, name: str, kind: str) -> dict[str, Any]:
    catalog = _catalog(file)
    if name not in catalog:
        raise ScenarioError([Problem(name, f"is not a {kind} of the catalog.", near(name, catalog))])
    return catalog[name]


@cache
def _catalog(file: str) -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return tomllib.loads(text)
