"""Provisioned API capacity: units needed for a load, their cost, and the share of a month's load they carry."""

import numpy as np

from planner.arrays import quotient
from planner.model.handed_on import UnitPool
from planner.model.week_hours import HourlyLoad, mean_of
from planner.schema import Array, Number

_LEAST_LOAD = 1e-12
_LEAST_SLOPE = 1e-9  # a constant load is treated as having almost no peak
_LEAST_SHARE = 1e-300
_ROUNDING = 1e-9  # of a unit: 40.0000000001 units are 40


def units_needed(*, peak_per_minute: Number, unit_per_minute: Number, least: Number, step: Number) -> Number:
    """Return the units needed to carry a load's peak, as sold: a minimum number, in steps.

    `peak_per_minute` is in tokens as weighted for a unit (output tokens by their weight). Shape: broadcast.
    Source: Microsoft Learn, "Provisioned throughput sizing", 2026-05-22; Google Cloud, "Provisioned Throughput", 2026-08.

    >>> float(units_needed(peak_per_minute=60 * (1_000 + 4 * 200.0), unit_per_minute=3_000.0, least=15.0, step=5.0))
    40.0
    """
    wanted = np.where(np.asarray(peak_per_minute) > 0, peak_per_minute / unit_per_minute, 0.0)
    return units_sold(wanted, least=least, step=step)


def units_sold(wanted: Number, *, least: Number, step: Number) -> Number:
    """Return the smallest number of units on sale that covers those wanted; 0 if none are.

    >>> float(units_sold(36.0, least=15.0, step=5.0)), float(units_sold(0.0, least=15.0, step=5.0))
    (40.0, 0.0)
    """
    steps = np.ceil(np.maximum(wanted, least) / step - _ROUNDING)
    return np.where(np.asarray(wanted) > 0, steps * step, 0.0)


def units_there(pool: UnitPool, peak_per_s: Number) -> Number:
    """Return the units in a month with this peak: the stated number, or enough to carry a share of it."""
    for_peak = units_needed(
        peak_per_minute=peak_per_s * pool.peak_share,
        unit_per_minute=np.maximum(pool.capacity_per_s, _LEAST_LOAD),
        least=pool.least,
        step=pool.step,
    )
    return np.where(
        np.asarray(pool.units) > 0, units_sold(pool.units, least=pool.least, step=pool.step), for_peak
    )


def pool_usd(pool: UnitPool, units: Number) -> Number:
    """Return the monthly cost of units, used or not: reserved ones at the term's price, others by the hour."""
    every = np.isinf(np.asarray(pool.reserved))
    reserved = np.where(every, units, np.where(every, 0.0, pool.reserved))
    beyond = np.maximum(units - reserved, 0.0)
    return reserved * pool.usd_per_reserved_month + beyond * pool.usd_per_other_month


def carried_share(
    *, capacity: Number, mean_load: Number, peak_load: Number, open_share: Number = 1.0
) -> Number:
    """Return the share of a load that a capacity carries when each hour's load up to it is carried.

    Sorted from the calmest hour to the busiest, the load is taken to rise as a power of the share `u` of hours that
    are calmer: `peak u^(r-1)` with `r` the peak over the mean, the one power that has both. With `x` the capacity
    over the peak, `x (r - (r-1) x^(1/(r-1)))` is carried: `x` where load never varies, all at a capacity of the peak.
    A capacity that stands for a share of the hours stands in the busiest: what is calmer than `a = 1 - share` is not
    carried, `u*^r - a^r + x r (1 - u*)` with `u* = max(x^(1/(r-1)), a)` is.
    Checked on the hours of a week of Azure's chat and code services (2024): within 7 points at any capacity.

    Shape: broadcast.

    >>> float(carried_share(capacity=50.0, mean_load=50.0, peak_load=100.0))
    0.75
    >>> float(carried_share(capacity=50.0, mean_load=100.0, peak_load=100.0))
    0.5
    """
    peak = np.maximum(peak_load, _LEAST_LOAD)
    covered = np.minimum(capacity / peak, 1.0)
    steepness = np.maximum(peak / np.maximum(mean_load, _LEAST_LOAD) - 1.0, 0.0)
    calmer = np.exp(np.log(np.maximum(covered, _LEAST_SHARE)) / np.maximum(steepness, _LEAST_SLOPE))
    whole = covered * (1.0 + steepness * (1.0 - calmer))
    closed = np.maximum(1.0 - np.asarray(open_share), 0.0)
    if not np.any(closed > 0):
        return whole
    ratio = 1.0 + steepness
    full = np.maximum(calmer, closed)
    rising = np.power(full, ratio) - np.power(closed, ratio)
    return np.where(closed > 0, rising + covered * ratio * (1.0 - full), whole)


def carried_in_hours(load: HourlyLoad, *, capacity: Number, open_share: Number = 1.0) -> Number:
    """Return the share of a load that a capacity carries when each hour's load up to it is carried; 0 without a load.

    A capacity that stands for a share of the hours stands in the busiest.

    >>> float(carried_in_hours(HourlyLoad([1.0, 3.0], [0.5, 0.5]), capacity=2.0))
    0.75
    >>> float(carried_in_hours(HourlyLoad([1.0, 3.0], [0.5, 0.5]), capacity=2.0, open_share=0.5))
    0.5
    """
    mean = mean_of(load.loads, load)
    carried = [np.minimum(each, capacity) for each in load.loads]
    if np.any(np.asarray(open_share) < 1.0):
        carried = _in_open_hours(carried, load, open_share)
    return quotient(mean_of(carried, load), mean, otherwise=0.0)


def _in_open_hours(carried: list[Array], load: HourlyLoad, open_share: Number) -> list[Array]:
    """Return the load carried in each kind of hour if capacity runs only in the busiest share of hours."""
    loads = np.stack(np.broadcast_arrays(*(np.asarray(each) + 0.0 * open_share for each in load.loads)))
    order = np.argsort(-loads, axis=0, kind="stable")
    shares = np.asarray(load.shares)[order]
    busier = np.cumsum(shares, axis=0) - shares
    part = np.empty_like(loads)
    np.put_along_axis(part, order, np.clip((open_share - busier) / shares, 0.0, 1.0), axis=0)
    return [each * share for each, share in zip(carried, part, strict=True)]
