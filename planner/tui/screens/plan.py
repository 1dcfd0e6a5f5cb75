"""The main screen: inputs at the left, numbers and charts at the right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize
from textual.reactive import reactive

from planner.files.recent import keep_recent
from planner.tui.config.keys import PLAN
from planner.tui.screens import parts, plan_mouse, plan_notices, plan_panels, questions, seeking
from planner.tui.screens.editing import EditingPage
from planner.tui.screens.page import NARROW, bindings
from planner.tui.session import unsaved
from planner.tui.session.health import health
from planner.tui.session.outlook import Outlook
from planner.tui.session.unsaved import Surroundings
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.widgets.copied_rows import copied_field, copied_number, field_row, number_rows
from planner.tui.widgets.headline import Headline, numbers_in
from planner.tui.widgets.health import Health
from planner.tui.widgets.hint import hints
from planner.tui.widgets.jump_labels import Target
from planner.tui.widgets.outputs import Outputs
from planner.tui.widgets.pane import View
from planner.tui.widgets.status import Notice, Status, Title

if TYPE_CHECKING:
    from pathlib import Path

    from planner.schema import Field
    from planner.tui.session.undoing import HistoryStep
    from planner.tui.state import Plan
    from planner.tui.widgets.mouse import Pointable

_KEPT_S = 0.5  # after a plan was opened, it is remembered as open lately: not while it is first drawn


class PlanScreen(EditingPage):
    """Shows the open plan and where it leads; says what the user does to it."""

    page = PLAN
    BINDINGS: ClassVar = bindings(PLAN)
    surroundings: reactive[Surroundings] = reactive(Surroundings(), init=False, repaint=False)
    left_over: reactive[bool] = reactive(default=False, init=False, repaint=False)

    class NumberChosen(AheadOfKeys):
        """The cursor is on another number."""

    def __init__(self) -> None:
        super().__init__()
        self.bar, self.headline, self.health, self.outputs = Title(), Headline(), Health(), Outputs()
        self._opened: Path | None = None
        self._shown: Plan | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield self.bar
        yield self.headline
        yield self.health
        with Horizontal(id="panes"):
            yield self.inputs
            yield self.outputs
        yield Status()
        yield self.hint

    def on_mount(self) -> None:
        """Show the open plan."""
        self.hint.hints = hints(self.keys)
        self.watch_plan(self.plan)
        self.watch_outlook(self.outlook)
        self.inputs.focus()

    def watch_plan(self, plan: Plan) -> None:
        """Show another plan."""
        if plan is self._shown:
            return
        renamed = (
            self._shown is not None and self._shown.scenario is plan.scenario
        )  # saved under another name
        self._shown = plan
        self._show_title()
        self.inputs.plan = plan
        self.describe()
        if self.inputs.typing:
            self._stop_typing()
        if plan.file is not None and plan.file.path != self._opened:
            self._opened = plan.file.path
            if not renamed:
                self.call_after_refresh(self._offer)
                self.call_after_refresh(self._warn, plan)
            self.set_timer(_KEPT_S, partial(keep_recent, plan.file.path, state=self.workplace.state))

    def watch_outlook(self, outlook: Outlook) -> None:
        """Show where the plan leads."""
        self.headline.outlook = outlook
        self.outputs.follows = not self.inputs.typing
        self.outputs.outlook = outlook
        self._show_health()

    def watch_surroundings(self) -> None:
        """Show who else is at the file."""
        self._show_title()

    def watch_left_over(self) -> None:
        """Show whether edits are left over."""
        self._show_title()

    def _offer(self) -> None:
        """Offer the edits of the open file that a screen left unsaved when it died, without standing in the way."""
        if left := unsaved.left_over(self.plan, self.workplace.state):
            self.left_over = True
            self.say(plan_notices.left_over(len(left)))

    def _warn(self, opened: Plan) -> None:
        """Say what the result warns of, or that prices are old, where nothing weightier is said."""
        if self.left_over or self.plan is not opened or self.query_one(Status).notice.look == "error":
            return
        scenario, today, result = self.plan.scenario, self.workplace.today, self.outputs.outlook.result
        of_result = plan_notices.of_result(result, self.key_of("explain")) if result else None
        if warning := of_result or plan_notices.warning(scenario, today, self.key_of("prices")):
            self.say(warning)

    def _show_title(self) -> None:
        """Show what is open, whether it is saved, and who else is at it."""
        around = self.surroundings.words
        self.bar.title = plan_notices.title(self.plan, around=around, left_over=self.left_over)
        self._show_health()

    def _show_health(self) -> None:
        """Show how the plan stands: its promises, its goal, the age of its prices, whether it is saved."""
        self.health.findings = health(self.plan, self.outlook.result, self.workplace.today)

    def describe(self) -> None:
        """Say what stands under the cursor."""
        field = self.inputs.field
        self.headline.at = chosen = self.outputs.chosen
        if self.outputs.has_focus:
            self.tell(self.NumberChosen())
            self.say(plan_panels.described(self, chosen))
            return
        self.outputs.follow(self.inputs.line.path)
        if field is None:
            self.say(plan_notices.of_section(self.inputs.line))
        else:
            self.say(plan_notices.of_field(self.plan, self.inputs, field, self.key_of("switch")))

    def show_step(self, step: HistoryStep) -> None:
        """Go to a field that a step back or forward changed, and say what is as it was."""
        if step.at:
            self.inputs.go_to(step.at)
        self.say(Notice(step.words, step.more))

    def editable(self) -> Field | None:
        """Return the field under the cursor; None on a header or in another pane."""
        return None if self.outputs.has_focus else self.inputs.field

    def open_row(self) -> None:
        """Go on from the row under the cursor, or fold the section."""
        plan_panels.enter(self) if self.outputs.has_focus else self.action_fold()

    def go_to(self, path: str) -> None:
        """Put the cursor on a field and say what stands there."""
        self.inputs.focus()
        self.inputs.go_to(path)
        self.describe()

    def on_descendant_focus(self) -> None:
        """Describe what the newly focused pane has under its cursor."""
        super().on_descendant_focus()
        self._show_pane(self.size.width)
        self.describe()

    def on_resize(self, event: Resize) -> None:
        """Show the pane with the focus where there is room for one only."""
        self.outputs.numbers = numbers_in(event.size.width)
        self._show_pane(event.size.width)

    def _show_pane(self, width: int) -> None:
        """Hide the inputs where the results have the focus and no room beside; a class costs a layout."""
        self.set_class(width < NARROW and self.outputs.has_focus, "-results")
        self.set_class(bool(self.outputs.large), "-large")

    def action_large(self) -> None:
        """Show the next chart alone, then all of them again."""
        plan_panels.next_alone(self)

    def action_metric(self) -> None:
        """Show what moves another number most."""
        self.outputs.next_metric()
        self.tell(self.NumberChosen())

    def action_panel(self, name: str) -> None:
        """Show one chart or table alone."""
        plan_panels.show(self, name)

    def show_large(self, name: str) -> None:
        """Show one chart or table alone; without a name all of them, with the cursor in the form."""
        self.outputs.ways = f"{self.key_of('large')} next, {self.key_of('whole_plan')} back"
        self.outputs.large = name
        (self.outputs if name else self.inputs).focus()
        if name:
            self.outputs.enter(name)
        self._show_pane(self.size.width)
        self.describe()

    def action_next_month(self) -> None:
        """Look at the plan from the next month, or from the one that was typed."""
        self.look_from(self.taken_count() if self.has_count else max(self.outputs.scene.month, 1) + 1)

    def action_previous_month(self) -> None:
        """Look at the plan from the month before, or from the one that was typed."""
        self.look_from(self.taken_count() if self.has_count else self.outputs.scene.month - 1)

    def action_whole_plan(self) -> None:
        """Look from month 1 again, at all charts."""
        if self.outputs.large:
            self.show_large("")
        elif self.outputs.scene.month:
            self.look_from(1)
        elif self.outputs.has_focus:
            self.inputs.focus()

    def look_from(self, month: int) -> None:
        """Look at the plan from a month, counted from 1; the nearest that it has."""
        last = int(self.outputs.outlook.scenario.company.horizon_months)
        month = min(max(month, 1), last)
        self.tell(self.MonthAsked(month))
        self.say(plan_notices.of_month(self.outputs.outlook, month))

    @property
    def page_rows(self) -> int:
        """How many rows of the form are in sight."""
        return self.inputs.size.height

    def move_by(self, rows: int) -> None:
        """Go so many rows down, up below 0, in the pane that has the focus."""
        if self.outputs.has_focus:
            self.outputs.move(rows)
        else:
            self.inputs.move(rows)
        self.describe()

    def action_next_section(self) -> None:
        """Go to the next section."""
        self.inputs.move_section(self.taken_count())
        self.describe()

    def action_previous_section(self) -> None:
        """Go to the section before."""
        self.inputs.move_section(-self.taken_count())
        self.describe()

    def action_everything(self) -> None:
        """Show every field, or only those that matter."""
        self.inputs.show_everything()
        shown = (
            "Every field is shown." if self.inputs.everything else "Only fields that matter now are shown."
        )
        self.say(Notice(shown, f"{self.key_of('everything')} changes it"))

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        plan_panels.next_pane(self, 1)

    def action_previous_pane(self) -> None:
        """Previous pane."""
        plan_panels.next_pane(self, -1)

    def action_find(self) -> None:
        """Find a field, a chart, a table or a screen by a few letters."""
        questions.find(self, self.go_to)

    def action_add(self) -> None:
        """Add a part to the plan."""
        parts.add(self, self.inputs.line.path)

    def action_remove(self) -> None:
        """Take out the part under the cursor."""
        parts.remove(self, self.inputs.line.path)

    def action_edit_file(self) -> None:
        """Open the plan's file in the user's editor."""
        parts.edit_file(self)

    def action_import_file(self) -> None:
        """Read a log, a bill, a ledger or a benchmark into the plan."""
        from planner.tui.screens.import_questions import ask_for_file  # noqa: PLC0415 - asked seldom

        ask_for_file(self)

    def action_read_again(self) -> None:
        """Take what the plan's file says now."""
        parts.read_again(self)

    def action_seek(self) -> None:
        """Find the value at which a result reaches a goal."""
        field, metric = (None, self.outputs.chosen) if self.outputs.has_focus else (self.inputs.field, "")
        seeking.seek_goal(self, self.take_value, field=field, metric=metric)

    def action_recover(self) -> None:
        """Offer the edits that a dead screen left unsaved."""
        questions.recover(self, self._forget_left_over)

    def _forget_left_over(self) -> None:
        self.left_over = False

    def action_explain(self) -> None:
        """Explain what is under the cursor."""
        plan_panels.explain(self)

    def action_number(self, name: str) -> None:
        """Go to a headline number, or explain one that is out of sight."""
        plan_panels.to_number(self, name)

    def go_across(self, steps: int) -> None:
        """Go to the number beside."""
        plan_panels.across(self, steps)

    def cursor_at(self) -> tuple[View, int, int]:
        """Return the row, or the number, that has the focus."""
        if not self.outputs.has_focus:
            return self.inputs, 0, self.inputs.cursor - self.inputs.top
        places = [
            (view, x, y)
            for view in (self.headline, self.outputs)
            for x, y, at in view.targets()
            if at == self.outputs.at
        ]
        return next(iter(places), (self.outputs, 0, 0))

    def targets(self) -> list[Target]:
        """Return the rows, the headline numbers and the costs in sight."""
        rows = [Target(self.inputs, 0, y, partial(self._go_to_row, at)) for y, at in self.inputs.targets()]
        numbers = [
            Target(view, x, y, partial(self.go_to_number, at))
            for view in (self.headline, self.outputs)
            for x, y, at in view.targets()
        ]
        return [*rows, *numbers]

    def point(self, at: Pointable.Pressed) -> None:
        """Go to the row, the number or the month that was clicked."""
        if not plan_mouse.pointed(self, at):
            super().point(at)
            plan_mouse.after(self, at)

    def wheel(self, at: Pointable.Wheeled) -> None:
        """Go down or up the form, or on by months."""
        plan_mouse.wheeled(self, at)

    def _go_to_row(self, at: int) -> None:
        self.inputs.focus()
        self.inputs.move(at - self.inputs.cursor)
        self.describe()

    def go_to_number(self, at: int) -> None:
        """Put the cursor on a number, a row or a panel."""
        self.outputs.focus()
        self.outputs.go_to(at)
        self.describe()

    def action_sweep(self) -> None:
        """Sweep two fields."""
        self.tell(self.PageAsked("sweep"))

    def action_frontier(self) -> None:
        """Show the frontier."""
        self.tell(self.PageAsked("frontier"))

    def action_months(self) -> None:
        """Show the plan month by month."""
        self.tell(self.PageAsked("months"))

    def action_volume(self) -> None:
        """Show API or own GPUs by volume."""
        self.tell(self.PageAsked("volume"))

    def copied(self) -> str:
        """Return the chosen number, or the field under the cursor as a line of its file."""
        chosen = self.outputs.chosen
        if not chosen:
            return copied_field(self.inputs.field)
        return copied_number(self.outputs.outlook, chosen) or self.outputs.panel_text()

    def copied_table(self) -> str:
        """Return all numbers, or all fields that are shown, with tabs between columns."""
        if self.outputs.has_focus:
            return "\n".join(row for _, row in number_rows(self.outputs.outlook))
        return "\n".join(field_row(line) for line in self.inputs.lines)
