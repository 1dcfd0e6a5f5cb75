"""One file of a log: what kind it is, which form its rows have, and its sums."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, cast

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.os_errors import unusable
from planner.records import dataclass
from planner.usage import flat_json, logfmt, plain_table
from planner.usage.cells import Cell, Cells
from planner.usage.chosen_columns import NAME_OF, known_columns, missing, names_in, renamed
from planner.usage.containers import PARQUET, LogFile, encoding_of, head, shown
from planner.usage.engine import MixedLineEndsError, ask_columns
from planner.usage.formats import bill_of, by_names, format_of, keys_of
from planner.usage.formats.server_logs import server_log_of
from planner.usage.joining import JoinedRows, Tree, joined, leaves_only, without_sums
from planner.usage.json_values import UNREADABLE, in_lines, is_json, values_of
from planner.usage.logfmt import is_logfmt
from planner.usage.plain_table import PlainTable
from planner.usage.reading import COUNTS, MEANS, Row
from planner.usage.scan import Floats
from planner.usage.summing import StepsOf, Summed, TimeRule, sum_rows, sum_table, times_in
from planner.usage.tables import Layout, layout_of, rows_of
from planner.usage.told_by_values import models_in_columns, told_by_values
from planner.usage.values import literal

Progress = Callable[[float], None]

SAMPLE_VALUES = 300
DEEPEST_BRACKETS = 500
MOST_SHOWN = 5
COUNTED_OTHERWISE = frozenset(
    {"images", "input_characters", "audio_seconds", "rerank_searches", "input_document_pages"}
)


@dataclass(frozen=True)
class ReadOptions:
    """What reading a file takes: the user's columns and times, prices' steps, the engine, and what was joined so far.

    `alone` where no other file could hold the same calls; `progress` is told the share done.
    """

    chosen: dict[str, str]
    times: TimeRule
    steps_of: StepsOf
    connection: Any
    joined: JoinedRows
    progress: Progress | None = None
    alone: bool = True
    by_custom: dict[str, str] = field(default_factory=dict)  # columns by field, in this file

    def columns(self, names: list[str], name: str) -> dict[str, str]:
        """Return the columns whose meaning is given, by our fields: the user's before those of custom."""
        told = known_columns(self.chosen, names, name) if self.chosen else {}
        return {key: each for key, each in self.by_custom.items() if each not in told.values()} | told


@dataclass(frozen=True)
class OneFile:
    """The sums of one file, its form, the columns that were found, and the times of its calls later on."""

    form: str
    summed: Summed
    columns: dict[str, str]
    times_of: Callable[[list[int], float], Floats] | None = None


def read_one(source: LogFile, task: ReadOptions) -> OneFile:
    """Return the sums of one file; raise ScenarioError in words where it is no log."""
    first = head(source)
    if first.startswith(PARQUET):
        return _parquet(source, task)
    encoding = encoding_of(first, source.name)
    text = first.decode(encoding, "replace").lstrip("\ufeff")
    if not text.strip():
        raise unusable(source.name, "is empty.")
    if _has_holes(source):
        raise unusable(source.name, "is no log: it holds neither text nor Parquet.")
    if not is_json(text):
        if is_logfmt(text):
            return _rows(source, lambda: logfmt.values_of(source, encoding), task)
        return _table(source, text, encoding, task)
    if _depth(text) > DEEPEST_BRACKETS:
        raise unusable(source.name, f"can't be read: it nests deeper than {DEEPEST_BRACKETS} levels.")
    found = _flat(source, text, task) if encoding == "utf-8" else None
    return found or _rows(source, lambda: values_of(source, encoding), task)


def _flat(source: LogFile, text: str, task: ReadOptions) -> OneFile | None:
    """Return the sums of lines of JSON that are rows of a table, None where they must be read row by row.

    The first rows, and one of each shape, are read both ways: only what comes to the same is read as a table.
    """
    if source.plain is None or source.size < flat_json.FROM_BYTES or not task.alone or not in_lines(text):
        return None
    sample = _first(values_of(source, "utf-8"))
    form = format_of(value for value in sample if value is not UNREADABLE)
    if form.rows is not by_names.rows:
        return None
    found = flat_json.json_table(source.plain, source.name, task.connection)
    if found is None or not all(isinstance(value, dict) for value in sample):
        return None
    table, values = found[0], sample + found[1]
    if not plain_table.is_plain(table.columns, values):
        return None
    task = _with_custom(task, sample, form.name)
    chosen = task.columns(names_in(sample), source.name)
    if not set(chosen.values()) <= table.columns.keys():
        return None
    cells = flat_json.with_own_currency(_cells(table, chosen, form.name))
    if not plain_table.has_counts(cells):
        return None
    rows = _of_form(form.rows(renamed(value, chosen) for value in values), form.name)
    by_row = sum_rows(
        rows,
        task.connection,
        name=source.name,
        times=task.times,
        delimiter="",
        steps_of=task.steps_of,
        progress=None,
    )
    as_table, _ = sum_table(
        flat_json.first_rows(table, values, task.connection), cells, task.connection, times=task.times, delimiter="",
        steps_of=task.steps_of, progress=None,
    )  # fmt: skip
    if not flat_json.same(by_row, as_table):
        return None
    summed = _summed(table, cells, form.name, task)
    return None if summed is None else replace(summed, columns={})


