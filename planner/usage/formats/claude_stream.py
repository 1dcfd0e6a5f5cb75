"""What Claude Code prints as `stream-json`: its messages, and at the end a result that sums them up.

Read: each message's own usage. Left out: the result, where the messages are there as well.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.reading import Row

NAME = "Claude Code stream"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of messages with a result behind them."""
    return {"type=assistant", "type=result", "message.usage", "numturns"} <= keys


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each message."""
    for value in values:
        if isinstance(value, dict) and value.get("type") == "result":
            yield {"kind": "summary"}
        else:
            yield from by_names.rows(iter([value]))
