"""Saving a plan: where it can go, and writing it there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import Problem, ScenarioError
from planner.files import Conflict, Loaded, inert, save, table_of, user_folder, write_new

if TYPE_CHECKING:
    from planner.tui.session.file_history import Held
    from planner.tui.state import Plan


def needs_name(plan: Plan) -> str | None:
    """Say why a plan can be saved under another name only: empty where it has none yet, None where its file will do."""
    if plan.file is None:
        return ""
    if _writable(plan.file.path):
        return None
    return f"{inert(plan.file.path.name)} can't be written here: it is read-only. "


def _writable(path: Path) -> bool:
    """Say whether a file can be replaced; one that is not there yet counts where its folder can be written."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def suggested_path(plan: Plan, library: Path | None) -> Path:
    """Return a free path to save a plan under: beside its file, or among the user's own."""
    name = "my-plan" if plan.file is None else f"{plan.file.path.stem}-2"
    beside = plan.file.path.parent if plan.file else library or user_folder("saved")
    folder = beside if not beside.exists() or os.access(beside, os.W_OK) else user_folder("saved")
    paths = [folder / f"{each}.toml" for each in (name, *(f"{name}-{n}" for n in range(2, 100)))]
    return next((path for path in paths if not path.exists()), paths[0])


def written(plan: Plan, library: Path | None) -> Loaded | Conflict:
    """Write a plan to its own file; return what the file is now, or what another program changed in it meanwhile."""
    assert plan.file is not None
    return save(plan.file, plan.scenario, library=library)


def written_to(plan: Plan, name: str, library: Path | None) -> Loaded | Conflict:
    """Write a plan under the name that the user gave; raise ScenarioError in words where that can't be."""
    path = Path(name).expanduser()
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if plan.file is None:
            return write_new(path, table_of(plan.scenario))
        return save(plan.file, plan.scenario, path, library=library, outside=True)
    except OSError as error:
        raise ScenarioError([Problem(str(path), f"can't be written: {error.strerror}.")]) from None


def followed(plan: Plan, before: Held, after: Held) -> Plan:
    """Return the plan at its file's other name, where the file got one."""
    if plan.file is None or after.get(plan.file.path, b"") is not None:
        return plan
    path = next((path for path, held in after.items() if held == before[plan.file.path]), None)
    return plan if path is None else plan.moved(path)
