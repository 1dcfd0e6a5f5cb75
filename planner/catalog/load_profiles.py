"""Load by hour of the week: named shapes, measured where possible."""

from functools import cache

from planner.catalog.facts import table
from planner.units import HOURS_PER_DAY, HOURS_PER_WEEK

WEEKDAYS, WEEKEND_DAYS = 5, 2


@cache
def week_of(name: str) -> tuple[float, ...]:
    """Return the load of each hour of a week relative to its mean, from Monday 0:00 in the users' local time.

    >>> week_of("flat")[:3], round(max(week_of("office")), 2)
    ((1.0, 1.0, 1.0), 2.62)
    """
    found = table("load_profiles")[name]
    weekday = found["weekday"] if len(found["weekday"]) > 1 else found["weekday"] * HOURS_PER_DAY
    series = weekday * WEEKDAYS + found.get("weekend", weekday) * WEEKEND_DAYS
    first = -found["hours_ahead"] % HOURS_PER_WEEK
    return over_mean(tuple(map(float, series[first:] + series[:first])))


def over_mean(series: tuple[float, ...]) -> tuple[float, ...]:
    """Return a series divided by its mean.

    >>> over_mean((1.0, 3.0))
    (0.5, 1.5)
    """
    mean = sum(series) / len(series)
    return tuple(each / mean for each in series)
