"""GPUs: how many copies carry the requests, and how many GPU-hours that costs."""

import numpy as np

from planner.catalog.hardware import Number


def copies_for_load(
    *, requests_per_s: Number, requests_per_s_per_copy: Number, utilisation: Number
) -> Number:
    """Return how many copies carry a load at a utilisation; infinite where a copy serves nothing.

    Not rounded: whole copies are counted by `whole_copies`.
    """
    capacity = np.asarray(requests_per_s_per_copy * utilisation, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        copies = np.where(capacity > 0, requests_per_s / capacity, np.inf)
    return np.where(np.asarray(requests_per_s) > 0, copies, 0.0)


def whole_copies(*, copies: Number, smallest: Number = 1.0) -> Number:
    """Return whole copies, at least `smallest`.

    >>> float(whole_copies(copies=2.1))
    3.0
    """
    return np.maximum(np.ceil(np.asarray(copies) - 1e-9), smallest)  # a rounding error is no copy


def mean_copies(
    *, peak_copies: Number, peak_to_mean: Number, autoscaled: Number, floor_copies: Number = 1.0
) -> Number:
    """Return how many copies are paid for, averaged over the hours.

    Without autoscaling the peak's copies run all the time; with it they follow the load down to a floor.
    `autoscaled` is 0 or 1, or the share of the fleet that follows.
    """
    following = np.maximum(peak_copies / np.maximum(peak_to_mean, 1.0), np.minimum(floor_copies, peak_copies))
    return autoscaled * following + (1.0 - autoscaled) * peak_copies


def fleet_gpus(*, copies: Number, gpus_per_copy: Number, spare_copies: Number = 0.0) -> Number:
    """Return the GPUs of a fleet: all copies and the spare ones."""
    return (copies + spare_copies) * gpus_per_copy


def utilisation(*, requests_per_s: Number, copies: Number, requests_per_s_per_copy: Number) -> Number:
    """Return the share of a fleet's capacity that a load uses; 0 where there is no capacity."""
    capacity = np.asarray(copies * requests_per_s_per_copy, dtype=float)
    return np.where(capacity > 0, requests_per_s / np.where(capacity > 0, capacity, 1.0), 0.0)
