"""Where panels go: one column of them, two or three, drawn for the size of the screen.

With 80 columns and 24 rows, and with 120 and 40, beside the form:

    Cash by month           Cash by month
    Costs of month 1         Costs of month 1
                             What moves runway most
                             Workloads

The months are a screen of their own there. With 200 columns and 50 rows, two columns; what a plan has no use for
leaves its room to the others:

    Cash by month           Months
    Costs of month 1         Workloads
    What moves runway most   Use by tenths of customers, cost along a session, hours of the day
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_TWO_COLUMNS, _THREE_COLUMNS = 108, 224
_GAP = 2

_USE = ("tenths", "session", "hours")
_ORDERS: dict[
    int, list[list[tuple[str, ...]]]
] = {  # by the number of columns: which panels stand in each, from the top; the order that fills more is taken
    1: [[("cash", "costs", "swings", "workloads", *_USE)]],
    2: [
        [("cash", "costs", "swings"), ("months", "workloads", *_USE)],
        [("cash", "swings"), ("months", "workloads", "costs", *_USE)],
        [("cash", "months"), ("swings", "workloads", "costs", *_USE)],
    ],
    3: [
        [("cash", "costs", "swings"), ("months",), ("workloads", *_USE)],
        [("cash", "swings"), ("months",), ("costs", "workloads", *_USE)],
    ],
}


class Room(NamedTuple):
    """The rows that a panel needs below its heading, and those that it has a use for."""

    least: int
    most: int


class Area(NamedTuple):
    """Where a panel goes, its heading included."""

    name: str
    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Say whether a cell is inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


def arranged(width: int, height: int, wanted: Mapping[str, Room]) -> tuple[Area, ...]:
    """Return where panels go that have something to say; those that come last in a column go where there is no room."""
    orders = _ORDERS[1 if width < _TWO_COLUMNS else 2 if width < _THREE_COLUMNS else 3]
    filled = [_placed(order, width, height, wanted) for order in orders]
    return max(filled, key=lambda areas: (len(areas), sum(each.width * each.height for each in areas)))


def _placed(
    columns: Sequence[Sequence[str]], width: int, height: int, wanted: Mapping[str, Room]
) -> tuple[Area, ...]:
    """Return where panels go in these columns, of those that are wanted."""
    filled = [names for column in columns if (names := [name for name in column if name in wanted])]
    if not filled:
        return ()
    cell = (width - _GAP * (len(filled) - 1)) // len(filled)
    places: list[Area] = []
    for at, names in enumerate(filled):
        x = at * (cell + _GAP)
        wide = cell if at + 1 < len(filled) else width - x
        places += _column(names, x, wide, height, wanted)
    return tuple(places)


def _column(
    names: Iterable[str], x: int, width: int, height: int, wanted: Mapping[str, Room]
) -> Iterable[Area]:
    """Yield the places of a column from the top, with a blank row between where rows are left over."""
    rows = _shared(names, height, wanted)
    spare = height - sum(rows.values())
    y = 0
    for name, high in rows.items():
        yield Area(name, x, y, width, high)
        y += high
        if spare:
            y, spare = y + 1, spare - 1


def _shared(names: Iterable[str], height: int, wanted: Mapping[str, Room]) -> dict[str, int]:
    """Return how many rows each panel has: what it needs, then one by one in turns what it has a use for."""
    rows: dict[str, int] = {}
    for name in names:
        if not rows:
            rows[name] = min(wanted[name].least + 1, height)
        elif sum(rows.values()) + wanted[name].least + 1 <= height:
            rows[name] = wanted[name].least + 1
    left = height - sum(rows.values())
    while left and (growing := [name for name in rows if rows[name] < wanted[name].most + 1]):
        for name in growing[:left]:
            rows[name] += 1
        left = height - sum(rows.values())
    return rows
