"""How rows are edited on a screen: nudged, switched, chosen, typed, repeated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from planner.readout.field_values import value_text
from planner.schema.steps import steps_of
from planner.tui.screens import questions
from planner.tui.screens.motions import MovingPage
from planner.tui.session import row_edits
from planner.tui.session.nudge import LARGE_STEPS
from planner.tui.session.refusal import Refusal, first_problem
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.widgets.hint import Hint, HintLine, hints
from planner.tui.widgets.inputs import InputPane
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.errors import ScenarioError
    from planner.schema import Field, Scenario
    from planner.tui.state import Plan
    from planner.tui.widgets.value_input import Typing

_TYPING = (
    Hint("enter", "keep"), Hint("escape", "leave"), Hint("or type", "1.2M   35%   800ms   4k   5% to 9%", 1),
)  # fmt: skip


class EditingPage(MovingPage):
    """A screen with the fields of a plan. An edit is told to the app, which takes it or refuses it."""

    class Drafted(AheadOfKeys):
        """The user is typing a value: this is what the scenario would be, None once it is given up."""

        def __init__(self, scenario: Scenario | None) -> None:
            super().__init__()
            self.scenario = scenario

    def __init__(self) -> None:
        super().__init__()
        self.inputs, self.hint = InputPane(), HintLine()

    def describe(self) -> None:
        """Say what stands under the cursor; every screen does it its own way."""

    def open_row(self) -> None:
        """Do what enter does where there is no field under the cursor; nothing unless a screen says so."""

    def action_higher(self) -> None:
        """Raise the value."""
        self._nudge(self.taken_count())

    def action_lower(self) -> None:
        """Lower the value."""
        self._nudge(-self.taken_count())

    def action_much_higher(self) -> None:
        """Raise the value by large steps."""
        self._nudge(self.taken_count() * LARGE_STEPS)

    def action_much_lower(self) -> None:
        """Lower the value by large steps."""
        self._nudge(-self.taken_count() * LARGE_STEPS)

    def go_across(self, steps: int) -> None:
        """Go to what stands beside, where the cursor is on no field; nothing unless a screen says so."""

    def _nudge(self, steps: int) -> None:
        if self.editable() is None:
            self.go_across(steps)
        self._edit(lambda field: row_edits.with_nudge(self.plan, field, steps))

    def _edit(self, edited: Callable[[Field], Plan]) -> None:
        """Edit the field under the cursor, or say why not."""
        field = self.editable()
        if field is None:
            return
        try:
            self._take(edited(field))
        except Refusal as refusal:
            self._say_why(refusal)

    def _say_why(self, refusal: Refusal) -> None:
        self.say(Notice(refusal.text, refusal.more, refusal.look))

    def _take(self, plan: Plan) -> None:
        """Let another plan be the open one; without an edit, forget what was being typed."""
        self.tell(self.Edited(plan) if plan is not self.plan else self.Drafted(None))

    def take_value(self, field: Field, value: object) -> None:
        """Give a field another value, or say why not."""
        try:
            plan = row_edits.with_value(self.plan, field, value)
        except Refusal as refusal:
            self._say_why(refusal)
            return
        if said := questions.after_choice(self.plan.scenario, plan.scenario, field, self.workplace.today):
            self.tell(self.Changed(plan, at=field.path, notice=said))
        else:
            self._take(plan)

    def refuse(self, error: ScenarioError, *, drafted: bool = False) -> None:
        """Say why an edit can't be computed; of one that is still typed, say the rule too."""
        field = self.inputs.field
        if drafted and field is not None:
            self.say(Notice(first_problem(error, field), row_edits.rule_of(field)))
        else:
            self.say(Notice(first_problem(error, field), look="error"))

    def editable(self) -> Field | None:
        """Return the field that an edit is about; None where the cursor is on none."""
        return self.inputs.field

    def action_switch(self) -> None:
        """Switch a flag, or fold a section."""
        field = self.editable()
        if field is not None and field.spec.kind in ("flag", "choice"):
            self._nudge(1)
        elif field is None:
            self.action_fold()

    def action_fold(self) -> None:
        """Fold or unfold the section."""
        self.inputs.fold()
        self.describe()

    def action_revert(self) -> None:
        """Give the field under the cursor the value of the baseline."""
        field = self.inputs.field
        if field is not None and self.inputs.line.changed:
            self.take_value(field, self.inputs.baseline_value(field.path))

    def action_repeat(self) -> None:
        """Do the last edit again on this row."""
        self._edit(lambda field: row_edits.with_last_edit(self.plan, field))

    def action_type(self) -> None:
        """Type a value, switch a flag, choose from a list."""
        field = self.editable()
        if field is None:
            self.open_row()
        elif field.spec.kind == "flag":
            self._nudge(1)
        elif steps_of(field.path)[-1] == "tiers":
            questions.choose_order(self, field, partial(self.take_value, field))
        elif choices := row_edits.choices(self.plan.scenario, field):
            questions.choose_value(self, field, choices, partial(self.take_value, field))
        else:
            self.start_typing(field)

    def start_typing(self, field: Field) -> None:
        """Make the row under the cursor an input, or say why it can't be one."""
        try:
            row_edits.check_counts(self.plan.scenario, field)
        except Refusal as refusal:
            self._say_why(refusal)
            return
        mounting, typing = self.inputs.type_in(field)
        self.opening = (mounting, typing)
        self.hint.hints = _TYPING if field.spec.numeric else _TYPING[:2]

    def on_typing_typed(self, message: Typing.Typed) -> None:
        """Show what the value typed so far would lead to."""
        field = self.inputs.field
        if field is None:
            return
        try:
            scenario = row_edits.drafted(self.plan.scenario, field, message.text)
        except Refusal as refusal:
            self._say_why(refusal)
            return
        rule = row_edits.rule_of(field)
        if scenario is None:
            self.say(Notice(rule))
        else:
            value = value_text(scenario.value(field.path), field.spec)
            self.say(Notice(f"{self.inputs.line.label}: {value}", rule))
            self.tell(self.Drafted(scenario))

    def on_typing_entered(self, message: Typing.Entered) -> None:
        """Keep a value that can be used; stay with one that can't."""
        field = self.inputs.field
        if field is None:
            return
        try:
            plan = row_edits.with_value(self.plan, field, row_edits.meant(field, message.text))
        except Refusal as refusal:
            self._say_why(refusal)
            return
        if plan is self.plan:
            self._stop_typing()
        self._take(plan)

    def on_typing_left(self) -> None:
        """Go back to the value before."""
        self._stop_typing()
        self.tell(self.Drafted(None))
        self.describe()

    def _stop_typing(self) -> None:
        self.inputs.stop_typing()
        self.inputs.focus()
        self.hint.hints = hints(self.keys)
