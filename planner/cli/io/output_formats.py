"""Output that people, programs and spreadsheets can choose among."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Rows = Sequence[Mapping[str, Any]]


def styled(command: Command) -> Command:
    """Give a command --json and --csv, as `style`."""
    for flag, words in (("csv", "For spreadsheets."), ("json", "For programs.")):
        command = click.option(f"--{flag}", "style", flag_value=flag, help=words)(command)
    return command


def shared_out(command: Command) -> Command:
    """Give a command --processes and --ray, as `processes` and `ray_address`: who does large work."""
    for option, name, kind, words in (
        ("--ray", "ray_address", str, "A Ray cluster that does the work: its address, auto, or local for one here."),
        ("--processes", "processes", click.IntRange(1, 1024), "How many share the work; by its size if not given."),
    ):  # fmt: skip
        command = click.option(option, name, type=kind, help=words)(command)
    return command


def csv_text(rows: Rows) -> str:
    """Return rows as CSV; what can't be computed is an empty cell."""
    from planner.cli.io.json_output import bare  # noqa: PLC0415 - loads numpy
    from planner.files import as_csv  # noqa: PLC0415 - loads the schema

    return as_csv([bare(row) for row in rows]).rstrip("\n")
