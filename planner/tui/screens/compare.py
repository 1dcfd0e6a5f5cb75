"""The plan beside its baseline, or another plan: inputs and outputs that differ, and why."""

import math
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from planner.analysis.compare import Comparison, MetricChange, compare
from planner.analysis.differences import Difference
from planner.errors import ScenarioError
from planner.model import Result
from planner.readout import change_text, long_label, metric_text, spans_text, verdict
from planner.readout.field_values import value_with_unit
from planner.readout.part_text import part_words
from planner.schema import Spec
from planner.tui.config.keys import COMPARE
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.outlook import HEADLINE
from planner.tui.state import Plan
from planner.tui.widgets.headline_numbers import LOOKS
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.sheet import BLANK, ScrollSheet, SheetRow, heading, text
from planner.tui.widgets.side_table import Sides, side_rows
from planner.tui.widgets.status import Notice, Status, Title
from planner.tui.widgets.why import Why

_SAMPLES = 64
_SURE_AFTER_S = 0.3
_NOTHING = "-"
_SAME = (
    "The plan and its baseline are the same. Change a value, then come back; "
    "or compare with another plan: o, then b on that one."
)


class CompareScreen(SheetPage):
    """What differs from the baseline, or from another plan; the chosen output's change is taken apart below."""

    page = COMPARE
    BINDINGS: ClassVar = bindings(COMPARE)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._comparison: Comparison | None = None
        self._metric = ""

    def compose(self) -> ComposeResult:
        """Lay out the table over the chart."""
        yield Title()
        with Container(id="compared"):
            yield ScrollSheet()
            yield Why()
        yield Status()
        yield HintLine()

    def show(self) -> None:
        """Compare, and fill the sheet."""
        if self._compare(samples=0):
            self.set_timer(_SURE_AFTER_S, lambda: self._compare(samples=_SAMPLES))

    def _compare(self, *, samples: int) -> bool:
        """Compare over so many samples (none: the middles only), and show it; say whether it could be done."""
        looked_at = self.outlook.result.month if self.outlook.result is not None else 1
        try:
            self._comparison = compare(self._plan.baseline, self._plan.scenario, n=samples, month=looked_at)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return False
        self._show_title(self._comparison.month)
        self.sheet.fill(self._entries, keep=bool(samples))
        self.moved()
        return True

    def _show_title(self, month: int) -> None:
        """Name both sides, the month, and how to change what the plan is held against."""
        if self._plan.against_another:
            before, after = self.names
            kept = self.plan.baseline is self._plan.baseline
            does = "b: back to the plan's own baseline" if kept else "b: make it the baseline"
            self.query_one(Title).title = (f"{after} against {before}, month {month}", does)
        else:
            title = self._plan.scenario.title
            self.query_one(Title).title = (f"{title}, against its baseline, month {month}", "")

    @property
    def names(self) -> tuple[str, str]:
        """What the two plans are called: by their titles where there is another plan."""
        if not self._plan.against_another:
            return "baseline", "plan"
        return self._plan.other_name, self._plan.scenario.title

    def changes(self) -> list[MetricChange]:
        """Return the outputs that differ, headline numbers first."""
        if self._comparison is None:
            return []
        order = [
            *HEADLINE,
            *(each.metric for each in self._comparison.outputs if each.metric not in HEADLINE),
        ]
        differing = {each.metric: each for each in self._comparison.differing}
        return [differing[name] for name in order if name in differing]

    def _entries(self, width: int) -> list[SheetRow]:
        found = self._comparison
        if found is None or found.same:
            return text(_SAME, width)
        outputs = [self._output(found, each) for each in self.changes()]
        inputs = [_input(each) for each in found.inputs]
        return [
            heading(f"Outputs of month {found.month} that differ", width),
            *side_rows(self.names, outputs, width),
            BLANK,
            heading(f"Inputs that differ ({len(inputs)})", width),
            *side_rows(self.names, inputs, width),
        ]

    def _output(self, found: Comparison, each: MetricChange) -> Sides:
        """Return the row of an output; a runway without end is told as such."""
        before, after = (metric_text(end, each.metric, brief=True) for end in found.ends)
        over = spans_text(each.metric, found.horizons_months)
        word = "" if over else verdict(each.metric, each.change)
        change = "" if math.isnan(each.change) else f"{self._change(found, each)} {word}".rstrip()
        label = ", ".join(filter(None, (long_label(each.metric, found.month), over)))
        return Sides(label, before, after, change, LOOKS[word], each.metric)

    def _change(self, found: Comparison, each: MetricChange) -> str:
        """Return a change with its sign; at least so many months where a runway does not end inside the plan."""
        over = each.metric == "runway_months" and _runs_on(*found.ends)
        if math.isnan(each.change):
            return each.reason
        return change_text(each.metric, each.change, brief=True, at_least=over)

    def moved(self) -> None:
        """Take the change of the chosen output apart; of an input, say what it does to the one chosen last."""
        found = self._comparison
        if found is None:
            return
        by_name = {each.metric: each for each in self.changes()}
        if self.sheet.chosen in by_name:
            self._metric = self.sheet.chosen
        change = by_name.get(self._metric)
        self.query_one(Why).tell(change, self.names, found.month)
        if self.sheet.chosen in by_name and change is not None:
            over = spans_text(change.metric, found.horizons_months)
            of = ", ".join(filter(None, (long_label(change.metric, found.month), over)))
            whose = "both plans' ranges" if self._plan.against_another else "the ranges"
            words = f"{of}: {self._change(found, change)}. {_chance(change, whose)}"
            more = "Shares add up to the change; j and k choose another number, then the inputs"
            self.say(Notice(words, more))
        elif each := next((each for each in found.inputs if each.path == self.sheet.chosen), None):
            self.say(_of_input(each, found, change))

    def action_explain(self) -> None:
        """Explain the chosen number, or the field."""
        found = self._comparison.inputs if self._comparison else ()
        whole = {each.path for each in found if each.spec is None or each.b is None}
        if self.sheet.chosen and self.sheet.chosen not in whole:
            self.tell(self.PageAsked("explain", self.sheet.chosen))

    def action_switch_baseline(self) -> None:
        """Make the other plan the baseline; where it is, give the plan its own again."""
        if not self._plan.against_another:
            more = "o, then b on another plan compares with that one"
            self.say(Notice("This is the plan's own baseline.", more))
        elif self.plan.baseline is self._plan.baseline:
            self.tell(self.Changed(self.plan.against_own()))
            self._plan = self._plan.against_own()
            self.show()
        else:
            self.tell(self.Changed(self.plan.against(self._plan.baseline, self._plan.other_name)))
            self.app.call_later(self._say_kept)

    def _say_kept(self) -> None:
        self._show_title(self._comparison.month if self._comparison is not None else 1)
        name, _ = self.names
        self.say(Notice(f"{name} is the baseline now, on every screen.", "b: back to the plan's own"))


