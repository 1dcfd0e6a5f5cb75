"""The pane of a sweep: a map of one number over two fields, or its curve over one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.readout import long_label
from planner.schema import Scenario
from planner.tui.session import sweep_words
from planner.tui.session.sweep_axes import nearest, placed, value_head
from planner.tui.state import same
from planner.tui.widgets.charts import Rows, Span
from planner.tui.widgets.charts.canvas import words
from planner.tui.widgets.charts.heat import HeatTable, heat_map, map_layout
from planner.tui.widgets.charts.scatter import Point, PointAxis, scatter
from planner.tui.widgets.pane import View

if TYPE_CHECKING:
    from planner.analysis.sweep import Sweep
    from planner.schema import Array

LEAST_STEPS, MOST_STEPS = 9, 17  # more values of one of two fields than that tell no more
CURVE_STEPS = 40
_STEP_ROWS, _STEP_COLUMNS = 2, 12  # of the screen for one value
_WIDEST_HEAD = 9


class HeatMap(View):
    """Shows the sweep; knows where its cursor is."""

    can_focus = True

    def __init__(self) -> None:
        super().__init__()
        self.swept: Sweep | None = None
        self.scenario = Scenario()
        self.metric = "usd_per_outcome"
        self.at = (0, 0)

    def draw(self, width: int, height: int) -> Rows:
        """Return the map with the row's field at the left and the column's above, or the curve of one field."""
        if self.swept is None:
            return [[Span(" Trying all values …", "muted")]]
        idle = sweep_words.without_any_effect(self.scenario, self.swept, self.metric)
        said: Rows = [
            [Span(" "), *row] for sentence in idle for row in words(sentence, width=max(width - 2, 1))
        ]
        if len(idle) == len(self.swept.axes):
            return said[:height]
        drawn = self._curve if self.is_curve else self._map
        return [*said, *drawn(width, height - len(said))][:height]

    @property
    def is_curve(self) -> bool:
        """Whether one field is swept whose values are numbers."""
        return self.swept is not None and len(self.swept.axes) == 1 and self.swept.axes[0].spec.numeric

    def _map(self, width: int, height: int) -> Rows:
        return heat_map(
            self._table(), width=width, height=height, show=self.show, cursor=self.at,
            ascii_only=self.ascii_only,
        )  # fmt: skip

    def _curve(self, width: int, height: int) -> Rows:
        """Return the number at every value, with that of the plan and that of the cursor."""
        assert self.swept is not None
        axis, values = self.swept.axes[0], self.values()[:, 0]
        points = [Point(float(x), float(y), "●", "line") for x, y in zip(axis.values, values, strict=True)]
        now, here = points[nearest(self.scenario, axis)], points[self.at[0]]
        if same(now.x, float(self.scenario.value(axis.path))):
            points.append(Point(now.x, now.y, "◆", "mark", "now"))
        points.append(Point(here.x, here.y, "◉", "cursor"))
        across = PointAxis(
            placed(self.scenario, axis.path, axis.spec), lambda value: value_head(value, axis.spec)
        )
        up = PointAxis(long_label(self.metric), self.show)
        return scatter(points, across=across, up=up, width=width, height=height, ascii_only=self.ascii_only)

    def _table(self) -> HeatTable:
        assert self.swept is not None
        down, *others = self.swept.axes
        across = [value_head(value, axis.spec) for axis in others for value in axis.values]
        if (
            max(map(len, across), default=0) > _WIDEST_HEAD
        ):  # heads without their unit, rather than every second one
            across = [value_head(value, axis.spec, unit=False) for axis in others for value in axis.values]
        rows = [value_head(value, down.spec) for value in down.values]
        return HeatTable(self.values().tolist(), rows, across or [long_label(self.metric)])

    def show(self, value: float) -> str:
        """Return a number of a cell in words."""
        return sweep_words.cell_words(self.scenario, self.metric, value)

    def targets(self) -> list[tuple[int, int, int, int]]:
        """Return each cell in sight: where it is in the pane, its row and its column in the sweep."""
        if self.swept is None or self.is_curve:
            return []
        idle = sweep_words.without_any_effect(self.scenario, self.swept, self.metric)
        if len(idle) == len(self.swept.axes):
            return []
        width, height = self.size
        above = sum(len(words(each, width=max(width - 2, 1))) for each in idle)
        layout = map_layout(self._table(), width=width, height=height - above, show=self.show, cursor=self.at)
        return [(x, y + above, row, column) for x, y, row, column in layout.cells()]

    def steps(self, *, alone: bool) -> tuple[int, int]:
        """Return how many values there is room for, down and across; of a field `alone`, for its curve."""
        if alone:
            return CURVE_STEPS, 1
        width, height = self.size
        down, across = height // _STEP_ROWS, width // _STEP_COLUMNS
        return min(max(down, LEAST_STEPS), MOST_STEPS), min(max(across, LEAST_STEPS), MOST_STEPS)

    def values(self) -> Array:
        """Return the metric over the grid, shape (rows, columns)."""
        assert self.swept is not None
        return sweep_words.grid_of(self.swept, self.metric)

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor; along a curve either way goes on."""
        if self.swept is None:
            return
        if len(self.swept.axes) == 1:
            rows, columns = rows + columns, 0
        down, across = self.values().shape
        self.at = (min(max(self.at[0] + rows, 0), down - 1), min(max(self.at[1] + columns, 0), across - 1))
        self.redraw()
