"""Confine a served screen to the files it may read and write: the folder it was started on, or none at all."""

import os
from pathlib import Path

from planner.files.os_errors import unusable
from planner.records import dataclass


@dataclass(frozen=True)
class Confinement:
    """The folders that may be read and the one that may be written to (None: none), with links resolved."""

    readable: tuple[str, ...]
    writable: str | None


_held: list[Confinement] = []  # for the whole life of the process


def confine(folder: Path, *, also: tuple[Path, ...] = (), read_only: bool = False) -> None:
    """Restrict this process to reading `folder` and `also`, and writing to `folder` or, if `read_only`, nowhere."""
    real = os.path.realpath(folder)
    readable = (real, *(os.path.realpath(each) for each in also))
    _held[:] = [Confinement(readable, None if read_only else real)]


def set_free() -> None:
    """Lift the restriction; for tests."""
    _held.clear()


def shown_folder() -> Path | None:
    """Return the folder that this process is confined to; None if it isn't."""
    return Path(_held[0].readable[0]) if _held else None


def is_read_only() -> bool:
    """Return whether this process may not write any of the user's files."""
    return bool(_held) and _held[0].writable is None


def may_read(path: str | Path) -> bool:
    """Return whether visitors of this screen may read a file."""
    return not _held or _inside(path, _held[0].readable)


def check_reading(path: str | Path) -> None:
    """Raise ScenarioError if visitors of this screen may not read a file."""
    if not may_read(path):
        raise unusable(path, "is outside the folder shown here.")


def check_writing(path: str | Path) -> None:
    """Raise ScenarioError if visitors of this screen may not write a file."""
    if not _held or _inside(path, () if _held[0].writable is None else (_held[0].writable,)):
        return
    what = "can't be written: this screen is read-only." if is_read_only() else None
    raise unusable(path, what or "is outside the folder shown here.")


def _inside(path: str | Path, folders: tuple[str, ...]) -> bool:
    real = os.path.realpath(path)
    return any(real == folder or real.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)
