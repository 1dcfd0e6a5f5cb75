"""Migrate tables from older schemas, and reject newer ones with a message."""

from collections.abc import Callable, MutableMapping
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.safe_text import inert
from planner.schema import READABLE, SCHEMA

Table = MutableMapping[str, Any]
NEWEST = SCHEMA
KEPT = READABLE  # what means the same in all of them: a file keeps its number

MIGRATIONS: dict[int, Callable[[Table], None]] = {}
"""For each schema whose meaning has changed, the function that migrates its table to the next, in place."""

_KNOWN = " and ".join(map(str, KEPT))


def migrate(table: Table, *, source: str = "") -> int:
    """Migrate `table` to a schema that this planner reads, in place; return the schema that it was written in.

    The table may be plain or tomlkit's, so that a file keeps its comments.
    """
    found = _schema(table, source)
    if found in KEPT:
        return found
    for version in range(found, NEWEST):
        MIGRATIONS[version](table)
    table["schema"] = NEWEST
    return found


def _schema(table: Table, source: str) -> int:
    found = table.get("schema")
    oldest = min((*MIGRATIONS, *KEPT))
    if found is None:
        problem = Problem("schema", "is missing.", f"Start the file with: schema = {NEWEST}")
    elif not isinstance(found, int) or isinstance(found, bool) or found < oldest:
        problem = Problem("schema", f"is {inert(str(found))[:40]}; this planner reads schema {_KNOWN}.")
    elif found > NEWEST:
        what = f"is {str(found)[:40]}, but this planner reads schema {_KNOWN}."
        problem = Problem("schema", what, "A newer planner is needed.")
    else:
        return int(found)
    raise ScenarioError([problem], source=inert(source))
