"""A usage log for a plan on the screen: what it would change, and the plan that takes it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import Problem, ScenarioError
from planner.files import inert, load_text, new_text, table_of
from planner.files.saving import edited_text
from planner.usage.into_plan import LogPreview, preview_of_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.files import Loaded
    from planner.tui.state import Plan

NOT_IN_A_FILE = Path("plan.toml")


def log_preview(
    plan: Plan, path: str, workload: str, *, progress: Callable[[float, float], None]
) -> LogPreview:
    """Return what the log at `path` would make of a plan with its unsaved edits; nothing is written."""
    log = Path(path).expanduser()
    if not os.path.lexists(log):
        return LogPreview(problems=(Problem(inert(path), "is not there."),))
    try:
        return preview_of_log(_as_it_stands(plan), log, workload, progress=progress)
    except ScenarioError as error:
        return LogPreview(problems=error.problems)


def _as_it_stands(plan: Plan) -> Loaded:
    """Return the plan as its file would be if it were saved now, comments kept."""
    if plan.file is None:
        return load_text(new_text(table_of(plan.scenario)), path=NOT_IN_A_FILE)
    if plan.file.scenario == plan.scenario:
        return plan.file
    return load_text(edited_text(plan.file, plan.scenario), path=plan.file.path)
