"""The work behind `planner export`."""

from collections.abc import Callable
from pathlib import Path

from planner.cli.plans import named_after
from planner.cli.reading import read
from planner.cli.words import inert
from planner.errors import Problem, ScenarioError
from planner.files import as_csv, atomic_write
from planner.files.atomic import MISSING, FileChangedError
from planner.files.words import unusable
from planner.report import Report, as_page, as_report_markdown, months_rows, report

WRITERS: dict[str, Callable[[Report], str]] = {
    ".html": as_page,
    ".md": as_report_markdown,
    ".csv": lambda found: as_csv(months_rows(found.result)),
}


def export(file: str, out: Path, *, force: bool, samples: int, library: Path | None) -> None:
    """Write the report of the plan in `file` to `out`; raise ScenarioError where it can't be."""
    write = WRITERS.get(out.suffix.lower())
    if write is None:
        known = ", ".join(WRITERS)
        problem = Problem(
            f'"{inert(str(out))}"', "has an ending that nothing can be written as.", f"Known: {known}."
        )
        raise ScenarioError([problem])
    loaded = read(file, library=library)
    with named_after(loaded):
        text = write(report(loaded.scenario, file=inert(loaded.path.name), samples=samples))
    try:
        if force:
            atomic_write(out, text)
        else:
            atomic_write(out, text, expect=MISSING)
    except FileChangedError:
        raise unusable(out, "exists already.", "--force replaces it.") from None
