"""Many plans from one: what the ranges do, what matters, what to do next, why two plans differ."""

from planner.analysis.compare import Change, Comparison, Share, compare
from planner.analysis.differences import Difference, Part
from planner.analysis.draws import draw, ranges
from planner.analysis.uncertainty import Fan, Percentiles, Spread, spread

__all__ = [
    "Change",
    "Comparison",
    "Difference",
    "Fan",
    "Part",
    "Percentiles",
    "Share",
    "Spread",
    "compare",
    "draw",
    "ranges",
    "spread",
]
