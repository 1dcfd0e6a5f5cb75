"""What was done to the files of the library, and how it is undone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.files import atomic_write, inert
from planner.files.bounds import read_bytes
from planner.records import dataclass

Held = Mapping[Path, bytes | None]  # what each file holds (None: there is no file)


@dataclass(frozen=True)
class FileAction:
    """Something done to files: what it was, and what each of them held before and after."""

    what: str
    before: Held
    after: Held

    @property
    def name(self) -> str:
        """The file that is there after it; empty after a deletion."""
        return _there(self.after)

    @property
    def name_before(self) -> str:
        """The file that was there before it; empty before a new one."""
        return _there(self.before)


class FileHistory:
    """What a session did to files. It outlives the library screen; a file that was changed since is left alone."""

    def __init__(self) -> None:
        self._done: list[FileAction] = []
        self._undone: list[FileAction] = []

    def do(self, action: FileAction) -> None:
        """Do something to files; raise ScenarioError in words where it can't be done."""
        _put(action.after, instead_of=action.before)
        self._done.append(action)
        self._undone.clear()

    def undo(self) -> FileAction | None:
        """Undo the last action and return it; None where there is none."""
        if not self._done:
            return None
        _put(self._done[-1].before, instead_of=self._done[-1].after)
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self) -> FileAction | None:
        """Redo what was undone last and return it; None where there is nothing."""
        if not self._undone:
            return None
        _put(self._undone[-1].after, instead_of=self._undone[-1].before)
        self._done.append(self._undone.pop())
        return self._done[-1]


def _there(files: Held) -> str:
    return next((path.stem for path, held in files.items() if held is not None), "")


def _put(files: Held, *, instead_of: Held) -> None:
    """Make the files hold these bytes, if they still hold what they held."""
    changed = [path for path, held in instead_of.items() if _held(path) != held]
    if changed:
        what = "was changed, made or deleted since; nothing is done to it."
        raise ScenarioError([Problem(inert(path.name), what) for path in changed])
    try:
        for path, held in files.items():
            if held is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic_write(path, held)
    except OSError as error:
        raise ScenarioError([Problem(inert(str(path)), f"can't be written: {error.strerror}.")]) from None


def _held(path: Path) -> bytes | None:
    return read_bytes(path) if path.exists() else None
