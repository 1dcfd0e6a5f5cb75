"""Loads by hour of the week, and their sum in each hour.

A load whose hours are known has a profile; it is shifted to UTC, where loads from all time zones are added hour by hour. For
a load without one, only peak and mean are known: it is assumed to rise and fall with the others, which is the worst case.
Hours that are the same in all loads are computed once, weighted by their share of the week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from planner.arrays import quotient
from planner.catalog.load_profiles import WEEKDAYS, WEEKEND_DAYS, over_mean, week_of
from planner.records import dataclass
from planner.schema import Array, Number, Workload, some
from planner.units import HOURS_PER_DAY, HOURS_PER_WEEK

_WEEKDAY_HOURS = WEEKDAYS * HOURS_PER_DAY
_DAYS = WEEKDAYS + WEEKEND_DAYS
_LEAST = 1e-300

# The hours of a day, sorted from the quietest to the busiest.
_OF_A_DAY = (1.0 / HOURS_PER_DAY,) * HOURS_PER_DAY
_MIDDLES = tuple((np.arange(HOURS_PER_DAY) + 0.5) / HOURS_PER_DAY)
_RISE = {
    (0, HOURS_PER_DAY - 1): 1.0 / HOURS_PER_DAY
}  # at least once a day from the quietest hour to the busiest


@dataclass(frozen=True)
class AlikeLoads:
    """Loads with the same profile: their names, and the load in each kind of hour relative to the mean, kinds first."""

    names: tuple[str, ...]
    over_mean: Array


@dataclass(frozen=True)
class WeekHours:
    """The kinds of hours of a week. `shares` of the week sum to 1; `kinds` is the kind of each hour from Monday 0:00 UTC.

    `known` are the loads with a profile, grouped by profile; `unknown` are the names of the others.
    """

    shares: tuple[float, ...]
    kinds: tuple[int, ...]
    known: tuple[AlikeLoads, ...]
    unknown: tuple[str, ...] = ()

    @property
    def steps(self) -> dict[tuple[int, int], float]:
        """How often one kind of hour follows another, as a share of all hours."""
        found: dict[tuple[int, int], float] = {}
        for here, after in zip(self.kinds, (*self.kinds[1:], self.kinds[0]), strict=True):
            found[here, after] = found.get((here, after), 0.0) + 1.0 / len(self.kinds)
        return found


@dataclass(frozen=True)
class HourlyLoad:
    """A load by hour: the load in each kind of hour, each kind's share of time, and their sequence.

    Shape of a load: that of the plans, preceded by months if there are any.
    """

    loads: Sequence[Number]
    shares: Sequence[float]
    steps: Mapping[tuple[int, int], float] = field(default_factory=dict)


def profile_of(workload: Workload) -> Array | None:
    """Return the load of each hour of a week over its mean, hours first, from Monday 0:00 UTC; None if unknown.

    With an offset of a fraction of an hour, each value is the mean of the two hours it spans. Shape: (168,) or (168, n).
    """
    if workload.profile is None:
        return None
    said = workload.profile
    week = week_of(said) if isinstance(said, str) else over_mean(said * (HOURS_PER_WEEK // len(said)))
    local = _with_weekend(np.array(week), workload.weekend_share)
    ahead = np.asarray(workload.utc_offset_h, dtype=float)
    whole = np.floor(ahead).astype(int)
    part = ahead - whole
    hours = np.arange(HOURS_PER_WEEK).reshape(-1, *([1] * ahead.ndim))
    now, after = (hours + whole) % HOURS_PER_WEEK, (hours + whole + 1) % HOURS_PER_WEEK
    return np.asarray((1.0 - part) * _hours_of(local, now) + part * _hours_of(local, after))


def _hours_of(values: Array, hours: NDArray[np.intp]) -> Array:
    axes = max(values.ndim, hours.ndim)
    return np.take_along_axis(
        values.reshape(len(values), *([1] * (axes - values.ndim)), *values.shape[1:]),
        hours.reshape(len(hours), *([1] * (axes - hours.ndim)), *hours.shape[1:]),
        axis=0,
    )


def _with_weekend(week: Array, share: Number | None) -> Array:
    """Return a week whose weekend days have this share of its mean day's load; each part keeps its shape."""
    if share is None:
        return week
    of_weekend = np.asarray(share, dtype=float)
    parts = []
    for series, target in (
        (week[:_WEEKDAY_HOURS], (_DAYS - WEEKEND_DAYS * of_weekend) / WEEKDAYS),
        (week[_WEEKDAY_HOURS:], of_weekend),
    ):
        mean = series.mean()
        shape = series / mean if mean > 0 else np.ones_like(series)
        parts.append(shape.reshape(-1, *([1] * of_weekend.ndim)) * target)
    return np.concatenate(parts)


