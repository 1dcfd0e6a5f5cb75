"""Reading the catalog's TOML files: once, and only those that are asked for."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """Return a file of the catalog, by its path without the ending."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def part(name: str, section: str) -> dict[str, Any]:
    """Return one table of a file of the catalog, whose header stands on a line of its own; empty where it has none.

    The others are not read: all offers of a catalog take a start some milliseconds.
    """
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    _, _, after = text.partition(f"\n[{section}]\n")
    return tomllib.loads(after.partition("\n[")[0])
