"""A screen that is one sheet, with the keys to move in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from planner.tui.screens.motions import MovingPage
from planner.tui.widgets.charts import plain
from planner.tui.widgets.hint import HintLine, hints
from planner.tui.widgets.jump_labels import Target
from planner.tui.widgets.pane import View
from planner.tui.widgets.sheet import ScrollSheet, tabbed
from planner.tui.widgets.status import Status, Title

if TYPE_CHECKING:
    from planner.tui.widgets.mouse import Pointable


class SheetPage(MovingPage):
    """A screen that is one sheet, with the keys to move in it."""

    def compose(self) -> ComposeResult:
        """Lay out the sheet."""
        yield Title()
        yield ScrollSheet()
        yield Status()
        yield HintLine()

    def on_mount(self) -> None:
        """Show the sheet."""
        self.query_one(HintLine).hints = hints(self.keys)
        self.sheet.focus()
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Fill the sheet; every screen does it its own way."""

    @property
    def sheet(self) -> ScrollSheet:
        """The pane."""
        return self.query_one(ScrollSheet)

    def moved(self) -> None:
        """Say what stands under the cursor; a screen that has something to say overrides it."""

    def cursor_at(self) -> tuple[View, int, int]:
        """Return the row that has the cursor; the first in sight where none can be chosen."""
        return self.sheet, 0, max(self.sheet.cursor - self.sheet.top, 0)

    def targets(self) -> list[Target]:
        """Return the rows in sight."""
        return [Target(self.sheet, 0, y, partial(self._go_to_row, at)) for y, at in self.sheet.targets()]

    def wheel(self, at: Pointable.Wheeled) -> None:
        """Go down or up the sheet."""
        if at.pane is self.sheet:
            self.move_by(at.rows)

    def _go_to_row(self, at: int) -> None:
        self.sheet.go_to(at)
        self.moved()

    def move_by(self, rows: int) -> None:
        """Go so many rows down, up below 0."""
        self.sheet.move(rows)
        self.moved()

    @property
    def page_rows(self) -> int:
        """How many rows are in sight."""
        return self.sheet.size.height

    def copied(self) -> str:
        """Return the row under the cursor; the whole sheet where no row can be chosen."""
        at, entries = self.sheet.cursor, self.sheet.entries
        return tabbed(plain([entries[at].row])) if 0 <= at < len(entries) else plain(e.row for e in entries)

    def copied_table(self) -> str:
        """Return all rows, with tabs between columns."""
        return "\n".join(tabbed(plain([entry.row])) for entry in self.sheet.entries)
