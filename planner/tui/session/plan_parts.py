"""What can be added to a plan and taken out of it: found in the schema, so that a new kind needs no code here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.schema import Scenario, fields, step_text
from planner.schema.cross import cross_problems
from planner.schema.paths import NOT_EDITED, declared
from planner.schema.steps import steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.schema.spec import Spec

_NOUNS = {
    "workloads": "workload", "deployments": "deployment", "funding": "raise", "hiring": "hire",
    "one_off": "one-off payment", "credits": "credit",
}  # fmt: skip
_TYPED = ("meter_bands",)  # nothing without their lists of prices, which are typed in the file
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class PartPlace:
    """Where parts of one kind stand: its path, the sections that a part may be, and whether parts have names."""

    path: str
    kinds: tuple[type[BaseModel], ...]
    named: bool

    @property
    def noun(self) -> str:
        """What one of them is called."""
        last = self.path.rpartition(".")[2]
        return _NOUNS.get(last, last.removesuffix("s").replace("_", " "))

    @property
    def whose(self) -> str:
        """The part of the plan that they belong to, where there may be several; empty for the plan itself."""
        parts = list(steps_of(self.path))
        return parts[1] if len(parts) > 2 else ""


def places(scenario: Scenario) -> Iterator[PartPlace]:
    """Yield every place of a plan that takes parts, in the order of the file."""
    for name, info in type(scenario).model_fields.items():
        if name not in NOT_EDITED:
            yield from _below(name, info.annotation, getattr(scenario, name))


def _below(path: str, annotation: Any, value: Any) -> Iterator[PartPlace]:
    sections = tuple(_sections(annotation))
    if isinstance(value, tuple | dict):
        if sections and steps_of(path)[-1] not in _TYPED:
            yield PartPlace(path, sections, named=isinstance(value, dict))
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in inner:
            yield from _inside(f"{path}.{step_text(str(name))}", each)
    else:
        yield from _inside(path, value)


def _inside(path: str, value: Any) -> Iterator[PartPlace]:
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _below(f"{path}.{name}", info.annotation, getattr(value, name))


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    inner = get_args(annotation)
    for each in inner[:1] if get_origin(annotation) is Annotated else inner:
        yield from _sections(each)


def asked(kind: type[BaseModel]) -> Iterator[tuple[str, Spec, Any]]:
    """Yield what a new part must be told: each field without a default, what it may hold, and a first answer."""
    for name, info in kind.model_fields.items():
        spec = declared(kind, name)
        if spec is not None and info.is_required():
            first = spec.choices[0] if spec.choices else max(spec.lo, 0.0) if spec.numeric else ""
            yield name, spec, first


def unusable_name(scenario: Scenario, place: PartPlace, name: str) -> str:
    """Say why a new part can't have a name; empty where it can."""
    if not _NAME.fullmatch(name):
        return "A name is letters, digits, - and _."
    return f"{name} exists already." if name in parts_held(scenario, place.path) else ""


def added(
    scenario: Scenario, place: PartPlace, kind: type[BaseModel], values: Mapping[str, Any], *, name: str = ""
) -> Scenario:
    """Return the scenario with one part more, the last of its place; raise ScenarioError where that can't be.

    A new workload is answered by the plan's first deployment.
    """
    if place.path == "workloads" and "routing" not in values:
        values = {**values, "routing": {"tiers": list(scenario.deployments)[:1]}}
    part = kind.model_validate(dict(values))
    held = parts_held(scenario, place.path)
    grown = {**held, name: part} if isinstance(held, dict) else (*held, part)
    return _checked(_with(scenario, list(steps_of(place.path)), grown))


def new_path(scenario: Scenario, place: PartPlace, name: str) -> str:
    """Return the first field of the part that was added last."""
    held = parts_held(scenario, place.path)
    start = f"{place.path}.{step_text(name) if place.named else len(held) - 1}."
    return next((field.path for field in fields(scenario) if field.path.startswith(start)), place.path)


def part_at(scenario: Scenario, path: str) -> tuple[PartPlace, str] | None:
    """Return the innermost part that a field or a section's header is of: its place, and its name or number."""
    found = [
        (place, steps_of(path.removeprefix(f"{place.path}."))[0])
        for place in places(scenario)
        if path.startswith(f"{place.path}.")
    ]
    return max(found, key=lambda each: len(each[0].path), default=None)


def removed(scenario: Scenario, place: PartPlace, name: str) -> Scenario:
    """Return the scenario without a part, and without its sources; raise ScenarioError where others need it."""
    held = parts_held(scenario, place.path)
    if isinstance(held, dict):
        kept: Any = {key: each for key, each in held.items() if key != name}
        users = [key for key, each in scenario.workloads.items() if name in each.routing.tiers]
        if place.path == "deployments" and users:
            what = f"answers {', '.join(users)}; take it out of the models there first."
            raise ScenarioError([Problem(name, what)])
    else:
        kept = tuple(each for at, each in enumerate(held) if at != int(name))
    return _checked(_without_sources(_with(scenario, list(steps_of(place.path)), kept), place, name))


def _without_sources(scenario: Scenario, place: PartPlace, name: str) -> Scenario:
    """Forget the sources and correlations of a part that is gone; those of later ones of a list move up."""
    gone = f"{place.path}.{step_text(name)}"

    def moved(path: str) -> str:
        if path == gone or path.startswith(f"{gone}."):
            return ""
        at, dot, rest = path.removeprefix(f"{place.path}.").partition(".")
        later = not place.named and path.startswith(f"{place.path}.") and at.isdigit() and int(at) > int(name)
        return f"{place.path}.{int(at) - 1}{dot}{rest}" if later else path

    sources = {new: text for path, text in scenario.source.items() if (new := moved(path))}
    pairs = [(each, moved(each.a), moved(each.b)) for each in scenario.correlations]
    together = tuple(each.model_copy(update={"a": a, "b": b}) for each, a, b in pairs if a and b)
    return scenario.model_copy(update={"source": sources, "correlations": together})


def parts_held(scenario: Scenario, path: str) -> Any:
    """Return the parts that a place holds: a table by name, or a list."""
    node: Any = scenario
    for name in list(steps_of(path)):
        if isinstance(node, BaseModel):
            node = getattr(node, name)
        else:
            node = node[name] if isinstance(node, dict) else node[int(name)]
    return node


def _with(node: Any, names: list[str], value: Any) -> Any:
    if not names:
        return value
    name, rest = names[0], names[1:]
    if isinstance(node, BaseModel):
        return node.model_copy(update={name: _with(getattr(node, name), rest, value)})
    if isinstance(node, dict):
        return node | {name: _with(node[name], rest, value)}
    at = int(name)
    return (*node[:at], _with(node[at], rest, value), *node[at + 1 :])


def _checked(scenario: Scenario) -> Scenario:
    if problems := cross_problems(scenario):
        raise ScenarioError(problems)
    return scenario
