"""Errors of the operating system in plain words."""

import errno
import os
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.files.safe_text import inert

_LONGEST_NAME = 200
_WORDS = {
    errno.ENOENT: "doesn't exist",
    errno.ENOTDIR: "doesn't exist: part of its path is a file, not a folder",
    errno.EISDIR: "is a folder, not a file",
    errno.EACCES: "can't be opened: permission denied",
    errno.EPERM: "can't be changed: the system doesn't permit it",
    errno.EROFS: "is on a read-only disk",
    errno.ENOSPC: "doesn't fit: the disk is full",
    errno.EDQUOT: "doesn't fit: your disk quota is used up",
    errno.EFBIG: "doesn't fit: the file system's limit for a file is reached",
    errno.EIO: "can't be read or written: the disk reports an error",
    errno.ELOOP: "is a link that points to itself",
    errno.ENAMETOOLONG: "has a name that is too long",
    errno.EMFILE: "can't be opened: too many files are open",
    errno.ENFILE: "can't be opened: too many files are open on this machine",
    errno.ESTALE: "is gone: the network folder was unmounted",
    errno.EEXIST: "exists already",
    errno.EBUSY: "is being written by another program; try again in a moment",
}


def refused(error: OSError, path: str | Path, doing: str, *, hint: str = "") -> ScenarioError:
    """Return a ScenarioError for what the system refused while `doing` ("reading", "saving")."""
    if error.errno == errno.ENOENT and doing == "saving":
        return ScenarioError(
            [Problem("the folder", "doesn't exist. Create it first.")], source=inert(str(path))
        )
    what = _WORDS.get(error.errno or 0) or f"fails: {os.strerror(error.errno or 0).lower()}"
    return unusable(path, f"{what}." if doing == "reading" else f"{what} ({doing}).", hint)


def surroundings(error: OSError) -> str:
    """Return a message for a system error that isn't about the user's file: an output, a folder, a port."""
    words = _WORDS.get(error.errno or 0) or f"fails: {(error.strerror or str(error)).lower()}"
    if error.filename is not None:
        return f"{inert(str(error.filename))[:_LONGEST_NAME]} {words}."
    if not _has_folder():
        return "The folder in which the planner was started no longer exists."
    if error.errno in (None, errno.EBADF):
        return "The output is closed, so nothing can be printed."
    return f"The planner's input or output {words}."


def _has_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - Path.cwd asks the same
    except OSError:
        return False
    return True


def unusable(path: str | Path, what: str, hint: str = "") -> ScenarioError:
    """Return a ScenarioError about a whole file."""
    return ScenarioError([Problem("the file", what, hint)], source=inert(str(path)))
