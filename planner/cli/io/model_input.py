"""A model named on the command line: a catalog model, or a Hugging Face config.json on disk."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from planner.catalog.hardware import Llm

MOST_BYTES = 1_000_000


def is_file(name: str) -> bool:
    """Say whether a model is given as a file rather than a catalog name."""
    return name.endswith(".json") or Path(name).is_file()


def described(name: str) -> tuple[dict[str, Any], tuple[str, ...], str]:
    """Return a model's description, notes about it, and its catalog name ("" for a file)."""
    if is_file(name):
        from planner.catalog.hf_config import read_hf_config  # noqa: PLC0415 - only where a file is read
        from planner.files.safe_text import inert  # noqa: PLC0415 - as above

        read = read_hf_config(_parsed(Path(name)), where=inert(Path(name).name))
        return read.table, read.notes, ""
    from planner.catalog import hardware  # noqa: PLC0415 - loads numpy

    found = hardware.llm_name(name)
    table = hardware.llms()[found]
    return table, tuple(str(table[key]) for key in ("source", "note") if key in table), found


def llm(name: str) -> "Llm":
    """Return the catalog model, or the model described by a config.json."""
    from planner.catalog import hardware  # noqa: PLC0415 - loads numpy

    return hardware.llm_from_table(described(name)[0], where=name) if is_file(name) else hardware.llm(name)


def _parsed(path: Path) -> dict[str, object]:
    """Return the parsed file; raise ScenarioError if it can't be read."""
    from planner.files.bounds import read_text  # noqa: PLC0415 - only where a file is read

    try:
        text = read_text(path, noun="a config.json", most_bytes=MOST_BYTES)
    except ScenarioError as error:  # a caller may report it with other problems: keep the file's name
        raise ScenarioError(Problem(str(path), each.what, each.hint) for each in error.problems) from None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise ScenarioError([Problem(str(path), "is not valid JSON.")]) from None
    if not isinstance(parsed, dict):
        raise ScenarioError([Problem(str(path), "is not a config.json: it must hold one table.")])
    return parsed
