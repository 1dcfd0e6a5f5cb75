"""Actuals compared with the plan: variance, accuracy, re-weighted ranges, and the remaining runway."""

from planner.analysis.actuals.compared import PlanAndActuals, compare
from planner.analysis.actuals.planned import check
from planner.analysis.actuals.remaining import CashPath, Remaining, cash_path, remaining

__all__ = ["CashPath", "PlanAndActuals", "Remaining", "cash_path", "check", "compare", "remaining"]
