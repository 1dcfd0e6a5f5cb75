"""What leaves the screen: numbers and tables to the clipboard; pictures, reports and months into files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.export import as_page, as_report_markdown, months_rows, report
from planner.files import as_csv, atomic_write, inert
from planner.model import evaluate
from planner.records import dataclass
from planner.tui.dialogs.ask import AskKey, AskText
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session.screen_picture import screen_text, stable
from planner.tui.terminal.clipboard import MAX_BYTES, copy

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp

_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")


@dataclass(frozen=True)
class Kind:
    """One thing that can be written: how it is called, how its file is, and what makes its text."""

    words: str
    part: str
    ending: str
    text: Callable[[PlannerApp], str]


def self_contained(svg: str) -> str:
    """Return an SVG that loads no font from elsewhere and is the same each time."""
    return _FONTS.sub("", stable(svg))


def _svg(app: PlannerApp) -> str:
    return self_contained(app.export_screenshot(title=inert(app.plan.scenario.title)))


def _markdown(app: PlannerApp) -> str:
    return as_report_markdown(report(app.plan.scenario, file=_file_name(app)))


def _page(app: PlannerApp) -> str:
    return as_page(report(app.plan.scenario, file=_file_name(app)))


def _months(app: PlannerApp) -> str:
    return as_csv(months_rows(evaluate(app.plan.scenario)))


def _file_name(app: PlannerApp) -> str:
    return app.plan.file.path.name if app.plan.file else "not in a file yet"


SCREENS: dict[str, Kind] = {
    "svg": Kind("This screen, as a picture (SVG)", "screen", ".svg", _svg),
    "text": Kind("This screen, as text", "screen", ".txt", screen_text),
}
REPORTS: dict[str, Kind] = {
    "markdown": Kind("Report of the plan, as Markdown", "report", ".md", _markdown),
    "page": Kind("Report of the plan, as one HTML page with charts", "report", ".html", _page),
    "months": Kind("The plan by months, as CSV", "months", ".csv", _months),
}
KINDS = SCREENS | REPORTS


def write_out(app: PlannerApp) -> None:
    """Ask what is to be written, then where, and write it."""
    known = KINDS if app.showing_plan else SCREENS
    pictures = {
        name: kind.text(app) for name, kind in SCREENS.items()
    }  # while nothing stands before the screen
    options = [Option(name, kind.words, kind.ending) for name, kind in known.items()]

    def chosen(name: str | None) -> None:
        if name:
            _ask_where(app, KINDS[name], pictures.get(name))

    app.visit(Picker("Write into a file", options), chosen)


def _ask_where(app: PlannerApp, kind: Kind, made: str | None) -> None:
    """Make the text unless it is there, and ask for its file."""
    try:
        made = kind.text(app) if made is None else made
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
        return
    _ask(app, kind.words, made, default_path(app, kind))


def _ask(app: PlannerApp, words: str, made: str, path: Path) -> None:
    ask = AskText(f"{words}. Write it to", str(path))
    app.visit(ask, lambda name: _write(app, words, made, name) if name else None)


def default_path(app: PlannerApp, kind: Kind) -> Path:
    """Return a name that says what it is and is not taken, in the working folder or at home."""
    loaded = app.plan.file
    stem = loaded.path.stem if loaded else "planner"
    folder = Path() if os.access(Path(), os.W_OK) else Path.home()
    names = [
        f"{stem}-{kind.part}{kind.ending}",
        *(f"{stem}-{kind.part}-{n}{kind.ending}" for n in range(2, 100)),
    ]
    return next((folder / name for name in names if not (folder / name).exists()), folder / names[0])


def _write(app: PlannerApp, words: str, made: str, name: str) -> None:
    """Write a text, after asking where a file of that name is there already."""
    path = Path(name).expanduser()
    if path.is_dir():
        app.say(f"{inert(name)} is a folder; give the name of a file in it.", look="error")
        return
    if not os.path.lexists(path):
        _put(app, made, path)
        return

    def answered(key: str | None) -> None:
        if key == "y":
            _put(app, made, path)
        elif key == "n":
            _ask(app, words, made, path)

    app.visit(
        AskKey(f"{inert(str(path))} is there already.", {"y": "write over it", "n": "another name"}), answered
    )


def _put(app: PlannerApp, made: str, path: Path) -> None:
    try:
        atomic_write(path, made)
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
        return
    app.say(f"Written to {inert(str(path))} ({max(len(made.encode()) // 1000, 1)} kB).")


def copy_row(app: PlannerApp) -> None:
    """Copy the number or the row under the cursor."""
    _copy(app, app.front.copied())


def copy_table(app: PlannerApp) -> None:
    """Copy all rows of the pane that has the cursor, with tabs between columns."""
    _copy(app, app.front.copied_table())


def _copy(app: PlannerApp, text: str) -> None:
    """Put text on the clipboard of the terminal, and say what it was."""
    if not text.strip():
        app.say("There is nothing here to copy.")
    elif not copy(app, text, os.environ):
        app.say(f"That is too long for a terminal's clipboard ({MAX_BYTES // 1000} kB); write it to a file.")
    else:
        lines = text.splitlines()
        app.say(
            f"Copied: {inert(lines[0].expandtabs(2)[:60])}", f"{len(lines)} rows" if len(lines) > 1 else ""
        )
