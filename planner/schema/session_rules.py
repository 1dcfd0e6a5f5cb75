"""Rules for sessions that involve two fields: compaction, and requests that start requests."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.errors import Problem
from planner.schema.paths import shown
from planner.schema.ranges import Range
from planner.schema.steps import step_text

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario


def session_problems(scenario: "Scenario") -> list[Problem]:
    """Return every broken rule of the sessions."""
    problems: list[Problem] = []
    for name, workload in scenario.workloads.items():
        where, session = f"workloads.{step_text(name)}.session", workload.session
        limit, after = _ends(session.compact_at_tokens)[0], _ends(session.compact_to_tokens)[1]
        if 0 < limit < after:
            what = f"is {shown(session.compact_to_tokens)}; compaction must shorten the prompt."
            problems.append(Problem(f"{where}.compact_to_tokens", what, "Keep it below compact_at_tokens."))
        problems += [
            Problem(f"{where}.spawns.{step_text(other)}", "is not another workload of this file.")
            for other in session.spawns
            if other == name or other not in scenario.workloads
        ]
        problems += [
            Problem(
                f"{where}.fails_with.{step_text(other)}", "is not one of the workloads it starts (spawns)."
            )
            for other in session.fails_with
            if other not in session.spawns
        ]
    if circle := _circle({name: [*each.session.spawns] for name, each in scenario.workloads.items()}):
        what = f"form a circle: {' -> '.join(circle)}."
        problems.append(
            Problem(f"workloads.{step_text(circle[0])}.session.spawns", what, "Requests would never end.")
        )
    return problems


def _ends(value: object) -> tuple[float, float]:
    """Return the ends of a number or range; for a stack neither, since the model bounds each plan."""
    if isinstance(value, Range):
        return value.low, value.high
    return (value, value) if isinstance(value, float | int) else (math.inf, -math.inf)


def _circle(spawns: Mapping[str, list[str]]) -> list[str]:
    """Return a circle of workloads that start one another, with the first repeated at the end; empty if none."""
    done: set[str] = set()

    def walked(name: str, trail: tuple[str, ...]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        found = next((each for other in spawns.get(name, ()) if (each := walked(other, (*trail, name)))), [])
        done.add(name)
        return found

    return next((each for name in spawns if (each := walked(name, ()))), [])


def helpers_first(scenario: "Scenario") -> list[str]:
    """Return all workloads, each after the ones that it starts."""
    ordered: dict[str, None] = {}

    def put(name: str) -> None:
        for other in scenario.workloads[name].session.spawns:
            put(other)
        ordered.setdefault(name)

    for name in scenario.workloads:
        put(name)
    return list(ordered)
