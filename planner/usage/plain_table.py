"""Tables whose every row is one call, in cells of their own: read by duckdb in a stream, whatever their size."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from planner.records import dataclass
from planner.usage.cells import Cell, Cells
from planner.usage.engine import ask
from planner.usage.labels import CONTENT, alternatives
from planner.usage.names import Meaning, meaning, plain
from planner.usage.outcomes import TOLD
from planner.usage.reading import (
    COUNTS,
    FIELDS,
    MEANS,
    NO_MODEL,
    NOTHING,
    NUMBERS,
    STANDARD,
    SURE_TIER,
    TIER_WORD,
)
from planner.usage.tables import Layout
from planner.usage.values import literal, period_named

LONGEST_ROW_BYTES = 16_000_000
MOST_REJECTS_KEPT = 100_000
_GLOB = re.compile(r"([*?\[\]])")
_SAMPLE = 300
_NUMERIC = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
)


@dataclass(frozen=True)
class PlainTable:
    """A table on disk: SQL for its rows and what that takes, its columns with their types, and its kind."""

    name: str
    kind: str
    relation: str
    arguments: tuple[Any, ...]
    columns: dict[str, str]


def parquet(path: Path, name: str, connection: Any) -> PlainTable:
    """Return the table of a Parquet file."""
    table = PlainTable(name, "parquet", "read_parquet(?)", (pattern(path),), {})
    described = ask(
        connection, f"DESCRIBE SELECT * FROM {table.relation}", table.arguments, name=name, kind="parquet"
    )
    return replace(table, columns={row[0]: row[1] for row in described})


def csv_table(path: Path, name: str, layout: Layout, *, lenient: bool) -> PlainTable:
    """Return the table of a file of comma-separated values; `lenient` takes lines that end in several ways."""
    options = f"{layout.options('utf-8')}, strict_mode={str(not lenient).lower()}, store_rejects=true"
    options += f", rejects_limit={MOST_REJECTS_KEPT}, max_line_size={LONGEST_ROW_BYTES}, buffer_size={2 * LONGEST_ROW_BYTES}"
    kind = "lenient csv" if lenient else "csv"
    return PlainTable(
        name, kind, f"read_csv(?, {options})", (pattern(path),), dict.fromkeys(layout.names, "VARCHAR")
    )


def pattern(path: Path) -> str:
    """Return a path as duckdb takes it."""
    return _GLOB.sub(r"[\1]", str(path))  # the name is no pattern


def is_plain(columns: dict[str, str], sample: list[dict[str, Any]]) -> bool:
    """Whether every column that matters holds plain values: no JSON in a text, no struct, no spans above others."""
    for name, kind in columns.items():
        if plain(name) in CONTENT:
            continue
        if kind.startswith(("STRUCT", "MAP")) or kind.endswith("[]") or kind == "JSON":
            return False
        values = [row.get(name) for row in sample]
        texts = [value for value in values if isinstance(value, str)]
        if any(text.lstrip().startswith("{") and re.search(r"oken|usage|model", text) for text in texts):
            return False
        if "parent" in alternatives(plain(name)) and any(
            str(value).strip().lower() not in NOTHING for value in values if value is not None
        ):
            return False
    return True


def cells_of(table: PlainTable, chosen: dict[str, str]) -> Cells:
    """Return where each field is read: the columns that may hold it, the surest first; a row takes the first that does."""
    told: dict[str, list[tuple[int, int, str, Meaning]]] = {}
    for place, name in enumerate(table.columns):
        known = meaning((name,))
        if known is not None and known.field not in chosen and name not in chosen.values():
            told.setdefault(known.field, []).append((known.rank, place, name, known))
        for field, rank in alternatives(plain(name)).items():
            if field == "kind" and (known is None or known.field != "kind"):
                told.setdefault(field, []).append((rank, place, name, Meaning(field, rank)))
    cells: Cells = {}
    for field, options in told.items():
        if field in FIELDS or field in ("time", "end_time"):
            cells[field] = [
                _cell(table, name, known, field)
                for _, _, name, known in sorted(options, key=lambda one: one[:2])
            ]
    _drop_weak_times(cells, told)
    for field, name in chosen.items():
        cells[field] = [_cell(table, name, Meaning(field, -1), field)]
    _conventions(cells, told)
    first = next(iter(table.columns), None)
    if first is not None and plain(first) not in CONTENT and table.kind.endswith("csv"):
        cells["first"] = [Cell(quoted(first))]
    return cells


def _drop_weak_times(cells: Cells, told: dict[str, list[tuple[int, int, str, Meaning]]]) -> None:
    """Leave `time`, `hour` and the like alone where a surer column holds when, but for a time of day beside a date."""
    options = sorted(told.get("time", ()), key=lambda one: one[:2])
    weak = {"time", "hour", "month", "start", "timeutc", "uhrzeit", "heure", "hora", "timeofday"}
    if len(options) > 1 and plain(options[0][2]) not in weak | {
        "date",
        "day",
        "datum",
        "fecha",
        "requestdate",
        "usagedate",
    }:
        cells["time"] = [
            cell for cell, one in zip(cells["time"], options, strict=True) if plain(one[2]) not in weak
        ]


def _conventions(cells: Cells, told: dict[str, list[tuple[int, int, str, Meaning]]]) -> None:
    """Add what names say of all rows: whether cached tokens are beside the input, the currency of a cost, the period of a time."""
    prompts = [plain(one[2]) for one in sorted(told.get("prompt", ()), key=lambda one: one[:2])]
    named = any(
        one[3].beside for field in ("read", "write", "write_1h", "write_5m") for one in told.get(field, ())
    )
    if (named and prompts and "prompt" not in prompts[0]) or (
        prompts and min(told["prompt"], key=lambda one: one[:2])[3].beside
    ):
        cells["beside"] = [Cell("'true'")]
    outputs = sorted(told.get("output", ()), key=lambda one: one[:2])
    if outputs and "completion" in plain(outputs[0][2]):
        cells["thought_beside"] = [Cell("'true'")]
    costs = [
        one[3].currency
        for one in sorted([*told.get("cost", ()), *told.get("mean_cost", ())], key=lambda one: one[:2])
        if one[3].currency
    ]
    if costs and "currency" not in cells:
        cells["currency"] = [Cell(literal(costs[0]))]
    times = sorted(told.get("time", ()), key=lambda one: one[:2])
    if times and "end_time" not in cells and (period := period_named(times[0][2])):
        cells["period"] = [Cell(literal(period))]


def quoted(name: str) -> str:
    """Return the name of a column as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _cell(table: PlainTable, name: str, known: Meaning, field: str) -> Cell:
    """Return the cell of a column: texts that say nothing are NULL, a tier is NULL where it is the standard one."""
    kind = table.columns[name]
    numeric = kind.startswith(_NUMERIC)
    sql = quoted(name)
    if kind.startswith(("TIMESTAMP", "DATE")) and field in ("time", "end_time"):
        return Cell(sql, kind)
    if numeric and field not in ("time", "end_time", "tier", "model", "seller"):
        return Cell(f"{sql} * {known.scale}" if known.scale != 1.0 else sql, "DOUBLE")
    text = f"trim(CAST({sql} AS VARCHAR))" if kind != "VARCHAR" else f"trim({sql})"
    gone = NO_MODEL if field == "model" else NOTHING
    if field == "status" and plain(name) == "result":  # of many logs it is what was answered
        return Cell(f"CASE WHEN lower({text}) IN ({', '.join(map(literal, sorted(TOLD)))}) THEN {text} END")
    if field in NUMBERS and field not in ("cost", "mean_cost"):  # a word that says nothing is no number
        return Cell(text) if known.scale == 1.0 else Cell(f"number({text}) * {known.scale}", "DOUBLE")
    if field == "tier":
        return Cell(_tier_sql(text, plain(name), sure=known.rank < 0))
    text = f"CASE WHEN lower({text}) NOT IN ({', '.join(map(literal, sorted(gone)))}) THEN {text} END"
    if field in ("cost", "mean_cost") and known.scale != 1.0:
        return Cell(f"amount({text}) * {known.scale}", "DOUBLE")
    if field == "error":
        return Cell(
            f"CASE WHEN regexp_full_match(lower({text}), '[\\w.:\\- ]{{1,40}}') THEN {text} WHEN {text} IS NOT NULL THEN 'error' END"
        )
    return Cell(text)


