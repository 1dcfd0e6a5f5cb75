"""Edits that are not saved yet: kept on the disk off the key path, and offered again after a crash."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.files import WHOLE, Edit, Journal, Presence, clear, inert, others, pending, replay, table_of
from planner.records import dataclass
from planner.schema import Field, Scenario, fields
from planner.tui.state import differing
from planner.tui.widgets.field_text import value_text

if TYPE_CHECKING:
    from types import FrameType

    from planner.tui.app import PlannerApp
    from planner.tui.state import Plan

LOOK_EVERY_S = 3.0
HANG_UP_S = 2.0


@dataclass(frozen=True)
class Surroundings:
    """What a screen has to know of the world: who else is at the file, whether it changed, what can't be kept."""

    others: tuple[Presence, ...] = ()
    changed: bool = False
    problem: str = ""

    @property
    def words(self) -> str:
        """What the title says about it."""
        said = [_who(self.others)] if self.others else []
        said += ["changed on the disk"] if self.changed else []
        said += ["edits are not kept"] if self.problem else []
        return ", ".join(said)


def _who(found: tuple[Presence, ...]) -> str:
    first = found[0]
    since = datetime.fromtimestamp(first.since_s).astimezone().strftime("%H:%M")
    here = os.uname().nodename
    where = "" if first.host == here else f" on {inert(first.host)}"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"also open{where} since {since}{more}"


class Keeper:
    """Writes each edit of the open plan to its journal, in a thread; tells who else has the file open.

    `follow` returns at once. Edits that come faster than the disk takes them are kept as one.
    """

    def __init__(self, *, state: Path | None = None) -> None:
        self.surroundings = Surroundings()
        self._state = state
        self._changed = threading.Condition()
        self._wanted: Plan | None = None
        self._kept: Plan | None = None
        self._journal: Journal | None = None
        self._seen_ns = 0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def follow(self, plan: Plan) -> None:
        """Keep what is new in `plan`."""
        with self._changed:
            self._wanted = plan
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all is on the disk; say whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._wanted is self._kept, timeout_s)

    def close(self) -> None:
        """Leave in order: what was not saved is given up."""
        self.flush()
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._wanted is not self._kept, LOOK_EVERY_S)
                if self._stopped:
                    return
                plan = self._wanted
            if plan is not None:
                self._keep(plan)

    def _keep(self, plan: Plan) -> None:
        problem = self.surroundings.problem
        if plan is not self._kept:
            try:
                self._write(plan)
                problem = ""
            except ScenarioError as error:
                problem = str(error.problems[0])
        self.surroundings = self._look(plan, problem)
        with self._changed:
            self._kept = plan
            self._changed.notify_all()

    def _write(self, plan: Plan) -> None:
        """Bring the journal from the plan kept last to this one."""
        if plan.file is None:
            return
        before = self._kept
        journal = self._journal
        if journal is None or before is None or before.file is None or before.file.path != plan.file.path:
            if journal is not None:
                journal.close()
            self._journal = journal = Journal(plan.file.path, plan.file.digest, state=self._state)
            known = plan.saved
        elif before.file.digest != plan.file.digest:
            journal.saved(plan.file.digest)
            known = plan.saved
        else:
            known = before.scenario
        for field, value in _edits(known, plan.scenario):
            journal.record(field, value)

    def _look(self, plan: Plan, problem: str) -> Surroundings:
        if plan.file is None:
            return Surroundings(problem=problem)
        now_ns = _changed_ns(plan.file.path)
        known = self._kept is not None and self._kept.file is plan.file
        if not known:
            self._seen_ns = now_ns
        found = others(plan.file.path, state=self._state)
        return Surroundings(found, known and now_ns != self._seen_ns, problem)


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _edits(before: Scenario, after: Scenario) -> list[tuple[str, Any]]:
    """Return the fields that differ with their values in `after`; the whole table where sections came or went."""
    if before is after:
        return []
    if {field.path for field in fields(before)} != {field.path for field in fields(after)}:
        return [(WHOLE, table_of(after))]
    return [(field.path, field.value) for field in differing(before, after)]


