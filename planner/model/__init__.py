"""From assumptions to seconds, GPUs and dollars: pure numpy, one function per quantity."""

from planner.model.call_by_call import SessionCalls
from planner.model.evaluate import evaluate, evaluate_month_one
from planner.model.result import (
    FLOWS,
    STATES,
    LineItem,
    MonthOne,
    Months,
    Result,
    SegmentResult,
    WorkloadResult,
)

__all__ = [
    "FLOWS",
    "STATES",
    "LineItem",
    "MonthOne",
    "Months",
    "Result",
    "SegmentResult",
    "SessionCalls",
    "WorkloadResult",
    "evaluate",
    "evaluate_month_one",
]
