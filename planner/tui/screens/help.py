"""All keys of a screen, and how values are typed: read from the one declaration of keys."""

from typing import ClassVar

from rich.cells import cell_len

from planner.tui.config.keys import GROUPS, HELP, Key, key_name, on_screen
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.canvas import words
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, text
from planner.tui.widgets.status import Title

_COLUMN, _NARROW_COLUMN, _NARROW = 22, 12, 60
_TYPED = (
    ("4000  4k  1.2M  1e6", "a number"),
    ("35%  0.35", "a share"),
    ("800ms  2s", "a time"),
    ("5% to 9%  250k-330k", "a range: 5th to 95th percentile"),
    ("triangular 1, 2, 5", "least, likeliest, most"),
)
_MARKS = (
    ("*", "differs from the baseline"),
    ("bold", "your choice; the others are assumptions"),
    ("▾ ▸", "a section, open or folded"),
    ("n/a", "can't be computed; e says why"),
)


class HelpScreen(SheetPage):
    """The keys of the screen that was open."""

    page = HELP
    BINDINGS: ClassVar = bindings(HELP)

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._about = screen

    def show(self) -> None:
        """List the keys by group."""
        self.query_one(Title).title = (f"Keys: {self._about}", "")
        self.sheet.fill(self._entries)

    def _entries(self, width: int) -> list[SheetRow]:
        known = on_screen(self._about, self.keymap)
        entries: list[SheetRow] = []
        for group in GROUPS:
            rows = [row for key in known if key.group == group for row in _row(key, width)]
            if rows:
                entries += [heading(group, width), *rows, BLANK]
        for title, told in (("Typing a value", _TYPED), ("Signs", _MARKS)):
            entries += [heading(title, width), *(row for each in told for row in _words(*each, width)), BLANK]
        return [
            *entries,
            *text("Keys can be changed in a file of yours: :keymap writes one.", width, look="muted"),
        ]


def _row(key: Key, width: int) -> list[SheetRow]:
    return _words("  ".join(map(key_name, key.keys)) or f":{key.name}", key.help, width)


def _words(what: str, meaning: str, width: int) -> list[SheetRow]:
    """Return what stands at the left beside what it means; below it where there is little room."""
    column = _COLUMN if width >= _NARROW else _NARROW_COLUMN
    lines = ["".join(span.text for span in row) for row in words(meaning, width=width - column - 1)]
    told = [[Span(" " * column), Span(line, "label")] for line in lines]
    key = Span(f" {what}".ljust(column), "key")
    if cell_len(what) + 2 <= column:
        told[0] = [key, *told[0][1:]]
    else:
        told.insert(0, [key])
    return [SheetRow(row) for row in told]
