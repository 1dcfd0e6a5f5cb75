"""The plan month by month, with the month of least cash and the one in which cash runs out marked."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from planner.tui.config.keys import MONTHS
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.months import ACTUAL, COLUMNS, flow, table, words_by_month
from planner.tui.session.outlook import Outlook
from planner.tui.widgets.charts import Rows, Span, cash_curve
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.pane import View
from planner.tui.widgets.panels.money import cash_of
from planner.tui.widgets.panels.scene import Scene, usd
from planner.tui.widgets.sheet import ScrollSheet, SheetRow, heading, text
from planner.tui.widgets.status import Notice, Status, Title
from planner.units import show

_CELL, _MONTH, _MARK = 10, 6, 15


class CashChart(View):
    """Cash by month, with the month under the cursor."""

    def __init__(self) -> None:
        super().__init__(id="course")
        self._shown = (Outlook.blank, 0)

    def show(self, outlook: Outlook, month: int) -> None:
        """Show where another plan leads, or another month."""
        self._shown = (outlook, month)
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the curve."""
        outlook, month = self._shown
        if outlook.result is None:
            return []
        course = cash_of(Scene(outlook))
        return cash_curve(
            course, width=width, height=height, show=usd, month=month, ascii_only=self.ascii_only
        )


class MonthsScreen(SheetPage):
    """A row for each month; the cursor says the month in words."""

    page = MONTHS
    BINDINGS: ClassVar = bindings(MONTHS)

    def compose(self) -> ComposeResult:
        """Lay out the table, and the curve of cash beside it where there is room."""
        yield Title()
        with Container(id="by-month"):
            yield ScrollSheet()
            yield CashChart()
        yield Status()
        yield HintLine()

    def watch_outlook(self) -> None:
        """Show ranges once they are drawn."""
        if self.is_mounted and self.sheet.chosen:
            self.show()

    def action_type(self) -> None:
        """Look at the plan from the month under the cursor."""
        if self.sheet.chosen:
            self.tell(self.MonthAsked(int(self.sheet.chosen)))

    def show(self) -> None:
        """Fill the sheet."""
        self.query_one(Title).title = ("Months", self.plan.scenario.title)
        self.sheet.fill(self._entries, keep=True)
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        result = self.outlook.result
        if result is None:
            return text("The plan can't be computed as it stands.", width)
        fit = max((width - _MONTH - _MARK) // _CELL, 1)
        columns = table(self.outlook)[:fit]
        shown, flows = [each for each, _ in columns], [values for _, values in columns]
        size, said = len(flows[0]), words_by_month(result)
        head = "month".rjust(_MONTH) + "".join(each.name.rjust(_CELL) for each in shown)
        rows = [SheetRow([Span(head, "muted")])]
        for at in range(size):
            cells = [Span(str(at + 1).rjust(_MONTH), "label")]
            for each, values in zip(shown, flows, strict=True):
                value = values[min(at, len(values) - 1)]
                look = (
                    "bad"
                    if each.flow == "cash_usd" and value < 0
                    else "mark"
                    if each.name == ACTUAL
                    else "label"
                )
                known = "" if each.name == ACTUAL and math.isnan(value) else show(value, each.unit)
                cells.append(Span(known.rjust(_CELL), look))
            noted = ", ".join(said.get(at + 1, ()))
            look = "bad" if "runs out" in noted else "mark"
            rows.append(SheetRow([*cells, Span(f"  {noted}" if noted else "", look)], str(at + 1)))
        return [heading("Month by month", width), *rows]

    def moved(self) -> None:
        """Say what the month under the cursor is."""
        result, chosen = self.outlook.result, self.sheet.chosen
        if result is None or not chosen:
            return
        at = int(chosen) - 1
        self.query_one(CashChart).show(self.outlook, at + 1)
        said = words_by_month(result).get(at + 1, ())
        parts = [
            f"{each.name} {show((values := flow(result, each.flow))[min(at, len(values) - 1)], each.unit)}"
            for each in COLUMNS[:5]
        ]
        first = f"Month {chosen}: {', '.join(said)}." if said else f"Month {chosen}."
        self.say(Notice(first, ", ".join(parts), "bad" if "cash runs out" in said else "label"))
