"""Lock a folder against other planners while one of its files is written or renamed."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator

try:
    import fcntl
except ImportError:  # a system without advisory locks
    fcntl = None  # type: ignore[assignment] # every use asks first

LOCK_WAIT_S = 2.0
LOCK_FILE = ".planner-lock"
STALE_LOCK_S = 10.0  # a lock file exists only during one write
_LOOK_AGAIN_S = 0.01


@contextlib.contextmanager
def locked(folder: int) -> Iterator[None]:
    """Lock the open folder `folder`; raise OSError (EBUSY) if another planner holds it for too long.

    The kernel releases the lock when the folder is closed or the process ends. A file system without locks
    gets a lock file instead.
    """
    end_s = time.monotonic() + LOCK_WAIT_S
    while True:
        taken = _flock(folder)
        if taken is None:
            break
        if taken:
            yield
            return
        _wait(end_s)
    _take_lock_file(folder, end_s)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.unlink(LOCK_FILE, dir_fd=folder)


def _flock(folder: int) -> bool | None:
    """Return whether the folder is now locked; None if the file system has no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EAGAIN, errno.EACCES) else None
    return True


def _take_lock_file(folder: int, end_s: float) -> None:
    while True:
        try:
            os.close(os.open(LOCK_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=folder))
        except FileExistsError:
            if _age_s(folder) > STALE_LOCK_S:
                with contextlib.suppress(OSError):
                    os.unlink(LOCK_FILE, dir_fd=folder)
                continue
            _wait(end_s)
        else:
            return


def _age_s(folder: int) -> float:
    try:
        return time.time() - os.stat(LOCK_FILE, dir_fd=folder).st_mtime
    except OSError:
        return 0.0


def _wait(end_s: float) -> None:
    if time.monotonic() > end_s:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
    time.sleep(_LOOK_AGAIN_S)
