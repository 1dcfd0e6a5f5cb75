"""Bars: what things cost, what matters most, and how one number became another."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from planner.tui.widgets.charts.canvas import Format, Row, Rows, Span, fitted, words

_LEAST_WIDTH = 20
_LEAST_BAR = 4
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_ENDS, _ASCII_ENDS = ("░", "█"), (".", "#")  # towards the low end of an unknown, and the high one
_LEAST_SWING = 8  # cells of a tornado's bars, below which the unknowns' own ranges go
_FAR = 0.5  # changes that are less than this of the lowest bar would hardly be seen on a scale from zero
_BELOW = 0.25  # of all changes: how far below the lowest bar the scale begins then
_LEVELS = "▁▂▃▄▅▆▇█"
_ASCII_LEVELS = "_.-=+*%#"


def bar(length: float, *, ascii_only: bool = False) -> str:
    """Return a bar of so many cells, to an eighth of one; anything above zero shows.

    >>> bar(2.5), bar(0.01), bar(2.5, ascii_only=True)
    ('██▌', '▏', '##')
    """
    if ascii_only:
        return "#" * (math.ceil(length - 0.5) or int(length > 0))
    eighths = round(length * 8) or int(length > 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def share_text(share: float) -> str:
    """Return a share as whole percent; less than one is not rounded to none.

    >>> share_text(0.256), share_text(0.004), share_text(0.0)
    ('26%', '<1%', '0%')
    """
    if 0 < abs(share) < 0.005:
        return "<1%"
    return f"{share:.0%}"


def breakdown_bars(
    items: Sequence[tuple[str, float]], *, width: int, height: int, show: Format, ascii_only: bool = False
) -> Rows:
    """Return one row per item, the largest first: label, bar, amount, share of the total.

    What does not fit the height is added up in the last row. Credits (below zero) have hatched bars.
    """
    items = sorted((item for item in items if item[1]), key=lambda item: -abs(item[1]))
    total = sum(amount for _, amount in items)
    if not items or not math.isfinite(total):
        return words("No costs to break down.", width=width)[:height]
    if width < _LEAST_WIDTH or height < 1:
        return words(f"{items[0][0]}: {show(items[0][1])}. No room for the rest.", width=width)[:height]
    if len(items) > height:
        rest = items[height - 1 :]
        items = [*items[: height - 1], (f"{len(rest)} others", sum(amount for _, amount in rest))]
    amounts = [show(amount) for _, amount in items]
    shares = [share_text(amount / total) if total else "" for _, amount in items]
    taken = max(map(len, amounts)) + max(map(len, shares)) + 2
    labels, room = _columns([label for label, _ in items], width - taken, ascii_only=ascii_only)
    largest = max(abs(amount) for _, amount in items)
    money_width, share_width = max(map(len, amounts)) + bool(room), max(map(len, shares)) + 1
    return [
        [
            Span(label + " "),
            _cost_bar(amount / largest, room, ascii_only=ascii_only),
            Span(money.rjust(money_width)),
            Span(share.rjust(share_width), "muted"),
        ]
        for (_, amount), label, money, share in zip(items, labels, amounts, shares, strict=True)
    ]


def _cost_bar(part: float, room: int, *, ascii_only: bool) -> Span:
    """Return the bar of a part (-1 to 1) of the largest item; a credit's is hatched."""
    if not room:
        return Span("")
    if part > 0:
        return Span(bar(part * room, ascii_only=ascii_only).ljust(room), "bar")
    return Span((("/" if ascii_only else "▒") * max(1, round(-part * room))).ljust(room), "good")


def _columns(labels: Sequence[str], width: int, *, ascii_only: bool = False) -> tuple[list[str], int]:
    """Return labels of one width, and what is left for a bar (0 if too little to be one): names come first."""
    widest = max(map(len, labels))
    room = width - widest - 1
    if room < _LEAST_BAR:
        widest, room = max(min(widest, width - 1), 1), 0
    return [fitted(label, widest, ascii_only=ascii_only) for label in labels], room


class Swing(NamedTuple):
    """What an outcome is with one unknown at its low end and at its high end; `range` is that unknown's own."""

    label: str
    at_low: float
    at_high: float
    range: str = ""


