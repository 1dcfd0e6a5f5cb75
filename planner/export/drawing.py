"""Charts of a report as inline SVG, readable without colour and self-contained."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from planner.analysis.actuals import CashPath
from planner.analysis.uncertainty import Fan
from planner.export.bridge import BridgeStep
from planner.export.swings import ResultSwing
from planner.files import inert_html
from planner.readout.axis import ticks
from planner.records import dataclass
from planner.schema import Array
from planner.units import show

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 720.0, 280.0, 70.0, 8.0, 30.0, 34.0
ROW, BAR_HEIGHT, LABEL_WIDTH, AMOUNT_WIDTH = 26.0, 18.0, 230.0, 86.0
_AMOUNTS = 5  # approximate number of ticks on the cash axis
_MONTH_LABELS = 12


@dataclass(frozen=True)
class Plane:
    """Coordinates of months and amounts on the cash chart."""

    months: int
    low: float
    high: float

    def x(self, month: float) -> float:
        """Return the x coordinate of the end of a month, counted from 1."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (month - 1) / max(self.months - 1, 1)

    def y(self, usd: float) -> float:
        """Return the y coordinate of an amount."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - usd) / (self.high - self.low)

    def area(self, low: Array, high: Array) -> str:
        """Return the path around the area between two lines of amounts by month."""
        there = [f"{self.x(i + 1):.1f} {self.y(float(high[i])):.1f}" for i in range(self.months)]
        back = [f"{self.x(i + 1):.1f} {self.y(float(low[i])):.1f}" for i in reversed(range(self.months))]
        return "M" + " L".join([*there, *back]) + " Z"


@dataclass(frozen=True)
class CashEnds:
    """When cash runs out (months, nan if it lasts), without and with planned raises, and cash without them.

    `closed_usd`: at each month's end, shape (months,); None if no raise is open.
    """

    runway_months: float
    with_raises_months: float = math.nan
    closed_usd: Array | None = None


def cash_chart(
    cash_usd: Array, fan: Fan, funding_usd: Array, *, ends: CashEnds, path: CashPath | None = None
) -> str:
    """Return the chart of month-end cash, with its ranges, zero, each raise, and where cash runs out.

    Cash without planned raises is a dashed line, with the area below zero filled separately. `path` is actual
    cash, as dots, and its projection from there.
    """
    certain = cash_usd if ends.closed_usd is None else np.asarray(ends.closed_usd)
    also = [] if path is None else [usd for usd in (*path.happened, *path.to_come) if not math.isnan(usd)]
    low = min(float(np.min(fan.p5)), float(np.min(certain)), 0.0, *also)
    high = max(float(np.max(fan.p95)), float(np.max(cash_usd)), 1.0, *also)
    plane = Plane(len(cash_usd), low, high)
    closed = (
        [] if ends.closed_usd is None else [f'<polyline points="{_points(plane, certain)}" class="closed"/>']
    )
    parts = [
        *_amount_axis(plane), *_month_axis(plane),
        f'<path d="{plane.area(fan.p5, fan.p95)}" class="outer"/>',
        f'<path d="{plane.area(fan.p25, fan.p75)}" class="inner"/>',
        f'<path d="{plane.area(np.minimum(certain, 0.0), np.zeros(len(certain)))}" class="missing"/>',
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{plane.y(0):.1f}" y2="{plane.y(0):.1f}" class="zero"/>',
        *closed, f'<polyline points="{_points(plane, cash_usd)}" class="line"/>',
        *_raises(plane, funding_usd), *_cash_out(plane, ends), *_happened(plane, path),
    ]  # fmt: skip
    return f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="Cash by month">{"".join(parts)}</svg>'


def _points(plane: Plane, usd: Array) -> str:
    return " ".join(f"{plane.x(i + 1):.1f},{plane.y(float(each)):.1f}" for i, each in enumerate(usd))


def _happened(plane: Plane, path: CashPath | None) -> list[str]:
    if path is None:
        return []
    dots = [
        f'<circle cx="{plane.x(month):.1f}" cy="{plane.y(usd):.1f}" r="3" class="actual"/>'
        for month, usd in enumerate(path.happened, 1)
        if not math.isnan(usd)
    ]
    first = len(path.happened) + 1
    points = " ".join(f"{plane.x(first + i):.1f},{plane.y(usd):.1f}" for i, usd in enumerate(path.to_come))
    return [*dots, f'<polyline points="{points}" class="to-come"/>']


def _amount_axis(plane: Plane) -> list[str]:
    return [
        _text(LEFT - 6, plane.y(usd) + 4, show(usd, "usd"), anchor="end")
        + f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{plane.y(usd):.1f}" y2="{plane.y(usd):.1f}" class="grid"/>'
        for usd in ticks(plane.low, plane.high, count=_AMOUNTS)
    ]


def _month_axis(plane: Plane) -> list[str]:
    months = [1.0, *(month for month in ticks(0.0, plane.months, count=_MONTH_LABELS) if month >= 2)]
    return [_text(plane.x(month), HEIGHT - 10, f"{month:g}") for month in months if month == int(month)]


def _raises(plane: Plane, funding_usd: Array) -> list[str]:
    raised = [(month + 1, float(usd)) for month, usd in enumerate(funding_usd) if usd > 0]
    return [
        _upright(plane.x(month), TOP - 4, HEIGHT - BOTTOM, "raise")
        + _text(plane.x(month), TOP - 8, f"raise {show(usd, 'usd')}", anchor=_anchor(plane, month))
        for month, usd in raised
    ]


def _cash_out(plane: Plane, ends: CashEnds) -> list[str]:
    """Mark where cash runs out, and below zero where it does with planned raises, if they make it last longer."""
    later = ends.with_raises_months if ends.with_raises_months > ends.runway_months else math.nan
    zero = plane.y(0)
    marks = [
        (ends.runway_months, zero - 9, f"cash out, month {ends.runway_months:.1f}"),
        (later, zero + 18, f"with planned raises, month {later:.1f}"),
    ]
    return [
        f'<circle cx="{plane.x(max(at, 1.0)):.1f}" cy="{zero:.1f}" r="4" class="out"/>'
        + _text(plane.x(max(at, 1.0)), y, words, anchor=_anchor(plane, at), look="out")
        for at, y, words in marks
        if at < plane.months
    ]


def _anchor(plane: Plane, month: float) -> str:
    return "end" if month > 0.8 * plane.months else "start" if month < 0.2 * plane.months else "middle"


@dataclass(frozen=True)
class ChartRow:
    """A bar of a chart: where it starts and ends across the page, its label, and the text beside it."""

    label: str
    left: float
    right: float
    beside: str
    look: str = "bar"

    def drawn(self, place: int, *, at: float | None = None) -> str:
        """Return the row at its place from the top; text beside it starts at `at`, by default after the bar."""
        top, width = place * ROW, max(self.right - self.left, 1.0)
        return (
            _text(LABEL_WIDTH - 8, top + 14, inert_html(self.label), anchor="end")
            + f'<rect x="{self.left:.1f}" y="{top:.0f}" width="{width:.1f}" height="{BAR_HEIGHT}" class="{self.look}"/>'
            + _text(self.right + 6 if at is None else at, top + 14, inert_html(self.beside), anchor="start")
        )


def bridge_chart(steps: Sequence[BridgeStep]) -> str:
    """Return the steps from revenue to gross profit as a waterfall, each with its amount."""
    ends = np.cumsum([steps[0].usd, *(step.usd for step in steps[1:-1])])
    across = _across(min(0.0, float(ends.min())), max(0.0, float(ends.max())))
    rows = []
    for i, step in enumerate(steps):
        start, end = (0.0, step.usd) if step.whole else (float(ends[i - 1]), float(ends[i]))
        look = "bar" if step.whole else "gain" if step.usd > 0 else "loss"
        left, right = across(min(start, end)), across(max(start, end))
        rows.append(ChartRow(step.label, left, right, show(step.usd, "usd"), look).drawn(i))
    return _svg(rows, len(steps), "From revenue to gross profit")


def swing_chart(swings: Sequence[ResultSwing], middle: float) -> str:
    """Return a tornado of how far each unknown moves a result, with the median as a vertical line."""
    ends = [end for swing in swings for end in (swing.at_low, swing.at_high)]
    across = _across(min(middle, *ends), max(middle, *ends))
    rows = []
    for i, each in enumerate(swings):
        left, right = sorted((across(each.at_low), across(each.at_high)))
        rows.append(ChartRow(each.label, left, right, each.gives).drawn(i, at=WIDTH - 2 * AMOUNT_WIDTH + 6))
    rows.append(_upright(across(middle), 0, ROW * len(swings), "zero"))
    return _svg(rows, len(swings), "What would change the answer most")


def _across(low: float, high: float) -> Callable[[float], float]:
    room, span = WIDTH - LABEL_WIDTH - 2 * AMOUNT_WIDTH, high - low or 1.0
    return lambda value: LABEL_WIDTH + room * (value - low) / span


def _svg(rows: Sequence[str], count: int, label: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH:.0f} {ROW * count:.0f}" role="img" aria-label="{label}">{"".join(rows)}</svg>'


def _upright(x: float, top: float, bottom: float, look: str) -> str:
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.0f}" y2="{bottom:.0f}" class="{look}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "middle", look: str = "") -> str:
    named = f' class="{look}"' if look else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{text}</text>'
