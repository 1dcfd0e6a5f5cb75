"""The months of a plan as the screen shows them: the columns of its table, whose costs add up to its burn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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


_CASH, _BURN = Column("cash", "usd", "cash_usd"), Column("net burn", "usd", "net_burn_usd")
_REVENUE, _SERVING = Column("revenue", "usd", "revenue_usd"), Column("serving", "usd", "cogs_usd")
_MARGIN = Column("margin", "share", "gross_margin_share")
_OTHER = Column("other", "usd", "other_usd")
_PARTS = (  # of the other costs
    Column("fixed", "usd", "fixed_costs_usd"), Column("CAC", "usd", "acquisition_usd"),
    Column("one-off", "usd", "one_off_usd"), Column("timing", "usd", "timing_usd"),
)  # fmt: skip
_REST = (Column("customers", "", "customers"), Column("GPUs", "", "gpus"), Column("requests", "", "requests"))
COLUMNS = (_CASH, _BURN, _REVENUE, _SERVING, _OTHER, _MARGIN, *_REST)  # the last go where room is little
SPLIT_COLUMNS = (_CASH, _BURN, _REVENUE, _SERVING, *_PARTS, _MARGIN, *_REST)
TOLD = (_CASH, _BURN, _REVENUE, _SERVING, _OTHER, _MARGIN)  # of the month under the cursor
_LEAST_USD = 0.005  # less than half a cent is rounding
_THOUSAND = 1e3
ACTUAL = "actual"  # what the column of what happened is called
_SERVED = ("deployment_usd", "other_serving_usd", "revenue_costs_usd")
_BURNT, _BESIDES = (*_SERVED, "fixed_costs_usd", "acquisition_usd"), ("one_off_usd", "unplanned_usd")


def flow(result: Result, name: str) -> list[float]:
    """Return one flow of a plan, month by month.

    `other_usd` is all that net burn holds besides the cost of serving and revenue; `timing_usd` what of it is neither
    fixed, nor won customers, nor one-off: what is paid earlier or later than it is a cost or revenue, and credits.
    """
    if name == "other_usd":
        return _sum(result, {"net_burn_usd": 1, "revenue_usd": 1, "cogs_usd": -1})
    if name == "timing_usd":
        parts = dict.fromkeys((each.flow for each in _PARTS[:3]), -1)
        return _sum(result, {"net_burn_usd": 1, "revenue_usd": 1, "cogs_usd": -1} | parts)
    found: list[float] = np.asarray(getattr(result.months, name), dtype=float).reshape(-1).tolist()
    return found


def _sum(result: Result, signs: dict[str, int]) -> list[float]:
    """Return flows added up with their signs; what is left of rounding is nothing."""
    terms = [sign * np.asarray(flow(result, name)) for name, sign in signs.items()]
    total = np.sum(np.broadcast_arrays(*terms), axis=0)
    found: list[float] = np.where(np.abs(total) < _LEAST_USD, 0.0, total).tolist()
    return found


def table(outlook: Outlook, *, split: bool = False) -> list[tuple[Column, list[float]]]:
    """Return the columns that say anything, each with its months, and beside it what it really was if that is known.

    `split`: the costs besides serving in columns of their own, not as one.
    """
    assert outlook.result is not None
    found = []
    for each in SPLIT_COLUMNS if split else COLUMNS:
        values = flow(outlook.result, each.flow)
        if any(values):
            found.append((each, values))
        was = [known(outlook, at, each.flow) for at in range(1, len(values) + 1)]
        if not all(map(math.isnan, was)):
            found.append((Column(ACTUAL, each.unit, each.flow), was))
    return found


def fitting(outlook: Outlook, room: int) -> list[tuple[Column, list[float]]]:
    """Return as many columns as there is room for; the other costs apart where all of them can be shown."""
    apart = table(outlook, split=True)
    costs = max((at for at, (each, _) in enumerate(apart) if each in _PARTS), default=0)
    return (apart if costs < room else table(outlook))[:room]


def cell_text(value: float, unit: str) -> str:
    """Return a number of a column, with as many digits as its neighbours.

    >>> cell_text(1_500_000.0, ""), cell_text(1_320_000.0, ""), cell_text(93_300.0, "usd"), cell_text(600.0, "")
    ('1.50M', '1.32M', '$93.3k', '600')
    """
    counted = unit == "" and abs(value) >= _THOUSAND
    return show(value, "usd").replace("$", "") if counted else show(value, unit)


def told(result: Result, month: int) -> str:
    """Return the main numbers of a month, counted from 1, in words."""
    parts = []
    for each in TOLD:
        values = flow(result, each.flow)
        parts.append(f"{each.name} {show(values[min(month, len(values)) - 1], each.unit)}")
    return ", ".join(parts)


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
