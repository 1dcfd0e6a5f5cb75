"""Usage logs in: what a team already has, as a workload with ranges and sources; and prices read again."""

from planner.usage.imported import Imported, Used
from planner.usage.read_log import read_log
from planner.usage.refresh import Effect, PriceChange, Refreshed, refresh
from planner.usage.spend import SpendLine

__all__ = ["Effect", "Imported", "PriceChange", "Refreshed", "SpendLine", "Used", "read_log", "refresh"]
