"""One file of a log: what kind it is, which form its rows have, and its sums."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.words import unusable
from planner.records import dataclass
from planner.usage import plain_table
from planner.usage.containers import PARQUET, Source, encoding_of, head, shown
from planner.usage.engine import MixedLineEndsError, ask_columns, connect, shown_names
from planner.usage.formats import Format, bill_of, by_names, format_of, keys_of
from planner.usage.formats.server_logs import server_log_of
from planner.usage.joining import Joined, Tree, joined, leaves_only
from planner.usage.json_values import UNREADABLE, is_json, values_of
from planner.usage.names import CHOSEN
from planner.usage.plain_table import PlainTable
from planner.usage.reading import COUNTS, Row, leaves
from planner.usage.scan import Floats
from planner.usage.summing import StepsOf, Summed, TimeRule, sum_rows, sum_table, times_in
from planner.usage.tables import Layout, layout_of, rows_of

Progress = Callable[[float], None]

SAMPLE_VALUES = 300
DEEPEST_BRACKETS = 500
FIELD_OF = {
    "time": "time", "prompt_tokens": "prompt", "uncached_prompt_tokens": "fresh", "output_tokens": "output", "reasoning_tokens": "reasoning",
    "cache_read_tokens": "read", "cache_write_tokens": "write", "cache_write_1h_tokens": "write_1h", "total_tokens": "total",
    "requests": "count", "failed_requests": "failed_count", "model": "model", "provider": "seller", "cost_usd": "cost", "currency": "currency",
    "status": "status", "retries": "retries", "reused_answer": "cache_hit", "processing": "tier", "request_id": "request_id",
    "session": "session_id", "kind": "kind",
}  # fmt: skip
NAME_OF = {field: name for name, field in FIELD_OF.items()}


@dataclass(frozen=True)
class Asked:
    """What the user says of a log: columns of fields, how times are written, and whom to tell how far the reading is."""

    chosen: dict[str, str]
    times: TimeRule
    steps_of: StepsOf
    progress: Progress | None = None
    alone: bool = True  # no other file that could hold the same calls


@dataclass(frozen=True)
class OneFile:
    """The sums of one file, its form, the columns that were found, rows that were joined, and its times later on."""

    form: str
    summed: Summed
    columns: dict[str, str]
    joined: dict[str, int]
    names: tuple[str, ...]
    times_of: Callable[[list[int], float], Floats] | None = None
    extra: dict[str, float] = field(default_factory=dict)


def read_one(source: Source, asked: Asked, connection: Any, told: Joined) -> OneFile:
    """Return the sums of one file; raise ScenarioError in words where it is no log."""
    first = head(source)
    if first.startswith(PARQUET):
        return _parquet(source, asked, connection, told)
    encoding = encoding_of(first, source.name)
    text = first.decode(encoding, "replace").lstrip("\ufeff")
    if not text.strip():
        raise unusable(source.name, "is empty.")
    if _has_holes(source):
        raise unusable(source.name, "is no log: it holds neither text nor Parquet.")
    if is_json(text):
        if _depth(text) > DEEPEST_BRACKETS:
            raise unusable(source.name, f"can't be read: it nests deeper than {DEEPEST_BRACKETS} levels.")
        return _rows(source, lambda: values_of(source, encoding), asked, connection, told, delimiter="")
    return _table(source, text, encoding, asked, connection, told)


def _has_holes(source: Source) -> bool:
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
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"|[^{}\[\]"\n]', "", text):
        depth = 0 if bracket == "\n" and depth < 0 else depth + (1 if bracket in "{[" else -1 if bracket in "}]" else 0)
        deepest = max(deepest, depth)
    return deepest


def _parquet(source: Source, asked: Asked, connection: Any, told: Joined) -> OneFile:
    if source.plain is None:
        raise unusable(source.name, "is Parquet inside of an archive.", "Unpack it first.")
    table = plain_table.parquet(source.plain, source.name, connection)
    names = {name.replace('"', '""'): kind for name, kind in table.columns.items()}
    listed = ", ".join(f'"{name}"' for name in names)

    def values() -> Iterator[Any]:
        cursor = connection.cursor()
        cursor.execute(f"SELECT {listed} FROM {table.relation}", table.arguments)
        while rows := cursor.fetchmany(2_000):
            for row in rows:
                yield {name: _simple(value) for name, value in zip(table.columns, row, strict=True)}

    with _readable_parquet(source):
        sample = list(islice(values(), SAMPLE_VALUES))
    _refuse_bill(keys_of(sample), source)
    if asked.alone and plain_table.is_plain(table.columns, sample):
        found = _plain(source, table, asked, connection, sample, "")
        if found is not None:
            return found
    return _rows(source, values, asked, connection, told, delimiter="")


class _readable_parquet:  # noqa: N801 - reads as a statement
    """Say in words that a Parquet file can't be read."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        import duckdb  # noqa: PLC0415

        if isinstance(error, duckdb.Error):
            raise unusable(self.source.name, "can't be read as Parquet: it is damaged, or something else.") from None


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


