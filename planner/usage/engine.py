"""duckdb as the engine of an import: a connection that writes nothing to the disk, and its refusals in plain words."""

import re
import threading
from collections.abc import Callable
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.os_errors import unusable

Progress = Callable[[float], None]

THREADS = 2
MEMORY = "400MB"
POLL_S = 0.1
ONE_ROW = "one_row"


class MixedLineEndsError(Exception):
    """Lines of a table end in more than one way, which only a lenient reading takes."""


def connect() -> Any:
    """Return a connection to an empty database in memory."""
    try:
        import duckdb  # noqa: PLC0415 - an extra: only imports need it
    except ImportError:
        hint = "Get it, in the planner's own folder, by: pip install -e '.[usage]'"
        raise ScenarioError([Problem("importing", "needs duckdb.", hint)]) from None
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,  # each reads ahead: a look at the first rows needs no second
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
    connection.execute(f"CREATE TEMP TABLE {ONE_ROW} AS SELECT 1 AS one")
    return connection


def kept(sql: str) -> str:
    """Return SQL for the same rows, whose values are worked out once.

    duckdb else puts what a column is made of wherever the column is used, and works it out there again: of a log whose
    columns stand on one another that takes three times as long. It does not look through a product with one row.
    """
    return f"SELECT * EXCLUDE one FROM ({sql}), {ONE_ROW}"


def ask(
    connection: Any, sql: str, arguments: tuple[Any, ...] = (), *, name: str, kind: str
) -> list[tuple[Any, ...]]:
    """Return the rows of a query; what duckdb refuses is said in words, never in its own: they quote the log."""
    import duckdb  # noqa: PLC0415 - an extra, loaded for a log that needs it

    try:
        rows: list[tuple[Any, ...]] = connection.execute(sql, arguments).fetchall()
    except duckdb.Error as error:
        raise broken(error, name=name, kind=kind) from None
    return rows


def ask_columns(
    connection: Any,
    sql: str,
    arguments: tuple[Any, ...],
    progress: Progress | None = None,
    *,
    name: str,
    kind: str,
) -> dict[str, Any]:
    """Return the columns of a query as numpy arrays; `progress` is told the share done, now and then."""
    import duckdb  # noqa: PLC0415 - an extra, loaded for a log that needs it

    done: list[dict[str, Any]] = []
    failed: list[Exception] = []
    ended = threading.Event()  # a join that ctrl+c comes into takes a thread for ended that goes on

    def run() -> None:
        try:
            connection.execute(f"SET threads={THREADS}")
            done.append(connection.execute(sql, arguments).fetchnumpy())
        except duckdb.Error as error:
            failed.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, daemon=True).start()
    try:
        while not ended.wait(POLL_S):
            if progress is not None:
                progress(max(float(connection.query_progress()), 0.0) / 100)
    except BaseException:  # ctrl+c, or a caller that has seen enough
        connection.interrupt()
        ended.wait()
        raise
    if failed:
        raise broken(failed[0], name=name, kind=kind)
    if progress is not None:
        progress(1.0)
    return done[0]


def broken(error: Exception, *, name: str, kind: str) -> Exception:
    """Return what duckdb's refusal means: a table to be read again, or words for people."""
    import duckdb  # noqa: PLC0415 - an extra, loaded for a log that needs it

    if kind == "csv" and isinstance(error, duckdb.InvalidInputException):
        return MixedLineEndsError()
    if isinstance(error, duckdb.OutOfMemoryException):
        what = f"needs more than {MEMORY} of memory: a column that should name a few models may name each request."
        return unusable(name, what, "Say which column is which with --column.")
    words = {"csv": "a table of comma-separated values", "rows": "a log", "parquet": "Parquet"}
    return unusable(
        name, f"can't be read as {words[kind.removeprefix('lenient ')]}: it is damaged, or something else."
    )


def shown_names(names: list[str]) -> str:
    """Return names of columns for an error; what looks like content rather than a name is left out."""
    fine = [
        name for name in names if re.fullmatch(r"[\w.\-/ ()\[\]$€%:]{1,60}", name) and name.count(" ") < 5
    ]
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return inert(", ".join(fine[:30])) + more
