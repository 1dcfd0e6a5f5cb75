"""A log summed: plain tables by duckdb in one go, other logs row by row in batches; both by the same rules."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from itertools import islice
from typing import Any

import numpy as np

from planner.records import dataclass
from planner.usage.cells import Cell, Cells, number_of
from planner.usage.engine import Progress, ask, ask_columns
from planner.usage.names import plain
from planner.usage.plain_table import PlainTable, rejected
from planner.usage.reading import FIELDS, FLAGS, Row
from planner.usage.scan import SUMS, Floats, sums_sql
from planner.usage.settle import calls_sql, typed_sql
from planner.usage.tables import decimal_comma, order_of_dates, points_in_thousands, year_leads
from planner.usage.values import CALENDAR, FIRST_SERIAL, LAST_SERIAL, Manner, define, period_of
from planner.usage.vendor_usage import adds_reasoning
from planner.usage.verdicts import look_up

BATCH_ROWS = 20_000
SAMPLE_ROWS = 20_000
MOST_NAMES = 400
BESIDE_FROM_SHARE = 0.01
APART = "parquet"  # keeps its columns apart: those of words are read twice at little cost
RELATIVE_BELOW_S = 2e8  # times so early count from the start of the log
_TEXT_FIELDS = (*FIELDS, *FLAGS, "bad", "bucket", "first", "period")

StepsOf = Callable[[list[tuple[str, str]]], list[int]]


@dataclass(frozen=True)
class TimeRule:
    """How the user wants times read: by a format of strptime, or not at all."""

    format: str = ""
    none: bool = False


@dataclass(frozen=True)
class Summed:
    """The sums of one file: tables of groups, arrival times of its calls where they were kept, what needs a word."""

    tables: list[dict[str, Any]]
    times_s: list[Floats]
    dated: bool
    has_time: bool
    rejected: int = 0
    ambiguous_dates: bool = False
    manner: Manner = Manner()
    fields: frozenset[str] = field(default_factory=frozenset)


def sum_table(
    table: PlainTable,
    cells: Cells,
    connection: Any,
    *,
    times: TimeRule,
    delimiter: str,
    steps_of: StepsOf,
    progress: Progress | None,
) -> tuple[Summed, str]:
    """Return the sums of a plain table, and SQL for its calls, for those who want their times as well."""
    cells = _timed(cells, times)
    sample = f"(SELECT * FROM {table.relation} LIMIT {SAMPLE_ROWS})"

    def asked(sql: str) -> list[tuple[Any, ...]]:
        return ask(connection, sql, table.arguments, name=table.name, kind=table.kind)

    manner, ambiguous = _manner(asked, sample, cells, times, delimiter=delimiter)
    define(connection, manner)
    looked_up = look_up(table, cells, sample, connection) if table.kind == APART else []
    calls, steps = _calls(
        asked, table.relation, sample, cells, manner, steps_of=steps_of, looked_up=looked_up
    )
    found = ask_columns(
        connection, sums_sql(calls, steps, cells), table.arguments, progress, name=table.name, kind=table.kind
    )
    lost = rejected(table, connection)
    summed = Summed([found], [], manner.dated, "time" in cells, lost, ambiguous, manner, frozenset(cells))
    return summed, calls


def sum_rows(
    rows: Iterable[Row], connection: Any, *, name: str, times: TimeRule, delimiter: str, steps_of: StepsOf,
    progress: Callable[[int], None] | None,
) -> Summed:  # fmt: skip
    """Return the sums of rows that were read one by one, a batch at a time; `progress` is told how many were read."""
    tables: list[dict[str, Any]] = []
    kept: list[Floats] = []
    manner, ambiguous, seen, done = Manner(), False, set[str](), 0
    source = iter(rows)
    while batch := list(islice(source, BATCH_ROWS)):
        fields = {key for row in batch for key in row}
        seen |= fields
        connection.register(
            "batch",
            {key: text_column(batch, key) for key in _TEXT_FIELDS if key in fields}
            or {"bad": text_column(batch, "bad")},
        )
        cells = _timed({key: [Cell(f'"{key}"')] for key in _TEXT_FIELDS if key in fields}, times)

        def asked(sql: str) -> list[tuple[Any, ...]]:
            return ask(connection, sql, name=name, kind="rows")

        if not tables:
            manner, ambiguous = _manner(asked, "batch", cells, times, delimiter=delimiter)
        define(connection, manner)
        calls, steps = _calls(asked, "batch", "batch", cells, manner, steps_of=steps_of)
        connection.execute("DROP TABLE IF EXISTS calls")
        ask(connection, f"CREATE TEMP TABLE calls AS {calls}", name=name, kind="rows")
        tables.append(
            ask_columns(connection, sums_sql("SELECT * FROM calls", steps, cells), (), name=name, kind="rows")
        )
        arrived = connection.execute(
            "SELECT at_s FROM calls WHERE bad IS NULL AND at_s IS NOT NULL"
        ).fetchnumpy()["at_s"]
        kept.append(np.asarray(np.ma.filled(arrived, np.nan), dtype=float))
        connection.unregister("batch")
        done += len(batch)
        if progress is not None:
            progress(done)
    return Summed(tables, kept, manner.dated, "time" in seen, 0, ambiguous, manner, frozenset(seen))


def _timed(cells: Cells, times: TimeRule) -> Cells:
    return (
        {key: value for key, value in cells.items() if key not in ("time", "end_time")}
        if times.none
        else cells
    )


def text_column(batch: list[Row], key: str) -> Any:
    """Return what rows hold under a key, as texts."""
    return np.array([_text(row.get(key)) for row in batch] + [None], dtype=object)[:-1]


def _text(value: Any) -> str | None:
    """Return a value as text that duckdb takes."""
    if value is None or isinstance(value, str):
        return None if value is None else value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    return str(value)


def _manner(
    asked: Callable[[str], list[tuple[Any, ...]]],
    sample: str,
    cells: Cells,
    times: TimeRule,
    *,
    delimiter: str,
) -> tuple[Manner, bool]:
    """Return how the first rows write their values, and whether the order of day and month stays open."""
    comma, pointed = _marks(asked, sample, cells, delimiter) if delimiter else (False, False)
    written = _texts(asked, sample, cells.get("time", []))
    day_first, open_order = order_of_dates(written)
    if open_order and comma:
        day_first, open_order = True, False
    numbers = [number for text in written if (number := _float(text)) is not None]
    early = [
        number
        for number in numbers
        if number < RELATIVE_BELOW_S and not (len(str(int(number))) == 8 and 19e6 < number < 21.1e6)
    ]
    native = any(cell.type.startswith(("TIMESTAMP", "DATE")) for cell in cells.get("time", ()))
    serial = (
        bool(numbers)
        and len(early) == len(numbers)
        and all(FIRST_SERIAL <= number < LAST_SERIAL for number in numbers)
    )
    calendar = all(_is_calendar(cell.sql) for cell in cells.get("time", ()))
    relative = bool(written) and not native and len(early) == len(written) and not serial and not calendar
    named_ms = any(
        re_ms in cell.sql.lower() for cell in cells.get("time", ()) for re_ms in ('ms"', 'ms")', "millis")
    )
    dated = native or (bool(written) and not relative)
    unit = 1e-3 if named_ms else 1.0
    leads = year_leads(written)
    manner = Manner(
        comma, day_first, serial, times.format, dated or bool(times.format), unit, leads, period_of(written), pointed
    )  # fmt: skip
    return manner, open_order and not (times.format or leads)


def _marks(
    asked: Callable[[str], list[tuple[Any, ...]]], sample: str, cells: Cells, delimiter: str
) -> tuple[bool, bool]:
    """Return whether numbers have a decimal comma, and whether it is the counts alone that tell."""
    counts, amounts = (
        _texts(asked, sample, [cell for key in keys for cell in cells.get(key, ())])
        for keys in (_COUNTS, SUMS)
    )
    comma = decimal_comma([*counts, *amounts], delimiter)
    pointed = not comma and points_in_thousands(counts)
    return comma or pointed, pointed


def _is_calendar(sql: str) -> bool:
    """Whether a column is called by a part of the calendar: its small numbers are no seconds."""
    return any(plain(name) in CALENDAR for name in re.findall(r'"([^"]*)"', sql))


_COUNTS = ("prompt", "output", "total", "read", "write", "fresh")


def _float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _texts(asked: Callable[[str], list[tuple[Any, ...]]], sample: str, cells: list[Cell]) -> list[str]:
    """Return what some cells of the first rows hold as text."""
    found: list[str] = []
    for cell in [one for one in cells if one.is_text][:12]:
        text = f"left({cell.sql}, 60)"
        found += [
            str(row[0])
            for row in asked(
                f"SELECT DISTINCT t FROM (SELECT {text} AS t FROM {sample}) WHERE t IS NOT NULL LIMIT 3000"
            )
        ]
    return found


def _calls(
    asked: Callable[[str], list[tuple[Any, ...]]],
    relation: str,
    sample: str,
    cells: Cells,
    manner: Manner,
    *,
    steps_of: StepsOf,
    looked_up: Sequence[str] = (),
) -> tuple[str, list[int]]:
    """Return SQL for the calls of a relation, and the prompt lengths at which the price of one of its models changes."""
    names: list[tuple[str, str]] = []
    if "model" in cells:
        columns = ", ".join(
            f"left({cells[key][0].sql}, 200) AS {key}" if key in cells else f"'' AS {key}"
            for key in ("model", "seller")
        )
        models = f"coalesce({', '.join(cell.sql for cell in cells['model'])})"
        columns = columns.replace(
            f"left({cells['model'][0].sql}, 200)", f"left(CAST({models} AS VARCHAR), 200)"
        )
        rows = asked(f"SELECT DISTINCT * FROM (SELECT {columns} FROM {sample}) LIMIT {MOST_NAMES}")
        names = [(str(row[0] or ""), str(row[1] or "")) for row in rows]
    beside = (
        _beside(asked, sample, cells) if "read" in cells and "prompt" in cells and "model" in cells else []
    )
    typed = typed_sql(relation, cells, dated=manner.dated, period=manner.period, looked_up=looked_up)
    adding = [model for model, seller in names if "reasoning" in cells and adds_reasoning(model, seller)]
    sql = calls_sql(typed, beside_models=beside, adding_models=adding, has_model="model" in cells)
    return sql, steps_of(names)


def _beside(asked: Callable[[str], list[tuple[Any, ...]]], sample: str, cells: Cells) -> list[str]:
    """Return the models of which some rows read more from a cache than their input counts: it is beside in all."""
    model = (
        f"coalesce({', '.join(f'trim(left(CAST({cell.sql} AS VARCHAR), 200))' for cell in cells['model'])})"
    )
    read, prompt, total = (number_of(cells, key) for key in ("read", "prompt", "total"))
    rows = f"SELECT {model} AS m, {read} AS r, {prompt} AS p, {total} AS n FROM {sample}"
    sql = (
        f"SELECT m FROM ({rows}) WHERE r > 0 AND n IS NULL GROUP BY m "
        f"HAVING count(*) FILTER (r > p) > {BESIDE_FROM_SHARE} * count(*) AND m IS NOT NULL"
    )
    return [str(row[0]) for row in asked(sql)]


def times_in(calls: str, table: PlainTable, cells: Cells, hours: list[int], share: float) -> str:
    """Return SQL for the times of the calls of some hours, of the first `share` of each.

    Where the log's time is a moment already, the rows of other hours are left out before anything else is read of them.
    """
    listed = ", ".join(map(str, hours))
    times = cells.get("time", [])
    if len(times) == 1 and times[0].type.startswith("TIMESTAMP"):
        kept = f"floor(epoch(CAST({times[0].sql} AS TIMESTAMP)) / 3600) IN ({listed})"
        calls = calls.replace(f"FROM {table.relation}", f"FROM (SELECT * FROM {table.relation} WHERE {kept})")
    return f"SELECT at_s FROM ({calls}) WHERE bad IS NULL AND floor(at_s / 3600) IN ({listed}) AND at_s % 3600 <= {3600 * share}"