def share_between(workload: Workload, begins_h: float, ends_h: float) -> Number:
    """Return the share of a workload's load in a part of the day, in UTC hours; by duration if its hours are unknown.

    >>> night = Workload(profile="night", routing={"tiers": ("api",)})
    >>> float(share_between(night, 0.0, 6.0)), float(share_between(night, 22.5, 24.0))
    (0.75, 0.1875)
    """
    profile = profile_of(workload)
    if profile is None:
        return (ends_h - begins_h) / HOURS_PER_DAY
    of_day = profile.reshape(_DAYS, HOURS_PER_DAY, *profile.shape[1:]).mean(axis=0)
    hours = np.arange(HOURS_PER_DAY)
    inside = np.clip(np.minimum(hours + 1.0, ends_h) - np.maximum(hours, begins_h), 0.0, 1.0)
    return np.asarray(np.tensordot(inside, of_day, axes=1) / HOURS_PER_DAY)


def own_peak(workload: Workload) -> Number:
    """Return a workload's peak over mean: that of its profile, else the stated one.

    Without a profile or a promise, a queue may smooth the load, so no peak is staffed for.
    """
    profile = profile_of(workload)
    if profile is not None:
        return np.asarray(profile.max(axis=0))
    return np.where(np.asarray(workload.latency) == "none", 1.0, workload.peak_to_mean)


def week_hours(workloads: Mapping[str, Workload]) -> WeekHours | None:
    """Return the hours of loads that are served together; None if none of them has known hours."""
    found: dict[str, Array] = {}
    for name, each in workloads.items():
        profile = profile_of(each)
        if profile is not None:
            found[name] = profile
    if not found:
        return None
    alike: list[tuple[list[str], Array]] = []
    for name, profile in found.items():
        same = next((names for names, other in alike if np.array_equal(other, profile)), None)
        if same is None:
            alike.append(([name], profile))
        else:
            same.append(name)
    unknown = tuple(name for name in workloads if name not in found)
    first, kinds = _kinds([profile for _, profile in alike], apart=bool(unknown))
    counts = np.bincount(kinds)
    return WeekHours(
        shares=tuple((counts / HOURS_PER_WEEK).tolist()),
        kinds=tuple(kinds.tolist()),
        known=tuple(AlikeLoads(tuple(names), profile[first]) for names, profile in alike),
        unknown=unknown,
    )


