"""What all panels are shown, and what each of them says of itself."""

from collections.abc import Callable
from typing import NamedTuple

from planner.records import dataclass
from planner.tui.session.outlook import Outlook
from planner.tui.widgets.charts import Rows
from planner.units import show


@dataclass(frozen=True)
class Scene:
    """Where the plan leads, and which of its numbers is under the cursor."""

    outlook: Outlook
    chosen: str = ""
    ascii_only: bool = False

    @property
    def month(self) -> int:
        """The month that is looked at; 0 for the first, from which a plan is seen unless asked otherwise."""
        month = self.outlook.result.month if self.outlook.result is not None else 1
        return month if month > 1 else 0


class Panel(NamedTuple):
    """One thing that is shown beside the form.

    `least` are the rows that it needs below its heading, `most` those that it has a use for: none where it has
    nothing to say. `draw` is told the width and the rows that it has.
    """

    name: str
    title: Callable[[Scene], str]
    least: int
    most: Callable[[Scene], int]
    draw: Callable[[Scene, int, int], Rows]


def usd(value: float) -> str:
    """Return an amount as charts label it."""
    return show(value, "usd")
