"""Results of Anthropic's Message Batches: a message for each request that succeeded, at batch price.

Read: usage and model of `result.message`, `result.type`. Left out: what was answered. Errored, canceled and expired
requests failed.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.reading import Row

NAME = "Anthropic batch results"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of a batch's results."""
    return {"customid", "result", "result.type"} <= keys


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each result, at the batch tier."""
    for value in values:
        result = value.get("result") if isinstance(value, dict) else None
        for row in by_names.rows(iter([value])):
            if isinstance(result, dict):
                row["tier"] = "batch"
                row["status"] = str(result.get("type", ""))[:40]
            yield row
