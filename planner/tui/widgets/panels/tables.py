"""Tables beside the form: the months of the plan, and its workloads."""

import math
from collections.abc import Sequence

from planner.model import WorkloadResult
from planner.readout import number
from planner.tui.session.month_marks import words_by_month
from planner.tui.session.months import ACTUAL, Column, cell_text, table
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.panels.scene import WORKLOAD, Panel, Scene
from planner.units import show

_MONTH, _CELL = 5, 8
_NOTE = 15  # cells for what is to be said of a month
_MOST_WORKLOADS = 16
_WORKLOAD_COLUMNS = (
    ("requests", 9), ("success", 8), ("latency", 17), ("/request", 9), ("/outcome", 9), ("a month", 8),
)  # fmt: skip
_LEAST_NAME = 12


def _months(scene: Scene, width: int, height: int) -> Rows:
    """Return the months that fit around the one under the cursor, under the names of their columns."""
    result = scene.outlook.result
    assert result is not None
    columns = table(scene.outlook)
    room = width - _MONTH - _NOTE
    shown = []
    for each, values in columns:
        if (room := room - _wide(each)) >= 0:
            shown.append((each, values))
    count, said = len(columns[0][1]), words_by_month(result, scene.outlook.scenario)
    top = first_month(scene.month, count, height - 1)
    head = "month".rjust(_MONTH) + "".join(each.name.rjust(_wide(each)) for each, _ in shown)
    rows: Rows = [[Span(head, "muted")]]
    for month in range(top + 1, min(top + height - 1, count) + 1):
        row = [
            Span(str(month).rjust(_MONTH), "label"),
            *(_cell(each, values[month - 1]) for each, values in shown),
        ]
        note = ", ".join(said.get(month, ()))
        rest = max(width - sum(len(span.text) for span in row), 0)
        look = "bad" if "out" in note or " retired: " in note else "mark"
        row.append(Span(fitted(f"  {note}", rest, ascii_only=scene.ascii_only).rstrip(), look))
        rows.append(_under_cursor(row, width) if month == scene.month else row)
    return rows


def first_month(month: int, count: int, rows: int) -> int:
    """Return how many months stand above the table's first row, so that the one under the cursor is in sight."""
    return max(min(month - 1 - rows // 2, count - rows), 0)


def month_of_row(scene: Scene, y: int, height: int) -> int | None:
    """Return the month in a row of the table."""
    count = _most_months(scene) - 1
    month = first_month(scene.month, count, height - 1) + y
    return month if y > 0 and month <= count else None


def _wide(column: Column) -> int:
    return max(len(column.name), _CELL - 1) + 1


def _cell(column: Column, value: float) -> Span:
    look = "bad" if column.flow == "cash_usd" and value < 0 else "mark" if column.name == ACTUAL else "label"
    text = "" if math.isnan(value) and column.name == ACTUAL else cell_text(value, column.unit)
    return Span(text.rjust(_wide(column)), look)


def _under_cursor(row: Row, width: int) -> Row:
    filled = sum(len(span.text) for span in row)
    return [*(Span(span.text, f"{span.look} cursor") for span in row), Span(" " * (width - filled), "cursor")]


def _most_months(scene: Scene) -> int:
    return int(scene.outlook.scenario.company.horizon_months) + 1 if scene.outlook.result is not None else 0


def _workloads(scene: Scene, width: int, height: int) -> Rows:
    """Return a row for each workload, the one that costs most first; those that do not fit are counted."""
    found = _by_cost(scene)
    rest = max(len(found) - height + 2, 0) if len(found) > height - 1 else 0
    found = found[: len(found) - rest]
    name_width = max([_LEAST_NAME, *(len(name) + 1 for name, _ in found)])
    cells_of = [_workload_cells(each) for _, each in found]
    columns, room = [], width - name_width
    for at, (head, least) in enumerate(_WORKLOAD_COLUMNS):
        wide = max([least, *(len(cells[at].text) + 1 for cells in cells_of)])
        if (room := room - wide) < 0:
            break
        columns.append((at, head, wide))
    rows: Rows = [[Span(" " * name_width + "".join(head.rjust(wide) for _, head, wide in columns), "muted")]]
    for (name, _), cells in zip(found, cells_of, strict=True):
        row = [Span(cells[at].text.rjust(wide), cells[at].look) for at, _, wide in columns]
        rows.append([Span(fitted(name, name_width, ascii_only=scene.ascii_only)), *row])
    return [*rows, [Span(f"and {rest} more", "muted")]] if rest else rows


def _by_cost(scene: Scene) -> list[tuple[str, WorkloadResult]]:
    """Return the workloads, the one that costs most first."""
    found = scene.outlook.result.workloads.items() if scene.outlook.result is not None else ()
    return sorted(found, key=lambda pair: -_usd_per_month(pair[1]))


def _workload_stops(scene: Scene) -> list[str]:
    return [f"{WORKLOAD}{name}" for name, _ in _by_cost(scene)]


def _workload_cells(each: WorkloadResult) -> Sequence[Span]:
    requests = number(each.requests_per_month)
    return (
        Span(show(requests), "label"),
        Span(show(number(each.success_share), "share"), "label"),
        _latency(each),
        Span(show(number(each.usd_per_request), "usd"), "label"),
        Span(show(number(each.usd_per_outcome), "usd"), "label"),
        Span(show(_usd_per_month(each), "usd"), "label"),
    )


def _usd_per_month(each: WorkloadResult) -> float:
    usd = number(each.usd_per_request) * number(each.requests_per_month)
    return usd if math.isfinite(usd) else 0.0


def _latency(each: WorkloadResult) -> Span:
    """Return the time that is reached and the one that is promised; without a promise the 95th percentile."""
    if str(each.promise_kind) == "none":
        return Span(show(number(each.p95_latency_s), "s"), "label")
    kept = bool(each.promise_met)
    reached, target = (show(number(value), "s") for value in (each.promised_latency_s, each.promise_target_s))
    return Span(f"{'✓' if kept else '✗'} {reached} of {target}", "good" if kept else "bad")


def _most_workloads(scene: Scene) -> int:
    return (
        min(len(scene.outlook.result.workloads), _MOST_WORKLOADS) + 1
        if scene.outlook.result is not None
        else 0
    )


MONTHS = Panel("months", lambda _: "Months", 12, _most_months, _months)
WORKLOADS = Panel(
    "workloads",
    lambda scene: f"Workloads, month {scene.month or 1}",
    3,
    _most_workloads,
    _workloads,
    _workload_stops,
    1,
)