def _has_holes(source: LogFile) -> bool:
    """Whether the middle or the end of a file is empty space, as in one that was never written in full."""
    if source.plain is None:
        return False
    with source.plain.open("rb") as file:
        for place in (source.size // 2, max(source.size - 65_536, 0)):
            file.seek(place)
            if b"\0" * 64 in file.read(65_536):
                return True
    return False


def _depth(text: str) -> int:
    """Return how deep the brackets of a JSON text nest, those inside of its strings not counted."""
    deepest = depth = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"|[^{}\[\]"]', "", text):
        depth = max(depth + (1 if bracket in "{[" else -1), 0)
        deepest = max(deepest, depth)
    return deepest


def _parquet(source: LogFile, task: ReadOptions) -> OneFile:
    if source.plain is None:
        raise unusable(source.name, "is Parquet inside of an archive.", "Unpack it first.")
    table = plain_table.parquet(source.plain, source.name, task.connection)
    listed = ", ".join(plain_table.quoted(name) for name in table.columns)

    def values() -> Iterator[Any]:
        with _as_parquet(source):
            cursor = task.connection.cursor()
            cursor.execute(f"SELECT {listed} FROM {table.relation}", table.arguments)
            while rows := cursor.fetchmany(2_000):
                for row in rows:
                    yield {name: _simple(value) for name, value in zip(table.columns, row, strict=True)}

    sample = _first(values())
    _refuse_bill(keys_of(sample), source)
    if task.alone and plain_table.is_plain(table.columns, sample):
        found = _plain(source, table, _with_custom(task, sample, ""))
        if found is not None:
            return found
    return _rows(source, values, task)


def _first(values: Iterator[Any]) -> list[Any]:
    """Return the first values of a stream, and close it."""
    with closing(cast("Generator[Any, None, None]", values)) as stream:
        return list(islice(stream, SAMPLE_VALUES))


@contextmanager
def _as_parquet(source: LogFile) -> Iterator[None]:
    """Say in words that a Parquet file can't be read."""
    import duckdb  # noqa: PLC0415 - an extra, loaded for a log that needs it

    try:
        yield
    except duckdb.Error:
        raise unusable(source.name, "can't be read as Parquet: it is damaged, or something else.") from None


