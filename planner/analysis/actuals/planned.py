"""The plan's side of the comparison: its past months, line by line."""

import math
from collections.abc import Collection

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.model.company.month_lines import PlannedMonths, month_lines
from planner.model.reacting import reacting_stages
from planner.schema import Scenario
from planner.schema.actuals import Actuals, line_names

YEAR_MONTHS = 12


def planned(scenario: Scenario, months: int) -> PlannedMonths:
    """Return the first `months` of a plan, line by line; any number of the scenario may be an array of plans."""
    horizon = int(np.max(scenario.company.horizon_months))
    parts = [each for each in reacting_stages(scenario, horizon) if each.business.carried.month < months]
    solved = [{name: request.solved for name, request in each.requests.items()} for each in parts]
    return month_lines([each.business for each in parts], solved, months)


def place_of(scenario: Scenario, month: str) -> int:
    """Return a calendar month's index in a plan, counted from 0; negative before its start.

    >>> place_of(Scenario(), "2027-01")
    2
    """
    return _count(month) - _count(scenario.company.start)


def calendar_month(scenario: Scenario, place: int) -> str:
    """Return the calendar month of a plan's month, counted from 0.

    >>> calendar_month(Scenario(), 2)
    '2027-01'
    """
    year, month = divmod(_count(scenario.company.start) + place, YEAR_MONTHS)
    return f"{year:04d}-{month + 1:02d}"


def check(scenario: Scenario, actuals: Actuals, *, source: str = "") -> None:
    """Raise ScenarioError with every month and name in the actuals that the plan doesn't have."""
    horizon = int(np.max(scenario.company.horizon_months))
    known: dict[str, Collection[str]] = {
        "requests": scenario.workloads,
        "success_share": scenario.workloads,
        "deployment_usd": scenario.deployments,
    }
    problems = []
    for name, month in actuals.months.items():
        if not 0 <= place_of(scenario, name) < horizon:
            last = calendar_month(scenario, horizon - 1)
            what = f"is no month of the plan, which runs from {scenario.company.start} to {last}."
            problems.append(Problem(f"months.{name}", what))
        for section, names in known.items():
            hint = f"Known there: {', '.join(names)}." if names else ""
            if section == "deployment_usd":
                hint += " What the plan lacks goes to unplanned_usd."
            problems += [
                Problem(f"months.{name}.{section}.{each}", "is not in the plan.", hint.strip())
                for each in getattr(month, section)
                if each not in names
            ]
    if problems:
        raise ScenarioError(problems, source=source)


def is_cost(line: str) -> bool:
    """Whether a line is part of gross burn.

    >>> is_cost("deployment_usd.frontier"), is_cost("cash_usd"), is_cost("requests.chat")
    (True, False, False)
    """
    name = line.partition(".")[0]
    return name.endswith("_usd") and name not in ("revenue_usd", "funding_usd", "cash_usd")


def is_line(line: str) -> bool:
    """Whether a name is a line: one of the company's, or one with a workload, deployment or cost name."""
    head, dot, name = line.partition(".")
    return (f"{head}.NAME" in line_names() and bool(name)) if dot else line in line_names()


def _count(month: str) -> int:
    year, number = month.split("-")
    return int(year) * YEAR_MONTHS + int(number) - 1


def relative(difference: float, base: float) -> float:
    """Return a difference as a share of its base; nan if that is zero."""
    return difference / abs(base) if base else math.nan
