"""Text and tables to read: a pane that scrolls, with a cursor where there is something to choose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len

from planner.readout.name_rows import name_rows
from planner.records import dataclass
from planner.tui.widgets.charts import Row, Rows, Span, plain
from planner.tui.widgets.charts.canvas import words
from planner.tui.widgets.pane import View


@dataclass(frozen=True)
class SheetRow:
    """One row, and what choosing it means; a row without a key is only read."""

    row: Row
    key: str = ""


_GAPS = re.compile(r" {2,}")
_NARROW = 60
Fill = Callable[[int], list[SheetRow]]


def heading(text: str, width: int) -> SheetRow:
    """Return a row that opens a part."""
    return SheetRow([Span(f"{text} ", "head"), Span("─" * max(width - cell_len(text) - 1, 0), "zero")])


def text(sentence: str, width: int, *, look: str = "label", indent: int = 1) -> list[SheetRow]:
    """Return a sentence in rows no wider than `width`."""
    rows = words(sentence, width=max(width - indent - 1, 8))
    return [SheetRow([Span(" " * indent), *(Span(span.text, look) for span in row)]) for row in rows]


def named(names: Sequence[str], numbers: Row, room: int, key: str = "") -> list[SheetRow]:
    """Return names with their numbers beside them; names that are too long for their column go on below it."""
    first, *below = name_rows(names, room - 1, cell_len)
    label = Span(f" {first}" + " " * (room - 1 - cell_len(first)), "label")
    return [SheetRow([label, *numbers], key), *(SheetRow([Span(f"   {row}", "label")]) for row in below)]


def value_column(width: int) -> int:
    """Return the column where values start in a sheet so wide."""
    return min(max(28, width // 3), 40) if width >= _NARROW else width // 2


def pair(label: str, value: str, width: int, *, look: str = "value", more: str = "") -> SheetRow:
    """Return a row with a label, a value, and a remark where there is room."""
    wanted = cell_len(label) + len("   ")  # a label is cut only where its row has no room for it
    column = max(value_column(width), min(wanted, width - cell_len(value) - 1))
    room = width - column - cell_len(value) - 3
    return SheetRow(
        [
            Span(f" {label}"[: column - 1].ljust(column), "label"),
            Span(value, look),
            Span(f"  {more}"[:room] if more and room > 4 else "", "muted"),
        ]
    )


def told(label: str, value: str, width: int, *, more: str = "") -> list[SheetRow]:
    """Return a label, a value and a remark, which stands below where there is no room beside."""
    if cell_len(label) + 2 > value_column(width):
        return [*text(label, width), *told("", value, width, more=more)]
    room = width - value_column(width) - cell_len(value) - 3
    if not more or cell_len(more) + 2 <= room:
        return [pair(label, value, width, more=more)]
    return [pair(label, value, width), *text(more, width, look="muted", indent=3)]


def pairs(label: str, value: str, width: int) -> list[SheetRow]:
    """Return a label with a value that may be long: beside it, or below where it does not fit there."""
    if cell_len(value) < width - value_column(width):
        return [pair(label, value, width)]
    return [SheetRow([Span(f" {label}", "label")]), *text(value, width, look="value", indent=3)]


BLANK = SheetRow([])


class ScrollSheet(View):
    """Shows entries; scrolls where they don't fit."""

    can_focus = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fill: Fill = lambda width: []  # noqa: ARG005 - nothing to show at any width
        self._entries: list[SheetRow] = []
        self._width = 0
        self.cursor = -1
        self.top = 0

    def fill(self, fill: Fill, *, keep: bool = False) -> None:
        """Show what `fill` returns for a width; `keep` keeps the cursor where it is."""
        self._fill, self._width = fill, 0
        if not keep:
            self.cursor, self.top = -1, 0
        self.redraw()

    @property
    def entries(self) -> list[SheetRow]:
        """The rows for the width that the pane has."""
        if self._width != self.size.width:
            self._width = self.size.width
            self._entries = self._fill(self._width)
            keyed = [at for at, entry in enumerate(self._entries) if entry.key]
            if self.cursor not in keyed:
                self.cursor = min(keyed, key=lambda at: abs(at - self.cursor)) if keyed else -1
        return self._entries

    @property
    def chosen(self) -> str:
        """The key of the row under the cursor; empty without one."""
        return self.entries[self.cursor].key if 0 <= self.cursor < len(self.entries) else ""

    def targets(self) -> Iterator[tuple[int, int]]:
        """Yield each row in sight that can be gone to: where it is in the pane, and in the sheet."""
        choosable = any(entry.key for entry in self.entries)
        for y, entry in enumerate(self.entries[self.top : self.top + self.size.height]):
            if entry.key if choosable else plain([entry.row]).strip():
                yield y, self.top + y

    def go_to(self, at: int) -> None:
        """Put the cursor on a row; where none can be chosen, bring it to the top."""
        if self.entries[at].key:
            self.cursor = at
        else:
            self.top = at
        self.redraw()

    def choose(self, key: str) -> None:
        """Put the cursor on the row with this key."""
        for at, entry in enumerate(self.entries):
            if entry.key == key:
                self.cursor = at
                self._bring_in_sight(at)
                self.redraw()
                return

    def move(self, rows: int) -> None:
        """Move the cursor to another row that can be chosen, or scroll where there is none."""
        keyed = [at for at, entry in enumerate(self.entries) if entry.key]
        if keyed:
            here = keyed.index(self.cursor) if self.cursor in keyed else 0
            self.cursor = keyed[min(max(here + rows, 0), len(keyed) - 1)]
            self._bring_in_sight(0 if self.cursor == keyed[0] else self.cursor)
            if self.cursor == keyed[-1]:
                self._bring_in_sight(len(self.entries) - 1, also=self.cursor)
        else:
            self.top = min(max(self.top + rows, 0), max(len(self.entries) - self.size.height, 0))
        self.redraw()

    def _bring_in_sight(self, at: int, also: int | None = None) -> None:
        height = max(self.size.height, 1)
        self.top = min(max(self.top, at + 1 - height), at)
        if also is not None:
            self.top = min(self.top, also)

    def draw(self, width: int, height: int) -> Rows:
        """Return the rows in sight."""
        entries = self.entries
        self.top = min(self.top, max(len(entries) - height, 0))
        rows: Rows = []
        for at in range(self.top, min(self.top + height, len(entries))):
            row = entries[at].row
            if at == self.cursor:
                filled = sum(cell_len(span.text) for span in row)
                row = [Span(span.text, f"{span.look} cursor".strip()) for span in row]
                row.append(Span(" " * max(width - filled, 0), "cursor"))
            rows.append(row)
        if rows and (below := len(entries) - self.top - len(rows)):
            rows[-1] = _with_sign(rows[-1], below, width, ascii_only=self.ascii_only)
        return rows


def _with_sign(row: Row, below: int, width: int, *, ascii_only: bool) -> Row:
    """Return the last row in sight with a sign, at its end, that others follow; without one where it is full."""
    arrow = "v" if ascii_only else "▼"
    blank = bool(row) and not row[-1].text.strip(" ─")
    kept = row[:-1] if blank else row
    look = row[-1].look if blank else ""
    room = width - sum(cell_len(span.text) for span in kept)
    sign = next((each for each in (f" {arrow} {below} more", f" {arrow}") if cell_len(each) <= room), "")
    return (
        [*kept, Span(" " * (room - cell_len(sign)), look), Span(sign, f"muted {look}".strip())]
        if sign
        else row
    )


def tabbed(line: str) -> str:
    r"""Return a row of a table as it stands on the screen, with tabs where its columns part.

    >>> tabbed("  Runway      15.7 months   better")
    'Runway\t15.7 months\tbetter'
    """
    return _GAPS.sub("\t", line.strip())
