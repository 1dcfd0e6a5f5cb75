"""Charts of a report as inline SVG: they read without colour and need nothing from outside."""

from collections.abc import Callable, Sequence

import numpy as np

from planner.analysis.uncertainty import Fan
from planner.files import inert_html
from planner.schema import Array
from planner.units import show

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720.0, 260.0, 70.0, 28.0, 12.0
BAR_HEIGHT, LABEL_WIDTH = 20.0, 260.0
_TICKS = 5


def cash_chart(cash_usd: Array, fan: Fan, funding_usd: Array) -> str:
    """Return the cash at each month's end: the median plan as a line, the 5th to 95th percentile as an area."""
    count = len(cash_usd)
    low = min(float(np.min(fan.p5)), float(np.min(cash_usd)), 0.0)
    high = max(float(np.max(fan.p95)), float(np.max(cash_usd)), 1.0)

    def x(month: int) -> float:
        return LEFT + (WIDTH - LEFT - 8) * month / max(count - 1, 1)

    def y(usd: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - usd) / (high - low)

    outer = _area(x, y, fan.p5, fan.p95, count)
    inner = _area(x, y, fan.p25, fan.p75, count)
    line = " ".join(f"{x(i):.1f},{y(float(usd)):.1f}" for i, usd in enumerate(cash_usd))
    ticks = "".join(
        f'<text x="{LEFT - 6}" y="{y(usd) + 4:.1f}" text-anchor="end">{show(usd, "usd")}</text>'
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y(usd):.1f}" y2="{y(usd):.1f}" class="grid"/>'
        for usd in np.linspace(low, high, _TICKS)
    )
    months = "".join(
        f'<text x="{x(i):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{i + 1}</text>'
        for i in range(0, count, max(count // 12, 1))
    )
    raised = "".join(
        f'<text x="{x(i):.1f}" y="{TOP + 10}" text-anchor="middle">▲ {show(float(usd), "usd")}</text>'
        for i, usd in enumerate(funding_usd)
        if usd > 0
    )
    zero = f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y(0):.1f}" y2="{y(0):.1f}" class="zero"/>'
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="Cash by month">{ticks}'
        f'<path d="{outer}" class="outer"/><path d="{inner}" class="inner"/>{zero}'
        f'<polyline points="{line}" class="line"/>{months}{raised}</svg>'
    )


def _area(x: Callable[[int], float], y: Callable[[float], float], low: Array, high: Array, count: int) -> str:
    there = [f"{x(i):.1f} {y(float(high[i])):.1f}" for i in range(count)]
    back = [f"{x(i):.1f} {y(float(low[i])):.1f}" for i in reversed(range(count))]
    return "M" + " L".join([*there, *back]) + " Z"


def cost_chart(items: Sequence[tuple[str, float]]) -> str:
    """Return the line items as bars with their names and amounts."""
    largest = max((usd for _, usd in items), default=1.0) or 1.0
    rows = []
    for i, (name, usd) in enumerate(items):
        top, width = i * (BAR_HEIGHT + 6), max((WIDTH - LABEL_WIDTH - 80) * max(usd, 0.0) / largest, 1.0)
        rows.append(
            f'<text x="{LABEL_WIDTH - 8}" y="{top + 15}" text-anchor="end">{inert_html(name)}</text>'
            f'<rect x="{LABEL_WIDTH}" y="{top}" width="{width:.1f}" height="{BAR_HEIGHT}" class="bar"/>'
            f'<text x="{LABEL_WIDTH + width + 6:.1f}" y="{top + 15}">{show(usd, "usd")}</text>'
        )
    height = len(items) * (BAR_HEIGHT + 6)
    return f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="Costs of month 1">{"".join(rows)}</svg>'
