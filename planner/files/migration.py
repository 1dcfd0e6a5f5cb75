"""Migrate tables from older schemas, and reject newer ones with a message."""

from collections.abc import Callable, MutableMapping
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.safe_text import inert
from planner.schema import SCHEMA

Table = MutableMapping[str, Any]
NEWEST = SCHEMA

MIGRATIONS: dict[int, Callable[[Table], None]] = {}
"""For each older schema, the function that migrates its table to the next, in place. Schema 1 is the first."""


def migrate(table: Table, *, source: str = "") -> int:
    """Migrate `table` to this planner's schema in place; return the schema that it was written in.

    The table may be plain or tomlkit's, so that a file keeps its comments.
    """
    found = _schema(table, source)
    for version in range(found, NEWEST):
        MIGRATIONS[version](table)
    table["schema"] = NEWEST
    return found


def _schema(table: Table, source: str) -> int:
    found = table.get("schema")
    oldest = min(MIGRATIONS, default=NEWEST)
    if found is None:
        problem = Problem("schema", "is missing.", f"Start the file with: schema = {NEWEST}")
    elif not isinstance(found, int) or isinstance(found, bool) or found < oldest:
        problem = Problem("schema", f"is {inert(str(found))[:40]}; this planner reads schema {NEWEST}.")
    elif found > NEWEST:
        what = f"is {str(found)[:40]}, but this planner reads schema {NEWEST}."
        problem = Problem("schema", what, "A newer planner is needed.")
    else:
        return int(found)
    raise ScenarioError([problem], source=inert(source))
