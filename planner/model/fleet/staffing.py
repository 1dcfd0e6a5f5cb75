"""From the load of a deployment to whole replicas, month by month."""

from collections.abc import Sequence

import numpy as np

from planner.model.serving.batch_choice import Lane, pooled_utilisation
from planner.records import dataclass
from planner.schema import Number, Workload

_ITERATIONS = 8


@dataclass(frozen=True)
class Load:
    """One lane's traffic: mean calls a second, and what its peaks and bursts are."""

    lane: Lane
    workload: Workload
    calls_per_s: Number

    @property
    def peak_to_mean(self) -> Number:
        """The peak that is staffed for: none where a queue may smooth it."""
        return np.where(np.asarray(self.workload.latency) == "none", 1.0, self.workload.peak_to_mean)

    @property
    def mean_slots(self) -> Number:
        """Places in a batch that the mean hour keeps busy."""
        return self.calls_per_s * self.lane.slot_s

    @property
    def peak_slots(self) -> Number:
        """Places in a batch that the peak hour keeps busy."""
        return self.mean_slots * self.peak_to_mean

    @property
    def peak_replicas(self) -> Number:
        """The same in full replicas."""
        return self.peak_slots / self.lane.batch


def slots_needed(loads: Sequence[Load]) -> Number:
    """Return the places that carry the peak load of all lanes with every tail of waiting inside its promise.

    The places c solve `c * rho_max(c) = load`. Lanes pool: patience and variation are weighted by load,
    the strictest percentile holds for all.
    """
    total = sum((load.peak_slots for load in loads), start=np.asarray(0.0))
    weight = [load.peak_slots / np.where(total > 0, total, 1.0) for load in loads]

    def mean(values: Sequence[Number]) -> Number:
        return sum((w * value for w, value in zip(weight, values, strict=True)), start=np.asarray(0.0))

    most = np.where(total > 0, mean([load.lane.most_utilisation for load in loads]), 1.0)
    percentile = loads[0].lane.percentile
    for load in loads[1:]:
        percentile = np.maximum(percentile, load.lane.percentile)
    patience = np.maximum(mean([load.lane.patience for load in loads]), 1e-6)
    ca2 = np.maximum(mean([load.workload.interarrival_cv2 for load in loads]), 1e-6)
    cs2 = np.maximum(mean([load.workload.answer_length_cv2 for load in loads]), 1e-6)
    places = np.maximum(total, 1.0)
    log_patience = np.log(patience)
    for _ in range(_ITERATIONS):
        use = np.minimum(
            pooled_utilisation(
                log_servers=np.log(places), log_patience=log_patience, ca2=ca2, cs2=cs2, percentile=percentile
            ),
            most,
        )
        places = 0.5 * (places + np.maximum(total / use, 1.0))
    return np.where(total > 0, places, 0.0)


@dataclass(frozen=True)
class StaffRule:
    """Places needed at any load: exact at the first and last month, square-root staffing between.

    Source of the form: Halfin and Whitt, Operations Research 29(3), 1981: slack grows as the root of the load.
    """

    slack: Number
    slack_per_root: Number

    def slots(self, load_slots: Number) -> Number:
        """Return the places for a load, in places."""
        spare = np.asarray(self.slack_per_root * np.sqrt(load_slots) + self.slack)
        return load_slots + np.maximum(spare, 0.0, out=spare)


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
