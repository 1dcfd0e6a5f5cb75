"""The batch places that a load takes: those kept busy, and those needed to keep the latency promise."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.arrays import quotient
from planner.model.handed_on import PlacesWanted
from planner.model.kept import Kept
from planner.model.serving.answer_spread import answer_cv2
from planner.model.serving.batch_choice import ChosenBatch, pooled_utilisation
from planner.model.week_hours import WeekHours, at_busiest, own_peak, summed
from planner.records import dataclass
from planner.schema import Number, Workload
from planner.units import SECONDS_PER_MONTH

_ITERATIONS = 8


@dataclass(frozen=True)
class Load:
    """One workload's traffic to one deployment: mean calls per second, peaks and bursts.

    `calls_per_pass` are those of one pass of a request: of its session. `at_peak` is the load in the busiest hour of all
    that the deployment serves, over the mean. `place_size` is how many places of a mean replica one of its places takes: those
    of a small batch are larger, which counts where another mix is served in every hour.
    """

    chosen: ChosenBatch
    workload: Workload
    calls_per_s: Number
    calls_per_pass: Number = 1.0
    at_peak: Number | None = None
    place_size: Number = 1.0

    @property
    def peak_to_mean(self) -> Number:
        """The load in the fleet's busiest hour over the mean; its own peak if the hours are unknown."""
        return own_peak(self.workload) if self.at_peak is None else self.at_peak

    @property
    def mean_places(self) -> Number:
        """Batch places busy in the mean hour."""
        return self.calls_per_s * self.chosen.slot_s * self.place_size

    @property
    def mean_replicas(self) -> Number:
        """Full replicas busy in the mean hour."""
        return self.calls_per_s * self.chosen.slot_s / self.chosen.batch

    @property
    def peak_places(self) -> Number:
        """Batch places busy in the peak hour."""
        return self.mean_places * self.peak_to_mean

    @property
    def peak_replicas(self) -> Number:
        """Full replicas busy in the peak hour."""
        return self.mean_replicas * self.peak_to_mean


def places_needed(loads: Sequence[Load]) -> Number:
    """Return the places that carry the peak load of all workloads with every waiting time within its promise.

    The places c solve `c * rho_max(c) = load`. Workloads pool: patience and variation are weighted by load,
    the strictest percentile holds for all.
    """
    total = sum((load.peak_places for load in loads), start=np.asarray(0.0))
    weight = [load.peak_places / np.where(total > 0, total, 1.0) for load in loads]

    def mean(values: Sequence[Number]) -> Number:
        if len(values) == 1:  # a single load, or none
            return values[0]
        return sum((w * value for w, value in zip(weight, values, strict=True)), start=np.asarray(0.0))

    percentile = loads[0].chosen.percentile
    for load in loads[1:]:
        percentile = np.maximum(percentile, load.chosen.percentile)
    pooled = _PooledLoad(
        places=total,
        most_utilisation=np.where(total > 0, mean([load.chosen.most_utilisation for load in loads]), 1.0),
        patience=np.maximum(mean([load.chosen.patience for load in loads]), 1e-6),
        ca2=np.maximum(mean([load.workload.interarrival_cv2 for load in loads]), 1e-6),
        cs2=np.maximum(mean([answer_cv2(load.workload) for load in loads]), 1e-6),
        percentile=percentile,
    )
    return _KEPT.found(pooled, lambda: _places_for(pooled))


@dataclass(frozen=True)
class _PooledLoad:
    """The combined peak load of a deployment's workloads: busy places, and how long they may wait."""

    places: Number
    most_utilisation: Number
    patience: Number
    ca2: Number
    cs2: Number
    percentile: Number


