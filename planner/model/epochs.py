"""A plan as epochs: stretches of months with the same levers and unknowns. Each dated change begins one."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.model.shared import Parts
from planner.records import dataclass
from planner.schema import Scenario, path_of, replaced_many, spec_at
from planner.schema.change import Change
from planner.schema.cross import cross_problems

NAMED = ("workloads", "deployments", "segments")  # sections of parts that have names


@dataclass(frozen=True)
class Epoch:
    """What holds from a month on, counted from 0."""

    first: int
    scenario: Scenario


def epochs(scenario: Scenario, months: int, parts: Parts) -> tuple[Epoch, ...]:
    """Return the epochs of a plan of so many months, in order; one where nothing changes.

    A number moves in equal steps over the months of a ramp, the first of them in the month of the change; what is no
    number changes at once. Later entries act on what earlier ones left. A change after the last month is none.
    What no change reaches is the same value in all epochs. Raises ScenarioError, with the change named, where what it
    sets can't be.
    """
    begins = sorted(
        {0, *(month for change in scenario.change for month in _months(change) if month < months)}
    )
    made: dict[tuple[float, ...], Scenario] = {(): scenario.model_copy(update={"change": ()})}
    return tuple(Epoch(month, _at(scenario.change, month, made, parts)) for month in begins)


def _months(change: Change) -> Iterator[int]:
    """Yield the months, from 0 on, in which a change moves anything."""
    first = int(np.max(change.month)) - 1
    yield from range(first, first + max(int(np.max(change.months)), 1))


def _at(
    changes: Sequence[Change], month: int, made: dict[tuple[float, ...], Scenario], parts: Parts
) -> Scenario:
    """Return the scenario as it is in a month. `made` are those known already, by how much of each change had come about."""
    come: tuple[float, ...] = ()
    for index, change in enumerate(changes):
        before = made[come]
        moved = sum(each <= month for each in _months(change))
        share = moved / max(int(np.max(change.months)), 1)
        come = (*come, share)
        if come not in made:
            made[come] = _changed(before, change, share, parts) if moved else before
            if moved:
                _check(made[come], index, parts)
    return made[come]


def _changed(scenario: Scenario, change: Change, share: float, parts: Parts) -> Scenario:
    values = {}
    for path, value in change.set.items():
        spec, before = spec_at(scenario, path)
        ramped = spec.numeric and share < 1.0 and not isinstance(before, tuple) and before is not None
        values[path] = before + (value - before) * share if ramped and value is not None else value
    return _with_known(scenario, replaced_many(scenario, values), (change, share), parts)


def _with_known(before: Scenario, after: Scenario, change: tuple[Change, float], parts: Parts) -> Scenario:
    """Return a changed scenario with all that the same change made of the same values in an earlier plan."""
    known = {}
    for section in NAMED:
        old, new = getattr(before, section), getattr(after, section)
        if new is not old:
            known[section] = parts.found(
                section, (*change, old), partial(_parts_known, old, new, change, parts)
            )
    return after.model_copy(update=known) if known else after


def _parts_known(
    old: Mapping[str, Any], new: Mapping[str, Any], change: tuple[Change, float], parts: Parts
) -> dict[str, Any]:
    return {
        name: each
        if each is old[name]
        else parts.found("changed", (name, *change, old[name]), partial(_itself, each))
        for name, each in new.items()
    }


def _itself(part: Any) -> Any:
    return part


def _check(scenario: Scenario, index: int, parts: Parts) -> None:
    joined = (scenario.workloads, scenario.deployments, scenario.segments, scenario.cash, scenario.reactions)
    problems = parts.found("rules that join fields", joined, lambda: cross_problems(scenario))
    if problems:
        where = path_of(("change", str(index)))
        raise ScenarioError([Problem(f"{where}: {each.where}", each.what, each.hint) for each in problems])
