"""Events of Anthropic's stream as they come: `message_start` has the input, the last `message_delta` the output.

Read: model, id and usage. Left out: every delta of content. A message that another one follows ends there.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.json_values import UNREADABLE
from planner.usage.reading import Row, leaves, reading
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "Anthropic stream"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of the stream's events."""
    return "type=message_start" in keys and bool(
        keys & {"type=message_delta", "type=content_block_delta", "type=content_block_start"}
    )


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each message."""
    held: Row | None = None
    for value in values:
        kind = value.get("type") if isinstance(value, dict) else None
        if value is UNREADABLE:
            yield {"bad": UNREADABLE_LINES}
        elif kind == "message_start":
            if held is not None:
                yield held
            held = reading(leaves(value))
        elif kind == "message_delta" and held is not None:
            held |= {
                key: each
                for key, each in reading(leaves({"usage": value.get("usage") or {}})).items()
                if each is not None
            }
    if held is not None:
        yield held
