"""Cash by month, the costs of a month, and what moves the chosen number most."""

from collections import Counter
from collections.abc import Callable, Sequence

from planner.analysis.sensitivity import Bar
from planner.errors import ScenarioError
from planner.readout import (
    RUNWAYS,
    closed_cash_usd,
    label,
    long_label,
    number_text,
    placed_label,
    runway_state,
)
from planner.readout.field_values import value_at
from planner.readout.metrics import RUNWAY_WITH_RAISES
from planner.schema import Scenario
from planner.schema.steps import steps_of
from planner.tui.session.month_marks import CHANGED, GONE, LEAST, OUT, OUT_LATER, PLANNED, RAISED, month_marks
from planner.tui.session.months import known
from planner.tui.widgets.charts import (
    CashCourse,
    Mark,
    Rows,
    Span,
    Swing,
    breakdown_bars,
    cash_curve,
    month_at,
    moving,
    tornado,
)
from planner.tui.widgets.charts.canvas import words
from planner.tui.widgets.headline_numbers import cash_by_month, cost_items, ranges_in
from planner.tui.widgets.panels.scene import COST, UNKNOWN, Panel, Scene, usd

_MOST_COSTS, _MOST_SWINGS, _MOST_CASH, _MOST_OTHERS = 14, 12, 26, 4
_SIGNS = {OUT: ("✗", "bad"), OUT_LATER: ("✗", "bad"), LEAST: ("▼", "mark"), RAISED: ("▲", "good"),
          PLANNED: ("△", "good"), CHANGED: ("◇", "mark"), GONE: ("◇", "bad")}  # fmt: skip


def cash_of(scene: Scene) -> CashCourse:
    """Return cash by month with its marks."""
    result, (low, high) = scene.outlook.result, scene.outlook.cash
    marks = [
        Mark(mark.at, _said(mark.kind, mark.month, mark.words), *_SIGNS[mark.kind])
        for mark in (month_marks(result, scene.outlook.scenario) if result is not None else ())
        if mark.kind in _SIGNS
    ]
    cash = cash_by_month(scene.outlook)
    was = (
        [known(scene.outlook, month, "cash_usd") for month in range(len(cash))]
        if scene.outlook.happened
        else []
    )
    return CashCourse(cash, low, high, was, marks, _closed(scene))


def _closed(scene: Scene) -> list[float]:
    """Return cash without raises that have not closed, at the start and after each month; empty where all have."""
    result = scene.outlook.result
    closed = closed_cash_usd(result) if result is not None else None
    return (
        []
        if closed is None
        else [float(scene.outlook.scenario.company.cash_usd), *closed.reshape(-1).tolist()]
    )


def _said(kind: str, month: int, words: str) -> str:
    if kind in (CHANGED, GONE):
        return ""
    if kind == OUT_LATER:
        return f"with planned raises in month {month}"
    if kind in (OUT, LEAST):
        return f"{words} in month {month}"
    return f"{words} planned" if kind == PLANNED else words


def _cash(scene: Scene, width: int, height: int) -> Rows:
    return cash_curve(
        cash_of(scene),
        width=width,
        height=height,
        show=usd,
        month=scene.month or None,
        ascii_only=scene.ascii_only,
    )


def _cash_title(scene: Scene) -> str:
    """Say when cash runs out, without planned raises and with them: one of these is each line that is drawn."""
    result = scene.outlook.result
    marks = month_marks(result, scene.outlook.scenario) if result is not None else ()
    out, later = (next((mark.month for mark in marks if mark.kind == kind), 0) for kind in (OUT, OUT_LATER))
    if not out or result is None:
        return "Cash by month"
    said = f"Cash by month, runs out in month {out}"
    if later:
        return f"{said}, or {later} with planned raises"
    lasts = runway_state(result, RUNWAY_WITH_RAISES) not in (None, "cash_out")
    return f"{said}; with planned raises it lasts" if lasts else said


def month_of_cash(scene: Scene, x: int, width: int, height: int) -> int | None:
    """Return the month in a column of the chart of cash."""
    return month_at(x, cash_of(scene), width=width, height=height, show=usd)


def _costs(scene: Scene, width: int, height: int) -> Rows:
    assert scene.outlook.result is not None
    items = cost_items(scene.outlook.result)
    return breakdown_bars(items, width=width, height=height, show=usd, ascii_only=scene.ascii_only)


