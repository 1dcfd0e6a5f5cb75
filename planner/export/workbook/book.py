"""A workbook as plain values: sheets of text, numbers and formulas, independent of file format."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import SupportsFloat

REFERENCE = re.compile(r"(?:(?P<sheet>[A-Za-z_]+)!)?\$?(?P<column>[A-Z]{1,3})\$?(?P<row>[0-9]+)\b(?!\()")


@dataclass(frozen=True)
class CellFormula:
    """A formula in the notation that spreadsheets display: `Inputs!$B$3*2`, commas between arguments."""

    text: str


Content = str | float | CellFormula | None


@dataclass
class Sheet:
    """One sheet that grows downwards. Its lines are label, content, unit, note; the content is in column B."""

    name: str
    rows: list[list[Content]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Add an empty row and a heading."""
        if self.rows:
            self.rows.append([])
        self.rows.append([text])

    def line(self, label: str, content: Content, unit: str = "", note: str = "") -> str:
        """Add a line and return the reference to its content, as another sheet writes it."""
        self.rows.append([label, content, unit, note])
        return f"{self.name}!$B${len(self.rows)}"

    def formula(self, label: str, text: str, unit: str = "", note: str = "") -> str:
        """Add a line whose content is a formula, and return the reference to it."""
        return self.line(label, CellFormula(text), unit, note)


@dataclass(frozen=True)
class Book:
    """A whole workbook. `places` gives each result's cell by name."""

    title: str
    sheets: tuple[Sheet, ...]
    places: Mapping[str, str]


def column_name(index: int) -> str:
    """Return the letters of a column counted from 0.

    >>> column_name(0), column_name(25), column_name(26), column_name(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def total(terms: Iterable[str]) -> str:
    """Return the sum of formulas, 0 for none.

    >>> total(["A1", "B2*3"]), total([])
    ('(A1)+(B2*3)', '0')
    """
    return "+".join(f"({term})" for term in terms) or "0"


def number(value: SupportsFloat) -> str:
    """Return a number for a formula, with every digit."""
    return repr(float(value))


def or_missing(condition: str, text: str) -> str:
    """Return a formula that is "n/a" unless the condition holds."""
    return f'IF({condition},{text},"n/a")'
