"""The plan beside its baseline: inputs and outputs that differ, and why."""

import math
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container

from planner.analysis.compare import Comparison, MetricChange, compare
from planner.analysis.differences import Difference
from planner.errors import ScenarioError
from planner.model import Result
from planner.readout import change_text, long_label, metric_text, number_text, verdict
from planner.readout.field_values import value_text
from planner.schema import Spec
from planner.tui.config.keys import COMPARE
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.outlook import HEADLINE
from planner.tui.state import Plan
from planner.tui.widgets.charts import Rows, Span, waterfall
from planner.tui.widgets.headline_numbers import LOOKS
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.pane import View
from planner.tui.widgets.sheet import BLANK, ScrollSheet, SheetRow, heading, text
from planner.tui.widgets.status import Notice, Status, Title
from planner.units import show

_LEAST_CHANGE = 1e-9
_SAMPLES = 64
_NARROW = 78  # below it a column is too narrow for the words "lasts all 36 months"
_LONGEST_LABEL = 46  # columns from a label to its numbers, however wide the screen
_SURE_AFTER_S = 0.3
_BESIDES = 4  # rows of the chart besides a step each: its head, where it starts, where it ends, and its scale


class Why(View):
    """How each input that differs changed one number."""

    def __init__(self) -> None:
        super().__init__(id="why")
        self._comparison: Comparison | None = None
        self._change: MetricChange | None = None

    def tell(self, comparison: Comparison | None, change: MetricChange | None) -> None:
        """Take another change apart."""
        self._comparison, self._change = comparison, change
        if self.screen.has_class("-wide"):  # there it stands beside the table
            self.styles.height = "1fr"
        else:
            self.styles.height = len(change.why) + _BESIDES if change is not None else 0
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the waterfall from the baseline to the plan."""
        change = self._change
        if change is None:
            return []
        title = f"Why {long_label(change.metric).lower()} changed "
        head = [Span(title, "head"), Span("─" * max(width - len(title), 0), "zero")]
        if not change.why:
            return [head, [Span(f" {change.reason}", "muted")]]
        if self._comparison is None:
            return []
        least = _LEAST_CHANGE * max(abs(change.a), abs(change.b))
        steps = [(share.label, share.change) for share in change.why.values() if abs(share.change) > least]
        rows = waterfall(
            ("baseline", change.a), steps, ("plan", change.b), width=width, height=height - 1,
            show=lambda value: show(value, change.metric), look=lambda each: LOOKS[verdict(change.metric, each)],
            ascii_only=self.ascii_only,
        )  # fmt: skip
        return [head, *rows]


class CompareScreen(SheetPage):
    """What differs from the baseline; the chosen output's change is taken apart below."""

    page = COMPARE
    BINDINGS: ClassVar = bindings(COMPARE)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._comparison: Comparison | None = None

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
        self.query_one(Title).title = (f"{self._plan.scenario.title}, against its baseline", "")
        if self._compare(samples=0):
            self.set_timer(_SURE_AFTER_S, lambda: self._compare(samples=_SAMPLES))

    def _compare(self, *, samples: int) -> bool:
        """Compare over so many samples (none: the middles only), and show it; say whether it could be done."""
        try:
            self._comparison = compare(self._plan.baseline, self._plan.scenario, n=samples)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return False
        self.sheet.fill(self._entries, keep=bool(samples))
        self.moved()
        return True

    def changes(self) -> list[MetricChange]:
        """Return the outputs that differ, headline numbers first."""
        if self._comparison is None:
            return []
        order = [
            *HEADLINE,
            *(each.metric for each in self._comparison.outputs if each.metric not in HEADLINE),
        ]
        differing = {each.metric: each for each in self._comparison.outputs if differs(each)}
        return [differing[name] for name in order if name in differing]

    def _entries(self, width: int) -> list[SheetRow]:
        if self._comparison is None or self._comparison.same:
            return text("The plan and its baseline are the same. Change a value, then come back.", width)
        entries = [heading("Outputs that differ", width)]
        if width >= _NARROW:
            entries += [_table(("", "baseline", "plan", "change"), width, look="muted")]
        entries += [row for each in self.changes() for row in self._output(each, width)]
        entries += [BLANK, heading(f"Inputs that differ ({len(self._comparison.inputs)})", width)]
        return entries + [row for each in self._comparison.inputs for row in _input(each, width)]

    def _output(self, each: MetricChange, width: int) -> list[SheetRow]:
        """Return the row of an output; a runway without end is told as such."""
        outlook = self.outlook
        before = _text(outlook.baseline, each.metric, each.a)
        after = _text(outlook.result, each.metric, each.b)
        word = verdict(each.metric, each.change)
        look = LOOKS[word]
        change = f"{self._change(each)} {word}".rstrip()
        return _rows((long_label(each.metric), before, after, change), width, last=look, key=each.metric)

    def _change(self, each: MetricChange) -> str:
        """Return a change with its sign; at least so many months where a runway does not end inside the plan."""
        outlook = self.outlook
        over = each.metric == "runway_months" and _runs_on(outlook.baseline, outlook.result)
        if math.isnan(each.change):
            return each.reason
        return change_text(each.metric, each.change, brief=True, at_least=over)

    def moved(self) -> None:
        """Take the change of the chosen output apart."""
        chosen = next((each for each in self.changes() if each.metric == self.sheet.chosen), None)
        self.query_one(Why).tell(self._comparison, chosen)
        if chosen is not None:
            more = _chance(chosen)
            self.say(
                Notice(
                    f"{long_label(chosen.metric)}: {self._change(chosen)}. {more}",
                    "Shares sum to the change; j and k choose another number",
                )
            )

    def action_explain(self) -> None:
        """Explain the chosen number."""
        if self.sheet.chosen:
            self.tell(self.PageAsked("explain", self.sheet.chosen))


