"""Two fields swept against each other: a heat map of one result, with a cursor that can be taken."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.worker import get_current_worker

from planner.analysis.grid import STEPS, sensible_values
from planner.analysis.sweep import Axis, Sweep, sweep
from planner.errors import ScenarioError
from planner.readout import METRICS, label_in, long_label, placed_label
from planner.readout.field_values import value_text
from planner.schema import Field, Scenario
from planner.tui.config.keys import SWEEP
from planner.tui.screens.motions import MovingPage
from planner.tui.screens.page import bindings
from planner.tui.session.field_list import lines
from planner.tui.session.outlook import HEADLINE
from planner.tui.state import Plan, same
from planner.tui.widgets.charts import Rows, Span
from planner.tui.widgets.charts.heat import HeatTable, heat_map, map_layout
from planner.tui.widgets.hint import HintLine, hints
from planner.tui.widgets.jump_labels import Target
from planner.tui.widgets.mouse import Pointable
from planner.tui.widgets.pane import View
from planner.tui.widgets.status import Notice, Status, Title
from planner.units import show

_FIRST_CHOICES = ("share_to_last", "context_tokens", "chunks", "output_tokens", "customers")
_STEP_ROWS, _STEP_COLUMNS = 2, 11  # of the screen for one value
_MOST_STEPS = 17  # more values than that tell no more
_TOLD_EVERY_S = 0.1


class HeatMap(View):
    """Shows the sweep; knows where its cursor is."""

    can_focus = True

    def __init__(self) -> None:
        super().__init__()
        self.swept: Sweep | None = None
        self.metric = "usd_per_outcome"
        self.at = (0, 0)

    def draw(self, width: int, height: int) -> Rows:
        """Return the heat map with the row's field at the left and the column's above."""
        if self.swept is None:
            return [[Span(" Trying all values …", "muted")]]
        return heat_map(
            self._table(),
            width=width,
            height=height,
            show=self._show,
            cursor=self.at,
            ascii_only=self.ascii_only,
        )

    def _table(self) -> HeatTable:
        assert self.swept is not None
        down, across = self.swept.axes
        return HeatTable(
            self.values().tolist(),
            [value_text(value, down.spec) for value in down.values],
            [value_text(value, across.spec) for value in across.values],
        )

    def _show(self, value: float) -> str:
        return show(value, self.metric)

    def targets(self) -> list[tuple[int, int, int, int]]:
        """Return each cell in sight: where it is in the pane, its row and its column in the sweep."""
        if self.swept is None:
            return []
        width, height = self.size
        return list(
            map_layout(self._table(), width=width, height=height, show=self._show, cursor=self.at).cells()
        )

    def steps(self) -> tuple[int, int]:
        """Return how many values there is room for, down and across."""
        width, height = self.size
        fit = (height // _STEP_ROWS, width // _STEP_COLUMNS)
        return min(max(fit[0], STEPS), _MOST_STEPS), min(max(fit[1], STEPS), _MOST_STEPS)

    def values(self) -> Any:
        """Return the metric over the grid, shape (rows, columns)."""
        assert self.swept is not None
        shape = tuple(len(axis.values) for axis in self.swept.axes)
        return np.broadcast_to(self.swept.grid.metrics[self.metric], shape)

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        if self.swept is None:
            return
        down, across = (len(axis.values) for axis in self.swept.axes)
        self.at = (min(max(self.at[0] + rows, 0), down - 1), min(max(self.at[1] + columns, 0), across - 1))
        self.redraw()


class SweepScreen(MovingPage):
    """The heat map, and the keys that choose what it is about."""

    page = SWEEP
    BINDINGS: ClassVar = bindings(SWEEP)

    def __init__(self, plan: Plan, path: str) -> None:
        super().__init__()
        self._plan = plan
        self._down, self._across = first_axes(plan.scenario, path)
        self._stopping = False

    def compose(self) -> ComposeResult:
        """Lay out the map."""
        yield Title()
        yield HeatMap()
        yield Status()
        yield HintLine()

    def on_mount(self) -> None:
        """Sweep."""
        self.query_one(HintLine).hints = hints(self.keys)
        self.map.focus()
        self.call_after_refresh(self.show)

    @property
    def map(self) -> HeatMap:
        """The pane."""
        return self.query_one(HeatMap)

    def show(self) -> None:
        """Sweep beside the screen, and say how many values are done."""
        self._stopping, self.map.swept = False, None
        self.map.redraw()
        self.query_one(Title).title = ("Sweep: two fields, value by value", "tab: frontier")
        paths = zip((self._down, self._across), self.map.steps(), strict=True)
        try:
            values = {path: values_of(self._plan.scenario, path, steps=steps) for path, steps in paths}
        except ScenarioError as error:
            self._refuse(error)
            return
        self.run_worker(partial(self._sweep, values), thread=True, exclusive=True)

    def _sweep(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Sweep in a thread of its own; what it finds is shown by the screen's."""
        worker, told_s = get_current_worker(), time.monotonic()

        def told(done: int, total: int, _left_s: float) -> bool:
            nonlocal told_s
            if not worker.is_cancelled and (now := time.monotonic()) - told_s > _TOLD_EVERY_S:
                told_s = now
                words = Notice(f"Trying values: {done:,} of {total:,}", "space stops and keeps what is found")
                self.app.call_from_thread(self.say, words)
            return not (worker.is_cancelled or self._stopping)

        try:
            swept = sweep(self._plan.scenario, values, progress=told, processes=1)
        except ScenarioError as error:
            self.app.call_from_thread(self._refuse, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_map, swept)

    def _refuse(self, error: ScenarioError) -> None:
        self.say(Notice(str(error.problems[0]), look="error"))

    def _show_map(self, swept: Sweep) -> None:
        self.map.swept = swept
        down, across = swept.axes
        self.map.at = (nearest(self._plan.scenario, down), nearest(self._plan.scenario, across))
        self._tell()

    def action_switch(self) -> None:
        """Stop the sweep, and keep what is found."""
        self._stopping = True

    def _tell(self) -> None:
        """Name what is shown, and what is under the cursor."""
        swept = self.map.swept
        if swept is None:
            return
        down, across = swept.axes
        rows, columns = (placed(self._plan.scenario, axis) for axis in swept.axes)
        title = f"{long_label(self.map.metric)}: {rows} down, {columns} across"
        self.query_one(Title).title = (title, "")
        self.map.redraw()
        row, column = self.map.at
        here = f"{rows} {value_text(down.values[row], down.spec)}, "
        here += f"{columns} {value_text(across.values[column], across.spec)}"
        shape = tuple(len(axis.values) for axis in swept.axes)
        here_now = {name: np.broadcast_to(swept.grid.metrics[name], shape)[row, column] for name in HEADLINE}
        parts = [f"{long_label(name).lower()} {show(float(value), name)}" for name, value in here_now.items()]
        kept = bool(np.broadcast_to(swept.grid.feasible, shape)[row, column])
        self.say(Notice(here + ("" if kept else ": a latency promise breaks"), ", ".join(parts)))

    def cursor_at(self) -> tuple[View, int, int]:
        """Return the cell of the map under the cursor."""
        places = [(x, y) for x, y, row, column in self.map.targets() if (row, column) == self.map.at]
        return (self.map, *next(iter(places), (0, 0)))

    def targets(self) -> list[Target]:
        """Return the cells of the map in sight."""
        return [
            Target(self.map, x, y, partial(self._move, row - self.map.at[0], column - self.map.at[1]))
            for x, y, row, column in self.map.targets()
        ]

    def wheel(self, at: Pointable.Wheeled) -> None:
        """Go down or up the map."""
        if at.pane is self.map:
            self._move(at.rows // abs(at.rows), 0)

    def _move(self, rows: int, columns: int) -> None:
        self.map.move(rows, columns)
        self._tell()

    def move_by(self, rows: int) -> None:
        """Go so many values down, up below 0."""
        self._move(rows, 0)

    @property
    def page_rows(self) -> int:
        """How many values go down."""
        return len(self.map.swept.axes[0].values) if self.map.swept else 1

    def action_higher(self) -> None:
        """Go right."""
        self._move(0, self.taken_count())

    def action_lower(self) -> None:
        """Go left."""
        self._move(0, -self.taken_count())

    def action_metric(self) -> None:
        """Show the next of the headline numbers."""
        names = [*HEADLINE, *(name for name in METRICS if name not in HEADLINE)]
        self.map.metric = names[(names.index(self.map.metric) + 1) % len(HEADLINE)]
        self._tell()

    def action_rows(self) -> None:
        """Choose the field that goes down."""
        self._choose("down", "_down")

    def action_columns(self) -> None:
        """Choose the field that goes across."""
        self._choose("across", "_across")

    def _choose(self, where: str, name: str) -> None:
        from planner.tui.dialogs.lists import field_picker  # noqa: PLC0415 - lists come later

        picker = field_picker(f"The field that goes {where}", self._plan.scenario)
        self.ask(picker, lambda path: self._chosen(name, path))

    def _chosen(self, name: str, path: str | None) -> None:
        if path and path not in (self._down, self._across):
            setattr(self, name, path)
            self.show()

    def action_type(self) -> None:
        """Take the values under the cursor into the plan."""
        swept = self.map.swept
        if swept is not None:
            pairs = zip(swept.axes, self.map.at, strict=True)
            changes = {axis.path: axis.values[at] for axis, at in pairs}
            self.tell(self.Taken(changes, "the values under the cursor"))

    def copied(self) -> str:
        """Return the number under the cursor."""
        row, column = self.map.at
        return "" if self.map.swept is None else self._values()[row][column]

    def copied_table(self) -> str:
        """Return the number at every pair of values, with tabs between columns."""
        swept = self.map.swept
        if swept is None:
            return ""
        down, across = swept.axes
        head = [long_label(self.map.metric), *(value_text(each, across.spec) for each in across.values)]
        rows = [
            [value_text(each, down.spec), *row] for each, row in zip(down.values, self._values(), strict=True)
        ]
        return "\n".join("\t".join(row) for row in [head, *rows])

    def _values(self) -> list[list[str]]:
        assert self.map.swept is not None
        shape = tuple(len(axis.values) for axis in self.map.swept.axes)
        found = np.broadcast_to(self.map.swept.grid.metrics[self.map.metric], shape)
        return [[show(float(each), self.map.metric) for each in row] for row in found]

    def action_next_view(self) -> None:
        """Go to the frontier."""
        self.tell(self.PageAsked("frontier"))


def first_axes(scenario: Scenario, path: str) -> tuple[str, str]:
    """Return the field to begin with, and another one that is worth sweeping against it."""
    shown = [line.field for line in lines(scenario, baseline={}) if line.field is not None]
    swept = [field.path for field in shown if sweepable(field)]
    wanted = [found for name in _FIRST_CHOICES for found in swept if found.endswith(f".{name}")]
    down = path if path in swept else (wanted or swept)[0]
    owner, leaf = down.rpartition(".")[0], down.rpartition(".")[2]
    others = [found for found in wanted if not found.endswith(f".{leaf}")]
    others.sort(key=lambda found: not found.startswith(owner))  # of the same workload first
    return down, next(iter(others), next((found for found in swept if found != down), swept[-1]))


def placed(scenario: Scenario, axis: Axis) -> str:
    """Return a swept field's label with the workload or deployment it belongs to."""
    return placed_label(axis.path, label_in(scenario, axis.path, axis.spec.label))


def values_of(scenario: Scenario, path: str, *, steps: int = STEPS) -> list[Any]:
    """Return the values to sweep a field over, the plan's own in place of the nearest."""
    values, now = sensible_values(scenario, path, steps=steps), scenario.value(path)
    if isinstance(now, str | bool) or any(same(float(now), each) for each in values):
        return values
    nearest_one = min(values, key=lambda each: abs(float(each) - float(now)))
    return sorted([*(each for each in values if each is not nearest_one), float(now)])


def sweepable(field: Field) -> bool:
    """Say whether a field has values that can be tried one by one."""
    return field.spec.kind in ("choice", "flag") or (field.spec.numeric and field.value is not None)


def nearest(scenario: Scenario, axis: Axis) -> int:
    """Return which value of an axis is the one of the plan, or nearest to it."""
    value = scenario.value(axis.path)
    if axis.spec.numeric:
        return int(np.argmin([abs(float(each) - float(value)) for each in axis.values]))
    return axis.values.index(value) if value in axis.values else 0
