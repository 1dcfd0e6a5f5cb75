"""The timing of a dated change: some months earlier or later, or not at all."""

from collections.abc import Iterator

import numpy as np

from planner.analysis.moves.levers import Setting
from planner.schema import Scenario, some

MONTHS_MOVED = (-3, -1, 1, 3)
WITH_IT = "its success and latency move with it"  # in months that month 1 doesn't show
LATEST = 120  # latest month of a change; after the plan's end it has no effect
_NUMBERS = {1: "a month", 3: "three months"}


def timings(scenario: Scenario) -> Iterator[Setting]:
    """Yield each dated change in other months of the plan, and the plan without it."""
    last = int(np.max(scenario.company.horizon_months))
    for index, change in enumerate(scenario.change):
        now, path = int(change.month), f"change.{index}.month"
        name = change.label or f"Change {index + 1}"
        if now > last:
            continue
        earliest = 2 if some(change.both_months) else 1
        for moved in MONTHS_MOVED:
            if earliest <= now + moved <= last:
                when = f"{_NUMBERS[abs(moved)]} {'earlier' if moved < 0 else 'later'}"
                yield Setting(path, f"{name}: {when}, in month {now + moved}", {path: now + moved}, WITH_IT)
        if last < LATEST:
            yield Setting(path, f"{name}: not at all", {path: last + 1}, WITH_IT)


def is_timing(setting: Setting) -> bool:
    """Return whether a setting is about the timing of a change, which month 1 doesn't show."""
    return setting.path.startswith("change.")
