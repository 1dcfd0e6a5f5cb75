"""Parse fields and values given on a command line, and format values as text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel

from planner.cli.io.field_names import field_named
from planner.cli.io.layout import cut
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.schema import Range, Scenario

MOST_VALUES = 1_000
VALUE_COLUMNS = 26
NOTHING = "-"


def asked(scenario: Scenario, text: str) -> tuple[str, Sequence[Any] | None]:
    """Return the field and the values of "FIELD" or "FIELD=VALUES"; None means the values worth trying."""
    name, has_values, values = text.partition("=")
    return field_named(scenario, name.strip()), _values(values) if has_values else None


def _values(text: str) -> list[Any]:
    parts = text.split(":")
    if len(parts) == 3:
        try:
            low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
        except ValueError:
            raise ScenarioError([Problem(f'"{inert(text)}"', "is not LOW:HIGH:COUNT.")]) from None
        if not 2 <= count <= MOST_VALUES or not np.isfinite([low, high]).all():
            raise ScenarioError([Problem(f'"{inert(text)}"', f"must have 2 to {MOST_VALUES} values.")])
        return [float(each) for each in np.linspace(low, high, count)]
    values: list[Any] = [each.strip() for each in text.split(",")]
    if len(values) > MOST_VALUES:
        raise ScenarioError([Problem("--over", f"has more than {MOST_VALUES} values.")])
    return values


def input_text(value: Any) -> str:
    """Return an input as text with all its digits, and a dash for what a file doesn't have.

    >>> input_text(310_000.0), input_text(0.601), input_text(True), input_text(None)
    ('310,000', '0.601', 'on', '-')
    """
    if value is None:
        return NOTHING
    if isinstance(value, BaseModel):
        words = [getattr(value, name, "") for name in ("kind", "model", "gpu")]
        return inert(" ".join(word for word in words if isinstance(word, str) and word)) or "a section"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Range):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:,.12g}"
    if isinstance(value, tuple):
        return _listed(value)
    return cut(inert(str(value)), VALUE_COLUMNS * 2)


def _listed(value: tuple[Any, ...]) -> str:
    if any(isinstance(each, BaseModel) for each in value):
        return "1 entry" if len(value) == 1 else f"{len(value)} entries"
    return ", ".join(input_text(each) for each in value) or "none"
