"""The frontier: of all combinations of the common levers, the plans that no other one beats."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.worker import get_current_worker

from planner.analysis.frontier import DEFAULT_METRICS, NEED_MONTHS, Choice, Front, frontier, month_one_bound
from planner.analysis.goal import objective
from planner.analysis.grid import sensible_values
from planner.analysis.pieces import Progress
from planner.errors import ScenarioError
from planner.readout import long_label, number, number_text
from planner.schema import HostedDeployment, Scenario, step_text
from planner.tui.config.keys import FRONTIER
from planner.tui.dialogs.ask import AskText
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session import front_words
from planner.tui.state import Plan, same
from planner.tui.widgets.charts import Rows, Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.charts.scatter import Point, PointAxis, scatter
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.pane import View
from planner.tui.widgets.sheet import ScrollSheet, SheetRow, heading, named, text
from planner.tui.widgets.status import Notice, Status, Title
from planner.units import show

_MOST_COMBINATIONS = 400_000  # some seconds beside the screen, and it can be stopped
_NUMBER = 12
_HOSTED = ("weights", "gpu")
_WORKLOAD = (
    "routing.share_to_last",
    "rag.on",
    "rag.chunks",
    "outcome.attempts",
    "compression.on",
    "output_control.on",
)


class FrontChart(View):
    """The plans of the front by two of their numbers, with the plan as it is."""

    def __init__(self) -> None:
        super().__init__(id="scatter")
        self._points: tuple[Point, ...] = ()
        self._axes = ("", "")

    def show(self, points: Iterable[Point], axes: tuple[str, str]) -> None:
        """Show other points; `axes` names their numbers, that across first."""
        self._points, self._axes = tuple(points), axes
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the chart."""
        if not self._points:
            return []
        across, up = (PointAxis(long_label(name), partial(_number, name)) for name in self._axes)
        return scatter(
            self._points, across=across, up=up, width=width, height=height, ascii_only=self.ascii_only
        )


class FrontierScreen(SheetPage):
    """The plans on the frontier, best first, and where the plan as it is stands among them; enter takes one."""

    page = FRONTIER
    BINDINGS: ClassVar = bindings(FRONTIER)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._front: Front | None = None
        self._best, self._where = "", ""
        self._stopping = False

    def compose(self) -> ComposeResult:
        """Lay out the list and the chart."""
        yield Title()
        with Container(id="front"):
            yield FrontChart()
            yield ScrollSheet()
        yield Status()
        yield HintLine()

    def show(self) -> None:
        """Search beside the screen, and say how many combinations are done."""
        self.query_one(Title).title = (
            "Frontier: the plans that no other beats",
            "tab: API or own GPUs, by volume",
        )
        self.sheet.fill(lambda width: text("Trying all combinations …", width, look="muted"))
        self.run_worker(self._search, thread=True, exclusive=True)

    def _search(self) -> None:
        """Search in a thread of its own; what it finds is shown by the screen's."""
        worker = get_current_worker()

        def told(done: int, total: int, _left_s: float) -> bool:
            if not worker.is_cancelled:
                words = f"Trying combinations: {done:,} of {total:,}"
                self.app.call_from_thread(self.say, Notice(words, "space stops and keeps what is found"))
            return not (worker.is_cancelled or self._stopping)

        self._stopping = False
        try:
            front = front_of(self._plan.scenario, best=self._best, where=self._where, progress=told)
        except ScenarioError as error:
            self.app.call_from_thread(self._refuse, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._list, front)

    def _refuse(self, error: ScenarioError) -> None:
        self.sheet.fill(lambda width: [row for each in error.problems for row in text(str(each), width)])
        self.say(Notice(str(error.problems[0]), look="error"))

    def _list(self, front: Front) -> None:
        self._front = front
        self.sheet.fill(self._entries)
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        front = self._front
        assert front is not None
        rows = [
            heading(front_words.counts(front), width),
            *text(front_words.asked(front), width, look="muted"),
        ]
        if not front.choices:
            return [*rows, *(line for each in front_words.none(front) for line in text(each, width))]
        scenario = self._plan.scenario
        if shared := front_words.shared(scenario, front):
            rows += text(f"all of them: {shared}", width)
        names = "".join(front_words.short(name).rjust(_NUMBER) for name in front.metrics)
        head = fitted(" and what is different from the plan", width - len(names))
        return [
            *rows,
            SheetRow([Span(head, "muted"), Span(names, "muted")]),
            *(
                row
                for at, words in enumerate(front_words.differences(scenario, front))
                for row in self._rows(at, words, width)
            ),
        ]

    def _rows(self, at: int, words: str, width: int) -> list[SheetRow]:
        assert self._front is not None
        metrics = self._front.choices[at].metrics
        numbers = "".join(show(metrics[name], name).rjust(_NUMBER) for name in self._front.metrics)
        return named(words.split("; "), [Span(numbers, "value")], width - len(numbers), str(at))

    @property
    def _chosen(self) -> Choice | None:
        return self._front.choices[int(self.sheet.chosen)] if self._front and self.sheet.chosen else None

    def moved(self) -> None:
        """Say the whole choice under the cursor, and show where it is."""
        self._draw_points()
        if self._front and self.sheet.chosen:
            words = front_words.whole(self._plan.scenario, self._front, int(self.sheet.chosen))
            caution = front_words.caution(self._plan.scenario, self._front, int(self.sheet.chosen))
            self.say(Notice(words, f"{caution or 'enter takes it; u takes it back'}"))
        elif self._front:
            self.say(Notice("Nothing to take.", "w: other limits; m: best in another number"))

    def _draw_points(self) -> None:
        front, result = self._front, self.outlook.result
        if front is None or result is None:
            return
        across, up = front_words.axes(front)
        points = [Point(each.metrics[across], each.metrics[up], "●", "line") for each in front.choices]
        now = result.at_month(1).metrics
        points.append(Point(number(now[across]), number(now[up]), "◆", "mark", "now"))
        if chosen := self._chosen:
            points.append(Point(chosen.metrics[across], chosen.metrics[up], "◉", "cursor"))
        self.query_one(FrontChart).show(points, (across, up))

    def action_switch(self) -> None:
        """Stop the search, and keep what is found."""
        self._stopping = True

    def action_metric(self) -> None:
        """Sort the plans by another number."""
        best = self._front.metrics[0] if self._front is not None else self._best
        self._best = front_words.next_best(best)
        self.show()

    def action_filter(self) -> None:
        """Ask which plans to keep, and search again."""
        words = (
            "Keep only plans within limits, with ; between them. For example: "
            "success >= 90%; cost per outcome < 2\nAn empty line keeps all again."
        )
        question = AskText(words, self._where, may_be_empty=True)
        self.ask(question, lambda line: None if line is None else self._filter(line))

    def _filter(self, where: str) -> None:
        self._where = where
        self.show()

    def action_type(self) -> None:
        """Take the choice under the cursor into the plan."""
        if choice := self._chosen:
            scenario = self._plan.scenario
            changes = {
                path: value
                for path, value in choice.values.items()
                if front_words.differs(scenario, path, value)
            }
            if changes and self._front is not None:
                words = front_words.whole(scenario, self._front, int(self.sheet.chosen))
                self.tell(self.Taken(changes, words))

    def action_next_view(self) -> None:
        """Go to API or own GPUs."""
        self.tell(self.PageAsked("volume"))


