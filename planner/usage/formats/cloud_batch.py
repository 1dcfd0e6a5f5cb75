"""Output files of the batch jobs of Bedrock, Vertex and Gemini: an answer for each record, at batch price.

Read: the usage and model of the answer, its error. Left out: the record that was sent, and what was answered.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.reading import Row

NAME = "batch output"
MARKS = (
    frozenset({"recordid", "modeloutput"}),  # Bedrock
    frozenset({"processedtime", "request", "response", "status"}),  # Vertex
    frozenset({"key", "response", "response.usagemetadata"}),  # Gemini
)


def knows(keys: set[str]) -> bool:
    """Whether keys are those of a batch's output."""
    return any(marks <= keys for marks in MARKS)


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each record, at the batch tier; one without an answer failed."""
    for value in values:
        for row in by_names.rows(iter([value])):
            if isinstance(value, dict):
                row["tier"] = "batch"
                row.pop("status", None)
                if not (value.get("modelOutput") or value.get("response")):
                    row["error"] = "no answer"
            yield row