def _places_for(load: _PooledLoad) -> Number:
    """Return the places at which a load's utilisation is what its waiting time allows."""
    places = np.maximum(load.places, 1.0)
    log_patience = np.log(load.patience)
    for _ in range(_ITERATIONS):
        use = np.minimum(
            pooled_utilisation(
                log_servers=np.log(places), log_patience=log_patience, ca2=load.ca2, cs2=load.cs2,
                percentile=load.percentile,
            ),
            load.most_utilisation,
        )  # fmt: skip
        places = 0.5 * (places + np.maximum(load.places / use, 1.0))
    return np.where(load.places > 0, places, 0.0)


def places_wanted(
    first: Mapping[str, Load], last: Mapping[str, Load], week: WeekHours | None = None
) -> PlacesWanted:
    """Return the places that a deployment's workloads need in the first and last month.

    `first` and `last` hold the same workloads; they are the same object if nothing grows. With `week`, the hour in which all
    together keep the most replicas busy is the peak, and places are those of a replica with the mix of that hour.
    """
    if week is not None:
        same = last is first
        first = _in_busiest_hour(first, week)
        per_replica = _per_replica(first)
        first = _alike_places(first, per_replica)
        last = first if same else _alike_places(_in_busiest_hour(last, week), per_replica)
    busy_first, needed_first = _busy(first), places_needed(list(first.values()))
    return PlacesWanted(
        busy_first=busy_first,
        needed_first=needed_first,
        busy_last=_busy(last),
        needed_last=needed_first if last is first else places_needed(list(last.values())),
        per_replica=_per_replica(first),
        fits=np.all(np.broadcast_arrays(*(load.chosen.fits for load in first.values())), axis=0),
        peak_per_call={
            name: load.chosen.slot_s
            * load.calls_per_pass
            * load.peak_to_mean
            * load.place_size
            / SECONDS_PER_MONTH
            for name, load in first.items()
        },
        mean_per_call={
            name: load.chosen.slot_s * load.calls_per_pass * load.place_size / SECONDS_PER_MONTH
            for name, load in first.items()
        },
        held_s=_held_s(first, busy_first),
        week=week,
    )


def _in_busiest_hour(loads: Mapping[str, Load], week: WeekHours) -> dict[str, Load]:
    """Return the loads in the hour in which their sum keeps the most replicas busy."""
    means = [sum((loads[name].mean_replicas for name in each.names), start=0.0) for each in week.known]
    rest = [loads[name] for name in week.unknown]
    hours = summed(
        week,
        means,
        rest_mean=sum((each.mean_replicas for each in rest), start=0.0),
        rest_peak=sum((each.peak_replicas for each in rest), start=0.0),
    )
    over_mean = at_busiest(week, hours)
    there = {name: share for each, share in zip(week.known, over_mean, strict=True) for name in each.names}
    return {name: replace(load, at_peak=there.get(name)) for name, load in loads.items()}


def _per_replica(loads: Mapping[str, Load]) -> Number:
    """Return the places of a replica that serves this mix of loads; 1 without loads."""
    busy = _busy(loads)
    in_replicas = sum((load.peak_replicas for load in loads.values()), start=np.asarray(0.0))
    return np.where(busy > 0, busy / np.where(in_replicas > 0, in_replicas, 1.0), 1.0)


def _alike_places(loads: Mapping[str, Load], per_replica: Number) -> dict[str, Load]:
    """Return the loads in places of a replica with this many of them."""
    return {name: replace(load, place_size=per_replica / load.chosen.batch) for name, load in loads.items()}


def _held_s(loads: Mapping[str, Load], busy: Number) -> Number:
    """Return how long a mean call holds its place in the busiest hour, in seconds."""
    calls = sum((load.calls_per_s * load.peak_to_mean for load in loads.values()), start=0.0)
    return quotient(busy, calls, otherwise=0.0)


def _busy(loads: Mapping[str, Load]) -> Number:
    return sum((load.peak_places for load in loads.values()), start=np.asarray(0.0))


_KEPT: Kept[Number] = Kept(most=256, most_bytes=2**21)
