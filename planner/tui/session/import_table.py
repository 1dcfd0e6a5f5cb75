"""What a file would change in a plan, as a table: each field, what it holds now and what the file makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.readout import placed_label
from planner.readout.field_values import unit_text, value_text
from planner.schema import fields
from planner.tui.session.field_list import default_at
from planner.tui.state import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planner.schema import Field, Scenario

_LABEL, _VALUE = 34, 22
_WHAT, _FOUND = 26, 12


def changed_fields(before: Scenario, after: Scenario, source: str) -> list[str]:
    """Return the rows of the fields that differ; of a part that is new, those that are not as by default."""
    old = {field.path: field for field in fields(before)}
    rows = [row for field in fields(after) for row in _changed(after, field, old.get(field.path))]
    here = {field.path for field in fields(after)}
    rows += [_row(each, _told(each), "left out") for path, each in old.items() if path not in here]
    head = f"{'field':<{_LABEL}} {'now':<{_VALUE}} {source}"
    return [head, *rows] if rows else []


def _changed(after: Scenario, field: Field, before: Field | None) -> Iterator[str]:
    if before is not None and not same(field.value, before.value):
        yield _row(field, _told(before), _told(field))
    elif before is None and not same(field.value, default_at(after, list(field.steps))):
        yield _row(field, "", _told(field))


def _told(field: Field) -> str:
    return f"{value_text(field.value, field.spec)} {unit_text(field.spec)}".strip()


def _row(field: Field, before: str, after: str) -> str:
    label = _fitted(placed_label(field.path, field.spec.label), _LABEL)
    return f"{label} {_fitted(before, _VALUE)} {after}"


def found_rows(said: Iterable[Sequence[str]]) -> list[str]:
    """Return what a log says in columns: what it is, its value, its range and a note."""
    return [
        f"{_fitted(what, _WHAT)} {value:>{_FOUND}}  {'  '.join(filter(None, (spread, note)))}".rstrip()
        for what, value, spread, note in said
    ]


def _fitted(text: str, width: int) -> str:
    return (text if len(text) <= width else f"{text[: width - 1]}…").ljust(width)