def _simple(value: Any) -> Any:
    """Return a value of Parquet as JSON would have it."""
    if isinstance(value, datetime):
        return value.isoformat() + ("" if value.tzinfo else "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): _simple(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_simple(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else None


def _table(source: LogFile, text: str, encoding: str, task: ReadOptions) -> OneFile:
    if problem := server_log_of(text):
        raise ScenarioError([problem], source=shown(source))
    layout = layout_of(text, task.chosen.values(), source.name)
    sample = [row for row in _first(rows_of(source, encoding, layout)) if row is not UNREADABLE]
    header = dict.fromkeys(layout.names, 0)
    _refuse_bill(keys_of([header, *sample]), source)
    _refuse_columns_by_model(layout.names, source)
    if layout.headless and not layout.dumped and not task.chosen:
        what = "has no line of column names: the first line holds values."
        hint = "Say what stands where, by number: --column time=1 --column model=2 --column prompt_tokens=3 --column output_tokens=4."
        raise ScenarioError([Problem("the file", what, hint)], source=shown(source))
    simple = (
        encoding in ("utf-8", "utf-8-sig")
        and task.alone
        and not layout.dumped
        and format_of([header, *sample]).rows is by_names.rows
    )
    if simple and plain_table.is_plain(dict.fromkeys(layout.names, "VARCHAR"), sample):
        found = _csv(source, layout, _with_custom(task, sample, ""))
        if found is not None:
            return found
    return _rows(source, lambda: rows_of(source, encoding, layout), task, delimiter=layout.delimiter)


def _refuse_columns_by_model(names: list[str], source: LogFile) -> None:
    models = models_in_columns(names)
    if models:
        what = f"has columns for several models ({', '.join(map(inert, models[:MOST_SHOWN]))}): which requests are whose is not told."
        hint = "Write a row for each model, with its name in a column."
        raise ScenarioError([Problem("the file", what, hint)], source=shown(source))


def _csv(source: LogFile, layout: Layout, task: ReadOptions) -> OneFile | None:
    """Return the sums of a table of plain values on disk, None where it must be read row by row."""
    if source.plain is None:
        return None
    for lenient in (False, True):
        table = plain_table.csv_table(source.plain, source.name, layout, lenient=lenient)
        try:
            return _plain(source, table, task, layout.delimiter)
        except MixedLineEndsError:
            continue
    return None


def _plain(source: LogFile, table: PlainTable, task: ReadOptions, delimiter: str = "") -> OneFile | None:
    """Return the sums of a table of plain values, None where rows of it must be joined first."""
    chosen = task.columns(list(table.columns), source.name)
    form = by_names.name_of(keys_of([dict.fromkeys(table.columns, 0)]))
    cells = _cells(table, chosen, form)
    if not plain_table.has_counts(cells):
        raise ScenarioError([missing(list(table.columns))], source=shown(source))
    return _summed(table, cells, form, task, delimiter)


def _cells(table: PlainTable, chosen: dict[str, str], form: str) -> Cells:
    """Return where the fields of a table are read, with what its form has by custom."""
    cells = plain_table.cells_of(table, chosen)
    if form in by_names.SELLERS:
        cells["seller"] = [Cell(literal(by_names.SELLERS[form]))]
    if form in by_names.CENTS and "cost" in cells:
        cost = cells["cost"][0]
        cells["cost"] = [Cell(f"{f'amount({cost.sql})' if cost.is_text else cost.sql} / 100", "DOUBLE")]
    return cells


def _summed(
    table: PlainTable, cells: Cells, form: str, task: ReadOptions, delimiter: str = ""
) -> OneFile | None:
    """Return the sums of a table whose cells are known, None where rows of it must be joined first."""
    if plain_table.ids_repeat(table, cells, task.connection):
        return None
    summed, calls = sum_table(
        table,
        cells,
        task.connection,
        times=task.times,
        delimiter=delimiter,
        steps_of=task.steps_of,
        progress=task.progress,
    )

    def times_of(hours: list[int], share: float) -> Floats:
        sql = times_in(calls, table, cells, hours, share)
        found = ask_columns(
            task.connection, sql, table.arguments, task.progress, name=table.name, kind=table.kind
        )
        return np.asarray(np.ma.filled(found["at_s"], np.nan), dtype=float)

    columns = {NAME_OF[key]: inert(_column_of(cell[0].sql)) for key, cell in cells.items() if key in NAME_OF}
    return OneFile(form, summed, columns, times_of)


def _column_of(sql: str) -> str:
    found = re.search(r'"((?:[^"]|"")*)"', sql)
    return found[1].replace('""', '"') if found else sql


def _rows(
    source: LogFile, values: Callable[[], Iterator[Any]], task: ReadOptions, delimiter: str = ""
) -> OneFile:
    """Return the sums of a log that is read row by row."""
    sample = _first(values())
    held = [value for value in sample if value is not UNREADABLE]
    _refuse_bill(keys_of(held), source)
    form, names = format_of(held), names_in(sample)
    chosen = _with_custom(task, held, form.name).columns(names, source.name)

    def raw(some: Iterable[Any]) -> Iterator[Row]:
        return form.rows(renamed(value, chosen) for value in some)

    rows: Iterable[Row] = raw(values())
    if any("parent" in row and "span" in row for row in raw(sample)):
        rows = leaves_only(rows, Tree.of(raw(values())), task.joined)
    rows = joined(without_sums(_of_form(rows, form.name), task.joined), task.joined)
    summed = sum_rows(
        rows, task.connection, name=source.name, times=task.times, delimiter=delimiter, steps_of=task.steps_of,
        progress=_by_count(task.progress, source, sample),
    )  # fmt: skip
    if not summed.fields & {*COUNTS, *MEANS} and not COUNTED_OTHERWISE & summed.fields:
        raise ScenarioError([missing(names)], source=shown(source))
    return OneFile(form.name, summed, {})


def _with_custom(task: ReadOptions, sample: list[Any], form: str) -> ReadOptions:
    """Return the task with the columns that have a meaning in this file only: by its form, or as nothing else counts."""
    return replace(task, by_custom=by_names.COLUMNS.get(form, {}) | told_by_values(sample))


def _of_form(rows: Iterable[Row], form: str) -> Iterable[Row]:
    """Return rows with what a form has by custom: who sells, and costs in cents."""
    seller = by_names.SELLERS.get(form)
    if seller:
        return (row | {"seller": seller} for row in rows)
    return map(_in_dollars, rows) if form in by_names.CENTS else rows


def _in_dollars(row: Row) -> Row:
    cost = row.get("cost")
    return row | {"cost": cost / 100} if isinstance(cost, int | float) and not isinstance(cost, bool) else row


def _by_count(progress: Progress | None, source: LogFile, sample: list[Any]) -> Callable[[int], None] | None:
    """Return what tells the share done, by how many rows of the usual size a file has room for."""
    if progress is None or not sample:
        return None
    each = max(len(repr(sample[0])), 40)
    return lambda count: progress(min(count * each / max(source.size, 1), 1.0))


def _refuse_bill(keys: set[str], source: LogFile) -> None:
    if problem := bill_of(keys):
        raise ScenarioError([problem], source=shown(source))
