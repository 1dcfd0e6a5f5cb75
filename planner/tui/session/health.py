"""How a plan stands, in one line: promises, goal, age of prices, what is not saved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from planner.errors import ScenarioError
from planner.readout import RUNWAY, RUNWAY_WITH_RAISES, long_label, metric_text, number
from planner.readout.models_gone import models_gone
from planner.readout.promises import asked_for, promises
from planner.readout.rule_text import rule_text
from planner.readout.vendor_terms import limits_hit
from planner.records import dataclass
from planner.tui.session.price_age import price_age
from planner.units import counted

if TYPE_CHECKING:
    from datetime import date

    from planner.model import Result
    from planner.schema import Scenario
    from planner.tui.state import Plan

YES, NO, CARE = "✓", "✗", "!"


@dataclass(frozen=True)
class HealthPoint:
    """One thing that is well, is broken, wants care or is only told; `bad`: None where neither well nor broken."""

    words: str
    bad: bool | None = None
    care: bool = False

    @property
    def look(self) -> str:
        """The role of its colour."""
        if self.bad is None:
            return "mark" if self.care else "muted"
        return "bad" if self.bad else "good"

    @property
    def text(self) -> str:
        """Its words behind a sign that says the same as the colour."""
        if self.bad is None:
            return f"{CARE} {self.words}" if self.care else self.words
        return f"{NO if self.bad else YES} {self.words}"


def health(plan: Plan, result: Result | None, today: date) -> tuple[HealthPoint, ...]:
    """Return how a plan stands; what is broken comes first."""
    scenario = plan.scenario
    found = (
        [
            *(HealthPoint(words, care=True) for words in models_gone(scenario, result)),
            *_promised(result),
            *_fitting(result),
            *_limited(result),
            *_lasting(result),
            *_goal(scenario, result),
        ]
        if result is not None
        else []
    )
    age, old = price_age(scenario, today)
    found += [HealthPoint(age, care=old)] if age else []
    found += [HealthPoint("not saved")] if plan.unsaved else []
    found += _compared_with(plan)
    return tuple(sorted(found, key=lambda each: 0 if each.bad else 1 if each.care else 2))


def _compared_with(plan: Plan) -> list[HealthPoint]:
    """Return what the changes under the headline are against, where there are any."""
    if plan.baseline == plan.scenario:
        return []
    other = plan.baseline.title
    named = (
        other if other != plan.scenario.title else "the plan as it was" if plan.unsaved else "its baseline"
    )
    return [HealthPoint(f"changes: against {named}")]


def _lasting(result: Result) -> list[HealthPoint]:
    """Return in which month cash runs out, if it does."""
    months, raised = (number(result.metrics[name]) for name in (RUNWAY, RUNWAY_WITH_RAISES))
    if not math.isfinite(months):
        return []
    planned = "" if raised == months else " without the planned raises"
    return [HealthPoint(f"cash runs out in month {math.floor(months) + 1}{planned}", bad=True)]


def _promised(result: Result) -> list[HealthPoint]:
    idle = [name for name, each in result.workloads.items() if not asked_for(each)]
    made = [each for each in promises(result) if each.workload not in idle]
    unasked = [HealthPoint(f"{', '.join(idle)}: no requests, no cost")] if idle else []
    by_state = {
        state: [each for each in made if each.state == state] for state in ("kept", "broken", "not known")
    }
    broken, kept = by_state["broken"], len(by_state["kept"])
    found = [HealthPoint(each.words, bad=True) for each in broken]
    found += [HealthPoint(each.words, care=True) for each in by_state["not known"]]
    if not made:
        return unasked or [HealthPoint("no latency is promised")]
    if not kept:
        return [*found, *unasked]
    words = (
        f"{counted(kept, 'promise')} kept" if kept == len(made) else f"{kept} of {len(made)} promises kept"
    )
    return [*found, HealthPoint(words, bad=False), *unasked]


def _fitting(result: Result) -> list[HealthPoint]:
    lost = [name for name, each in result.deployments.items() if not np.all(each.fits)]
    return [HealthPoint(f"{name} does not fit its GPUs", bad=True) for name in lost]


def _limited(result: Result) -> list[HealthPoint]:
    hit = [HealthPoint(words, bad=True) for words in limits_hit(result)]
    kept = len(result.limits) - len(hit)
    return [*hit, HealthPoint(f"{counted(kept, 'limit')} of vendors kept", bad=False)] if kept else hit


def _goal(scenario: Scenario, result: Result) -> list[HealthPoint]:
    """Return the goal's result and its rules; a rule on ranges is only counted, as it needs samples."""
    goal = scenario.goal
    if not goal.best and not goal.keep:
        return []
    from planner.analysis.goal import objective  # noqa: PLC0415 - few plans have a goal
    from planner.analysis.policy import Policy  # noqa: PLC0415 - as above
    from planner.analysis.verdicts import PlanResults, judge  # noqa: PLC0415 - as above

    try:
        found = objective(scenario)
    except ScenarioError as error:
        return [HealthPoint(f"goal: {error.problems[0]}", bad=True)]
    best = f"goal: {long_label(found.best).lower()} {metric_text(result, found.best, brief=True)}"
    plain = tuple(each for each in found.keep if each.percent is None and each.inside is None)
    judged = judge(
        Policy(bounds=plain), PlanResults(result, result, float(np.max(scenario.company.horizon_months)))
    )
    out = [HealthPoint(f"{rule_text(each.rule)}: {each.words}", bad=True) for each in judged if not each.kept]
    kept, rest = sum(each.kept for each in judged), len(found.keep) - len(plain)
    out += [HealthPoint(f"{counted(kept, 'rule')} kept", bad=False)] if kept else []
    out += [HealthPoint(f"{counted(rest, 'rule')} on ranges: planner check")] if rest else []
    return [*out, HealthPoint(best)]
