"""`planner sweep`: results over one or two fields."""

import itertools
import sys
from collections.abc import Sequence
from typing import Any

import click

from planner.analysis.sweep import Axis, Sweep, sweep
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.field_names import metrics_named, path_in_words
from planner.cli.io.field_values import asked
from planner.cli.io.layout import table, wrapped
from planner.cli.io.output_formats import csv_text, shared_out, styled
from planner.cli.io.progress import STOPPED, stoppable
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.readout import label, number_text
from planner.readout.setting_words import setting_notes
from planner.schema import Scenario
from planner.units import show

SWEEP_METRICS = ("usd_per_outcome", "success_share", "gross_margin_share", "runway_months", "gpus")


@click.command(
    "sweep",
    epilog="""\b
Examples:
  planner sweep support-copilot-rag-routing --over chat.share_to_last
  planner sweep support-copilot-rag-routing \\
    --over chat.share_to_last=0,0.25,0.5 --over chat.rag.chunks=2:16:8 \\
    --metric usd_per_outcome
  planner sweep support-copilot-rag-routing --over chat.policy \\
    --over chat.context_tokens=1000:64000:1000 --csv
Values: a list, LOW:HIGH:COUNT, or none for the values worth trying.""",
)
@click.argument("file")
@click.option("--over", multiple=True, required=True, help="FIELD or FIELD=VALUES; once or twice.")
@click.option("--metric", "metrics", multiple=True, help="Result to show; may be repeated.")
@shared_out
@styled
def sweep_command(
    *, file: str, over: tuple[str, ...], metrics: tuple[str, ...], style: str | None,
    processes: int | None, ray_address: str | None,
) -> None:  # fmt: skip
    """Show results over one or two fields of FILE. Ctrl+C stops and shows the results so far."""
    click.echo(report(file, over, metrics, style, processes=processes, ray_address=ray_address))


def report(
    file: str, over: Sequence[str], metrics: Sequence[str], style: str | None, *,
    processes: int | None = None, ray_address: str | None = None,
) -> str:  # fmt: skip
    """Return what `planner sweep` prints."""
    loaded = read(file)
    with named_after(loaded), stoppable("Sweeping", sys.stderr) as told:
        chosen = dict(asked(loaded.scenario, each) for each in over)
        found = sweep(loaded.scenario, chosen, progress=told, processes=processes, ray_address=ray_address)
    if found.stopped:
        click.echo(STOPPED, err=True)
    default = SWEEP_METRICS if len(found.axes) == 1 else SWEEP_METRICS[:1]
    shown = metrics_named(metrics, default)
    if style == "csv":
        return csv_text(_rows(found, metrics_named(metrics, list(found.grid.metrics))))
    if style == "json":
        return _json(found, metrics_named(metrics, list(found.grid.metrics)))
    notes = [line for each in found.grid.problems for line in wrapped(f"left out: {inert(str(each))}")]
    lines = (
        _one(loaded.scenario, found, shown) if len(found.axes) == 1 else _two(loaded.scenario, found, shown)
    )
    for axis in found.axes:
        meant = setting_notes(loaded.scenario, axis.path, axis.values)
        notes += [line for each in meant for line in wrapped(inert(each))]
    return "\n".join([inert(loaded.scenario.title), *lines, *notes])


def _rows(found: Sweep, metrics: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for index in itertools.product(*(range(len(axis.values)) for axis in found.axes)):
        row = {axis.path: axis.values[i] for axis, i in zip(found.axes, index, strict=True)}
        row |= {name: float(found.grid.metrics[name][index]) for name in metrics}
        rows.append(row | {"feasible": bool(found.grid.feasible[index])})
    return rows


def _json(found: Sweep, metrics: Sequence[str]) -> str:
    return json_output.as_json(
        {
            "fields": [
                {"path": axis.path, "unit": axis.spec.unit, "values": axis.values} for axis in found.axes
            ],
            "metrics": {name: found.grid.metrics[name] for name in metrics},
            "feasible": found.grid.feasible,
            "problems": [str(problem) for problem in found.grid.problems],
            "stopped": found.stopped,
        }
    )


def _one(scenario: Scenario, found: Sweep, metrics: Sequence[str]) -> list[str]:
    axis, horizon = found.axes[0], float(scenario.company.horizon_months)
    rows = [
        (
            swept_text(axis, value),
            *(number_text(name, float(found.grid.metrics[name][index]), horizon) for name in metrics),
            "" if found.grid.feasible[index] else "promise broken, or doesn't fit",
        )
        for index, value in enumerate(axis.values)
    ]
    return [path_in_words(scenario, axis.path), *table(rows, head=("", *map(label, metrics), ""), left=0)]


def _two(scenario: Scenario, found: Sweep, metrics: Sequence[str]) -> list[str]:
    (down, across), horizon = found.axes, float(scenario.company.horizon_months)
    names = [path_in_words(scenario, axis.path) for axis in found.axes]
    lines = wrapped(
        f"down: {names[0]}, across: {names[1]}; ! breaks a promise or doesn't fit", indent=0, hang=2
    )
    for name in metrics:
        rows = [
            (
                swept_text(down, value),
                *(
                    number_text(name, float(found.grid.metrics[name][i, j]), horizon)
                    + ("  " if found.grid.feasible[i, j] else " !")
                    for j in range(len(across.values))
                ),
            )
            for i, value in enumerate(down.values)
        ]
        head = ("", *(swept_text(across, value) + "  " for value in across.values))
        lines += ["", label(name), *table(rows, head=head, left=1)]
    return lines


def swept_text(axis: Axis, value: Any) -> str:
    """Return a swept value as text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return show(value, axis.path) if isinstance(value, int | float) else inert(str(value))
