"""From plans to outlooks: medians at once, ranges a moment later. Plain Python, no terminal."""

import math
from dataclasses import replace

import numpy as np

from planner.analysis.sensitivity import tornado
from planner.analysis.uncertainty import Spread, spread
from planner.model import Result, evaluate
from planner.schema import Range, Scenario, fields
from planner.tui.numbers import HEADLINE, Outlook
from planner.tui.state import Plan

TYPING_SAMPLES, SETTLED_SAMPLES = 1_024, 8_192


class Forecast:
    """Remembers the result of the baseline, so that an edit computes one scenario only."""

    def __init__(self) -> None:
        self._baseline: tuple[Scenario, Result] | None = None

    def outlook(self, plan: Plan, scenario: Scenario) -> Outlook:
        """Return what `scenario` leads to, beside the plan's baseline; raise ScenarioError if it can't be computed."""
        return Outlook(scenario, evaluate(scenario), self._result_of(plan.baseline))

    def _result_of(self, baseline: Scenario) -> Result:
        if self._baseline is None or self._baseline[0] is not baseline:
            self._baseline = (baseline, evaluate(baseline))
        return self._baseline[1]


def with_ranges(outlook: Outlook, *, samples: int) -> Outlook:
    """Return the outlook with percentiles of its numbers and of cash by month."""
    if not uncertain(outlook.scenario):
        return replace(outlook, spread={}, cash=((), ()))
    return _spread_over(outlook, spread(outlook.scenario, samples))


def with_swings(outlook: Outlook, metric: str) -> Outlook:
    """Return the outlook with what each range of the scenario does to one number."""
    if not uncertain(outlook.scenario):
        return replace(outlook, swings=None)
    return replace(outlook, swings=tornado(outlook.scenario, metric))


def uncertain(scenario: Scenario) -> bool:
    """Say whether anything in a scenario is a range."""
    return any(isinstance(field.value, Range) for field in fields(scenario))


def _spread_over(outlook: Outlook, drawn: Spread) -> Outlook:
    ranges = {
        name: {"p5": each.p5, "p50": each.p50, "p95": each.p95}
        for name, each in drawn.ranges.items()
        if name in HEADLINE
    } | {"runway_months": _runway_ends(drawn)}
    start = float(outlook.scenario.company.cash_usd)
    low, high = ([start, *end.tolist()] for end in (drawn.cash_fan.p5, drawn.cash_fan.p95))
    return replace(outlook, spread=ranges, cash=(low, high))


def _runway_ends(drawn: Spread) -> dict[str, float]:
    """Return the percentiles of the runway over all samples: one that does not end is longer than any that does."""
    state = np.asarray(drawn.result.runway_state)
    months = np.where(state == 0, drawn.result.metrics["runway_months"], np.inf)
    known = np.broadcast_to(months, np.broadcast_shapes(months.shape, state.shape))[state >= 0]
    if not known.size:
        return {"p5": math.nan, "p50": math.nan, "p95": math.nan}
    p5, p50, p95 = np.quantile(known, (0.05, 0.5, 0.95), method="nearest")
    return {"p5": float(p5), "p50": float(p50), "p95": float(p95)}
