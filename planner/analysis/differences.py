"""Where two plans differ, and which differences can be tried independently."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import BaseModel

from planner.analysis.aligned_changes import is_nothing
from planner.analysis.stack import stackable
from planner.readout import label_in, placed_label
from planner.readout.part_text import part_title
from planner.records import dataclass
from planner.schema import Scenario, Spec, declared, path_of, step_text, steps_of
from planner.schema.change import Change, words_of
from planner.schema.paths import WHOLE_LISTS

NOT_COMPARED = ("title", "notes", "source", "schema_version")
MOST_PARTS = 12
MOST_STRUCTURAL = 5
MOST_NAMED = 3  # names listed for inputs changed together
WHOLE = 2  # steps in the path of a whole part: its section and its name
_MISSING = object()


@dataclass(frozen=True)
class Difference:
    """One place where two plans differ; `a` or `b` is None if a file has nothing there."""

    path: str
    label: str
    unit: str
    a: Any
    b: Any
    spec: Spec | None = None

    @property
    def section(self) -> str:
        """The part of the path before the last name."""
        return path_of(steps_of(self.path)[:-1])

    @property
    def placed(self) -> str:
        """The label with the workload or deployment it belongs to."""
        return placed_label(self.path, self.label)


@dataclass(frozen=True)
class Part:
    """Differences that change together when a result is attributed. `stacked`: they can be arrays."""

    name: str
    label: str
    differences: tuple[Difference, ...]
    stacked: bool

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the part changes the scenario."""
        return tuple(each.path for each in self.differences)


def differences(a: Scenario, b: Scenario) -> tuple[Difference, ...]:
    """Return every place where `a` and `b` differ, in file order."""
    return tuple(
        replace(each, label=label_in(b, each.path, each.label)) if each.spec is not None else each
        for each in _between("", a, b, None)
    )


def _between(path: str, a: Any, b: Any, spec: Spec | None) -> Iterator[Difference]:
    if isinstance(a, Change) and isinstance(b, Change):
        yield from _of_changes(path, a, b)
    elif isinstance(a, BaseModel) and type(a) is type(b):
        for name in type(a).model_fields:
            if path or name not in NOT_COMPARED:
                below = f"{path}.{name}" if path else name
                yield from _between(below, getattr(a, name), getattr(b, name), declared(type(a), name))
    elif isinstance(a, dict) and isinstance(b, dict):
        for name in dict.fromkeys([*a, *b]):
            yield from _between(
                f"{path}.{step_text(name)}", a.get(name, _MISSING), b.get(name, _MISSING), spec
            )
    elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) and not _names(spec):
        for index, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _between(f"{path}.{index}", one, other, spec)
    elif not _same(a, b):
        plain = spec is not None and not any(isinstance(each, BaseModel | dict) for each in (a, b))
        label = spec.label if plain and spec is not None else part_title(path)
        unit = spec.unit if plain and spec is not None else ""
        yield Difference(path, label, unit, _shown(a), _shown(b), spec if plain else None)


def _of_changes(path: str, a: Change, b: Change) -> Iterator[Difference]:
    """Yield a differing dated change as one item, since its values and month belong together."""
    if a != b:
        label = b.label or a.label or f"Change {int(steps_of(path)[-1]) + 1}"
        before, after = (None if is_nothing(each) else words_of(each) for each in (a, b))
        yield Difference(path, label, "", before, after)


def _names(spec: Spec | None) -> bool:
    return spec is not None and spec.kind in WHOLE_LISTS


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    plain = type(a) in (int, float) and type(b) in (int, float)
    return (plain or type(a) is type(b)) and bool(a == b)


def _shown(value: Any) -> Any:
    return None if value is _MISSING else value


def parts(a: Scenario, found: Iterable[Difference]) -> tuple[Part, ...]:
    """Return the differences as parts that can be tried independently.

    Added or removed deployments change together with the workloads and tiers that name them. Above 12 parts, or 5 that
    need a plan each, the parts of a section are merged, starting with the largest sections.
    """
    joined = _joined(a, list(found))
    for depth in (None, 2, 1):
        joined = _grouped(joined, depth)
    return joined


def _few(found: Sequence[Part]) -> bool:
    """Return whether all mixtures of the parts can be evaluated."""
    return len(found) <= MOST_PARTS and sum(not each.stacked for each in found) <= MOST_STRUCTURAL


