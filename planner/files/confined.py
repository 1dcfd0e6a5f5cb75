"""What a screen that others look at may open and write: the folder that it was started on, or nothing at all."""

import os
from pathlib import Path

from planner.files.os_errors import unusable
from planner.records import dataclass


@dataclass(frozen=True)
class Confinement:
    """The folders whose files may be read, the one that may be written to (None: no file may), links followed."""

    readable: tuple[str, ...]
    writable: str | None


_held: list[Confinement] = []  # of this process, for good: nothing lets go of it


def confine(folder: Path, *, also: tuple[Path, ...] = (), read_only: bool = False) -> None:
    """From now on let this process read `folder` and `also` only, and write to `folder` or, if `read_only`, nowhere."""
    real = os.path.realpath(folder)
    readable = (real, *(os.path.realpath(each) for each in also))
    _held[:] = [Confinement(readable, None if read_only else real)]


def set_free() -> None:
    """Let this process open everything again; for tests."""
    _held.clear()


def shown_folder() -> Path | None:
    """Return the folder that this process is kept to; None where it is not."""
    return Path(_held[0].readable[0]) if _held else None


def is_read_only() -> bool:
    """Return whether this process may write no file of a user's."""
    return bool(_held) and _held[0].writable is None


def may_read(path: str | Path) -> bool:
    """Return whether a file may be read by who looks at this screen."""
    return not _held or _inside(path, _held[0].readable)


def check_reading(path: str | Path) -> None:
    """Raise ScenarioError where a file is not for who looks at this screen."""
    if not may_read(path):
        raise unusable(path, "lies outside the folder that is shown here.")


def check_writing(path: str | Path) -> None:
    """Raise ScenarioError where who looks at this screen may not write."""
    if not _held or _inside(path, () if _held[0].writable is None else (_held[0].writable,)):
        return
    what = "can't be written: this screen is for looking only." if is_read_only() else None
    raise unusable(path, what or "lies outside the folder that is shown here.")


def _inside(path: str | Path, folders: tuple[str, ...]) -> bool:
    real = os.path.realpath(path)
    return any(real == folder or real.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)
