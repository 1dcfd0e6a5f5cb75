"""The app: it holds the open plan, and is the only one that changes it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import App
from textual.reactive import reactive

from planner.errors import Problem, ScenarioError
from planner.files import Loaded, load
from planner.tui.config.appearance import Looks
from planner.tui.config.keymap import keymap, use_keys
from planner.tui.config.keys import KEYS, Key
from planner.tui.config.themes import default_theme
from planner.tui.screens.page import Notice, Page
from planner.tui.screens.plan import PlanScreen
from planner.tui.session import navigation, save_and_quit
from planner.tui.session.file_undo import Deeds
from planner.tui.session.outlook import Forecast
from planner.tui.session.range_settling import Settling
from planner.tui.session.row_editing import first
from planner.tui.session.unsaved_edits import LOOK_EVERY_S, Keeper, Surroundings, keep_up, survive
from planner.tui.state import Edit, Plan
from planner.tui.terminal.ascii import needs_ascii
from planner.tui.terminal.driver import cell_driver, driver_class
from planner.tui.terminal.key_order import press
from planner.tui.widgets.field_text import value_text
from planner.tui.widgets.headline_numbers import Outlook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.screen import Screen
    from textual.widget import AwaitMount, Widget

    from planner.schema import Scenario

Answer = TypeVar("Answer")


class PlannerApp(App[int]):
    """Holds the plan. Screens say what the user did; every change of the plan is made here."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    plan: reactive[Plan] = reactive(Plan.blank, init=False, repaint=False)
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)

    def __init__(
        self,
        plan: Plan,
        *,
        library: Path | None = None,
        driver: str = "cells",
        theme: str = "",
        keys: tuple[Key, ...] = KEYS,
        from_library: bool = False,
        state: Path | None = None,
        settings: Path | None = None,
        today: date | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class(driver, os.environ))
        self.keys = keys
        self.problems: list[Problem] = []
        self.library = library
        self.animation_level = "none"
        self._from_library = from_library
        self.forecast = Forecast()
        self.settling = Settling(self)
        self.looks = Looks(self, library=library, theme=theme, settings=settings)
        self.state = state
        self.today = today or date.today()  # noqa: DTZ011 - a price is as old as the user's calendar says
        self.keeper = Keeper(state=state)
        self.deeds = Deeds()
        self.surroundings = Surroundings()
        self.set_reactive(PlannerApp.plan, plan)
        self.opening: tuple[AwaitMount, Widget | None] | None = None

    def get_default_screen(self) -> Screen[None]:
        """Start on the plan, or on the library where none was given."""
        return navigation.library_screen() if self._from_library else PlanScreen()

    def action_library(self) -> None:
        """Show the library, after asking what becomes of unsaved edits."""
        save_and_quit.ask_then(self, self._show_library)

    def _show_library(self) -> None:
        if self._from_library:
            self.pop_screen()
        else:
            self.visit(navigation.library_screen())

    def on_load(self) -> None:
        """Set the colours before anything is shown."""
        self.looks.start()

    def on_mount(self) -> None:
        """Take the user's keys, and look after what is not saved."""
        use_keys(self, self.keys, self.problems)
        survive(self)
        if driver := cell_driver(self):
            driver.show_cursor(visible=True)
        self.set_interval(LOOK_EVERY_S, lambda: keep_up(self))

    def leave(self) -> None:
        """End, with whatever is not saved given up on purpose."""
        self.keeper.close()
        self.exit(0)

    def work_out(self) -> None:
        """Show where the open plan leads from the first paint on; its ranges are drawn after that."""
        outlook = self._outlook_of(self.plan.scenario)
        if outlook is not None:
            self.outlook = outlook
            self.plan_screen.call_after_refresh(self.settling.start, first=True)

    @property
    def showing_plan(self) -> bool:
        """Whether the main screen is open, in front or below another one."""
        return any(isinstance(screen, PlanScreen) for screen in self.screen_stack)

    @property
    def plan_screen(self) -> PlanScreen:
        """The main screen."""
        return next(screen for screen in self.screen_stack if isinstance(screen, PlanScreen))

    @property
    def front(self) -> Page:
        """The screen in front, below any question."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Page))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Forget a count before an action of the app: none takes one."""
        for screen in self.screen_stack[-1:]:
            if isinstance(screen, Page):
                screen.taken_count()
        return super().check_action(action, parameters)

    def visit(self, screen: Screen[Answer], then: Callable[[Answer | None], object] | None = None) -> None:
        """Show a screen in front; go on with its answer. The next key waits until it is there."""

        def answered(answer: Answer | None) -> None:
            if then is not None:
                then(answer)

        self.opening = (self.push_screen(screen, answered), None)

    async def on_event(self, event: events.Event) -> None:
        """Handle a key before the next one is looked at: keys that arrive in one piece do what they do one by one."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._opened()
            await press(self, event, super().on_event)
        else:
            await super().on_event(event)

    async def _opened(self) -> None:
        """Return when what was opened last is there and has the focus."""
        if self.opening is None:
            return
        (mounting, widget), self.opening = self.opening, None
        await mounting
        if widget is None and self.focused is None:
            widget = next((each for each in self.screen.query("Input, Sheet, HeatMap")), None)
        if widget is not None:
            self.screen.set_focus(widget)

    def watch_plan(self, plan: Plan) -> None:
        """Show the plan, and work out where it leads."""
        self.plan_screen.show_plan(plan)
        self._work_out(plan.scenario)

    def watch_outlook(self, outlook: Outlook) -> None:
        """Show what the plan leads to."""
        self.plan_screen.show_outlook(outlook)

    def say(self, text: str, more: str = "", *, look: str = "label") -> None:
        """Put words into the status line of the screen in front."""
        self.front.say(Notice(text, more, look))

    def _work_out(self, scenario: Any) -> None:
        """Show the medians now, ranges once no key waits, and finer ones when the user rests."""
        outlook = self._outlook_of(scenario)
        if outlook is not None:
            self.show(outlook)

    def _outlook_of(self, scenario: Any) -> Outlook | None:
        """Return what a scenario leads to; where that can't be computed, say why."""
        try:
            return self.forecast.outlook(self.plan, scenario)
        except ScenarioError as error:
            self.say(str(error.problems[0]), look="error")
            return None

    def show(self, outlook: Outlook) -> None:
        """Show medians at once, with the ranges of before until the new ones are drawn."""
        before = self.outlook
        self.outlook = replace(outlook, spread=before.spread, cash=before.cash, swings=before.swings)
        self.settling.start(first=before.result is None)

    def edit(self, path: str, value: Any, *, steps: int = 0) -> bool:
        """Change one field; say why not where it can't be. Return whether the value is in the plan."""
        try:
            plan = self.plan.edited(path, value, steps=steps)
            outlook = self.forecast.outlook(plan, plan.scenario)
        except ScenarioError as error:
            self.say(first(error, self.plan_screen.inputs.field), look="error")
            return False
        if plan is not self.plan:
            self._take(plan, outlook)
        elif self.outlook.scenario is not plan.scenario:
            self.show(outlook)
        return True

    def _take(self, plan: Plan, outlook: Outlook) -> None:
        """Make `plan` the open one; where it leads is known."""
        self.set_reactive(PlannerApp.plan, plan)
        self.plan_screen.show_plan(plan)
        self.show(outlook)

    def forget_draft(self) -> None:
        """Show the plan again, not what was being typed."""
        if self.outlook.scenario is not self.plan.scenario:
            self._work_out(self.plan.scenario)
        self.plan_screen.describe()

    def action_undo(self) -> None:
        """Take back the last edit."""
        if not self.plan.past:
            self.say("There is nothing to undo.")
            return
        edit = self.plan.past[-1].edit
        self.plan = self.plan.undone()
        self._tell(edit, edit.before, "Undone")

    def action_redo(self) -> None:
        """Make an edit again."""
        if not self.plan.future:
            self.say("There is nothing to redo.")
            return
        edit = self.plan.future[0].edit
        self.plan = self.plan.redone()
        self._tell(edit, edit.after, "Redone")

    def _tell(self, edit: Edit, value: Any, done: str) -> None:
        inputs = self.plan_screen.inputs
        inputs.go_to(edit.path)
        if inputs.field is not None and inputs.field.path == edit.path:
            spec = inputs.field.spec
            self.say(f"{done}: {spec.label} is {value_text(value, spec)} again.")
        else:
            self.say(f"{done}: {edit.path}.")

    def action_revert(self) -> None:
        """Give the field under the cursor the value of the baseline."""
        inputs = self.plan_screen.inputs
        if inputs.field is not None and inputs.line.changed:
            self.edit(inputs.field.path, inputs.baseline_value(inputs.field.path))

    def action_baseline(self) -> None:
        """Compare from now on with the plan as it stands."""
        self.plan = self.plan.with_baseline()
        self.say("The plan as it stands is the baseline now.", "Changes from here on show against it.")

    def action_save(self) -> None:
        """Save the plan to its file."""
        save_and_quit.save_plan(self)

    def action_save_as(self) -> None:
        """Save the plan under another name."""
        save_and_quit.save_as(self)

    def store(self, loaded: Loaded) -> None:
        """Note that the plan stands in a file now."""
        self.set_reactive(PlannerApp.plan, self.plan.stored(loaded))
        self.plan_screen.show_plan(self.plan)

    def open(self, loaded: Loaded, *, baseline: Scenario | None = None) -> None:
        """Open another plan in place of this one, and show it."""
        plan = Plan.opened(loaded) if baseline is None else Plan.opened(loaded).with_baseline(baseline)
        if self.showing_plan:
            self.plan = plan
            while not isinstance(self.screen, PlanScreen):
                self.pop_screen()
        else:
            self.set_reactive(PlannerApp.plan, plan)
            self.set_reactive(PlannerApp.outlook, Outlook.blank)
            self.visit(PlanScreen())

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        if driver := cell_driver(self):
            driver.redraw()
        self.refresh(repaint=True)

    async def action_back(self) -> None:
        """Go back to the screen before."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave; with unsaved edits, ask first."""
        save_and_quit.ask_then_quit(self)

    def action_compare(self) -> None:
        """Show what differs from the baseline, and why."""
        navigation.compare(self)

    def action_seek(self) -> None:
        """Find the value at which a result reaches a goal."""
        navigation.seek(self)

    def action_explore(self) -> None:
        """Show the next moves."""
        navigation.moves(self)

    def make(self, changes: Mapping[str, Any], words: str) -> None:
        """Make several changes as one edit, and go back to the plan."""
        try:
            plan = self.plan.changed(changes)
            outlook = self.forecast.outlook(plan, plan.scenario)
        except ScenarioError as error:
            self.say(first(error), look="error")
            return
        while not isinstance(self.screen, PlanScreen):
            self.pop_screen()
        self._take(plan, outlook)
        self.plan_screen.inputs.go_to(next(iter(changes)))
        self.say(f"Taken: {words}.", "u takes it back")

    def action_help(self) -> None:
        """Show all keys of the screen in front."""
        navigation.keys(self)

    def action_palette(self) -> None:
        """Choose any action by name."""
        navigation.palette(self)

    def action_export(self) -> None:
        """Write the screen, a report or the months into a file."""
        navigation.export(self)

    def action_choose_theme(self) -> None:
        """Choose the colours."""
        navigation.themes(self)

    def action_density(self) -> None:
        """Change between compact and roomy."""
        self.looks.switch_density()

    def action_recover(self) -> None:
        """Offer the edits that a dead screen left unsaved."""
        navigation.recover(self)

    def action_keymap(self) -> None:
        """Write a keymap file to change keys in, or read the one that is there again."""
        navigation.keymap(self)

    def action_claims(self) -> None:
        """Show the claims."""
        navigation.claims(self)


def run(
    path: str | Path | None,
    *,
    library: Path | None = None,
    driver: str | None = None,
    theme: str | None = None,
    ascii_only: bool | None = None,
) -> int:
    """Open the screen on a file, or on the library without one. Return the exit code."""
    loaded: Loaded | None = None
    if path is not None:
        try:
            loaded = load(path, library=library)
        except ScenarioError as error:
            print(error, file=sys.stderr)  # noqa: T201 - the terminal is still the shell's
            return 2
    plan = Plan.opened(loaded) if loaded else Plan.blank
    keys, problems = keymap()
    app = PlannerApp(
        plan,
        library=library,
        driver=driver or "cells",
        theme=theme or "",
        from_library=path is None,
        keys=keys,
    )
    app.problems = problems
    app.looks.suits = default_theme(os.environ)
    app.looks.ascii_only, app.looks.suits_ascii = ascii_only, needs_ascii(os.environ)
    return app.run() or 0
