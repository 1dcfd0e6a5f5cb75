"""`planner show`: a plan's costs, runway and margins."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from planner.cli.commands.show import tables, text
from planner.cli.io.evaluated_plans import opened
from planner.errors import ScenarioError
from planner.files import find

SAMPLES = 8192
MOST_SAMPLES = 1_000_000
WATCH_EVERY_S = 0.5


@click.command(
    "show",
    epilog="""\b
Examples:
  planner show saved/support-copilot.toml
  planner show plan.toml --json | jq .metrics.usd_per_outcome
  planner show plan.toml --month 14       everything as of month 14
  planner show plan.toml --sources
  planner show plan.toml --watch          print again on every save""",
)
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: plain numbers with units in their names.")
@click.option(
    "--samples", type=click.IntRange(16, MOST_SAMPLES), default=SAMPLES, show_default=True,
    help="Draws from the ranges.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of the draws."
)
@click.option(
    "--month", type=click.IntRange(1, 120), default=1, show_default=True,
    help="Show headline, workloads, line items and promises of this month.",
)  # fmt: skip
@click.option("--sources", is_flag=True, help="List every unknown with its source and how it was read.")
@click.option("--watch", is_flag=True, help="Print again whenever the file changes, until ctrl+C.")
@click.option(
    "--library", type=click.Path(path_type=Path), help="Folder to search first when FILE is a name."
)
def show_command(
    *, file: str, as_json: bool, samples: int, seed: int, month: int, sources: bool, watch: bool,
    library: Path | None,
) -> None:  # fmt: skip
    """Print the headline numbers of FILE with their ranges, and its workloads, line items and months."""

    def once() -> str:
        return report(
            file, as_json=as_json, samples=samples, seed=seed, month=month, sources=sources, library=library
        )

    if not watch:
        click.echo(once())
        return
    if file == "-":
        raise click.UsageError("--watch needs a file; standard input can be read only once.")
    _watch(file, once, library)


def report(
    file: str, *, as_json: bool, samples: int, seed: int, month: int = 1, sources: bool = False,
    library: Path | None = None,
) -> str:  # fmt: skip
    """Return what `planner show` prints."""
    plan = opened(file, samples=samples, seed=seed, month=month, library=library)
    if sources:
        from planner.cli.commands.show import sources as listed  # noqa: PLC0415 - reads the evidence

        return listed.as_json(plan.scenario) if as_json else listed.as_text(plan.scenario)
    return tables.report(plan) if as_json else text.report(plan)


def _watch(file: str, once: Callable[[], str], library: Path | None) -> None:
    path = find(file, library=library)
    seen = None
    while True:
        now = _stamp(path)
        if now != seen:
            seen = now
            try:
                click.echo(once() + "\n")
            except ScenarioError as error:
                click.echo(str(error) + "\n", err=True)
            sys.stdout.flush()
        time.sleep(WATCH_EVERY_S)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return a stamp that changes when a file is saved; None while it doesn't exist."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