def tornado(
    swings: Sequence[Swing], *, base: float, width: int, height: int, show: Format, ascii_only: bool = False
) -> Rows:
    """Return one row per unknown, the widest swing first: its range, and the outcome from the least to the most.

    The bar towards the unknown's low end is light, towards its high end dark, so direction does not need colour.
    """
    known = moving(swings, show)[: max(height - 1, 0)]
    if not known or not math.isfinite(base):
        return words("No unknown has a range that matters here.", width=width)[:height]
    least, most = ([show(end(swing[1:3])) for swing in known] for end in (min, max))
    ends = max(map(len, least)) + max(map(len, most)) + 2
    if width < max(_LEAST_WIDTH, ends + 5):
        text = f"Most: {known[0].label}, {least[0]} to {most[0]}. No room for the chart."
        return words(text, width=width)[:height]
    ranges = _ranges(known, width - ends)
    given = len(ranges[0])
    labels, room = _columns([swing.label for swing in known], width - ends - given, ascii_only=ascii_only)
    scale = (min(base, *(min(each[1:3]) for each in known)), max(base, *(max(each[1:3]) for each in known)))
    light, dark = _ASCII_ENDS if ascii_only else _ENDS
    head = f"{light} at its low end {dark} at its high end, now {show(base)}"
    rows: Rows = [[Span(fitted(head, width, ascii_only=ascii_only), "muted")]]
    for swing, label, given_range, low, high in zip(known, labels, ranges, least, most, strict=True):
        cells = _around(swing, base, scale, room, ascii_only=ascii_only)
        rows.append(
            [
                Span(label + " "), Span(given_range, "muted"), Span(low.rjust(max(map(len, least)))), Span(" "),
                *cells, Span(" " + high),
            ]
        )  # fmt: skip
    return rows


def moving(swings: Sequence[Swing], show: Format) -> list[Swing]:
    """Return the unknowns that move the outcome by what can be seen, the widest swing first."""
    known = [swing for swing in swings if math.isfinite(swing.at_low) and math.isfinite(swing.at_high)]
    known.sort(key=lambda swing: -abs(swing.at_high - swing.at_low))
    return [swing for swing in known if show(swing.at_low) != show(swing.at_high)]


def _ranges(known: Sequence[Swing], width: int) -> list[str]:
    """Return the unknowns' own ranges, of one width; empty where they would leave no room for names and bars."""
    wide = max(len(swing.range) for swing in known) + 2
    left = width - max(len(swing.label) for swing in known) - 1 - wide
    return [swing.range.ljust(wide) if wide > 2 and left >= _LEAST_SWING else "" for swing in known]


def _around(swing: Swing, base: float, scale: tuple[float, float], room: int, *, ascii_only: bool) -> Row:
    """Return the two bars of a swing in a row of `room` cells, with the outcome as it stands marked."""
    if not room:
        return []
    low, high = scale

    def column(value: float) -> int:
        return round((value - low) / (high - low) * (room - 1))

    middle = column(base)
    light, dark = _ASCII_ENDS if ascii_only else _ENDS
    cells = [(" ", "")] * room
    for value, mark, look in ((swing.at_low, light, "low"), (swing.at_high, dark, "high")):
        for x in range(min(middle, column(value)), max(middle, column(value)) + 1):
            if cells[x][0] == " " or x != middle:
                cells[x] = (mark, look)
    cells[middle] = ("|" if ascii_only else "│", "axis")
    return [Span(text, look) for text, look in cells]


