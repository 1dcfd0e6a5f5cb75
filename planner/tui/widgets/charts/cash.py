"""Cash over the months: a line for the median, dots from the 5th to the 95th percentile, marks for events."""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from planner.readout.axis import ticks
from planner.tui.widgets.charts.canvas import Canvas, Dots, Format, Rows, words

_LEAST_WIDTH, _LEAST_HEIGHT = 20, 5
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST_MARK_ROWS, _ROWS_PER_MARK_ROW = 3, 5
_MOST_AMOUNTS, _LEAST_GAP = 6, 0.75  # of the widest between two amounts
_DASH = 4  # dots of a dash, and of the gap after it
_DEBT_SHOWN = 0.25  # below zero, of what is above it
_ASCII_SIGNS = {"▲": "^", "△": "^", "✗": "x", "▼": "v", "◇": "*"}
_SPARE_ZEROS = re.compile(r"(\.\d*?)0+(?=\D|$)")


class Mark(NamedTuple):
    """What happens in a month (0 is the start), with a sign that stands under the month even where words don't fit.

    Without words the sign stands over the month, at the top of the curve.
    """

    month: float
    words: str
    sign: str
    look: str


class CashCourse(NamedTuple):
    """Cash at the start and after each month: as planned, its 5th and 95th percentile, and as it was (nan: not known).

    `closed_usd` is cash without raises that have not closed. Shape: (months + 1,) each; all but the first may be empty.
    """

    usd: Sequence[float]
    low_usd: Sequence[float] = ()
    high_usd: Sequence[float] = ()
    actual_usd: Sequence[float] = ()
    marks: Sequence[Mark] = ()
    closed_usd: Sequence[float] = ()

    @property
    def known(self) -> list[float]:
        """All amounts that there are."""
        every = (self.usd, self.low_usd, self.high_usd, self.actual_usd, self.closed_usd)
        return [usd for each in every for usd in each if math.isfinite(usd)]


class _Plane(NamedTuple):
    """Where a month and an amount lie in dots; a month takes `across` dots, the axis is in column `left`."""

    months: int
    step: int
    across: float
    low: float
    high: float
    left: int
    labels: Mapping[float, str]
    dots: Dots

    def x(self, month: float) -> int:
        return round(month * self.across)

    def y(self, usd: float) -> int:
        return round((self.high - usd) / (self.high - self.low) * (self.dots.height - 1))

    def column(self, month: float) -> int:
        """Return the column of a month on the canvas."""
        return self.left + 1 + self.x(month) // 2


def cash_curve(
    cash: CashCourse,
    *,
    width: int,
    height: int,
    show: Format,
    month: int | None = None,
    ascii_only: bool = False,
) -> Rows:
    """Return the curve of cash by month with axes and marks; `month` is under the cursor.

    The scale always holds zero, and is labelled with amounts that lie on it; ticks are whole steps apart. Where cash is
    below zero, the line of zero is drawn through in red, however little that is on the scale.
    """
    months = len(cash.usd)
    if not cash.known or months < 2:
        return words("No cash by month to draw.", width=width)[:height]
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        last = next((usd for usd in reversed(cash.usd) if math.isfinite(usd)), math.nan)
        text = f"Cash in month {months - 1}: {show(last)}. No room for the curve."
        return words(text, width=width)[:height]
    plane = _plane(cash, width, height, show)
    rows = plane.dots.height // 4
    canvas = Canvas(width, height)
    banded = _draw(plane, cash)
    plane.dots.onto(canvas, plane.left + 1, 1, ascii_only=ascii_only)
    certain = cash.closed_usd if len(cash.closed_usd) else cash.usd
    _draw_below_zero(canvas, plane, certain, ascii_only=ascii_only)
    _draw_actuals(canvas, plane, cash.actual_usd, ascii_only=ascii_only)
    _amount_axis(canvas, plane, ascii_only=ascii_only)
    _month_axis(canvas, plane, rows + 1, month, ascii_only=ascii_only)
    at = "" if month is None else f"month {month}: {show(cash.usd[min(month, months - 1)])}"
    _legend(canvas, at, cash, banded=banded, ascii_only=ascii_only)
    if month is not None:
        _cursor(canvas, plane.column(month), str(month), rows, ascii_only=ascii_only)
    _draw_signs(canvas, plane, cash.marks, ascii_only=ascii_only)
    told = [(plane.column(each.month), each) for each in cash.marks if each.words]
    _draw_marks(canvas, told, rows + 2, ascii_only)
    return canvas.rows()


def month_at(x: int, cash: CashCourse, *, width: int, height: int, show: Format) -> int | None:
    """Return the month (0 is the start) that a column of the curve shows; None where it shows none."""
    if len(cash.usd) < 2 or not cash.known or width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return None
    plane = _plane(cash, width, height, show)
    month = round((x - plane.left - 1) * 2 / plane.across)
    return month if 0 <= month < plane.months else None


