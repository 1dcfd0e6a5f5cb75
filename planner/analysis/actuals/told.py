"""A past month as text: how its net burn differs from plan, and which lines make up the rest."""

import math

from planner.analysis.actuals.compared import LineCompared, MonthCompared
from planner.analysis.actuals.planned import is_cost
from planner.readout.actual_lines import LEAST_USD, PARTS, line_label, line_text, signed_text
from planner.units import NOT_AVAILABLE

LINES_HEAD = ("", "plan", "actual", "difference", "", "p5 to p95 of the plan")
WHY_HEAD = ("", "difference", *PARTS)
_MOST_OF_REST = 3


def line_cells(line: LineCompared) -> tuple[str, ...]:
    """Return a month's line as a row under LINES_HEAD."""
    change = NOT_AVAILABLE if math.isnan(line.relative) else f"{line.relative:+z.1%}"
    if line.line.startswith("success_share"):
        change = ""
    mark = {True: "inside", False: "outside", None: ""}[line.inside]
    ends = ""
    if line.range.spreads:
        ends = f"{line_text(line.line, line.range.p5)} to {line_text(line.line, line.range.p95)}"
    return (
        line_label(line.line), line_text(line.line, line.plan), line_text(line.line, line.actual),
        signed_text(line.line, line.difference), change, f"{ends} {mark}".strip(),
    )  # fmt: skip


def why_cells(month: MonthCompared) -> tuple[str, ...]:
    """Return why a month's net burn differs, as rows under WHY_HEAD; above 0 burns more."""
    parts = (signed_text("usd", getattr(month.effects, part)) for part in PARTS)
    return (month.month, signed_text("usd", month.net_burn_difference_usd), *parts)


def why_text(month: MonthCompared) -> str:
    """Return how much more or less than planned a month burned, and why, largest part first, as text."""
    usd = month.net_burn_difference_usd
    if abs(usd) < LEAST_USD:
        return f"{month.month}: burnt as planned."
    effects = {part: float(getattr(month.effects, part)) for part in PARTS}
    told = [
        f"{part} {signed_text('usd', value)}"
        for part, value in sorted(effects.items(), key=lambda each: -abs(each[1]))
        if abs(value) >= LEAST_USD
    ]
    more = "more" if usd > 0 else "less"
    return f"{month.month}: burnt {line_text('usd', abs(usd))} {more} than planned: {', '.join(told)}."


def rest_text(month: MonthCompared) -> str:
    """Return the lines that make up the rest, largest first, as text; "" if there are none."""
    rest = [
        (line.line, line.effects.rest * (1.0 if is_cost(line.line) else -1.0))
        for line in month.lines
        if line.effects is not None and abs(line.effects.rest) >= LEAST_USD
    ]
    rest.sort(key=lambda each: -abs(each[1]))
    shown = ", ".join(f"{line_label(line)} {signed_text('usd', usd)}" for line, usd in rest[:_MOST_OF_REST])
    more = f" and {len(rest) - _MOST_OF_REST} more" if len(rest) > _MOST_OF_REST else ""
    return f"The rest is {shown}{more}." if rest else ""
