"""One or two fields swept: a curve or a map of one result, with a cursor that can be taken."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.worker import get_current_worker

from planner.analysis.sweep import Axis, Sweep, sweep
from planner.errors import ScenarioError
from planner.readout import METRICS, long_label
from planner.schema import fields, spec_at
from planner.tui.config.keys import SWEEP
from planner.tui.dialogs.ask import AskText
from planner.tui.screens.motions import MovingPage
from planner.tui.screens.page import bindings
from planner.tui.session import sweep_words
from planner.tui.session.outlook import HEADLINE
from planner.tui.session.sweep_axes import (
    first_axes,
    nearest,
    placed,
    range_text,
    sweepable,
    typed_values,
    value_head,
    values_of,
)
from planner.tui.state import Plan
from planner.tui.widgets.hint import HintLine, hints
from planner.tui.widgets.jump_labels import Target
from planner.tui.widgets.mouse import Pointable
from planner.tui.widgets.pane import View
from planner.tui.widgets.status import Notice, Status, Title
from planner.tui.widgets.sweep_map import HeatMap

_TOLD_EVERY_S = 0.1
_NONE = "none"


class SweepScreen(MovingPage):
    """The heat map, and the keys that choose what it is about."""

    page = SWEEP
    BINDINGS: ClassVar = bindings(SWEEP)

    def __init__(self, plan: Plan, path: str) -> None:
        super().__init__()
        self._plan = plan
        self._down, self._across = first_axes(plan.scenario, path)
        self._typed: dict[str, Sequence[Any]] = {}
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
        self.query_one(Title).title = ("Sweep: one or two fields, value by value", "tab: frontier")
        paths = [path for path in (self._down, self._across) if path]
        room = self.map.steps(alone=len(paths) == 1)
        try:
            values = {
                path: self._typed.get(path) or values_of(self._plan.scenario, path, steps=steps)
                for path, steps in zip(paths, room, strict=False)
            }
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
        self.map.swept, self.map.scenario = swept, self._plan.scenario
        row, column = [*(nearest(self._plan.scenario, axis) for axis in swept.axes), 0][:2]
        self.map.at = (row, column)
        self._tell()

    def action_switch(self) -> None:
        """Stop the sweep, and keep what is found."""
        self._stopping = True

    def _tell(self) -> None:
        """Name what is shown, and what is under the cursor."""
        swept = self.map.swept
        if swept is None:
            return
        scenario, metric = self._plan.scenario, self.map.metric
        labels = [placed(scenario, axis.path, axis.spec) for axis in swept.axes]
        where = f"{labels[0]} down, {labels[1]} across" if len(labels) > 1 else f"over {labels[0]}"
        self.query_one(Title).title = (f"{long_label(metric)}: {where}", "w: other values")
        self.map.redraw()
        here, numbers = sweep_words.here_words(scenario, swept, self.map.at)
        turns = sweep_words.turn_words(swept, metric, self.map.at)
        self.say(Notice(f"{here}. {turns}".strip(), numbers))

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
        """Choose the number that is shown."""
        from planner.tui.dialogs.picker import Option, Picker  # noqa: PLC0415 - lists come later

        names = [*HEADLINE, *(name for name in METRICS if name not in HEADLINE)]
        options = [Option(name, long_label(name)) for name in names]
        self.ask(Picker("The number that is shown", options), self._show_metric)

    def _show_metric(self, name: str | None) -> None:
        if name:
            self.map.metric = name
            self._tell()

    def action_rows(self) -> None:
        """Choose the field that goes down."""
        self._choose("The field that goes down", partial(self._chosen, down=True), none=False)

    def action_columns(self) -> None:
        """Choose the field that goes across, or none."""
        self._choose("The field that goes across", partial(self._chosen, down=False), none=True)

    def _choose(self, prompt: str, then: Callable[[str | None], object], *, none: bool) -> None:
        from planner.tui.dialogs.lists import field_options  # noqa: PLC0415 - lists come later
        from planner.tui.dialogs.picker import Option, Picker  # noqa: PLC0415 - as above

        known = {field.path for field in fields(self._plan.scenario) if sweepable(field)}
        options = [each for each in field_options(self._plan.scenario) if each.value in known]
        alone = [Option(_NONE, "None: one field, as a curve")] if none else []
        self.ask(Picker(prompt, [*alone, *options]), then)

    def _chosen(self, path: str | None, *, down: bool) -> None:
        """Sweep another field; the one that goes the other way changes places with it."""
        if not path:
            return
        if path == _NONE:
            self._across = ""
        elif path in (self._down, self._across):
            if path != (self._down if down else self._across):
                self._down, self._across = (self._across or path), (self._down if self._across else "")
        elif down:
            self._down = path
        else:
            self._across = path
        self.show()

    def action_filter(self) -> None:
        """Ask for the values of each field that has numbers, the one that goes down first."""
        swept = self.map.swept
        if swept is not None:
            self._ask_values([axis for axis in swept.axes if axis.spec.numeric])

    def _ask_values(self, axes: Sequence[Axis], problem: str = "") -> None:
        if not axes:
            self.show()
            return
        axis, *others = axes
        label = placed(self._plan.scenario, axis.path, axis.spec)
        words = f"{problem}\n{label}: from, to and how many; or values one by one (1k, 2k, 8k)".strip()
        now = range_text(axis.values, axis.spec)
        question = AskText(words, now, may_be_empty=True)
        self.ask(question, partial(self._take_values, axis, others, now))

    def _take_values(self, axis: Axis, others: Sequence[Axis], now: str, line: str | None) -> None:
        """Try other values, an empty line the usual ones; then ask for those of the next field."""
        if line is None:
            return
        if not line:
            self._typed.pop(axis.path, None)
        elif line != now:
            spec, _ = spec_at(self._plan.scenario, axis.path)
            try:
                self._typed[axis.path] = typed_values(line, spec, steps=max(self.map.steps(alone=False)))
            except ValueError as error:
                self._ask_values([axis, *others], str(error))
                return
        self._ask_values(others)

    def action_type(self) -> None:
        """Take the values under the cursor into the plan."""
        swept = self.map.swept
        if swept is not None:
            pairs = zip(swept.axes, self.map.at, strict=False)
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
        down, *across = swept.axes
        heads = [value_head(each, axis.spec) for axis in across for each in axis.values]
        rows = zip(down.values, self._values(), strict=True)
        table = [[long_label(self.map.metric), *heads]]
        table += [[value_head(each, down.spec), *row] for each, row in rows]
        return "\n".join("\t".join(row) for row in table)

    def _values(self) -> list[list[str]]:
        return [[self.map.show(float(each)) for each in row] for row in self.map.values()]

    def action_next_view(self) -> None:
        """Go to the frontier."""
        self.tell(self.PageAsked("frontier"))
