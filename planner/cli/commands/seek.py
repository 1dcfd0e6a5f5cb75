"""`planner seek`: the value of a field at which a result reaches a target."""

from collections.abc import Iterator

import click

from planner.analysis.seek import Solution, Sought, seek
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.field_names import field_named, metric_named
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.readout import label, number_text
from planner.schema import read_number


@click.command(
    "seek",
    epilog="""\b
Examples:
  planner seek support-copilot --field usd_per_customer_per_month \\
    --metric gross_margin_share --to 70%
  planner seek support-copilot-rag-routing --field chat.share_to_last \\
    --metric usd_per_outcome --to 1.20 --lowest 0 --highest 0.5
A target that no value reaches is an answer, not an error.""",
)
@click.argument("file")
@click.option("--field", required=True, help="Field to vary.")
@click.option("--metric", required=True, help="Result that should reach the target.")
@click.option("--to", "target", required=True, help="Target value.")
@click.option("--lowest", "lo", help="Lowest value of the field to try.")
@click.option("--highest", "hi", help="Highest value of the field to try.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seek_command(
    *, file: str, field: str, metric: str, target: str, lo: str | None, hi: str | None, as_json: bool
) -> None:
    """Find the value of a field at which a result reaches a target."""
    click.echo(report(file, field, metric, target, ends=(lo, hi), as_json=as_json))


def report(
    file: str, field: str, metric: str, target: str, *, ends: tuple[str | None, str | None], as_json: bool
) -> str:
    """Return what `planner seek` prints."""
    loaded = read(file)
    with named_after(loaded):
        path, name = field_named(loaded.scenario, field), metric_named(metric)
        lo, hi = (None if end is None else _number(end) for end in ends)
        found = seek(loaded.scenario, path, name, _number(target), lo=lo, hi=hi)
    if as_json:
        return json_output.as_json(found)
    return "\n".join(_lines(found, float(loaded.scenario.company.horizon_months)))


def _number(text: str) -> float:
    value = read_number(text)
    if value is None:
        raise ScenarioError([Problem(f'"{inert(text)}"', "is not a number; try 0.6, 60%, 1.2M or 800ms.")])
    return value


def _lines(found: Sought, horizon: float) -> Iterator[str]:
    target = number_text(found.metric, found.target, horizon)
    between = f"{_shown(found.lo)} and {_shown(found.hi)}"
    what = f"{label(found.metric)} of {target}"
    if found.found == "flat":
        yield f"{inert(found.path)} does not change {label(found.metric)} between {between}."
        return
    if found.found == "none":
        yield f"No value of {inert(found.path)} between {between} reaches {what}."
        least, most = (number_text(found.metric, end, horizon) for end in (found.least, found.most))
        yield f"It ranges from {least} to {most}; closest: {_solution(found, found.nearest, horizon)}."
        return
    for solution in found.solutions:
        yield f"{inert(found.path)} = {_solution(found, solution, horizon)}"


def _solution(found: Sought, solution: Solution, horizon: float) -> str:
    metric = number_text(found.metric, solution.metric, horizon)
    words = f"{_shown(solution.value)} gives {label(found.metric)} {metric}"
    words += " (it jumps over the target here)" if solution.jumps else ""
    return words + ("" if solution.feasible else "; breaks a promise, or doesn't fit")


def _shown(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
