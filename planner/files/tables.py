"""Tables for other programs: CSV and Markdown, with every cell made safe."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from planner.files.safe_text import inert_cell, inert_markdown
from planner.units import NOT_AVAILABLE

Rows = Iterable[Mapping[str, Any]]


def as_csv(rows: Rows) -> str:
    """Return `rows` as CSV with a header; plain numbers, and text that a spreadsheet would run is quoted.

    >>> print(as_csv([{"name": "=1+1", "usd": -2.5}, {"name": "b", "gpus": 3}]), end="")
    name,usd,gpus
    '=1+1,-2.5,
    b,,3
    """
    rows = list(rows)
    names = _names(rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([inert_cell(name) for name in names])
    writer.writerows([_csv_cell(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def as_markdown(rows: Rows) -> str:
    r"""Return `rows` as a Markdown table, with number columns right-aligned.

    >>> print(as_markdown([{"name": "a|b", "usd": 1.5}]), end="")
    | name | usd |
    | --- | ---: |
    | a\|b | 1.5 |
    """
    rows = list(rows)
    names = _names(rows)
    if not names:
        return ""
    ruler = ["---:" if _numeric(row.get(name) for row in rows) else "---" for name in names]
    lines = [[inert_markdown(name) for name in names], ruler]
    lines += [[_markdown_cell(row.get(name)) for name in names] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _names(rows: list[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(column: Iterable[Any]) -> bool:
    values = [value for value in column if value is not None]
    return bool(values) and all(map(_is_number, values))


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if _is_number(value) else inert_cell(str(value))


def _markdown_cell(value: Any) -> str:
    if value is None:
        return NOT_AVAILABLE
    return str(value) if _is_number(value) else inert_markdown(str(value))
