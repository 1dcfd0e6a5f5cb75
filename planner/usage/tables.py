"""A table of values as text: where its header is, what divides its cells, how its numbers and dates are written."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from planner.files.os_errors import unusable
from planner.records import dataclass
from planner.usage.containers import LogFile, readable, text_of
from planner.usage.json_values import UNREADABLE
from planner.usage.names import meaning
from planner.usage.reading import COUNTS
from planner.usage.values import literal

DELIMITERS = ",;\t|"
LONGEST_HEADER = 60_000
MOST_COLUMNS = 2_000
LONGEST_CELL = 16_000_000
PREAMBLE_LINES = 40
LAST_MONTH, LAST_DAY = 12, 31
MOST_YEARS = 2  # in the first rows of a log: more numbers that change slowly are days
_COMMA = re.compile(r"^[^\d-]*-?(?:0,\d+|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d{1,2}|\d+,\d{4,})\D*$")
_SURE_COMMA = re.compile(r"^[^\d-]*-?(?:0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}|\d+,\d{4,})\D*$")
_POINT = re.compile(
    r"^[^\d-]*-?(?:0?\.\d+|0\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d+\.\d{1,2}|\d+\.\d{4,})(?:[eE][-+]?\d+)?\D*$"
)
_TWO_POINTS = re.compile(r"^\s*-?\d{1,3}(?:\.\d{3}){2,}\s*$")
_ONE_POINT = re.compile(r"^\s*[1-9]\d{0,2}\.\d{3}\s*$")
_VALUE = re.compile(r"^(?:[{\[]|\d{4}-\d\d|[-+$€]?[\d.,]+$)")  # no name of a column begins so
_COPY = re.compile(r"^COPY [\w.\"]+ \(([^)]+)\) FROM stdin;\r?$", re.MULTILINE)
_END_OF_COPY = ["\\."]
_SHORT_DATE = re.compile(r"^\s*(\d{2})[/-](\d{1,2})[/-](\d{1,2})(?!\d)")
_DATE = re.compile(r"^\s*(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})\b")


@dataclass(frozen=True)
class Layout:
    """How a table is laid out: what divides cells, the lines above its header, and the names of its columns.

    Names are places ("1", "2") where a table has no header (`headless`), but for a dump of Postgres (`dumped`), which names
    them in its COPY.
    """

    delimiter: str
    skipped: int
    names: list[str]
    headless: bool
    dumped: bool = False

    def options(self, encoding: str) -> str:
        """Return the options that duckdb reads the table with."""
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.names)
        header = str(not self.headless).lower()
        return (
            f"auto_detect=false, delim={literal(self.delimiter)}, quote='\"', escape='\"', header={header}, skip={self.skipped}, "
            f"encoding={literal(encoding)}, columns={{{columns}}}"
        )


def layout_of(text: str, wanted: Iterable[str], name: str) -> Layout:
    """Return the layout of a table that begins like `text`; `wanted` are names of columns by the user's word."""
    body = text.removeprefix("\ufeff")
    if dump := _COPY.search(body):
        names = [one.strip().strip('"') for one in dump[1].split(",")]
        return Layout("\t", body[: dump.end()].count("\n") + 1, unique(names), headless=True, dumped=True)
    best: tuple[tuple[int, int, int], str, int, list[str]] | None = None
    for delimiter in DELIMITERS:
        for place, row in _first_rows(body, delimiter):
            score = _score(row, set(wanted))
            if score is not None and (best is None or score > best[0]):
                best = (score, delimiter, place, row)
    if best is None:
        return _unnamed(body, name)
    _, delimiter, place, row = best
    return Layout(delimiter, place, unique([cell.strip() for cell in row]), headless=False)


