"""The source of each number in a plan, how it was read, and how far it can be trusted."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from planner.catalog import evidence
from planner.catalog.rents import own_gpu_fact
from planner.errors import ScenarioError
from planner.records import dataclass
from planner.schema import Field, Range, Scenario, Spec, fields, spec_at, steps_of
from planner.units import show

CHOSEN = "chosen by the team"
JUDGEMENT = "judgement: nobody measured it"
NEUTRAL = "left out: no effect"
UNSOURCED = "no source stated"
NOT_THE_DEFAULT = "no source stated; about the default"

MARKS = {"judgement": "judgement", "through another text": "secondary", "from memory": "from memory"}
NEUTRAL_VALUES = (0.0, 1.0)


@dataclass(frozen=True)
class Reference:
    """The target of an evidence reference, or free text."""

    source: str
    how_read: str = ""
    confidence: str = ""
    low: float | None = None
    high: float | None = None
    value: float | None = None
    unit: str = ""

    @property
    def found(self) -> str:
        """The evidence's figure in its own unit, with its range; empty if it has neither.

        >>> look_up("default: outcome.human_fallback").found
        '8 (3 to 25) USD per failed case'
        """
        return found_words(self.value, self.low, self.high, self.unit)


@dataclass(frozen=True)
class Sourced:
    """One field of a plan and the basis of its value.

    `value`, `default` and `rule` are words for people; `low` and `high` the range of the evidence, where it
    has one, and `found` the same in words and in the evidence's own unit; `marks` name what to be careful about: judgement, secondary, from memory.
    """

    path: str
    label: str
    role: str
    unit: str
    value: str
    default: str
    rule: str
    low: float | None
    high: float | None
    found: str
    source: str
    how_read: str
    confidence: str
    marks: tuple[str, ...]
    has_source: bool

    @property
    def words(self) -> str:
        """The source in one line, with how it was read and how much it is trusted."""
        trust = f"confidence {self.confidence}" if self.confidence else ""
        how = "; ".join(word for word in (self.how_read, trust) if word)
        return f"{self.source} ({how})" if how else self.source


def sources(scenario: Scenario) -> list[Sourced]:
    """Return every field of a plan with the basis of its value, in file order."""
    return [_sourced(scenario, field) for field in fields(scenario)]


def source_of(scenario: Scenario, path: str) -> Sourced:
    """Return the basis of the field at `path`; raise ScenarioError if there is no such field."""
    spec, value = spec_at(scenario, path)
    return _sourced(scenario, Field(path, spec, value))


def without_source(scenario: Scenario) -> list[str]:
    """Return the unknowns and ranges that the plan states without a source."""
    return [each.path for each in sources(scenario) if not each.has_source]


def unsourced_defaults(scenario: Scenario) -> list[str]:
    """Return the unknowns at a default that has an effect but neither evidence nor the word judgement."""
    return [each.path for each in sources(scenario) if each.source == UNSOURCED and each.has_source]


def _sourced(scenario: Scenario, field: Field) -> Sourced:
    spec, stated = field.spec, scenario.source.get(field.path, "")
    default = _default(scenario, field.path)
    at_default = (
        default is not PydanticUndefined
        and not isinstance(field.value, Range)
        and _same(field.value, default)
    )
    unknown = spec.numeric and (spec.role == "unknown" or isinstance(field.value, Range))
    found = _reference(spec, stated=stated, at_default=at_default, unknown=unknown, value=field.value)
    words = f"{found.source} {found.how_read}".lower()
    return Sourced(
        path=field.path, label=spec.label, role=spec.role, unit=spec.unit, value=_text(field.value, field.path),
        default="" if default is PydanticUndefined else _text(default, field.path), rule=spec.rule(),
        low=found.low, high=found.high, found=found.found, source=found.source, how_read=found.how_read, confidence=found.confidence,
        marks=tuple(mark for word, mark in MARKS.items() if word in words),
        has_source=bool(stated) or at_default or not unknown or field.value is None,
    )  # fmt: skip


def _reference(spec: Spec, *, stated: str, at_default: bool, unknown: bool, value: Any) -> Reference:
    """Return a field's basis: its own source, else the evidence for its default, else its kind."""
    if stated:
        return look_up(stated)
    if at_default and spec.evidence:
        known = look_up(spec.evidence)
        if (
            spec.evidence.startswith("default")
            and value in NEUTRAL_VALUES
            and known.value not in (None, value)
        ):
            return replace(known, source=f"{NEUTRAL}; to set it, see {known.source}")
        return known
    if spec.evidence and unknown:
        known = look_up(spec.evidence)
        return Reference(
            f"{NOT_THE_DEFAULT}: {known.source}", known.how_read, known.confidence, known.low, known.high,
            known.value, known.unit,
        )  # fmt: skip
    if not unknown:
        return Reference(CHOSEN)
    if at_default and "judgement" in spec.help.lower():
        return Reference(JUDGEMENT)
    if at_default and (value is None or value in NEUTRAL_VALUES):
        return Reference(NEUTRAL)
    return Reference(UNSOURCED)


