"""The months of a plan as the screen shows them: the columns of its table, and what is to be said of a month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planner.readout import RUNWAY, number
from planner.units import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planner.model import Result
    from planner.tui.session.outlook import Outlook


class Column(NamedTuple):
    """A column of the table: its name, the unit and the flow of the months that it shows."""

    name: str
    unit: str
    flow: str


COLUMNS = (  # those at the end go first where there is little room
    Column("cash", "usd", "cash_usd"), Column("net burn", "usd", "net_burn_usd"),
    Column("revenue", "usd", "revenue_usd"), Column("serving", "usd", "cogs_usd"),
    Column("margin", "share", "gross_margin_share"), Column("customers", "", "customers"),
    Column("GPUs", "", "gpus"), Column("requests", "", "requests"),
)  # fmt: skip
ACTUAL = "actual"  # what the column of what happened is called
_SERVED = ("deployment_usd", "other_serving_usd", "revenue_costs_usd")
_BURNT, _BESIDES = (*_SERVED, "fixed_costs_usd", "acquisition_usd"), ("one_off_usd", "unplanned_usd")
OUT, LEAST, RAISED, PLANNED = "out", "least", "raised", "planned"


class MonthMark(NamedTuple):
    """What happens in a month (1 is the first), at a point in time that lies in it (0 is the start of the plan)."""

    month: int
    at: float
    words: str
    kind: str


def month_marks(result: Result) -> list[MonthMark]:
    """Return what is to be said of months, in their order: cash runs out, cash is least, money is raised."""
    found = []
    runway, least = number(result.metrics[RUNWAY]), number(result.months.least_cash_month)
    if math.isfinite(runway):
        found.append(MonthMark(math.floor(runway) + 1, runway, "cash runs out", OUT))
    if math.isfinite(least):  # of a cash beyond all numbers none is the least
        found.append(MonthMark(int(least), least, "least cash", LEAST))
    planned = flow(result, "planned_funding_usd")
    for at, usd in enumerate(flow(result, "funding_usd")):
        if usd:
            kind = PLANNED if at < len(planned) and planned[at] else RAISED
            found.append(MonthMark(at + 1, at + 1, f"+{show(usd, 'usd')}", kind))
    return sorted(found, key=lambda each: each.at)


def flow(result: Result, name: str) -> list[float]:
    """Return one flow of a plan, month by month."""
    found: list[float] = np.asarray(getattr(result.months, name), dtype=float).reshape(-1).tolist()
    return found


def table(outlook: Outlook) -> list[tuple[Column, list[float]]]:
    """Return the columns that say anything, each with its months, and beside it what it came to where that is known."""
    assert outlook.result is not None
    found = []
    for each in COLUMNS:
        values = flow(outlook.result, each.flow)
        if any(values):
            found.append((each, values))
        was = [known(outlook, at, each.flow) for at in range(1, len(values) + 1)]
        if not all(map(math.isnan, was)):
            found.append((Column(ACTUAL, each.unit, each.flow), was))
    return found


def known(outlook: Outlook, month: int, name: str) -> float:
    """Return what a number of a month really was, counted from 1; nan where that is not known."""
    lines = outlook.happened[month].lines() if month in outlook.happened else {}
    if name == "gross_margin_share":
        revenue, cogs = (known(outlook, month, each) for each in ("revenue_usd", "cogs_usd"))
        return (revenue - cogs) / revenue if revenue > 0 else math.nan
    if name == "net_burn_usd":
        paid_later = outlook.result is not None and bool(outlook.result.months.settlement)
        revenue = math.nan if paid_later else known(outlook, month, "revenue_usd")
        return _all_of(lines, _BURNT, outlook) + sum(_of(lines, each) for each in _BESIDES) - revenue
    if name == "cogs_usd":
        return _all_of(lines, _SERVED, outlook)
    parts = [value for line, value in lines.items() if line == name or line.startswith(f"{name}.")]
    return sum(parts) if parts else math.nan


def _all_of(lines: Mapping[str, float], names: Sequence[str], outlook: Outlook) -> float:
    """Return some lines added up; nan where one of them, or one of the plan's deployments, is not stated."""
    stated = {line.partition(".")[0] for line in lines}
    deployments = {f"deployment_usd.{each}" for each in outlook.scenario.deployments}
    if not (stated.issuperset(names) and deployments.issubset(lines)):
        return math.nan
    return sum(_of(lines, name) for name in names)


def _of(lines: Mapping[str, float], name: str) -> float:
    return sum(value for line, value in lines.items() if line.partition(".")[0] == name)


def words_by_month(result: Result) -> dict[int, tuple[str, ...]]:
    """Return what is to be said of each month (1 is the first) of which there is anything to say."""
    found: dict[int, tuple[str, ...]] = {}
    for mark in month_marks(result):
        found[mark.month] = (*found.get(mark.month, ()), mark.words)
    return found
