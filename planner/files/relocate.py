"""Rename a file, move one to the trash, and restore it: each in one step, under the folder's lock."""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from planner.files.confined import check_writing, may_read
from planner.files.folder_lock import locked
from planner.files.os_errors import refused, unusable
from planner.records import dataclass

MOST_IN_TRASH = 1_000
LARGEST_NOTE = 100_000  # characters
_ORIGIN = ".origin.json"


@dataclass(frozen=True)
class Trashed:
    """A deleted file: its original path, its path in the trash, and its deletion time (seconds since 1970)."""

    origin: Path
    kept: Path
    deleted_s: float


def rename_file(old: Path, new: Path) -> None:
    """Rename the file at `old` to `new`; raise ScenarioError if that exists. Mode and owner are kept."""
    check_writing(old.parent)
    check_writing(new)
    with _both_locked(old.parent, new.parent):
        if os.path.lexists(new):
            raise unusable(new, "exists already.")
        try:
            os.rename(old, new)  # noqa: PTH104 - fails where Path.rename would, and replaces nothing: see above
        except OSError as error:
            raise refused(error, old, "renaming") from None


def trash_folder() -> Path:
    """Return where deleted files are kept."""
    import platformdirs  # noqa: PLC0415 - only a deletion needs it

    return Path(platformdirs.user_data_dir("planner", appauthor=False)) / "trash"


def trash_file(path: Path, *, trash: Path | None = None) -> Trashed:
    """Move the file at `path` to the trash; raise ScenarioError, with nothing lost, if that fails."""
    check_writing(path.parent)
    folder = trash or trash_folder()
    now_s = time.time()
    kept = folder / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now_s))}-{os.urandom(3).hex()}-{path.name}"
    origin = Path(os.path.abspath(path))  # noqa: PTH100 - a link goes, not what it leads to
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = kept.with_name(kept.name + _ORIGIN)
        note.write_text(json.dumps({"origin": str(origin), "deleted_s": now_s}), encoding="utf-8")
    except OSError as error:
        raise refused(error, folder, "deleting") from None
    with _both_locked(path.parent, folder):
        try:
            shutil.move(path, kept)
        except OSError as error:
            with contextlib.suppress(OSError):
                note.unlink()
            raise refused(error, path, "deleting") from None
    return Trashed(origin, kept, now_s)


def restore_file(trashed: Trashed) -> None:
    """Restore a deleted file to its original path; raise ScenarioError if that is taken."""
    check_writing(trashed.origin)
    with _both_locked(trashed.kept.parent, trashed.origin.parent):
        if os.path.lexists(trashed.origin):
            raise unusable(trashed.origin, "exists already.")
        try:
            shutil.move(trashed.kept, trashed.origin)
        except OSError as error:
            raise refused(error, trashed.origin, "restoring") from None
    with contextlib.suppress(OSError):
        trashed.kept.with_name(trashed.kept.name + _ORIGIN).unlink()


def list_trash(*, trash: Path | None = None) -> tuple[Trashed, ...]:
    """Return the files in the trash, most recently deleted first; files of unknown origin are skipped."""
    try:
        notes = sorted((trash or trash_folder()).glob(f"*{_ORIGIN}"), reverse=True)[:MOST_IN_TRASH]
    except OSError:
        return ()
    found = [each for note in notes if (each := _trashed(note)) is not None]
    return tuple(sorted(found, key=lambda each: -each.deleted_s))


def _trashed(note: Path) -> Trashed | None:
    kept = note.with_name(note.name.removesuffix(_ORIGIN))
    try:
        with note.open(encoding="utf-8") as file:
            told = json.loads(file.read(LARGEST_NOTE))
        found = Trashed(Path(told["origin"]), kept, float(told["deleted_s"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if kept.exists() and may_read(found.origin.parent) else None


@contextlib.contextmanager
def _both_locked(first: Path, second: Path) -> Iterator[None]:
    """Lock two folders, in order of their names so that two planners can't deadlock."""
    with contextlib.ExitStack() as held:
        for folder in sorted({os.path.realpath(first), os.path.realpath(second)}):
            try:
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                held.callback(os.close, descriptor)
                held.enter_context(locked(descriptor))
            except OSError as error:
                raise refused(error, folder, "renaming") from None
        yield
