"""Open a usage log: what kind of file it is, and the relation that duckdb streams out of it."""

import os
import re
import stat
import threading
from collections.abc import Callable
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Literal

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.os_errors import refused, unusable
from planner.records import dataclass
from planner.usage.tables import csv_options

Kind = Literal["csv", "jsonl", "array", "json", "parquet"]
Progress = Callable[[float], None]

THREADS = 2
MEMORY = "500MB"
LONGEST_ROW_BYTES = 16_000_000
LARGEST_DOCUMENT_BYTES = 64_000_000  # one JSON object is read as a whole; lines and lists of them stream
MOST_REJECTS_KEPT = 100_000
DEEPEST = 500  # levels of JSON
POLL_S = 0.1
_HEAD_BYTES = 65_536
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"
_GLOB = re.compile(r"([*?\[\]])")


@dataclass(frozen=True)
class Log:
    """An open log: `relation` is SQL for its rows; `columns` maps the names of its columns to their SQL types.

    `arguments` are what the query takes: the path, as duckdb reads it. `lenient` is how a table is read.
    """

    path: Path
    kind: Kind
    connection: Any
    relation: str
    arguments: tuple[Any, ...]
    columns: dict[str, str] = field(default_factory=dict)
    lenient: bool = False


class MixedLineEndsError(Exception):
    """Lines end in more than one way, which only a lenient reading takes."""


def open_log(path: Path, *, lenient: bool = False) -> Log:
    """Return the log at `path`, ready to be queried; raise ScenarioError in words where it can't be.

    `lenient` takes tables whose lines end in several ways, and with them values that are quoted by halves.
    """
    real = Path(os.path.realpath(path))
    kind, head, encoding = _kind(real, path)
    connection = _connect()
    pattern = _GLOB.sub(r"[\1]", str(real))  # the name is no pattern
    if kind == "csv":
        return _table(Log(path, kind, connection, "", (pattern,), lenient=lenient), head, encoding)
    if kind != "parquet":
        return Log(path, kind, connection, _json_relation(kind, real), (pattern,))
    log = Log(path, kind, connection, "read_parquet(?)", (pattern,))
    described = ask(log, f"DESCRIBE SELECT * FROM {log.relation}", log.arguments)
    return replace(log, columns={row[0]: row[1] for row in described})


def _table(log: Log, head: bytes, encoding: str) -> Log:
    try:
        options, names = csv_options(head, encoding)
    except ValueError as error:
        raise unusable(log.path, str(error)) from None
    options += f", strict_mode={str(not log.lenient).lower()}"
    options += f", store_rejects=true, rejects_limit={MOST_REJECTS_KEPT}, max_line_size={LONGEST_ROW_BYTES}"
    options += (
        f", buffer_size={2 * LONGEST_ROW_BYTES}"  # sixteen lines by default, which is more than the memory
    )
    return replace(log, relation=f"read_csv(?, {options})", columns=dict.fromkeys(names, "VARCHAR"))


def _json_relation(kind: Kind, real: Path) -> str:
    shape = {"jsonl": "newline_delimited", "array": "array", "json": "unstructured"}[kind]
    size = real.stat().st_size + 1024 if kind == "json" else LONGEST_ROW_BYTES
    skip = ", ignore_errors=true" if kind == "jsonl" else ""
    options = f"format='{shape}', maximum_object_size={max(size, LONGEST_ROW_BYTES)}{skip}"
    return f"(SELECT json AS j FROM read_json_objects(?, {options}))"


def _connect() -> Any:
    try:
        import duckdb  # noqa: PLC0415 - an extra, looked for when a log asks for it - an extra: only imports need it
    except ImportError:
        problem = Problem(
            "importing", "needs duckdb.", "Get it, in the planner's own folder, by: pip install -e '.[usage]'"
        )
        raise ScenarioError([problem]) from None
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,  # each reads 32 MB of JSON ahead: a look at the first rows needs no second
        "memory_limit": MEMORY,
        "temp_directory": "",  # nothing of a log is ever written to the disk
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(config=config)
    connection.execute(
        "SET TimeZone='UTC'; SET enable_progress_bar=true; SET enable_progress_bar_print=false"
    )
    return connection


