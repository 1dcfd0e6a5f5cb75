"""How long the actual remaining cash lasts, from the last month of actuals at the plan's burn."""

import numpy as np

from planner.analysis.actuals.planned import calendar_month, is_cost, place_of, planned
from planner.model import STATES, evaluate
from planner.model.company.month_lines import PlannedMonths
from planner.model.company.runway import runway
from planner.readout import Percentiles, percentiles
from planner.readout.samples import BEYOND
from planner.records import dataclass
from planner.schema import Array, Scenario
from planner.schema.actuals import Actuals


@dataclass(frozen=True)
class Remaining:
    """The runway in months from the end of the last month of actuals, without raises that have not closed.

    `cash_usd` is the cash left then. If the month doesn't state it, `reckoned` gives its base: the last known cash, minus
    burn since, as stated or else as planned. `state` is one of STATES, `range` the runway over the plan's ranges.
    """

    last_month: str
    cash_usd: float
    reckoned: str
    planned_cash_usd: float
    months: float
    state: str
    planned_months: float
    planned_state: str
    months_to_come: int
    range: Percentiles


@dataclass(frozen=True)
class CashPath:
    """Month-end cash in USD: actuals where stated, and the projection from there.

    `happened` has an entry per past month, nan if not stated; `to_come` one per later month, at
    the plan's burn and with its raises, from the actual remaining cash. Together they cover the plan's months.
    """

    happened: tuple[float, ...]
    to_come: tuple[float, ...]


def cash_path(scenario: Scenario, actuals: Actuals) -> CashPath | None:
    """Return past and projected cash; None without actuals."""
    if not actuals.months:
        return None
    last = place_of(scenario, max(actuals.months))
    names = (calendar_month(scenario, place) for place in range(last + 1))
    happened = tuple(
        actuals.months[name].lines().get("cash_usd", np.nan) if name in actuals.months else np.nan
        for name in names
    )
    left, _ = cash_left(scenario, actuals, planned(scenario, last + 1))
    months = evaluate(scenario).months
    moved = np.ravel(months.funding_usd - months.net_burn_usd)[last + 1 :]
    return CashPath(happened, tuple((left + np.cumsum(moved)).tolist()))


def remaining(scenario: Scenario, actuals: Actuals, drawn: Scenario | None = None) -> Remaining | None:
    """Return the runway from the remaining cash; None without actuals, or if the plan ends with the last month.

    `drawn` is the scenario with samples instead of ranges. Future months are the plan's: its customers and its
    prices, whatever happened in past months.
    """
    if not actuals.months:
        return None
    last = place_of(scenario, max(actuals.months))
    horizon = int(np.max(scenario.company.horizon_months))
    if last + 1 >= horizon:
        return None
    plan = planned(scenario, last + 1)
    cash, reckoned = cash_left(scenario, actuals, plan)
    own = _after(scenario, last, cash)
    as_planned = _after(scenario, last, float(np.ravel(plan.lines["cash_usd"][..., -1])[0]))
    spread = own if drawn is None else _after(drawn, last, cash)
    lasts = np.where(spread[1] >= BEYOND, np.inf, spread[0])
    return Remaining(
        last_month=calendar_month(scenario, last),
        cash_usd=cash,
        reckoned=reckoned,
        planned_cash_usd=float(np.ravel(plan.lines["cash_usd"][..., -1])[0]),
        months=_one(own[0]),
        state=STATES[int(_one(own[1]))],
        planned_months=_one(as_planned[0]),
        planned_state=STATES[int(_one(as_planned[1]))],
        months_to_come=horizon - last - 1,
        range=percentiles({"runway": lasts})["runway"],
    )


def cash_left(scenario: Scenario, actuals: Actuals, plan: PlannedMonths) -> tuple[float, str]:
    """Return the cash at the end of the last month of actuals in USD, and its base: "" if it is stated."""
    last = place_of(scenario, max(actuals.months))
    expected = np.concatenate(
        [[float(scenario.company.cash_usd)], np.ravel(plan.lines["cash_usd"])[: last + 1]]
    )
    cash, reckoned = float(expected[0]), calendar_month(scenario, 0)
    for place in range(last + 1):
        name = calendar_month(scenario, place)
        stated = actuals.months[name].lines() if name in actuals.months else {}
        if "cash_usd" in stated:
            cash, reckoned = stated["cash_usd"], calendar_month(scenario, place + 1)
            continue
        cash += float(expected[place + 1] - expected[place])
        cash += sum(_into_cash(line, usd - _planned_usd(plan, place, line)) for line, usd in stated.items())
    return cash, reckoned if "cash_usd" not in actuals.months[max(actuals.months)].lines() else ""


def _planned_usd(plan: PlannedMonths, place: int, line: str) -> float:
    return float(np.ravel(plan.lines[line][..., place])[0]) if line in plan.lines else 0.0


def _into_cash(line: str, usd: float) -> float:
    if line in ("revenue_usd", "funding_usd"):
        return usd
    return -usd if is_cost(line) else 0.0


def _after(scenario: Scenario, last: int, cash_usd: float) -> tuple[Array, Array]:
    """Return the runway and its state from the end of a month, shape (n,) or ()."""
    months = evaluate(scenario).months
    net, raised = (
        np.moveaxis(np.asarray(each), -1, 0)[last + 1 :]
        for each in (months.net_burn_usd, months.funding_usd - months.planned_funding_usd)
    )
    cash = cash_usd + np.cumsum(raised - net, axis=0)
    found = runway(cash_usd=cash, net_burn_usd=np.broadcast_to(net, cash.shape), horizon_months=len(net))
    return found.months, found.state


def _one(value: Array) -> float:
    return float(np.ravel(value)[0])
