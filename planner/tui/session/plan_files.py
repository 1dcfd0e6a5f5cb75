"""New, copied, renamed and deleted plans: file actions that can be undone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from planner.errors import ScenarioError
from planner.files import Entry, inert, load, new_text, starter, table_of
from planner.files.bounds import parse, read_text
from planner.files.loading import parent_of
from planner.files.titles import title_of, titled
from planner.tui.session.file_history import FileAction

LONGEST_NAME = 100


def unusable_name(name: str, folder: Path) -> str:
    """Say why a plan in `folder` can't have a name; empty where it can."""
    stem = name.removesuffix(".toml")
    if Path(stem).name != stem or "\\" in stem:
        return "A name has no folders in it."
    if not stem.isprintable() or stem.startswith(".") or not stem.strip("."):
        return "A name starts with a letter or a digit, and holds nothing that can't be seen."
    if len(stem) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    return f"{inert(stem)} exists already." if (folder / f"{stem}.toml").exists() else ""


def free_name(folder: Path, name: str) -> str:
    """Return `name`, or one with a number behind it that no plan in `folder` has yet."""
    stem = name.removesuffix("-2")
    names = [name, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next((each for each in names if not (folder / f"{each}.toml").exists()), name)


def made(file: Entry | None, path: Path, what: str, *, library: Path | None) -> FileAction:
    """Return what makes a new plan at `path`: a copy of another one, or of the starter (None).

    A copy in another folder is made whole where the plan extends a file that is not there. Raises ScenarioError
    where the new plan could not be opened.
    """
    text = titled(starter() if file is None else _text_at(file, path, library), path, library=library)
    return FileAction(what, None, path, text.encode())


def _text_at(file: Entry, path: Path, library: Path | None) -> str:
    loaded = load(file.path, library=library)
    if loaded.baseline is None or path.parent == file.path.parent:
        return loaded.text
    return new_text(table_of(loaded.scenario))


def renamed(file: Entry, path: Path, *, is_open: bool = False) -> FileAction:
    """Return what gives a plan's file another name; a title that was made of the old one follows, unless it is open."""
    what = f"Renamed {file.name} to {path.stem}"
    return FileAction(what, file.path, path, retitled=None if is_open else _retitled(file.path, path))


def _retitled(before: Path, after: Path) -> tuple[bytes, bytes] | None:
    try:
        text = read_text(before)
        if parse(text, source="").get("title") != title_of(before):
            return None
        return text.encode(), titled(text, before, name=after).encode()
    except ScenarioError:
        return None


def deleted(file: Entry) -> FileAction:
    """Return what takes a plan into the trash."""
    return FileAction(f"Deleted {file.name}", file.path, None)


def extending(file: Entry, files: Iterable[Entry]) -> list[str]:
    """Return the names of the plans that extend a file, and can't be opened without it."""
    own = Path(os.path.realpath(file.path))
    return [inert(each.name) for each in files if each.path != file.path and _parent(each.path) == own]


def _parent(path: Path) -> Path | None:
    """Return the file that a plan extends; None where it extends none, or can't be read."""
    try:
        extends = parse(read_text(path), source="").get("extends")
        return None if extends is None else parent_of(extends, Path(os.path.realpath(path)), None)
    except ScenarioError:
        return None
