"""Cash over the months: a line for the median, dots from the 5th to the 95th percentile."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from planner.readout.axis import ticks
from planner.tui.widgets.charts.canvas import Canvas, Dots, Format, Rows, words

_LEAST_WIDTH, _LEAST_HEIGHT = 20, 5
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


class RaiseMark(NamedTuple):
    """Money raised in a month (0 is the start)."""

    month: float
    amount_usd: float


class _Plane(NamedTuple):
    """Where a month and an amount lie in dots."""

    months: int
    low: float
    high: float
    dots: Dots

    def x(self, month: float) -> int:
        return round(month / max(self.months - 1, 1) * (self.dots.width - 1))

    def y(self, usd: float) -> int:
        return round((self.high - usd) / (self.high - self.low) * (self.dots.height - 1))


def cash_curve(
    cash_usd: Sequence[float],
    *,
    width: int,
    height: int,
    show: Format,
    low_usd: Sequence[float] = (),
    high_usd: Sequence[float] = (),
    funding: Sequence[RaiseMark] = (),
    ascii_only: bool = False,
) -> Rows:
    """Return the curve of cash by month with axes; `low_usd` and `high_usd` are its 5th and 95th percentile.

    The scale always holds zero, and is labelled with amounts that lie on it. Shape: (months,) each.
    """
    months = len(cash_usd)
    known = [usd for series in (cash_usd, low_usd, high_usd) for usd in series if math.isfinite(usd)]
    if not known or months < 2:
        return words("No cash by month to draw.", width=width)
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        last = next((usd for usd in reversed(cash_usd) if math.isfinite(usd)), math.nan)
        return words(f"Cash in month {months - 1}: {show(last)}. No room for the curve.", width=width)[
            :height
        ]
    bounds = _bounds(known)
    rows = height - 2 - bool(funding)
    labels = {usd: show(usd) for usd in ticks(*bounds, count=max(2, min(rows // 2, 6)))}
    left = max(map(len, labels.values())) + 1
    plane = _Plane(months, *bounds, Dots(width - left - 1, rows))
    canvas = Canvas(width, height)
    banded = _draw(plane, cash_usd, low_usd, high_usd)
    plane.dots.onto(canvas, left + 1, 1, ascii_only=ascii_only)
    _legend(canvas, banded=banded, ascii_only=ascii_only)
    _amount_axis(canvas, plane, labels, left, ascii_only=ascii_only)
    _month_axis(canvas, plane, left, rows + 1, ascii_only=ascii_only)
    _funding_marks(canvas, plane, funding, left, show, ascii_only=ascii_only)
    return canvas.rows()


def _bounds(known: Sequence[float]) -> tuple[float, float]:
    low, high = min(0.0, *known), max(0.0, *known)
    return (low, high) if high > low else (0.0, 1.0)


def _draw(plane: _Plane, middle: Sequence[float], low: Sequence[float], high: Sequence[float]) -> bool:
    """Draw the band, the zero line and the line; say whether there was a band."""
    dots = plane.dots
    banded = False
    for x in range(dots.width):
        bottom, top = _at(plane, low, x), _at(plane, high, x)
        if math.isfinite(bottom) and math.isfinite(top) and top > bottom:
            banded = True
            for y in range(plane.y(top), plane.y(bottom) + 1):
                if (x + 2 * y) % 4 == 0:
                    dots.put(x, y, "band")
    for x in range(0, dots.width, 2):
        dots.put(x, plane.y(0.0), "zero")
    before = None
    for x in range(dots.width):
        usd = _at(plane, middle, x)
        if not math.isfinite(usd):
            before = None
            continue
        y = plane.y(usd)
        start = y if before is None else before + (y > before) - (y < before)
        for between in range(min(start, y), max(start, y) + 1):
            dots.put(x, between, "bad" if usd < 0 else "line")
        before = y
    return banded


def _at(plane: _Plane, series: Sequence[float], x: int) -> float:
    """Return the amount in a column of dots, linear between months."""
    if not len(series):
        return math.nan
    month = x / max(plane.dots.width - 1, 1) * (len(series) - 1)
    first = min(int(month), len(series) - 2)
    part = month - first
    return series[first] * (1 - part) + series[first + 1] * part if part else series[first]


def _legend(canvas: Canvas, *, banded: bool, ascii_only: bool) -> None:
    line, dots = ("*", ".") if ascii_only else ("⣀", "⡈")
    long = f"{line} cash, median   {dots} 5th to 95th percentile" if banded else f"{line} cash, $"
    short = f"{line} median {dots} p5-p95" if banded else f"{line} cash"
    canvas.put(0, 0, long if len(long) <= canvas.width else short, "muted")


def _amount_axis(
    canvas: Canvas, plane: _Plane, labels: dict[float, str], left: int, *, ascii_only: bool
) -> None:
    tick, rule = ("+", "|") if ascii_only else ("┤", "│")
    for y in range(1, plane.dots.height // 4 + 1):
        canvas.put(left, y, rule, "axis")
    taken = set()
    for usd, label in sorted(labels.items(), key=lambda pair: abs(pair[0])):
        y = 1 + plane.y(usd) // 4
        if y not in taken:
            canvas.put(left - 1 - len(label), y, label, "axis")
            canvas.put(left, y, tick, "axis")
            taken.add(y)


def _month_axis(canvas: Canvas, plane: _Plane, left: int, y: int, *, ascii_only: bool) -> None:
    unit = " months"
    room = canvas.width - left - 1
    last = plane.months - 1
    step = next((s for s in _MONTH_STEPS if last / s * (len(str(last)) + 2) <= room), _MONTH_STEPS[-1])
    canvas.put(left, y, "+" if ascii_only else "└", "axis")
    for month in range(0, last + 1, step):
        text = str(month)
        x = min(left + 1 + plane.x(month) // 2, canvas.width - len(text))
        if canvas.free(x, y, len(text)) and (x == left + 1 or canvas.free(x - 1, y, 1)):
            canvas.put(x, y, text, "axis")
    for x in range(canvas.width - len(unit), left + 2, -1):
        if canvas.free(x, y, len(unit)) and (
            x + len(unit) == canvas.width or canvas.free(x + len(unit), y, 1)
        ):
            canvas.put(x, y, unit, "axis")
            return
    canvas.put(0, y, _unit(left), "axis")


def _unit(room: int) -> str:
    """Return "month" as far as it fits left of the axis."""
    return next((text for text in ("month", "mo") if len(text) <= room), "")


def _funding_marks(
    canvas: Canvas, plane: _Plane, funding: Sequence[RaiseMark], left: int, show: Format, *, ascii_only: bool
) -> None:
    y = canvas.height - 1
    for raised in funding:
        x = left + 1 + plane.x(raised.month) // 2
        text = f"{'^' if ascii_only else '▲'} +{show(raised.amount_usd)}"
        start = min(x, canvas.width - len(text))
        if raised.month <= plane.months - 1 and canvas.free(start, y, len(text)):
            text = text if start == x else f"{text[2:]} {text[0]}"
            canvas.put(x if start == x else x + 1 - len(text), y, text, "good")
