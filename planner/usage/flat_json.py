"""Lines of JSON that are rows of a table: read by duckdb in a stream where that reads the same as row by row."""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from planner.usage.cells import Cell, Cells
from planner.usage.labels import CONTENT
from planner.usage.names import plain
from planner.usage.plain_table import PlainTable, is_plain, pattern, quoted
from planner.usage.reading import ITEM_NAMES, LONGEST_WORD
from planner.usage.scan import KEYS, merged
from planner.usage.summing import Summed, text_column
from planner.usage.values import literal

FROM_BYTES = 2_000_000  # smaller logs are read row by row in less time than the look at all rows takes
LONGEST_LINE = 16_000_000
MOST_SHAPES = 300
MOST_KEYS = 500
ROWS = "first_rows"  # what the first rows are called in SQL


def json_table(path: Path, name: str, connection: Any) -> tuple[PlainTable, list[Any]] | None:
    """Return the table that lines of JSON are, and a row of each shape that they have; None where they are no table.

    Every line is looked at: rows in a list or an object, JSON in a text, and lines that can't be read are for the
    reading row by row.
    """
    import duckdb  # noqa: PLC0415 - an extra, loaded for a log that needs it

    where = f"read_ndjson_objects(?, maximum_object_size={LONGEST_LINE})"
    nested = "contains(CAST(json AS VARCHAR), ':\"{') OR contains(CAST(json AS VARCHAR), ': \"{')"
    sql = (
        f"SELECT shape, nested, any_value(row_text), count(*) AS n FROM (SELECT CAST(json_structure(json) AS VARCHAR) AS shape, "
        f"CAST(json AS VARCHAR) AS row_text, {nested} AS nested FROM {where}) GROUP BY shape, nested "
        f"ORDER BY nested DESC, n DESC LIMIT {MOST_SHAPES + 1}"
    )
    try:
        shapes = connection.execute(sql, (pattern(path),)).fetchall()
        examples = [json.loads(row[2]) for row in shapes]
        columns = _columns([_keys(row[0]) for row in shapes])
    except (duckdb.Error, ValueError, RecursionError):
        return None
    if not columns or len(shapes) > MOST_SHAPES or any(row[1] for row in shapes):
        return None
    types = dict.fromkeys(columns, "VARCHAR")
    listed = ", ".join(f"{literal(key)}: 'VARCHAR'" for key in columns)
    held = f"read_json(?, format='newline_delimited', auto_detect=false, maximum_object_size={LONGEST_LINE}, columns={{{listed}}})"
    table = PlainTable(name, "rows", _short_words(columns, held), (pattern(path),), types)
    return (table, examples) if is_plain(types, examples) else None


def _keys(shape: str) -> dict[str, Any]:
    """Return the keys of a row with the types of their values; raise ValueError where it is no row of a table."""
    held = json.loads(shape, object_pairs_hook=_once)
    if not isinstance(held, dict) or not all(_is_cell(plain(key), kind) for key, kind in held.items()):
        raise ValueError
    return held


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys differ, also for a reader who minds no case."""
    if len({key.lower() for key, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _is_cell(name: str, kind: Any) -> bool:
    """Whether a value is a cell, or something that a reading row by row passes over."""
    if isinstance(kind, str):
        return kind != "JSON"
    if isinstance(kind, dict):  # below content only numbers count, one step down
        return name in CONTENT and all(
            not isinstance(each, str) or each in ("VARCHAR", "NULL") for each in kind.values()
        )
    items = kind[0] if kind else "NULL"
    if isinstance(items, str):
        return items != "JSON" and name not in ("results", "result")
    return name in CONTENT and isinstance(items, dict) and not items.keys() & set(ITEM_NAMES)


def _columns(shapes: list[dict[str, Any]]) -> list[str]:
    """Return the keys that hold cells; none where rows have them in several orders, which decides between equal names."""
    cells = [[key for key, kind in shape.items() if isinstance(kind, str)] for shape in shapes]
    columns = list(dict.fromkeys(key for keys in sorted(cells, key=len, reverse=True) for key in keys))
    place = {key: index for index, key in enumerate(columns)}
    ordered = all(place[one] < place[other] for keys in cells for one, other in pairwise(keys))
    return columns if ordered and len({key.lower() for key in columns}) == len(columns) <= MOST_KEYS else []


def _short_words(columns: Iterable[str], relation: str) -> str:
    """Return SQL for rows without the long texts and infinite numbers that a reading row by row passes over."""
    kept = ", ".join(
        f"CASE WHEN length({quoted(key)}) <= {LONGEST_WORD} AND {quoted(key)} NOT IN ('Infinity', '-Infinity') "
        f"THEN {quoted(key)} END AS {quoted(key)}"
        for key in columns
    )
    return f"(SELECT {kept} FROM {relation})"


def first_rows(table: PlainTable, values: list[dict[str, Any]], connection: Any) -> PlainTable:
    """Return some values as the table that they would be."""
    connection.register(ROWS, {key: text_column(values, key) for key in table.columns})
    return replace(table, relation=_short_words(table.columns, ROWS), arguments=())


def with_own_currency(cells: Cells) -> Cells:
    """Return cells in which a currency that the name of a cost tells is told only of rows that have a cost."""
    if "cost" not in cells or not cells.get("currency", [Cell('"')])[0].sql.startswith("'"):
        return cells
    known = " OR ".join(f"{cell.sql} IS NOT NULL" for cell in cells["cost"])
    return cells | {"currency": [Cell(f"CASE WHEN {known} THEN {cells['currency'][0].sql} END")]}


def same(one: Summed, other: Summed) -> bool:
    """Whether two readings of the same rows come to the same sums."""
    if (one.dated, one.ambiguous_dates, one.manner.day_first) != (
        other.dated,
        other.ambiguous_dates,
        other.manner.day_first,
    ):
        return False
    first, second = _by_key(one), _by_key(other)
    return first.keys() == second.keys() and all(
        np.allclose(first[key], second[key], rtol=1e-9, equal_nan=True) for key in first
    )


def _by_key(summed: Summed) -> dict[tuple[str, ...], list[float]]:
    table = merged(summed.tables)
    return {
        tuple(str(table[name][index]) for name in KEYS): [
            float(values[index]) for name, values in table.items() if name not in KEYS
        ]
        for index in range(len(table["n"]))
    }