def _kinds(profiles: Sequence[Array], *, apart: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first hour of each kind, and the kind of each hour of the week.

    Hours stay `apart` if other loads rank them, since those may differ in hours that are the same here.
    """
    if apart or any(each.ndim > 1 for each in profiles):
        every = np.arange(HOURS_PER_WEEK)
        return every, every
    _, first, kinds = np.unique(np.stack(profiles, axis=1), axis=0, return_index=True, return_inverse=True)
    return first, kinds.reshape(-1)


def summed(
    week: WeekHours, means: Sequence[Number], *, rest_mean: Number = 0.0, rest_peak: Number = 0.0
) -> HourlyLoad:
    """Return the sum of loads in each kind of hour.

    `means` has the mean of each group of `week.known`, `rest_mean` and `rest_peak` those of the loads with unknown
    hours: their busiest hour coincides with that of the others, and so on down to the quietest.
    """
    loads = [
        sum((mean * each.over_mean[kind] for mean, each in zip(means, week.known, strict=True)), start=0.0)
        for kind in range(len(week.shares))
    ]
    if some(rest_peak):
        shape = np.broadcast_shapes(*map(np.shape, (*loads, rest_mean, rest_peak)))
        others: Array = np.stack([np.broadcast_to(each, shape) for each in loads])
        loads = list(others + _ranked(others, week.shares, mean=rest_mean, peak=rest_peak))
    return HourlyLoad(loads, week.shares, week.steps)


def load_in_hours(workloads: Mapping[str, Workload], means: Mapping[str, Number]) -> HourlyLoad | None:
    """Return the sum of workloads' loads at an API in each kind of hour; None if none has known hours.

    `means` are their mean loads, in any unit. A load with unknown hours has its stated peak, with or without a promise.
    """
    week = week_hours({name: workloads[name] for name in means})
    if week is None:
        return None
    rest = [(means[name], workloads[name].peak_to_mean) for name in week.unknown]
    return summed(
        week,
        [sum((means[name] for name in each.names), start=0.0) for each in week.known],
        rest_mean=sum((mean for mean, _ in rest), start=0.0),
        rest_peak=sum((mean * peak for mean, peak in rest), start=0.0),
    )


def mean_of(values: Sequence[Number], load: HourlyLoad) -> Number:
    """Return the mean over kinds of hours, weighted by their time.

    >>> mean_of([1.0, 4.0], HourlyLoad([0.0, 0.0], [2 / 3, 1 / 3]))
    2.0
    """
    if len(set(load.shares)) == 1:
        return sum(values, start=0.0) / len(values)
    return sum((each * share for each, share in zip(values, load.shares, strict=True)), start=0.0)


def _ranked(others: Array, shares: Sequence[float], *, mean: Number, peak: Number) -> Array:
    """Return a load with this mean and peak in hours ranked by the load of others, hours first."""
    order = np.argsort(others, axis=0, kind="stable")
    share = np.asarray(shares)[order]
    calmer = np.cumsum(share, axis=0) - share / 2.0
    rising = rising_to(peak=peak, mean=mean, calmer_share=list(calmer), shares=list(share))
    out = np.empty_like(others)
    np.put_along_axis(
        out, order, np.stack([np.broadcast_to(each, others.shape[1:]) for each in rising]), axis=0
    )
    return out


def rising_to(
    *, peak: Number, mean: Number, calmer_share: Sequence[Number], shares: Sequence[Number]
) -> list[Number]:
    """Return the load of hours sorted from quietest to busiest, given the share of quieter hours for each.

    It is assumed to rise as a power of that share, `u^(r - 1)` with r the peak over the mean, as in `carried_share`; the hours
    have the given mean, and none exceeds the peak.
    """
    steepness = np.maximum(quotient(peak, mean, otherwise=1.0) - 1.0, 0.0)
    shape = [np.exp(np.log(each) * steepness) for each in calmer_share]
    whole = sum((each * share for each, share in zip(shape, shares, strict=True)), start=0.0 * steepness)
    scale = mean / np.maximum(whole, _LEAST)
    return [np.minimum(each * scale, peak) for each in shape]


def hourly_loads(*, mean: Number, peak: Number) -> HourlyLoad:
    """Return a load with known peak and mean, from its quietest hour to its busiest: see `rising_to`.

    >>> [round(float(each), 3) for each in hourly_loads(mean=10.0, peak=20.0).loads][:2]
    [0.417, 1.25]
    """
    return HourlyLoad(
        rising_to(peak=peak, mean=mean, calmer_share=_MIDDLES, shares=_OF_A_DAY), _OF_A_DAY, _RISE
    )


def busiest(load: HourlyLoad) -> Number:
    """Return the load of the busiest hour."""
    return reduce(np.maximum, load.loads)


def at_busiest(week: WeekHours, load: HourlyLoad) -> list[Number]:
    """Return each group of `week.known` relative to its mean in the overall busiest hour."""
    kind = np.asarray(np.stack(np.broadcast_arrays(*load.loads)).argmax(axis=0))
    return [_hours_of(each.over_mean, kind[None])[0] for each in week.known]
