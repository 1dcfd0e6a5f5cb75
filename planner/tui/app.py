"""The app: it holds the open plan and where it leads, and assigns both; screens say what the user did."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.reactive import reactive

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.tui.config.appearance import Appearance
from planner.tui.config.keymap import keymap_path
from planner.tui.config.keys import HELP, KEYS, Key
from planner.tui.screens import by_name, questions
from planner.tui.screens.page import Page
from planner.tui.screens.plan import PlanScreen
from planner.tui.screens.saving import ConflictFound, Saved, ask_then, save_as
from planner.tui.session import undoing
from planner.tui.session.file_history import FileHistory
from planner.tui.session.outlook import Forecast, Outlook
from planner.tui.session.range_drawing import RangeDrawing
from planner.tui.session.refusal import Refusal, first_problem
from planner.tui.session.unsaved import LOOK_EVERY_S, Keeper, Surroundings, forget, restored, survive
from planner.tui.state import Plan, Workplace
from planner.tui.terminal.driver import cell_driver, driver_class
from planner.tui.terminal.key_queue import KeyByKeyApp
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen

    from planner.tui.screens.conflict import ConflictScreen
    from planner.tui.screens.library import LibraryScreen
    from planner.tui.screens.questions import Recovered


class PlannerApp(KeyByKeyApp):
    """Holds the plan and where it leads. No other module assigns either: screens say what the user did."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = ALLOW_SELECT = False  # panes let text be chosen themselves
    BINDINGS: ClassVar = []
    plan: reactive[Plan] = reactive(Plan.blank, init=False, repaint=False)
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)
    keys: reactive[tuple[Key, ...]] = reactive(KEYS, init=False, repaint=False)

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
        self.animation_level = "none"
        self.problems: list[Problem] = []
        self.workplace = Workplace(library, state, today or date.today())  # noqa: DTZ011 - the user's own calendar
        self._from_library = from_library
        self.forecast = Forecast()
        self.settling = RangeDrawing(
            self, shown=self._shown, show=self._show_ranges, chosen=lambda: self.plan_screen.outputs.metric
        )
        self.looks = Appearance(self, self.say, library=library, theme=theme, settings=settings)
        self.keeper = Keeper(state=state)
        self.file_history = FileHistory()
        self.surroundings = Surroundings()
        self.set_reactive(PlannerApp.plan, plan)
        self.set_reactive(PlannerApp.keys, keys)

    def get_default_screen(self) -> Screen[None]:
        """Start on the plan, or on the library where none was given."""
        library = self._from_library
        return self._following(by_name.library_page(self.file_history) if library else self._plan_page())

    def on_load(self) -> None:
        """Set the colours before anything is shown."""
        self.looks.start()

    def on_mount(self) -> None:
        """Take the user's keys, and look after what is not saved."""
        self.use_keys(self.keys, self.problems)
        self.looks.tell_refused(self.visit, by_name.problem_page)
        if not self.is_headless:
            survive(self.keeper, self.exit)
        if driver := cell_driver(self):
            driver.show_cursor(visible=True)
        self.looks.use_mouse()
        self.set_interval(LOOK_EVERY_S, self._keep_up)

    def _plan_page(self) -> Page:
        """Return the plan's screen, with where the plan leads from the first paint on; ranges are drawn after that."""
        self.keeper.follow(self.plan)
        try:
            outlook, problem = self.forecast.outlook(self.plan, self.plan.scenario), None
        except ScenarioError as error:
            outlook, problem = Outlook.blank, Notice(str(error.problems[0]), look="error")
        self.outlook = outlook
        page = PlanScreen()
        page.set_reactive(PlanScreen.surroundings, self.surroundings)
        if problem is None:
            page.call_after_refresh(self.settling.start, first=True)
        else:
            page.call_after_refresh(page.say, problem)
        return page

    def _following(self, page: Page) -> Page:
        """Return a page that follows the plan, its outlook and the keys."""
        page.workplace = self.workplace
        page.set_reactive(Page.plan, self.plan)
        page.set_reactive(Page.outlook, self.outlook)
        page.set_reactive(Page.keymap, self.keys)
        return page.data_bind(PlannerApp.plan, PlannerApp.outlook, keymap=PlannerApp.keys)

    def visit(self, page: Page) -> None:
        """Show a page in front. The next key waits until it is there."""
        page.opening = (self.push_screen(self._following(page)), None)

    @property
    def showing_plan(self) -> bool:
        """Whether the plan's screen is open, in front or below another one."""
        return any(isinstance(screen, PlanScreen) for screen in self.screen_stack)

    @property
    def plan_screen(self) -> PlanScreen:
        """The plan's screen."""
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

    async def before_key(self, key: str) -> None:
        """Return when what was opened last is there and has the focus."""
        page = self.front
        await page.settle_pair(key)
        if page.opening is None:
            return
        (mounting, widget), page.opening = page.opening, None
        await mounting
        if widget is None and self.focused is None:
            widget = next((each for each in self.screen.query("Input, ScrollSheet, HeatMap")), None)
        if widget is not None:
            self.screen.set_focus(widget)

    def after_key(self) -> None:
        """Let the terminal's own cursor follow."""
        if isinstance(self.screen, Page):
            self.screen.place_cursor()

    def say(self, text: str, more: str = "", *, look: str = "label") -> None:
        """Put words into the status line of the screen in front."""
        self.front.say(Notice(text, more, look))

    def watch_plan(self, plan: Plan) -> None:
        """Keep what is not saved of the plan."""
        if self.showing_plan:
            self.keeper.follow(plan)

    def _hold(self, plan: Plan) -> None:
        """Make `plan` the open one and show where it leads; where that can't be computed, say why."""
        before, self.plan = self.plan, plan
        if plan.leads_as(before):
            return
        try:
            self.show(self.forecast.outlook(plan, plan.scenario))
        except ScenarioError as error:
            self.say(str(error.problems[0]), look="error")

    def _take(self, plan: Plan, outlook: Outlook) -> None:
        """Make `plan` the open one; where it leads is known."""
        self.plan = plan
        self.show(outlook)

    def show(self, outlook: Outlook) -> None:
        """Show medians at once, with the ranges of before until the new ones are drawn."""
        before = self.outlook
        self.outlook = replace(outlook, spread=before.spread, cash=before.cash, swings=before.swings)
        self.settling.start(first=before.result is None)

    def _shown(self) -> Outlook | None:
        """Return the outlook whose ranges can be drawn."""
        return self.outlook if self.showing_plan and self.outlook.result is not None else None

    def _show_ranges(self, outlook: Outlook) -> None:
        self.outlook = outlook

    @on(PlanScreen.NumberChosen)
    def _swing(self) -> None:
        self.settling.swing_soon()

    @on(Page.MonthAsked)
    def _look(self, message: Page.MonthAsked) -> None:
        self._back_to_plan()
        self.show(self.forecast.seen_from(message.month, self.outlook))

    @on(Page.Edited)
    def _edit(self, message: Page.Edited) -> None:
        try:
            self._take(message.plan, self.forecast.outlook(message.plan, message.plan.scenario))
        except ScenarioError as error:
            self.plan_screen.refuse(error)

    @on(PlanScreen.Drafted)
    def _draft(self, message: PlanScreen.Drafted) -> None:
        """Show where a plan would lead that is being typed; without one, the plan itself again."""
        scenario = message.scenario or self.plan.scenario
        try:
            if self.outlook.scenario is not scenario:
                self.show(self.forecast.outlook(self.plan, scenario))
        except ScenarioError as error:
            self.plan_screen.refuse(error, drafted=True)

    @on(Page.Changed)
    def _change(self, message: Page.Changed) -> None:
        self._hold(message.plan)
        if message.at:
            self.plan_screen.go_to(message.at)
        if message.notice is not None:
            self.front.say(message.notice)

    @on(Page.Taken)
    def _take_all(self, message: Page.Taken) -> None:
        """Make several changes as one edit, and go back to the plan."""
        try:
            plan = self.plan.changed(message.changes)
            outlook = self.forecast.outlook(plan, plan.scenario)
        except ScenarioError as error:
            self.say(first_problem(error), look="error")
            return
        self._back_to_plan()
        self._take(plan, outlook)
        self.plan_screen.inputs.go_to(next(iter(message.changes)))
        self.say(f"Taken: {message.words}.", "u takes it back")

    def _back_to_plan(self) -> None:
        while not isinstance(self.screen, PlanScreen):
            self.pop_screen()

    @on(Page.PageAsked)
    def _show_page(self, message: Page.PageAsked) -> None:
        """Show a screen by its name; a view takes the place of another one."""
        if message.name == "explain" and self.outlook.result is None:
            return
        about = message.about or (self.plan_screen.inputs.line.path if self.showing_plan else "")
        page = by_name.page(message.name, self.plan, self.outlook, about)
        if message.name in by_name.VIEWS and not isinstance(self.screen, PlanScreen):
            self.switch_screen(self._following(page))
        else:
            self.visit(page)

    @on(Page.Opened)
    def _open_page(self, message: Page.Opened) -> None:
        self.visit(message.page)

    @on(Page.LookSwitched)
    def _switch_look(self, message: Page.LookSwitched) -> None:
        self.looks.switch(message.name)
        for page in self.screen_stack:
            if isinstance(page, Page):
                page.redraw_panes()

    def on_recovered(self, message: Recovered) -> None:
        """Make edits again that a dead screen left; once they are kept on the disk, forget what it left."""
        plan, lost = restored(self.plan, message.edits)
        self._hold(plan)
        if self.keeper.flush() and not self.keeper.surroundings.problem:
            forget(plan, self.workplace.state)
        self.say("The edits are restored but not saved yet.", lost or "u takes them back")

    def on_library_screen_plan_opened(self, message: LibraryScreen.PlanOpened) -> None:
        """Open another plan in place of this one."""
        self._open(Plan.opened(message.loaded))

    def on_library_screen_baseline_chosen(self, message: LibraryScreen.BaselineChosen) -> None:
        """Show the plan that is or was open beside another one; what is its baseline elsewhere stays so."""
        self._open(message.plan.against_own())
        self.call_after_refresh(lambda: self.visit(by_name.page("compare", message.plan, self.outlook, "")))

    def _open(self, plan: Plan) -> None:
        if self.showing_plan:
            self._hold(plan)
            self._back_to_plan()
        else:
            self.plan = plan
            self.visit(self._plan_page())

    def on_saved(self, message: Saved) -> None:
        """Go on with a plan that stands in a file now."""
        if message.settles:
            self.pop_screen()
        self._hold(message.plan)
        self.front.say(message.notice)
        message.then()

    def on_conflict_found(self, message: ConflictFound) -> None:
        """Show what the file says now beside what was to be saved, and let the user choose."""
        self.visit(by_name.conflict_page(message.conflict, message.then))

    def on_conflict_screen_saved_elsewhere(self, message: ConflictScreen.SavedElsewhere) -> None:
        """Save under another name, and leave the file as it is."""
        self.pop_screen()
        save_as(self.front, message.then)

    def action_undo(self) -> None:
        """Undo the last edit."""
        self._step(undoing.undone)

    def action_redo(self) -> None:
        """Make an edit again."""
        self._step(undoing.redone)

    def _step(self, stepped: Callable[[Plan], undoing.HistoryStep]) -> None:
        """Go a step back or forward in the history, and show what the plan is again."""
        try:
            step = stepped(self.plan)
        except Refusal as refusal:
            self.say(refusal.text, refusal.more, look=refusal.look)
            return
        self._hold(step.plan)
        self.plan_screen.show_step(step)

    def action_baseline(self) -> None:
        """Make the plan as it stands the baseline."""
        self._hold(self.plan.with_baseline())
        self.say("The baseline is now the plan as it stands.", "Changes from here on are compared with it.")

    def action_help(self) -> None:
        """Show all keys of the screen in front."""
        if self.front.page != HELP:
            self.visit(by_name.key_page(self.front.page))

    def action_library(self) -> None:
        """Show the library, after asking what becomes of unsaved edits."""
        ask_then(self.front, self._show_library)

    def _show_library(self) -> None:
        if self._from_library:
            self.pop_screen()
        else:
            self.visit(by_name.library_page(self.file_history))

    async def action_back(self) -> None:
        """Go back to the screen before."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave; with unsaved edits, ask first."""
        ask_then(self.front, self.leave)

    def leave(self) -> None:
        """End, with whatever is not saved given up on purpose."""
        self.keeper.close()
        self.exit(0)

    def action_choose_theme(self) -> None:
        """Choose the colours; each is shown as the cursor comes to it."""
        questions.choose_theme(self.front, self.looks, self.theme)

    def action_keymap(self) -> None:
        """Write a keymap file to change keys in; where there is one, read it again."""
        questions.edit_keymap(self.front, self.use_keys)

    def use_keys(self, keys: tuple[Key, ...], problems: Sequence[Problem]) -> None:
        """Use these keys on every screen, and say all that is wrong with the file they come from."""
        self.keys = keys
        if found := [str(problem) for problem in problems]:
            page = by_name.problem_page(inert(f"{keymap_path()}: can't be used as written"), found)
            self.call_after_refresh(self.visit, page)

    def _keep_up(self) -> None:
        """Say what is new around the file: in the title, and a fault in the status line."""
        before, now = self.surroundings, self.keeper.surroundings
        self.surroundings = now
        if self.showing_plan:
            self.plan_screen.surroundings = now
        if now.problem and now.problem != before.problem:
            text = f"Unsaved edits can't be kept on the disk: {now.problem}"
            self.say(text, "Save often.", look="error")
