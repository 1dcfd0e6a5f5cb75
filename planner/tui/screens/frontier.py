"""The frontier: of all combinations of the common levers, the plans that no other one beats."""

from typing import Any, ClassVar

from planner.analysis.frontier import DEFAULT_METRICS, NEED_MONTHS, Choice, Front, frontier, month_one_bound
from planner.analysis.goal import objective
from planner.analysis.grid import sensible_values
from planner.analysis.nearest import nearest
from planner.errors import ScenarioError
from planner.readout import long_label
from planner.readout.field_values import value_text
from planner.schema import HostedDeployment, Scenario, spec_at
from planner.schema.steps import steps_of
from planner.tui.config.keys import FRONTIER
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.state import Plan, same
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import SheetRow, heading, text
from planner.tui.widgets.status import Notice, Title
from planner.units import show

_MOST_COMBINATIONS = 60_000
_WORKING_S = 0.05
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


class FrontierScreen(SheetPage):
    """The plans on the frontier, cheapest outcome first; enter takes one."""

    page = FRONTIER
    BINDINGS: ClassVar = bindings(FRONTIER)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._front: Front | None = None

    def show(self) -> None:
        """Say that combinations are tried, then try them."""
        self.query_one(Title).title = (
            "Frontier: plans that no other combination beats",
            "tab: API or own GPUs, by volume",
        )
        self.sheet.fill(lambda width: text("Trying all combinations …", width, look="muted"))
        self.set_timer(_WORKING_S, self._try)

    def _try(self) -> None:
        try:
            self._front = _searched(self._plan.scenario)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return
        self.sheet.fill(self._entries)
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        assert self._front is not None
        if not self._front.choices:
            return _none(self._front, width)
        told = f"{self._front.total:,} combinations, {self._front.feasible:,} keep every promise"
        if self._front.where:
            told += f", {self._front.allowed:,} the goal's rules too"
        names = "".join(_short(name).rjust(_NUMBER) for name in self._front.metrics)
        head = SheetRow(
            [
                Span(" what is different from the plan".ljust(width - len(names)), "muted"),
                Span(names, "muted"),
            ]
        )
        return [
            heading(told, width),
            head,
            *(self._row(at, each, width) for at, each in enumerate(self._front.choices)),
        ]

    def _row(self, at: int, choice: Choice, width: int) -> SheetRow:
        assert self._front is not None
        numbers = "".join(show(choice.metrics[name], name).rjust(_NUMBER) for name in self._front.metrics)
        room = width - len(numbers)
        words = f" {self._words(choice)}"
        words = words if len(words) < room else words[: room - 2] + "…"
        return SheetRow([Span(words.ljust(room), "label"), Span(numbers, "value")], str(at))

    def _words(self, choice: Choice) -> str:
        """Return how a choice differs from the plan, by workload and deployment."""
        scenario, parts = self._plan.scenario, dict[str, list[str]]()
        for path, value in choice.values.items():
            idle = path.endswith(".chunks") and not choice.values[path.replace(".chunks", ".on")]
            if not idle and _differs(scenario, path, value):
                parts.setdefault(list(steps_of(path))[1], []).append(_setting(scenario, path, value))
        return (
            "; ".join(f"{owner}: {', '.join(found)}" for owner, found in parts.items()) or "the plan as it is"
        )

    @property
    def _chosen(self) -> Choice | None:
        return self._front.choices[int(self.sheet.chosen)] if self._front and self.sheet.chosen else None

    def moved(self) -> None:
        """Say the whole choice under the cursor."""
        if choice := self._chosen:
            self.say(Notice(self._words(choice), "enter takes it; u takes it back"))

    def action_type(self) -> None:
        """Take the choice under the cursor into the plan."""
        if choice := self._chosen:
            scenario = self._plan.scenario
            changes = {
                path: value for path, value in choice.values.items() if _differs(scenario, path, value)
            }
            if changes:
                self.tell(self.Taken(changes, self._words(choice)))

    def action_next_view(self) -> None:
        """Go to API or own GPUs."""
        self.tell(self.PageAsked("volume"))


def _searched(scenario: Scenario) -> Front:
    """Return the front by the plan's goal: its result first, inside those of its rules that are about month 1."""
    goal = objective(scenario)
    bounds = [each for each in goal.keep if month_one_bound(each)]
    first = [goal.best] if scenario.goal.best and goal.best not in NEED_MONTHS else []
    metrics = [*first, *(each for each in DEFAULT_METRICS if each not in first)]
    return frontier(scenario, levers(scenario), metrics=metrics, where=bounds, processes=1)


def _none(front: Front, width: int) -> list[SheetRow]:
    if not front.feasible:
        return text("No combination keeps every promise.", width)
    return [line for each in nearest(front) for line in text(each, width)]


def _short(metric: str) -> str:
    return {"usd_per_outcome": "/outcome", "p95_latency_s": "p95", "success_share": "success"}.get(
        metric, long_label(metric)
    )


def _differs(scenario: Scenario, path: str, value: Any) -> bool:
    now = scenario.value(path)
    return not same(float(now) if isinstance(now, float) else now, value)


def _setting(scenario: Scenario, path: str, value: Any) -> str:
    spec, _ = spec_at(scenario, path)
    return f"{spec.label} {value_text(value, spec)}"


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
                paths.append(f"workloads.{name}.{leaf}")
    used = {tier for workload in scenario.workloads.values() for tier in workload.routing.tiers}
    for name, deployment in scenario.deployments.items():
        if name in used and isinstance(deployment, HostedDeployment):
            paths += [f"deployments.{name}.{leaf}" for leaf in _HOSTED]
    return paths
