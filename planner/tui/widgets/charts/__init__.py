"""Small charts in text: functions from numbers to rows. What the first screen does not need is in its module."""

from planner.tui.widgets.charts.bars import (
    Swing,
    bar,
    breakdown_bars,
    moving,
    share_text,
    spark,
    tornado,
    waterfall,
)
from planner.tui.widgets.charts.canvas import Format, Row, Rows, Span, plain
from planner.tui.widgets.charts.cash import CashCourse, Mark, cash_curve, month_at

__all__ = [
    "CashCourse",
    "Format",
    "Mark",
    "Row",
    "Rows",
    "Span",
    "Swing",
    "bar",
    "breakdown_bars",
    "cash_curve",
    "month_at",
    "moving",
    "plain",
    "share_text",
    "spark",
    "tornado",
    "waterfall",
]
