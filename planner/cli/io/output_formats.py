"""Options for text, JSON and CSV output."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Rows = Sequence[Mapping[str, Any]]


def styled(command: Command) -> Command:
    """Add --json and --csv to a command, as `style`."""
    for flag, words in (("csv", "Print CSV."), ("json", "Print JSON.")):
        command = click.option(f"--{flag}", "style", flag_value=flag, help=words)(command)
    return command


def shared_out(command: Command) -> Command:
    """Add --processes and --ray to a command, as `processes` and `ray_address`."""
    for option, name, kind, words in (
        ("--ray", "ray_address", str, "Ray cluster to run on: an address, auto or local."),
        ("--processes", "processes", click.IntRange(1, 1024), "Worker processes; default: as needed."),
    ):  # fmt: skip
        command = click.option(option, name, type=kind, help=words)(command)
    return command


def csv_text(rows: Rows) -> str:
    """Return rows as CSV; values that can't be computed are empty cells."""
    from planner.cli.io.json_output import bare  # noqa: PLC0415 - loads numpy
    from planner.files import as_csv  # noqa: PLC0415 - loads the schema

    return as_csv([bare(row) for row in rows]).rstrip("\n")