def _tier_sql(text: str, name: str, *, sure: bool) -> str:
    if "batch" in name:
        return f"CASE WHEN lower({text}) IN ('true', '1', 'yes', 'batch') THEN 'batch' END"
    told = f"lower({text}) NOT IN ({', '.join(map(literal, sorted(STANDARD)))})"
    if not sure and not SURE_TIER.search(name):
        told += f" AND regexp_matches(lower({text}), {literal(TIER_WORD.pattern)})"
    return f"CASE WHEN {told} THEN lower({text}) END"


def has_counts(cells: Cells) -> bool:
    """Whether any column counts tokens."""
    return any(field in cells for field in (*COUNTS, *MEANS))


def ids_repeat(table: PlainTable, cells: Cells, connection: Any) -> bool:
    """Whether two rows of a table have one id; read as numbers of 8 bytes, so that ten million are 80 MB."""
    if "request_id" not in cells or "count" in cells:
        return False
    sql = f"SELECT hash({cells['request_id'][0].sql}) AS h FROM {table.relation} WHERE {cells['request_id'][0].sql} IS NOT NULL"
    import duckdb  # noqa: PLC0415 - an extra, loaded for a log that needs it

    try:
        found = connection.execute(sql, table.arguments).fetchnumpy()["h"]
    except duckdb.Error:
        return False
    hashes = np.sort(np.asarray(np.ma.filled(found, 0), dtype=np.uint64))
    return bool(np.any(hashes[1:] == hashes[:-1]))


def rejected(table: PlainTable, connection: Any) -> int:
    """Return how many lines of a table were given up, by the number of their lines."""
    if not table.kind.endswith("csv"):
        return 0
    counted = (
        "SELECT count(DISTINCT line) AS n FROM reject_errors WHERE error_type != 'CAST' GROUP BY scan_id"
    )
    return int(
        ask(connection, f"SELECT coalesce(max(n), 0) FROM ({counted})", name=table.name, kind="parquet")[0][0]
    )
