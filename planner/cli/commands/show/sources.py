"""`planner show --sources`: the source of every number that the team doesn't choose."""

from collections.abc import Iterator

from planner.analysis.sources import CHOSEN, NEUTRAL, Sourced, sources
from planner.cli.io import json_output
from planner.cli.io.layout import table, wrapped
from planner.files import inert
from planner.schema import Scenario


def unknowns(scenario: Scenario) -> Iterator[Sourced]:
    """Yield every unknown that affects the plan, and every number with a source of its own."""
    for each in sources(scenario):
        if each.source not in (CHOSEN, NEUTRAL) and (each.role == "unknown" or each.path in scenario.source):
            yield each


def as_text(scenario: Scenario) -> str:
    """Return the list as text: a line for each value, then its evidence."""
    listed = list(unknowns(scenario))
    lines = [inert(scenario.title), ""]
    for head, each in zip(table([(each.path, each.value) for each in listed]), listed, strict=True):
        marks = f" [{', '.join(each.marks)}]" if each.marks else ""
        lines += [inert(head), *wrapped(inert(each.words + marks), indent=6, hang=6)]
        if figures := "; ".join(_figures(each)):
            lines += wrapped(inert(figures), indent=6, hang=6)
    return "\n".join(lines)


def _figures(each: Sourced) -> Iterator[str]:
    """Yield the default, if the plan has another value, and the evidence's finding."""
    if each.default not in ("", "none", each.value):
        yield f"default {each.default}"
    if each.found:
        yield f"evidence: {each.found}"


def as_json(scenario: Scenario) -> str:
    """Return the list as JSON."""
    return json_output.as_json({"title": scenario.title, "sources": list(unknowns(scenario))})
