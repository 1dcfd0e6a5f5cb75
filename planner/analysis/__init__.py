"""Many plans from one: what the ranges do, what matters, what to do next, why two plans differ."""

from planner.analysis.compare import Change, Comparison, Share, compare
from planner.analysis.differences import Difference, Part
from planner.analysis.draws import draw, ranges
from planner.analysis.frontier import Choice, Front, frontier
from planner.analysis.grid import Grid, evaluate_grid, sensible_values
from planner.analysis.moves import Move, Moves, moves
from planner.analysis.seek import Solution, Sought, seek
from planner.analysis.sensitivity import Bar, Index, Indices, Tornado, sobol_indices, tornado, tornados
from planner.analysis.sweep import Axis, Sweep, sweep
from planner.analysis.uncertainty import Fan, Percentiles, Spread, spread

__all__ = ["Axis", "Bar", "Change", "Choice", "Comparison", "Difference", "Fan", "Front", "Grid", "Index", "Indices", "Move", "Moves", "Part", "Percentiles", "Share", "Solution", "Sought", "Spread", "Sweep", "Tornado", "compare", "draw", "evaluate_grid", "frontier", "moves", "ranges", "seek", "sensible_values", "sobol_indices", "spread", "sweep", "tornado", "tornados"]  # fmt: skip
