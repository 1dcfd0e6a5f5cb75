"""Sentences that need more room than the status line has."""

from typing import ClassVar

from planner.tui.config.keys import NOTES
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.widgets.sheet import BLANK, SheetRow, text
from planner.tui.widgets.status import Title


class ProblemScreen(SheetPage):
    """Shows sentences under a title."""

    page = NOTES
    BINDINGS: ClassVar = bindings(NOTES)

    def __init__(self, title: str, lines: list[str]) -> None:
        super().__init__()
        self._title, self._lines = title, lines

    def show(self) -> None:
        """Fill the sheet."""
        self.query_one(Title).title = (self._title, "")
        self.sheet.fill(self._entries)

    def _entries(self, width: int) -> list[SheetRow]:
        return [entry for line in self._lines for entry in [*text(line, width), BLANK]]
