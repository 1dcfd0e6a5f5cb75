"""Usage logs in: what a team already has, as a workload with ranges and sources; and prices read again."""

from planner.usage.log_summary import LogSummary, Used
from planner.usage.read_log import read_log, read_months
from planner.usage.refresh import PlanEffect, PriceChange, Refreshed, refresh
from planner.usage.spend import SpendLine

__all__ = [
    "LogSummary",
    "PlanEffect",
    "PriceChange",
    "Refreshed",
    "SpendLine",
    "Used",
    "read_log",
    "read_months",
    "refresh",
]
