"""Text for a terminal: aligned tables and wrapped lines, readable without colour."""

import shutil
import textwrap
import unicodedata
from collections.abc import Sequence

NARROWEST, WIDEST = 60, 120
GAP = "  "


def width() -> int:
    """Return the width of the terminal, 80 if unknown."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def cells(text: str) -> int:
    """Return how many terminal columns a text takes.

    >>> cells("abc"), cells("表"), cells("e\N{COMBINING ACUTE ACCENT}")
    (3, 2, 1)
    """
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.category(char) in ("Mn", "Me") for char in text)


def cut(text: str, columns: int) -> str:
    """Return a text cut to `columns`, with an ellipsis if it was longer.

    >>> cut("escalation", 6), cut("short", 6)
    ('escal~', 'short')
    """
    if cells(text) <= columns:
        return text
    while text and cells(text) > columns - 1:
        text = text[:-1]
    return text + "~"


def table(
    rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), left: int = 1, indent: int = 2
) -> list[str]:
    """Return rows with aligned columns: the first `left` columns to the left, the rest to the right.

    >>> table([("gpus", "2"), ("cash", "$5.00M")], head=("name", "value"))
    ['  name   value', '  gpus       2', '  cash  $5.00M']
    """
    every = [*([head] if head else []), *rows]
    if not every:
        return []
    columns = max(map(len, every))
    full = [[*row, *[""] * (columns - len(row))] for row in every]
    widths = [max(cells(row[column]) for row in full) for column in range(columns)]
    return [_line(row, widths, left, indent) for row in full]


def _line(row: Sequence[str], widths: Sequence[int], left: int, indent: int) -> str:
    parts = []
    for column, (text, columns) in enumerate(zip(row, widths, strict=True)):
        space = " " * (columns - cells(text))
        parts.append(text + space if column < left else space + text)
    return (" " * indent + GAP.join(parts)).rstrip()


def wrapped(text: str, *, indent: int = 2, hang: int = 4, columns: int = 0) -> list[str]:
    """Wrap a text to the width of the terminal."""
    return textwrap.wrap(
        text, columns or width(), initial_indent=" " * indent, subsequent_indent=" " * hang,
        break_on_hyphens=False,
    )  # fmt: skip


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Return a titled part of a report, or nothing if it has no lines."""
    return ["", title, *lines] if lines else []
