"""The screens by their names. Each is imported when it is asked for, so that the plan opens fast."""

# ruff: noqa: PLC0415 - late imports are what this module is for

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.files import Conflict
    from planner.tui.screens.page import Page
    from planner.tui.session.file_history import FileHistory
    from planner.tui.session.outlook import Outlook
    from planner.tui.state import Plan

VIEWS = ("moves", "sweep", "frontier", "volume")  # they take one another's place


def page(name: str, plan: Plan, outlook: Outlook, about: str) -> Page:
    """Return a screen: `about` is the number or field to explain, or the field that a view starts from."""
    if name in VIEWS:
        return _view(name, plan, about)
    if name == "explain":
        from planner.tui.screens.explain import ExplainScreen

        return ExplainScreen(about, plan, outlook)
    if name == "compare":
        from planner.tui.screens.compare import CompareScreen

        return CompareScreen(plan)
    if name == "prices":
        from planner.tui.screens.prices import PricesScreen

        return PricesScreen()
    if name == "actuals":
        from planner.tui.screens.actuals import ActualsScreen

        return ActualsScreen(plan.scenario, outlook)
    if name == "months":
        from planner.tui.screens.months import MonthsScreen

        return MonthsScreen()
    from planner.tui.screens.claims import ClaimsScreen

    return ClaimsScreen()


def _view(name: str, plan: Plan, about: str) -> Page:
    if name == "sweep":
        from planner.tui.screens.sweep import SweepScreen

        return SweepScreen(plan, about)
    if name == "frontier":
        from planner.tui.screens.frontier import FrontierScreen

        return FrontierScreen(plan)
    if name == "volume":
        from planner.tui.screens.volume import VolumeScreen

        return VolumeScreen(plan, about)
    from planner.tui.screens.moves import MovesScreen

    return MovesScreen(plan)


def library_page(history: FileHistory) -> Page:
    """Return the library; `history` is what was done to files so far."""
    from planner.tui.screens.library import LibraryScreen

    return LibraryScreen(history)


def conflict_page(conflict: Conflict, then: Callable[[], object]) -> Page:
    """Return both sides of a file that another program changed; `then` goes on once they are one."""
    from planner.tui.screens.conflict import ConflictScreen

    return ConflictScreen(conflict, then)


def key_page(screen: str) -> Page:
    """Return all keys of a screen."""
    from planner.tui.screens.help import HelpScreen

    return HelpScreen(screen)


def problem_page(title: str, lines: list[str]) -> Page:
    """Return sentences that need more room than the status line has."""
    from planner.tui.screens.problem_list import ProblemScreen

    return ProblemScreen(title, lines)