def _runs_on(*results: Result) -> bool:
    """Say whether a runway does not end inside the plan: a change is counted up to its end only."""
    return any(int(result.runway_state) != 0 for result in results)


def _chance(change: MetricChange, whose: str) -> str:
    """Say how sure the direction of a change is over the draws of ranges, and whose these are."""
    if not (change.rises_share or change.falls_share):
        return ""
    rises = change.rises_share >= change.falls_share
    share = change.rises_share if rises else change.falls_share
    often = "every draw" if share == 1 else f"{share:.0%} of draws"
    return f"{'Higher' if rises else 'Lower'} in {often} of {whose}."


def _of_input(each: Difference, found: Comparison, change: MetricChange | None) -> Notice:
    """Say an input's two values, and the share of a change that it has, alone or with others."""
    row = _input(each)
    words = Notice(_both_sides(row))
    part = next(part for part in found.parts if any(one.path == each.path for one in part.differences))
    if change is None or part.name not in change.why:
        return words
    share = change_text(change.metric, change.why[part.name].change, brief=True)
    name = long_label(change.metric, found.month)
    others = len(part.differences) - 1
    whose = f"with {others} other{'s' * (others > 1)} ({part.label})" if others else "by itself"
    return Notice(words.text, f"{name}: {share} {whose}")


def _both_sides(row: Sides) -> str:
    """Say what an input is on either side; of one that is on one side only, that it came or went."""
    if row.before == _NOTHING:
        return f"{row.label} added: {row.after}."
    if row.after == _NOTHING:
        return f"{row.label} removed: {row.before}."
    return f"{row.label}: {row.before} to {row.after}."


def _input(each: Difference) -> Sides:
    before, after = (_value(value, each.spec) for value in (each.a, each.b))
    label = f"{each.placed[:1].upper()}{each.placed[1:]}" if each.spec is None else each.placed
    return Sides(label, before, after, key=each.path)


def _value(value: Any, spec: Spec | None) -> str:
    """Return a field's value, or a whole part in words."""
    if value is None:
        return _NOTHING
    return value_with_unit(value, spec) if spec is not None else part_words(value)
