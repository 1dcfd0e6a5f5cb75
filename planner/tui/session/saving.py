"""Saving a plan: where it can go, and writing it there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import Problem, ScenarioError
from planner.files import Conflict, Loaded, folders, inert, is_shipped, save, table_of, user_folder, write_new

if TYPE_CHECKING:
    from planner.tui.state import Plan


def needs_name(plan: Plan) -> str | None:
    """Say why a plan can be saved under another name only: empty where it has none yet, None where its file will do."""
    if plan.file is None:
        return ""
    name = inert(plan.file.path.name)
    if is_shipped(plan.file.path):
        return f"{name} came with the planner and stays as it is. "
    return None if _writable(plan.file.path) else f"{name} can't be written here: it is read-only. "


def _writable(path: Path) -> bool:
    """Say whether a file can be replaced; one that is not there yet counts where its folder can be written."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def own_folder(plan: Plan | None, library: Path | None) -> Path:
    """Return the folder where a new file of the user's goes: beside the plan's, in the library, or among their own."""
    beside = [plan.file.path.parent] if plan is not None and plan.file is not None else []
    asked = [folders("saved", library=library)[0]] if library is not None else []
    own = (each for each in (*beside, *asked) if not is_shipped(each) and os.access(each, os.W_OK))
    return next(own, user_folder("saved"))


def folder_words(folder: Path) -> str:
    """Return a folder as people write it, their home as ~."""
    home = Path.home()
    if folder == home:
        return "~"
    return inert(f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder))


def suggested_path(plan: Plan, library: Path | None) -> Path:
    """Return a free path to save a plan under: beside its file, or among the user's own."""
    name = "my-plan" if plan.file is None else f"{plan.file.path.stem}-2"
    folder = own_folder(plan, library)
    paths = [folder / f"{each}.toml" for each in (name, *(f"{name}-{n}" for n in range(2, 100)))]
    return next((path for path in paths if not path.exists()), paths[0])


def named(name: str, folder: Path) -> Path:
    """Return the path that a name stands for: a bare one in `folder`, one with folders in it as it is written."""
    path = Path(name).expanduser()
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    return path if "/" in name else folder / path


def written(plan: Plan, library: Path | None) -> Loaded | Conflict:
    """Write a plan to its own file; return what the file is now, or what another program changed in it meanwhile."""
    assert plan.file is not None
    return save(plan.file, plan.scenario, library=library)


def written_to(plan: Plan, path: Path, library: Path | None) -> Loaded | Conflict:
    """Write a plan to the path that the user gave; raise ScenarioError in words where that can't be.

    A plan that extends a file which can't be found from there is written whole.
    """
    if is_shipped(path):
        what = "lies among what came with the planner; nothing is written there."
        raise ScenarioError([Problem(inert(str(path)), what)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScenarioError([Problem(inert(str(path)), f"can't be written: {error.strerror}.")]) from None
    if plan.file is None or not _found_from(path, plan.file.baseline_path, library):
        return write_new(path, table_of(plan.scenario))
    return save(plan.file, plan.scenario, path, library=library, outside=True)


def copied_along(plan: Plan, stored: Loaded | Conflict) -> str:
    """Copy what happened beside a plan that was saved under another name; return what to say of it."""
    if plan.file is None or isinstance(stored, Conflict):
        return ""
    from planner.files.actuals import copy_actuals  # noqa: PLC0415 - few plans have actuals

    try:
        return copy_actuals(plan.file.path, stored.path)
    except ScenarioError as error:
        return f"What happened is not copied: {error.problems[0]}"


def _found_from(path: Path, extended: Path | None, library: Path | None) -> bool:
    """Say whether a plan at `path` may extend a file: it lies in the same folder or in the library."""
    roots = [path.parent, *([library] if library is not None else [])]
    return extended is None or any(
        Path(os.path.realpath(extended)).is_relative_to(os.path.realpath(root)) for root in roots
    )


def followed(plan: Plan, before: Path | None, after: Path | None) -> Plan:
    """Return the plan at its file's other name, where the file got one."""
    moved = plan.file is not None and plan.file.path == before and after is not None
    return plan.moved(after) if moved and after is not None else plan
