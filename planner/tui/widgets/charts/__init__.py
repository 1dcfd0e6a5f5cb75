"""Small charts in text: functions from numbers to rows."""

from planner.tui.widgets.charts.bars import Swing, bar, breakdown_bars, share_text, spark, tornado, waterfall
from planner.tui.widgets.charts.canvas import Format, Row, Rows, Span, plain
from planner.tui.widgets.charts.cash import CashCourse, Mark, cash_curve, month_at
from planner.tui.widgets.charts.heat import HeatTable, heat_map, map_layout
from planner.tui.widgets.charts.session import CallCourse, session_chart
from planner.tui.widgets.charts.volume import CostCurve, cost_curves

__all__ = [
    "CallCourse",
    "CashCourse",
    "CostCurve",
    "Format",
    "HeatTable",
    "Mark",
    "Row",
    "Rows",
    "Span",
    "Swing",
    "bar",
    "breakdown_bars",
    "cash_curve",
    "cost_curves",
    "heat_map",
    "map_layout",
    "month_at",
    "plain",
    "session_chart",
    "share_text",
    "spark",
    "tornado",
    "waterfall",
]
