"""Two numbers swept against each other: a table whose shades show where it is high."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from planner.tui.widgets.charts.canvas import Format, Row, Rows, Span, fitted, words

_LEAST_WIDTH, _LEAST_HEIGHT = 20, 4
_SHADES = "·░▒▓█"
_ASCII_SHADES = ".:+*#"


class _Part(NamedTuple):
    """Which rows and columns of the table fit."""

    top: int
    bottom: int
    left: int
    right: int


def heat_map(
    values: Sequence[Sequence[float]],
    *,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    width: int,
    height: int,
    show: Format,
    cursor: tuple[int, int] | None = None,
    ascii_only: bool = False,
) -> Rows:
    """Return the table with numbers where they fit, else with shades; brackets mark the cursor (row, column).

    The last row says what the shades mean and what is under the cursor. A table too large for the room
    shows the part around the cursor, and says which. Shape: (rows, columns).
    """
    known = [value for row in values for value in row if math.isfinite(value)]
    if not known:
        return words("Nothing to map: no setting gives a number.", width=width)[:height]
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return words(f"From {show(min(known))} to {show(max(known))}. No room for the map.", width=width)[
            :height
        ]
    low, high = min(known), max(known)
    side = min(max(map(len, row_labels)), width // 3)
    texts = [[show(value) if math.isfinite(value) else "n/a" for value in row] for row in values]
    cell = _cell_width(texts, column_labels, width - side)
    numbers = cell > max(len(text) for row in texts for text in row) + 1
    part = _part(len(values), len(column_labels), height - 2, (width - side) // cell, cursor)
    rows: Rows = [_head(column_labels, part, side, cell, ascii_only=ascii_only)]
    for y in range(part.top, part.bottom):
        row: Row = [Span(fitted(row_labels[y], side, ascii_only=ascii_only), "axis")]
        for x in range(part.left, part.right):
            level = _level(values[y][x], low, high)
            body = texts[y][x] if numbers else _shade(level, cell - 2, ascii_only=ascii_only)
            row.append(_boxed(body.rjust(cell - 2), level, coloured=numbers, at_cursor=(y, x) == cursor))
        rows.append(row)
    foot = f"{show(low)} {_ASCII_SHADES if ascii_only else _SHADES} {show(high)}"
    foot += _which(part, len(values), len(column_labels))
    if cursor:
        foot = f"[{texts[cursor[0]][cursor[1]]}] {foot}"
    rows.append([Span(fitted(foot, min(width, len(foot)), ascii_only=ascii_only), "muted")])
    return rows


def _boxed(body: str, level: int | None, *, coloured: bool, at_cursor: bool) -> Span:
    """Return a cell: in brackets at the cursor; a number gets its level as background, a shade is one."""
    if at_cursor:
        return Span(f"[{body}]", "cursor")
    return Span(f" {body} ", "muted" if level is None else f"heat{level}" if coloured else "bar")


def _cell_width(texts: Sequence[Sequence[str]], labels: Sequence[str], room: int) -> int:
    """Return a width for numbers if all columns fit so, else one for shades."""
    widest = 2 + max(len(text) for row in texts for text in row)
    if widest * len(labels) <= room:
        return widest
    return max(3, min(6, room // len(labels)))


def _part(rows: int, columns: int, down: int, across: int, cursor: tuple[int, int] | None) -> _Part:
    """Return the part of the table around the cursor that has so many rows and columns."""
    y, x = cursor or (0, 0)
    top = max(0, min(y - down // 2, rows - down))
    left = max(0, min(x - across // 2, columns - across))
    return _Part(top, min(rows, top + down), left, min(columns, left + across))


def _level(value: float, low: float, high: float) -> int | None:
    """Return which of five levels a value has; None if it has none."""
    if not math.isfinite(value):
        return None
    return min(int((value - low) / (high - low) * 5), 4) if high > low else 2


def _shade(level: int | None, count: int, *, ascii_only: bool) -> str:
    return " " * count if level is None else (_ASCII_SHADES if ascii_only else _SHADES)[level] * count


def _head(labels: Sequence[str], part: _Part, side: int, cell: int, *, ascii_only: bool) -> Row:
    row: Row = [Span(" " * side)]
    skip = max(1, math.ceil((max(map(len, labels)) + 2) / cell))
    shown = range(part.left, part.right, skip)
    for x in shown:
        room = cell * min(skip, part.right - x)
        row.append(Span(fitted(labels[x].rjust(cell - 1), room, ascii_only=ascii_only), "axis"))
    return row


def _which(part: _Part, rows: int, columns: int) -> str:
    """Return which part of the table is shown; nothing if it is all of it."""
    if part.bottom - part.top == rows and part.right - part.left == columns:
        return ""
    return f"  rows {part.top + 1}-{part.bottom} of {rows}, columns {part.left + 1}-{part.right} of {columns}"
