"""How many places in a batch a load takes: those that are busy, and those that keep the latency promise as well."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.model.handed_on import PlacesWanted
from planner.model.serving.answer_spread import answer_cv2
from planner.model.serving.batch_choice import ChosenBatch, pooled_utilisation
from planner.model.week_hours import WeekHours, at_busiest, own_peak, summed
from planner.records import dataclass
from planner.schema import Number, Workload
from planner.units import SECONDS_PER_MONTH

_ITERATIONS = 8


@dataclass(frozen=True)
class Load:
    """One workload's traffic to one deployment: mean calls a second, and what its peaks and bursts are.

    `calls_per_pass` are those of one pass of a request: of its session. `at_peak` is the load in the busiest hour of all
    that the deployment serves, over the mean.
    """

    chosen: ChosenBatch
    workload: Workload
    calls_per_s: Number
    calls_per_pass: Number = 1.0
    at_peak: Number | None = None

    @property
    def peak_to_mean(self) -> Number:
        """The load in the fleet's busiest hour over the mean: its own peak, where nothing is known of the hours."""
        return own_peak(self.workload) if self.at_peak is None else self.at_peak

    @property
    def mean_places(self) -> Number:
        """Places in a batch that the mean hour keeps busy."""
        return self.calls_per_s * self.chosen.slot_s

    @property
    def peak_places(self) -> Number:
        """Places in a batch that the peak hour keeps busy."""
        return self.mean_places * self.peak_to_mean

    @property
    def peak_replicas(self) -> Number:
        """The same in full replicas."""
        return self.peak_places / self.chosen.batch


def places_needed(loads: Sequence[Load]) -> Number:
    """Return the places that carry the peak load of all workloads with every tail of waiting inside its promise.

    The places c solve `c * rho_max(c) = load`. Workloads pool: patience and variation are weighted by load,
    the strictest percentile holds for all.
    """
    total = sum((load.peak_places for load in loads), start=np.asarray(0.0))
    weight = [load.peak_places / np.where(total > 0, total, 1.0) for load in loads]

    def mean(values: Sequence[Number]) -> Number:
        return sum((w * value for w, value in zip(weight, values, strict=True)), start=np.asarray(0.0))

    most = np.where(total > 0, mean([load.chosen.most_utilisation for load in loads]), 1.0)
    percentile = loads[0].chosen.percentile
    for load in loads[1:]:
        percentile = np.maximum(percentile, load.chosen.percentile)
    patience = np.maximum(mean([load.chosen.patience for load in loads]), 1e-6)
    ca2 = np.maximum(mean([load.workload.interarrival_cv2 for load in loads]), 1e-6)
    cs2 = np.maximum(mean([answer_cv2(load.workload) for load in loads]), 1e-6)
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


def places_wanted(
    first: Mapping[str, Load], last: Mapping[str, Load], week: WeekHours | None = None
) -> PlacesWanted:
    """Return the places that a deployment's workloads take in the first and in the last month.

    `first` and `last` hold the same workloads; they are one value where nothing grows. With `week` the hour with the most
    busy places of all together is the peak.
    """
    if week is not None:
        same = last is first
        first = _in_busiest_hour(first, week)
        last = first if same else _in_busiest_hour(last, week)
    busy_first, needed_first = _busy(first), places_needed(list(first.values()))
    in_replicas = sum((load.peak_replicas for load in first.values()), start=np.asarray(0.0))
    return PlacesWanted(
        busy_first=busy_first,
        needed_first=needed_first,
        busy_last=_busy(last),
        needed_last=needed_first if last is first else places_needed(list(last.values())),
        per_replica=np.where(busy_first > 0, busy_first / np.where(in_replicas > 0, in_replicas, 1.0), 1.0),
        fits=np.all(np.broadcast_arrays(*(load.chosen.fits for load in first.values())), axis=0),
        peak_per_call={
            name: load.chosen.slot_s * load.calls_per_pass * load.peak_to_mean / SECONDS_PER_MONTH
            for name, load in first.items()
        },
        mean_per_call={
            name: load.chosen.slot_s * load.calls_per_pass / SECONDS_PER_MONTH for name, load in first.items()
        },
        held_s=_held_s(first, busy_first),
        week=week,
    )


def _in_busiest_hour(loads: Mapping[str, Load], week: WeekHours) -> dict[str, Load]:
    """Return the loads as they are in the hour in which their sum keeps the most places busy."""
    means = [sum((loads[name].mean_places for name in each.names), start=0.0) for each in week.known]
    rest = [loads[name] for name in week.unknown]
    hours = summed(
        week,
        means,
        rest_mean=sum((each.mean_places for each in rest), start=0.0),
        rest_peak=sum((each.peak_places for each in rest), start=0.0),
    )
    over_mean = at_busiest(week, hours)
    there = {name: share for each, share in zip(week.known, over_mean, strict=True) for name in each.names}
    return {name: replace(load, at_peak=there.get(name)) for name, load in loads.items()}


def _held_s(loads: Mapping[str, Load], busy: Number) -> Number:
    """Return how long a mean call holds its place in the busiest hour."""
    calls = sum((load.calls_per_s * load.peak_to_mean for load in loads.values()), start=0.0)
    some = np.asarray(calls) > 0
    return np.where(some, busy / np.where(some, calls, 1.0), 0.0)


def _busy(loads: Mapping[str, Load]) -> Number:
    return sum((load.peak_places for load in loads.values()), start=np.asarray(0.0))
