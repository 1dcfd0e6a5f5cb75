"""Rules of sessions that join two fields: compaction, and requests that start requests."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from planner.errors import Problem
from planner.schema.ranges import Range, some

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario


def session_problems(scenario: "Scenario") -> list[Problem]:
    """Return every broken rule of the sessions."""
    problems: list[Problem] = []
    for name, workload in scenario.workloads.items():
        where, session = f"workloads.{name}.session", workload.session
        if some(session.compact_at_tokens) and np.any(
            _highest(session.compact_to_tokens) > _lowest(session.compact_at_tokens)
        ):
            what = f"is {session.compact_to_tokens:,.6g}; compaction shortens a prompt."
            problems.append(Problem(f"{where}.compact_to_tokens", what, "Keep it below compact_at_tokens."))
        problems += [
            Problem(f"{where}.spawns.{other}", "is not another workload of this file.")
            for other in session.spawns
            if other == name or other not in scenario.workloads
        ]
    if circle := _circle({name: [*each.session.spawns] for name, each in scenario.workloads.items()}):
        what = f"lead in a circle: {' -> '.join(circle)}."
        problems.append(Problem(f"workloads.{circle[0]}.session.spawns", what, "Requests would never end."))
    return problems


def _highest(value: object) -> np.ndarray:
    return np.asarray(value.high if isinstance(value, Range) else value, dtype=float)


def _lowest(value: object) -> np.ndarray:
    return np.asarray(value.low if isinstance(value, Range) else value, dtype=float)


def _circle(spawns: Mapping[str, list[str]]) -> list[str]:
    """Return workloads that start one another in a circle, the first one named again at the end; empty if none do."""
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
