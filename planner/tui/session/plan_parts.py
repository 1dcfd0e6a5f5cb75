"""What can be added to a plan and taken out of it: found in the schema, so that a new kind needs no code here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import numpy as np
from pydantic import BaseModel

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.model import evaluate
from planner.readout.field_labels import part_noun
from planner.records import dataclass
from planner.schema import Scenario, fields, step_text
from planner.schema.cross import cross_problems
from planner.schema.paths import NOT_EDITED, declared
from planner.schema.steps import path_of, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.schema.spec import Spec

_ASKED = ("month", "amount_usd")  # of a part of a list, also where there is a default
_PAID = frozenset({"amount_usd", "usd_per_month"})  # a part that has one may say what it pays for
_MEANINGS = {
    "workloads": "a kind of request", "deployments": "a model, by API or on own GPUs", "segments": "a kind of customer",
    "funding": "cash from investors", "hiring": "a cost from a month on", "one_off": "paid once",
    "credits": "of a vendor",
    "change": "another model, price or value from a month on", "price_bands": "prices by use",
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
        return part_noun(steps_of(self.path)[-1])

    @property
    def whose(self) -> str:
        """The part of the plan that they belong to, where there may be several; empty for the plan itself."""
        parts = list(steps_of(self.path))
        return parts[1] if len(parts) > 2 else "the company" if parts[-1] == "one_off" else ""

    @property
    def title(self) -> str:
        """What one of them is called in a list, and whose it is where several parts of a plan have such."""
        of = f" of {self.whose}" if self.whose else ""
        return f"{self.noun[:1].upper()}{self.noun[1:]}{of}"

    @property
    def meaning(self) -> str:
        """What one of them is, in a few words."""
        return _MEANINGS.get(steps_of(self.path)[-1], "")


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


def asked(place: PartPlace) -> Iterator[tuple[str, Spec, Any]]:
    """Yield what a new part must be told, and a first answer: what has no default; of a list, month and amount too."""
    kind = place.kinds[0]
    for name, info in kind.model_fields.items():
        spec = declared(kind, name)
        wanted = info.is_required() or (name in _ASKED and not place.named)
        wanted = wanted or (name == "label" and not _PAID.isdisjoint(kind.model_fields))
        if spec is not None and wanted:
            first = spec.choices[0] if spec.choices else max(spec.lo, 0.0) if spec.numeric else ""
            yield name, spec, first


def prompt(place: PartPlace, spec: Spec) -> str:
    """Return a question for a field of a new part: its label, of what and whose it is, and for how long."""
    last = place.noun.split()[-1]
    if spec.kind == "text":
        return f"{spec.label}, {place.noun}{f' of {place.whose}' if place.whose else ''} (may stay empty)"
    of = "" if any(word.startswith(last) for word in spec.label.lower().split()) else f" of the {place.noun}"
    whose = f" ({place.whose})" if place.whose else ""
    return f"{spec.label}{of}{' per month' if spec.unit.endswith('/month') else ''}{whose}"


def month_problem(scenario: Scenario, month: float) -> str:
    """Say that a month lies beyond the plan; empty where it does not."""
    last = float(np.max(scenario.company.horizon_months))
    return f"The plan ends with month {last:g}; its Horizon can be longer." if month > last else ""


def unusable_value(text: str, spec: Spec) -> str:
    """Say why what was typed can't stand in a field; empty where it can."""
    try:
        spec.read(text)
    except ValueError as error:
        return f'"{inert(text)}" is not {error}.'
    return ""


def unusable_part(scenario: Scenario, place: PartPlace, part: Mapping[str, Any]) -> str:
    """Say why a part can't be added as it is; empty where it can."""
    try:
        evaluate(added(scenario, place, place.kinds[0], part))
    except ScenarioError as error:
        return str(error.problems[0])
    return ""


def of_new(scenario: Scenario, place: PartPlace, name: str) -> str:
    """Return what to know of a part that was added last; empty where its message says all."""
    if place.path == "workloads":
        first = scenario.workloads[name].routing.tiers[0]
        return f" It costs nothing until its requests are set; {first} answers it, the other numbers are defaults."
    if place.path == "change":
        return _of_change(scenario)
    return ""


def _of_change(scenario: Scenario) -> str:
    """Return what a change of a deployment's model leaves as it was."""
    steps = [steps_of(path) for path in scenario.change[-1].set]
    swapped = [each[1] for each in steps if (each[0], each[-1]) == ("deployments", "model")]
    kept = (f"{name} {float(scenario.deployments[name].success_share):.0%}" for name in swapped)
    return (
        f" Success stays as it is ({', '.join(kept)}): A Change adds the new model's own." if swapped else ""
    )


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
    """Return the scenario without a part and what is said of it elsewhere; raise ScenarioError where others need it."""
    held = parts_held(scenario, place.path)
    if isinstance(held, dict):
        kept: Any = {key: each for key, each in held.items() if key != name}
        users = [key for key, each in scenario.workloads.items() if name in each.routing.tiers]
        if place.path == "deployments" and users:
            what = f"answers {', '.join(users)}; enter on Models, cheapest first, takes it out there."
            raise ScenarioError([Problem(name, what)])
    else:
        kept = tuple(each for at, each in enumerate(held) if at != int(name))
    after = _without_sources(_with(scenario, list(steps_of(place.path)), kept), place, name)
    return _checked(_without_mentions(after, name) if place.named else after)


def _without_mentions(scenario: Scenario, name: str) -> Scenario:
    """Forget what tables of other parts say under the name of one that is gone, such as requests of a workload."""
    while mentions := [path for each in cross_problems(scenario) if (path := _mention(scenario, each, name))]:
        owner = mentions[0]
        kept = {key: value for key, value in parts_held(scenario, owner).items() if key != name}
        scenario = _with(scenario, list(steps_of(owner)), kept)
        scenario = _without_sources(scenario, PartPlace(owner, (), named=True), name)
    return scenario


def _mention(scenario: Scenario, problem: Problem, name: str) -> str:
    """Return the table in which a problem finds a name; empty where it finds something else."""
    *owner, last = steps_of(problem.where)
    if last != name or not owner:
        return ""
    table = parts_held(scenario, path_of(owner))
    return path_of(owner) if isinstance(table, dict) and name in table else ""


def mentions_lost(before: Scenario, after: Scenario, part: str) -> int:
    """Return how many fields of other parts went with a part."""
    left = {field.path for field in fields(after)}
    return sum(field.path not in left and not field.path.startswith(f"{part}.") for field in fields(before))


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
