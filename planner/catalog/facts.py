"""Read the catalog's TOML files, each once and only when needed."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """Return a catalog file by its path without the extension."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def part(name: str, section: str) -> dict[str, Any]:
    """Return one table of a catalog file, whose header must be on a line of its own; empty if absent.

    The other tables aren't parsed, which saves some milliseconds at start-up.
    """
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    _, _, after = text.partition(f"\n[{section}]\n")
    return tomllib.loads(after.partition("\n[")[0])
