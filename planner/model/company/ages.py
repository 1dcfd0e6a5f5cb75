"""Customers by age: many leave in their first months, fewer later; some move to another segment."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from planner.arrays import Number, quotient
from planner.records import dataclass

_LEAST = 1e-300


@dataclass(frozen=True)
class Leaving:
    """What happens to customers in a month, by age: the share that stays and the share that moves on.

    The last entry is for all older customers.
    """

    stays: tuple[Number, ...]
    moves: tuple[Number, ...]


def leaving(*, retention: Sequence[Number], churn: Number, moving: Number) -> Leaving:
    """Return what happens to customers of each age.

    `retention` is the share of new customers left after each of their first months, `churn` the share that leaves
    in each later month. `moving` is the share that moves on, limited to those left; churn doesn't include them.
    """
    left = (1.0, *retention)
    kept = [np.clip(after / np.maximum(before, _LEAST), 0.0, 1.0) for before, after in pairwise(left)]
    kept.append(1.0 - np.asarray(churn, dtype=float))
    if np.ndim(moving) == 0 and moving == 0:
        return Leaving(tuple(kept), (0.0,) * len(kept))
    moves = tuple(np.minimum(share, moving) for share in kept)
    return Leaving(tuple(share - moved for share, moved in zip(kept, moves, strict=True)), moves)


def a_month_later(by_age: Sequence[Number], leaves: Leaving) -> tuple[tuple[Number, ...], Number]:
    """Return customers by age a month later, without new ones, and those who moved on.

    `by_age` has one entry per entry of `leaves`, newest first. Repeated, it is the convolution of those who joined with
    the survival curve: `customers(t) = sum over k of joined(t - k) S(k)`.

    >>> month = leaving(retention=[0.8], churn=0.1, moving=0.0)
    >>> [round(float(each), 6) for each in a_month_later((100.0, 50.0), month)[0]]
    [0.0, 125.0]
    """
    stay = [count * share for count, share in zip(by_age, leaves.stays, strict=True)]
    moved: Number = 0.0
    for count, share in zip(by_age, leaves.moves, strict=True):
        if np.ndim(share) or share:  # in most segments nobody moves on
            moved = moved + count * share
    if len(stay) == 1:
        return (stay[0],), moved
    return (0.0, *stay[:-2], stay[-2] + stay[-1]), moved


def joined(by_age: Sequence[Number], count: Number) -> tuple[Number, ...]:
    """Return customers by age, with this month's new customers added."""
    return (by_age[0] + count, *by_age[1:])


def of_ages(by_age: Sequence[Number], ages: int) -> tuple[Number, ...]:
    """Return customers by this many ages, merging the oldest or adding empty ages."""
    if len(by_age) >= ages:
        return (*by_age[: ages - 1], sum(by_age[ages - 1 :], start=0.0))
    return (*by_age[:-1], *([0.0] * (ages - len(by_age))), by_age[-1])


def months_there(leaves: Leaving) -> Number:
    """Return the mean number of months that a new customer stays; nan if some never leave.

    >>> round(float(months_there(leaving(retention=[], churn=0.05, moving=0.0))), 9)
    20.0
    >>> round(float(months_there(leaving(retention=[0.5], churn=0.1, moving=0.0))), 9)
    6.0
    """
    total: Number = 0.0
    there: Number = 1.0
    for stays in leaves.stays[:-1]:
        total, there = total + there, there * stays
    gone = 1.0 - np.asarray(leaves.stays[-1])
    return total + quotient(there, gone)


def moves_on(leaves: Leaving) -> Number:
    """Return the share of new customers that eventually moves on; nan if some never leave."""
    total: Number = 0.0
    there: Number = 1.0
    for stays, moves in zip(leaves.stays[:-1], leaves.moves[:-1], strict=True):
        total, there = total + there * moves, there * stays
    gone = 1.0 - np.asarray(leaves.stays[-1])
    return total + quotient(there * leaves.moves[-1], gone)