def look_up(reference: str) -> Reference:
    """Return the target of "evidence: ID", "evidence: default KEY" or "default: KEY"; other text is free text.

    >>> look_up("Board deck, 2026-10").source
    'Board deck, 2026-10'
    >>> look_up("default: routing.k").low
    1.0
    """
    kind, colon, rest = reference.partition(":")
    words = rest.replace(",", " ").replace(";", " ").split() or [""]
    if words[0] == "default" and len(words) > 1:
        kind, words = "default", words[1:]
    name = words[0].strip(".")
    if not colon or kind not in ("evidence", "finding", "default", "catalog"):
        return Reference(reference)
    try:
        if kind == "catalog":
            return _from_own_gpu(name)
        if kind == "default":
            return _from_default(name)
        found = evidence.finding(name)
    except ScenarioError:
        return Reference(f"{reference} (not in the catalog)")
    return Reference(
        f"{found.id}: {found.source}", found.how_read, found.confidence, found.low, found.high, found.value,
        found.unit,
    )  # fmt: skip


def found_words(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """Return the evidence's figure with its range and unit; empty if there is none."""
    ends = [f"{end:,.6g}" for end in (low, high) if end is not None and end != value]
    spread = f"{low:,.6g} to {high:,.6g}" if low is not None and high is not None and ends else ""
    if value is None:
        return f"{spread} {unit}".strip() if spread else ""
    return f"{value:,.6g} {f'({spread})' if spread else ''} {unit}".replace("  ", " ").strip()


def _from_default(key: str) -> Reference:
    found = evidence.default(key)
    behind = [evidence.finding(each) for each in found.evidence]
    works = "; ".join(f"{each.id}: {each.source}" for each in behind)
    confidence = min((each.confidence for each in behind), key=("low", "medium", "high").index, default="")
    return Reference(works, found.how_read, confidence, found.low, found.high, found.value, found.unit)


def _from_own_gpu(key: str) -> Reference:
    found = own_gpu_fact(key)
    words = "; ".join(
        word for word in (found.source, found.note, found.dated or str(found.as_of or "")) if word
    )
    how_read = "price lists and pages read"
    return Reference(f"{key}: {words}", how_read, "", found.low, found.high, found.mid, found.unit)


def _default(scenario: Scenario, path: str) -> Any:
    """Return the field's default; PydanticUndefined if it is required."""
    *above, name = steps_of(path)
    node: Any = scenario
    for step in above:
        if isinstance(node, BaseModel):
            node = getattr(node, step)
        else:
            node = node[int(step)] if isinstance(node, tuple) else node[step]
    if isinstance(node, BaseModel):
        return type(node).model_fields[name].get_default(call_default_factory=True)
    return PydanticUndefined


def _same(one: Any, other: Any) -> bool:
    same = one == other
    return bool(same) if isinstance(same, bool) else False


def _text(value: Any, path: str) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(_text(each, path) for each in value)
    if isinstance(value, Range) or not isinstance(value, float | int):
        return str(value)
    return show(float(value), path)
