"""What all panels are shown, and what each of them says of itself."""

from collections.abc import Callable
from typing import NamedTuple

from planner.records import dataclass
from planner.tui.session.outlook import Outlook
from planner.tui.widgets.charts import Rows
from planner.units import show

COST, UNKNOWN, WORKLOAD, SEGMENT, SESSION, PANEL = (
    "cost:", "unknown:", "workload:", "segment:", "session:", "panel:",
)  # fmt: skip
"""What a cursor can be on, before its name: a cost, an assumption, a part of the plan, a whole panel."""


@dataclass(frozen=True)
class Scene:
    """Where the plan leads, and which of its numbers is under the cursor."""

    outlook: Outlook
    chosen: str = ""
    ascii_only: bool = False
    segment: str = ""  # whose customers are shown by use; empty for the one that brings or loses most
    session: str = (
        ""  # the workload, or "workload on deployment", whose calls are shown; empty for the dearest
    )

    @property
    def month(self) -> int:
        """The month that is looked at; 0 for the first, from which a plan is seen unless asked otherwise."""
        month = self.outlook.result.month if self.outlook.result is not None else 1
        return month if month > 1 else 0


class Panel(NamedTuple):
    """One thing that is shown beside the form.

    `least` are the rows that it needs below its heading, `most` those that it has a use for: none where it has
    nothing to say. `draw` is told the width and the rows that it has. `stops` are what a cursor can go to: rows one
    below another from `first_row` on, or, where that is None, the panel as one of several that it could show.
    """

    name: str
    title: Callable[[Scene], str]
    least: int
    most: Callable[[Scene], int]
    draw: Callable[[Scene, int, int], Rows]
    stops: Callable[[Scene], list[str]] = lambda _: []
    first_row: int | None = None
    shown: Callable[[Scene], str] = lambda _: ""  # which of its stops it shows, where that is one of several

    def stops_of(self, scene: Scene) -> list[str]:
        """Return where a cursor can go to, the panel itself where it has no rows to choose from."""
        return self.stops(scene) or [f"{PANEL}{self.name}"]


def usd(value: float) -> str:
    """Return an amount as charts label it."""
    return show(value, "usd")
