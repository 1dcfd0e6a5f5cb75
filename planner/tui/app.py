"""The app: it holds the open plan, and is the only one that changes it."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.reactive import reactive

from planner.errors import ScenarioError
from planner.files import Loaded, folders, load
from planner.tui.driver import CellDriver, driver_class
from planner.tui.forecast import (
    SETTLED_SAMPLES,
    TYPING_SAMPLES,
    Forecast,
    by_and_by,
    with_ranges,
    with_swings,
)
from planner.tui.hint import key_name
from planner.tui.keys import HELP, KEYS, Key
from planner.tui.nudge import nudged
from planner.tui.numbers import HEADLINE, Outlook
from planner.tui.page import Notice, Page
from planner.tui.plan_screen import PlanScreen
from planner.tui.state import Edit, Plan, same
from planner.tui.themes import ThemeFiles, use_theme
from planner.tui.unsaved import LOOK_EVERY_S, Keeper, Surroundings, keep_up
from planner.tui.words import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.screen import Screen
    from textual.timer import Timer

    from planner.schema import Field

RESTED_AFTER_S, SETTLED_AFTER_S = 0.04, 0.3
DEFAULT_THEME = "dark"


class PlannerApp(App[int]):
    """Holds the plan. Screens say what the user did; every change of the plan is made here."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    plan: reactive[Plan] = reactive(Plan.blank, init=False)
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False)

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
    ) -> None:
        super().__init__(driver_class=driver_class(driver, os.environ))
        self.keys = keys
        self.library = library
        self.animation_level = "none"
        self._wanted_theme = theme or DEFAULT_THEME
        self._from_library = from_library
        self._themes = ThemeFiles(list(folders("themes", library=library)))
        self._forecast = Forecast()
        self.state = state
        self.keeper = Keeper(state=state)
        self.surroundings = Surroundings()
        self._settling: tuple[Timer, ...] = ()
        self.set_reactive(PlannerApp.plan, plan)

    def get_default_screen(self) -> Screen[None]:
        """Start on the plan, or on the library where none was given."""
        return self._library_screen() if self._from_library else PlanScreen()

    @staticmethod
    def _library_screen() -> Page:
        from planner.tui.library import LibraryScreen  # noqa: PLC0415 - not before it is asked for

        return LibraryScreen()

    def action_library(self) -> None:
        """Show the library, after asking what becomes of unsaved edits."""
        from planner.tui.filing import ask_then  # noqa: PLC0415 - not before it is asked for

        ask_then(self, self._show_library)

    def _show_library(self) -> None:
        if self._from_library:
            self.pop_screen()
        else:
            self.push_screen(self._library_screen())

    def on_mount(self) -> None:
        """Set the colours and work out the first numbers."""
        self.set_interval(LOOK_EVERY_S, lambda: keep_up(self))
        try:
            use_theme(self, self._themes.theme(self._wanted_theme))
        except ScenarioError as error:
            self.say(str(error.problems[0]), look="error")

    def work_out(self) -> None:
        """Show where the open plan leads."""
        self._work_out(self.plan.scenario)

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
        try:
            self._show(self._forecast.outlook(self.plan, scenario))
        except ScenarioError as error:
            self.say(str(error.problems[0]), look="error")

    def _show(self, outlook: Outlook) -> None:
        """Show medians at once, with the ranges of before until the new ones are drawn."""
        before = self.outlook
        self.outlook = replace(outlook, spread=before.spread, cash=before.cash, swings=before.swings)
        for timer in self._settling:
            timer.stop()
        self._settling = (
            self.set_timer(RESTED_AFTER_S, self._draw_ranges),
            self.set_timer(SETTLED_AFTER_S, self._settle),
        )

    def _draw_ranges(self) -> None:
        if self.showing_plan and self.outlook.result is not None:
            self.outlook = with_ranges(self.outlook, samples=TYPING_SAMPLES)

    def _settle(self) -> None:
        if self.showing_plan and self.outlook.result is not None:
            self.run_worker(self._draw_finer(self.outlook), exclusive=True)

    async def _draw_finer(self, outlook: Outlook) -> None:
        """Draw finer ranges, stopping for keys in between; give up when the numbers are others by then."""
        finer = outlook
        for finer in by_and_by(outlook, samples=SETTLED_SAMPLES):
            await asyncio.sleep(0)
            if self.outlook is not outlook:
                return
        self.outlook = with_swings(finer, self._swung)

    @property
    def _swung(self) -> str:
        """The number that the tornado is about: the chosen one, else the runway if it ends."""
        chosen = self.plan_screen.outputs.chosen if self.showing_plan else ""
        if chosen in HEADLINE:
            return chosen
        ends = self.outlook.result is not None and int(self.outlook.result.runway_state) == 0
        return "runway_months" if ends else "usd_per_outcome"

    def swing(self) -> None:
        """Show what matters most for the number that is chosen now."""
        swings = self.outlook.swings
        if swings is not None and self._swung != swings.metric:
            self.outlook = with_swings(self.outlook, self._swung)

    def edit(self, path: str, value: Any, *, steps: int = 0) -> bool:
        """Change one field; say why not where it can't be. Return whether the value is in the plan."""
        try:
            plan = self.plan.edited(path, value, steps=steps)
            outlook = self._forecast.outlook(plan, plan.scenario)
        except ScenarioError as error:
            self.say(_first(error), look="error")
            return False
        if plan is not self.plan:
            self._take(plan, outlook)
        elif self.outlook.scenario is not plan.scenario:
            self._show(outlook)
        return True

    def _take(self, plan: Plan, outlook: Outlook) -> None:
        """Make `plan` the open one; where it leads is known."""
        self.set_reactive(PlannerApp.plan, plan)
        self.plan_screen.show_plan(plan)
        self._show(outlook)

    def nudge(self, field: Field, steps: int) -> None:
        """Move a value by steps of its declaration."""
        if field.value is None:
            self.say(f"{field.spec.label} has its default; press enter to type a value.")
            return
        value = nudged(field.value, field.spec, steps, self.choices(field))
        if same(value, field.value):
            self.say(_why_still(field), f"It must be {field.spec.rule()}.")
            return
        self.edit(field.path, value, steps=steps)

    def repeat(self, field: Field) -> None:
        """Do the last edit again, on this field."""
        last = self.plan.last
        if last is None:
            self.say("There is no edit to repeat yet.")
        elif last.steps:
            self.nudge(field, last.steps)
        else:
            self.edit(field.path, last.after)

    def tried(self, field: Field, text: str) -> tuple[str, str]:
        """Show what a text typed would lead to; return what to say about it."""
        rule = f"{field.spec.label}: {field.spec.rule()}"
        if not text.strip() and not field.spec.optional:
            return rule, ""
        try:
            scenario = self.plan.scenario.with_value(field.path, self.meant(field, text))
            self._show(self._forecast.outlook(self.plan, scenario))
        except ScenarioError as error:
            return _first(error).removeprefix(f"{field.path} "), rule
        return f"{field.spec.label}: {value_text(scenario.value(field.path), field.spec)}", rule

    @staticmethod
    def meant(field: Field, text: str) -> Any:
        """Return what a typed text stands for: nothing typed means the default, where there is one."""
        return None if field.spec.optional and not text.strip() else text.strip()

    def forget_draft(self) -> None:
        """Show the plan again, not what was being typed."""
        if self.outlook.scenario is not self.plan.scenario:
            self._work_out(self.plan.scenario)
        self.plan_screen.describe()

    def choices(self, field: Field) -> tuple[str, ...]:
        """Return what a field can be chosen from; nothing where it is typed."""
        from planner.tui.offers import offers  # noqa: PLC0415 - the catalog is large

        return field.spec.choices or offers(self.plan.scenario, field)

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
        from planner.tui.filing import save_plan  # noqa: PLC0415 - writing is seldom

        save_plan(self)

    def action_save_as(self) -> None:
        """Save the plan under another name."""
        from planner.tui.filing import save_as  # noqa: PLC0415 - writing is seldom

        save_as(self)

    def store(self, loaded: Loaded) -> None:
        """Note that the plan stands in a file now."""
        self.set_reactive(PlannerApp.plan, self.plan.stored(loaded))
        self.plan_screen.show_plan(self.plan)

    def open(self, loaded: Loaded) -> None:
        """Open another plan in place of this one, and show it."""
        if self.showing_plan:
            self.plan = Plan.opened(loaded)
            while not isinstance(self.screen, PlanScreen):
                self.pop_screen()
        else:
            self.set_reactive(PlannerApp.plan, Plan.opened(loaded))
            self.set_reactive(PlannerApp.outlook, Outlook.blank)
            self.push_screen(PlanScreen())

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        if isinstance(self._driver, CellDriver):
            self._driver.redraw()
        self.refresh(repaint=True)

    async def action_back(self) -> None:
        """Go back to the screen before."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave; with unsaved edits, ask first."""
        from planner.tui.filing import ask_then_quit  # noqa: PLC0415 - not before it is needed

        ask_then_quit(self)

    def choose(self, field: Field) -> None:
        """Choose a field's value from a list."""
        from planner.tui.picker import Option, Picker  # noqa: PLC0415 - lists come later

        options = [Option(choice, choice) for choice in self.choices(field)]
        picker = Picker(f"{field.spec.label}: type a few letters", options, current=str(field.value))
        self.push_screen(picker, lambda value: self._chosen(field, value))

    def _chosen(self, field: Field, value: str | None) -> None:
        if value:
            self.edit(field.path, value)

    def find(self) -> None:
        """Find a field by a few letters."""
        from planner.tui.offers import field_options  # noqa: PLC0415
        from planner.tui.picker import Picker  # noqa: PLC0415 - lists come later

        picker = Picker("Find a field", field_options(self.plan.scenario))
        self.push_screen(picker, lambda path: self.plan_screen.inputs.go_to(path) if path else None)

    def explain(self, what: str) -> None:
        """Explain a number or a field."""
        from planner.tui.explain import ExplainScreen  # noqa: PLC0415 - not before it is asked for

        known = (what and not what.startswith(("workloads.", "deployments."))) or what.count(".") > 1
        if known and self.outlook.result is not None:
            self.push_screen(ExplainScreen(what, self.plan, self.outlook))

    def action_compare(self) -> None:
        """Show what differs from the baseline, and why."""
        from planner.tui.compare import CompareScreen  # noqa: PLC0415 - not before it is asked for

        self.push_screen(CompareScreen(self.plan))

    def action_seek(self) -> None:
        """Find the value of the field under the cursor at which a result reaches a goal."""
        from planner.tui.goal import seek_goal  # noqa: PLC0415 - not before it is asked for

        if field := self.plan_screen.inputs.field:
            seek_goal(self, field)

    def action_explore(self) -> None:
        """Show the next moves."""
        self.show_moves()

    def show_moves(self) -> None:
        """Show what to do next, by what it saves."""
        from planner.tui.moves_screen import MovesScreen  # noqa: PLC0415 - not before it is asked for

        self._show_over_plan(MovesScreen(self.plan))

    def show_sweep(self) -> None:
        """Show two fields swept against each other."""
        from planner.tui.sweep_screen import SweepScreen  # noqa: PLC0415 - not before it is asked for

        self._show_over_plan(SweepScreen(self.plan, self.plan_screen.inputs.line.path))

    def _show_over_plan(self, page: Page) -> None:
        """Show a screen over the plan, in place of another one that is there."""
        if isinstance(self.screen, PlanScreen):
            self.push_screen(page)
        else:
            self.switch_screen(page)

    def make(self, changes: Mapping[str, Any], words: str) -> None:
        """Make several changes as one edit, and go back to the plan."""
        try:
            plan = self.plan.changed(changes)
            outlook = self._forecast.outlook(plan, plan.scenario)
        except ScenarioError as error:
            self.say(_first(error), look="error")
            return
        while not isinstance(self.screen, PlanScreen):
            self.pop_screen()
        self._take(plan, outlook)
        self.plan_screen.inputs.go_to(next(iter(changes)))
        self.say(f"Taken: {words}.", "u takes it back")

    def action_help(self) -> None:
        """Show all keys of the screen in front."""
        from planner.tui.help import HelpScreen  # noqa: PLC0415 - not before it is asked for

        page = self.front
        if page.page != HELP:
            self.push_screen(HelpScreen(page.page))

    def action_palette(self) -> None:
        """Choose any action by name."""
        from planner.tui.picker import Option, Picker  # noqa: PLC0415 - lists come later

        page = self.front
        options = [
            Option(key.action, key.help, " ".join(map(key_name, key.keys)), key.name) for key in page.keys
        ]
        self.push_screen(
            Picker("Do anything: type a few letters", options), lambda action: self._do(page, action)
        )

    def _do(self, page: Page, action: str | None) -> None:
        if action:
            self.call_later(self.run_action, action, page)


def _why_still(field: Field) -> str:
    """Say why a nudge changed nothing."""
    if field.spec.numeric:
        return f"{field.spec.label} is at the end of what it may be."
    return f"{field.spec.label} is typed, not nudged; press enter."


def _first(error: ScenarioError) -> str:
    more = len(error.problems) - 1
    return str(error.problems[0]) + (f" ({more} more)" if more else "")


def run(
    path: str | Path | None,
    *,
    library: Path | None = None,
    driver: str | None = None,
    theme: str | None = None,
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
    app = PlannerApp(
        plan, library=library, driver=driver or "cells", theme=theme or "", from_library=path is None
    )
    return app.run() or 0
