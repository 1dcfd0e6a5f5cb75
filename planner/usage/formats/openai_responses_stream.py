"""Events of the stream of OpenAI's Responses API: the usage is in `response.completed`.

Read: model, id, tier and usage of the response that ended. Left out: every delta; `response.failed` is a failed call.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.json_values import UNREADABLE
from planner.usage.reading import Row, leaves, reading
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "OpenAI responses stream"
ENDS = ("response.completed", "response.failed", "response.incomplete", "response.done")


def knows(keys: set[str]) -> bool:
    """Whether keys are those of the stream's events."""
    return any(f"type={end}" in keys for end in (*ENDS, "response.created"))


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each response that ended."""
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict):
            yield {"bad": UNREADABLE_LINES}
        elif value.get("type") in ENDS:
            yield reading(leaves(value))
