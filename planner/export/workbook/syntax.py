"""Parse workbook formulas into trees, for the part of the notation that our sheets use."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from planner.export.workbook.book import REFERENCE

_TOKEN = re.compile(
    rf'\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<range>{REFERENCE.pattern}(?::{REFERENCE.pattern.replace("?P<", "?P<to_")})?)'
    r"|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)|(?P<name>[A-Z]+)(?=\()|(?P<sign><=|>=|<>|[-+*/^<>=(),]))"
)
_TIGHTNESS = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 0), **dict.fromkeys("+-", 1), **dict.fromkeys("*/", 2), "^": 3,
}  # fmt: skip


class CellPlace(NamedTuple):
    """A cell's position; rows and columns count from 1. An empty sheet is that of the formula."""

    sheet: str
    column: int
    row: int


class Literal(NamedTuple):
    """A number or a text."""

    value: float | str


class CellRange(NamedTuple):
    """One cell, or the cells from one corner to the other."""

    first: CellPlace
    last: CellPlace | None


class Operation(NamedTuple):
    """A function of its arguments, or an operator between two."""

    name: str
    arguments: tuple["Node", ...]


Node = Literal | CellRange | Operation


class NotAFormulaError(ValueError):
    """A formula uses something outside our notation."""


def tree(text: str) -> Node:
    """Return a formula's tree; raise NotAFormulaError for anything outside the notation.

    >>> tree("1+2").name, tree("1+2*3").arguments[1].name, tree('"n/a"')
    ('+', '*', Literal(value='n/a'))
    """
    reader = _Reader(list(_tokens(text)))
    found = reader.joined()
    if reader.kind:
        raise NotAFormulaError(text)
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotAFormulaError(text[at : at + 20])
        kind = found.lastgroup or ""
        yield kind, found[kind]
        at = found.end()


class _Reader:
    """Parses tokens from the left, starting with the loosest operator."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._at = [*tokens, ("", "")], 0

    @property
    def kind(self) -> str:
        """The kind of the current token; empty after the last one."""
        return self._tokens[self._at][0]

    def joined(self, tightness: int = 0) -> Node:
        """Parse operators that bind at least this tightly; equal ones associate from the left."""
        found = self._signed()
        while (sign := self._text) in _TIGHTNESS and _TIGHTNESS[sign] >= tightness:
            self._next()
            found = Operation(sign, (found, self.joined(_TIGHTNESS[sign] + 1)))
        return found

    def _signed(self) -> Node:
        """Parse a sign, which binds tighter than a power in spreadsheets, and its operand."""
        if self._text in ("+", "-"):
            return Operation("negative" if self._next() == "-" else "positive", (self._signed(),))
        return self._atom()

    def _atom(self) -> Node:
        kind, text = self.kind, self._next()
        if kind == "number":
            return Literal(float(text))
        if kind == "text":
            return Literal(text[1:-1].replace('""', '"'))
        if kind == "range":
            return cells(text)
        if kind == "name":
            self._take("(")
            return Operation(text, self._arguments())
        if (kind, text) != ("sign", "("):
            raise NotAFormulaError(text)
        found = self.joined()
        self._take(")")
        return found

    def _arguments(self) -> tuple[Node, ...]:
        if self._text == ")":
            self._take(")")
            return ()
        found = [self.joined()]
        while self._text == ",":
            self._take(",")
            found.append(self.joined())
        self._take(")")
        return tuple(found)

    @property
    def _text(self) -> str:
        return self._tokens[self._at][1]

    def _next(self) -> str:
        text = self._text
        self._at += 1
        return text

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise NotAFormulaError(sign)


def cells(reference: str) -> CellRange:
    """Return the cells of a reference as written in formulas.

    >>> cells("Months!$B2:Months!$B4")
    CellRange(first=CellPlace(sheet='Months', column=2, row=2), last=CellPlace(sheet='Months', column=2, row=4))
    """
    first, _, last = reference.partition(":")
    return CellRange(place(first), place(last) if last else None)


@cache
def place(reference: str) -> CellPlace:
    """Return the cell that a reference points to.

    >>> place("$AB$3")
    CellPlace(sheet='', column=28, row=3)
    """
    found = REFERENCE.fullmatch(reference)
    assert found is not None
    column = 0
    for letter in found["column"]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return CellPlace(found["sheet"] or "", column, int(found["row"]))
