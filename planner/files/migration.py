"""Bring a table of an older schema forward; refuse a newer one in words."""

from collections.abc import Callable, MutableMapping
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.safe_text import inert
from planner.schema import SCHEMA

Table = MutableMapping[str, Any]
NEWEST = SCHEMA

MIGRATIONS: dict[int, Callable[[Table], None]] = {}
"""For each older schema, what turns its table into the next one's, in place. Schema 1 is the first."""


def migrate(table: Table, *, source: str = "") -> int:
    """Bring `table` to this planner's schema in place; return the schema that it was written in.

    The table may be a plain one or tomlkit's, so that a file is migrated with its comments.
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
        problem = Problem("schema", "is missing.", f"Begin the file with: schema = {NEWEST}")
    elif not isinstance(found, int) or isinstance(found, bool) or found < oldest:
        problem = Problem("schema", f"is {inert(str(found))[:40]}; this planner reads schema {NEWEST}.")
    elif found > NEWEST:
        what = f"is {str(found)[:40]}, and this planner reads schema {NEWEST}."
        problem = Problem("schema", what, "A newer planner is needed.")
    else:
        return int(found)
    raise ScenarioError([problem], source=inert(source))
