"""A plan as epochs: stretches of months with the same levers and unknowns. Each dated change starts one."""

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

NAMED = ("workloads", "deployments", "segments")  # sections whose parts have names


@dataclass(frozen=True)
class Epoch:
    """A scenario that applies from a month on, counted from 0."""

    first: int
    scenario: Scenario


def epochs(scenario: Scenario, months: int, parts: Parts) -> tuple[Epoch, ...]:
    """Return the epochs of a plan with this many months, in order; a single one if nothing changes.

    During a ramp a number moves in equal monthly steps, the first in the month of the change; other values
    change at once. Later entries act on the result of earlier ones. A change after the last month is ignored.
    Parts that no change affects are the same objects in all epochs. Raises ScenarioError naming the change if its values
    are invalid.
    """
    begins = sorted(
        {0, *(month for change in scenario.change for month in _months(change) if month < months)}
    )
    made: dict[tuple[float, ...], Scenario] = {(): scenario.model_copy(update={"change": ()})}
    return tuple(Epoch(month, _at(scenario.change, month, made, parts)) for month in begins)


def _months(change: Change) -> Iterator[int]:
    """Yield the months, counted from 0, in which a change moves anything."""
    first = int(np.max(change.month)) - 1
    yield from range(first, first + max(int(np.max(change.months)), 1))


def _at(
    changes: Sequence[Change], month: int, made: dict[tuple[float, ...], Scenario], parts: Parts
) -> Scenario:
    """Return the scenario as of a month. `made` caches scenarios by how far each change has progressed."""
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
    """Return a changed scenario, reusing the results of the same change on the same values in an earlier plan."""
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
