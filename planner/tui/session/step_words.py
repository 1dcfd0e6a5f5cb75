"""What a step of the history brings back or takes away, in words, and the row to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.readout.field_values import value_text
from planner.readout.setting_words import setting_meaning, setting_text
from planner.schema import fields, step_text
from planner.schema.steps import steps_of
from planner.tui.session.plan_parts import parts_held, places
from planner.tui.state import differing
from planner.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.schema import Field, Scenario
    from planner.tui.session.plan_parts import PartPlace

_MOST_NAMED = 6


def step_words(before: Scenario, after: Scenario, told: str = "") -> tuple[str, str, str]:
    """Return what leads from one scenario to the next, which fields these are if several, and a field to go to.

    `told` is what an edit said of itself: it stands where no part comes or goes.
    """
    came, gone = _parts(before, after), _parts(after, before)
    places_of = [_place(path) for path in (*came, *gone)]
    changed = [each for each in differing(before, after) if not _inside(each.path, places_of)]
    here = {each.path for each in fields(after)}
    lost = [
        each for each in fields(before) if each.path not in here and not _inside(each.path, places_of)
    ]  # such as the success rate of a deployment that no longer answers
    said = [f"{name} is back" for name in came.values()] + [f"{name} is out again" for name in gone.values()]
    if len(changed) == 1 and not lost:
        meaning = setting_meaning(after, changed[0].path, changed[0].value)
        again = f"{changed[0].spec.label} is {value_text(changed[0].value, changed[0].spec)} again"
        said.append(f"{again} ({meaning})" if meaning else again)
    elif count := len(changed) + len(lost):
        said.append(f"{counted(count, 'field')} {'is' if count == 1 else 'are'} as before")
    first = next((f"{path}." for path in came), None)
    at = [each for each in fields(after) if first and each.path.startswith(first)] or changed
    more = named_fields(after, changed) if len(changed) > 1 else ""
    words = told if told and not places_of else f"{' and '.join(said) or 'the plan is as before'}."
    return words, more, at[0].path if at else ""


def _place(part: str) -> str:
    """Return what a part's coming or going explains: itself, or its whole list, whose later parts move."""
    return part.rpartition(".")[0] if part.rpartition(".")[2].isdigit() else part


def named_fields(scenario: Scenario, changed: Iterable[Field]) -> str:
    """Return some fields with their values, by the part they belong to; only counted from a certain number on."""
    found = list(changed)
    owners: dict[str, list[str]] = {}
    for field in found[:_MOST_NAMED]:
        parts = list(steps_of(field.path))
        owner = f"{parts[1]}: " if parts[0] in ("workloads", "deployments", "segments") else ""
        owners.setdefault(owner, []).append(setting_text(scenario, field.path, field.value))
    rest = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return "; ".join(f"{owner}{', '.join(each)}" for owner, each in owners.items()) + rest


def _parts(before: Scenario, after: Scenario) -> dict[str, str]:
    """Return what the parts are called that only the second scenario has, by path; parts of a new part are left out."""
    old = {place.path: place for place in places(before)}
    found: dict[str, str] = {}
    for place in places(after):
        if not _inside(place.path, found):
            there = parts_held(before, place.path) if place.path in old else ()
            found.update(_new(place, there, parts_held(after, place.path)))
    return found


def _new(place: PartPlace, before: object, after: object) -> Iterator[tuple[str, str]]:
    whose = f" of {place.whose}" if place.whose else ""
    if isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        for name in after:
            if name not in known:
                yield f"{place.path}.{step_text(name)}", f"the {place.noun} {name}{whose}"
    elif isinstance(after, tuple) and isinstance(before, tuple) and len(after) > len(before):
        at = next(
            (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
            len(before),
        )
        count = len(after) - len(before)
        if count == 1:
            yield f"{place.path}.{at}", f"the {place.noun} {at + 1}{whose}"
        for index in range(at, at + count) if count > 1 else ():
            yield f"{place.path}.{index}", f"the {place.noun} {index + 1}{whose}"


def _inside(path: str, parts: Iterable[str]) -> bool:
    return any(path.startswith(f"{part}.") for part in parts)
