"""Fields whose number follows from another field: what is stated in them does not count."""

import numpy as np

from planner.model.week_hours import own_peak
from planner.records import dataclass
from planner.schema import Scenario, spec_at
from planner.schema.steps import path_of, steps_of
from planner.units import show


@dataclass(frozen=True)
class FromAnother:
    """The number that a field is taken to have, and what settles it: a field by its label, and its value."""

    value: str
    by: str
    by_value: str

    @property
    def words(self) -> str:
        """Where the number comes from, as a sentence goes on."""
        return f"follows from {self.by} ({self.by_value})"


def settled(scenario: Scenario, path: str) -> FromAnother | None:
    """Return what settles a field in place of what it states; None where it counts itself.

    The hours of a workload settle its peak over mean.
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
