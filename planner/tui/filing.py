"""Saving and leaving: what the app does with files, and what it asks before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import Conflict, Loaded, load, save, save_merged, table_of, user_folder, write_new
from planner.tui import visits

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp

Then = Callable[[], object]


def nothing() -> None:
    """Do nothing more."""


def save_plan(app: PlannerApp, then: Then = nothing) -> None:
    """Save the plan to its file, or under a name to be asked for; then go on."""
    loaded = app.plan.file
    if loaded is None or not os.access(loaded.path, os.W_OK):
        save_as(app, then)
        return
    try:
        stored = save(loaded, app.plan.scenario, library=app.library)
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
        return
    if isinstance(stored, Conflict):
        _settle(app, stored, then)
    else:
        _stored(app, stored, then)


def _stored(app: PlannerApp, stored: Loaded, then: Then) -> None:
    app.store(stored)
    app.say(f"Saved to {stored.path}.")
    then()


def _settle(app: PlannerApp, conflict: Conflict, then: Then) -> None:
    """Ask what is to be kept of a file that changed since it was opened."""
    clashes = ", ".join(row.field for row in conflict.clashes[:3])
    text = f"{conflict.base.path.name} was changed by another program since it was opened. "
    text += f"Both changed {clashes}." if clashes else "The changes don't clash."
    answers = {
        "m": "save both, mine where they clash",
        "t": "save both, theirs where they clash",
        "r": "read theirs",
    }
    visits.ask_key(app, text, answers, lambda key: _settled(app, conflict, key, then))


def _settled(app: PlannerApp, conflict: Conflict, key: str, then: Then) -> None:
    try:
        if key == "r":
            app.open(load(conflict.base.path, library=app.library))
        elif key:
            stored = save_merged(conflict, prefer="ours" if key == "m" else "theirs", library=app.library)
            if isinstance(stored, Loaded):
                app.open(stored)
                app.say(f"Saved to {stored.path}, with what the other program had changed.")
                then()
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")


def save_as(app: PlannerApp, then: Then = nothing) -> None:
    """Save the plan under a name to be asked for; then go on."""
    path = new_path(app, "my-plan" if app.plan.file is None else f"{app.plan.file.path.stem}-2")
    visits.ask_text(app, "Save the plan as", str(path), lambda name: _save_at(app, name, then))


def new_path(app: PlannerApp, name: str) -> Path:
    """Return where a new plan of that name goes: beside the open one, or to the user's own."""
    beside = app.plan.file.path.parent if app.plan.file else app.library or user_folder("saved")
    folder = beside if not beside.exists() or os.access(beside, os.W_OK) else user_folder("saved")
    return folder / f"{name.removesuffix('.toml')}.toml"


def _save_at(app: PlannerApp, name: str, then: Then) -> None:
    path = Path(name).expanduser()
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _stored(app, _written(app, path), then)
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
    except OSError as error:
        app.say(f"{path} can't be written: {error.strerror}.", look="error")


def _written(app: PlannerApp, path: Path) -> Loaded:
    loaded = app.plan.file
    if loaded is None:
        return write_new(path, table_of(app.plan.scenario))
    stored = save(loaded, app.plan.scenario, path, library=app.library, outside=True)
    assert isinstance(stored, Loaded), "a new file can't have changed"
    return stored


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
    visits.ask_key(app, text, answers, lambda key: _answered(app, key, then))


def _answered(app: PlannerApp, key: str, then: Then) -> None:
    if key == "s":
        save_plan(app, then)
    elif key == "n":
        then()
