"""A sweep as text, JSON and CSV."""

import itertools
import sys
from collections.abc import Sequence
from typing import Any

import click
import numpy as np

from planner.analysis.sweep import Axis, Sweep, sweep
from planner.cli.commands.explore import SWEEP_METRICS
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.field_names import field_named, metrics_named
from planner.cli.io.layout import table, wrapped
from planner.cli.io.output_formats import csv_text
from planner.cli.io.progress import STOPPED, stoppable
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.readout import label, number_text
from planner.schema import Scenario
from planner.units import show

MOST_VALUES = 1_000


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
    horizon = float(loaded.scenario.company.horizon_months)
    lines = _one(found, shown, horizon) if len(found.axes) == 1 else _two(found, shown, horizon)
    return "\n".join([inert(loaded.scenario.title), *lines, *notes])


def asked(scenario: Scenario, text: str) -> tuple[str, Sequence[Any] | None]:
    """Return the field and the values of "FIELD" or "FIELD=VALUES"; None for those worth trying."""
    name, has_values, values = text.partition("=")
    return field_named(scenario, name.strip()), _values(values) if has_values else None


def _values(text: str) -> list[Any]:
    parts = text.split(":")
    if len(parts) == 3:
        try:
            low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
        except ValueError:
            raise ScenarioError([Problem(f'"{inert(text)}"', "is no LOW:HIGH:COUNT.")]) from None
        if not 2 <= count <= MOST_VALUES or not np.isfinite([low, high]).all():
            raise ScenarioError([Problem(f'"{inert(text)}"', f"must have from 2 to {MOST_VALUES} values.")])
        return [float(each) for each in np.linspace(low, high, count)]
    values: list[Any] = [each.strip() for each in text.split(",")]
    if len(values) > MOST_VALUES:
        raise ScenarioError([Problem("--over", f"has more than {MOST_VALUES} values.")])
    return values


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


def _one(found: Sweep, metrics: Sequence[str], horizon: float) -> list[str]:
    axis = found.axes[0]
    rows = [
        (
            swept_text(axis, value),
            *(number_text(name, float(found.grid.metrics[name][index]), horizon) for name in metrics),
            "" if found.grid.feasible[index] else "promise broken, or does not fit",
        )
        for index, value in enumerate(axis.values)
    ]
    return [inert(axis.path), *table(rows, head=("", *map(label, metrics), ""), left=0)]


def _two(found: Sweep, metrics: Sequence[str], horizon: float) -> list[str]:
    down, across = found.axes
    lines = [f"down: {inert(down.path)}, across: {inert(across.path)}; ! breaks a promise or does not fit"]
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
    """Return a swept value as people write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return show(value, axis.path) if isinstance(value, int | float) else inert(str(value))
