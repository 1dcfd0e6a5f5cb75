"""Rows of styled text, and the cells that charts are drawn on.

A look is a role ("line", "axis", "bad" ...), never a colour: the widget's CSS gives it one, and a chart
must read the same without.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

Format = Callable[[float], str]  # a number as people write it


class Span(NamedTuple):
    """A piece of a row, and its role."""

    text: str
    look: str = ""


Row = list[Span]
Rows = list[Row]


def plain(rows: Iterable[Row]) -> str:
    """Return rows as text without looks, for files and tests."""
    return "\n".join("".join(span.text for span in row).rstrip() for row in rows)


def words(text: str, *, width: int) -> Rows:
    """Return a sentence in rows no wider than `width`, for when there is nothing to draw.

    >>> print(plain(words("No costs to show.", width=9)))
    No costs
    to show.
    """
    lines: list[str] = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return [[Span(line[: max(width, 1)], "muted")] for line in lines]


def fitted(text: str, width: int, *, ascii_only: bool = False) -> str:
    """Return text cut or padded to a width; a cut shows.

    >>> fitted("input tokens", 8), fitted("gpu", 5)
    ('input t…', 'gpu  ')
    """
    if len(text) <= width:
        return text.ljust(width)
    return text[: max(width - 1, 0)] + ("~" if ascii_only else "…")[:width]


class Canvas:
    """A grid of characters with looks; what is put outside is lost."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._texts = [[" "] * width for _ in range(height)]
        self._looks = [[""] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, look: str = "") -> None:
        """Write text from a cell on to the right."""
        if not 0 <= y < self.height:
            return
        for at, character in enumerate(text, x):
            if 0 <= at < self.width:
                self._texts[y][at], self._looks[y][at] = character, look

    def free(self, x: int, y: int, width: int) -> bool:
        """Say whether these cells are inside and blank."""
        inside = 0 <= y < self.height and x >= 0 and x + width <= self.width
        return inside and not "".join(self._texts[y][x : x + width]).strip()

    def rows(self) -> Rows:
        """Return the grid as rows of spans."""
        return [_joined(texts, looks) for texts, looks in zip(self._texts, self._looks, strict=True)]


def _joined(texts: Sequence[str], looks: Sequence[str]) -> Row:
    row: Row = []
    for text, look in zip(texts, looks, strict=True):
        if row and row[-1].look == look:
            row[-1] = Span(row[-1].text + text, look)
        else:
            row.append(Span(text, look))
    return row


_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # braille bits by row and column of a cell


class Dots:
    """A grid of braille dots, two across and four down in each cell. Layers drawn later hide earlier ones."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = 2 * width, 4 * height
        self._cells = [[(0, "")] * width for _ in range(height)]

    def put(self, x: int, y: int, look: str) -> None:
        """Set a dot, `y` counted downwards; one of another look clears its cell first."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        bits, before = self._cells[y // 4][x // 2]
        kept = bits if before == look else 0
        self._cells[y // 4][x // 2] = (kept | _DOTS[y % 4][x % 2], look)

    def onto(self, canvas: Canvas, x: int, y: int, *, ascii_only: bool = False) -> None:
        """Put the dots on a canvas with the top left cell there."""
        marks = {"band": ".", "zero": "-"}
        for down, row in enumerate(self._cells):
            for right, (bits, look) in enumerate(row):
                if bits:
                    text = marks.get(look, "*") if ascii_only else chr(0x2800 + bits)
                    canvas.put(x + right, y + down, text, look)