def offer(app: PlannerApp) -> None:
    """Offer the edits of the open file that a screen left unsaved when it died, without standing in the way."""
    if left := left_over(app):
        what = f"{len(left)} edits" if len(left) > 1 else "An edit"
        verb = "were" if len(left) > 1 else "was"
        app.plan_screen.left_over = True
        app.plan_screen.show_title(app.plan)
        app.say(
            f"{what} of this file {verb} not saved when the planner ended.",
            "R makes them again, or forgets them",
        )


def left_over(app: PlannerApp) -> tuple[Edit, ...]:
    """Return the edits of the open file that a dead screen left and that would change it."""
    loaded = app.plan.file
    edits = pending(loaded.path, state=app.state) if loaded else ()
    if loaded is None or not edits:
        return ()
    again = replay(app.plan.scenario, edits)
    if again.scenario == app.plan.scenario and not again.problems:
        clear(loaded.path, state=app.state)
        return ()
    return tuple(edits)


def recover(app: PlannerApp) -> None:
    """Ask whether to make the edits again that a dead screen left."""
    from planner.tui.dialogs.ask import AskKey  # noqa: PLC0415 - asked seldom

    loaded, edits = app.plan.file, left_over(app)
    if loaded is None or not edits:
        app.say("No edits are left over: nothing was lost.")
        return
    again = replay(app.plan.scenario, edits)
    answers = {"y": "yes, make them again", "n": "no, forget them"}
    named = [_named(field, again.scenario) for field in differing(app.plan.scenario, again.scenario)]
    named += [problem.where for problem in again.problems]
    question = _question(named, loaded.path, changed=any(edit.base != loaded.digest for edit in edits))
    app.visit(AskKey(question, answers), lambda key: _answered(app, edits, key or ""))


def _named(field: Field, scenario: Scenario) -> str:
    """Return a field's label with its value, and its workload or deployment where there are several."""
    parts = field.path.split(".")
    several = parts[0] in ("workloads", "deployments") and len(getattr(scenario, parts[0])) > 1
    return f"{field.spec.label}{f' ({parts[1]})' if several else ''} {value_text(field.value, field.spec)}"


def _question(named: list[str], path: Path, *, changed: bool) -> str:
    what = ", ".join(map(inert, named[:3])) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
    text = f"Edits of {inert(path.name)} were not saved when the planner ended: {what}."
    return text + (" The file was changed since." if changed else "") + " Make them again?"


def _answered(app: PlannerApp, edits: tuple[Edit, ...], key: str) -> None:
    loaded = app.plan.file
    if not key or loaded is None:
        app.say("The edits stay where they are: they are offered again at the next start.")
        return
    app.plan_screen.left_over = False
    if key == "n":
        clear(loaded.path, state=app.state)
        app.plan_screen.show_title(app.plan)
        app.say("The edits are forgotten.")
        return
    again = replay(app.plan.scenario, edits)
    app.plan = app.plan.became(again.scenario)
    if app.keeper.flush() and not app.keeper.surroundings.problem:
        clear(loaded.path, state=app.state)
    lost = f"{len(again.problems)} could not be made: {again.problems[0]}" if again.problems else ""
    app.say("The edits are made again; they are still to be saved.", lost or "u takes them back")


def survive(app: PlannerApp) -> None:
    """Take a dropped line or a polite kill as the end of the screen, with its edits on the disk."""
    if app.is_headless:
        return

    def hung_up(number: int, _frame: FrameType | None) -> None:
        app.keeper.flush(HANG_UP_S)
        signal.signal(
            number, signal.SIG_DFL
        )  # the terminal is gone: there is nothing to tidy, and no one to tell
        os.kill(os.getpid(), number)

    def asked_to_end() -> None:
        app.keeper.flush()
        app.exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGHUP, hung_up)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_end)


def keep_up(app: PlannerApp) -> None:
    """Say what is new in the surroundings: in the title, and a fault in the status line."""
    now = app.keeper.surroundings
    if now != app.surroundings:
        problem = now.problem if now.problem != app.surroundings.problem else ""
        app.surroundings = replace(now)
        if app.showing_plan:
            app.plan_screen.show_title(app.plan)
        if problem:
            app.say(f"Unsaved edits can't be kept on the disk: {problem}", "Save often.", look="error")
