"""Why something can't be done, in the words of the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.errors import ScenarioError
    from planner.schema import Field


class Refusal(Exception):  # noqa: N818 - nothing failed: the user is told why nothing changes
    """Raised where an edit can't be made. `text` says why, `more` what helps, `look` how it is shown."""

    def __init__(self, text: str, more: str = "", *, look: str = "label") -> None:
        super().__init__(text)
        self.text, self.more, self.look = text, more, look


def first_problem(error: ScenarioError, field: Field | None = None) -> str:
    """Return the first problem, with a field's label in place of its path; ask whether a share was meant as percent."""
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
