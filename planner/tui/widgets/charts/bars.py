"""Bars: what things cost, what matters most, and how one number became another."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from planner.tui.widgets.charts.canvas import Format, Row, Rows, Span, fitted, words

_LEAST_WIDTH = 20
_LEAST_BAR = 4
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_ENDS, _ASCII_ENDS = ("░", "█"), (".", "#")  # towards the low end of an unknown, and the high one
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
    """Return labels of one width, and what is left for a bar (0 if too little to be one)."""
    widest = max(map(len, labels))
    wide = min(widest, max(width // 2, 6))
    room = width - wide - 1
    if room < _LEAST_BAR:
        wide, room = max(min(widest, width - 1), 1), 0
    return [fitted(label, wide, ascii_only=ascii_only) for label in labels], room


class Swing(NamedTuple):
    """What an outcome is with one unknown at its low end and at its high end."""

    label: str
    at_low: float
    at_high: float


def tornado(
    swings: Sequence[Swing], *, base: float, width: int, height: int, show: Format, ascii_only: bool = False
) -> Rows:
    """Return one row per unknown, the widest swing first, around the outcome as it stands.

    The bar towards the unknown's low end is light, towards its high end dark; the amounts stand at the
    right in the same order, so direction does not need colour.
    """
    known = [swing for swing in swings if math.isfinite(swing.at_low) and math.isfinite(swing.at_high)]
    known.sort(key=lambda swing: -abs(swing.at_high - swing.at_low))
    known = [swing for swing in known if swing.at_low != swing.at_high][: max(height - 1, 0)]
    if not known or not math.isfinite(base):
        return words("No unknown has a range that matters here.", width=width)[:height]
    ends = [f"{show(swing.at_low)} … {show(swing.at_high)}" for swing in known]
    if ascii_only:
        ends = [end.replace("…", "..") for end in ends]
    if width < max(_LEAST_WIDTH, max(map(len, ends)) + 5):
        return words(f"Most: {known[0].label}, {ends[0]}. No room for the chart.", width=width)[:height]
    labels, room = _columns(
        [swing.label for swing in known], width - max(map(len, ends)) - 1, ascii_only=ascii_only
    )
    low = min(base, *(min(swing[1:]) for swing in known))
    high = max(base, *(max(swing[1:]) for swing in known))
    light, dark = _ASCII_ENDS if ascii_only else _ENDS
    head = fitted(f"{light} at low end {dark} at high end, now {show(base)}", width, ascii_only=ascii_only)
    rows: Rows = [[Span(head, "muted")]]
    for swing, label, end in zip(known, labels, ends, strict=True):
        cells = _around(swing, base, (low, high), room, ascii_only=ascii_only)
        rows.append([Span(label + " "), *cells, Span(end.rjust(width - len(label) - 1 - room))])
    return rows


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
    ascii_only: bool = False,
) -> Rows:
    """Return how the first number becomes the last: a row per step, each bar from where the one before ended.

    Rises are dark and signed +, falls light and signed -. Steps that do not fit are added up.
    """
    steps = [step for step in steps if step[1]]
    if not math.isfinite(start[1]) or not math.isfinite(end[1]):
        return words("One of the two has no such number.", width=width)[:height]
    if len(steps) > height - 2 and height >= 3:
        steps = sorted(steps, key=lambda step: -abs(step[1]))
        rest = steps[height - 3 :]
        steps = [*steps[: height - 3], (f"{len(rest)} others", sum(change for _, change in rest))]
    labels = [start[0], *(label for label, _ in steps), end[0]]
    amounts = [show(start[1]), *(_signed(change, show) for _, change in steps), show(end[1])]
    if width < _LEAST_WIDTH or height < len(labels):
        return words(f"{start[0]} {amounts[0]}, {end[0]} {amounts[-1]}. No room.", width=width)[:height]
    return _falling(labels, [start[1], *(change for _, change in steps), end[1]], amounts, width, ascii_only)


def _falling(
    labels: Sequence[str], values: Sequence[float], amounts: Sequence[str], width: int, ascii_only: bool
) -> Rows:
    """Return the rows of a waterfall: the first and the last value from zero, the others are changes."""
    edges = [(0.0, values[0])]
    for change in values[1:-1]:
        edges.append((edges[-1][1], edges[-1][1] + change))
    edges.append((0.0, values[-1]))
    low, high = min(0.0, *map(min, edges)), max(0.0, *map(max, edges))
    texts, room = _columns(labels, width - max(map(len, amounts)) - 1, ascii_only=ascii_only)
    whole, up, down = ("=", "#", ".") if ascii_only else ("▓", "█", "░")
    rows: Rows = []
    for number, (edge, text, amount) in enumerate(zip(edges, texts, amounts, strict=True)):
        total = number in (0, len(edges) - 1)
        mark, look = (whole, "bar") if total else (up, "high") if edge[1] > edge[0] else (down, "low")
        first, last = (round((value - low) / ((high - low) or 1.0) * room) for value in sorted(edge))
        first = min(first, room - 1)
        body = (" " * first + mark * max(last - first, 1)).ljust(room) if room else ""
        rows.append([Span(text + " "), Span(body, look), Span(amount.rjust(width - len(text) - 1 - room))])
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