def _cost_stops(scene: Scene) -> list[str]:
    return [f"{COST}{name}" for name, _ in cost_items(scene.outlook.result)] if scene.outlook.result else []


def _most_costs(scene: Scene) -> int:
    return min(len(cost_items(scene.outlook.result)), _MOST_COSTS) if scene.outlook.result is not None else 0


def _swings_title(scene: Scene) -> str:
    swings = scene.outlook.swings
    return (
        f"What moves {long_label(swings.metric).lower()} most (m: another)"
        if swings is not None
        else "What matters most"
    )


def _most_swings(scene: Scene) -> int:
    """Return the rows for what matters most: the same before it is known and for any number."""
    swings = scene.outlook.swings
    bars = ranges_in(scene.outlook.scenario) if swings is None else len(swings.bars)
    return min(bars, _MOST_SWINGS) + 1 if bars else 0


def _swings(scene: Scene, width: int, height: int) -> Rows:
    swings = scene.outlook.swings
    if swings is None:
        return [[Span(" Working it out …", "muted")]]
    bars = [bar for _, bar in _by_path(scene)]
    show_end = _ends_of(scene)
    if not moving(bars, show_end):
        return [*words(_nothing_moves(scene), width=width)][:height]
    return tornado(
        bars, base=swings.middle, width=width, height=height, show=show_end, ascii_only=scene.ascii_only
    )


def _nothing_moves(scene: Scene) -> str:
    """Say that no range moves the number, and which numbers some do, by how far their own ranges are drawn apart."""
    assert scene.outlook.swings is not None
    now = scene.outlook.swings.metric
    others = [
        label(name).lower() for name, ends in scene.outlook.spread.items() if name != now and ends.spreads
    ]
    said = f"No range of this plan moves {long_label(now).lower()}."
    return f"{said} Ranges do move {', '.join(others[:_MOST_OTHERS])}: m goes on to them." if others else said


def _ends_of(scene: Scene) -> Callable[[float], str]:
    """Return what writes an end of a bar; the runway is counted up to the horizon."""
    swings, ahead = scene.outlook.swings, float(scene.outlook.scenario.company.horizon_months)
    assert swings is not None

    def end(value: float) -> str:
        text = number_text(swings.metric, value, ahead, brief=True)
        return text.removesuffix(" months") if swings.metric in RUNWAYS else text

    return end


def _by_path(scene: Scene) -> list[tuple[str, Swing]]:
    """Return what each unknown does, by its path."""
    swings, scenario = scene.outlook.swings, scene.outlook.scenario
    assert swings is not None
    return [
        (bar.path, Swing(label, bar.at_low, bar.at_high, _range(scenario, bar.path)))
        for bar, label in zip(swings.bars, _labels(swings.bars), strict=True)
    ]


def _swing_stops(scene: Scene) -> list[str]:
    """Return the unknowns in the order of their bars."""
    if scene.outlook.swings is None:
        return []
    by_path = _by_path(scene)
    drawn = moving([bar for _, bar in by_path], _ends_of(scene))
    return [f"{UNKNOWN}{path}" for each in drawn for path, bar in by_path if bar is each]


def _range(scenario: Scenario, path: str) -> str:
    """Return the range of an unknown; nothing where it is one of the plan before, until those of this one are known."""
    try:
        return value_at(scenario, path)
    except ScenarioError:
        return ""


def _labels(bars: Sequence[Bar]) -> list[str]:
    """Return the fields' labels, with what each belongs to where it is a deployment or several are called the same."""
    called = Counter(bar.label for bar in bars)
    labels = []
    for bar in bars:
        parts = list(steps_of(bar.path))
        named = len(parts) > 2 and (parts[0] == "deployments" or called[bar.label] > 1)
        labels.append(placed_label(bar.path, bar.label) if named else bar.label)
    return labels


CASH = Panel("cash", _cash_title, 7, lambda _: _MOST_CASH, _cash)
COSTS = Panel(
    "costs", lambda scene: f"Costs of month {scene.month or 1}", 6, _most_costs, _costs, _cost_stops, 0
)
SWINGS = Panel("swings", _swings_title, 6, _most_swings, _swings, _swing_stops, 1)
