"""What the operating system refuses, in plain words."""

import errno
import os
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.files.safe_text import inert

_LONGEST_NAME = 200
_WORDS = {
    errno.ENOENT: "is not there",
    errno.ENOTDIR: "is not there: a part of its path is a file, not a folder",
    errno.EISDIR: "is a folder, not a file",
    errno.EACCES: "can't be opened: permission denied",
    errno.EPERM: "can't be changed: the system does not permit it",
    errno.EROFS: "is on a read-only disk",
    errno.ENOSPC: "does not fit: the disk is full",
    errno.EDQUOT: "does not fit: your disk quota is used up",
    errno.EFBIG: "does not fit: the file system takes no larger file",
    errno.EIO: "can't be reached: the disk reports a fault",
    errno.ELOOP: "is a link that leads in a circle",
    errno.ENAMETOOLONG: "has a name that is too long",
    errno.EMFILE: "can't be opened: too many files are open",
    errno.ENFILE: "can't be opened: too many files are open on this machine",
    errno.ESTALE: "is gone: the network folder was taken away",
    errno.EEXIST: "exists already",
    errno.EBUSY: "is being written by another program; try again in a moment",
}


def refused(error: OSError, path: str | Path, doing: str, *, hint: str = "") -> ScenarioError:
    """Return the ScenarioError that says what the system refused while `doing` ("reading", "saving")."""
    if error.errno == errno.ENOENT and doing == "saving":
        return ScenarioError([Problem("the folder", "is not there. Make it first.")], source=inert(str(path)))
    what = _WORDS.get(error.errno or 0) or f"fails: {os.strerror(error.errno or 0).lower()}"
    return unusable(path, f"{what}." if doing == "reading" else f"{what} ({doing}).", hint)


def surroundings(error: OSError) -> str:
    """Return in words what the system refused that no file of the user's is about: an output, a folder, a port."""
    words = _WORDS.get(error.errno or 0) or f"fails: {(error.strerror or str(error)).lower()}"
    if error.filename is not None:
        return f"{inert(str(error.filename))[:_LONGEST_NAME]} {words}."
    if not _has_folder():
        return "The folder that the planner was started in is gone."
    if error.errno in (None, errno.EBADF):
        return "The output is closed: nothing can be printed."
    return f"What the planner prints or reads {words}."


def _has_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - Path.cwd asks the same
    except OSError:
        return False
    return True


def unusable(path: str | Path, what: str, hint: str = "") -> ScenarioError:
    """Return a ScenarioError about a whole file."""
    return ScenarioError([Problem("the file", what, hint)], source=inert(str(path)))
