"""Two numbers swept against each other: a table whose shades show where it is high."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planner.tui.widgets.charts.canvas import Format, Row, Rows, Span, fitted, words

_LEAST_WIDTH, _LEAST_HEIGHT = 20, 4
_SHADES = "·░▒▓█"
_ASCII_SHADES = ".:+*#"
_LEVELS = len(_SHADES)
_WIDEST, _HIGHEST = 22, 4  # cells of a value, beyond which it looks lost


class MapLayout(NamedTuple):
    """Which rows and columns of the table fit, and the cells that each of them has: all of the room is used."""

    top: int
    bottom: int
    left: int
    right: int
    side: int
    cell: int
    high: int
    numbers: bool

    def cells(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield where each value begins on the chart, and its row and column in the table."""
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                y = 1 + (row - self.top) * self.high + (self.high - 1) // 2
                yield self.side + (column - self.left) * self.cell, y, row, column


class HeatTable(NamedTuple):
    """The values with the labels of their rows and columns. Shape of values: (rows, columns)."""

    values: Sequence[Sequence[float]]
    row_labels: Sequence[str]
    column_labels: Sequence[str]


def map_layout(
    table: HeatTable, *, width: int, height: int, show: Format, cursor: tuple[int, int] | None = None
) -> MapLayout:
    """Return the part around the cursor that fits, with cells as large as the room allows."""
    rows, columns = len(table.values), len(table.column_labels)
    side = min(max(map(len, table.row_labels)) + 1, width // 3)
    widest = max(len(_text(value, show)) for row in table.values for value in row)
    room = width - side
    numbers = (widest + 2) * columns <= room
    cell = min(room // columns, _WIDEST) if numbers else max(3, min(6, room // columns))
    down, across = height - 2, room // cell
    high = max(min(down // rows, _HIGHEST), 1)
    y, x = cursor or (0, 0)
    top = max(0, min(y - down // 2, rows - down))
    left = max(0, min(x - across // 2, columns - across))
    return MapLayout(
        top, min(rows, top + down), left, min(columns, left + across), side, cell, high, numbers=numbers
    )


def heat_map(
    table: HeatTable,
    *,
    width: int,
    height: int,
    show: Format,
    cursor: tuple[int, int] | None = None,
    ascii_only: bool = False,
) -> Rows:
    """Return the table with numbers where they fit, else with shades; brackets mark the cursor (row, column).

    The last row says what the shades mean, in their own colours, and what is under the cursor. A table too large for
    the room shows the part around the cursor, and says which.
    """
    known = [value for row in table.values for value in row if math.isfinite(value)]
    if not known:
        return words("Nothing to map: no setting gives a number.", width=width)[:height]
    low, high = min(known), max(known)
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return words(f"From {show(low)} to {show(high)}. No room for the map.", width=width)[:height]
    seen = map_layout(table, width=width, height=height, show=show, cursor=cursor)
    rows: Rows = [_head(table.column_labels, seen, ascii_only=ascii_only)]
    for y in range(seen.top, seen.bottom):
        middle = (seen.high - 1) // 2
        for line in range(seen.high):
            label = table.row_labels[y] if line == middle else ""
            row: Row = [Span(fitted(label, seen.side, ascii_only=ascii_only), "axis")]
            for x in range(seen.left, seen.right):
                level = _level(table.values[y][x], low, high)
                text = _text(table.values[y][x], show) if line == middle else ""
                body = text if seen.numbers else _shade(level, seen.cell - 2, ascii_only=ascii_only)
                body = body.rjust(seen.cell - 2)
                boxed = (y, x) == cursor and line == middle
                row.append(_boxed(body, level, coloured=seen.numbers, at_cursor=boxed))
            rows.append(row)
    at = f"[{_text(table.values[cursor[0]][cursor[1]], show)}] " if cursor else ""
    part = _which(seen, len(table.values), len(table.column_labels))
    return [*rows, _legend(at, part, (low, high), show, width, numbers=seen.numbers, ascii_only=ascii_only)]


def _text(value: float, show: Format) -> str:
    return show(value) if math.isfinite(value) else "n/a"


def _legend(
    at: str,
    part: str,
    ends: tuple[float, float],
    show: Format,
    width: int,
    *,
    numbers: bool,
    ascii_only: bool,
) -> Row:
    """Return what the shades mean, each step in its own colour where there is room for the steps."""
    low, high = ends
    edges = [low + (high - low) * step / _LEVELS for step in range(_LEVELS + 1)]
    steps = [f" {show(edges[each])} to {show(edges[each + 1])} " for each in range(_LEVELS)]
    if numbers and len(at) + len(part) + sum(map(len, steps)) <= width and high > low:
        return [
            Span(at, "muted"),
            *(Span(text, f"heat{level}") for level, text in enumerate(steps)),
            Span(part, "muted"),
        ]
    shades = _ASCII_SHADES if ascii_only else _SHADES
    marks = [
        Span("  ", f"heat{level}") if numbers else Span(shades[level], "bar") for level in range(_LEVELS)
    ]
    ends_text = (f"{at}{show(low)} ", f" {show(high)}{part}")
    room = width - sum(len(mark.text) for mark in marks) - len(ends_text[0])
    return [Span(ends_text[0], "muted"), *marks, Span(ends_text[1][: max(room, 0)], "muted")]


def _boxed(body: str, level: int | None, *, coloured: bool, at_cursor: bool) -> Span:
    """Return a cell: in brackets at the cursor; a number gets its level as background, a shade is one."""
    if at_cursor:
        return Span(f"[{body}]", "cursor")
    return Span(f" {body} ", "muted" if level is None else f"heat{level}" if coloured else "bar")


def _level(value: float, low: float, high: float) -> int | None:
    """Return which of five levels a value has; None if it has none."""
    if not math.isfinite(value):
        return None
    return min(int((value - low) / (high - low) * _LEVELS), _LEVELS - 1) if high > low else 2


def _shade(level: int | None, count: int, *, ascii_only: bool) -> str:
    return " " * count if level is None else (_ASCII_SHADES if ascii_only else _SHADES)[level] * count


def _head(labels: Sequence[str], seen: MapLayout, *, ascii_only: bool) -> Row:
    row: Row = [Span(" " * seen.side)]
    skip = max(1, math.ceil((max(map(len, labels)) + 2) / seen.cell))
    for x in range(seen.left, seen.right, skip):
        room = seen.cell * min(skip, seen.right - x)
        row.append(Span(fitted(labels[x].rjust(seen.cell - 1), room, ascii_only=ascii_only), "axis"))
    return row


def _which(seen: MapLayout, rows: int, columns: int) -> str:
    """Return which part of the table is shown; nothing if it is all of it."""
    if seen.bottom - seen.top == rows and seen.right - seen.left == columns:
        return ""
    return f"  rows {seen.top + 1}-{seen.bottom} of {rows}, columns {seen.left + 1}-{seen.right} of {columns}"
