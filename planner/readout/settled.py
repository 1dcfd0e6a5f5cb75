"""Fields whose value follows from another field, so that their own value is ignored."""

import numpy as np

from planner.model.week_hours import own_peak
from planner.records import dataclass
from planner.schema import Scenario, spec_at
from planner.schema.steps import path_of, steps_of
from planner.units import show


@dataclass(frozen=True)
class FromAnother:
    """The effective number of a field, and the label and value of the field that determines it."""

    value: str
    by: str
    by_value: str

    @property
    def words(self) -> str:
        """Where the number comes from, as the end of a sentence."""
        return f"follows from {self.by} ({self.by_value})"


def settled(scenario: Scenario, path: str) -> FromAnother | None:
    """Return what determines a field instead of its own value; None if its own value counts.

    A workload's hourly profile determines its peak over mean.
    """
    if not path.endswith(".peak_to_mean"):
        return None
    _, name, _ = steps_of(path)
    workload = scenario.workloads[name]
    if workload.profile is None:
        return None
    spec, profile = spec_at(scenario, path_of(("workloads", name, "profile")))
    peak = float(np.ravel(own_peak(workload))[0])
    by_value = profile if isinstance(profile, str) else "as stated"
    return FromAnother(show(peak, "x"), spec.label, by_value)
