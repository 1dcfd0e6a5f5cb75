"""Many plans from one: what the ranges do, what matters, what to do next, why two plans differ."""

from planner.analysis.draws import draw, ranges
from planner.analysis.uncertainty import Fan, Percentiles, Spread, spread

__all__ = ["Fan", "Percentiles", "Spread", "draw", "ranges", "spread"]
