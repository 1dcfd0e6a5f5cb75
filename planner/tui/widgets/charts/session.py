"""A session along its calls: the prompt that grows, what of it a cache holds, compactions, what each call costs."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from planner.tui.widgets.charts.bars import spark
from planner.tui.widgets.charts.canvas import Canvas, Format, Rows, Span, fitted, words

_LEAST_WIDTH, _LEAST_HEIGHT = 24, 5
_CACHED, _NEW = "░", "█"
_ASCII_CACHED, _ASCII_NEW = ".", "#"


class CallCourse(NamedTuple):
    """The calls of a session in order: prompts, what the cache holds, cost (nan where none). Shape: (calls,) each.

    `compacted_at` are the calls, counted from 1, before which the history was shortened.
    """

    prompt_tokens: Sequence[float]
    cached_tokens: Sequence[float]
    usd: Sequence[float]
    compacted_at: Sequence[int] = ()


def session_chart(
    course: CallCourse,
    *,
    width: int,
    height: int,
    show_tokens: Format,
    show_usd: Format,
    ascii_only: bool = False,
) -> Rows:
    """Return columns of prompts, light where the cache holds them, over a line of costs; the calls stand below."""
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return words("No room for the chart.", width=width)[:height]
    longest = max(course.prompt_tokens)
    label, costs = show_tokens(longest), [usd for usd in course.usd if math.isfinite(usd)]
    money = f"cost {show_usd(min(costs))} to {show_usd(max(costs))}" if costs else "GPU time is paid"
    left = max(len(label), 4) + 1
    columns = min(width - left, len(course.prompt_tokens))
    at = [round(column * (len(course.prompt_tokens) - 1) / max(columns - 1, 1)) for column in range(columns)]
    cached, new = (_ASCII_CACHED, _ASCII_NEW) if ascii_only else (_CACHED, _NEW)
    head = f"prompt: {cached} from the cache {new} not; {money} a call"
    rows = height - 3
    canvas = Canvas(width, rows)
    canvas.put(0, 0, label.rjust(left - 1), "axis")
    canvas.put(0, rows - 1, "0".rjust(left - 1), "axis")
    for column, call in enumerate(at):
        filled = max(round(course.prompt_tokens[call] / longest * rows), 1) if longest > 0 else 0
        some = int(course.cached_tokens[call] < course.prompt_tokens[call])
        kept = min(round(course.cached_tokens[call] / longest * rows), filled - some) if longest > 0 else 0
        for y in range(filled):
            mark, look = (cached, "low") if y < kept else (new, "high")
            canvas.put(left + column, rows - 1 - y, mark, look)
    line = spark([course.usd[call] for call in at], width=columns, ascii_only=ascii_only) if costs else []
    return [
        [Span(fitted(head, width, ascii_only=ascii_only), "muted")],
        *canvas.rows(),
        [Span("cost".rjust(left - 1) + " ", "axis"), *line],
        [Span(" " * left + _calls(course, at), "axis")],
    ]


def _calls(course: CallCourse, at: Sequence[int]) -> str:
    """Return the numbers of the first call, of those after a compaction and of the last one under their columns."""
    columns = len(at)
    last = f"call {len(course.prompt_tokens)}"
    if columns <= len(last) + 1:
        return "1"[:columns]
    row = "1".ljust(columns - len(last)) + last
    for call in course.compacted_at:
        column, mark = bisect_left(at, call - 1), f"^{call} compacted"
        mark = mark if row[column : column + len(mark) + 1].isspace() else f"^{call}"
        if row[column : column + len(mark) + 1].isspace():
            row = row[:column] + mark + row[column + len(mark) :]
    return row