def _table(source: Source, text: str, encoding: str, asked: Asked, connection: Any, told: Joined) -> OneFile:
    if problem := server_log_of(text):
        raise ScenarioError([problem], source=shown(source))
    layout = layout_of(text, asked.chosen.values(), source.name)
    sample = [row for row in islice(rows_of(source, encoding, layout), SAMPLE_VALUES) if row is not UNREADABLE]
    keys = keys_of(sample) | keys_of([dict.fromkeys(layout.names, 0)])
    _refuse_bill(keys, source)
    if layout.headless and not asked.chosen:
        hint = "Say what stands where, by number: --column time=1 --column model=2 --column prompt_tokens=3 --column output_tokens=4."
        raise ScenarioError([Problem("the file", "has no line of column names: the first line holds values.", hint)], source=shown(source))
    form = format_of([dict.fromkeys(layout.names, 0), *sample])
    simple = form.rows is by_names.rows and source.plain is not None and encoding in ("utf-8", "utf-8-sig") and asked.alone
    if simple and plain_table.is_plain(dict.fromkeys(layout.names, "VARCHAR"), sample):
        found = _csv(source, layout, asked, connection, sample)
        if found is not None:
            return found
    return _rows(source, lambda: rows_of(source, encoding, layout), asked, connection, told, delimiter=layout.delimiter)


def _csv(source: Source, layout: Layout, asked: Asked, connection: Any, sample: list[dict[str, Any]]) -> OneFile | None:
    assert source.plain is not None
    for lenient in (False, True):
        table = plain_table.csv_table(source.plain, source.name, layout, "utf-8", lenient=lenient)
        try:
            return _plain(source, table, asked, connection, sample, layout.delimiter)
        except MixedLineEndsError:
            continue
    return None


def _plain(source: Source, table: PlainTable, asked: Asked, connection: Any, sample: list[dict[str, Any]], delimiter: str) -> OneFile | None:
    """Return the sums of a table of plain values, None where rows of it must be joined first."""
    chosen = _known_columns(asked.chosen, list(table.columns), source)
    cells = plain_table.cells_of(table, chosen)
    if not plain_table.has_counts(cells):
        raise ScenarioError([missing(list(table.columns))], source=shown(source))
    if plain_table.ids_repeat(table, cells, connection):
        return None
    summed, calls = sum_table(
        table, cells, connection, times=asked.times, delimiter=delimiter, steps_of=asked.steps_of, progress=asked.progress
    )

    def times_of(hours: list[int], share: float) -> Floats:
        found = ask_columns(connection, times_in(calls, hours, share), table.arguments, asked.progress, name=table.name, kind=table.kind)
        return np.asarray(np.ma.filled(found["at_s"], np.nan), dtype=float)

    form = by_names.name_of(keys_of([dict.fromkeys(table.columns, 0)]))
    columns = {NAME_OF[key]: inert(_column_of(cell[0].sql)) for key, cell in cells.items() if key in NAME_OF}
    return OneFile(form, summed, columns, {}, tuple(table.columns), times_of if not summed.rejected or True else None)


def _column_of(sql: str) -> str:
    found = re.search(r'"((?:[^"]|"")*)"', sql)
    return found[1].replace('""', '"') if found else sql


