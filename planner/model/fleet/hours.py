"""GPUs that follow a load through the hours of the day, including those that are starting."""

from collections.abc import Callable, Sequence

import numpy as np

from planner.model.week_hours import HourlyLoad, mean_of
from planner.records import dataclass
from planner.schema import Number, some


@dataclass(frozen=True)
class FollowingGpus:
    """Mean GPUs paid over the hours, and the mean of those beyond the reserved ones."""

    paid: Number
    beyond_reserved: Number


def following_gpus(
    gpus_at: Callable[[Number], Number], load: HourlyLoad, *, reserved_gpus: Number, start_h: Number = 0.0
) -> FollowingGpus:
    """Return the GPUs that follow a load by hour, in whole replicas; `gpus_at` gives the GPUs for a load.

    Reserved GPUs are paid in every hour; a quiet hour doesn't offset the excess of a busy one. GPUs that an hour
    needs beyond the previous one are started `start_h` hours ahead, and paid while they start.
    """
    there = [gpus_at(each) for each in load.loads]
    paid = mean_of(there, load) + starting(there, load, start_h=start_h)
    if not some(reserved_gpus):
        return FollowingGpus(paid, paid)
    beyond = [np.maximum(each - reserved_gpus, 0.0) for each in there]
    return FollowingGpus(paid, mean_of(beyond, load) + starting(beyond, load, start_h=start_h))


def starting(counts: Sequence[Number], load: HourlyLoad, *, start_h: Number) -> Number:
    """Return the mean number of starting GPUs: `start_h` times the sum of all rises, divided by all hours.

    >>> load = HourlyLoad([1.0, 3.0], [0.5, 0.5], {(0, 1): 1 / 24, (1, 0): 1 / 24})
    >>> round(float(starting([1.0, 3.0], load, start_h=0.25)), 6)  # two GPUs, a quarter of an hour, once a day
    0.020833
    """
    if not np.any(start_h):
        return 0.0
    rises = (
        np.maximum(counts[after] - counts[here], 0.0) * often for (here, after), often in load.steps.items()
    )
    return start_h * sum(rises, start=0.0)
