"""Small charts in text: functions from numbers to rows."""

from planner.tui.charts.bars import Swing, bar, breakdown_bars, share_text, spark, tornado, waterfall
from planner.tui.charts.canvas import Format, Row, Rows, Span, plain
from planner.tui.charts.cash import Funding, cash_curve
from planner.tui.charts.heat import heat_map
from planner.tui.charts.volume import Curve, cost_curves

__all__ = [
    "Curve",
    "Format",
    "Funding",
    "Row",
    "Rows",
    "Span",
    "Swing",
    "bar",
    "breakdown_bars",
    "cash_curve",
    "cost_curves",
    "heat_map",
    "plain",
    "share_text",
    "spark",
    "tornado",
    "waterfall",
]
