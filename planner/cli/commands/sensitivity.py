"""`planner sensitivity`: which unknown matters most."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from planner.analysis.sensitivity import Indices, Tornado, sobol_indices, tornado
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.field_names import metric_named
from planner.cli.io.layout import table, width
from planner.cli.io.output_formats import csv_text, styled
from planner.cli.io.progress import working
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.readout import label, number_text, placed_label
from planner.units import show


@click.command(
    "sensitivity",
    epilog="""\b
Examples:
  planner sensitivity plan.toml
  planner sensitivity plan.toml --metric usd_per_outcome --indices""",
)
@click.argument("file")
@click.option("--metric", default="runway_months", show_default=True, help="Result to explain.")
@click.option(
    "--indices", is_flag=True, help="Sobol indices (shares of variance) instead of one range at a time."
)
@click.option(
    "--samples", type=click.IntRange(64, 65_536), default=1024, show_default=True, help="With --indices."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="With --indices."
)
@styled
def sensitivity_command(**options: Any) -> None:
    """Rank the unknowns of FILE by how far each moves a result over its own range."""
    click.echo(report(**options))


BAR_COLUMNS = 12


def report(*, file: str, metric: str, indices: bool, samples: int, seed: int, style: str | None) -> str:
    """Return what `planner sensitivity` prints."""
    loaded = read(file)
    name = metric_named(metric)
    horizon = float(loaded.scenario.company.horizon_months)
    with named_after(loaded), working("Drawing", sys.stderr):
        found: Tornado | Indices
        found = (
            sobol_indices(loaded.scenario, n=samples, seed=seed)[name]
            if indices
            else tornado(loaded.scenario, name)
        )
    if style == "json":
        return json_output.as_json(found)
    if style == "csv":
        return csv_text(
            [vars(each) for each in (found.bars if isinstance(found, Tornado) else found.indices)]
        )
    lines = _tornado(found, horizon) if isinstance(found, Tornado) else _indices(found)
    return "\n".join([inert(loaded.scenario.title), *lines])


def _tornado(found: Tornado, horizon: float) -> list[str]:
    middle = number_text(found.metric, found.middle, horizon)
    if not found.bars:
        return [f"{label(found.metric)} is {middle}. The plan has no ranges, so nothing moves it."]
    widest = max(bar.width for bar in found.bars) or 1.0
    rows = [
        (
            inert(placed_label(bar.path, bar.label)),
            show(bar.low, bar.path),
            number_text(found.metric, bar.at_low, horizon),
            show(bar.high, bar.path),
            number_text(found.metric, bar.at_high, horizon),
            "#" * round(BAR_COLUMNS * bar.width / widest) if bar.width == bar.width else "?",
        )
        for bar in found.bars
    ]
    head = ("", "at p5", "gives", "at p95", "gives", "")
    return [f"{label(found.metric)}: {middle} with all unknowns at their medians", "", *_fitted(rows, head)]


def _fitted(rows: Sequence[tuple[str, ...]], head: tuple[str, ...]) -> list[str]:
    """Return the table, without its bars if the terminal is too narrow."""
    lines = table(rows, head=head)
    if max(map(len, lines)) <= width():
        return lines
    return table([row[:-1] for row in rows], head=head[:-1])


def _indices(found: Indices) -> list[str]:
    if not found.indices:
        return [f"{label(found.metric)} doesn't vary over the ranges of the plan."]
    rows = [
        (inert(each.label), show(each.first, "share"), show(each.total, "share")) for each in found.indices
    ]
    head = (f"variance of {label(found.metric)}", "alone", "with others")
    return ["", *table(rows, head=head)]
