"""The line that says how the plan stands."""

from __future__ import annotations

from rich.cells import cell_len
from textual.reactive import reactive

from planner.tui.session.health import HealthPoint
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.pane import View

_BETWEEN = "   "


class Health(View):
    """Promises, goal, age of prices, what is not saved: what is broken first, and never left out."""

    findings: reactive[tuple[HealthPoint, ...]] = reactive((), init=False, repaint=False)

    def watch_findings(self) -> None:
        """Show how another plan stands."""
        self.set_class(any(each.bad for each in self.findings), "-bad")
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:  # noqa: ARG002 - every pane is drawn for a size
        """Return the findings that there is room for, the first one always; how many are left out stands at the end."""
        row: Row = [Span(" ")]
        room = width - 1
        for at, each in enumerate(self.findings):
            left = len(self.findings) - at
            here = room - (
                len(f"{_BETWEEN}+{left - 1}") if left > 1 else 0
            )  # the count of what is left stays
            if cell_len(each.text) > here and at:
                return [[*row, Span(f"+{left}", "muted")]]
            text = each.text if cell_len(each.text) <= here else fitted(each.text, here)
            row += [Span(text, each.look), Span(_BETWEEN)]
            room -= cell_len(text) + len(_BETWEEN)
        return [row]
