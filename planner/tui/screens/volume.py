"""API or own GPUs: what one workload costs on either of two deployments alone, by volume, and where they cross."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from planner.analysis.side_by_side import Side, SideBySide, side_by_side
from planner.errors import ScenarioError
from planner.schema import HostedDeployment, Scenario
from planner.schema.steps import steps_of
from planner.tui.config.keys import VOLUME
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.state import Plan
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.volume import CostCurve, cost_curves
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, text
from planner.tui.widgets.status import Notice, Title
from planner.units import show

_WORKING_S = 0.05
_LEAST_CHART, _MOST_CHART, _BESIDES = 9, 18, 7
_VOLUME, _COST = 16, 13
_EMPTY = (
    "Comparing takes a workload and two deployments. Add another one to the file of the plan, for instance "
    'own GPUs: [deployments.own] with kind = "self-hosted", model = "llama-3.1-8b" and gpu = "H100-SXM".'
)


class VolumeScreen(SheetPage):
    """Two deployments side by side; keys choose which, and whether both are held to one success rate."""

    page = VOLUME
    BINDINGS: ClassVar = bindings(VOLUME)

    def __init__(self, plan: Plan, path: str) -> None:
        super().__init__()
        self._scenario = plan.scenario
        self._workload, self._first, self._second = first_sides(plan.scenario, path)
        self._same_quality, self._per_outcome = True, False
        self._found: SideBySide | None = None

    def show(self) -> None:
        """Say that it is worked out, then work it out."""
        self.query_one(Title).title = ("API or own GPUs, by volume", "tab: next moves")
        self._found = None
        if not self._second:
            self.sheet.fill(lambda width: text(_EMPTY, width))
            return
        self.sheet.fill(lambda width: text("Working it out at every volume …", width, look="muted"))
        self.set_timer(_WORKING_S, self._compare)

    def _compare(self) -> None:
        try:
            self._found = side_by_side(
                self._scenario, workload=self._workload, first=self._first, second=self._second,
                same_quality=self._same_quality,
            )  # fmt: skip
        except ScenarioError as error:
            said = str(error.problems[0])
            self.sheet.fill(lambda width: text(said, width, look="error"))
            return
        self.sheet.fill(self._entries)
        one = f"both at the success of {self._first}"
        quality = one if self._same_quality else "each at its own success"
        self.say(
            Notice(
                f"{self._workload}, answered by {self._first} alone or by {self._second} alone, {quality}.",
                "The rent of whole GPUs is paid at any volume; an API is paid by the token",
            )
        )

    def _entries(self, width: int) -> list[SheetRow]:
        found = self._found
        assert found is not None
        room = min(max(self.sheet.size.height - _BESIDES, _LEAST_CHART), _MOST_CHART)
        sides = [
            CostCurve(self._told(side), self._usd(side).tolist()) for side in (found.first, found.second)
        ]
        chart = cost_curves(
            found.requests_per_month.tolist(), *sides, width=width - 1, height=room,
            show=lambda usd: show(usd, "usd"), show_volume=show, crossing=self._crossing(found),
            ascii_only=self.sheet.ascii_only,
        )  # fmt: skip
        what = "an outcome" if self._per_outcome else "a request"
        return [
            *self._verdict(found, width), BLANK,
            heading(f"Cost of {what}, by requests a month", width), *(SheetRow([Span(" "), *row]) for row in chart),
            BLANK, heading("By volume", width), *self._table(found, width),
        ]  # fmt: skip

    def _told(self, side: Side) -> str:
        hosted = isinstance(self._scenario.deployments[side.deployment], HostedDeployment)
        return f"{side.deployment} ({'own GPUs' if hosted else 'API'})"

    def _usd(self, side: Side) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return side.usd_per_outcome if self._per_outcome else side.usd_per_request

    def _crossing(self, found: SideBySide) -> float:
        at = found.outcome_pays_from_requests if self._per_outcome else found.pays_from_requests
        return at if at > 0 else math.nan

    def _verdict(self, found: SideBySide, width: int) -> list[SheetRow]:
        """Return where the second side begins to cost less, and what of it is to be taken with care."""
        names = {name: self._told(side) for name, side in (("one", found.first), ("other", found.second))}
        entries: list[SheetRow] = []
        for what, requests in (
            ("request", found.pays_from_requests),
            ("outcome", found.outcome_pays_from_requests),
        ):
            at = "at no volume" if math.isnan(requests) else "at every volume"
            at = f"from {show(requests)} requests a month on" if requests > 0 else at
            shown = (what == "outcome") == self._per_outcome
            look = "title" if shown else "label"
            entries += text(f"Per {what}, {names['other']} costs less {at}.", width, look=look)
        success = [
            f"{side.deployment} {show(side.success_share, 'share')}" for side in (found.first, found.second)
        ]
        now = f" Now: {show(self._requests())} requests a month." if self._requests() else ""
        entries += text(f"Solved: {', '.join(success)}.{now}", width, look="muted")
        if found.by_token:
            entries += text("Both are paid by the token alone: they never cross.", width, look="muted")
        for side in (found.first, found.second):
            if not side.promise_met:
                entries += text(
                    f"{side.deployment} breaks the latency promise at some volume.", width, look="bad"
                )
        return entries

    def _requests(self) -> float:
        """Return how many requests a month the workload has in the plan; 0 while that is not known."""
        result = self.outlook.result
        each = result.workloads.get(self._workload) if result else None
        return float(each.requests_per_month) if each else 0.0

    def _table(self, found: SideBySide, width: int) -> list[SheetRow]:
        """Return a row for each power of ten: both costs, the cheaper side, the GPUs."""
        heads = ("requests/month", found.first.deployment, found.second.deployment, "cheaper", "GPUs")
        rows = [(_row(heads, width, look="muted"))]
        for requests in found.decades:
            at = int(np.argmin(np.abs(np.log(found.requests_per_month / requests))))
            one, other = float(self._usd(found.first)[at]), float(self._usd(found.second)[at])
            cheaper = found.second.deployment if other < one else found.first.deployment
            gpus = max(float(found.first.gpus[at]), float(found.second.gpus[at]))
            cells = (show(requests), show(one, "usd"), show(other, "usd"), cheaper, show(gpus))
            rows.append(_row(cells, width))
        return rows

    def action_metric(self) -> None:
        """Show cost per request, or per outcome."""
        self._per_outcome = not self._per_outcome
        if self._found is not None:
            self.sheet.fill(self._entries, keep=True)

    def action_quality(self) -> None:
        """Hold both to one success rate, or take each at its own."""
        self._same_quality = not self._same_quality
        self.show()

    def action_workload(self) -> None:
        """Choose the workload."""
        self._choose("The workload", tuple(self._scenario.workloads), "_workload")

    def action_first_side(self) -> None:
        """Choose one deployment."""
        self._choose("One side", tuple(self._scenario.deployments), "_first")

    def action_second_side(self) -> None:
        """Choose the other deployment."""
        self._choose("The other side", tuple(self._scenario.deployments), "_second")

    def _choose(self, prompt: str, offered: tuple[str, ...], name: str) -> None:
        from planner.tui.dialogs.lists import name_picker  # noqa: PLC0415 - lists come later

        def chosen(value: str | None) -> None:
            if value:
                setattr(self, name, value)
                self.show()

        self.ask(name_picker(prompt, offered), chosen)

    def action_next_view(self) -> None:
        """Go to the moves."""
        self.tell(self.PageAsked("moves"))


def _row(cells: tuple[str, str, str, str, str], width: int, *, look: str = "") -> SheetRow:
    """Return a row of the table; what has no room at the right is left out."""
    cost = min(_COST, (width - _VOLUME) // 2)
    spans = [
        Span(f" {cells[0]}".ljust(_VOLUME), look or "label"),
        *(Span(cell[: cost - 1].rjust(cost), look or "value") for cell in cells[1:3]),
    ]
    for cell in cells[3:]:
        if sum(len(span.text) for span in spans) + cost < width:
            spans.append(Span(cell[: cost - 1].rjust(cost), look or "label"))
    return SheetRow(spans)


def first_sides(scenario: Scenario, path: str) -> tuple[str, str, str]:
    """Return the workload to begin with, and two deployments: an API and own GPUs where there are both."""
    parts = list(steps_of(path))
    workloads = [*([parts[1]] if parts[0] == "workloads" else []), *scenario.workloads]
    hosted = [name for name, each in scenario.deployments.items() if isinstance(each, HostedDeployment)]
    apis = [name for name in scenario.deployments if name not in hosted]
    names = [*apis[:1], *hosted[:1], *apis[1:], *hosted[1:]]
    if len(names) < 2 or not workloads:
        return "", "", ""
    return workloads[0], names[0], names[1]
