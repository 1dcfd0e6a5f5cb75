"""Replace files atomically: after any failure, either the old or the new text is there, never part of one."""

import contextlib
import errno
import hashlib
import os
import secrets
import socket
import stat
import time
from io import FileIO
from pathlib import Path

from planner.files.confined import check_writing
from planner.files.folder_lock import locked
from planner.files.os_errors import refused, unusable
from planner.files.safe_text import inert

MISSING, TOO_LARGE = "missing", "too large"  # instead of a digest
LARGEST_BYTES = 200_000_000  # no file of ours is larger
_UNCHANGED = "The previous contents are unchanged."
_PREFIX = ".planner-"
HOLDS_FOLDERS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_STALE_S = 3600.0


class FileChangedError(Exception):
    """The file has changed since the caller last saw it."""


def atomic_write(
    path: str | Path, text: str | bytes, *, expect: str | None = None, like: str | Path | None = None
) -> None:
    """Replace the file at `path` with `text` (or bytes), or leave it as it is and raise ScenarioError.

    Permissions are kept and links are followed; a new file is as private as the file `like`. File and folder are
    synced to disk. If a replacement would lose the owner, the group or another hard link, the file is written
    in place. With `expect`, the digest last seen (MISSING for none), it raises FileChangedError if the file has
    changed since.
    """
    raw = _encoded(path, text)
    target = _target(path)
    check_writing(target)
    if not HOLDS_FOLDERS:
        _replace_plainly(path, target, raw, expect)
        return
    try:
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise refused(error, target.parent, "saving", hint=_UNCHANGED) from None
    try:
        with locked(folder):
            _replace(folder, target, raw, expect, _private_mode(like))
    except OSError as error:
        raise refused(error, path, "saving", hint=_UNCHANGED) from None
    finally:
        with contextlib.suppress(OSError):  # nothing was written through it
            os.close(folder)


def _replace_plainly(path: str | Path, target: Path, raw: bytes, expect: str | None) -> None:
    """Replace a file on a system that can't open folders (Windows): also in one step, but without a lock."""
    temporary = target.with_name(f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        now = _digest_of(target.read_bytes()) if target.is_file() else MISSING
        if expect is not None and now != expect:
            raise FileChangedError(inert(str(target)))
        temporary.write_bytes(raw)
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise refused(error, path, "saving", hint=_UNCHANGED) from None


def _digest_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _encoded(path: str | Path, text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise unusable(path, "can't be saved: its text contains half a character.", _UNCHANGED) from None


def _target(path: str | Path) -> Path:
    """Return the file that `path` refers to, with links resolved."""
    if "\0" in str(path):
        raise unusable(path, "has a name that no file can have.")
    target = Path(os.path.realpath(path))
    if os.path.islink(target):  # noqa: PTH114 - says False, not OSError, for what can not be asked
        raise refused(OSError(errno.ELOOP, ""), path, "saving")
    return target


def _private_mode(like: str | Path | None) -> int | None:
    """Return a file's permissions, made writable by its owner; None if it doesn't exist."""
    if like is None:
        return None
    try:
        return stat.S_IMODE(os.stat(like).st_mode) | stat.S_IWUSR  # noqa: PTH116 - a path of either kind
    except OSError:
        return None


def _replace(folder: int, target: Path, raw: bytes, expect: str | None, mode: int | None) -> None:
    before = _before(folder, target)
    if expect is not None and _digest_at(folder, target.name, before) != expect:
        raise FileChangedError(inert(str(target)))
    _sweep(folder, target.name)
    temporary = f"{_own_prefix(target.name)}{os.getpid()}-{secrets.token_hex(4)}.tmp"
    try:
        if _write(folder, temporary, raw, before, mode):
            os.rename(temporary, target.name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            _write_in_place(folder, target.name, raw)
            os.unlink(temporary, dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    with contextlib.suppress(
        OSError
    ):  # the new file is complete and in place; some file systems can't sync folders
        os.fsync(folder)


def _before(folder: int, target: Path) -> os.stat_result | None:
    try:
        found = os.stat(target.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise unusable(target, "can't be replaced: it is not a regular file.")
    if not found.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise unusable(target, "is read-only.", "Save under another name, or make it writable.")
    return found


def _digest_at(folder: int, name: str, before: os.stat_result | None) -> str:
    if before is None:
        return MISSING
    if before.st_size > LARGEST_BYTES:
        return TOO_LARGE
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(folder: int, name: str, raw: bytes, before: os.stat_result | None, mode: int | None) -> bool:
    """Write and sync a new file; return whether it can replace the old one: same owner, group and links."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, 0o666 if before is None and mode is None else 0o600, dir_fd=folder)
    try:
        stands_in = before is None or (_same_owner(descriptor, before) and before.st_nlink == 1)
        if before is not None and stands_in:
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
        elif before is None and mode is not None:
            os.fchmod(descriptor, mode)
        _write_all(descriptor, raw)
    finally:
        os.close(descriptor)
    return stands_in


def _write_all(descriptor: int, raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def _write_in_place(folder: int, name: str, raw: bytes) -> None:
    """Overwrite a file in place; after a failure, restore its previous contents."""
    descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        old = file.read()
        try:
            _fill(file, raw)
        except OSError:
            with contextlib.suppress(OSError):
                _fill(file, old)
            raise


def _fill(file: FileIO, raw: bytes) -> None:
    file.seek(0)
    _write_all(file.fileno(), raw)
    file.truncate(len(raw))
    os.fsync(file.fileno())


def _same_owner(descriptor: int, before: os.stat_result) -> bool:
    """Give a new file the owner and group of the old one; return whether the system allowed it."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.fchown(descriptor, before.st_uid, before.st_gid)
        except OSError:
            return False
    return True


def _own_prefix(name: str) -> str:
    """Return the prefix of the temporary files that this machine makes for `name`."""
    return f"{_PREFIX}{_short(name)}-{_short(socket.gethostname())}-"


def _short(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:8]


def _sweep(folder: int, name: str) -> None:
    """Remove half-written files for `name` left by a killed planner."""
    for found in os.listdir(folder):
        if found.startswith(f"{_PREFIX}{_short(name)}-") and found.endswith(".tmp"):
            with contextlib.suppress(OSError):
                if _abandoned(folder, found, name):
                    os.unlink(found, dir_fd=folder)


def _abandoned(folder: int, found: str, name: str) -> bool:
    if not found.startswith(_own_prefix(name)):
        age_s = time.time() - os.stat(found, dir_fd=folder, follow_symlinks=False).st_mtime
        return age_s > _STALE_S  # made on another machine that shares the folder
    return not alive(int(found.removeprefix(_own_prefix(name)).partition("-")[0]))


def alive(pid: int) -> bool:
    """Return whether a process with this id runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
