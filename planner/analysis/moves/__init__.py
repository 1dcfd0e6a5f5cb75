"""What to do next: every lever at each sensible setting, judged by our cash, promises and success."""

from planner.analysis.moves.headings import HEADINGS, under_headings
from planner.analysis.moves.judged import Move
from planner.analysis.moves.levers import Setting, settings
from planner.analysis.moves.search import Moves, moves

__all__ = ["HEADINGS", "Move", "Moves", "Setting", "moves", "settings", "under_headings"]
