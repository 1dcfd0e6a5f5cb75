"""Write plans to TOML files: edit an existing file, or write a new one."""

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.atomic import MISSING, FileChangedError, atomic_write
from planner.files.bounds import parse
from planner.files.changes import FileChange, edits
from planner.files.conflict import Conflict, Side, merge, overruled, three_way
from planner.files.loading import Loaded, digest_of, load, merged, parent_of
from planner.files.migration import KEPT, NEWEST, migrate
from planner.files.os_errors import unusable
from planner.files.safe_text import inert
from planner.files.toml_text import table_of
from planner.schema import Scenario

BOM = "\ufeff"
_LONG_NUMBER = re.compile(r"^([\w.\"-]+ = )(\d{4,})$", re.MULTILINE)


def save(
    loaded: Loaded,
    scenario: Scenario,
    path: str | Path | None = None,
    *,
    library: Path | None = None,
    outside: bool = False,
) -> Loaded | Conflict:
    """Write `scenario` into the file it was loaded from, or into a new one at `path`.

    Only changed fields are touched; comments, order and formatting of the rest stay. A value that
    the extended file gives is not repeated. If the file has changed since, nothing is written and a
    Conflict is returned. On a ScenarioError nothing has changed.
    """
    if path is not None and os.path.realpath(path) != os.path.realpath(loaded.path):
        return _save_elsewhere(loaded, scenario, Path(path), library=library, outside=outside)
    text = edited_text(loaded, scenario)
    try:
        _keep_older_schema(loaded)
        _write_over(loaded.path, text, loaded.digest)
    except FileChangedError:
        theirs = _changed(loaded, library=library, outside=outside)
        if (
            theirs.scenario == loaded.scenario and theirs.digest != loaded.digest
        ):  # only comments or formatting changed
            return save(theirs, scenario, library=library, outside=outside)
        return three_way(loaded, theirs, scenario)
    return replace(loaded, scenario=scenario, text=text, digest=digest_of(text))


def _write_over(path: Path, text: str, digest: str) -> None:
    """Replace the file with digest `digest`; write it again if it was removed."""
    try:
        atomic_write(path, text, expect=digest)
    except FileChangedError:
        if os.path.lexists(path):
            raise
        atomic_write(path, text, expect=MISSING)


def _changed(loaded: Loaded, *, library: Path | None, outside: bool) -> Loaded:
    try:
        return load(loaded.path, library=library, outside=outside)
    except ScenarioError as error:
        what = "was changed by another program and is now invalid."
        first = Problem("the file", what, "Save under another name to keep your edits.")
        raise ScenarioError([first, *error.problems], source=error.source) from None


def _save_elsewhere(
    loaded: Loaded, scenario: Scenario, target: Path, *, library: Path | None, outside: bool
) -> Loaded:
    text = _extending_from(target, loaded, edited_text(loaded, scenario), library=library, outside=outside)
    try:
        atomic_write(target, text, expect=MISSING, like=loaded.path)
    except FileChangedError:
        raise unusable(target, "exists already.") from None
    return replace(loaded, scenario=scenario, path=target, text=text, digest=digest_of(text))


def save_merged(
    conflict: Conflict,
    *,
    prefer: Side = "ours",
    choices: Mapping[str, Side] | None = None,
    library: Path | None = None,
    outside: bool = False,
) -> Loaded | Conflict:
    """Write the changes of both sides into the file; see `merge` for `prefer` and `choices`.

    A side that loses a field is first saved in full to a file beside it.
    """
    scenario = merge(conflict, prefer=prefer, choices=choices)
    lost = overruled(conflict, prefer=prefer, choices=choices)
    if "theirs" in lost:
        _keep_beside(conflict.base.path, "theirs", conflict.theirs.text)
    if "ours" in lost:
        _keep_beside(conflict.base.path, "ours", edited_text(conflict.base, conflict.ours))
    return save(conflict.theirs, scenario, library=library, outside=outside)


def _keep_beside(path: Path, side: Side, text: str) -> None:
    copy = path.with_name(f"{path.stem}.{side}-{digest_of(text)[:8]}{path.suffix}")
    with contextlib.suppress(FileChangedError):  # the same text has been kept already
        atomic_write(copy, text, expect=MISSING, like=path)


def edited_text(loaded: Loaded, scenario: Scenario) -> str:
    """Return the text of `loaded` with the changes of `scenario` edited in, read back as a check."""
    given = {} if loaded.baseline is None else table_of(loaded.baseline)
    changed = list(edits(table_of(loaded.scenario), table_of(scenario), given))
    text = loaded.text
    if changed or _schema_of(text) not in KEPT:
        from planner.files.edit import edited, restated  # noqa: PLC0415 - tomlkit is slow to import

        body = (
            restated(text.removeprefix(BOM), migrate)
            if _schema_of(text) not in KEPT
            else text.removeprefix(BOM)
        )
        text = (BOM if text.startswith(BOM) else "") + edited(body, changed)
    table = parse(text, source=str(loaded.path))
    table.pop("extends", None)
    if Scenario.from_table(merged(given, table)) != scenario:
        what = "is written in a form that can't be edited in place."
        raise unusable(loaded.path, what, "Nothing was changed. Save under another name instead.")
    return text


def _schema_of(text: str) -> Any:
    return parse(text, source="").get("schema")


def _extending_from(target: Path, loaded: Loaded, text: str, *, library: Path | None, outside: bool) -> str:
    """Return `text` with its `extends` rewritten to point to the same file from `target`'s folder."""
    if loaded.baseline_path is None:
        return text
    from planner.files.edit import edited  # noqa: PLC0415 - tomlkit is slow to import

    real = Path(os.path.realpath(target))
    name = os.path.relpath(loaded.baseline_path, real.parent)
    folders = [real.parent, *([Path(os.path.realpath(library))] if library else [])]
    parent_of(name, real, None if outside else folders)
    before = parse(text, source=str(target))["extends"]
    if os.path.realpath(real.parent / before) == str(loaded.baseline_path):
        return text
    return edited(text, [FileChange(("extends",), before, name)])


def _keep_older_schema(loaded: Loaded) -> None:
    """Keep a copy of a file beside it before it is migrated to a newer schema."""
    found = _schema_of(loaded.text)
    if found in KEPT:
        return
    copy = loaded.path.with_name(f"{loaded.path.name}.schema{found}.bak")
    try:
        atomic_write(copy, loaded.text, expect=MISSING, like=loaded.path)
    except FileChangedError:
        return  # an earlier copy is older still


def new_text(table: Mapping[str, Any]) -> str:
    """Return the file text of a plain table, as returned by `table_of`."""
    import tomli_w  # noqa: PLC0415 - only files from scratch need it

    text = tomli_w.dumps({"schema": NEWEST} | dict(table))
    return _LONG_NUMBER.sub(lambda match: f"{match[1]}{int(match[2]):_}", text)


def write_new(path: str | Path, table: Mapping[str, Any]) -> Loaded:
    """Write a plan's table to a new file; raise ScenarioError if the file exists or the table is invalid."""
    path, text = Path(path), new_text(table)
    read = parse(text, source=str(path))
    if "extends" in read:
        problem = Problem(
            "extends", "can't be written to a new file.", "Load a plan and save it elsewhere instead."
        )
        raise ScenarioError([problem], source=inert(str(path)))
    scenario = Scenario.from_table(read, source=inert(str(path)))
    try:
        atomic_write(path, text, expect=MISSING)
    except FileChangedError:
        raise unusable(path, "exists already.") from None
    return Loaded(scenario, path, text, digest_of(text))
