"""A table of two sides: a label, what either side has, and a remark; columns are as wide as what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from planner.records import dataclass
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.sheet import SheetRow, text

NARROW = 78  # below it both sides stand under the label
_LONGEST_LABEL = 46  # columns from a label to its numbers, however wide the screen
_LONGEST_NAME, _LEAST_SIDE = 34, 10
_GAP = 2


@dataclass(frozen=True)
class Sides:
    """One row: a label, both sides, and a remark with its look. A row without a key is only read."""

    label: str
    before: str
    after: str
    remark: str = ""
    look: str = ""
    key: str = ""


def side_rows(names: tuple[str, str], rows: Sequence[Sides], width: int) -> list[SheetRow]:
    """Return the table under the names of its sides; what does not fit its column stands under the label, whole."""
    if width < NARROW:
        return [line for each in rows for line in _under(each, width)]
    label, *sides = _columns(names, rows, width)
    head = "".join(fitted(name, wide).ljust(wide + _GAP) for name, wide in zip(names, sides, strict=True))
    found = [SheetRow([Span(" " * label), Span(head.rstrip(), "muted")])]
    for each in rows:
        fits = all(
            cell_len(said) <= wide for said, wide in zip((each.before, each.after), sides, strict=True)
        )
        found += (
            [_beside(each, label, sides)] if fits and cell_len(each.label) < label else _under(each, width)
        )
    return found


def _columns(names: tuple[str, str], rows: Sequence[Sides], width: int) -> tuple[int, int, int]:
    """Return how wide the label and both sides are."""
    label = min(max((cell_len(each.label) for each in rows), default=0) + 1 + _GAP, _LONGEST_LABEL)
    remark = max((cell_len(each.remark) for each in rows), default=0)
    room = width - label - remark - 2 * _GAP - 1
    wanted = [
        max(min(cell_len(name), _LONGEST_NAME), *(cell_len(said) for said in column), _LEAST_SIDE)
        for name, column in zip(
            names, ([each.before for each in rows], [each.after for each in rows]), strict=True
        )
    ]
    half = max(room // 2, _LEAST_SIDE)
    first = min(wanted[0], max(half, room - wanted[1]))
    return label, first, min(wanted[1], max(room - first, _LEAST_SIDE))


def _beside(each: Sides, label: int, sides: Sequence[int]) -> SheetRow:
    before, after = sides
    return SheetRow(
        [
            Span(f" {each.label}".ljust(label), "label"),
            Span(each.before + " " * (before - cell_len(each.before) + _GAP), "muted"),
            Span(each.after + " " * (after - cell_len(each.after) + _GAP), "value"),
            Span(each.remark, each.look),
        ],
        each.key,
    )


def _under(each: Sides, width: int) -> list[SheetRow]:
    """Return the remark beside the label where it fits, and both sides below it."""
    room = width - cell_len(each.label) - 3
    beside = each.remark if cell_len(each.remark) <= room else ""
    first = SheetRow(
        [Span(f" {each.label} ", "label"), Span(beside.rjust(room) if beside else "", each.look)], each.key
    )
    rows = [first, *text(f"{each.before} to {each.after}", width, look="muted", indent=3)]
    return (
        rows
        if beside == each.remark
        else [*rows, *text(each.remark, width, look=each.look or "label", indent=3)]
    )
