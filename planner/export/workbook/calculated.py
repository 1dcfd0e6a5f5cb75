"""Compute a workbook's formulas, so that a file shows its numbers before a spreadsheet recalculates it.

The rules are those of spreadsheets: an empty cell counts as 0, text is greater than any number, range functions
ignore text, and an error (#N/A, #DIV/0!) propagates to everything that needs the cell.
Source: OASIS, "OpenDocument 1.3, part 4: OpenFormula", 2021.
"""

import math
import operator
from collections.abc import Callable, Iterator, Mapping

from planner.export.workbook.book import Book, CellFormula, Content
from planner.export.workbook.syntax import CellPlace, CellRange, Literal, Node, Operation, tree
from planner.records import dataclass

Value = float | str | bool | None
_COMPARED: Mapping[str, Callable[..., bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_REFUSED, _NO_NUMBER, _MISSING, _DIVIDED, _UNKNOWN = "#VALUE!", "#NUM!", "#N/A", "#DIV/0!", "#NAME?"


@dataclass(frozen=True)
class Fault:
    """The value shown by a cell that can't be computed."""

    sign: str


class _FaultyError(Exception):
    """A formula met an error value."""

    def __init__(self, sign: str) -> None:
        super().__init__(sign)
        self.sign = sign


def calculated(book: Book) -> dict[CellPlace, float | str | bool | Fault]:
    """Return the value of each formula in a book, by cell."""
    contents = {
        CellPlace(sheet.name, column, row): content
        for sheet in book.sheets
        for row, line in enumerate(sheet.rows, 1)
        for column, content in enumerate(line, 1)
    }
    sums = _Sums(contents)
    names = [sheet.name for sheet in reversed(book.sheets)]  # the headline, which needs all others, last
    formulas = [at for at, content in contents.items() if isinstance(content, CellFormula)]
    return {at: sums.shown(at) for at in sorted(formulas, key=lambda at: (names.index(at.sheet), at.row))}


class _Sums:
    """Computes each cell once, after the cells it depends on."""

    def __init__(self, contents: Mapping[CellPlace, Content]) -> None:
        self._contents = contents
        self._known: dict[CellPlace, float | str | bool | Fault] = {}

    def shown(self, at: CellPlace) -> float | str | bool | Fault:
        """Return the displayed value of a formula cell."""
        if at not in self._known:
            content = self._contents[at]
            assert isinstance(content, CellFormula)
            try:
                value = self._value(tree(content.text), at.sheet)
                self._known[at] = 0.0 if value is None else value
            except _FaultyError as fault:
                self._known[at] = Fault(fault.sign)
        return self._known[at]

    def _cell(self, at: CellPlace, sheet: str) -> Value:
        at = at if at.sheet else at._replace(sheet=sheet)
        content = self._contents.get(at)
        if not isinstance(content, CellFormula):
            return content if content is None or isinstance(content, str) else float(content)
        found = self.shown(at)
        if isinstance(found, Fault):
            raise _FaultyError(found.sign)
        return found

    def _value(self, node: Node, sheet: str) -> Value:
        """Return a node's value; for a range, which only range functions accept, its first cell."""
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, CellRange):
            return self._cell(node.first, sheet)
        if node.name == "IF":
            wanted, *ways = node.arguments
            chosen = 0 if _truth(self._value(wanted, sheet)) else 1
            return self._value(ways[chosen], sheet) if chosen < len(ways) else False
        if node.name in _OF_RANGES:
            return _OF_RANGES[node.name](self, node.arguments, sheet)
        return _applied(node.name, [self._value(each, sheet) for each in node.arguments])

    def span(self, node: Node, sheet: str) -> list[Value]:
        """Return the cells of a range row by row; for anything else, its value in a list."""
        if not isinstance(node, CellRange) or node.last is None:
            return [self._value(node, sheet)]
        first, last = node.first, node.last
        return [
            self._cell(CellPlace(first.sheet, column, row), sheet)
            for row in range(first.row, last.row + 1)
            for column in range(first.column, last.column + 1)
        ]

    def numbers(self, arguments: tuple[Node, ...], sheet: str) -> Iterator[float]:
        """Yield the numbers in some arguments: from ranges only numbers, otherwise anything convertible."""
        for each in arguments:
            if isinstance(each, CellRange) and each.last is not None:
                yield from (value for value in self.span(each, sheet) if isinstance(value, float))
            else:
                yield _number(self._value(each, sheet))

    def each(self, node: Node, sheet: str) -> list[Value]:
        """Return a node's value for each cell of the ranges in it."""
        if not isinstance(node, Operation) or node.name not in _ELEMENTWISE:
            return self.span(node, sheet)
        sides = [self.each(argument, sheet) for argument in node.arguments]
        length = max(map(len, sides))
        spread = [side * length if len(side) == 1 else side for side in sides]
        return [_applied(node.name, list(pair)) for pair in zip(*spread, strict=True)]


def _sum(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    return math.fsum(sums.numbers(arguments, sheet))


def _most(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    return max(sums.numbers(arguments, sheet), default=0.0)


def _least(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    return min(sums.numbers(arguments, sheet), default=0.0)


def _count(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    return float(sum(isinstance(value, float) for each in arguments for value in sums.span(each, sheet)))


def _sum_of_products(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    columns = [sums.each(each, sheet) for each in arguments]
    return math.fsum(math.prod(map(_number, row)) for row in zip(*columns, strict=True))


def _match(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    wanted, among = sums.span(arguments[0], sheet)[0], sums.span(arguments[1], sheet)
    if wanted not in among:
        raise _FaultyError(_MISSING)
    return among.index(wanted) + 1.0


def _at_index(sums: _Sums, arguments: tuple[Node, ...], sheet: str) -> Value:
    """Return one cell of a column without evaluating the others, which may depend on this one."""
    column, place = arguments[0], int(_number(sums.span(arguments[1], sheet)[0]))
    assert isinstance(column, CellRange)
    assert column.last is not None
    if not 1 <= place <= column.last.row - column.first.row + 1:
        raise _FaultyError(_REFUSED)
    row = column.first.row + place - 1
    return sums.span(CellRange(column.first._replace(row=row), None), sheet)[0]


_OF_RANGES: Mapping[str, Callable[[_Sums, tuple[Node, ...], str], Value]] = {
    "SUM": _sum, "MAX": _most, "MIN": _least, "COUNT": _count, "SUMPRODUCT": _sum_of_products, "MATCH": _match,
    "INDEX": _at_index,
}  # fmt: skip


def _divided(top: float, bottom: float) -> float:
    if not bottom:
        raise _FaultyError(_DIVIDED)
    return top / bottom


def _rounded_up(value: float, digits: float) -> float:
    scale = 10.0**digits
    return math.copysign(math.ceil(abs(value) * scale) / scale, value)


_OF_NUMBERS: Mapping[str, Callable[..., float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divided, "^": operator.pow,
    "negative": operator.neg, "positive": operator.pos, "ABS": abs, "EXP": math.exp, "LN": math.log,
    "SQRT": math.sqrt, "ERFC": math.erfc, "INT": math.floor, "ROUNDUP": _rounded_up,
    "MOD": lambda value, by: value - by * math.floor(_divided(value, by)),
}  # fmt: skip
_ELEMENTWISE = frozenset({*_COMPARED, *_OF_NUMBERS})


def _applied(name: str, values: list[Value]) -> Value:
    """Apply an operator or function to plain values."""
    if name in _COMPARED:
        return _COMPARED[name](*map(_ranked, values))
    if name in ("AND", "OR"):
        return all(map(_truth, values)) if name == "AND" else any(map(_truth, values))
    if name == "FALSE":
        return False
    if name == "NA":
        raise _FaultyError(_MISSING)
    if name not in _OF_NUMBERS:
        raise _FaultyError(_UNKNOWN)
    try:
        found = _OF_NUMBERS[name](*map(_number, values))
    except (ValueError, OverflowError, ZeroDivisionError):
        raise _FaultyError(_NO_NUMBER) from None
    if isinstance(found, complex) or not math.isfinite(found):
        raise _FaultyError(_NO_NUMBER)
    return float(found)


def _number(value: Value) -> float:
    if isinstance(value, str):
        raise _FaultyError(_REFUSED)
    return float(value or 0.0)


def _truth(value: Value) -> bool:
    return bool(_number(value))


def _ranked(value: Value) -> tuple[int, float | str]:
    """Return a value's sort key: numbers first, then text, then booleans."""
    if isinstance(value, bool):
        return 2, float(value)
    return (1, value.lower()) if isinstance(value, str) else (0, value or 0.0)
