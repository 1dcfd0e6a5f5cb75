"""Unsaved edits, kept where a crash, a dropped connection or a full disk can't lose them.

Each open screen has one journal file in the user's state folder. It is only ever appended to and is
locked as long as its screen lives, so the same file tells other screens who else is working. A line
is a record and its checksum; a line torn by a crash is skipped.
"""

import contextlib
import errno
import hashlib
import json
import os
import socket
import time
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Self

try:
    import fcntl
except ImportError:  # Windows, which has no screen; other commands still work
    fcntl = None  # type: ignore[assignment] # every use asks first

from planner.errors import Problem, ScenarioError
from planner.files.bounds import read_bytes
from planner.files.os_errors import refused
from planner.files.toml_text import plain_value
from planner.records import dataclass
from planner.schema import Scenario

LARGEST_JOURNAL_BYTES = 64_000_000
WHOLE = ""  # field name of an edit that added or removed sections: its value is the whole table of the plan
ASIDE = ".unreadable"  # suffix of a journal that no planner could have written
SILENT_S = 86_400.0  # a screen on another machine counts as gone after a day without edits


@dataclass(frozen=True)
class Edit:
    """One unsaved edit: the field, its new value, and the digest of the file it was made on."""

    field: str
    value: Any
    base: str


@dataclass(frozen=True)
class Presence:
    """Another screen that has the same file open; `since_s` is seconds since 1970."""

    pid: int
    host: str
    since_s: float


@dataclass(frozen=True)
class Replayed:
    """A scenario with edits replayed, and the edits that couldn't be."""

    scenario: Scenario
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Left:
    """A journal on disk."""

    path: Path
    alive: bool
    presence: Presence
    edits: tuple[Edit, ...]
    file: str
    base: str


class Journal:
    """The unsaved edits of one open screen."""

    def __init__(self, path: str | Path, base: str, *, state: Path | None = None) -> None:
        """Start the journal for the file at `path` with digest `base`; raise ScenarioError if that fails."""
        self._file = os.path.realpath(path)
        self._torn = False
        folder = _folder(state)
        self._path = folder / f"{_key(path)}-{os.getpid()}-{os.urandom(4).hex()}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise refused(error, self._path, "keeping unsaved edits") from None
        try:
            _hold(self._descriptor)
            self._begin(base)
            _sync_folder(folder)
        except OSError as error:
            self.close()
            raise refused(error, self._path, "keeping unsaved edits") from None

    def record(self, field: str, value: Any) -> None:
        """Write one edit to disk before returning; raise ScenarioError if that fails."""
        try:
            self._append({"field": field, "value": plain_value(value, (field,))})
        except OSError as error:
            raise refused(error, self._path, "keeping unsaved edits") from None

    def saved(self, base: str) -> None:
        """Record that the file has all edits so far, and now has the digest `base`."""
        try:
            self._append({"base": base})
        except OSError as error:
            raise refused(error, self._path, "keeping unsaved edits") from None

    @property
    def is_lost(self) -> bool:
        """Whether its file was removed, so that new records would be lost."""
        try:
            return os.stat(self._path).st_ino != os.fstat(self._descriptor).st_ino  # noqa: PTH116 - beside fstat
        except OSError:
            return True

    def close(self) -> None:
        """Discard unsaved edits and close the journal."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, base: str) -> None:
        head = {"file": self._file, "base": base, "pid": os.getpid(), "host": socket.gethostname()}
        self._append(head | {"machine": _machine(), "since_s": time.time()})

    def _append(self, record: dict[str, Any]) -> None:
        raw = (("\n" if self._torn else "") + _line(record)).encode()
        self._torn = True
        if os.write(self._descriptor, raw) < len(raw):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._torn = False
        _sync(self._descriptor)


def pending(path: str | Path, *, state: Path | None = None) -> tuple[Edit, ...]:
    """Return unsaved edits of the file at `path` left by screens that died, oldest screen first."""
    left = [journal for journal in _journals(path, state) if not journal.alive]
    for journal in left:
        if not journal.edits:
            with contextlib.suppress(OSError):
                journal.path.unlink()
    return tuple(edit for journal in left for edit in journal.edits)


def clear(path: str | Path, *, state: Path | None = None) -> None:
    """Delete unsaved edits left by dead screens, after they were restored or discarded."""
    for journal in _journals(path, state):
        if not journal.alive:
            with contextlib.suppress(OSError):
                journal.path.unlink()


def others(path: str | Path, *, state: Path | None = None) -> tuple[Presence, ...]:
    """Return the other screens that currently have the file at `path` open."""
    own = (os.getpid(), socket.gethostname())
    found = [journal.presence for journal in _journals(path, state) if journal.alive]
    return tuple(presence for presence in found if (presence.pid, presence.host) != own)


def replay(scenario: Scenario, edits: Iterable[Edit]) -> Replayed:
    """Return `scenario` with the last edit of each field replayed; edits that can't be become problems."""
    scenario, edits, problems = _from_whole(scenario, list(edits))
    last = {edit.field: edit.value for edit in edits}
    waiting = list(last.items())
    for _ in range(2):  # an edit may depend on a later one
        refused_now: list[Problem] = []
        failed = []
        for field, value in waiting:
            try:
                scenario = scenario.with_value(field, value)
            except ScenarioError as error:
                refused_now += error.problems
                failed.append((field, value))
        waiting = failed
    return Replayed(scenario, (*problems, *refused_now))


