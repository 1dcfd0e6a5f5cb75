"""What the app says to an edit that can't be, and what a typed text stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.errors import ScenarioError
    from planner.schema import Field


def why_still(field: Field) -> str:
    """Say why a nudge changed nothing."""
    if field.spec.numeric:
        return f"{field.spec.label} is at the end of what it may be."
    return f"{field.spec.label} is typed, not nudged; press enter."


def meant(field: Field, text: str) -> Any:
    """Return what a typed text stands for: nothing typed means the default, where there is one."""
    return None if field.spec.optional and not text.strip() else text.strip()


def first(error: ScenarioError, field: Field | None = None) -> str:
    """Return the first problem, a field by its label; a share that looks like percent is recognised."""
    more = len(error.problems) - 1
    text = str(error.problems[0]) + (f" ({more} more)" if more else "")
    if field is None or not text.startswith(field.path):
        return text
    said = f"{field.spec.label}{text.removeprefix(field.path)}"
    typed = text.partition('"')[2].partition('"')[0]
    looks_like_percent = (
        field.spec.kind == "share" and typed.replace(".", "", 1).isdigit() and float(typed) > 1
    )
    return f"{said} Did you mean {typed}%?" if looks_like_percent else said
