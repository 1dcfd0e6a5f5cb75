"""Two numbers of several plans against each other: a point for each plan."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from planner.readout.axis import ticks
from planner.tui.widgets.charts.canvas import Canvas, Format, Rows, words

_LEAST_WIDTH, _LEAST_HEIGHT = 24, 6
_MARGIN = 0.06  # of the span, left free at each end
_TICK_EVERY = 14  # columns
_APART = 4  # columns between the last number of an axis and its name
_ASCII_SIGNS = {"●": "o", "◉": "@", "◆": "N"}


class Point(NamedTuple):
    """One plan: its two numbers, its sign and role, and words beside it where they fit."""

    x: float
    y: float
    sign: str
    look: str
    words: str = ""


class PointAxis(NamedTuple):
    """What an axis is called, and how its numbers are written."""

    name: str
    show: Format


class _Span(NamedTuple):
    """The ends of an axis, and the cells between."""

    low: float
    high: float
    cells: int

    def at(self, value: float) -> int:
        return round((value - self.low) / (self.high - self.low) * (self.cells - 1))


def scatter(
    points: Sequence[Point],
    *,
    across: PointAxis,
    up: PointAxis,
    width: int,
    height: int,
    ascii_only: bool = False,
) -> Rows:
    """Return the points over two axes with even ticks; a later point hides an earlier one in its cell."""
    known = [point for point in points if math.isfinite(point.x) and math.isfinite(point.y)]
    if not known:
        return words("No plan has both numbers.", width=width)[:height]
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return words(f"{len(known)} points. No room for the chart.", width=width)[:height]
    upright = _span([point.y for point in known], height - 3)
    labels = {y: up.show(y) for y in ticks(upright.low, upright.high, count=max(2, (height - 3) // 3))}
    left = max([len(label) for label in labels.values()]) + 1
    level = _span([point.x for point in known], width - left - 1)
    canvas = Canvas(width, height)
    canvas.put(0, 0, up.name, "muted")
    for y in range(1, height - 2):
        canvas.put(left, y, "|" if ascii_only else "│", "axis")
    for value, label in labels.items():
        y = height - 3 - upright.at(value)
        canvas.put(left - 1 - len(label), y, label, "axis")
        canvas.put(left, y, "+" if ascii_only else "┤", "axis")
    _across(canvas, level, across, left, ascii_only=ascii_only)
    for point in known:
        x, y = left + 1 + level.at(point.x), height - 3 - upright.at(point.y)
        canvas.put(x, y, _ASCII_SIGNS.get(point.sign, point.sign) if ascii_only else point.sign, point.look)
        for start in (x + 2, x - 1 - len(point.words)):
            if point.words and canvas.free(start, y, len(point.words)):
                canvas.put(start, y, point.words, point.look)
                break
    return canvas.rows()


def _span(values: Sequence[float], cells: int) -> _Span:
    low, high = min(values), max(values)
    spare = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return _Span(low - spare, high + spare, cells)


def _across(canvas: Canvas, level: _Span, across: PointAxis, left: int, *, ascii_only: bool) -> None:
    y = canvas.height - 2
    canvas.put(left, y, ("+" if ascii_only else "└") + ("-" if ascii_only else "─") * level.cells, "axis")
    for value in ticks(level.low, level.high, count=max(2, level.cells // _TICK_EVERY)):
        x, text = left + 1 + level.at(value), across.show(value)
        canvas.put(x, y, "+" if ascii_only else "┴", "axis")
        canvas.put(min(max(x - len(text) // 2, 0), canvas.width - len(text)), y + 1, text, "axis")
    start = canvas.width - len(across.name)
    if canvas.free(start - _APART, y + 1, len(across.name) + _APART):
        canvas.put(start, y + 1, across.name, "muted")
    elif canvas.free(start - 1, 0, len(across.name) + 1):
        canvas.put(start, 0, across.name, "muted")
