"""The hours of a day: what GPUs that follow a load through them take, and what they take while they start."""

from collections.abc import Callable, Sequence

import numpy as np

from planner.model.week_hours import HourlyLoad, mean_of
from planner.records import dataclass
from planner.schema import Number, some


@dataclass(frozen=True)
class FollowingGpus:
    """GPUs paid in the mean over the hours, and those of them in the mean that exceed the reserved ones."""

    paid: Number
    beyond_reserved: Number


def following_gpus(
    gpus_at: Callable[[Number], Number], load: HourlyLoad, *, reserved_gpus: Number, start_h: Number = 0.0
) -> FollowingGpus:
    """Return the GPUs that follow a load hour by hour, whole replicas in each; `gpus_at` gives those for a load.

    Reserved GPUs are paid in every hour; what exceeds them in a busy hour is not made up for by a calm one. What an hour
    needs beyond the one before it is started `start_h` hours ahead, and paid while it starts.
    """
    there = [gpus_at(each) for each in load.loads]
    paid = mean_of(there, load) + starting(there, load, start_h=start_h)
    if not some(reserved_gpus):
        return FollowingGpus(paid, paid)
    beyond = [np.maximum(each - reserved_gpus, 0.0) for each in there]
    return FollowingGpus(paid, mean_of(beyond, load) + starting(beyond, load, start_h=start_h))


def starting(counts: Sequence[Number], load: HourlyLoad, *, start_h: Number) -> Number:
    """Return how many GPUs start in the mean over the hours: `start_h` times the sum of all rises, over all hours.

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