def _plane(cash: CashCourse, width: int, height: int, show: Format) -> _Plane:
    """Return the scales that suit a room: as many rows of marks as it can spare, ticks that are whole steps apart."""
    low, high = min(0.0, *cash.known), max(0.0, *cash.known)
    if high > 0:
        low = max(low, -_DEBT_SHOWN * high)  # what lies lower is debt that nobody lends: the room is for cash
    low, high = (low, high) if high > low else (0.0, 1.0)
    rows = (
        height
        - 2
        - min(sum(bool(each.words) for each in cash.marks), _MOST_MARK_ROWS, height // _ROWS_PER_MARK_ROW)
    )
    labels = {usd: _round_amount(usd, show) for usd in _even_amounts(low, high, rows)}
    left = max(map(len, labels.values())) + 1
    last = len(cash.usd) - 1
    step, cells = _month_steps(last, width - left - 1)
    dots = Dots(math.ceil(cells * last) + 1, rows)
    return _Plane(last + 1, step, 2 * cells, low, high, left, labels, dots)


def _even_amounts(low: float, high: float, rows: int) -> list[float]:
    """Return as many round amounts as lie evenly in rows: none is much nearer to the next than others are."""

    def evenly(amounts: list[float]) -> bool:
        at = [round((high - usd) / (high - low) * (4 * rows - 1)) // 4 for usd in amounts]
        gaps = [first - second for first, second in pairwise(at)]
        return not gaps or min(gaps) >= _LEAST_GAP * max(gaps)

    most = max(2, min(rows // 2, _MOST_AMOUNTS))
    tried = [ticks(low, high, count=count) for count in range(most, 1, -1)]
    return next(filter(evenly, tried), [0.0, tried[-1][-1]])


def _round_amount(usd: float, show: Format) -> str:
    """Return an amount of an axis, which is round: without zeros that say nothing."""
    return _SPARE_ZEROS.sub(lambda found: found[1].rstrip("."), show(usd))


def _month_steps(last: int, room: int) -> tuple[int, float]:
    """Return the months from tick to tick, and the cells of a month: a whole number from tick to tick."""
    label = len(str(last))
    room = max(room - label, 1)
    step = next((each for each in _MONTH_STEPS if last / each * (label + 2) <= room), _MONTH_STEPS[-1])
    return step, max(math.floor(room / last * step), 1) / step


def _draw(plane: _Plane, cash: CashCourse) -> bool:
    """Draw the band, the zero line and the lines; say whether there was a band."""
    dots, ends = plane.dots, plane.x(plane.months - 1) + 1
    banded = False
    for x in range(ends):
        bottom, top = _at(plane, cash.low_usd, x), _at(plane, cash.high_usd, x)
        if math.isfinite(bottom) and math.isfinite(top) and top > bottom:
            banded = True
            for y in range(plane.y(top), plane.y(bottom) + 1):
                if (x + 2 * y) % 4 == 0:
                    dots.put(x, y, "band")
    for x in range(0, ends, 2):
        dots.put(x, plane.y(0.0), "zero")
    _draw_line(plane, cash.closed_usd, dashed=True)
    _draw_line(plane, cash.usd)
    return banded


def _draw_line(plane: _Plane, series: Sequence[float], *, dashed: bool = False) -> None:
    """Draw amounts by month, joined; below zero in another colour."""
    before = None
    for x in range(plane.x(plane.months - 1) + 1):
        usd = _at(plane, series, x)
        if not math.isfinite(usd):
            before = None
            continue
        y = plane.y(usd)
        start = y if before is None else before + (y > before) - (y < before)
        for between in range(min(start, y), max(start, y) + 1):
            if not dashed or x % (2 * _DASH) < _DASH:
                plane.dots.put(x, between, "bad" if usd < 0 else "line")
        before = y


def _at(plane: _Plane, series: Sequence[float], x: int) -> float:
    """Return the amount in a column of dots, linear between months."""
    if not len(series):
        return math.nan
    month = min(x / plane.across, len(series) - 1.0)
    first = min(int(month), len(series) - 2)
    part = month - first
    return series[first] * (1 - part) + series[first + 1] * part if part else series[first]


def _draw_below_zero(canvas: Canvas, plane: _Plane, cash: Sequence[float], *, ascii_only: bool) -> None:
    """Draw the line of zero through where cash is below it, so that the stretch is seen on any scale."""
    y = 1 + plane.y(0.0) // 4
    for cell in range(plane.x(plane.months - 1) // 2 + 1):
        if _at(plane, cash, 2 * cell) < 0:
            canvas.put(plane.left + 1 + cell, y, "=" if ascii_only else "━", "bad")


def _draw_actuals(canvas: Canvas, plane: _Plane, actual: Sequence[float], *, ascii_only: bool) -> None:
    for month, usd in enumerate(actual):
        if math.isfinite(usd) and usd >= plane.low:
            canvas.put(plane.column(month), 1 + plane.y(usd) // 4, "o" if ascii_only else "●", "mark")


def _legend(canvas: Canvas, at: str, cash: CashCourse, *, banded: bool, ascii_only: bool) -> None:
    """Say what is drawn, as long as there is room; what the month under the cursor holds comes first."""
    line, dots, point = ("*", ".", "o") if ascii_only else ("⣀", "⡈", "●")
    actual, planned = len(cash.actual_usd) > 0, len(cash.closed_usd) > 0
    band = f"   {dots} 5th to 95th percentile" * banded
    happened, was = f"   {point} what happened" * actual, f" {point} actual" * actual
    if planned:
        cases = f"{line} with planned raises, {line} {line} without"
        texts = [cases + band + happened, cases + happened, cases + was, cases]
    elif banded:
        texts = [f"{line} cash, median{band}{happened}", f"{line} median {dots} p5-p95{was}"]
    else:
        texts = [f"{line} cash{happened}", f"{line} cash{was}"]
    room = canvas.width - (len(at) + 2 if at else 0)
    canvas.put(0, 0, next((text for text in texts if len(text) <= room), ""), "muted")
    canvas.put(max(canvas.width - len(at), 0), 0, at, "mark")


def _amount_axis(canvas: Canvas, plane: _Plane, *, ascii_only: bool) -> None:
    tick, rule = ("+", "|") if ascii_only else ("┤", "│")
    left = plane.left
    for y in range(1, plane.dots.height // 4 + 1):
        canvas.put(left, y, rule, "axis")
    taken = set()
    for usd, label in sorted(plane.labels.items(), key=lambda pair: abs(pair[0])):
        y = 1 + plane.y(usd) // 4
        if y not in taken:
            canvas.put(left - 1 - len(label), y, label, "axis")
            canvas.put(left, y, tick, "axis")
            taken.add(y)


def _month_axis(canvas: Canvas, plane: _Plane, y: int, under_cursor: int | None, *, ascii_only: bool) -> None:
    """Put the numbers of months on the axis, but none where the one under the cursor would cut it."""
    canvas.put(0, y, next((text for text in ("month", "mo") if len(text) <= plane.left), ""), "axis")
    canvas.put(plane.left, y, "+" if ascii_only else "└", "axis")
    first, last = 0, -1
    if under_cursor is not None:
        first = plane.column(under_cursor) - 1
        last = first + len(str(under_cursor)) + 1
    for month in range(0, plane.months, plane.step):
        x = plane.column(month)
        if x > last or x + len(str(month)) <= first:
            canvas.put(x, y, str(month), "axis")


def _cursor(canvas: Canvas, x: int, month: str, rows: int, *, ascii_only: bool) -> None:
    """Draw a line up through the month under the cursor, with its number on the axis."""
    for y in range(1, rows + 1):
        if canvas.free(x, y, 1):
            canvas.put(x, y, "|" if ascii_only else "│", "mark")
    canvas.put(x - 1, rows + 1, f" {month} ", "cursor")


def _draw_signs(canvas: Canvas, plane: _Plane, marks: Sequence[Mark], *, ascii_only: bool) -> None:
    """Put the sign of every mark without words over its month, where nothing else is drawn."""
    for each in marks:
        if not each.words and canvas.free(plane.column(each.month), 1, 1):
            sign = _ASCII_SIGNS.get(each.sign, each.sign) if ascii_only else each.sign
            canvas.put(plane.column(each.month), 1, sign, each.look)


def _draw_marks(canvas: Canvas, marks: Sequence[tuple[int, Mark]], top: int, ascii_only: bool) -> None:
    """Put the sign of every mark under its month, then its words beside it where a row has room for them."""
    rows = range(top, canvas.height)
    at: dict[int, int] = {}
    marks = sorted(marks, key=lambda each: each[0])
    signs = [_ASCII_SIGNS.get(mark.sign, mark.sign) if ascii_only else mark.sign for _, mark in marks]
    for number, (x, mark) in enumerate(marks):
        if (y := next((y for y in rows if canvas.free(x, y, 1)), None)) is not None:
            at[number] = y
            canvas.put(x, y, signs[number], mark.look)
    for number in sorted(at, reverse=True):
        x, mark = marks[number]
        canvas.put(x, at[number], " ")
        told = [
            (x, f"{signs[number]} {mark.words}"),
            (x - 1 - len(mark.words), f"{mark.words} {signs[number]}"),
        ]
        free = [
            (start, y, text)
            for y in rows
            for start, text in told
            if canvas.free(start, y, len(text)) and _apart(canvas, start, y, len(text))
        ]
        canvas.put(*(free[0] if free else (x, at[number], signs[number])), mark.look)


def _apart(canvas: Canvas, x: int, y: int, width: int) -> bool:
    """Say whether a stretch has a blank, or the edge, at either side."""
    return (x == 0 or canvas.free(x - 1, y, 1)) and (
        x + width >= canvas.width or canvas.free(x + width, y, 1)
    )
