"""What happened in the months that are over, from the file beside the plan, kept until that file changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files.library import ACTUALS_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from planner.schema import Scenario
    from planner.schema.actuals import ActualMonth, Actuals
    from planner.tui.state import Plan


class Happened:
    """Remembers the actuals of one plan file."""

    def __init__(self) -> None:
        self._read: tuple[Path, int, Actuals] | None = None

    def months(self, plan: Plan, scenario: Scenario) -> Mapping[int, ActualMonth]:
        """Return what happened by month, counted from 1; nothing where no file says, or it can't be read.

        What is wrong with such a file is told by `planner actuals`.
        """
        actuals = self._actuals(plan)
        if actuals is None or not actuals.months:
            return {}
        from planner.analysis.actuals.planned import place_of  # noqa: PLC0415 - as below

        return {place_of(scenario, name) + 1: month for name, month in actuals.months.items()}

    def _actuals(self, plan: Plan) -> Actuals | None:
        if plan.file is None:
            return None
        path = plan.file.path.with_suffix(ACTUALS_SUFFIX)
        try:
            changed = path.stat().st_mtime_ns
            from planner.files.actuals import load_actuals  # noqa: PLC0415 - few plans have actuals

            if self._read is None or self._read[:2] != (path, changed):
                self._read = (path, changed, load_actuals(path).actuals)
        except (OSError, ScenarioError):
            return None
        return self._read[2]
