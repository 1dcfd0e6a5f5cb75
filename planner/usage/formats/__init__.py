"""The forms that usage logs have, one file for each family: how its rows are known, and read into raw rows.

A format is a module with `NAME` (what it is called), `knows(keys)` (whether names of keys are its own) and
`rows(values)` (its rows). Most need no more than the names of their columns, and are in `by_names.py`. docs/formats.md has
an example of each.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from planner.records import dataclass
from planner.usage.formats import (
    aider,
    anthropic_batch,
    anthropic_stream,
    by_names,
    claude_stream,
    cline,
    cloud_batch,
    codex,
    gemini_cli,
    long_form,
    openai_batch,
    openai_responses_stream,
    otlp,
    running_totals,
)
from planner.usage.formats.bills import bill_of
from planner.usage.names import plain
from planner.usage.reading import Row

DEEPEST = 4


@dataclass(frozen=True)
class Format:
    """What a log is called, and what turns its values into raw rows."""

    name: str
    rows: Callable[[Iterator[Any]], Iterator[Row]]


FORMATS = (
    otlp,
    codex,
    claude_stream,
    openai_batch,
    cloud_batch,
    anthropic_batch,
    anthropic_stream,
    openai_responses_stream,
    gemini_cli,
    cline,
    aider,
    running_totals,
    long_form,
)


def format_of(sample: Iterable[Any]) -> Format:
    """Return the format of a log by the keys of its first values."""
    keys = keys_of(sample)
    for module in FORMATS:
        if module.knows(keys):
            return Format(module.NAME, module.rows)
    return Format(by_names.name_of(keys), by_names.rows)


def keys_of(sample: Iterable[Any]) -> set[str]:
    """Return the names of keys of some values in plain letters, those further down behind the names above them."""
    found: set[str] = set()
    for value in sample:
        _gather(value, "", found, 0)
    return found


def _gather(value: Any, above: str, found: set[str], depth: int) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            name = f"{above}.{plain(key)}" if above else plain(key)
            found.add(name)
            if depth < DEEPEST:
                _gather(each, name, found, depth + 1)
            if key in ("type", "event", "say", "key", "object") and isinstance(each, str) and len(each) < 80:
                found.add(f"{name}={each.lower()}")
    elif isinstance(value, list):
        for each in value[:3]:
            _gather(each, above, found, depth + 1)


__all__ = ["Format", "bill_of", "format_of", "keys_of"]
