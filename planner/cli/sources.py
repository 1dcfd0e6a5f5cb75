"""`planner show --sources`: where every number that the team does not decide comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.catalog import evidence
from planner.cli import bare
from planner.cli.layout import table, wrapped
from planner.cli.words import inert
from planner.errors import ScenarioError
from planner.schema import Field, Range, Scenario, fields
from planner.units import show

EVIDENCE = "evidence:"
JUDGEMENT = "judgement: nobody measured it"
UNSOURCED = "no source stated"


@dataclass(frozen=True)
class Sourced:
    """One unknown with its value and what that rests on."""

    path: str
    label: str
    value: str
    source: str
    read: str
    confidence: str


def sourced(scenario: Scenario) -> Iterator[Sourced]:
    """Yield every unknown of the plan, and every number with a source of its own."""
    for field in fields(scenario):
        stated = scenario.source.get(field.path, "")
        ranged = isinstance(field.value, Range)
        if (
            field.spec.numeric
            and field.value is not None
            and (field.spec.role == "unknown" or stated or ranged)
        ):
            yield _sourced(field, stated)


def _sourced(field: Field, stated: str) -> Sourced:
    is_default = not stated and bool(field.spec.evidence)
    reference = field.spec.evidence if is_default else stated
    source, read, confidence = _looked_up(reference)
    if not source and "Judgement" in field.spec.help:
        source = JUDGEMENT
    if is_default and source:
        source = f"about the default: {source}"
    text = str(field.value) if isinstance(field.value, Range) else show(float(field.value), field.path)
    return Sourced(field.path, field.spec.label, text, source or UNSOURCED, read, confidence)


def _looked_up(reference: str) -> tuple[str, str, str]:
    """Return source, how it was read and confidence; words that name no evidence stand for themselves."""
    prefix, _, name = reference.partition(":")
    name = name.strip().split(",")[0].strip()
    try:
        if f"{prefix}:" == EVIDENCE or prefix == "finding":
            return _finding(name)
        if prefix == "default":
            found = evidence.default(name)
            source, _, confidence = _finding(found.evidence[0])
            return source, found.how_read, confidence
    except ScenarioError:
        return f"{reference} (not in the catalog)", "", ""
    return reference, "", ""


def _finding(name: str) -> tuple[str, str, str]:
    found = evidence.finding(name)
    return f"{found.id}: {found.source}", found.how_read, found.confidence


def as_text(scenario: Scenario) -> str:
    """Return the list for people: a line for the value, then what it rests on."""
    listed = list(sourced(scenario))
    heads = table([(each.path, each.value) for each in listed])
    lines = [inert(scenario.title), ""]
    for head, each in zip(heads, listed, strict=True):
        how = "; ".join(
            word for word in (each.read, f"confidence {each.confidence}" if each.confidence else "") if word
        )
        lines.append(head)
        lines += wrapped(inert(each.source + (f" ({how})" if how else "")), indent=6, hang=6)
    return "\n".join(lines)


def as_json(scenario: Scenario) -> str:
    """Return the list for programs."""
    return bare.as_json({"title": scenario.title, "sources": list(sourced(scenario))})
