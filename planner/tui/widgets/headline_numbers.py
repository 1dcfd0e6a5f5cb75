"""The numbers on the right: what they are called, how they read, how far they moved from the baseline."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

import numpy as np

from planner.analysis.sensitivity import Tornado
from planner.model import METRICS, STATES, Result
from planner.records import dataclass
from planner.schema import Range, Scenario, fields
from planner.units import show

HEADLINE = ("net_burn_usd_per_month", "runway_months", "gross_margin_share", "usd_per_outcome")
LABELS = METRICS | {
    "net_burn_usd_per_month": "Net burn, month 1",
    "gross_burn_usd_per_month": "Gross burn, month 1",
    "usd_per_outcome": "Cost per outcome",
}
BETTER_WHEN_HIGHER = frozenset(
    {
        "runway_months",
        "gross_margin_share",
        "contribution_margin_share",
        "success_share",
        "ltv_usd",
        "ltv_to_cac_ratio",
    }
)
_RELATIVE = 1e-9


@dataclass(frozen=True, eq=False)
class Outlook:
    """All that the screen shows beside the inputs: a scenario, what it leads to, and the same of the baseline.

    `spread` holds the percentiles of each metric ({"p5", "p50", "p95"}) once they are drawn; `cash` the
    5th and 95th percentile of cash by month; `swings` what each range does to one number.
    """

    blank: ClassVar["Outlook"]

    scenario: Scenario
    result: Result | None = None
    baseline: Result | None = None
    spread: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    cash: tuple[Sequence[float], Sequence[float]] = ((), ())
    swings: Tornado | None = None


Outlook.blank = Outlook(Scenario())


@dataclass(frozen=True)
class Reading:
    """One number in words: its value, its range, its change; `verdict` is good, bad or nothing."""

    name: str
    label: str
    value: str
    spread: str = ""
    change: str = ""
    verdict: str = ""


def reading(outlook: Outlook, name: str) -> Reading:
    """Return one metric of an outlook in words."""
    label = LABELS[name]
    if outlook.result is None:
        return Reading(name, label, "…")
    change, verdict = _change(outlook, name)
    return Reading(name, label, metric_text(outlook.result, name), _spread(outlook, name), change, verdict)


def metric_text(result: Result, name: str) -> str:
    """Return a metric as people write it; a runway without end says which kind."""
    value = float(result.metrics[name])
    if name == "runway_months":
        state = int(result.runway_state)
        if state == STATES.index("beyond_horizon"):
            return f">{result.months.cash_usd.shape[-1]} months"
        if state == STATES.index("self_sustaining"):
            return "self-sustaining"
    return show(value, name)


def _spread(outlook: Outlook, name: str) -> str:
    ends = outlook.spread.get(name)
    if ends is None:
        return ""
    low, high = ends["p5"], ends["p95"]
    if low == high or math.isclose(low, high, rel_tol=1e-6) or math.isnan(low) or math.isnan(high):
        return ""
    return f"{_end(low, outlook, name)} to {_end(high, outlook, name)}"


def _end(value: float, outlook: Outlook, name: str) -> str:
    """Return one end of a range; a runway that does not end reads as longer than the plan."""
    if name == "runway_months":
        return f"{value:.1f}" if math.isfinite(value) else f">{int(outlook.scenario.company.horizon_months)}"
    return show(value, name)


def _change(outlook: Outlook, name: str) -> tuple[str, str]:
    if outlook.result is None or outlook.baseline is None:
        return "", ""
    after, before = float(outlook.result.metrics[name]), float(outlook.baseline.metrics[name])
    if name == "runway_months" and (math.isnan(after) or math.isnan(before)):
        return _runway_change(outlook.result, outlook.baseline)
    if math.isnan(after) or math.isnan(before):
        same = math.isnan(after) == math.isnan(before)
        return ("", "") if same else (f"was {metric_text(outlook.baseline, name)}", "")
    if math.isclose(after, before, rel_tol=_RELATIVE):
        return "", ""
    better = (after > before) == (name in BETTER_WHEN_HIGHER)
    verdict = "good" if better else "bad"
    return f"{signed(after - before, name)} {'better' if better else 'worse'}", verdict


def _runway_change(after: Result, before: Result) -> tuple[str, str]:
    """Say how a runway changed where at least one of the two does not end."""
    order = {STATES.index("self_sustaining"): 2, STATES.index("beyond_horizon"): 1}
    now, then = (order.get(int(each.runway_state), 0) for each in (after, before))
    if now == then:
        return "", ""
    words = f"was {metric_text(before, 'runway_months')}"
    return words, "good" if now > then else "bad"


def signed(change: float, name: str) -> str:
    """Return a change with its sign.

    >>> signed(-0.02, "gross_margin_share"), signed(1200.0, "net_burn_usd_per_month")
    ('-2.0 pts', '+$1,200')
    """
    text = show(abs(change), name).replace("%", " pts").replace(" months", " mo")
    return ("-" if change < 0 else "+") + text


def ranges_in(scenario: Scenario) -> int:
    """Return how many fields of a scenario are ranges."""
    return sum(isinstance(each.value, Range) for each in fields(scenario))


def cost_items(result: Result) -> list[tuple[str, float]]:
    """Return the line items of month 1 by name, the same name of several workloads or deployments together."""
    totals: dict[str, float] = {}
    for item in result.line_items:
        totals[item.name] = totals.get(item.name, 0.0) + float(item.usd_per_month)
    return sorted(((name, usd) for name, usd in totals.items() if usd), key=lambda pair: -abs(pair[1]))


def cash_by_month(outlook: Outlook) -> list[float]:
    """Return cash at the start and at the end of each month, shape (months + 1,)."""
    if outlook.result is None:
        return []
    start = float(outlook.scenario.company.cash_usd)
    return [start, *np.asarray(outlook.result.months.cash_usd, dtype=float).tolist()]
