"""Align the dated changes of two plans, so that each can be tried without the others."""

from difflib import SequenceMatcher

from planner.schema import Scenario
from planner.schema.change import Change


def with_changes_aligned(a: Scenario, b: Scenario) -> tuple[Scenario, Scenario]:
    """Return two plans with their dated changes aligned; a change that only one has does nothing in the other.

    Changes match by label, or by what they set if they have none; each plan keeps its own order.
    """
    if a.change == b.change:
        return a, b
    of_a, of_b = list[Change](), list[Change]()
    matcher = SequenceMatcher(None, [*map(_key, a.change)], [*map(_key, b.change)], autojunk=False)
    for what, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        ours, theirs = a.change[a_from:a_to], b.change[b_from:b_to]
        if what == "equal":
            of_a += ours
            of_b += theirs
            continue
        of_a += [*ours, *map(nothing_of, theirs)]
        of_b += [*map(nothing_of, ours), *theirs]
    return a.model_copy(update={"change": tuple(of_a)}), b.model_copy(update={"change": tuple(of_b)})


def _key(change: Change) -> str:
    return change.label or repr(sorted(change.set))


def nothing_of(change: Change) -> Change:
    """Return a change with the same name and month that sets nothing and costs nothing."""
    return change.model_copy(update={"set": {}, "both_months": 0, "usd": 0.0})


def is_nothing(change: Change) -> bool:
    """Return whether a change does nothing."""
    return not change.set and not change.usd
