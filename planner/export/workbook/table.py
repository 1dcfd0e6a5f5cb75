"""Columns of the months sheet, as formulas by row, for each epoch of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planner.export.workbook.book import CellFormula, Content, column_name
from planner.units import MONTHS_PER_YEAR

SHEET = "Months"
FIRST_ROW = 2  # below the header
YEAR = int(MONTHS_PER_YEAR)


@dataclass
class Table:
    """The columns of one epoch; `at(name)` is that column in the current row.

    A formula may use `{row}` for its own row, `{before}` for the one above, `{year}` for the first of the twelve that
    end with its own, and `{month}`. `places` says where each column stands, and is shared by the epochs of a plan.
    `first_month` counts from 0.
    """

    places: dict[str, int] = field(default_factory=dict)
    first_month: int = 0
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, every: str, first: str | None = None, entering: str | None = None) -> str:
        """Add a column; return its cell.

        `first` is the formula of the plan's first month, `entering` that of the first month of a later epoch, where
        they differ from that of every other month.
        """
        begins = entering if self.first_month else first
        self.columns[name] = (every, every if begins is None else begins)
        return self.at(name)

    def at(self, name: str, row: str = "{row}") -> str:
        """Return the cell of a column in a row."""
        return f"${self._letters(name)}{row}"

    def span(self, name: str, months: int) -> str:
        """Return the range of a column's first months, as referenced from another sheet."""
        column = self._letters(name)
        return f"{SHEET}!${column}${FIRST_ROW}:{SHEET}!${column}${FIRST_ROW + months - 1}"

    def cell(self, name: str, month: int) -> str:
        """Return a column's cell in a month counted from 1, as referenced from another sheet."""
        return f"{SHEET}!${self._letters(name)}${FIRST_ROW + month - 1}"

    def _letters(self, name: str) -> str:
        return column_name(self.places.setdefault(name, len(self.places)))


def rows(tables: Sequence[Table], months: int) -> list[list[Content]]:
    """Return the header and the row of every month; columns missing from an epoch are 0 in it."""
    places = tables[0].places
    found: list[list[Content]] = [list(places)]
    for month in range(months):
        table = [each for each in tables if each.first_month <= month][-1]
        row: list[Content] = []
        for name in places:
            every, first = table.columns.get(name, ("0", "0"))
            row.append(CellFormula(_placed(first if month == table.first_month else every, month)))
        found.append(row)
    return found


def _placed(text: str, month: int) -> str:
    """Return a column's formula in one row; `<<0@a|6@b>>` lists cells with the month each applies from."""
    row = month + FIRST_ROW
    where = {"row": row, "before": row - 1, "month": month + 1, "year": max(row - YEAR + 1, FIRST_ROW)}
    for name, value in where.items():
        text = text.replace("{" + name + "}", str(value))
    while "<" + "<" in text:
        start, end = text.index("<<"), text.index(">>")
        options = [option.split("@") for option in text[start + 2 : end].split("|")]
        chosen = [cell for since, cell in options if int(since) <= month][-1]
        text = text[:start] + chosen + text[end + 2 :]
    return text