def _number(name: str, value: float) -> str:
    return number_text(name, value, brief=True)


def front_of(scenario: Scenario, *, best: str, where: str, progress: Progress) -> Front:
    """Return the front by what was asked for, else by the plan's goal, inside those of its rules about month 1."""
    typed = [front_words.limit(part.strip()) for part in where.split(";") if part.strip()]
    goal = objective(scenario, best=best, keep=typed, option="filter")
    asked = best or scenario.goal.best
    first = [goal.best] if asked and goal.best not in NEED_MONTHS else []
    metrics = [*first, *(each for each in DEFAULT_METRICS if each not in first)]
    of_file = len(scenario.goal.keep)
    bounds = [each for at, each in enumerate(goal.keep) if at >= of_file or month_one_bound(each)]
    return frontier(scenario, levers(scenario), metrics=metrics, where=bounds, processes=1, progress=progress)


def levers(scenario: Scenario) -> dict[str, Any]:
    """Return the common levers of a scenario with the values to try, as many as a search by hand can wait for."""
    found: dict[str, Any] = {}
    combinations = 1
    for path in _candidates(scenario):
        values = sensible_values(scenario, path)
        now = scenario.value(path)
        if path.endswith("attempts"):
            values = [1.0, 2.0, 3.0]
        if not any(same(now, value) for value in values) and not isinstance(now, str | bool):
            values = sorted([*values, float(now)])
        if combinations * len(values) <= _MOST_COMBINATIONS:
            found[path] = values
            combinations *= len(values)
    return found


def _candidates(scenario: Scenario) -> list[str]:
    paths = []
    for name, workload in scenario.workloads.items():
        for leaf in _WORKLOAD:
            routed = leaf != "routing.share_to_last" or len(workload.routing.tiers) > 1
            chunked = leaf != "rag.chunks" or workload.rag.on
            if routed and chunked:
                paths.append(f"workloads.{step_text(name)}.{leaf}")
    used = {tier for workload in scenario.workloads.values() for tier in workload.routing.tiers}
    for name, deployment in scenario.deployments.items():
        if name in used and isinstance(deployment, HostedDeployment):
            paths += [f"deployments.{step_text(name)}.{leaf}" for leaf in _HOSTED]
    return paths
