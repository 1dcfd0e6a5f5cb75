"""The header of a table of values: read here, so that nothing about it is left to a guess from the rows."""

import csv
import io

DELIMITERS = ",;\t|"
LONGEST_HEADER = 60_000
MOST_COLUMNS = 2_000


def csv_options(head: bytes, encoding: str) -> tuple[str, list[str]]:
    """Return the options that duckdb reads a table with, and the names of its columns.

    `head` is the beginning of the file. Blank lines before the header are passed over. Raises ValueError in words.
    """
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    body = text.lstrip("\r\n \t")
    skipped = text[: len(text) - len(body)].count("\n")
    first = body.split("\n", 1)[0]
    if len(first) >= LONGEST_HEADER:
        raise ValueError("begins with a line that is too long for names of columns.")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        named = next(csv.reader(io.StringIO(body[: LONGEST_HEADER * 2]), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise ValueError("begins with a line that holds no names of columns.") from None
    if len(named) > MOST_COLUMNS:
        raise ValueError(f"has more than {MOST_COLUMNS:,} columns.")
    names = unique([name.strip() for name in named])
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    options = (
        f"auto_detect=false, delim={literal(delimiter)}, quote='\"', escape='\"', header=true, skip={skipped}"
    )
    return f"{options}, encoding={literal(encoding)}, columns={{{columns}}}", names


def literal(text: str) -> str:
    """Return `text` as a literal of SQL.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''").replace("\0", "") + "'"


def unique(names: list[str]) -> list[str]:
    """Return names that all differ, also for a reader who minds no case: columns without a name get their place.

    >>> unique(["a", "", "A"])
    ['a', 'column 2', 'A 3']
    """
    out: list[str] = []
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        fresh = name or f"column {place}"
        while fresh.lower() in seen:
            fresh = f"{fresh} {place}"
        seen.add(fresh.lower())
        out.append(fresh)
    return out