def ask(log: Log, sql: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query; what duckdb refuses is said in words, never in its own: they quote the log."""
    import duckdb  # noqa: PLC0415 - an extra, looked for when a log asks for it

    try:
        rows: list[tuple[Any, ...]] = log.connection.execute(sql, arguments).fetchall()
    except duckdb.Error as error:
        raise _broken(log, error) from None
    return rows


def ask_columns(
    log: Log, sql: str, arguments: tuple[Any, ...], progress: Progress | None = None
) -> dict[str, Any]:
    """Return the columns of a query as numpy arrays; `progress` is told the share done, now and then."""
    import duckdb  # noqa: PLC0415 - an extra, looked for when a log asks for it

    done: list[dict[str, Any]] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            log.connection.execute(f"SET threads={THREADS}")
            done.append(log.connection.execute(sql, arguments).fetchnumpy())
        except duckdb.Error as error:
            failed.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(POLL_S)
            if progress is not None:
                progress(max(float(log.connection.query_progress()), 0.0) / 100)
    except BaseException:  # ctrl+c, or a caller that has seen enough
        log.connection.interrupt()
        worker.join()
        raise
    if failed:
        raise _broken(log, failed[0])
    return done[0]


def _broken(log: Log, error: Exception) -> ScenarioError:
    import duckdb  # noqa: PLC0415 - an extra, looked for when a log asks for it

    if log.kind == "csv" and not log.lenient and isinstance(error, duckdb.InvalidInputException):
        raise MixedLineEndsError
    if isinstance(error, duckdb.OutOfMemoryException):
        what = f"needs more than {MEMORY} of memory: a column that should name a few models may name each request."
        return unusable(log.path, what, "Say which column is which with --column.")
    words = {
        "csv": "a table of comma-separated values",
        "jsonl": "JSON lines",
        "json": "JSON",
        "array": "a JSON list",
        "parquet": "Parquet",
    }
    return unusable(log.path, f"can't be read as {words[log.kind]}: it is damaged, or something else.")


def _kind(real: Path, shown: Path) -> tuple[Kind, bytes, str]:
    """Return what kind of file it is by its first bytes, those bytes, and how a text is encoded."""
    head = _head(real, shown)
    if head.startswith(b"PAR1"):
        return "parquet", head, ""
    if head.startswith(_GZIP):
        head = _unzipped(real, shown)
    if head.startswith(_UTF16):
        return "csv", head, "utf-16"
    if b"\0" in head or _has_holes(real):
        raise unusable(shown, "is no log: it holds neither text nor Parquet.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise unusable(shown, "is empty.")
    if text[:1] not in b"{[":
        return "csv", head, "utf-8"
    if _depth(text) > DEEPEST:
        raise unusable(shown, f"nests deeper than {DEEPEST} levels.")
    return _json_kind(text, real, shown), head, "utf-8"


def _has_holes(real: Path) -> bool:
    """Whether the middle or the end of a file is empty space, as in one that was never written in full."""
    size = real.stat().st_size
    with real.open("rb") as file:
        for place in (size // 2, max(size - _HEAD_BYTES, 0)):
            file.seek(place)
            if b"\0" * 64 in file.read(_HEAD_BYTES):
                return True
    return False


def _depth(text: bytes) -> int:
    """Return how deep the brackets of a JSON text nest, those inside of its strings not counted."""
    deepest = depth = 0
    for bracket in re.sub(rb'"(?:[^"\\]|\\.)*"|[^{}\[\]"]', b"", text):
        depth += 1 if bracket in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _json_kind(text: bytes, real: Path, shown: Path) -> Kind:
    """Return whether every line is an object of its own, or the whole file is one."""
    if text.startswith(b"["):
        return "array"
    first, newline, rest = text.partition(b"\n")
    first, complete = first.strip(), bool(newline) or len(text) < _HEAD_BYTES
    one_line = first.startswith(b"{") and (not complete or first.endswith(b"}"))
    if one_line and (rest.lstrip()[:1] == b"{" or not complete or not _is_page(first, rest)):
        return "jsonl"
    if real.stat().st_size > LARGEST_DOCUMENT_BYTES:
        mb = LARGEST_DOCUMENT_BYTES / 1e6
        raise unusable(shown, f"is one JSON document of more than {mb:.0f} MB.", "Export it as JSON lines.")
    return "json"


def _is_page(first: bytes, rest: bytes) -> bool:
    return not rest.strip() and b'"data"' in first


def _head(real: Path, shown: Path) -> bytes:
    if "\0" in str(real):
        raise unusable("log", "has a name that no file can have.")
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not block
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if stat.S_ISDIR(found.st_mode):
                raise unusable(shown, "is a folder, not a file.", "Name one of the logs in it.")
            if not stat.S_ISREG(found.st_mode):
                raise unusable(shown, "is a device or a pipe, not a file.")
            return file.read(_HEAD_BYTES)
    except IsADirectoryError:
        raise unusable(shown, "is a folder, not a file.", "Name one of the logs in it.") from None
    except OSError as error:
        raise refused(error, shown, "reading") from None


def _unzipped(real: Path, shown: Path) -> bytes:
    import gzip  # noqa: PLC0415 - few logs are zipped
    import zlib  # noqa: PLC0415 - few logs are zipped

    try:
        with gzip.open(real) as file:
            return file.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        raise unusable(shown, "is a gzip file that can't be unpacked.") from None


def shown_names(names: list[str]) -> str:
    """Return names of columns for an error; what looks like content rather than a name is left out."""
    fine = [name for name in names if re.fullmatch(r"[\w.\-/ ()\[\]]{1,60}", name) and name.count(" ") < 4]
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return inert(", ".join(fine[:30])) + more
