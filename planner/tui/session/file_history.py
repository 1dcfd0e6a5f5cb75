"""What was done to the files of the library, and how it is undone. What is deleted goes to the trash."""

from __future__ import annotations

from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.files import atomic_write, inert
from planner.files.atomic import MISSING, FileChangedError
from planner.files.bounds import read_bytes
from planner.files.relocate import Trashed, rename_file, restore_file, trash_file
from planner.records import dataclass


@dataclass(frozen=True)
class FileAction:
    """Something done to a file: where it stood before (None: a new one) and after (None: deleted).

    `raw` is what a new file says; `retitled` what a renamed one says before and after, if its title follows its name.
    """

    what: str
    before: Path | None
    after: Path | None
    raw: bytes = b""
    retitled: tuple[bytes, bytes] | None = None

    @property
    def name(self) -> str:
        """The file that is there after it; empty after a deletion."""
        return self.after.stem if self.after is not None else ""

    @property
    def name_before(self) -> str:
        """The file that was there before it; empty before a new one."""
        return self.before.stem if self.before is not None else ""


@dataclass(frozen=True)
class _Step:
    """An action, and where the file is kept while it stands nowhere else."""

    action: FileAction
    trashed: Trashed | None = None


class FileHistory:
    """What a session did to files. It outlives the library screen; a new file that was changed since is left alone."""

    def __init__(self) -> None:
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    def do(self, action: FileAction) -> None:
        """Do something to files; raise ScenarioError in words where it can't be done."""
        self._done.append(_done(_Step(action)))
        self._undone.clear()

    def undo(self) -> FileAction | None:
        """Undo the last action and return it; None where there is none."""
        if not self._done:
            return None
        self._undone.append(_undone(self._done[-1]))
        return self._done.pop().action

    def redo(self) -> FileAction | None:
        """Redo what was undone last and return it; None where there is nothing."""
        if not self._undone:
            return None
        self._done.append(_done(self._undone[-1]))
        return self._undone.pop().action


def _done(step: _Step) -> _Step:
    """Do an action, or do it again."""
    action = step.action
    if action.after is None:
        assert action.before is not None
        return _Step(action, trash_file(action.before))
    if step.trashed is not None:
        restore_file(step.trashed)
    elif action.before is None:
        _write_new(action.after, action.raw)
    else:
        rename_file(action.before, action.after)
        _retitle(action.after, action.retitled)
    return _Step(action)


def _undone(step: _Step) -> _Step:
    """Undo an action that was done."""
    action = step.action
    if step.trashed is not None:
        restore_file(step.trashed)
        return _Step(action)
    assert action.after is not None
    if action.before is not None:
        rename_file(action.after, action.before)
        _retitle(action.before, action.retitled and action.retitled[::-1])
        return _Step(action)
    if not action.after.exists() or read_bytes(action.after) != action.raw:
        what = "was changed or deleted since; nothing is done to it."
        raise ScenarioError([Problem(inert(action.after.name), what)])
    return _Step(action, trash_file(action.after))


def _retitle(path: Path, texts: tuple[bytes, bytes] | None) -> None:
    """Write the second text into a file that holds the first one; leave any other alone."""
    if texts is not None and read_bytes(path) == texts[0]:
        try:
            atomic_write(path, texts[1])
        except OSError as error:
            raise ScenarioError([Problem(inert(str(path)), f"can't be written: {error.strerror}.")]) from None


def _write_new(path: Path, raw: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, raw, expect=MISSING)
    except FileChangedError:
        raise ScenarioError([Problem(inert(path.name), "exists already.")]) from None
    except OSError as error:
        raise ScenarioError([Problem(inert(str(path)), f"can't be written: {error.strerror}.")]) from None
