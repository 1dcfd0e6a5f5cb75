"""`planner export`: a plan for people without a terminal, and for spreadsheets."""

from pathlib import Path

import click

SAMPLES = 8192


@click.command(
    "export",
    epilog="""\b
Examples:
  planner export plan.toml plan.html     one page with charts, no scripts, nothing to load
  planner export plan.toml plan.md
  planner export plan.toml plan.xlsx     a workbook whose formulas compute the plan again; .fods too
  planner export plan.toml months.csv    the months, bare numbers""",
)
@click.argument("file")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--library", type=click.Path(path_type=Path), help="A folder to look for names in first.")
def export_command(*, file: str, out: Path, force: bool, library: Path | None) -> None:
    """Write FILE as a report or a spreadsheet into OUT; its ending says the form."""
    from planner.cli.commands import export_files  # noqa: PLC0415 - loads the model

    export_files.export(file, out, force=force, samples=SAMPLES, library=library)
    from planner.files import inert  # noqa: PLC0415 - loaded by now

    click.echo(f"{inert(str(out))} is written.")
