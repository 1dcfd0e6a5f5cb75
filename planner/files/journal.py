"""Edits that are not saved yet, kept where a crash, a dropped line or a full disk does not reach them.

Each open screen has one journal file in the user's state folder. It is only ever appended to and is
locked as long as its screen lives, so the same file tells other screens who else is at work. A line
is a record and its checksum; a line that was torn by a crash is passed over.
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
except ImportError:  # Windows, where no screen is: what needs no terminal works
    fcntl = None  # type: ignore[assignment] # every use asks first

from planner.errors import Problem, ScenarioError
from planner.files.bounds import read_bytes
from planner.files.os_errors import refused
from planner.files.toml_text import plain_value
from planner.records import dataclass
from planner.schema import Scenario

LARGEST_JOURNAL_BYTES = 64_000_000
WHOLE = (
    ""  # the field of an edit that changed which sections there are: its value is the scenario's whole table
)
ASIDE = ".unreadable"  # the ending of a journal that says what no planner wrote
SILENT_S = 86_400.0  # after a day without an edit, a screen on another machine counts as gone


@dataclass(frozen=True)
class Edit:
    """One edit that was not saved: the field, its new value, and the digest of the file it was made on."""

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
    """A scenario with edits made again, and those that could not be."""

    scenario: Scenario
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Left:
    """A journal as it stands on the disk."""

    path: Path
    alive: bool
    presence: Presence
    edits: tuple[Edit, ...]
    file: str
    base: str


class Journal:
    """The unsaved edits of one open screen."""

    def __init__(self, path: str | Path, base: str, *, state: Path | None = None) -> None:
        """Begin the journal of the file at `path`, which has the digest `base`; raise ScenarioError in words."""
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
        """Keep one edit, on the disk when this returns; raise ScenarioError in words where that fails."""
        try:
            self._append({"field": field, "value": plain_value(value, (field,))})
        except OSError as error:
            raise refused(error, self._path, "keeping unsaved edits") from None

    def saved(self, base: str) -> None:
        """Note that the file holds all edits so far, and has the digest `base` now."""
        try:
            self._append({"base": base})
        except OSError as error:
            raise refused(error, self._path, "keeping unsaved edits") from None

    @property
    def is_lost(self) -> bool:
        """Whether its file was taken away: what goes into it now reaches no one."""
        try:
            return os.stat(self._path).st_ino != os.fstat(self._descriptor).st_ino  # noqa: PTH116 - beside fstat
        except OSError:
            return True

    def close(self) -> None:
        """Give up the edits that were not saved, and leave."""
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
    """Return the edits of the file at `path` that screens left unsaved when they died, oldest screen first."""
    left = [journal for journal in _journals(path, state) if not journal.alive]
    for journal in left:
        if not journal.edits:
            with contextlib.suppress(OSError):
                journal.path.unlink()
    return tuple(edit for journal in left for edit in journal.edits)


def clear(path: str | Path, *, state: Path | None = None) -> None:
    """Forget what dead screens left unsaved: it was taken over, or is not wanted."""
    for journal in _journals(path, state):
        if not journal.alive:
            with contextlib.suppress(OSError):
                journal.path.unlink()


def others(path: str | Path, *, state: Path | None = None) -> tuple[Presence, ...]:
    """Return the other screens that have the file at `path` open now."""
    own = (os.getpid(), socket.gethostname())
    found = [journal.presence for journal in _journals(path, state) if journal.alive]
    return tuple(presence for presence in found if (presence.pid, presence.host) != own)


def replay(scenario: Scenario, edits: Iterable[Edit]) -> Replayed:
    """Return `scenario` with `edits` made again, the last one of each field; what can't be is a problem."""
    scenario, edits, problems = _from_whole(scenario, list(edits))
    last = {edit.field: edit.value for edit in edits}
    waiting = list(last.items())
    for _ in range(2):  # an edit may need one that comes after it
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
    """Return the scenario as the last edit of everything has it, the edits after that one, and what is wrong."""
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
    """Return the record on a line, or None where the line was torn."""
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
    """Return the journals of the file at `path`, and those of a file that stood elsewhere and was moved here."""
    try:
        found = sorted(_folder(state).glob("*.jsonl"))
    except OSError:
        return []
    own = [each for each in found if each.name.startswith(_key(path))]
    left = [journal for each in own for journal in _read_journal(each)]
    left += [journal for each in found if each not in own for journal in _moved_here(each, path)]
    return sorted(left, key=lambda journal: journal.presence.since_s)


def _moved_here(journal: Path, path: str | Path) -> Iterator[_Left]:
    """Yield the journal of a file that is gone and said what the file at `path` says now."""
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
    """Return what names this machine whatever its host name is; empty where nothing does."""
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        with contextlib.suppress(OSError):
            return hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16]
    return ""


def _read_journal(path: Path) -> Iterator[_Left]:
    """Yield the journal at `path`, or nothing where it can't be read; one of another shape is set aside."""
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
    """Return the edits after the last save, and the digest of the file as it was saved then."""
    edits: list[Edit] = []
    base = ""
    for record in records:
        if "base" in record:
            base, edits = record["base"], []
        else:
            edits.append(Edit(record["field"], record["value"], base))
    return tuple(edits), base


def _hold(descriptor: int) -> None:
    """Lock the journal for as long as its screen lives, where the file system has locks."""
    with contextlib.suppress(OSError):
        if fcntl is None:
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _locked(descriptor: int) -> bool:
    """Return whether a living screen holds the journal; many may ask at once."""
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