def differs(change: MetricChange) -> bool:
    """Say whether an output differs by more than rounding; one that is missing on one side does."""
    if math.isnan(change.a) or math.isnan(change.b):
        return math.isnan(change.a) != math.isnan(change.b)
    return abs(change.b - change.a) > _LEAST_CHANGE * max(abs(change.a), abs(change.b))


def _runs_on(*results: Result | None) -> bool:
    """Say whether a runway does not end inside the plan: a change is counted up to its end only."""
    return any(result is not None and int(result.runway_state) != 0 for result in results)


def _chance(change: MetricChange) -> str:
    """Say how sure the direction of a change is over the samples."""
    if not (change.rises_share or change.falls_share):
        return ""
    if change.rises_share >= change.falls_share:
        return f"It rises in {change.rises_share:.0%} of all samples."
    return f"It falls in {change.falls_share:.0%} of all samples."


def _input(each: Difference, width: int) -> list[SheetRow]:
    return _rows((each.placed, _value(each.a, each.spec), _value(each.b, each.spec), ""), width)


def _value(value: Any, spec: Spec | None) -> str:
    if value is None:
        return "-"
    return value_text(value, spec) if spec is not None else str(getattr(value, "model", "a section"))


def _text(result: Result | None, metric: str, value: float) -> str:
    return (
        number_text(metric, value, brief=True) if result is None else metric_text(result, metric, brief=True)
    )


def _rows(cells: tuple[str, str, str, str], width: int, *, last: str = "", key: str = "") -> list[SheetRow]:
    """Return a row of a difference; where it is narrow the change beside the label, both sides below it."""
    if width >= _NARROW:
        return [SheetRow(_table(cells, width, last=last).row, key)]
    label, before, after, change = cells
    room = width - cell_len(label) - 3
    beside = change if cell_len(change) <= room else ""
    rows = [SheetRow([Span(f" {label} ", "label"), Span(beside.rjust(room) if beside else "", last)], key)]
    rows += text(f"{before} to {after}", width, look="muted", indent=3)
    return rows if beside == change else [*rows, *text(change, width, look=last or "label", indent=3)]


def _table(cells: tuple[str, str, str, str], width: int, *, look: str = "", last: str = "") -> SheetRow:
    """Return a row of label, baseline, plan and change."""
    side = max(min((width - 30) // 3, 18), 12)
    label = min(width - 3 * side - 2, _LONGEST_LABEL)
    return SheetRow(
        [
            Span(f" {cells[0]}"[: label - 1].ljust(label), look or "label"),
            Span(cells[1][: side - 1].rjust(side - 1), look or "muted"),
            Span(cells[2][: side - 1].rjust(side), look or "value"),
            Span(f"  {cells[3]}"[: side + 3], look or last),
        ]
    )
