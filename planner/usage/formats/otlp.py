"""OpenTelemetry as collectors write it: spans and log records of GenAI and OpenInference, Claude Code's events.

Opened: resource, scope, then spans or log records; attributes become names. Left out: span events, links, bodies. Spans that
have calls below them are sums, and are not counted (see `joining.py`).
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.formats import by_names
from planner.usage.reading import COUNTS, Row

NAME = "OpenTelemetry GenAI spans"


def knows(keys: set[str]) -> bool:
    """Whether keys are those of OTLP's JSON."""
    return bool(keys & {"resourcespans", "resourcelogs"})


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each span or log record; what is no call to a model has no counts."""
    for row in by_names.rows(values):
        yield row if "model" in row or any(field in row for field in COUNTS) else row | {"kind": "span"}
