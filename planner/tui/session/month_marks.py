"""What happens in the months of a plan: cash, raises, hires, payments, changes, models that their vendors retire."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planner.catalog.api_models import model_facts
from planner.readout import RUNWAY, number
from planner.readout.metrics import RUNWAY_WITH_RAISES
from planner.schema import path_of
from planner.units import show

if TYPE_CHECKING:
    from planner.model import Result
    from planner.schema import Scenario
    from planner.schema.company import CompanyOneOff, OneOff

OUT, OUT_LATER, LEAST, RAISED, PLANNED = "out", "out later", "least", "raised", "planned"
HIRED, PAID, CHANGED, GONE = "hired", "paid", "changed", "gone"
_MONTHS = 12


class MonthMark(NamedTuple):
    """What happens in a month (1 is the first), at a point in time that lies in it (0 is the start of the plan)."""

    month: int
    at: float
    words: str
    kind: str


def month_marks(result: Result, scenario: Scenario) -> list[MonthMark]:
    """Return what is to be said of the months of a plan, in their order."""
    found = []
    runway, least = number(result.metrics[RUNWAY]), number(result.months.least_cash_month)
    if math.isfinite(runway):
        found.append(MonthMark(math.floor(runway) + 1, runway, "cash runs out", OUT))
    later = number(result.metrics[RUNWAY_WITH_RAISES])
    if later > runway:
        found.append(MonthMark(math.floor(later) + 1, later, "cash runs out with planned raises", OUT_LATER))
    if math.isfinite(least):  # of a cash beyond all numbers none is the least
        found.append(MonthMark(int(least), least, "least cash", LEAST))
    planned = _flow(result, "planned_funding_usd")
    for at, usd in enumerate(_flow(result, "funding_usd")):
        if usd:
            kind = PLANNED if at < len(planned) and planned[at] else RAISED
            found.append(MonthMark(at + 1, at + 1, f"+{show(usd, 'usd')}", kind))
    last = int(np.max(result.horizon_months))
    found += [each for each in _planned_events(scenario) if 1 <= each.month <= last]
    return sorted(found, key=lambda each: each.at)


def _planned_events(scenario: Scenario) -> Iterator[MonthMark]:
    """Yield what the plan states for a month of its own."""
    for step in scenario.company.hiring:
        sign = "+" if float(step.usd_per_month) >= 0 else "-"
        usd = f"{sign}{show(abs(float(step.usd_per_month)), 'usd')}/month"
        yield _mark(step.month, f"{step.label or 'hire'} {usd}", HIRED)
    payments: list[CompanyOneOff | OneOff] = [*scenario.company.one_off]
    payments += [each for deployment in scenario.deployments.values() for each in deployment.one_off]
    for payment in payments:
        if float(payment.amount_usd):
            usd = show(float(payment.amount_usd), "usd")
            yield _mark(payment.month, f"{payment.label or 'payment'} {usd}", PAID)
    for change in scenario.change:
        yield _mark(change.month, change.label or f"change: {', '.join(change.set)}", CHANGED)
    yield from _taken_off(scenario)


def _taken_off(scenario: Scenario) -> Iterator[MonthMark]:
    """Yield each model in use that its vendor takes off before a change replaces it."""
    year, month = map(int, scenario.company.start.split("-")[:2])
    used = {tier for workload in scenario.workloads.values() for tier in workload.routing.tiers}
    for name, deployment in scenario.deployments.items():
        day: date | None = model_facts(deployment.model).retired if deployment.kind == "api" else None
        if name not in used or day is None:
            continue
        at = max((day.year - year) * _MONTHS + day.month - month + 1, 1)
        path = path_of(("deployments", name, "model"))
        if not any(path in change.set and int(change.month) <= at for change in scenario.change):
            yield _mark(at, f"{name} retired: {deployment.model}", GONE)


def _mark(month: object, words: str, kind: str) -> MonthMark:
    at = int(float(month))  # type: ignore[arg-type] # a range counts as its middle
    return MonthMark(at, at, words, kind)


def _flow(result: Result, name: str) -> list[float]:
    found: list[float] = np.asarray(getattr(result.months, name), dtype=float).reshape(-1).tolist()
    return found


def words_by_month(result: Result, scenario: Scenario) -> dict[int, tuple[str, ...]]:
    """Return what is to be said of each month (1 is the first) of which there is anything to say."""
    found: dict[int, tuple[str, ...]] = {}
    for mark in month_marks(result, scenario):
        found[mark.month] = (*found.get(mark.month, ()), mark.words)
    return found
