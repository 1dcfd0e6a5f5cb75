"""A plan as epochs: stretches of months with the same levers and unknowns. Each dated change begins one."""

from collections.abc import Iterator

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.schema import Scenario, path_of, replaced_many, spec_at
from planner.schema.change import Change
from planner.schema.cross import cross_problems


@dataclass(frozen=True)
class Epoch:
    """What holds from a month on, counted from 0."""

    first: int
    scenario: Scenario


def epochs(scenario: Scenario, months: int) -> tuple[Epoch, ...]:
    """Return the epochs of a plan of so many months, in order; one where nothing changes.

    A number moves in equal steps over the months of a ramp, the first of them in the month of the change; what is no
    number changes at once. Later entries act on what earlier ones left. A change after the last month is none.
    Raises ScenarioError, with the change named, where what it sets can't be.
    """
    begins = sorted(
        {0, *(month for change in scenario.change for month in _months(change) if month < months)}
    )
    return tuple(Epoch(month, _at(scenario, month)) for month in begins)


def _months(change: Change) -> Iterator[int]:
    """Yield the months, from 0 on, in which a change moves anything."""
    first = int(np.max(change.month)) - 1
    yield from range(first, first + max(int(np.max(change.months)), 1))


def _at(scenario: Scenario, month: int) -> Scenario:
    """Return the scenario as it is in a month."""
    base = scenario.model_copy(update={"change": ()})
    now = base
    for index, change in enumerate(scenario.change):
        moved = [each for each in _months(change) if each <= month]
        if moved:
            share = len(moved) / max(int(np.max(change.months)), 1)
            now = _changed(now, change, share)
            _check(now, index)
    return now


def _changed(scenario: Scenario, change: Change, share: float) -> Scenario:
    values = {}
    for path, value in change.set.items():
        spec, before = spec_at(scenario, path)
        ramped = spec.numeric and share < 1.0 and not isinstance(before, tuple) and before is not None
        values[path] = before + (value - before) * share if ramped and value is not None else value
    return replaced_many(scenario, values)


def _check(scenario: Scenario, index: int) -> None:
    if problems := cross_problems(scenario):
        where = path_of(("change", str(index)))
        raise ScenarioError([Problem(f"{where}: {each.where}", each.what, each.hint) for each in problems])
