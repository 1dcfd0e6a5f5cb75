"""A frontier as text, JSON and CSV."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from planner.analysis.frontier import DEFAULT_METRICS, Choice, Front, frontier
from planner.cli.commands.diff_text import input_text
from planner.cli.commands.sweep_text import asked
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.field_names import metrics_named
from planner.cli.io.layout import table, wrapped
from planner.cli.io.output_formats import csv_text
from planner.cli.io.progress import STOPPED, stoppable
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.readout import label, number_text


def report(
    file: str, levers: Sequence[str], metrics: Sequence[str], *, limit: int, style: str | None,
    processes: int | None = None, ray_address: str | None = None,
) -> str:  # fmt: skip
    """Return what `planner frontier` prints."""
    loaded = read(file)
    with named_after(loaded), stoppable("Combining levers", sys.stderr) as told:
        chosen = dict(asked(loaded.scenario, each) for each in levers)
        found = frontier(
            loaded.scenario, chosen, metrics=metrics_named(metrics, DEFAULT_METRICS), progress=told,
            processes=processes, ray_address=ray_address,
        )  # fmt: skip
    if found.stopped:
        click.echo(STOPPED, err=True)
    if style == "json":
        return json_output.as_json(found)
    if style == "csv":
        return csv_text([_row(each) for each in found.choices])
    return "\n".join([inert(loaded.scenario.title), *_lines(found, limit)])


def _row(each: Choice) -> dict[str, Any]:
    return {**each.values, **each.metrics}


def _lines(found: Front, limit: int) -> list[str]:
    count, kept = f"{found.evaluated:,} of {found.total:,}", f"{found.feasible:,}"
    lines = wrapped(
        f"{count} combinations in {found.seconds:.1f} s; {kept} keep their promises and fit; "
        f"left when those that another beats are gone: {len(found.choices):,}",
        indent=0, hang=2,
    )  # fmt: skip
    names = list(found.levers)
    lines += [f"  {chr(ord('a') + i % 26)} = {inert(name)}" for i, name in enumerate(names)]
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
    return [*lines, *(line for each in found.problems for line in wrapped(f"left out: {inert(str(each))}"))]
