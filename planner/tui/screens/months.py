"""The plan month by month, with the month of least cash and the one in which cash runs out marked."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from planner.tui.config.keys import MONTHS
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.month_marks import words_by_month
from planner.tui.session.months import ACTUAL, Column, cell_text, fitting, told
from planner.tui.session.outlook import Outlook
from planner.tui.widgets.charts import Rows, Span, cash_curve
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.pane import View
from planner.tui.widgets.panels.money import cash_of
from planner.tui.widgets.panels.scene import Scene, usd
from planner.tui.widgets.sheet import ScrollSheet, SheetRow, heading, text
from planner.tui.widgets.status import Notice, Status, Title

_CELL, _MONTH, _MARK = 10, 6, 15
_WHOLE_TABLE = 6  # columns that a long note leaves: the costs add up in them


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
        """View the plan as of the month under the cursor."""
        if self.sheet.chosen:
            self.tell(self.MonthAsked(int(self.sheet.chosen)))

    def show(self) -> None:
        """Fill the sheet."""
        self.query_one(Title).title = ("Months", self.plan.scenario.title)
        first = not self.sheet.chosen
        self.sheet.fill(self._entries, keep=True)
        if first and self.outlook.result is not None:
            self.sheet.choose(str(self.outlook.result.month))
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        result = self.outlook.result
        if result is None:
            return text("The plan can't be computed as it stands.", width)
        said = words_by_month(result, self.outlook.scenario)
        longest = max(len(", ".join(each)) for each in said.values()) + 2
        needed = _WHOLE_TABLE * (2 if self.outlook.happened else 1)  # what happened stands beside each
        note = max(min(longest, width - _MONTH - _CELL * needed), _MARK)
        columns = fitting(self.outlook, max((width - _MONTH - note) // _CELL, 1))
        head = "month".rjust(_MONTH) + "".join(each.name.rjust(_CELL) for each, _ in columns)
        rows = [SheetRow([Span(head, "muted")])]
        for month in range(1, len(columns[0][1]) + 1):
            cells = [_cell(each, values[min(month, len(values)) - 1]) for each, values in columns]
            noted = ", ".join(said.get(month, ()))
            room = width - _MONTH - _CELL * len(columns)
            told_of = Span(fitted(f"  {noted}", room).rstrip() if noted else "", _look(noted))
            rows.append(SheetRow([Span(str(month).rjust(_MONTH), "label"), *cells, told_of], str(month)))
        return [heading("Month by month: net burn is all costs less revenue", width), *rows]

    def moved(self) -> None:
        """Say what the month under the cursor is."""
        result, chosen = self.outlook.result, self.sheet.chosen
        if result is None or not chosen:
            return
        at = int(chosen) - 1
        self.query_one(CashChart).show(self.outlook, at + 1)
        said = words_by_month(result, self.outlook.scenario).get(at + 1, ())
        first = f"Month {chosen}: {', '.join(said)}." if said else f"Month {chosen}."
        numbers = told(result, at + 1)
        look = "bad" if "cash runs out" in said else "label"
        self.say(Notice(f"{first} {numbers[:1].upper()}{numbers[1:]}.", look=look))


def _cell(each: Column, value: float) -> Span:
    """Return a number of a month; blank where what really happened is not known."""
    if each.name == ACTUAL:
        return Span(("" if math.isnan(value) else cell_text(value, each.unit)).rjust(_CELL), "mark")
    look = "bad" if each.flow == "cash_usd" and value < 0 else "label"
    return Span(cell_text(value, each.unit).rjust(_CELL), look)


def _look(noted: str) -> str:
    return "bad" if "runs out" in noted or " retired: " in noted else "mark"
