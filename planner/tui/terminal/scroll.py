"""Finds rows that only moved up or down: the terminal can move them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from planner.tui.terminal.cells import Cells

_MOST_ROWS = 12  # a longer move leaves little of a list in sight
_WORTH_SCROLLING = 3  # rows that need not be sent, less those that must be only because of the move


class Shift(NamedTuple):
    """Rows `top` to `bottom` (included) move up by `rows`, or down if negative; what they leave is blank."""

    top: int
    bottom: int
    rows: int


def shift(wanted: Cells, shown: Cells) -> Shift | None:
    """Return the move that saves most rows from being sent; None where none is worth it."""
    width, height = shown.width, shown.height
    if (width, height) != (wanted.width, wanted.height):
        return None
    new = list(zip(wanted.texts, wanted.styles, strict=True))
    old = list(zip(shown.texts, shown.styles, strict=True))
    stays = [new[y] == old[y] for y in range(height)]
    filled = [bool("".join(texts).strip()) for texts, _ in new]
    sought = [y for y in range(height) if filled[y] and not stays[y]]
    best, most = None, _WORTH_SCROLLING - 1
    for move in (sign * rows for rows in range(1, min(_MOST_ROWS, height - 1) + 1) for sign in (1, -1)):
        came = [y for y in sought if 0 <= y + move < height and new[y] == old[y + move]]
        if len(came) <= most:
            continue
        top, bottom = min(came[0], came[0] + move), max(came[-1], came[-1] + move)
        saved = len(came) - sum(stays[y] and filled[y] for y in range(top, bottom + 1))
        if saved > most:
            best, most = Shift(top, bottom, move), saved
    return best
