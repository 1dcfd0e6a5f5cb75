"""The library: all scenarios, what each leads to, and what can be done with their files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from planner.errors import ScenarioError
from planner.files import Entry as File
from planner.files import Loaded, inert, is_shipped, list_scenarios, load
from planner.files.recent import recent_plans
from planner.files.relocate import Trashed, list_trash, restore_file, trash_folder
from planner.model import evaluate
from planner.readout import long_label, metric_text
from planner.schema import Scenario
from planner.tui.config.keys import LIBRARY
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.file_history import FileAction, FileHistory
from planner.tui.session.outlook import HEADLINE, Outlook
from planner.tui.session.plan_files import deleted, extending, free_name, made, renamed, unusable_name
from planner.tui.session.saving import followed, own_folder
from planner.tui.state import Plan
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.widgets.charts import CashCourse, Rows, Span, breakdown_bars, cash_curve
from planner.tui.widgets.headline_numbers import cash_by_month, cost_items
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.pane import View
from planner.tui.widgets.panels.scene import usd
from planner.tui.widgets.sheet import ScrollSheet, SheetRow, heading, pair, text
from planner.tui.widgets.status import Notice, Status, Title

_WIDEST_BARS = 100  # columns from a cost's name to its amount, at most
_NUMBERS_HEIGHT = 12


class Preview(View):
    """What the scenario under the cursor is, and leads to."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self.loaded: Loaded | None = None
        self.leads_to = Outlook.blank
        self.problem = ""

    def draw(self, width: int, height: int) -> Rows:
        """Return title, headline numbers, costs and cash."""
        if self.problem:
            return [entry.row for entry in text(self.problem, width, look="bad")][:height]
        result = self.leads_to.result
        if self.loaded is None or result is None:
            return []
        scenario = self.loaded.scenario
        rows = [entry.row for entry in text(scenario.title, width, look="title")]
        said = _said(" ".join(argument(self.loaded.text)), width)
        rows += said[: max(height - _NUMBERS_HEIGHT, 2)]
        rows += (
            [[]]
            + [pair(long_label(name), metric_text(result, name, brief=True), width).row for name in HEADLINE]
            + [[]]
        )
        costs = breakdown_bars(
            cost_items(result),
            width=min(width - 1, _WIDEST_BARS),
            height=min(5, height // 4),
            show=usd,
            ascii_only=self.ascii_only,
        )
        rows += [heading("Costs of month 1", width).row, *([Span(" "), *row] for row in costs)]
        left = height - len(rows) - 1
        if left >= 6:
            cash = cash_curve(
                CashCourse(cash_by_month(self.leads_to)), width=width - 1, height=min(left, 14), show=usd,
                ascii_only=self.ascii_only,
            )  # fmt: skip
            rows += [heading("Cash by month", width).row, *([Span(" "), *row] for row in cash)]
        return rows[:height]


def _said(sentence: str, width: int) -> Rows:
    return [entry.row for entry in text(sentence, width, look="muted")]


def argument(text_of_file: str) -> list[str]:
    """Return the comment that opens a file: the argument for its plan."""
    lines = []
    for line in text_of_file.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return lines


class LibraryScreen(SheetPage):
    """All scenarios that can be found; the one under the cursor is previewed."""

    page = LIBRARY
    BINDINGS: ClassVar = bindings(LIBRARY)

    class PlanOpened(AheadOfKeys):
        """The user wants another plan open."""

        def __init__(self, loaded: Loaded) -> None:
            super().__init__()
            self.loaded = loaded

    class BaselineChosen(AheadOfKeys):
        """The user wants to see this plan, that is or was open, beside another one."""

        def __init__(self, plan: Plan) -> None:
            super().__init__()
            self.plan = plan

    def __init__(self, history: FileHistory) -> None:
        super().__init__()
        self._history = history
        self._files: tuple[File, ...] = ()
        self._elsewhere: tuple[File, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list beside the preview."""
        yield Title()
        with Horizontal(id="panes"):
            yield ScrollSheet()
            yield Preview()
        yield Status()
        yield HintLine()

    def show(self) -> None:
        """List the files."""
        self.query_one(Title).title = ("Library", "enter opens a plan")
        here = self.plan.file if self.showing_plan else None
        self._list(here.path.stem if here is not None else "")

    def on_screen_resume(self) -> None:
        """List again: files may have come or gone."""
        if self._files and self._found() != self._files:
            self._list()
        elif self._files:
            self._preview()

    def _list(self, choose: str = "") -> None:
        self._files = self._found()
        self.sheet.fill(self._entries, keep=True)
        if choose:
            self.sheet.choose(choose)
        self.moved()

    def _found(self) -> tuple[File, ...]:
        """Return the plans of the library, then those open lately elsewhere; a browser sees the library alone."""
        here = list_scenarios(library=self.workplace.library)
        if self.app.is_web:
            return here
        known = {os.path.realpath(each.path) for each in here}
        lately = [
            each
            for each in recent_plans(state=self.workplace.state)
            if os.path.realpath(each.path) not in known
        ]
        names = Counter(each.name for each in (*here, *lately))
        self._elsewhere = tuple(
            replace(each, name=str(each.path)) if names[each.name] > 1 else each for each in lately
        )
        return (*here, *self._elsewhere)

    def _entries(self, width: int) -> list[SheetRow]:
        entries: list[SheetRow] = []
        own = [each for each in self._files if not each.shipped and each not in self._elsewhere]
        shipped = [each for each in self._files if each.shipped]
        for files, title in (
            (own, "Yours"),
            (self._elsewhere, "Open lately, elsewhere"),
            (shipped, "Shipped"),
        ):
            if files:
                entries.append(heading(title, width))
            entries += [
                SheetRow([Span(f" {_tail(each.name, width - 1)}", "label")], each.name) for each in files
            ]
        return entries or text("There is no plan here yet: n makes one.", width)

    @property
    def _file(self) -> File | None:
        return next((each for each in self._files if each.name == self.sheet.chosen), None)

    def moved(self) -> None:
        """Preview the scenario under the cursor, and say where it is."""
        self._preview()
        if file := self._file:
            self.say(Notice(str(file.path), "shipped with the planner" if file.shipped else ""))

    def _preview(self) -> None:
        preview, file = self.query_one(Preview), self._file
        preview.loaded, preview.problem = None, ""
        if file is not None:
            try:
                preview.loaded = load(file.path, library=self.workplace.library)
                preview.leads_to = Outlook(preview.loaded.scenario, evaluate(preview.loaded.scenario))
            except ScenarioError as error:
                preview.problem = str(error)
        preview.redraw()

    def action_type(self) -> None:
        """Open the scenario under the cursor."""
        file = self._file
        if file is None:
            return
        try:
            self.tell(self.PlanOpened(load(file.path, library=self.workplace.library)))
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return

    def action_against(self) -> None:
        """Compare the open plan with the scenario under the cursor."""
        file = self._file
        if not self.showing_plan and self.plan.file is None:
            self.say(Notice("No plan is open to compare with it: enter opens one.", "then o comes back here"))
        elif file is not None:
            try:
                scenario = load(file.path, library=self.workplace.library).scenario
                evaluate(scenario)
                self.tell(self.BaselineChosen(self._against(scenario, file)))
            except ScenarioError as error:
                self.say(Notice(str(error.problems[0]), look="error"))

    def _against(self, scenario: Scenario, file: File) -> Plan:
        """Return the plan that is or was open against another one; one that was closed is read again.

        The other is called by its title, or by its file where both have the same.
        """
        plan, library = self.plan, self.workplace.library
        if not self.showing_plan and plan.file is not None:
            plan = Plan.opened(load(plan.file.path, library=library))
        name = scenario.title if scenario.title != plan.scenario.title else file.path.stem
        return plan.against(scenario, name)

    def action_find(self) -> None:
        """Find a scenario by a few letters."""
        from planner.tui.dialogs.lists import plan_picker  # noqa: PLC0415 - lists come later

        self.ask(plan_picker("Find a plan", self._files), self._go_to)

    def _go_to(self, name: str | None) -> None:
        if name:
            self.sheet.choose(name)
            self.moved()

    def action_new(self) -> None:
        """Make a new scenario from the starter, or from another one."""
        from planner.tui.dialogs.lists import plan_picker  # noqa: PLC0415 - lists come later
        from planner.tui.dialogs.picker import Option  # noqa: PLC0415 - lists come later

        starter = Option("", "The starter", "two API models, every number commented")
        self.ask(plan_picker("Start the new plan from", self._files, first=[starter]), self._begin)

    def _begin(self, origin: str | None) -> None:
        """Ask for the name of a scenario that starts from another one; an empty name is the starter's."""
        if origin is None:
            return
        file = next((each for each in self._files if each.name == origin), None)
        folder = self._folder(file)
        first = free_name(folder, f"{origin}-2" if origin else "my-plan")
        said = f"Made {{}} from {origin or 'the starter'}"
        self._ask("Name of the new plan", first, folder, lambda path: self._make(file, path, said))

    def action_duplicate(self) -> None:
        """Copy the scenario under a new name."""
        if file := self._file:
            folder = self._folder(file)
            said = f"Copied {file.name} to {{}}"
            first = free_name(folder, f"{file.name}-2")
            self._ask(f"Copy {file.name} as", first, folder, lambda path: self._make(file, path, said))

    def action_rename(self) -> None:
        """Give the scenario's file another name."""
        file = self._file
        if file is not None and file.shipped:
            self.say(Notice("A shipped plan keeps its name; c makes a copy of yours."))
        elif file is not None:
            folder = file.path.parent
            self._ask(f"Rename {file.name} to", file.name, folder, lambda path: self._rename(file, path))

    def action_delete(self) -> None:
        """Delete the scenario's file; u brings it back."""
        file = self._file
        if file is not None and file.shipped:
            self.say(Notice("A shipped plan can't be deleted."))
        elif file is not None:
            self._do(lambda: deleted(file), leaves=extending(file, self._files))

    def _folder(self, file: File | None) -> Path:
        """Return where a copy of a scenario goes: beside it, or to the user's own where it is shipped."""
        beside = file is not None and not is_shipped(file.path)
        return file.path.parent if file and beside else own_folder(None, self.workplace.library)

    def _ask(self, ask: str, value: str, folder: Path, then: Callable[[Path], object]) -> None:
        """Ask for the name of a file in `folder` until one can be used; the same name again changes nothing."""
        unchanged = value if (folder / f"{value}.toml").exists() else ""

        def answered(name: str) -> None:
            if name != unchanged:
                then(folder / f"{name.removesuffix('.toml')}.toml")

        def problem(name: str) -> str:
            return "" if name == unchanged else unusable_name(name, folder)

        self.ask_text(ask, value, answered, problem=problem)

    def _make(self, file: File | None, path: Path, said: str) -> None:
        self._do(lambda: made(file, path, said.format(path.stem), library=self.workplace.library))

    def _rename(self, file: File, path: Path) -> None:
        is_open = self.showing_plan and self.plan.file is not None and self.plan.file.path == file.path
        self._do(lambda: renamed(file, path, is_open=is_open), leaves=extending(file, self._files))

    def _do(self, act: Callable[[], FileAction], *, leaves: Sequence[str] = ()) -> None:
        """Do something to files and say so, or say why not; `leaves` are plans that can't be opened after it."""
        try:
            done = act()
            self._history.do(done)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return
        self._follow(done.before, done.after)
        self._list(done.name)
        more = "u takes it back" + (
            ", enter opens it" if done.name else "; T brings back what was deleted earlier"
        )
        if leaves:
            lost = f"{done.what}: {', '.join(leaves)} extend{'s' * (len(leaves) == 1)} it and can't be opened now."
            self.say(Notice(lost, more, "error"))
        else:
            self.say(Notice(f"{done.what}.", more))

    def _follow(self, before: Path | None, after: Path | None) -> None:
        """Let the open plan go with its file, where that has another name now."""
        plan = followed(self.plan, before, after) if self.showing_plan else self.plan
        if plan is not self.plan:
            self.tell(self.Changed(plan))

    def action_trash(self) -> None:
        """Bring back a plan that was deleted, also one of an earlier day."""
        from planner.tui.dialogs.lists import trash_picker  # noqa: PLC0415 - lists come later

        found = list_trash()
        if not found:
            self.say(Notice("The trash is empty.", f"{trash_folder()}"))
            return
        self.ask(trash_picker(found), lambda kept: self._bring_back(found, kept) if kept else None)

    def _bring_back(self, found: Sequence[Trashed], kept: str) -> None:
        trashed = next(each for each in found if str(each.kept) == kept)
        try:
            restore_file(trashed)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return
        self._list(trashed.origin.stem)
        self.say(Notice(f"{inert(trashed.origin.name)} is back in {inert(str(trashed.origin.parent))}."))

    def action_take_back(self) -> None:
        """Undo the last file action last."""
        self._go_along(self._history.undo, "Taken back: {}.", "There is nothing to take back.")

    def action_do_again(self) -> None:
        """Redo the file action that was undone."""
        self._go_along(self._history.redo, "{}.", "There is nothing to do again.")

    def _go_along(self, step: Callable[[], FileAction | None], said: str, nothing: str) -> None:
        back = step == self._history.undo
        try:
            action = step()
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return
        if action is None:
            self.say(Notice(nothing))
            return
        sides = (action.after, action.before) if back else (action.before, action.after)
        self._follow(*sides)
        self._list(action.name_before if back else action.name)
        what = f"{action.what[0].lower()}{action.what[1:]}" if back else action.what
        self.say(Notice(said.format(what), "ctrl+r does it again" if back else "u takes it back"))


def _tail(name: str, width: int) -> str:
    """Return a name, or the end of a path, no wider than `width`: its end tells it from others."""
    return name if len(name) <= width else f"…{name[1 - width :]}"
