"""The work behind `planner export`."""

from collections.abc import Callable
from pathlib import Path

from planner.cli.commands.new import write
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.export import Report, as_page, as_report_markdown, months_rows, report
from planner.export.workbook import Book, as_fods, as_xlsx, workbook
from planner.files import as_csv, inert

WRITERS: dict[str, Callable[[Report], str]] = {
    ".html": as_page,
    ".md": as_report_markdown,
    ".csv": lambda found: as_csv(months_rows(found.result)),
}
SHEETS: dict[str, Callable[[Book], str | bytes]] = {".fods": as_fods, ".xlsx": as_xlsx}


def export(file: str, out: Path, *, force: bool, samples: int, library: Path | None) -> None:
    """Write the plan in `file` to `out`, as a report or as a spreadsheet of formulas; raise ScenarioError where it can't be."""
    ending = out.suffix.lower()
    if ending not in WRITERS and ending not in SHEETS:
        known = ", ".join((*WRITERS, *SHEETS))
        problem = Problem(
            f'"{inert(str(out))}"', "has an ending that nothing can be written as.", f"Known: {known}."
        )
        raise ScenarioError([problem])
    loaded = read(file, library=library)
    with named_after(loaded):
        if ending in SHEETS:
            text = SHEETS[ending](workbook(loaded.scenario))
        else:
            found = report(loaded.scenario, file=inert(loaded.path.name), samples=samples)
            text = WRITERS[ending](found)
    write(out, text, force=force)
