"""Refits the serving constants: `python -m planner.analysis.serving_fit.refit TABLE.csv [MORE.csv ...] [--write] [--left-out]`.

Reads tables in the columns of published measurements, fits the constants by robust least squares on the logarithm
of predicted over measured, prints them with their spread, and cross-validates: each source left out of the fit, each
page of a source, each model, each GPU. The error bands come from held-out sources.
"""

import csv
import datetime as dt
import functools
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import numpy as np

from planner.analysis.serving_fit import folds
from planner.analysis.serving_fit.bands import bands_of, coverage
from planner.analysis.serving_fit.blockwise import sent_in_blocks
from planner.analysis.serving_fit.cells import Row, is_ok, trust_of
from planner.analysis.serving_fit.fitting import Fit, FitTask, Table, fit, spreads, task, values_at
from planner.analysis.serving_fit.rows import read_rows
from planner.analysis.serving_fit.table import predict
from planner.catalog.fitted import bands_table, constants_from_values, constants_table

LEFT_OUT = ("source", "page", "model", "gpu_name")
_WIDTH = 44


def as_toml(
    *, table: Table, values: Mapping[str, float], spread: Mapping[str, float], date: str,
    bands: Mapping[str, Mapping[str, Any]],
) -> str:  # fmt: skip
    """Return the table of constants as catalog TOML, with fitted values, spreads, the date and the error bands."""
    lines = [
        "# What the serving model can't derive: efficiencies and overheads, fitted on public measurements.",
        "# Written by `python -m planner.analysis.serving_fit.refit TABLE.csv ... --write`; not edited by hand. `spread` is the",
        "# relative standard error of the fit. `same_as`: no measurement tells it apart. `fixed`: the reference of the others.",
        "# `prior` (or `near`, another constant) is what is expected before, `within` its standard deviation in logarithms.",
        f'fitted_on = "{date}"',
    ]
    for name, row in table.items():
        lines += ["", f'[constant."{name}"]', f"value = {values[name]:.5g}"]
        lines += [f"spread = {spread[name]:.2g}"] if name in spread else []
        lines += [f'{key} = "{row[key]}"' for key in ("unit", "meaning", "same_as", "near") if key in row]
        lines += [f"{key} = {row[key]:g}" for key in ("prior", "within", "low", "high") if key in row]
        lines += ["fixed = true"] if "fixed" in row else []
    for name, band in bands.items():
        lines += ["", f'[band."{name}"]', f"low_x = {band['low_x']:.4g}", f"high_x = {band['high_x']:.4g}"]
        lines += [f"rows = {band['rows']}", f"pages = {band['pages']}"]
    return "\n".join(lines) + "\n"


def read_tables(paths: Sequence[Path]) -> list[Row]:
    """Return the rows of tables that count in a fit, table by table."""
    found: list[Row] = []
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            found += [row for row in csv.DictReader(file) if trust_of(row) > 0]
    return found


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--write", is_flag=True, help="Replace the shipped table of constants and bands.")
@click.option("--left-out", is_flag=True, help="Print the errors of what is left out of the fit.")
@click.option("--rounds", default=4, show_default=True, help="The most Jacobians of the fit.")
@click.option(
    "--exact", is_flag=True, help="A Jacobian for each fit of the cross-validation: an hour by source."
)
def main(paths: tuple[Path, ...], write: bool, left_out: bool, rounds: int, exact: bool) -> None:
    """Refit, print, and write or validate as requested."""
    given = read_tables(paths)
    rows, problems = read_rows(given)
    for problem in problems:
        click.echo(f"left out: {problem}", err=True)
    kept = [given[i] for i in rows.at.tolist()]
    ok = np.array([is_ok(row) for row in kept], dtype=bool)
    trust = np.array([trust_of(row) for row in kept], dtype=float)
    click.echo(f"{sent_in_blocks(rows).sum()} first tokens came in blocks: not fitted, but judged", err=True)
    asked = task(rows=rows, table=constants_table(), trust=trust)
    found = fit(asked, rounds=rounds, say=lambda words: click.echo(words, err=True))
    values, spread = values_at(asked, found.free), spreads(asked, found)
    for name, value in values.items():
        unit = asked.table[name]["unit"]
        click.echo(f"{name:36s} {value:12.5g} {unit:30s} +-{100 * spread.get(name, 0.0):.1f} %")
    click.echo("errors of the fit, by source:")
    _print_errors(asked, predict(rows, constants=constants_from_values(values)), "source", ok)
    bands = bands_table()
    if left_out or write:
        bands = _validate(asked, found, ok, exact=exact, all_ways=left_out)
    if write:
        place = Path(str(files("planner.catalog").joinpath("serving_constants.toml")))
        date = dt.datetime.now(tz=dt.UTC).date().isoformat()
        text = as_toml(table=asked.table, values=values, spread=spread, date=date, bands=bands)
        place.write_text(text, encoding="utf-8")


def _validate(
    asked: FitTask, found: Fit, ok: np.ndarray, *, exact: bool, all_ways: bool
) -> dict[str, dict[str, Any]]:
    """Print the held-out errors, and return the error bands from held-out sources."""
    bands: dict[str, dict[str, Any]] = {}
    for way in LEFT_OUT if all_ways else ("source",):
        click.echo(f"each {way.removesuffix('_name')} left out of the fit, errors by source:")
        groups = getattr(asked.rows, way)
        told = functools.partial(click.echo, err=True)
        unseen = folds.left_out(asked, found, groups=groups, judged=ok, exact=exact, say=told)
        _print_errors(asked, unseen, "source", ok)
        if way == "source":
            bands = bands_of(asked.rows, unseen, judged=ok)
            for line in coverage(asked.rows, unseen, judged=ok):
                click.echo(line)
    return bands


def _print_errors(asked: FitTask, found: Mapping[str, np.ndarray], way: str, ok: np.ndarray) -> None:
    groups = getattr(asked.rows, way)
    for line in folds.described(
        folds.errors_by(asked.rows, dict(found), groups=groups, judged=ok), width=_WIDTH
    ):
        click.echo(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
