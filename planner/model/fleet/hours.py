"""The hours of a day: how a load that has a peak and a mean goes through them, and what GPUs that follow it take."""

from collections.abc import Callable

import numpy as np

from planner.records import dataclass
from planner.schema import Number

HOURS = 24
_MIDDLES = (np.arange(HOURS) + 0.5) / HOURS  # of the hours, sorted from the calmest to the busiest
_LEAST = 1e-300


@dataclass(frozen=True)
class FollowingGpus:
    """GPUs paid in the mean over the hours, and those of them in the mean that exceed the reserved ones."""

    paid: Number
    beyond_reserved: Number


def hourly_loads(*, mean: Number, peak: Number) -> list[Number]:
    """Return the load of each hour, from the calmest to the busiest.

    Sorted so it is taken to rise as a power of the share `u` of hours that are calmer, `u^(r - 1)` with r the peak over
    the mean, as in `carried_share`; the hours have the given mean, none exceeds the peak. Shape: 24 times that of the loads.

    >>> [round(float(each), 3) for each in hourly_loads(mean=10.0, peak=20.0)][:2]
    [0.417, 1.25]
    """
    some = np.asarray(mean) > 0
    steepness = np.where(some, np.maximum(peak / np.where(some, mean, 1.0) - 1.0, 0.0), 0.0)
    shape = [np.exp(np.log(middle) * steepness) for middle in _MIDDLES]
    scale = mean / np.maximum(sum(shape, start=0.0 * steepness) / HOURS, _LEAST)
    return [np.minimum(each * scale, peak) for each in shape]


def following_gpus(
    gpus_at: Callable[[Number], Number], *, mean: Number, peak: Number, reserved_gpus: Number
) -> FollowingGpus:
    """Return the GPUs that follow a load hour by hour, whole replicas in each; `gpus_at` gives those for a load.

    Reserved GPUs are paid in every hour; what exceeds them in a busy hour is not made up for by a calm one.
    """
    paid: Number = 0.0
    beyond: Number = 0.0
    for load in hourly_loads(mean=mean, peak=peak):
        here = gpus_at(load)
        paid = paid + here
        beyond = beyond + np.maximum(here - reserved_gpus, 0.0)
    return FollowingGpus(paid / HOURS, beyond / HOURS)
