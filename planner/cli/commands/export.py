"""`planner export`: a plan as a report or a spreadsheet."""

from collections.abc import Callable
from pathlib import Path

import click

from planner.analysis.actuals import check
from planner.cli.commands.new import write
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.export import Report, as_page, as_report_markdown, months_rows, report
from planner.export.workbook import Book, as_fods, as_xlsx, workbook
from planner.files import Loaded, as_csv, inert
from planner.files.actuals import actuals_path, load_actuals
from planner.schema.actuals import Actuals

SAMPLES = 8192


@click.command(
    "export",
    epilog="""\b
Examples:
  planner export support-copilot plan.html   one page with charts; no scripts
  planner export support-copilot plan.md
  planner export support-copilot plan.xlsx   with formulas for every number
  planner export support-copilot plan.csv    the months, as plain numbers
An .fods workbook opens in LibreOffice.""",
)
@click.argument("file")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option(
    "--library", type=click.Path(path_type=Path), help="Folder to search first when FILE is a name."
)
def export_command(*, file: str, out: Path, force: bool, library: Path | None) -> None:
    """Write FILE as a report or a spreadsheet to OUT. The extension of OUT sets the format."""
    _export(file, out, force=force, samples=SAMPLES, library=library)
    click.echo(f"Wrote {inert(str(out))}.")


WRITERS: dict[str, Callable[[Report], str]] = {
    ".html": as_page,
    ".md": as_report_markdown,
    ".csv": lambda found: as_csv(months_rows(found.result)),
}
SHEETS: dict[str, Callable[[Book], str | bytes]] = {".fods": as_fods, ".xlsx": as_xlsx}


def _happened(loaded: Loaded) -> Actuals | None:
    """Return the actuals from the file beside the plan; None if there is none."""
    actuals = load_actuals(actuals_path(loaded.path))
    check(loaded.scenario, actuals.actuals, source=inert(str(actuals.path)))
    return actuals.actuals if actuals.actuals.months else None


def _export(file: str, out: Path, *, force: bool, samples: int, library: Path | None) -> None:
    """Write the plan in `file` to `out` as a report or a spreadsheet of formulas."""
    ending = out.suffix.lower()
    if ending not in WRITERS and ending not in SHEETS:
        known = ", ".join((*WRITERS, *SHEETS))
        problem = Problem(f'"{inert(str(out))}"', "has an extension of no known format.", f"Known: {known}.")
        raise ScenarioError([problem])
    loaded = read(file, library=library)
    with named_after(loaded):
        if ending in SHEETS:
            text = SHEETS[ending](workbook(loaded.scenario, actuals=_happened(loaded)))
        else:
            found = report(
                loaded.scenario, file=inert(loaded.path.name), samples=samples, actuals=_happened(loaded)
            )
            text = WRITERS[ending](found)
    write(out, text, force=force)