def all_structural_together(found: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts, merging those that can't be stacked if some of their mixtures aren't valid plans."""
    given = tuple(found)
    structural = [each for each in given if not each.stacked]
    if len(structural) < 2:
        return given
    label = _joint_label([each for part in structural for each in part.differences])
    return (*(each for each in given if each.stacked), _union(structural, "structure", label))


def _joint_label(together: list[Difference]) -> str:
    """Return a description of inputs changed together: what was added and removed, or else the fields."""
    came = [f"{each.placed} added" for each in together if _is_whole(each) and each.a is None]
    gone = [f"{each.placed} removed" for each in together if _is_whole(each) and each.b is None]
    words = [*came, *gone] or [each.placed for each in together]
    return ", ".join(dict.fromkeys(words[:MOST_NAMED])) + (" and more" if len(words) > MOST_NAMED else "")


def _joined(a: Scenario, found: list[Difference]) -> tuple[Part, ...]:
    structure = [each for each in found if _is_structure(each)]
    names = {steps_of(each.path)[1] for each in structure if each.path.startswith("deployments.")}
    coupled = [each for each in found if _names_one_of(each, names)] if names else []
    coupled += [each for each in structure if each not in coupled]
    touched = {steps_of(each.path)[1] for each in coupled if each.path.startswith("workloads.")}
    coupled += [
        each for each in found
        if each not in coupled and _is_routing(each.path) and steps_of(each.path)[1] in touched
    ]  # fmt: skip
    ordered = [each for each in found if each in coupled]
    alone = [_part(a, each) for each in found if each not in coupled]
    if not ordered:
        return tuple(alone)
    together = _together(ordered, names)
    return (*(_structural(each, alone=len(together) == 1) for each in together), *alone)


def _together(coupled: Sequence[Difference], names: set[str]) -> list[list[Difference]]:
    """Return groups of coupled differences that depend on each other: they name the same deployment or workload."""
    groups: list[tuple[set[str], list[Difference]]] = []
    for each in coupled:
        needed = _needed(each, names)
        linked = [group for group in groups if group[0] & needed]
        joined = (
            needed.union(*(group[0] for group in linked)),
            [*(one for group in linked for one in group[1]), each],
        )
        groups = [*(group for group in groups if group not in linked), joined]
    return [members for _, members in groups]


def _needed(each: Difference, names: set[str]) -> set[str]:
    """Return the workload or deployment of a difference, and the deployments added or removed with it."""
    steps = list(steps_of(each.path))
    own = {path_of(steps[:WHOLE])}
    values: list[Any] = [each.a, each.b]
    tiers = [getattr(getattr(value, "routing", None), "tiers", ()) for value in values]
    said = [name for value in (*values, *tiers) for name in (value if isinstance(value, tuple) else (value,))]
    named = {name for name in (*said, *steps[WHOLE:]) if isinstance(name, str)}
    return own | {path_of(("deployments", name)) for name in names & named}


def _structural(members: list[Difference], *, alone: bool) -> Part:
    """Return mutually dependent differences as one part; `alone`: it is the only such part."""
    several = "structure" if alone else members[0].path
    name = members[0].path if len(members) == 1 else several
    return Part(name, _joint_label(members), tuple(members), stacked=False)


def _is_structure(difference: Difference) -> bool:
    """Return whether a whole deployment or workload is added, removed or changes kind, or tiers change."""
    return _is_whole(difference) or difference.path.endswith(".routing.tiers")


def _is_whole(difference: Difference) -> bool:
    return (
        difference.path.startswith(("deployments.", "workloads.")) and len(steps_of(difference.path)) == WHOLE
    )


def _is_routing(path: str) -> bool:
    return ".routing.share_passed_on" in path or path.endswith(".routing.policy") or ".success." in path


def _names_one_of(difference: Difference, names: set[str]) -> bool:
    values = [each if isinstance(each, tuple) else (each,) for each in (difference.a, difference.b)]
    return any(isinstance(name, str) and name in names for value in values for name in value)


def _part(a: Scenario, each: Difference) -> Part:
    stacked = each.spec is not None and None not in (each.a, each.b)
    stacked = stacked and each.spec is not None and stackable(a, each.path, each.spec)
    return Part(each.path, each.placed, (each,), stacked=stacked)


def _grouped(found: tuple[Part, ...], depth: int | None) -> tuple[Part, ...]:
    """Return the parts, merging those of the largest sections until there are few enough."""
    groups = _by_section(found, depth)
    for name, members in sorted(groups.items(), key=lambda each: -len(each[1])):
        if _few(found) or len(members) == 1:
            break
        union = _union(members, name, _group_label(name, members))
        rest = {id(each) for each in members[1:]}
        found = tuple(union if each is members[0] else each for each in found if id(each) not in rest)
    return found


def _group_label(name: str, members: Sequence[Part]) -> str:
    """Return a section's title and its differing inputs; for whole parts, what was added and removed."""
    if any(_is_whole(each) for member in members for each in member.differences):
        return _joint_label([each for member in members for each in member.differences])
    labels = list(dict.fromkeys(each.label for member in members for each in member.differences))
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return f"{part_title(name)} ({', '.join(labels[:MOST_NAMED])}{more})"


def _by_section(found: tuple[Part, ...], depth: int | None) -> dict[str, list[Part]]:
    groups: dict[str, list[Part]] = {}
    for part in found:
        section = part.differences[0].section if len(part.differences) == 1 else part.name
        name = section if depth is None else path_of(steps_of(section)[:depth])
        groups.setdefault(name, []).append(part)
    return groups


def _union(members: list[Part], name: str, label: str) -> Part:
    return Part(
        name, label,
        tuple(each for member in members for each in member.differences),
        stacked=all(member.stacked for member in members),
    )  # fmt: skip


def transplanted(base: Scenario, other: Scenario, paths: Iterable[str]) -> Scenario:
    """Return `base` with the contents of `other` at each path, including absent ones."""
    out: Any = base
    for path in paths:
        out = _with(out, other, steps_of(path))
    assert isinstance(out, Scenario)
    return out


def _with(node: Any, other: Any, names: Sequence[str]) -> Any:
    name, rest = names[0], names[1:]
    if isinstance(node, BaseModel):
        there = getattr(other, name)
        return node.model_copy(update={name: _with(getattr(node, name), there, rest) if rest else there})
    if isinstance(node, dict):
        if rest:
            return node | {name: _with(node[name], other[name], rest)}
        kept = {key: value for key, value in node.items() if key != name}
        return kept | {name: other[name]} if name in other else kept
    index = int(name)
    there = _with(node[index], other[index], rest) if rest else other[index]
    return (*node[:index], there, *node[index + 1 :])
