"""`planner frontier`: the combinations of levers that no other beats."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from planner.analysis.frontier import DEFAULT_METRICS, NEED_MONTHS, Choice, Front, frontier, month_one_bound
from planner.analysis.goal import objective
from planner.analysis.nearest import nearest
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.field_names import metrics_named, path_in_words
from planner.cli.io.field_values import asked, input_text
from planner.cli.io.layout import table, wrapped
from planner.cli.io.output_formats import csv_text, shared_out, styled
from planner.cli.io.progress import STOPPED, stoppable
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.readout import label, number_text
from planner.readout.rule_text import rule_text
from planner.readout.setting_words import setting_notes
from planner.schema import Scenario


@click.command(
    "frontier",
    epilog="""\b
Examples:
  planner frontier support-copilot-rag-routing --lever chat.share_to_last \\
    --lever chat.rag.chunks=2,4,8,16
  planner frontier llama-70b-service --lever weights=bf16,fp8 --csv
  planner frontier support-copilot-rag-routing --lever chat.share_to_last \\
    --where "success_share >= 0.75" --best usd_per_outcome
Values: a list, LOW:HIGH:COUNT, or none for the values worth trying.""",
)
@click.argument("file")
@click.option(
    "--lever", "levers", multiple=True, required=True, help="FIELD or FIELD=VALUES; may be repeated."
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    help="Result to judge by; default: cost per outcome, success, latency.",
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Rows to print."
)
@click.option(
    "--where", multiple=True, help='Limit on a result, such as "success_share >= 0.9"; may be repeated.'
)
@click.option("--best", default="", help="Result to sort by, best first.")
@shared_out
@styled
def frontier_command(
    *, file: str, levers: tuple[str, ...], metrics: tuple[str, ...], limit: int, where: tuple[str, ...],
    best: str, style: str | None, processes: int | None, ray_address: str | None,
) -> None:  # fmt: skip
    """Evaluate every combination of levers in FILE and keep those that no other combination beats.

    Ctrl+C stops and shows the best so far. The file's [goal] works like --best and --where.
    """
    loaded = read(file)
    with named_after(loaded), stoppable("Combining levers", sys.stderr) as told:
        goal = objective(loaded.scenario, best=best, keep=where, option="--where")
        asked_of_months = [
            each.text for each in goal.keep if not month_one_bound(each) and each.text not in where
        ]
        bounds = [each for each in goal.keep if each.text not in asked_of_months]
        found = frontier(
            loaded.scenario, dict(asked(loaded.scenario, each) for each in levers), where=bounds,
            metrics=_metrics(metrics, goal.best if best or loaded.scenario.goal.best else ""), progress=told,
            processes=processes, ray_address=ray_address,
        )  # fmt: skip
    if found.stopped:
        click.echo(STOPPED, err=True)
    if style == "json":
        click.echo(json_output.as_json(found))
    elif style == "csv":
        click.echo(csv_text([_row(each) for each in found.choices]))
    else:
        told_apart = [
            f"not checked against {rule_text(each)}, which needs all months" for each in asked_of_months
        ]
        click.echo(
            "\n".join(
                [
                    inert(loaded.scenario.title),
                    *_lines(loaded.scenario, found, limit),
                    *map(inert, told_apart),
                ]
            )
        )


def _metrics(asked_for: Sequence[str], best: str) -> list[str]:
    """Return the metrics to judge by, the one to sort by first."""
    others = metrics_named(asked_for, DEFAULT_METRICS)
    first = [best] if best and best not in NEED_MONTHS else []
    return [*first, *(each for each in others if each not in first)]


def _row(each: Choice) -> dict[str, Any]:
    return {**each.values, **each.metrics}


def _lines(scenario: Scenario, found: Front, limit: int) -> list[str]:
    count, kept = f"{found.evaluated:,} of {found.total:,}", f"{found.feasible:,}"
    where = " and ".join(rule_text(each.text) for each in found.where)
    inside = f"{found.allowed:,} of them have {inert(where)}; " if where else ""
    lines = wrapped(
        f"{count} combinations in {found.seconds:.1f} s; {kept} keep their promises and fit; {inside}"
        f"not beaten by any other: {len(found.choices):,}",
        indent=0, hang=2,
    )  # fmt: skip
    if found.feasible and not found.choices:
        return [*lines, *(line for each in nearest(found) for line in wrapped(each, indent=0, hang=2))]
    names = list(found.levers)
    lines += [f"  {chr(ord('a') + i % 26)} = {path_in_words(scenario, name)}" for i, name in enumerate(names)]
    head = [*(chr(ord("a") + i % 26) for i in range(len(names))), *map(label, found.metrics)]
    rows = [
        [
            *(input_text(each.values[name]) for name in names),
            *(number_text(name, each.metrics[name]) for name in found.metrics),
        ]
        for each in found.choices[:limit]
    ]
    lines += ["", *table(rows, head=head, left=0)]
    if len(found.choices) > limit:
        lines.append(f"  and {len(found.choices) - limit:,} more: --limit, --csv or --json")
    for path, values in found.levers.items():
        lines += [line for each in setting_notes(scenario, path, values) for line in wrapped(inert(each))]
    return [*lines, *(line for each in found.problems for line in wrapped(f"left out: {inert(str(each))}"))]
