"""Read and write a plan's actuals, in the file beside it: PLAN.actuals.toml."""

import os
from pathlib import Path
from typing import Any

from planner.files.atomic import MISSING, FileChangedError, atomic_write
from planner.files.bounds import parse, read_text
from planner.files.library import ACTUALS_SUFFIX
from planner.files.loading import digest_of
from planner.files.os_errors import unusable
from planner.files.safe_text import inert
from planner.files.toml_text import plain_value, toml_header, toml_key, toml_text
from planner.records import dataclass
from planner.schema.actuals import ACTUALS_SCHEMA, ActualMonth, Actuals


@dataclass(frozen=True)
class LoadedActuals:
    """Actuals with their file; `digest` is the SHA-256 of `text`, or MISSING if there is no file."""

    actuals: Actuals
    path: Path
    text: str = ""
    digest: str = MISSING


def actuals_path(plan: str | Path) -> Path:
    """Return the path of a plan's actuals.

    >>> actuals_path("plans/support.toml").name
    'support.actuals.toml'
    """
    return Path(plan).with_suffix(ACTUALS_SUFFIX)


def load_actuals(path: str | Path) -> LoadedActuals:
    """Return the actuals in the file at `path`, none if it doesn't exist; raise ScenarioError with every problem."""
    path = Path(path)
    if not os.path.lexists(path):
        return LoadedActuals(Actuals(), path)
    text = read_text(path)
    source = inert(str(path))
    return LoadedActuals(
        Actuals.from_table(parse(text, source=source), source=source), path, text, digest_of(text)
    )


def save_actuals(loaded: LoadedActuals, actuals: Actuals) -> LoadedActuals:
    """Write actuals into the file that they were loaded from, completely or not at all.

    Only changed entries are touched; comments and order stay. Raises ScenarioError if another
    program has changed the file in the meantime.
    """
    text = actuals_text(loaded, actuals)
    try:
        atomic_write(loaded.path, text, expect=loaded.digest)
    except FileChangedError:
        what = "was changed by another program in the meantime; nothing written."
        raise unusable(loaded.path, what, "Reload it first.") from None
    return LoadedActuals(actuals, loaded.path, text, digest_of(text))


def copy_actuals(plan: Path, copy: Path) -> str:
    """Copy a plan's actuals beside a copy of the plan and return a message; "" if there are no actuals.

    An existing file stays as it is. Raises ScenarioError if the copy can't be written.
    """
    old, new = actuals_path(plan), actuals_path(copy)
    if old == new or not os.path.lexists(old):
        return ""
    if os.path.lexists(new):
        return f"Actuals stay with {inert(plan.name)}: {inert(new.name)} already exists."
    atomic_write(new, read_text(old), expect=MISSING)
    return f"Actuals are copied to {inert(new.name)}."


def put_back(seen: LoadedActuals, wanted: LoadedActuals) -> None:
    """Restore the file of actuals from `seen` to `wanted`; a file that didn't exist before goes to the trash.

    Raises ScenarioError, and leaves the file alone, if it has changed since.
    """
    from planner.files.relocate import trash_file  # noqa: PLC0415 - only an undo needs it

    found = load_actuals(seen.path)
    if found.digest != seen.digest:
        raise unusable(seen.path, "was changed by another program since; it stays as it is.")
    if wanted.digest != MISSING:
        atomic_write(seen.path, wanted.text, expect=seen.digest)
    elif found.digest != MISSING:
        trash_file(seen.path)


def actuals_text(loaded: LoadedActuals, actuals: Actuals) -> str:
    """Return the text of the file with `actuals` in it."""
    if loaded.digest == MISSING:
        head = "# Actuals, month by month. Compare them with the plan: planner actuals PLAN\n"
        body = "".join(_month_text(name, month) for name, month in sorted(actuals.months.items()))
        return f"{head}\nschema = {ACTUALS_SCHEMA}\n{body}"
    from planner.files.changes import edits  # noqa: PLC0415 - only an edit needs it
    from planner.files.edit import edited  # noqa: PLC0415 - tomlkit is slow to import

    before, after = _table(loaded.actuals), _table(actuals)
    new = [name for name in after["months"] if name not in before["months"]]
    added = "".join(_month_text(name, actuals.months[name]) for name in new)
    for name in new:
        del after["months"][name]
    text = edited(loaded.text, list(edits(before, after, {}))) + added
    if Actuals.from_table(parse(text, source=str(loaded.path))) != actuals:
        raise unusable(
            loaded.path, "is written in a form that can't be edited in place.", "Nothing was changed."
        )
    return text


def _table(actuals: Actuals) -> dict[str, Any]:
    table: dict[str, Any] = {"months": plain_value(actuals.months, ("months",))}
    return table


def _month_text(name: str, month: ActualMonth) -> str:
    table: dict[str, Any] = plain_value(month, ("months", name))
    lines = [
        toml_header(("months", name)),
        *(f"{toml_key(key)} = {toml_text(item)}" for key, item in table.items()),
    ]
    return "\n" + "\n".join(lines) + "\n"
