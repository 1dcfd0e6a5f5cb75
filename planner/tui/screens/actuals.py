"""What happened against the plan: why the net burn of each month differs, its lines, how good the plan foretold."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from planner.analysis.actuals import PlanAndActuals, compare
from planner.analysis.actuals.told import LINES_HEAD, WHY_HEAD, line_cells, rest_text, why_cells, why_text
from planner.readout.actual_lines import ACCURACY_WORDS, PART_WORDS, line_label
from planner.tui.config.keys import ACTUALS
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, text
from planner.tui.widgets.status import Notice, Title
from planner.units import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.analysis.actuals.compared import MonthCompared
    from planner.schema import Scenario
    from planner.tui.session.outlook import Outlook

_MOST_WORST = 6
_NONE_YET = (
    "No month of this plan is over yet. What happened goes into PLAN.actuals.toml beside it: I on the plan's "
    "screen reads a bill or a ledger in."
)


class ActualsScreen(SheetPage):
    """The months that are over; or one of them, line by line."""

    page = ACTUALS
    BINDINGS: ClassVar = bindings(ACTUALS)

    def __init__(self, scenario: Scenario, outlook: Outlook, month: str = "") -> None:
        super().__init__()
        self._scenario, self._month = scenario, month
        self._compared = compare(scenario, outlook.actuals_of(scenario))

    def show(self) -> None:
        """Fill the sheet."""
        what = f"{self._month}: plan and actual" if self._month else "Actuals against plan"
        self.query_one(Title).title = (what, self._scenario.title)
        self.sheet.fill(self._entries)
        self.moved()

    def action_type(self) -> None:
        """Show the month under the cursor line by line."""
        if not self._month and self.sheet.chosen:
            self.tell(self.Opened(ActualsScreen(self._scenario, self.outlook, self.sheet.chosen)))

    def moved(self) -> None:
        """Say why the month under the cursor differs."""
        month = self._at(self._month or self.sheet.chosen)
        if month is not None:
            self.say(Notice(why_text(month), rest_text(month)))

    def _at(self, name: str) -> MonthCompared | None:
        return next((each for each in self._compared.months if each.month == name), None)

    def _entries(self, width: int) -> list[SheetRow]:
        if not self._compared.months:
            return text(_NONE_YET, width)
        month = self._at(self._month)
        return _of_month(month, width) if month is not None else _of_all(self._compared, width)


def _of_all(compared: PlanAndActuals, width: int) -> list[SheetRow]:
    """Return why each month differs, what the parts are, and which lines were foretold worst."""
    rows = [why_cells(month) for month in compared.months]
    entries = [heading("Why net burn differs from the plan (above 0: burns more)", width)]
    entries += _table((WHY_HEAD, *rows), width, keys=[month.month for month in compared.months])
    entries.append(BLANK)
    entries += [
        row for part, words in PART_WORDS.items() for row in text(f"{part}: {words}", width, look="muted")
    ]
    entries += [
        BLANK,
        heading("How accurate the plan was", width),
        *text(ACCURACY_WORDS, width, look="muted"),
    ]
    worst = sorted(compared.accuracy.items(), key=lambda pair: -pair[1].wape)[:_MOST_WORST]
    cells = [
        (
            line_label(name),
            str(each.months),
            show(each.wape, "share"),
            f"{each.bias:+z.1%}",
            f"{each.inside} of {each.ranged}" if each.ranged else "",
        )
        for name, each in worst
    ]
    return entries + _table((("", "months", "WAPE", "bias", "in p5 to p95"), *cells), width)


def _of_month(month: MonthCompared, width: int) -> list[SheetRow]:
    """Return one month line by line; what lies outside the plan's range stands out."""
    rows = [line_cells(line) for line in month.lines]
    looks = ["bad" if line.inside is False else "label" for line in month.lines]
    entries = [
        heading(f"{month.month}: plan and actual", width),
        *_table((LINES_HEAD, *rows), width, looks=looks),
    ]
    entries += [BLANK, heading("Why net burn differs", width)]
    return entries + text(why_text(month), width) + text(rest_text(month), width)


def _table(
    rows: Sequence[tuple[str, ...]], width: int, *, keys: Sequence[str] = (), looks: Sequence[str] = ()
) -> list[SheetRow]:
    """Return a head and rows in columns as wide as they need; those at the right go where there is no room."""
    wide = [max(len(row[at]) for row in rows) + 2 for at in range(len(rows[0]))]
    while len(wide) > 1 and sum(wide) > width - 1:
        wide.pop()
    entries = []
    for at, row in enumerate(rows):
        cells = [
            row[0].ljust(wide[0]),
            *(cell.rjust(size) for cell, size in zip(row[1:], wide[1:], strict=False)),
        ]
        look = "muted" if not at else looks[at - 1] if looks else "label"
        key = keys[at - 1] if at and keys else ""
        entries.append(SheetRow([Span(f" {''.join(cells)}", look)], key))
    return entries
