"""From assumptions to seconds, GPUs and dollars: pure numpy, one function per quantity."""

from planner.model.evaluate import evaluate
from planner.model.result import METRICS, LineItem, Months, Result, WorkloadResult
from planner.model.runway import STATES

__all__ = ["METRICS", "STATES", "LineItem", "Months", "Result", "WorkloadResult", "evaluate"]
