"""Why a number of one plan differs from that of another: each input's share, as a waterfall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.readout import long_label, verdict
from planner.tui.widgets.charts import Rows, Span, waterfall
from planner.tui.widgets.headline_numbers import LOOKS
from planner.tui.widgets.pane import View
from planner.units import show

if TYPE_CHECKING:
    from planner.analysis.compare import MetricChange

LEAST_CHANGE = 1e-9
_BESIDES = 4  # rows of the chart besides a step each: its head, where it starts, where it ends, and its scale


class Why(View):
    """How each input that differs changed one number of a month."""

    def __init__(self) -> None:
        super().__init__(id="why")
        self._change: MetricChange | None = None
        self._names = ("", "")
        self._month = 1

    def tell(self, change: MetricChange | None, names: tuple[str, str], month: int) -> None:
        """Take another change apart; `names` are what the two plans are called."""
        self._change, self._names, self._month = change, names, month
        if self.screen.has_class("-wide"):  # there it stands beside the table
            self.styles.height = "1fr"
        else:
            self.styles.height = len(change.why) + _BESIDES if change is not None else 0
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the waterfall from the one plan to the other."""
        change = self._change
        if change is None:
            return []
        name = long_label(change.metric, self._month)
        title = f"Why {name[:1].lower()}{name[1:]} changed "
        head = [Span(title, "head"), Span("─" * max(width - len(title), 0), "zero")]
        if not change.why:
            return [head, [Span(f" {change.reason}", "muted")]]
        least = LEAST_CHANGE * max(abs(change.a), abs(change.b))
        steps = [(share.label, share.change) for share in change.why.values() if abs(share.change) > least]
        first, last = self._names
        rows = waterfall(
            (first, change.a), steps, (last, change.b), width=width, height=height - 1,
            show=lambda value: show(value, change.metric), look=lambda each: LOOKS[verdict(change.metric, each)],
            ascii_only=self.ascii_only,
        )  # fmt: skip
        return [head, *rows]
