"""Results in words: metrics with their states, texts that a terminal can't be tricked by."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.files import inert
from planner.model import METRICS, STATES, Result
from planner.units import NOT_AVAILABLE, show

__all__ = [
    "inert",
    "label",
    "metric_text",
    "number",
    "result_text",
    "runway_state",
    "runway_words",
    "with_unit",
]

BEYOND, SUSTAINED = STATES.index("beyond_horizon"), STATES.index("self_sustaining")


def number(value: Any) -> float:
    """Return a number of a result as a plain float; nan for what is not there."""
    return math.nan if value is None else float(np.asarray(value, dtype=float).reshape(-1)[0])


def label(name: str) -> str:
    """Return what a metric is called on screen."""
    return METRICS.get(name, name)


def with_unit(value: float, name: str) -> str:
    """Return a number as people write it, its "a month" said where the name has it.

    >>> with_unit(42_750.0, "gross_burn_usd_per_month"), with_unit(0.35, "gross_margin_share")
    ('$42.8k/month', '35.0%')
    """
    text = show(value, name)
    return f"{text}/month" if name.endswith("_per_month") and text != NOT_AVAILABLE else text


def runway_state(result: Result) -> str | None:
    """Return the name of the state that the runway is in; None where it can't be computed."""
    state = int(np.asarray(result.runway_state).reshape(-1)[0])
    return STATES[state] if state >= 0 else None


def runway_words(months: float, state: int, horizon_months: float) -> str:
    """Return a runway as people say it.

    >>> runway_words(7.9, 0, 36), runway_words(math.nan, 1, 36), runway_words(math.nan, 2, 36)
    ('7.9 months', '>36 months', 'self-sustaining')
    """
    if state == BEYOND:
        return f">{horizon_months:.0f} months"
    return "self-sustaining" if state == SUSTAINED else show(months, "runway_months")


def metric_text(result: Result, name: str, horizon_months: float, reasons: Mapping[str, str] = {}) -> str:
    """Return one headline number of a single plan as people say it; n/a brings its reason."""
    value = number(result.metrics[name])
    if name == "runway_months":
        state = int(np.asarray(result.runway_state).reshape(-1)[0])
        if state >= 0:
            return runway_words(value, state, horizon_months)
    if math.isfinite(value):
        return with_unit(value, name)
    reason = reasons.get(name, "")
    return f"{NOT_AVAILABLE} ({inert(reason)})" if reason else NOT_AVAILABLE


def result_text(metric: str, value: float, horizon_months: float) -> str:
    """Return a result of one plan; a runway is counted up to the horizon."""
    if metric == "runway_months" and value >= horizon_months:
        return runway_words(value, BEYOND, horizon_months)
    return with_unit(value, metric)
