"""Chats that the Gemini CLI saves: a list of messages, of which the model's have `tokens` and `model`.

Read: tokens (input with cached ones inside, thoughts beside output, tool prompts beside input), model, time. Left out: all
that is said.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.json_values import UNREADABLE
from planner.usage.reading import Row, leaves, reading
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "Gemini CLI session"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of a saved chat."""
    return {"messages", "messages.tokens"} <= keys


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each message with tokens."""
    for value in values:
        messages = value.get("messages") if isinstance(value, dict) else None
        if not isinstance(messages, list):
            yield from (
                by_names.rows(iter([value])) if value is not UNREADABLE else iter([{"bad": UNREADABLE_LINES}])
            )
            continue
        for message in messages:
            if isinstance(message, dict):
                row = reading(leaves(message))
                row.pop("beside", None)
                yield {"session_id": str(value.get("sessionId", ""))[:100]} | row
