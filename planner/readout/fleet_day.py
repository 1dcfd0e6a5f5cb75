"""A fleet by hour: its busiest hour as text, and a weekday and a weekend day as series."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from planner.model.result import FleetHours
from planner.records import dataclass
from planner.schema import Array
from planner.units import HOURS_PER_DAY, show

WEEKDAYS = 5
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Day:
    """The 24 hours of a mean weekday or weekend day, from 0:00 UTC: busy places, and GPUs."""

    places: Sequence[float]
    gpus: Sequence[float]
    places_of: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class FleetDay:
    """One plan's fleet by hour of the week, in UTC, for tables and charts."""

    busiest_hour: str
    most_gpus: float
    mean_gpus: float
    starting_gpus: float
    peak_to_mean: float
    weekday: Day
    weekend_day: Day

    @property
    def words(self) -> str:
        """The busiest hour and the mean, as text."""
        starts = (
            f", {show(self.starting_gpus)} of them starting for a later hour"
            if self.starting_gpus > 0
            else ""
        )
        return (
            f"busiest {self.busiest_hour} UTC with {show(self.most_gpus)} GPUs; {show(self.mean_gpus)} paid "
            f"on average{starts}; peak load {show(self.peak_to_mean, 'x')} the mean"
        )


def fleet_day(hours: FleetHours) -> FleetDay:
    """Return a fleet's hours as a weekday and a weekend day; for a stack, those of the first plan."""
    places = _first(hours.places)
    at, mean = int(places.argmax()), float(places.mean())
    return FleetDay(
        busiest_hour=f"{_DAYS[at // HOURS_PER_DAY]} {at % HOURS_PER_DAY}:00",
        most_gpus=float(_first(hours.gpus).max()),
        mean_gpus=float(np.ravel(hours.mean_gpus)[0]),
        starting_gpus=float(np.ravel(hours.starting_gpus)[0]),
        peak_to_mean=float(places.max()) / mean if mean > 0 else math.nan,
        weekday=_day(hours, slice(0, WEEKDAYS)),
        weekend_day=_day(hours, slice(WEEKDAYS, None)),
    )


def _day(hours: FleetHours, days: slice) -> Day:
    def mean(values: Array) -> list[float]:
        found: list[float] = _first(values).reshape(-1, HOURS_PER_DAY)[days].mean(axis=0).tolist()
        return found

    return Day(
        mean(hours.places), mean(hours.gpus), {name: mean(each) for name, each in hours.places_of.items()}
    )


def _first(values: Array) -> Array:
    return np.asarray(values.reshape(len(values), -1)[:, 0])


def day_rows(day: FleetDay) -> list[tuple[str, ...]]:
    """Return a row per hour: UTC hour, then busy places and GPUs on a weekday and on a weekend day."""
    return [
        (
            f"{hour}:00",
            show(day.weekday.places[hour]),
            show(day.weekday.gpus[hour]),
            show(day.weekend_day.places[hour]),
            show(day.weekend_day.gpus[hour]),
        )
        for hour in range(HOURS_PER_DAY)
    ]


DAY_HEAD = ("hour, UTC", "places busy", "GPUs", "weekend: places", "GPUs")
