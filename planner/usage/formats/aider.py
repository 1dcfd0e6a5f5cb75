"""The analytics log of Aider: `message_send` events; `total_cost` runs up over a session, `cost` is the call's own.

Read: main_model, prompt and completion tokens, cost, time. Left out: every other event and property.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.json_values import UNREADABLE
from planner.usage.reading import Row, leaves, reading
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "Aider analytics log"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of Aider's events."""
    return {"properties.mainmodel", "event"} <= keys


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each message that was sent."""
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict):
            yield {"bad": UNREADABLE_LINES}
            continue
        held = value.get("properties")
        properties = held if isinstance(held, dict) else {}
        own = {key: each for key, each in properties.items() if key not in ("total_cost", "main_model_cost")}
        if value.get("event") == "message_send":
            yield reading(leaves({"time": value.get("time"), **own}))
        else:
            yield {"kind": "event"}
