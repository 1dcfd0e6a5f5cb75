"""Entries of a catalog file by name: parsed when requested, found under any of their names."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from planner.catalog.naming import near
from planner.errors import Problem, ScenarioError

_HEADER = re.compile(r'^\["?([^"\]]+)"?\]\s*$', re.MULTILINE)
_NAMES = re.compile(r"^names = (\[.*?\])$", re.MULTILINE | re.DOTALL)
_OTHER = re.compile(r"[^a-z0-9.]+|(?<!\d)\.|\.(?!\d)")
# Words in a name that describe a model's tuning or storage, not its architecture.
_NOT_BUILD = frozenset((
    "instruct", "it", "chat", "base", "hf", "thinking", "reasoning", "preview", "fp8", "bf16", "fp16", "fp4", "nvfp4",
    "mxfp4", "awq", "gptq", "int4", "int8", "w4a16", "w8a8", "w4afp8", "dynamic", "gguf", "mlx", "4bit", "8bit", "block",
    "static", "pertensor", "quantized", "qat", "q4", "0", "turbo", "meta", "exp", "unsloth", "bnb", "original", "latest",
))  # fmt: skip
_DATE = re.compile(r"(2[4-7](0[1-9]|1[0-2])|(0[1-9]|1[0-2])[0-3]\d)$")
_MAKERS = frozenset(("nvidia", "amd", "instinct", "geforce", "tesla", "google", "aws"))


class Entries:
    """The entries of one TOML file."""

    def __init__(self, file: str, what: str, how: str) -> None:
        self.what, self.how = what, how
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        marks = [*_HEADER.finditer(text)]
        ends = [mark.start() for mark in marks[1:]] + [len(text)]
        self._raw = {mark[1]: text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}
        self._read: dict[str, dict[str, Any]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """Return the entry with exactly this name."""
        if name not in self._read:
            self._read[name] = tomllib.loads(self._raw[name])
        return self._read[name]

    def all(self) -> dict[str, dict[str, Any]]:
        """Return every entry by name."""
        return {name: self[name] for name in self._raw}

    def known_as(self, name: str) -> str:
        """Return the entry's own name; raise ScenarioError with close names and how to describe a missing one."""
        if name in self._raw:
            return name
        found = self._by_key().get(plain(name))
        if found is None:
            raise ScenarioError(
                [
                    Problem(
                        name, f"is not a {self.what} in the catalog.", f"{near(name, self._raw)} {self.how}"
                    )
                ]
            )
        return found

    @cache  # noqa: B019 - there are two of these, for as long as the program runs
    def _by_key(self) -> dict[str, str]:
        """Return entries by the plain form of each of their names, leaving out ambiguous forms."""
        found: dict[str, str] = {}
        for name, raw in self._raw.items():
            for other in [name, *_listed(raw)]:
                key = plain(other)
                found[key] = name if found.get(key, name) == name else ""
        return {key: name for key, name in found.items() if name}


def _listed(raw: str) -> list[str]:
    """Return an entry's alternative names."""
    names = _NAMES.search(raw)
    return [str(one) for one in tomllib.loads(f"names = {names[1]}")["names"]] if names else []


def plain(name: str) -> str:
    """Return a name without its maker, its tuning and the format of its weights.

    >>> plain("Qwen/Qwen3-32B-FP8"), plain("qwen3-32b"), plain("NVIDIA H100 80GB HBM3")
    ('qwen3-32b', 'qwen3-32b', 'h100-80gb-hbm3')
    >>> plain("meta-llama/Llama-3.3-70B-Instruct"), plain("DeepSeek-R1-0528")
    ('llama-3.3-70b', 'deepseek-r1')
    """
    words = _OTHER.sub("-", name.rsplit("/", 1)[-1].lower().replace("_", ".")).strip("-.").split("-")
    kept = [
        word for word in words if word not in _NOT_BUILD and word not in _MAKERS and not _DATE.match(word)
    ]
    return "-".join(kept or words)
