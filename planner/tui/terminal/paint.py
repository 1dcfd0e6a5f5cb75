"""The fewest bytes that turn one screen of cells into another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from planner.tui.terminal.cells import BLANK, WIDE_TAIL, Cells, erasable
from planner.tui.terminal.scroll import Shift, shift
from planner.tui.terminal.sgr import ANY, PLAIN, Style, turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BRIDGE = 4  # cells that are rewritten rather than jumped over, at most
_WORTH_ERASING = 10  # blanks in the middle of a row that an erase and a jump beat
_WORTH_LOOKING = 5  # rows that differ; fewer are sent as they are
_WORTH_SORTING = 4  # pieces; fewer are written as they come
_CERTAIN_BELOW = "\U0001f000"  # from here on are emoji, whose width not every terminal agrees on
# A character written twice or more, that takes one cell everywhere.
_RUN = re.compile("([ -~\u00a1-\u00ac\u00ae-\u02ff\u2500-\u25fc\u2800-\u28ff])\\1+")


def _repeat(run: re.Match[str]) -> str:
    """Return a run as one character and how often to repeat it, if that is shorter."""
    short = f"{run[1]}\x1b[{len(run[0]) - 1}b"
    return short if len(short.encode()) < len(run[0].encode()) else run[0]


class _Piece(NamedTuple):
    """Cells of a row that one style can write, from a column on; what to do with them is the kind."""

    y: int
    x: int
    style: Style
    texts: list[str]
    kind: int


_SAY, _ERASE, _REST = range(3)  # write the cells, erase them, erase the rest of the row


def _joins(pen: Style, style: Style) -> bool:
    """Say whether one of two styles can write what is in either: a blank takes any ink."""
    return not turn(pen, style)[0] or (pen.ink == ANY and not turn(style, pen)[0])


Cell = TypeVar("Cell")


def _move_rows(grid: list[list[Cell]], move: Shift, blank: list[list[Cell]]) -> None:
    """Move rows of a grid as the terminal does, with `blank` rows where they left."""
    top, bottom, rows = move
    block = grid[top : bottom + 1]
    grid[top : bottom + 1] = [*block[rows:], *blank] if rows > 0 else [*blank, *block[:rows]]


class Painter:
    """Knows what the terminal shows, and writes only the difference.

    `repeats` says that the terminal knows how to repeat a character (ECMA-48's REP, `ESC [ n b`).
    """

    def __init__(self, width: int, height: int, *, erases_in_colour: bool = True) -> None:
        self._erases_in_colour = erases_in_colour
        self.repeats = False
        self.forget(width, height)

    def forget(self, width: int, height: int) -> None:
        """Assume nothing about the terminal's content, style and cursor: all is painted next time."""
        self._shown = Cells(width, height, PLAIN)
        self._pen: Style | None = None
        self._x: int | None = None
        self._y: int | None = None
        self._known = False

    def paint(self, wanted: Cells, rows: Iterable[int], cursor: tuple[int, int]) -> str:
        """Return the output that makes the terminal show `wanted`, of which only `rows` may differ.

        The cursor (column, row; from 0) is left at `cursor`.
        """
        out: list[str] = []
        if not self._known:
            self._clear(wanted, out)
            rows = range(wanted.height)
        rows = set(rows)
        if len(rows) >= _WORTH_LOOKING and (move := shift(wanted, self._shown)):
            self._scroll(wanted, move, out)
            rows.update(range(move.top, move.bottom + 1))
        pieces = [piece for y in sorted(rows) if y < wanted.height for piece in self._row_pieces(wanted, y)]
        out.append(self._shortest(pieces))
        self._move(min(cursor[0], wanted.width - 1), min(cursor[1], wanted.height - 1), out)
        return "".join(out)

    def begin(self, wanted: Cells, rows: Iterable[int]) -> str:
        """Return the output that clears the terminal and shows some rows of `wanted` ahead of the others."""
        out: list[str] = []
        self._clear(wanted, out)
        out.append(self._shortest([piece for y in rows for piece in self._row_pieces(wanted, y)]))
        return "".join(out)

    def rest(self) -> str:
        """Return the output that resets style and link, for leaving the screen."""
        self._pen, before = None, self._pen
        return ("\x1b]8;;\x1b\\" if before and before.link else "") + "\x1b[m"

    def _clear(self, wanted: Cells, out: list[str]) -> None:
        """Fill the screen with the blank that is most common on it."""
        styles = {style for row in wanted.styles for style in row}
        fills = {style for style in styles if self._erases(style)}
        fill = wanted.most_common_style(fills) or Style(ANY, "")
        self._set(fill, out)
        out.append("\x1b[2J")
        self._shown = Cells(wanted.width, wanted.height, fill)
        self._x = self._y = None
        self._known = True

    def _scroll(self, wanted: Cells, move: Shift, out: list[str]) -> None:
        """Have the terminal move some rows, by deleting or inserting lines between margins."""
        top, bottom, rows = move
        fill = wanted.styles[bottom if rows > 0 else top][-1]
        fill = fill if self._erases(fill) else Style(ANY, "")
        self._set(fill, out)
        count, edit = abs(rows), "M" if rows > 0 else "L"
        margins = f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H"
        out.append(f"{margins}\x1b[{count if count > 1 else ''}{edit}\x1b[r")
        self._x = self._y = None  # resetting the margins moves the cursor, in most terminals
        _move_rows(self._shown.texts, move, [[BLANK] * wanted.width for _ in range(count)])
        _move_rows(self._shown.styles, move, [[fill] * wanted.width for _ in range(count)])

    def _row_pieces(self, wanted: Cells, y: int) -> Iterator[_Piece]:
        """Yield what to write in a row from left to right, and take it as written."""
        texts, styles = wanted.texts[y], wanted.styles[y]
        old_texts, old_styles = self._shown.texts[y], self._shown.styles[y]
        if texts == old_texts and styles == old_styles:
            return
        changed = [
            x
            for x in range(wanted.width)
            if texts[x] != old_texts[x] or (styles[x] is not old_styles[x] and styles[x] != old_styles[x])
        ]
        tail = self._blank_tail(texts, styles)
        in_tail = sum(x >= tail for x in changed)
        erase = in_tail > len("\x1b[K") and self._erases(styles[-1])
        erase = erase and old_texts[changed[len(changed) - in_tail]] != WIDE_TAIL
        written = changed[: len(changed) - in_tail] if erase else changed
        for start, end in self._spans(written, texts, styles):
            yield from self._runs(wanted, y, start, end)
        if erase:
            yield _Piece(y, changed[len(written)], styles[-1], [], _REST)
        self._shown.texts[y][:] = texts
        self._shown.styles[y][:] = styles

    def _runs(self, wanted: Cells, y: int, x: int, end: int) -> Iterator[_Piece]:
        """Yield the cells of a stretch of a row in pieces that one style can write."""
        texts, styles = wanted.texts[y], wanted.styles[y]
        while x < end:
            blanks = self._erasable_blanks(wanted, y, x, end)
            if blanks:
                yield _Piece(y, x, styles[x], texts[x : x + blanks], _ERASE)
                x += blanks
                continue
            pen, stop = styles[x], x + 1
            while stop < end and (styles[stop] is pen or _joins(pen, styles[stop])):
                starts_blank = texts[stop] == BLANK != texts[stop - 1]
                if starts_blank and self._erasable_blanks(wanted, y, stop, end):
                    break
                pen = pen if styles[stop].ink == ANY else styles[stop]
                stop += 1
            yield _Piece(y, x, pen, texts[x:stop], _SAY)
            x = stop

    def _erasable_blanks(self, wanted: Cells, y: int, x: int, end: int) -> int:
        """Return how many blanks start here, if erasing them and jumping beats writing them; else 0.

        An erase must not cut a wide character in half: terminals disagree on what is left of it.
        """
        texts, styles, old_texts = wanted.texts[y], wanted.styles[y], self._shown.texts[y]
        style, stop = styles[x], x
        while stop < end and texts[stop] == BLANK and styles[stop] == style:
            stop += 1
        if stop - x < _WORTH_ERASING or (self.repeats and stop < end) or not self._erases(style):
            return 0
        cut = old_texts[x] == WIDE_TAIL or old_texts[stop : stop + 1] == [WIDE_TAIL]
        return 0 if cut else stop - x

    def _shortest(self, pieces: list[_Piece]) -> str:
        """Return the output for the pieces in reading order, or style by style if that is shorter."""
        before = (self._pen, self._x, self._y)
        plain = self._written(pieces)
        if len(pieces) < _WORTH_SORTING:
            return plain
        after = (self._pen, self._x, self._y)
        self._pen, self._x, self._y = before
        by_style = self._written(self._by_style(pieces))
        if len(by_style) < len(plain):
            return by_style
        self._pen, self._x, self._y = after
        return plain

    def _by_style(self, pieces: list[_Piece]) -> Iterator[_Piece]:
        """Yield the pieces style by style, each style followed by the one that is the shortest turn away."""
        groups: dict[Style, list[_Piece]] = {}
        for piece in pieces:
            groups.setdefault(piece.style, []).append(piece)
        pen = self._pen
        while groups:
            style = min(groups, key=lambda style: len(turn(pen, style)[0]))
            pen = turn(pen, style)[1]
            yield from groups.pop(style)

    def _written(self, pieces: Iterable[_Piece]) -> str:
        out: list[str] = []
        for y, x, style, texts, kind in pieces:
            self._move(x, y, out)
            self._set(style, out)
            if kind == _SAY:
                self._say(texts, x, out)
            else:
                out.append(f"\x1b[{len(texts)}X" if kind == _ERASE else "\x1b[K")
        return "".join(out)

    @staticmethod
    def _blank_tail(texts: list[str], styles: list[Style]) -> int:
        """Return the column from which on the row is blank in one style."""
        last, x = styles[-1], len(texts)
        while x and texts[x - 1] == BLANK and styles[x - 1] == last:
            x -= 1
        return x

    def _spans(self, changed: list[int], texts: list[str], styles: list[Style]) -> list[tuple[int, int]]:
        """Return stretches of the row that cover the changed cells, bridging gaps cheaper than a jump."""
        spans: list[tuple[int, int]] = []
        for x in changed:
            start = x - 1 if texts[x] == WIDE_TAIL else x
            end = x + 1
            while end < len(texts) and texts[end] == WIDE_TAIL:
                end += 1
            if (
                spans
                and start - spans[-1][1] <= _BRIDGE
                and self._bridges(spans[-1][1], start, texts, styles)
            ):
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        return spans

    @staticmethod
    def _bridges(start: int, end: int, texts: list[str], styles: list[Style]) -> bool:
        """Say whether rewriting the unchanged cells between two changes costs no more than a jump over them."""
        cost, pen = 0, styles[start - 1]
        for x in range(start, end):
            code, pen = turn(pen, styles[x])
            cost += len(code) + len(texts[x].encode())
        if end > start:
            cost += len(turn(pen, styles[end])[0]) - len(turn(styles[start - 1], styles[end])[0])
        return cost <= len(_horizontal(end, start))

    def _erases(self, style: Style) -> bool:
        return erasable(style, in_colour=self._erases_in_colour)

    def _say(self, texts: list[str], x: int, out: list[str]) -> None:
        """Write graphemes at the cursor, in column `x`.

        One that terminals may draw wider or narrower gets its cells cleared before, and its end is
        found by column.
        """
        plain = all(len(text) < 2 and text < _CERTAIN_BELOW for text in texts)
        if plain:
            out.append("".join(texts) if not self.repeats else _RUN.sub(_repeat, "".join(texts)))
        for at, text in enumerate(() if plain else texts):
            if len(text) < 2 and text < _CERTAIN_BELOW:
                out.append(text)
                continue
            cells = 2 if texts[at + 1 : at + 2] == [WIDE_TAIL] else 1
            column = x + at + 1
            out.append(f"{BLANK * cells}\x1b[{column}G{text}\x1b[{column + cells}G")
        end = x + len(texts)
        self._x = end if end < self._shown.width else None  # at the edge, terminals differ

    def _set(self, style: Style, out: list[str]) -> None:
        if self._pen is not style:
            code, self._pen = turn(self._pen, style)
            if code:
                out.append(code)

    def _move(self, x: int, y: int, out: list[str]) -> None:
        """Move the cursor by the shortest of its ways."""
        if (x, y) == (self._x, self._y):
            return
        best = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
        if self._y is not None:
            steps = _vertical(y, self._y) + _horizontal(x, self._x)
            best = min(best, steps, key=len)
        out.append(best)
        self._x, self._y = x, y


@lru_cache(4096)
def _horizontal(x: int, start: int | None) -> str:
    r"""Return the shortest move to a column of the same row; where the cursor is now may be unknown.

    >>> _horizontal(3, 5), _horizontal(6, 5), _horizontal(0, 5), _horizontal(17, None)
    ('\x08\x08', '\x1b[C', '\r', '\x1b[18G')
    """
    if x == start:
        return ""
    if not x:
        return "\r"
    ways = [f"\x1b[{x + 1}G"]
    if start is not None:
        count = x - start
        ways.append("\b" * -count if -3 <= count < 0 else _steps(abs(count), "C" if count > 0 else "D"))
    return min(ways, key=len)


@lru_cache(4096)
def _vertical(y: int, start: int) -> str:
    r"""Return the shortest move to a row, in the same column.

    Down goes by vertical tab, which every terminal takes for a line feed and no terminal line turns into
    something else; it never scrolls here, because the row that is meant is on the screen.

    >>> _vertical(7, 5), _vertical(4, 5), _vertical(9, 2)
    ('\x0b\x0b', '\x1b[A', '\x1b[7B')
    """
    count = y - start
    if 0 <= count <= 3:
        return "\v" * count
    return min(_steps(abs(count), "B" if count > 0 else "A"), f"\x1b[{y + 1}d", key=len)


def _steps(count: int, way: str) -> str:
    return f"\x1b[{count if count > 1 else ''}{way}"