def _rows(
    source: Source, values: Callable[[], Iterator[Any]], asked: Asked, connection: Any, told: Joined, *, delimiter: str
) -> OneFile:
    """Return the sums of a log that is read row by row."""
    sample = list(islice(values(), SAMPLE_VALUES))
    keys = keys_of(value for value in sample if value is not UNREADABLE)
    _refuse_bill(keys, source)
    form = format_of(value for value in sample if value is not UNREADABLE)
    names = _names(sample)
    chosen = _known_columns(asked.chosen, names, source) if asked.chosen else {}

    def raw() -> Iterator[Row]:
        return form.rows(_renamed(value, chosen) for value in values())

    rows: Iterable[Row] = raw()
    if any("parent" in row and "span" in row for row in form.rows(_renamed(value, chosen) for value in sample)):
        rows = leaves_only(rows, Tree.of(raw()), told)
    rows = joined(_in_cents(rows) if form.name in by_names.CENTS else rows, told)
    summed = sum_rows(
        rows, connection, name=source.name, times=asked.times, table_delimiter=delimiter, steps_of=asked.steps_of,
        progress=_by_count(asked.progress, source, sample),
    )  # fmt: skip
    if not summed.fields & set(COUNTS) and not {"images", "input_characters", "audio_seconds"} & summed.fields:
        raise ScenarioError([missing(names)], source=shown(source))
    return OneFile(form.name, summed, {}, dict(told.counts), tuple(names))


def _in_cents(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        cost = row.get("cost")
        yield row | {"cost": cost / 100} if isinstance(cost, int | float) and not isinstance(cost, bool) else row


def _by_count(progress: Progress | None, source: Source, sample: list[Any]) -> Callable[[int], None] | None:
    """Return what tells the share done by how many rows of the usual size a file has room for."""
    if progress is None or not sample:
        return None
    each = max(len(repr(sample[0])), 40)

    def tell(count: int) -> None:
        progress(min(count * each / max(source.size, 1), 1.0))

    return tell


def _names(sample: list[Any]) -> list[str]:
    """Return the dotted names of the leaves of some values, those inside of lists too."""
    found: dict[str, None] = {}

    def gather(value: Any) -> None:
        if isinstance(value, dict):
            for path, _ in leaves(value):
                found.setdefault(".".join(path))
            for each in value.values():
                if isinstance(each, list | dict):
                    gather(each)
        elif isinstance(value, list):
            for each in value[:20]:
                gather(each)

    for value in sample[:50]:
        gather(value)
    return list(found)[:2_000]


def _renamed(value: Any, chosen: dict[str, str]) -> Any:
    """Return a value in which the columns of the user's choice have the names of their fields."""
    if not chosen:
        return value
    if isinstance(value, list):
        return [_renamed(each, chosen) for each in value]
    if not isinstance(value, dict):
        return value
    out = {key: _renamed(each, chosen) for key, each in value.items()}
    for field_name, column in chosen.items():
        path = [column] if column in out else column.split(".")
        place: Any = out
        for part in path[:-1]:
            place = place.get(part) if isinstance(place, dict) else None
        if isinstance(place, dict) and path[-1] in place:
            place[CHOSEN + field_name] = place.pop(path[-1])
    return out


def _known_columns(chosen: dict[str, str], names: list[str], source: Source) -> dict[str, str]:
    """Return the columns of the user's choice by our fields; raise ScenarioError naming all that are not there."""
    problems, out = [], {}
    for name, column in chosen.items():
        if name not in FIELD_OF:
            hint = f"Those are {', '.join(FIELD_OF)}."
            problems.append(Problem(f"--column {inert(name)[:60]}", "is not what a column can say.", hint))
        elif column not in names:
            hint = f"Columns of the log: {shown_names(names)}."
            problems.append(Problem(f"--column {name}", f'names "{inert(column)[:80]}", which is not there.', hint))
        else:
            out[FIELD_OF[name]] = column
    if problems:
        raise ScenarioError(problems, source=shown(source))
    return out


def _refuse_bill(keys: set[str], source: Source) -> None:
    if problem := bill_of(keys):
        raise ScenarioError([problem], source=shown(source))


def missing(names: list[str]) -> Problem:
    """Return the problem of a log in which nothing counts tokens."""
    listed = shown_names(names) or "none that can be named"
    hint = f"Say which with --column prompt_tokens=NAME --column output_tokens=NAME. Columns of the log: {listed}."
    return Problem("the file", "has no column that is known to hold prompt_tokens and output_tokens.", hint)


def counted(source: Source, read: list[int]) -> Source:
    """Return a source that adds what is read of it to `read`."""

    class Counted(io.RawIOBase):
        def __init__(self) -> None:
            self.inner: BinaryIO = source.bytes_of()

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            held = self.inner.read(len(buffer))
            buffer[: len(held)] = held
            read[0] += len(held)
            return len(held)

    return replace(source, bytes_of=lambda: io.BufferedReader(Counted()))


__all__ = ["Asked", "Format", "OneFile", "connect", "counted", "missing", "read_one"]
