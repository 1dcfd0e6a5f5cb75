"""The main screen: inputs at the left, numbers and charts at the right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize

from planner.schema import unknown_sources
from planner.tui.config.keys import PLAN
from planner.tui.screens.page import NARROW, Notice, Page, Status, Title, bindings, hints
from planner.tui.session import navigation, row_editing
from planner.tui.session.clipboard_rows import field_row, number_rows
from planner.tui.session.nudge import LARGE_STEPS
from planner.tui.session.price_age import old_prices, price_age
from planner.tui.session.unsaved_edits import offer
from planner.tui.widgets.field_list import without_effect
from planner.tui.widgets.field_text import exact, value_text
from planner.tui.widgets.headline_numbers import Outlook, reading
from planner.tui.widgets.hint import Hint, HintLine, key_name
from planner.tui.widgets.inputs import Inputs
from planner.tui.widgets.jump_labels import Target
from planner.tui.widgets.outputs import Headline, Outputs
from planner.tui.widgets.pane import View

if TYPE_CHECKING:
    from pathlib import Path

    from planner.schema import Field
    from planner.tui.state import Plan
    from planner.tui.widgets.value_input import Typing

_TYPING = (
    Hint("enter", "keep"), Hint("escape", "leave"), Hint("or type", "1.2M   35%   800ms   4k   5% to 9%", 1),
)  # fmt: skip


class PlanScreen(Page):
    """Shows the open plan; keys become messages and actions of the app."""

    page = PLAN
    BINDINGS: ClassVar = bindings(PLAN)

    def __init__(self) -> None:
        super().__init__()
        self.bar, self.headline, self.hint = Title(), Headline(), HintLine()
        self.inputs, self.outputs = Inputs(), Outputs()
        self._opened: Path | None = None
        self.left_over = False

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield self.bar
        yield self.headline
        with Horizontal(id="panes"):
            yield self.inputs
            yield self.outputs
        yield Status()
        yield self.hint

    def on_mount(self) -> None:
        """Show the open plan."""
        self.hint.hints = hints(self.keys)
        self.show_plan(self.planner.plan)
        self.inputs.focus()
        self.planner.work_out()

    def show_plan(self, plan: Plan) -> None:
        """Show another plan."""
        self.show_title(plan)
        self.inputs.plan = plan
        self.describe()
        self.planner.keeper.follow(plan)
        if plan.file is not None and plan.file.path != self._opened:
            self._opened = plan.file.path
            self.call_after_refresh(offer, self.planner)
            self.call_after_refresh(self._warn)

    def _warn(self) -> None:
        """Say that prices are old, if they are."""
        if old := old_prices(self.planner.plan.scenario, self.planner.today):
            key = self._key_of("prices")
            self.say(Notice(old, f"{key} shows them, and what newer ones would change", "error"))
        elif lost := unknown_sources(self.planner.plan.scenario):
            more = f"and {len(lost) - 1} more sources without a field" if len(lost) > 1 else ""
            self.say(Notice(str(lost[0]), more, "error"))

    def _key_of(self, action: str) -> str:
        """Return the key of an action, as the user has it."""
        return next((key_name(key.keys[0]) for key in self.keys if key.name == action and key.keys), ":")

    def show_title(self, plan: Plan) -> None:
        """Show what is open, whether it is saved, and who else is at it."""
        name = plan.file.path.name if plan.file else "not in a file yet"
        around = self.planner.surroundings.words
        marks = " [unsaved]" * plan.unsaved + " [R: edits left over]" * self.left_over
        marks += f" [{around}]" if around else ""
        self.bar.title = (plan.scenario.title, f"{name}{marks}")
        self.bar.aside = price_age(plan.scenario, self.planner.today)

    def show_outlook(self, outlook: Outlook) -> None:
        """Show what the plan leads to."""
        self.headline.outlook = outlook
        self.outputs.outlook = outlook

    def describe(self) -> None:
        """Say what stands under the cursor."""
        if self.outputs.has_focus:
            self._describe_number()
            return
        self.headline.at = ""
        field = self.inputs.field
        if field is None:
            self.say(
                Notice(
                    self.inputs.line.label,
                    "space folds or unfolds, J and K go to the next section and the one before",
                )
            )
        else:
            self.say(Notice(self._sentence(field), self._rule(field)))

    def go_to(self, path: str) -> None:
        """Put the cursor on a field and say what stands there."""
        self.inputs.focus()
        self.inputs.go_to(path)
        self.describe()

    def _describe_number(self) -> None:
        chosen = self.outputs.chosen
        self.headline.at = chosen
        self.planner.settling.swing_soon()
        if chosen.startswith("cost:"):
            self.say(Notice(f"{chosen.removeprefix('cost:')}: a cost of month 1", "e explains it"))
            return
        now = reading(self.outputs.outlook, chosen)
        more = f", {now.change} than the baseline" if now.change else ""
        self.say(
            Notice(f"{now.label}: {now.value}{more}", "e explains it: formula, inputs, line items, sources")
        )

    def _sentence(self, field: Field) -> str:
        spec = field.spec
        words = [f"{spec.label}: {value_text(field.value, spec)}."]
        if self.inputs.line.changed:
            before = self.inputs.baseline_value(field.path)
            words.append(f"Baseline: {value_text(before, spec)}.")
        idle = without_effect(self.planner.plan.scenario, field.path)
        return " ".join([*words, idle or spec.help])

    def _rule(self, field: Field) -> str:
        kind = "We decide" if field.spec.role == "lever" else "Unknown"
        if field.spec.kind == "flag":
            return f"{kind}: on or off; {self._key_of('switch')} switches it"
        choices = row_editing.choices(self.planner, field)
        rule = "one of " + ", ".join(choices) if 0 < len(choices) < 9 else field.spec.rule()
        if choices and field.spec.kind == "names":
            rule = "deployments, small first: " + ", ".join(self.planner.plan.scenario.deployments)
        return f"{kind}: {rule}"

    def on_descendant_focus(self) -> None:
        """Describe what the newly focused pane has under its cursor."""
        super().on_descendant_focus()
        self._show_pane(self.size.width)
        self.describe()

    def on_resize(self, event: Resize) -> None:
        """Show the pane with the focus where there is room for one only."""
        self._show_pane(event.size.width)

    def _show_pane(self, width: int) -> None:
        """Hide the inputs where the results have the focus and no room beside; a class costs a layout."""
        self.set_class(width < NARROW and self.outputs.has_focus, "-results")

    def action_down(self) -> None:
        """Go down."""
        self._move(self.taken_count())

    def action_up(self) -> None:
        """Go up."""
        self._move(-self.taken_count())

    def action_page_down(self) -> None:
        """Go down half a screen."""
        self._move(self.taken_count() * max(self.inputs.size.height // 2, 1))

    def action_page_up(self) -> None:
        """Go up half a screen."""
        self._move(-self.taken_count() * max(self.inputs.size.height // 2, 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._move(-(10**6))

    def action_last(self) -> None:
        """Go to the last row."""
        self._move(10**6)

    def _move(self, rows: int) -> None:
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

    def _nudge(self, steps: int) -> None:
        if field := self._editable():
            row_editing.nudge(self.planner, field, steps)

    def _editable(self) -> Field | None:
        """Return the field under the cursor; None on a header or in another pane."""
        return None if self.outputs.has_focus else self.inputs.field

    def action_switch(self) -> None:
        """Switch a flag, or fold a section."""
        field = self._editable()
        if field is not None and field.spec.kind in ("flag", "choice"):
            row_editing.nudge(self.planner, field, 1)
        elif field is None:
            self.action_fold()

    def action_fold(self) -> None:
        """Fold or unfold the section."""
        self.inputs.fold()
        self.describe()

    def action_everything(self) -> None:
        """Show every field, or only those that matter."""
        self.inputs.show_everything()
        self.say(Notice("Every field" if self.inputs.everything else "The fields that matter now"))

    def action_repeat(self) -> None:
        """Do the last edit again on this row."""
        if field := self._editable():
            row_editing.repeat(self.planner, field)

    def action_next_pane(self) -> None:
        """Go to the other pane."""
        self.set_focus(self.inputs if self.outputs.has_focus else self.outputs)

    def action_previous_pane(self) -> None:
        """Go to the other pane."""
        self.action_next_pane()

    def action_type(self) -> None:
        """Type a value, switch a flag, choose from a list."""
        field = self._editable()
        if field is None:
            self.action_explain() if self.outputs.has_focus else self.action_fold()
        elif field.spec.kind == "flag":
            row_editing.nudge(self.planner, field, 1)
        elif row_editing.choices(self.planner, field):
            navigation.choose(self.planner, field)
        else:
            self.start_typing(field)

    def start_typing(self, field: Field) -> None:
        """Make the row under the cursor an input."""
        from planner.tui.widgets.value_input import Typing  # noqa: PLC0415 - an input is needed first when one types

        inputs = self.inputs
        column = inputs.value_column(inputs.size.width)
        typing = Typing(exact(field.value, field.spec), placeholder=field.spec.unit)
        typing.styles.offset = (column - 1, inputs.cursor - inputs.top)
        typing.styles.width = inputs.size.width - column + 1
        self.planner.opening = (inputs.mount(typing), typing)
        typing.focus()
        self.hint.hints = _TYPING if field.spec.numeric else _TYPING[:2]

    def on_typing_typed(self, message: Typing.Typed) -> None:
        """Show what the value typed so far would lead to."""
        if field := self.inputs.field:
            self.say(Notice(*row_editing.tried(self.planner, field, message.text), "label"))

    def on_typing_kept(self, message: Typing.Kept) -> None:
        """Keep a value that can be used; stay with one that can't."""
        field = self.inputs.field
        if field is not None and row_editing.typed(self.planner, field, message.text):
            self._stop_typing()

    def on_typing_left(self) -> None:
        """Go back to the value before."""
        self._stop_typing()
        self.planner.forget_draft()

    def _stop_typing(self) -> None:
        self.query("Typing").remove()
        self.inputs.focus()
        self.hint.hints = hints(self.keys)

    def action_find(self) -> None:
        """Find a field by a few letters."""
        navigation.find(self.planner)

    def action_explain(self) -> None:
        """Explain the number under the cursor."""
        navigation.explain(self.planner, self.outputs.chosen or self.inputs.line.path)

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
            Target(view, x, y, partial(self._go_to_number, at))
            for view in (self.headline, self.outputs)
            for x, y, at in view.targets()
        ]
        return [*rows, *numbers]

    def _go_to_row(self, at: int) -> None:
        self.inputs.focus()
        self.inputs.move(at - self.inputs.cursor)
        self.describe()

    def _go_to_number(self, at: int) -> None:
        self.outputs.focus()
        self.outputs.move(at - self.outputs.at)
        self.describe()

    def action_sweep(self) -> None:
        """Sweep two fields."""
        navigation.sweep(self.planner)

    def action_frontier(self) -> None:
        """Show the frontier."""
        navigation.frontier(self.planner)

    def action_volume(self) -> None:
        """Show API or own GPUs by volume."""
        navigation.volume(self.planner)

    def copied(self) -> str:
        """Return the chosen number, or the field under the cursor as a line of its file."""
        chosen = self.outputs.chosen
        if chosen:
            return next(row for name, row in number_rows(self.outputs.outlook) if name == chosen)
        field = self.inputs.field
        return "" if field is None else f"{field.path} = {exact(field.value, field.spec)}"

    def copied_table(self) -> str:
        """Return all numbers, or all fields that are shown, with tabs between columns."""
        if self.outputs.has_focus:
            return "\n".join(row for _, row in number_rows(self.outputs.outlook))
        return "\n".join(field_row(line.field) if line.field else line.label for line in self.inputs.lines)
