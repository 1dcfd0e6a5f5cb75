"""Saving from a screen: to the plan's file, under another name, or before something else that would lose edits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import Conflict, Loaded
from planner.tui.session import saving
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.tui.screens.page import Page
    from planner.tui.state import Plan

    Then = Callable[[], object]


class Saved(AheadOfKeys):
    """The plan stands in a file now; `then` goes on with what the user was about to do.

    `settles` closes the screen in front, which was about a conflict.
    """

    def __init__(self, plan: Plan, notice: Notice, then: Then, *, settles: bool = False) -> None:
        super().__init__()
        self.plan, self.notice, self.then, self.settles = plan, notice, then, settles


class ConflictFound(AheadOfKeys):
    """Another program changed the plan's file meanwhile; `then` goes on once both sides are one."""

    def __init__(self, conflict: Conflict, then: Then) -> None:
        super().__init__()
        self.conflict, self.then = conflict, then


def nothing() -> None:
    """Do nothing more."""


def save(page: Page, then: Then = nothing) -> None:
    """Save the plan to its file; where that can't be, ask for a name. Then go on."""
    why = saving.needs_name(page.plan)
    if why is not None:
        save_as(page, then, why=why)
        return
    try:
        stored = saving.written(page.plan, page.workplace.library)
    except ScenarioError as error:
        save_as(page, then, why=f"{error.problems[0]} ")
        return
    _stored(page, stored, then)


def save_as(page: Page, then: Then = nothing, *, why: str = "") -> None:
    """Save the plan under a name to be asked for; then go on."""
    path = saving.suggested_path(page.plan, page.workplace.library)
    _ask_name(page, path.stem, path.parent, then, why)


def _ask_name(page: Page, name: str, folder: Path, then: Then, why: str) -> None:
    """Ask for a name in a folder; a path with folders in it goes elsewhere."""
    text = f"{why}Save the plan in {saving.folder_words(folder)} as"
    page.ask_text(text, name, lambda given: _save_at(page, given, folder, then))


def _save_at(page: Page, name: str, folder: Path, then: Then) -> None:
    path = saving.named(name, folder)
    if "/" not in name or path.parent.exists():
        _write_at(page, name, path, folder, then)
        return

    def answered(key: str) -> None:
        if key == "y":
            _write_at(page, name, path, folder, then)
        elif key == "n":
            _ask_name(page, name, folder, then, "")

    question = f"There is no folder {saving.folder_words(path.parent)}. Make it, and save the plan there?"
    page.ask_key(question, {"y": "make it", "n": "another name"}, answered)


def _write_at(page: Page, name: str, path: Path, folder: Path, then: Then) -> None:
    try:
        stored = saving.written_to(page.plan, path, page.workplace.library)
    except ScenarioError as error:
        _ask_name(page, name, folder, then, f"{error.problems[0]} ")
        return
    _stored(page, stored, then, saving.copied_along(page.plan, stored))


def _stored(page: Page, stored: Loaded | Conflict, then: Then, more: str = "") -> None:
    """Say where the plan is saved; where another program changed the file, show both sides."""
    if isinstance(stored, Conflict):
        page.tell(ConflictFound(stored, then))
        return
    differs = page.plan.scenario != page.plan.baseline
    notice = Notice(
        f"Saved to {stored.path}.", more or ("d compares it with the baseline" if differs else "")
    )
    page.tell(Saved(page.plan.stored(stored), notice, then))


def ask_then(page: Page, then: Then) -> None:
    """Ask what becomes of unsaved edits, if there are any; then go on."""
    if not page.plan.unsaved:
        then()
        return
    text = f'"{page.plan.scenario.title}" has edits that are not saved.'

    def answered(key: str) -> None:
        if key == "s":
            save(page, then)
        elif key == "n":
            then()

    page.ask_key(text, {"s": "save", "n": "drop them"}, answered)