def _from_whole(scenario: Scenario, edits: list[Edit]) -> tuple[Scenario, list[Edit], list[Problem]]:
    """Return the scenario of the last whole-plan edit, the edits after it, and any problems."""
    wholes = [at for at, edit in enumerate(edits) if edit.field == WHOLE]
    if not wholes:
        return scenario, edits, []
    rest = [edit for edit in edits[wholes[-1] + 1 :] if edit.field != WHOLE]
    try:
        return Scenario.from_table(edits[wholes[-1]].value), rest, []
    except ScenarioError as error:
        return scenario, [edit for edit in edits if edit.field != WHOLE], list(error.problems)


def _line(record: dict[str, Any]) -> str:
    text = json.dumps(record, separators=(",", ":"))
    return f"{zlib.crc32(text.encode()):08x} {text}\n"


def _read_line(line: bytes) -> dict[str, Any] | None:
    """Return the record on a line, or None if the line is torn."""
    checksum, _, text = line.partition(b" ")
    if not line.endswith(b"\n") or checksum != f"{zlib.crc32(text[:-1]):08x}".encode():
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _folder(state: Path | None) -> Path:
    if state is None:
        import platformdirs  # noqa: PLC0415 - commands that open no screen do without

        state = Path(platformdirs.user_state_dir("planner", appauthor=False))
    return state / "unsaved"


def _key(path: str | Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:24]


def _journals(path: str | Path, state: Path | None) -> list[_Left]:
    """Return the journals of the file at `path`, including those from before it was moved here."""
    try:
        found = sorted(_folder(state).glob("*.jsonl"))
    except OSError:
        return []
    own = [each for each in found if each.name.startswith(_key(path))]
    left = [journal for each in own for journal in _read_journal(each)]
    left += [journal for each in found if each not in own for journal in _moved_here(each, path)]
    return sorted(left, key=lambda journal: journal.presence.since_s)


def _moved_here(journal: Path, path: str | Path) -> Iterator[_Left]:
    """Yield the journal of a deleted file whose contents match the file at `path`."""
    for left in _read_journal(journal):
        if left.edits and left.file and not os.path.lexists(left.file) and left.base == _digest(path):
            yield left


def _digest(path: str | Path) -> str:
    try:
        return hashlib.sha256(read_bytes(Path(path))).hexdigest()
    except ScenarioError:
        return ""


@cache
def _machine() -> str:
    """Return an id of this machine that doesn't depend on its host name; empty if there is none."""
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        with contextlib.suppress(OSError):
            return hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16]
    return ""


def _read_journal(path: Path) -> Iterator[_Left]:
    """Yield the journal at `path`, or nothing if it can't be read; an invalid one is set aside."""
    try:
        yield from _records_left(path)
    except (KeyError, TypeError, ValueError):
        with contextlib.suppress(OSError):
            path.rename(path.with_suffix(ASIDE))


def _records_left(path: Path) -> Iterator[_Left]:
    try:
        with path.open("rb") as file:
            alive = _locked(file.fileno())
            records = [
                _read_line(line) for line in file.read(LARGEST_JOURNAL_BYTES).splitlines(keepends=True)
            ]
            age_s = time.time() - os.fstat(file.fileno()).st_mtime
    except OSError:
        return
    whole = [record for record in records if record is not None]
    if not whole or "base" not in whole[0]:
        if not alive and age_s > 1.0:
            with contextlib.suppress(OSError):
                path.unlink()
        return
    head = whole[0]
    presence = Presence(int(head["pid"]), str(head["host"]), float(head["since_s"]))
    here = presence.host == socket.gethostname() or (head.get("machine") or "?") == _machine()
    if not here:
        alive = alive or age_s < SILENT_S
    edits, base = _unsaved(whole)
    yield _Left(path, alive, presence, edits, str(head.get("file", "")), base)


def _unsaved(records: list[dict[str, Any]]) -> tuple[tuple[Edit, ...], str]:
    """Return the edits after the last save, and the digest of the file at that save."""
    edits: list[Edit] = []
    base = ""
    for record in records:
        if "base" in record:
            base, edits = record["base"], []
        else:
            edits.append(Edit(record["field"], record["value"], base))
    return tuple(edits), base


def _hold(descriptor: int) -> None:
    """Lock the journal for as long as its screen lives, if the file system has locks."""
    with contextlib.suppress(OSError):
        if fcntl is None:
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _locked(descriptor: int) -> bool:
    """Return whether a running screen holds the journal; many may ask at once."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks
    return False


def _sync(descriptor: int) -> None:
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