def _first_rows(body: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first lines as rows, with how many lines stand above each."""
    for place, line in enumerate(body.split("\n")[:PREAMBLE_LINES]):
        if delimiter in line and len(line) < LONGEST_HEADER:
            try:
                row = next(csv.reader(io.StringIO(line.rstrip("\r")), delimiter=delimiter), [])
            except csv.Error:
                continue
            if 1 < len(row) <= MOST_COLUMNS:
                yield place, row


def _score(row: list[str], wanted: set[str]) -> tuple[int, int, int] | None:
    """Return how much a row looks like names of columns: names of tokens, names of anything, cells; None: not at all."""
    cells = [cell.strip() for cell in row]
    told = [one for cell in cells if cell and len(cell) < 120 and (one := meaning((cell,)))]
    tokens = sum(one.field in COUNTS for one in told) + 2 * len(wanted & set(cells))
    if not told and not tokens:
        return None
    if any(_VALUE.match(cell) for cell in cells):
        return None
    return (min(tokens, 2), len(told) + len(wanted & set(cells)), len(cells))


def _unnamed(body: str, name: str) -> Layout:
    """Return the layout of a table whose header says nothing, or that has none."""
    lines = body.lstrip("\r\n \t")
    skipped = body[: len(body) - len(lines)].count("\n")
    first = lines.split("\n", 1)[0]
    if len(first) >= LONGEST_HEADER:
        raise unusable(name, "begins with a line that is too long for names of columns.")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        row = next(csv.reader(io.StringIO(lines[: LONGEST_HEADER * 2]), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise unusable(name, "begins with a line that holds no names of columns.") from None
    if len(row) > MOST_COLUMNS:
        raise unusable(name, f"has more than {MOST_COLUMNS:,} columns.")
    cells = [cell.strip() for cell in row]
    headless = any(re.fullmatch(r"[-+]?[\d.,:]+|\d{4}-\d\d.*", cell) for cell in cells)
    names = [str(place) for place in range(1, len(cells) + 1)] if headless else unique(cells)
    return Layout(delimiter, skipped, names, headless)


def rows_of(source: LogFile, encoding: str, layout: Layout) -> Iterator[Any]:
    """Yield the rows of a table as mappings, `UNREADABLE` for one with more or fewer cells than there are columns."""
    csv.field_size_limit(LONGEST_CELL)
    with text_of(source, encoding) as file, readable(source):
        for _ in range(layout.skipped):
            file.readline(LONGEST_CELL)
        reader = csv.reader(file, delimiter=layout.delimiter)
        if not layout.headless:
            next(reader, None)
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                yield UNREADABLE
                continue
            if row is None or (layout.dumped and row == _END_OF_COPY):
                return
            if not row or row == [""]:
                continue
            yield dict(zip(layout.names, row, strict=True)) if len(row) == len(layout.names) else UNREADABLE


def decimal_comma(cells: Iterable[str], delimiter: str) -> bool:
    """Whether a table writes 0,5 for a half, by its cells of numbers; where they tell nothing, by what divides them.

    >>> decimal_comma(["0,0035", "1.000"], ";"), decimal_comma(["1,000", "0.5"], ","), decimal_comma(["1.000"], ";")
    (True, False, True)
    """
    sure = point = loose = 0
    for cell in cells:
        sure += bool(_SURE_COMMA.match(cell) or _TWO_POINTS.match(cell))
        loose += bool(_COMMA.match(cell))
        point += bool(_POINT.match(cell))
    return sure > point or (sure == point == 0 and loose > 0 and delimiter == ";")


def points_in_thousands(counts: Iterable[str]) -> bool:
    """Whether whole counts are written 1.234 for a thousand and more: all that have a point have three digits behind it.

    >>> points_in_thousands(["1.234", "2.500"]), points_in_thousands(["1.234", "512"]), points_in_thousands(["1000.0"])
    (True, True, False)
    """
    dotted = [cell for cell in counts if "." in cell]
    return bool(dotted) and all(_ONE_POINT.match(cell) or _TWO_POINTS.match(cell) for cell in dotted)


def order_of_dates(cells: Iterable[str]) -> tuple[bool, bool]:
    """Return whether dates such as 3/4/2026 begin with the day, and whether the cells leave that open.

    >>> order_of_dates(["20/11/2026", "3/4/2026"]), order_of_dates(["3/4/2026"])
    ((True, False), (False, True))
    """
    day = month = either = 0
    for cell in cells:
        found = _DATE.match(cell)
        if found:
            first, second = int(found[1]), int(found[2])
            day += first > 12
            month += second > 12
            either += first <= 12 and second <= 12 and first != second
    return day > 0 and month == 0, either > 0 and (day > 0) == (month > 0)


def year_leads(cells: Iterable[str]) -> bool:
    """Return whether dates of three short numbers begin with the year: as a day the first would never change.

    >>> year_leads(["26/11/20", "26/11/21"]), year_leads(["20/11/26", "21/11/26"])
    (True, False)
    """
    found = [match.groups() for cell in cells if (match := _SHORT_DATE.match(cell))]
    firsts, lasts = {int(first) for first, _, _ in found}, {int(last) for _, _, last in found}
    within = (
        all(1 <= int(month) <= LAST_MONTH for _, month, _ in found) and max(lasts, default=99) <= LAST_DAY
    )
    return (
        within
        and min(firsts, default=0) > LAST_MONTH
        and len(firsts) <= MOST_YEARS
        and len(lasts) > len(firsts)
    )


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
