"""Measured times from an engine's start to its first answer."""

from collections.abc import Iterator
from typing import Any

from planner.catalog.facts import table

ALIKE_X = 2.5  # weights within this factor take similarly long to load


def starts() -> Iterator[dict[str, Any]]:
    """Yield each measured start: model, weights, GPUs, engine, storage, seconds, date and source."""
    yield from table("cold_starts")["start"]


def measured_words(weights_gb: float) -> str:
    """Return the measured start times with weights of about this size, as text.

    >>> measured_words(16.0)
    '68 to 311 s with 15 to 16 GB of weights (5 engines started, 2025-09 and others)'
    """
    alike = [
        each for each in starts() if 1 / ALIKE_X <= each["weights_gb"] / max(weights_gb, 1e-9) <= ALIKE_X
    ]
    used = alike or list(starts())
    low = min(each.get("low_s", each["ready_s"]) for each in used)
    high = max(each.get("high_s", each["ready_s"]) for each in used)
    sizes = [each["weights_gb"] for each in used]
    dated = max(each["dated"] for each in used)
    count = sum(each["count"] for each in used)
    return (
        f"{low:.0f} to {high:.0f} s with {min(sizes):.0f} to {max(sizes):.0f} GB of weights "
        f"({count} engines started, {dated} and others)"
    )
