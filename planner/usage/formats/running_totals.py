"""Logs whose counts run up over a session: status lines, snapshots of a tool, columns called cumulative.

A call is the step from one row to the next of its session; a total that falls begins anew. Left out: rows that repeat a total.
"""

import re
from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.json_values import UNREADABLE
from planner.usage.reading import COUNTS, Row
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "running totals"
_RUNNING = re.compile(r"cumulative|cumul|accumulated|running|sofar|todate")
_TOKENS = re.compile(r"tok|usage")
STATUS_LINE = frozenset({"contextwindow.totalinputtokens", "contextwindow.totaloutputtokens"})


def knows(keys: set[str]) -> bool:
    """Whether the only counts of a log are running totals."""
    counting = {key for key in keys if "=" not in key and _TOKENS.search(key)}
    running = {key for key in counting if _RUNNING.search(key)}
    return keys >= STATUS_LINE or (bool(running) and counting == running)


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each step of a session's totals."""
    before: dict[str, dict[str, float]] = {}
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict):
            yield {"bad": UNREADABLE_LINES}
            continue
        for row in by_names.rows(iter([_without_marks(value)])):
            counts = {
                field: number
                for field in (*COUNTS, "cost")
                if (number := _number(row.get(field))) is not None
            }
            session = str(row.get("session_id", ""))
            last = before.get(session, {})
            fell = any(number < last.get(field, 0.0) for field, number in counts.items())
            steps = {
                field: number - (0.0 if fell else last.get(field, 0.0)) for field, number in counts.items()
            }
            before[session] = counts
            moved = any(steps.get(field) for field in COUNTS)
            yield {**row, **steps, "kind": "chat"} if moved else {"kind": "summary"}


def _without_marks(value: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which running totals have the names of counts, and what a tool tells beside them is left out."""
    window = value.get("context_window")
    if isinstance(window, dict):
        return {
            **value,
            "context_window": {key: each for key, each in window.items() if key.startswith("total_")},
        }
    return {_RUNNING.sub("", key): each for key, each in value.items()}


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(str(value).replace(",", ""))
    except ValueError:
        return None
