"""Bring a table of an older schema forward; refuse a newer one in words."""

from collections.abc import Callable, MutableMapping
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.safe_text import inert
from planner.schema import READABLE, SCHEMA

Table = MutableMapping[str, Any]
NEWEST = SCHEMA
KEPT = READABLE  # what means the same in all of them: a file keeps its number

MIGRATIONS: dict[int, Callable[[Table], None]] = {}
"""For each schema that means something else today, what turns its table into the next one's, in place."""

_KNOWN = " and ".join(map(str, KEPT))


def migrate(table: Table, *, source: str = "") -> int:
    """Bring `table` to a schema that this planner reads, in place; return the schema that it was written in.

    The table may be a plain one or tomlkit's, so that a file is migrated with its comments.
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
        problem = Problem("schema", "is missing.", f"Begin the file with: schema = {NEWEST}")
    elif not isinstance(found, int) or isinstance(found, bool) or found < oldest:
        problem = Problem("schema", f"is {inert(str(found))[:40]}; this planner reads schema {_KNOWN}.")
    elif found > NEWEST:
        what = f"is {str(found)[:40]}, and this planner reads schema {_KNOWN}."
        problem = Problem("schema", what, "A newer planner is needed.")
    else:
        return int(found)
    raise ScenarioError([problem], source=inert(source))
