"""Two costs over volume, both axes by powers of ten: a line for the first, dots for the second."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from planner.tui.widgets.charts.canvas import Canvas, Dots, Format, Rows, words

_LEAST_WIDTH, _LEAST_HEIGHT = 24, 6
_DECADE = 10.0


class CostCurve(NamedTuple):
    """What one side is called, and what it costs at each volume."""

    label: str
    usd: Sequence[float]


class _Scale(NamedTuple):
    """Powers of ten from one end of an axis to the other, and the dots between."""

    low: float
    high: float
    dots: int

    def at(self, value: float) -> int:
        return round((math.log10(value) - self.low) / (self.high - self.low) * (self.dots - 1))


class _Plane(NamedTuple):
    """The dots, and where volumes and amounts lie on them."""

    dots: Dots
    across: _Scale
    up: _Scale


def cost_curves(
    volumes: Sequence[float],
    first: CostCurve,
    second: CostCurve,
    *,
    width: int,
    height: int,
    show: Format,
    show_volume: Format,
    crossing: float = math.nan,
    ascii_only: bool = False,
) -> Rows:
    """Return the chart with its axes and legend; an upright line marks the volume where the cheaper side changes.

    Shape: (volumes,) each.
    """
    known = [usd for curve in (first, second) for usd in curve.usd if math.isfinite(usd) and usd > 0]
    if not known:
        return words("No cost by volume to draw.", width=width)[:height]
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return words("No room for the chart.", width=width)[:height]
    low, high = _ends(known)
    labels = {power: show(_DECADE**power) for power in range(low, high + 1)}
    left, rows = max(map(len, labels.values())) + 1, height - 3
    dots = Dots(width - left - 1, rows)
    across = _Scale(math.log10(volumes[0]), math.log10(volumes[-1]), dots.width)
    plane = _Plane(dots, across, _Scale(low, high, dots.height))
    canvas = Canvas(width, height)
    if not math.isnan(crossing):
        for y in range(dots.height):
            dots.put(across.at(crossing), y, "zero")
    _draw(plane, second.usd, "band", every=3)
    _draw(plane, first.usd, "line", every=1)
    dots.onto(canvas, left + 1, 1, ascii_only=ascii_only)
    line, points, upright = ("*", ".", "|") if ascii_only else ("⣀", "⠂", "⡇")
    legend = f"{line} {first.label}   {points} {second.label}"
    canvas.put(0, 0, legend + ("" if math.isnan(crossing) else f"   {upright} where they cross"), "muted")
    _amount_axis(canvas, plane.up, labels, left, ascii_only=ascii_only)
    _volume_axis(canvas, across, left, rows + 1, show_volume, ascii_only=ascii_only)
    if not math.isnan(crossing):
        text = f"{'^' if ascii_only else '▲'} {show_volume(crossing)}"
        x = left + 1 + across.at(crossing) // 2
        canvas.put(min(x, width - len(text)), height - 1, text, "good")
    return canvas.rows()


def _ends(known: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    return low, max(high, low + 1)


def _draw(plane: _Plane, costs: Sequence[float], look: str, *, every: int) -> None:
    """Draw one side, in every so many columns of dots."""
    dots = plane.dots
    before = None
    for x in range(dots.width):
        usd = costs[round(x / max(dots.width - 1, 1) * (len(costs) - 1))]
        if not math.isfinite(usd) or usd <= 0:
            before = None
            continue
        y = dots.height - 1 - plane.up.at(usd)
        start = y if before is None else before + (y > before) - (y < before)
        if x % every == 0:
            for between in range(min(start, y), max(start, y) + 1):
                dots.put(x, between, look)
        before = y


def _amount_axis(canvas: Canvas, up: _Scale, labels: dict[int, str], left: int, *, ascii_only: bool) -> None:
    tick, rule = ("+", "|") if ascii_only else ("┤", "│")
    for y in range(1, up.dots // 4 + 1):
        canvas.put(left, y, rule, "axis")
    for power, label in labels.items():
        y = 1 + (up.dots - 1 - up.at(_DECADE**power)) // 4
        if canvas.free(0, y, left):
            canvas.put(left - 1 - len(label), y, label, "axis")
            canvas.put(left, y, tick, "axis")


def _volume_axis(
    canvas: Canvas, across: _Scale, left: int, y: int, show: Format, *, ascii_only: bool
) -> None:
    canvas.put(left, y, "+" if ascii_only else "└", "axis")
    for power in range(math.ceil(across.low), math.floor(across.high) + 1):
        text = show(_DECADE**power)
        x = min(left + 1 + across.at(_DECADE**power) // 2, canvas.width - len(text))
        if canvas.free(x, y, len(text)) and (x == left + 1 or canvas.free(x - 1, y, 1)):
            canvas.put(x, y, text, "axis")
