"""`planner show --sources`: where every number that the team does not decide comes from."""

from planner.analysis.sources import Sourced, sources
from planner.cli import bare
from planner.cli.layout import table, wrapped
from planner.cli.words import inert
from planner.schema import Range, Scenario


def sourced(scenario: Scenario) -> list[Sourced]:
    """Return every unknown of the plan, and every number with a range or a source of its own."""
    return [each for each in sources(scenario) if each.value != "none" and _is_listed(scenario, each)]


def _is_listed(scenario: Scenario, each: Sourced) -> bool:
    value = scenario.value(each.path)
    unknown = each.role == "unknown" and isinstance(value, float)
    return unknown or isinstance(value, Range) or each.path in scenario.source


def as_text(scenario: Scenario) -> str:
    """Return the list for people: a line for the value, then what it rests on."""
    listed = sourced(scenario)
    heads = table([(each.path, each.value) for each in listed])
    lines = [inert(scenario.title), ""]
    for head, each in zip(heads, listed, strict=True):
        lines.append(head)
        marks = f" [{', '.join(each.marks)}]" if each.marks else ""
        lines += wrapped(inert(each.words + marks), indent=6, hang=6)
    return "\n".join(lines)


def as_json(scenario: Scenario) -> str:
    """Return the list for programs."""
    return bare.as_json({"title": scenario.title, "sources": sourced(scenario)})
