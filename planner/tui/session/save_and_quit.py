"""Saving and leaving: what the app does with files, and what it asks before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import Conflict, Loaded, inert, save, table_of, user_folder, write_new
from planner.tui.session import navigation

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp
    from planner.tui.session.file_undo import Held

Then = Callable[[], object]


def nothing() -> None:
    """Do nothing more."""


def save_plan(app: PlannerApp, then: Then = nothing) -> None:
    """Save the plan to its file, or under a name to be asked for; then go on."""
    loaded = app.plan.file
    if loaded is None or not _writable(loaded.path):
        why = "" if loaded is None else f"{inert(loaded.path.name)} can't be written here: it is read-only. "
        save_as(app, then, why=why)
        return
    try:
        stored = save(loaded, app.plan.scenario, library=app.library)
    except ScenarioError as error:
        save_as(app, then, why=f"{error.problems[0]} ")
        return
    if isinstance(stored, Conflict):
        _settle(app, stored, then)
    else:
        _stored(app, stored, then)


def _writable(path: Path) -> bool:
    """Say whether a file can be replaced; one that is not there yet counts where its folder can be written."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _stored(app: PlannerApp, stored: Loaded, then: Then) -> None:
    app.store(stored)
    told = app.plan.scenario != app.plan.baseline
    app.say(f"Saved to {stored.path}.", "d compares it with the baseline" if told else "")
    then()


def _settle(app: PlannerApp, conflict: Conflict, then: Then) -> None:
    """Show what the file says now beside what was to be saved, and let the user choose."""
    from planner.tui.screens.conflict import ConflictScreen  # noqa: PLC0415 - seldom needed

    app.visit(ConflictScreen(conflict, then))


def save_as(app: PlannerApp, then: Then = nothing, *, why: str = "") -> None:
    """Save the plan under a name to be asked for; then go on."""
    path = new_path(app, "my-plan" if app.plan.file is None else f"{app.plan.file.path.stem}-2")
    navigation.ask_text(app, f"{why}Save the plan as", str(path), lambda name: _save_at(app, name, then))


def follow(app: PlannerApp, before: Held, after: Held) -> None:
    """Let the open plan go with its file where that has another name now."""
    loaded = app.plan.file if app.showing_plan else None
    if loaded is None or after.get(loaded.path, b"") is not None:
        return
    path = next((path for path, held in after.items() if held == before[loaded.path]), None)
    if path is not None:
        app.plan = app.plan.moved(path)


def new_path(app: PlannerApp, name: str) -> Path:
    """Return where a new plan of that name goes: beside the open one, or to the user's own."""
    beside = app.plan.file.path.parent if app.plan.file else app.library or user_folder("saved")
    folder = beside if not beside.exists() or os.access(beside, os.W_OK) else user_folder("saved")
    names = [name.removesuffix(".toml"), *(f"{name.removesuffix('.toml')}-{n}" for n in range(2, 100))]
    paths = [folder / f"{each}.toml" for each in names]
    return next((path for path in paths if not path.exists()), paths[0])


def _save_at(app: PlannerApp, name: str, then: Then) -> None:
    path = Path(name).expanduser()
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stored = _written(app, path)
        if isinstance(stored, Conflict):
            _settle(app, stored, then)
        else:
            _stored(app, stored, then)
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
    except OSError as error:
        app.say(f"{path} can't be written: {error.strerror}.", look="error")


def _written(app: PlannerApp, path: Path) -> Loaded | Conflict:
    loaded = app.plan.file
    if loaded is None:
        return write_new(path, table_of(app.plan.scenario))
    return save(loaded, app.plan.scenario, path, library=app.library, outside=True)


def ask_then_quit(app: PlannerApp) -> None:
    """Leave, after asking what becomes of unsaved edits."""
    ask_then(app, app.leave)


def ask_then(app: PlannerApp, then: Then) -> None:
    """Ask what becomes of unsaved edits, if there are any; then go on."""
    if not app.plan.unsaved:
        then()
        return
    text = f'"{app.plan.scenario.title}" has edits that are not saved.'
    answers = {"s": "save", "n": "drop them"}
    navigation.ask_key(app, text, answers, lambda key: _answered(app, key, then))


def _answered(app: PlannerApp, key: str, then: Then) -> None:
    if key == "s":
        save_plan(app, then)
    elif key == "n":
        then()
