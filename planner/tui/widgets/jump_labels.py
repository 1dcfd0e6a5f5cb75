"""Letters over the places of a screen that a key can go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from planner.tui.widgets.charts import Row, Rows, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planner.tui.widgets.mouse import Pointable
    from planner.tui.widgets.pane import View

_TALL = 8  # rows of a pane in which a click below its only row of places means none of them
LETTERS = "asdfghjklewioqrtyupzxcvbnm"  # where fingers rest comes first


class Target(NamedTuple):
    """A place: the pane it is in, its cell there, and what going there does."""

    view: View
    x: int
    y: int
    go: Callable[[], object]


def under(targets: Iterable[Target], at: Pointable.Pressed) -> Target | None:
    """Return the place that a click means: the last one of its row that begins no further right.

    A pane whose places all stand in one row has no others, however high they are.
    """
    of_pane = [each for each in targets if each.view is at.pane and each.x <= at.x]
    one_row = len({each.y for each in of_pane}) == 1 and at.pane.size.height < _TALL
    of_row = [each for each in of_pane if one_row or each.y == at.y]
    return max(of_row, key=lambda each: each.x, default=None)


class Label(NamedTuple):
    """Letters over a cell of a pane."""

    x: int
    y: int
    text: str


def names(count: int) -> list[str]:
    """Return so many labels of one letter, then of two; none is the beginning of another.

    >>> names(3), names(30)[:2], names(30)[-2:], len(set(names(600)))
    (['a', 's', 'd'], ['a', 's'], ['mf', 'mg'], 600)
    """
    size = len(LETTERS)
    if count <= size:
        return list(LETTERS[:count])
    pairs = min(-(-(count - size) // (size - 1)), size)  # first letters that are given up for pairs
    long = [first + second for first in LETTERS[size - pairs :] for second in LETTERS]
    return [*LETTERS[: size - pairs], *long][:count]


def overlaid(rows: Rows, labels: Iterable[Label]) -> Rows:
    """Return rows with labels over them.

    >>> overlaid([[Span("Context", "label")]], [Label(2, 0, "ab")])
    [[Span(text='Co', look='label'), Span(text='ab', look='jump'), Span(text='ext', look='label')]]
    """
    rows = list(rows)
    for label in labels:
        rows += [[] for _ in range(label.y + 1 - len(rows))]
        row, end = rows[label.y], label.x + len(label.text)
        left = cells(row, 0, label.x)
        gap = label.x - sum(cell_len(span.text) for span in left)
        filling = [Span(" " * gap)] if gap > 0 else []
        rows[label.y] = [*left, *filling, Span(label.text, "jump"), *cells(row, end, 10**6)]
    return rows


def cells(row: Row, start: int, stop: int) -> Row:
    """Return the part of a row from one cell to another; half a wide character becomes a blank."""
    part: Row = []
    at = 0
    for span in row:
        kept = ""
        for character in span.text:
            width = cell_len(character)
            if start <= at and at + width <= stop:
                kept += character
            else:
                kept += " " * len(range(max(at, start), min(at + width, stop)))
            at += width
        if kept:
            part.append(Span(kept, span.look))
    return part
