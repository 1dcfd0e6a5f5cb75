"""Unsaved edits on the disk: kept while the plan is open, offered again after a screen that died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import Journal, clear, others, pending, replay
from planner.schema import Scenario, fields
from planner.tui import visits
from planner.tui.state import same

if TYPE_CHECKING:
    from pathlib import Path

    from planner.files import Loaded
    from planner.tui.app import PlannerApp


class Recovery:
    """The journal of the open plan. It begins with the first edit, and ends when the plan is left."""

    def __init__(self, app: PlannerApp, state: Path | None) -> None:
        self._app, self._state = app, state
        self._journal: Journal | None = None
        self._kept = app.plan.scenario
        self.waiting = False  # whether a dead screen left edits

    def keep(self) -> None:
        """Put what changed since the last time on the disk."""
        plan = self._app.plan
        if plan.file is None or plan.scenario is self._kept:
            return
        try:
            if self._journal is None:
                self._journal = Journal(plan.file.path, plan.file.digest, state=self._state)
            for path, value in changed(self._kept, plan.scenario):
                self._journal.record(path, value)
        except ScenarioError as error:
            self._app.say(str(error.problems[0]), look="error")
        self._kept = plan.scenario

    def saved(self, loaded: Loaded) -> None:
        """Note that the file holds everything."""
        if self._journal is not None:
            self._journal.saved(loaded.digest)
        self._kept = self._app.plan.scenario

    def leave(self) -> None:
        """Give up what was not saved: the plan is left on purpose."""
        if self._journal is not None:
            self._journal.close()
        self._journal = None
        self._kept = self._app.plan.scenario

    def offer(self) -> None:
        """Ask about edits that a dead screen left, and tell of another screen on the same file."""
        self._kept = self._app.plan.scenario
        file = self._app.plan.file
        if file is None:
            return
        self.waiting = bool(pending(file.path, state=self._state))
        if self.waiting:
            self._app.plan_screen.show_plan(self._app.plan)
            self._app.say("Edits were left unsaved when a screen died.", "R takes them over.")
        elif elsewhere := others(file.path, state=self._state):
            who = f"Process {elsewhere[0].pid}."
            self._app.say(f"{file.path.name} has unsaved edits in another screen too.", who)

    def ask(self) -> None:
        """Ask what becomes of the edits that a dead screen left."""
        file = self._app.plan.file
        edits = pending(file.path, state=self._state) if file is not None else ()
        if file is None or not edits:
            self._app.say("There are no edits of a screen that died.")
            return
        names = ", ".join(dict.fromkeys(edit.field.rpartition(".")[2] for edit in edits))
        text = f"{file.path.name}: left unsaved when a screen died: {names}."
        visits.ask_key(self._app, text, {"r": "take them over", "n": "forget them"}, self._answered)

    def _answered(self, key: str) -> None:
        file = self._app.plan.file
        if not key or file is None:
            return
        edits = pending(file.path, state=self._state)
        self.waiting = False
        if key == "r":
            replayed = replay(self._app.plan.scenario, edits)
            found = dict(changed(self._app.plan.scenario, replayed.scenario))
            if found:
                self._app.make(found, "the unsaved edits")
                self.keep()
        clear(file.path, state=self._state)
        self._app.plan_screen.show_plan(self._app.plan)


def changed(before: Scenario, after: Scenario) -> list[tuple[str, object]]:
    """Return the fields of `after` that hold another value than in `before`."""
    held = {field.path: field.value for field in fields(before)}
    return [
        (field.path, field.value)
        for field in fields(after)
        if field.path not in held or not same(held[field.path], field.value)
    ]
