"""The plan month by month, with the month of least cash and the one in which cash runs out marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from planner.readout import RUNWAY, number
from planner.tui.config.keys import MONTHS
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import SheetRow, heading, text
from planner.tui.widgets.status import Notice, Title
from planner.units import show

if TYPE_CHECKING:
    from planner.model import Result

_COLUMNS = (  # name, unit, flow; those at the end go first where there is little room
    ("cash", "usd", "cash_usd"), ("net burn", "usd", "net_burn_usd"), ("revenue", "usd", "revenue_usd"),
    ("serving", "usd", "cogs_usd"), ("margin", "share", "gross_margin_share"), ("customers", "", "customers"),
    ("GPUs", "", "gpus"), ("requests", "", "requests"),
)  # fmt: skip
_CELL, _MONTH, _MARK = 10, 6, 15


def marks(result: Result) -> dict[int, tuple[str, ...]]:
    """Return what is to be said of a month (1 is the first): least cash, cash runs out, money raised."""
    found: dict[int, list[str]] = {}
    runway = number(result.metrics[RUNWAY])
    if math.isfinite(runway):
        found.setdefault(math.floor(runway) + 1, []).append("cash runs out")
    found.setdefault(int(number(result.months.least_cash_month)), []).append("least cash")
    for at, usd in enumerate(np.asarray(result.months.funding_usd, dtype=float).reshape(-1), 1):
        if usd:
            found.setdefault(at, []).append(f"+{show(float(usd), 'usd')}")
    return {month: tuple(said) for month, said in found.items()}


class MonthsScreen(SheetPage):
    """A row for each month; the cursor says the month in words."""

    page = MONTHS
    BINDINGS: ClassVar = bindings(MONTHS)

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
        shown = _COLUMNS[:fit]
        flows = [np.asarray(getattr(result.months, flow), dtype=float).reshape(-1) for _, _, flow in shown]
        size, said = len(flows[0]), marks(result)
        head = "month".rjust(_MONTH) + "".join(name.rjust(_CELL) for name, _, _ in shown)
        rows = [SheetRow([Span(head, "muted")])]
        for at in range(size):
            cells = [Span(str(at + 1).rjust(_MONTH), "label")]
            for (_, unit, flow), values in zip(shown, flows, strict=True):
                value = float(values[min(at, len(values) - 1)])
                look = "bad" if flow == "cash_usd" and value < 0 else "label"
                cells.append(Span(show(value, unit).rjust(_CELL), look))
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
        said = marks(result).get(at + 1, ())
        parts = [
            f"{name} {show(float(np.asarray(getattr(result.months, flow), dtype=float).reshape(-1)[at]), unit)}"
            for name, unit, flow in _COLUMNS[:5]
        ]
        first = f"Month {chosen}: {', '.join(said)}." if said else f"Month {chosen}."
        self.say(Notice(first, ", ".join(parts), "bad" if "cash runs out" in said else "label"))
