"""From the batch places that a load takes to whole replicas, by month."""

from functools import cached_property

import numpy as np

from planner.records import dataclass
from planner.schema import Number


@dataclass(frozen=True)
class StaffRule:
    """Places needed at any load: exact in the first and last month, square-root staffing in between.

    Source of the form: Halfin and Whitt, Operations Research 29(3), 1981: slack grows with the square root of the load.
    """

    slack: Number
    slack_per_root: Number

    def slots(self, load_slots: Number) -> Number:
        """Return the places for a load, in places."""
        spare = np.asarray(self.slack_per_root * np.sqrt(load_slots) + self.slack)
        return load_slots + (spare if self._is_slack else np.maximum(spare, 0.0, out=spare))

    @cached_property
    def _is_slack(self) -> bool:
        """Whether slack is positive at every load, so that negative values needn't be checked for."""
        return bool(np.all(np.asarray(self.slack) >= 0) and np.all(np.asarray(self.slack_per_root) >= 0))


def staff_rule(
    *, first_load: Number, first_slots: Number, last_load: Number, last_slots: Number
) -> StaffRule:
    """Return the rule through two exact points."""
    first_root, last_root = np.sqrt(first_load), np.sqrt(last_load)
    apart = np.abs(last_root - first_root) > 1e-9
    first_slack, last_slack = first_slots - first_load, last_slots - last_load
    slope = np.where(apart, (last_slack - first_slack) / np.where(apart, last_root - first_root, 1.0), 0.0)
    return StaffRule(slack=first_slack - slope * first_root, slack_per_root=slope)


def replicas(*, slots: Number, batch: Number, min_replicas: Number, spare_replicas: Number) -> Number:
    """Return whole replicas for a number of places, floor and spares included.

    >>> float(replicas(slots=65, batch=64, min_replicas=1, spare_replicas=1))
    3.0
    """
    return np.maximum(np.ceil(slots / batch - 1e-9), min_replicas) + spare_replicas