def waterfall(
    start: tuple[str, float],
    steps: Sequence[tuple[str, float]],
    end: tuple[str, float],
    *,
    width: int,
    height: int,
    show: Format,
    look: Callable[[float], str] = lambda change: "high" if change > 0 else "low",
    ascii_only: bool = False,
) -> Rows:
    """Return how the first number becomes the last: a row per step, each bar from where the one before ended.

    The largest step comes first. Rises are dark and signed +, falls light and signed -; `look` colours a change. Steps
    that do not fit are added up. Where zero is far from all of it, bars start near the lowest, which the last row says.
    """
    steps = sorted((step for step in steps if step[1]), key=lambda step: -abs(step[1]))
    if not math.isfinite(start[1]) or not math.isfinite(end[1]):
        return words("One of the two has no such number.", width=width)[:height]
    if len(steps) > height - 2 and height >= 3:
        rest = steps[height - 3 :]
        steps = [*steps[: height - 3], (f"{len(rest)} others", sum(change for _, change in rest))]
    labels = [start[0], *(label for label, _ in steps), end[0]]
    amounts = [show(start[1]), *(_signed(change, show) for _, change in steps), show(end[1])]
    if width < _LEAST_WIDTH or height < len(labels):
        return words(f"{start[0]} {amounts[0]}, {end[0]} {amounts[-1]}. No room.", width=width)[:height]
    edges = _edges([start[1], *(change for _, change in steps), end[1]])
    last = len(edges) - 1
    looks = ["bar" if at in (0, last) else look(stop - begin) for at, (begin, stop) in enumerate(edges)]
    bars = [_Bar(*each) for each in zip(labels, amounts, edges, looks, strict=True)]
    low = _floor(edges)
    rows = _falling(bars, low, width, ascii_only=ascii_only)
    if low > 0 and len(rows) < height:
        rows.append([Span(fitted(f"bars start at {show(low)}", width, ascii_only=ascii_only), "muted")])
    return rows


class _Bar(NamedTuple):
    """A row of a waterfall: what it is, how much, from where to where, and its role."""

    label: str
    amount: str
    edge: tuple[float, float]
    look: str


def _edges(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return where each bar begins and ends: the first and the last from zero, the others are changes."""
    edges = [(0.0, values[0])]
    for change in values[1:-1]:
        edges.append((edges[-1][1], edges[-1][1] + change))
    return [*edges, (0.0, values[-1])]


def _floor(edges: Sequence[tuple[float, float]]) -> float:
    """Return where bars start: zero, or just below the lowest one where zero would leave the changes no room."""
    tops = [end for _, end in edges]
    low, high = min(tops), max(tops)
    if low > 0 and high - low < _FAR * low:
        return max(low - _BELOW * (high - low or low), 0.0)
    return min(low, 0.0)


def _falling(bars: Sequence[_Bar], low: float, width: int, *, ascii_only: bool) -> Rows:
    """Return the rows of a waterfall whose scale begins at `low`."""
    high = max(max(each.edge) for each in bars)
    texts, room = _columns(
        [each.label for each in bars],
        width - max(len(each.amount) for each in bars) - 1,
        ascii_only=ascii_only,
    )
    whole, up, down = ("=", "#", ".") if ascii_only else ("▓", "█", "░")
    rows: Rows = []
    for each, text in zip(bars, texts, strict=True):
        total, change = each.look == "bar", each.edge[1] - each.edge[0]
        mark = whole if total else up if change > 0 else down
        first, last = (
            round(max(value - low, 0.0) / ((high - low) or 1.0) * room) for value in sorted(each.edge)
        )
        first = min(first, max(room - 1, 0))
        body = (" " * first + mark * max(last - first, 1)).ljust(room) if room else ""
        amount = each.amount.rjust(width - len(text) - 1 - room)
        rows.append([Span(text + " "), Span(body, each.look), Span(amount, "" if total else each.look)])
    return rows


def _signed(change: float, show: Format) -> str:
    return ("+" if change > 0 else "-") + show(abs(change))


def spark(values: Sequence[float], *, width: int, ascii_only: bool = False) -> Row:
    """Return the course of some numbers in one row, lowest to highest; what is unknown stays blank.

    >>> plain_row = spark([0.0, 1.0, 2.0, 4.0], width=4); plain_row[0].text
    '▁▃▅█'
    """
    known = [value for value in values if math.isfinite(value)]
    if not known or width < 1:
        return [Span("n/a"[: max(width, 0)], "muted")]
    levels = _ASCII_LEVELS if ascii_only else _LEVELS
    count = min(width, len(values))
    chosen = [values[round(x / max(count - 1, 1) * (len(values) - 1))] for x in range(count)]
    low, high = min(known), max(known)
    text = ""
    for value in chosen:
        part = (value - low) / (high - low) if high > low else 0.5
        text += levels[round(part * (len(levels) - 1))] if math.isfinite(value) else " "
    return [Span(text, "line")]
