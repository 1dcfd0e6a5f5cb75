"""What can be written into files: pictures of the screen, a report of the plan, its months."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import Problem, ScenarioError
from planner.export import as_page, as_report_markdown, months_rows, report
from planner.files import as_csv, atomic_write, inert
from planner.model import evaluate
from planner.records import dataclass

if TYPE_CHECKING:
    from planner.tui.state import Plan


@dataclass(frozen=True)
class ExportKind:
    """One thing that can be written: its name in words, how its file is named, and what makes it from a plan.

    A picture of the screen is made by whoever has the screen.
    """

    label: str
    part: str
    ending: str
    made: Callable[[Plan], str | bytes] | None = None


def _markdown(plan: Plan) -> str:
    return as_report_markdown(report(plan.scenario, file=_file_name(plan)))


def _page(plan: Plan) -> str:
    return as_page(report(plan.scenario, file=_file_name(plan)))


def _months(plan: Plan) -> str:
    return as_csv(months_rows(evaluate(plan.scenario)))


def _workbook(plan: Plan) -> bytes:
    from planner.export.workbook import as_xlsx, workbook  # noqa: PLC0415 - a large part, asked for seldom

    return as_xlsx(workbook(plan.scenario))


def _file_name(plan: Plan) -> str:
    return plan.file.path.name if plan.file else "not in a file yet"


SCREENS: dict[str, ExportKind] = {
    "svg": ExportKind("This screen, as a picture (SVG)", "screen", ".svg"),
    "text": ExportKind("This screen, as text", "screen", ".txt"),
}
REPORTS: dict[str, ExportKind] = {
    "markdown": ExportKind("Report of the plan, as Markdown", "report", ".md", _markdown),
    "page": ExportKind("Report of the plan, as one HTML page with charts", "report", ".html", _page),
    "workbook": ExportKind(
        "Workbook whose formulas compute the plan again (xlsx)", "plan", ".xlsx", _workbook
    ),
    "months": ExportKind("The plan by months, as CSV", "months", ".csv", _months),
}
KINDS = SCREENS | REPORTS


def suggested_file(plan: Plan, kind: ExportKind) -> Path:
    """Return a file name that says what it is and is not taken, with the working folder or, else, home."""
    stem = plan.file.path.stem if plan.file else "planner"
    folder = Path.cwd() if os.access(Path(), os.W_OK) else Path.home()
    names = [
        f"{stem}-{kind.part}{kind.ending}",
        *(f"{stem}-{kind.part}-{n}{kind.ending}" for n in range(2, 100)),
    ]
    return next((folder / name for name in names if not (folder / name).exists()), folder / names[0])


def target(name: str) -> Path:
    """Return the file that a name stands for; raise ScenarioError where it is a folder."""
    path = Path(name).expanduser().absolute()
    if path.is_dir():
        raise ScenarioError([Problem(inert(name), "is a folder; give the name of a file in it.")])
    return path


def put(path: Path, content: str | bytes) -> str:
    """Write a text, or bytes, and return what to say of it; raise ScenarioError in words where it can't be written."""
    atomic_write(path, content)
    return f"Written to {inert(str(path))} ({max(len(as_bytes(content)) // 1000, 1)} kB)."


def as_bytes(content: str | bytes) -> bytes:
    """Return what a file holds, a text as UTF-8."""
    return content.encode() if isinstance(content, str) else content
