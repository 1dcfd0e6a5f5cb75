"""Tasks of Cline and its relatives (`ui_messages.json`): each request is a message whose text is JSON with its counts.

Read: tokensIn, tokensOut, cacheWrites, cacheReads and cost of messages of the kind `api_req_started`. Left out: the request.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.json_values import UNREADABLE
from planner.usage.reading import Row, parsed
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "Cline task"
COUNTS = {
    "tokensIn": "prompt",
    "tokensOut": "output",
    "cacheWrites": "write",
    "cacheReads": "read",
    "cost": "cost",
}


def knows(keys: set[str]) -> bool:
    """Whether keys are those of a task's messages."""
    return "say=api_req_started" in keys


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each request of a task; cached tokens are beside `tokensIn`."""
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict):
            yield {"bad": UNREADABLE_LINES}
        elif value.get("say") == "api_req_started":
            held = parsed(str(value.get("text", "")))
            counts = held if isinstance(held, dict) else {}
            row: Row = {
                field: counts[key]
                for key, field in COUNTS.items()
                if isinstance(counts.get(key), int | float)
            }
            model = value.get("modelInfo")
            name = model.get("modelId") if isinstance(model, dict) else counts.get("model")
            row |= {"time": value.get("ts"), "beside": True, "currency": "USD"}
            if counts.get("cancelReason"):
                row["status"] = "cancelled"
            yield row | ({"model": name} if isinstance(name, str) else {})
