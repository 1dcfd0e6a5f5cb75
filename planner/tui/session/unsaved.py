"""Edits that are not saved yet: kept on the disk off the key path, and offered again after a crash."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.files import WHOLE, Edit, Journal, Presence, clear, inert, others, pending, replay, table_of
from planner.files.confined import is_read_only
from planner.readout import placed_label
from planner.readout.field_values import value_text
from planner.records import dataclass
from planner.schema import Field, Scenario, fields
from planner.schema.steps import steps_of
from planner.tui.state import differing

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from planner.files import Loaded
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

    `follow` returns at once. Edits that come faster than the disk takes them are kept as one. What the disk does not
    take is tried again every few seconds, from the last plan that reached it; until then the surroundings say so.
    """

    def __init__(self, *, state: Path | None = None) -> None:
        self.surroundings = Surroundings()
        self._state = state
        self._changed = threading.Condition()
        self._wanted: Plan | None = None
        self._tried: Plan | None = None
        self._kept: Plan | None = None  # the last one that is on the disk
        self._journal: Journal | None = None
        self._seen_ns = 0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def follow(self, plan: Plan) -> None:
        """Keep what is new in `plan`; nothing where the screen is for looking only."""
        if is_read_only():
            return
        with self._changed:
            self._wanted = plan
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until the disk took all or refused it, trying again what it refused; say whether all is on the disk."""
        with self._changed:
            if self._tried is not self._kept:
                self._tried = None
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._wanted is self._tried, timeout_s)
            return self._wanted is self._kept

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
                self._changed.wait_for(lambda: self._stopped or self._wanted is not self._tried, LOOK_EVERY_S)
                if self._stopped:
                    return
                plan = self._wanted
            if plan is not None:
                self._keep(plan)

    def _keep(self, plan: Plan) -> None:
        problem = ""
        kept: Plan | None = plan
        if self._journal is not None and self._journal.is_lost:
            self._kept = (
                None  # someone took the journal away: nothing is on the disk until a new one holds all
            )
        if plan is not self._kept:
            try:
                self._write(plan)
            except ScenarioError as error:
                problem, kept = str(error.problems[0]), self._kept
        self.surroundings = self._look(plan, problem)
        with self._changed:
            self._kept, self._tried = kept, plan
            self._changed.notify_all()

    def _write(self, plan: Plan) -> None:
        """Bring the journal from the plan kept last to this one."""
        if plan.file is None:
            return
        before, journal = self._kept, self._journal
        if journal is None or before is None or before.file is None or before.file.path != plan.file.path:
            self._begin(plan.file, plan)
            return
        known = before.scenario
        if before.file.digest != plan.file.digest:
            journal.saved(plan.file.digest)
            known = plan.saved
        _record(journal, known, plan.scenario)

    def _begin(self, file: Loaded, plan: Plan) -> None:
        """Keep a plan in a journal of its own; the one before it goes once that holds all."""
        fresh = Journal(file.path, file.digest, state=self._state)
        try:
            _record(fresh, plan.saved, plan.scenario)
        except ScenarioError:
            fresh.close()
            raise
        before, self._journal = self._journal, fresh
        if before is not None:
            before.close()

    def _look(self, plan: Plan, problem: str) -> Surroundings:
        if plan.file is None:
            return Surroundings(problem=problem)
        now_ns = _changed_ns(plan.file.path)
        known = self._tried is not None and self._tried.file is plan.file
        if not known:
            self._seen_ns = now_ns
        found = others(plan.file.path, state=self._state)
        return Surroundings(found, known and now_ns != self._seen_ns, problem)


def _record(journal: Journal, before: Scenario, after: Scenario) -> None:
    for field, value in _edits(before, after):
        journal.record(field, value)


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


def left_over(plan: Plan, state: Path | None) -> tuple[Edit, ...]:
    """Return the edits of a plan's file that a screen left unsaved when it died, and that would change the plan."""
    edits = pending(plan.file.path, state=state) if plan.file and not is_read_only() else ()
    if plan.file is None or not edits:
        return ()
    again = replay(plan.scenario, edits)
    if again.scenario == plan.scenario and not again.problems:
        clear(plan.file.path, state=state)
        return ()
    return tuple(edits)


def forget(plan: Plan, state: Path | None) -> None:
    """Forget the edits of a plan's file that were left over."""
    if plan.file is not None:
        clear(plan.file.path, state=state)


def question(plan: Plan, edits: tuple[Edit, ...]) -> str:
    """Return the question whether to make these edits again, with the first of them."""
    assert plan.file is not None
    again = replay(plan.scenario, edits)
    named = [_named(field, again.scenario) for field in differing(plan.scenario, again.scenario)]
    named += [problem.where for problem in again.problems]
    return _question(named, plan.file.path, changed=any(edit.base != plan.file.digest for edit in edits))


def _named(field: Field, scenario: Scenario) -> str:
    """Return a field's label with its value, and its workload or deployment where there are several."""
    parts = list(steps_of(field.path))
    several = parts[0] in ("workloads", "deployments", "segments") and len(getattr(scenario, parts[0])) > 1
    label = placed_label(field.path, field.spec.label) if several else field.spec.label
    return f"{label} {value_text(field.value, field.spec)}"


def _question(named: list[str], path: Path, *, changed: bool) -> str:
    what = ", ".join(map(inert, named[:3])) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
    text = f"Edits of {inert(path.name)} were not saved when the planner ended: {what}."
    return text + (" The file was changed since." if changed else "") + " Restore them?"


def restored(plan: Plan, edits: tuple[Edit, ...]) -> tuple[Plan, str]:
    """Return the plan with these edits made again in one step, and which of them could not be made."""
    again = replay(plan.scenario, edits)
    lost = f"{len(again.problems)} could not be made: {again.problems[0]}" if again.problems else ""
    return plan.became(again.scenario), lost


def survive(keeper: Keeper, leave: Callable[[int], object]) -> None:
    """Take a dropped line or a polite kill as the end of the screen, with its edits on the disk."""

    def hung_up(number: int, _frame: FrameType | None) -> None:
        keeper.flush(HANG_UP_S)
        signal.signal(
            number, signal.SIG_DFL
        )  # the terminal is gone: there is nothing to tidy, and no one to tell
        os.kill(os.getpid(), number)

    def asked_to_end() -> None:
        keeper.flush()
        leave(128 + signal.SIGTERM)

    signal.signal(signal.SIGHUP, hung_up)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_end)
