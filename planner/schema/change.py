"""Dated changes: values that change in some month, such as a migration, a new price or slower growth."""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from planner.arrays import Number
from planner.errors import Problem, ScenarioError
from planner.schema import declare
from planner.schema.declare import count, text
from planner.schema.paths import replaced, spec_at
from planner.schema.ranges import Range
from planner.schema.section import Section
from planner.schema.steps import path_of, steps_of

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario

# Sections with dates of their own, or that apply to the plan as a whole.
NOT_CHANGED = ("schema_version", "title", "notes", "change", "source", "correlations", "models", "gpus")
FIXED_FIELDS = (
    "company.start", "company.horizon_months", "company.cash_usd", "cash.paid_after_days", "cash.receivables_usd",
)  # fmt: skip
DATED_LISTS = ("cash.credits", "company.funding", "company.hiring", "company.one_off")


class Change(Section):
    """Values that change from a month on: at once, or in equal steps over several months."""

    month: Annotated[Number, count("From month", lo=1, hi=120)]
    label: Annotated[str, text("What changes")] = ""
    set: dict[str, Any] = {}
    months: Annotated[
        Number,
        count("Ramp", "Months until numbers reach their new values; 0: at once.", hi=120, unit="months"),
    ] = 0
    both_months: Annotated[
        Number,
        count(
            "Running both",
            "Months in which what it saves at a deployment is still paid.",
            hi=120,
            unit="months",
        ),
    ] = 0
    usd: Annotated[
        Number,
        declare.usd("Cost of the change", "One-off cost of the change, paid in its first month.", step=1_000),
    ] = 0.0


def with_read_changes(scenario: "Scenario") -> tuple["Scenario", list[Problem]]:
    """Return the plan with the values of its changes parsed, and the problems with any that can't be."""
    if not scenario.change:
        return scenario, []
    problems: list[Problem] = []
    read, base = [], scenario.model_copy(update={"change": ()})
    for index, change in enumerate(scenario.change):
        problems += [*_month_problems(index, change), *_both_problems(index, change)]
        values = {}
        for path, value in change.set.items():
            try:
                values[path] = _read(base, path, value)
            except ScenarioError as error:
                where = path_of(("change", str(index), "set", path))
                problems += [Problem(where, problem.what, problem.hint) for problem in error.problems]
        read.append(change.model_copy(update={"set": values}))
    return scenario.model_copy(update={"change": tuple(read)}), problems


def _month_problems(index: int, change: Change) -> list[Problem]:
    """Return the months of a change given as ranges: epochs are whole months, the same in every draw."""
    return [
        Problem(
            path_of(("change", str(index), name)),
            f"is the range {value}; a change needs a single month.",
            "`planner sweep` and `planner moves` try other months.",
        )
        for name, value in (
            ("month", change.month), ("months", change.months), ("both_months", change.both_months),
        )
        if isinstance(value, Range)
    ]  # fmt: skip


def _both_problems(index: int, change: Change) -> list[Problem]:
    """Return what is wrong with running both: before month 1 there is nothing that could run on."""
    if isinstance(change.month, Range) or isinstance(change.both_months, Range):
        return []
    if not np.any(np.asarray(change.both_months) > 0) or np.all(np.asarray(change.month) > 1):
        return []
    where = path_of(("change", str(index), "both_months"))
    return [
        Problem(where, "needs a change after month 1: nothing runs before it.", "Use a later month, or 0.")
    ]


def words_of(change: Change) -> str:
    """Return a dated change as one line of text.

    >>> words_of(Change(month=9, set={"demand.growth_share_per_month": 0.02}, months=3))
    'from month 9, over 3 months: growth_share_per_month = 0.02'
    """
    ramp = f", over {change.months:g} months" if change.months > 1 else ""
    values = ", ".join(f"{steps_of(path)[-1]} = {_text(value)}" for path, value in change.set.items())
    both = f"; both run for {change.both_months:g} months" if change.both_months else ""
    usd = f"; costs {change.usd:,.0f} USD" if change.usd else ""
    return f"from month {change.month:g}{ramp}: {values}{both}{usd}"


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _read(scenario: "Scenario", path: str, value: Any) -> Any:
    if steps_of(path)[0] in NOT_CHANGED or path in FIXED_FIELDS or path.startswith(DATED_LISTS):
        raise ScenarioError([Problem(path, "can't be part of a dated change.")])
    return spec_at(replaced(scenario, path, value), path)[1]
