"""`planner refresh`: the effect of newer prices."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import today
from planner.cli.io.layout import section, table, wrapped
from planner.files import inert
from planner.usage import refresh


@click.command(
    "refresh",
    epilog="""\b
Examples:
  planner refresh                  age of the prices in use
  planner refresh newer.toml       rents and prices in catalog format
  planner refresh /tmp/new/genai_prices    a newer price package, unpacked
Nothing is written: plans and catalog stay as they are.""",
)
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option("--library", type=click.Path(path_type=Path), help="Folder of plans to search first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def refresh_command(*, source: Path | None, library: Path | None, as_json: bool) -> None:
    """List the prices that SOURCE changes, and their effect on each plan in the library."""
    click.echo(report(source, library=library, as_json=as_json))


def report(source: Path | None, *, library: Path | None, as_json: bool) -> str:
    """Return what `planner refresh` prints."""
    found = refresh(source, library=library, today=today())
    if as_json:
        return json_output.as_json(found)
    lines = [f"Prices from {inert(found.source)}"]
    lines += section("Price changes", _rows(found.price_rows(), left=2))
    lines += section("Effect in month 1", _rows(found.effect_rows(), left=2))
    lines += section("Old prices", [line for each in found.warnings for line in wrapped(inert(each))])
    return "\n".join(
        lines if len(lines) > 1 else [*lines, "Nothing changes, and no price is older than 60 days."]
    )


def _rows(rows: Sequence[Mapping[str, Any]], *, left: int) -> list[str]:
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[inert(str(row.get(name, ""))) for name in names] for row in rows]
    return table(cells, head=names, left=left)
