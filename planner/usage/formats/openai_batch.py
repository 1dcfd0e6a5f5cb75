"""Output and error files of the Batch API of OpenAI and those who copy it: a response for each request, at batch price.

Read: the usage and model of `response.body`, its status. Left out: what was answered. A request without a response failed.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.reading import Row

NAME = "OpenAI batch output"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of a batch's output file."""
    return {"customid", "response"} <= keys and bool(keys & {"response.body", "error", "response.statuscode"})


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each response, at the batch tier."""
    for value in values:
        for row in by_names.rows(iter([value])):
            if isinstance(value, dict):
                row["tier"] = "batch"
                if value.get("response") is None and "error" not in row:
                    row["error"] = "no response"
            yield row
