"""The numbers on the right: what they are called, how they read, how far they moved from the baseline."""

import math

import numpy as np

from planner.model import Result
from planner.readout import (
    RUNWAYS,
    change_text,
    long_label,
    metric_text,
    number,
    range_text,
    runway_state,
    samples_of,
    spans_text,
    verdict,
)
from planner.readout.outcome_cost import outcome_cost
from planner.records import dataclass
from planner.schema import Range, Scenario, holding
from planner.tui.session.outlook import Outlook
from planner.units import show

LOOKS = {"better": "good", "worse": "bad", "": ""}
_RELATIVE = 1e-9


@dataclass(frozen=True)
class HeadlineNumber:
    """One number in words: value, range, change; `verdict` is good, bad or nothing, `part` what it holds."""

    name: str
    label: str
    value: str
    spread: str = ""
    change: str = ""
    verdict: str = ""
    part: str = ""


def reading(outlook: Outlook, name: str) -> HeadlineNumber:
    """Return one metric of an outlook in words, and of which month it is where it is of one."""
    if outlook.result is None:
        return HeadlineNumber(name, long_label(name), "…")
    label = long_label(name, outlook.result.month)
    change, look = _change(outlook, name)
    value = metric_text(outlook.result, name, brief=True)
    return HeadlineNumber(
        name, label, value, _spread(outlook, name), change, look, _part(outlook.result, name)
    )


def _part(result: Result, name: str) -> str:
    """Return what of an outcome's cost is serving, where failures or people cost something too."""
    if name != "usd_per_outcome":
        return ""
    cost = outcome_cost(result)
    more = cost.whole_usd - cost.serving_usd > _RELATIVE * cost.whole_usd
    return f"serving {show(cost.serving_per_outcome_usd, 'usd')}" if more and cost.solved else ""


def _spread(outlook: Outlook, name: str) -> str:
    ends, ahead = outlook.spread.get(name), float(outlook.scenario.company.horizon_months)
    return range_text(name, ends, ahead, brief=True) if ends else ""


def _change(outlook: Outlook, name: str) -> tuple[str, str]:
    """Say how a number differs from the baseline, and whether that is good or bad."""
    if outlook.result is None or outlook.baseline is None:
        return "", ""
    after, before = (float(samples_of(each, name)) for each in (outlook.result, outlook.baseline))
    was = f"was {metric_text(outlook.baseline, name, brief=True)}"
    if name in RUNWAYS and math.isinf(after) != math.isinf(before):
        return was, "good" if math.isinf(after) else "bad"
    if name in RUNWAYS and math.isinf(after):
        return _ending(outlook.result, outlook.baseline, name, was)
    if math.isnan(after) or math.isnan(before):
        return ("", "") if math.isnan(after) == math.isnan(before) else (was, "")
    if math.isclose(after, before, rel_tol=_RELATIVE):
        return "", ""
    ends = (number(outlook.baseline.horizon_months), number(outlook.result.horizon_months))
    if spans_text(name, ends):
        return was, ""
    word = verdict(name, after - before)
    return f"{change_text(name, after - before, brief=True)} {word}", LOOKS[word]


def _ending(after: Result, before: Result, name: str, was: str) -> tuple[str, str]:
    """Say how the end of a plan changed whose cash lasts."""
    now, then = runway_state(after, name), runway_state(before, name)
    if now == then:
        return "", ""
    return was, "good" if now == "self_sustaining" else "bad"


def ranges_in(scenario: Scenario) -> int:
    """Return how many fields of a scenario are ranges."""
    return sum(1 for _ in holding(scenario, Range))


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
