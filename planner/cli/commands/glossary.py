"""`planner glossary`: the meaning and source of each headline number."""

import difflib
from collections.abc import Sequence

import click

from planner.cli.io.json_output import as_json
from planner.cli.io.layout import wrapped
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.readout import METRICS, Metric

DIRECTIONS = {"up": "more is better", "down": "less is better", "": ""}


@click.command(
    "glossary",
    epilog="""\b
Examples:
  planner glossary
  planner glossary runway
  planner glossary --json""",
)
@click.argument("words", nargs=-1)
@click.option("--json", "json", is_flag=True, help="Print JSON.")
def glossary_command(*, words: tuple[str, ...], json: bool) -> None:
    """Explain each headline number, or only those whose name contains WORDS."""
    found = _named(" ".join(words))
    if json:
        click.echo(as_json([_table(each) for each in found]))
        return
    click.echo("\n\n".join("\n".join(_lines(each)) for each in found))


def _named(words: str) -> Sequence[Metric]:
    asked = words.casefold()
    found = [each for each in METRICS.values() if asked in f"{each.label} {each.name}".casefold()]
    if not found:
        near = difflib.get_close_matches(words, [each.label for each in METRICS.values()], n=1, cutoff=0.4)
        known = ", ".join(each.label for each in METRICS.values())
        hint = f"Did you mean {near[0]}?" if near else f"Known: {known}."
        raise ScenarioError([Problem(f'"{inert(words)}"', "is not a headline number.", hint)])
    return found


def _lines(metric: Metric) -> list[str]:
    about = ", ".join(filter(None, (metric.unit, metric.when, DIRECTIONS[metric.better])))
    lines = [f"{metric.label} ({metric.name})", *wrapped(metric.definition), *wrapped(f"{about}.")]
    return lines + (wrapped(f"Source: {metric.source}.", hang=4) if metric.source else [])


def _table(metric: Metric) -> dict[str, str]:
    return {
        "name": metric.name,
        "label": metric.label,
        "unit": metric.unit,
        "better": metric.better,
        "when": metric.when,
        "definition": metric.definition,
        "source": metric.source,
    }
