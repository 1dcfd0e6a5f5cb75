"""When cash runs out, without and with planned raises, and when it is lowest."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.model.result import Runway
from planner.schema import Array, Number


class Countdown:
    """Watches the cash in runs of months, and keeps when it first reaches zero.

    The plan ends after `horizon_months`, which may differ from plan to plan. A copy goes on by itself. Source: Graham, "Default Alive or Default
    Dead?", 2015, which has no closed form: month by month.
    """

    def __init__(self, horizon_months: Number) -> None:
        self._horizon = np.asarray(horizon_months, dtype=int)
        self._shortest = int(self._horizon.min())
        self._month = 0
        self._going: NDArray[np.bool_] = np.ones((), bool)
        self._months: Array = np.full((), np.nan)
        self._last: Array = np.zeros(())

    def months(self, cash_usd: Array, net_burn_usd: Array, planned_usd: Array | None = None) -> None:
        """Take the cash at the ends of the next months and the burn in them; funding has arrived at their starts.

        `planned_usd` is what of the cash has come from raises that are not certain: it does not count. Shape (months, ...).
        Nothing of them is kept: their memory may be overwritten.
        """
        first, after = self._month, self._month + len(cash_usd)
        self._month = after
        if after >= self._shortest:
            self._keep_last(net_burn_usd, first)
        crossed = np.asarray((cash_usd <= (0.0 if planned_usd is None else planned_usd)) & self._going)
        if not crossed.any():
            return
        crossed = crossed & (net_burn_usd > 0)
        if after > self._shortest:
            month = np.arange(first, after).reshape(-1, *([1] * (crossed.ndim - 1)))
            crossed = np.asarray(crossed & (month < self._horizon))
        if crossed.any():
            self._cross(
                first, crossed, cash_usd if planned_usd is None else cash_usd - planned_usd, net_burn_usd
            )

    def _keep_last(self, net_burn_usd: Array, first: int) -> None:
        """Record the burn of each plan's last month."""
        begun = max(self._shortest - 1 - first, 0)
        for month, burn in enumerate(net_burn_usd[begun:], start=first + begun):
            self._last = np.where(month < self._horizon, burn, self._last)

    def _cross(self, first: int, crossed: NDArray[np.bool_], cash_usd: Array, net_burn_usd: Array) -> None:
        happened = crossed.any(axis=0) if len(crossed) > 1 else crossed[0]
        here = np.flatnonzero(happened)
        at = crossed.reshape(len(crossed), -1)[:, here].argmax(axis=0) if len(crossed) > 1 else 0
        cash, burn = (_picked(each, crossed.shape, at, here) for each in (cash_usd, net_burn_usd))
        within = np.minimum(np.maximum((cash + burn) / burn, 0.0), 1.0)
        months = np.empty(happened.shape)
        months[...] = self._months
        months.ravel()[here] = first + at + within
        self._months = months
        self._going = self._going & ~happened

    def runway(self) -> Runway:
        """Return when the cash ran out, and how the plan ends."""
        sustained = np.where(self._last <= 0, 2, 1)
        return Runway(months=self._months, state=np.where(self._going, sustained, 0))


class LeastCash:
    """Watches the cash in runs of months, and keeps the least that a month ends with, and which month that is."""

    def __init__(self, horizon_months: Number) -> None:
        self._horizon = np.asarray(horizon_months, dtype=int)
        self._shortest = int(self._horizon.min())
        self._usd: Array = np.full((), np.inf)
        self._month: NDArray[np.int16] = np.zeros((), np.int16)  # counted from 1; 0 until any cash is known

    def months(self, first: int, cash_usd: Array) -> None:
        """Take the cash at the ends of the months from `first` on, counted from 0; shape (months, ...)."""
        for month, cash in enumerate(cash_usd, start=first):
            usd = cash if month < self._shortest else np.where(month < self._horizon, cash, np.inf)
            lower = np.asarray(usd < self._usd)
            if lower.any():
                self._usd = np.fmin(self._usd, usd)
                # The last month lower than all before it has the least cash.
                self._month = np.maximum(self._month, np.multiply(lower, month + 1, dtype=np.int16))

    def found(self) -> tuple[Array, Array]:
        """Return the least cash in USD and its month, counted from 1; nan if cash can't be computed."""
        known = self._month > 0
        return np.where(known, self._usd, np.nan), np.where(known, self._month, np.nan)


def needed_raise_month(
    *, runway_months: Array, with_raises_months: Array, raises: Sequence[tuple[Number, Number]]
) -> Array:
    """Return the month of the first planned raise that the plan depends on; nan if it needs none.

    That is the first of `raises` (month, USD) to arrive before the cash there is has run out, where the raises together
    make it last longer. Both runways are in months, nan where the cash lasts.
    """
    out = ~np.isnan(runway_months)
    longer = out & ~(with_raises_months <= runway_months)
    first: Array = np.full((), np.inf)
    for month, usd in raises:
        in_time = longer & (np.asarray(month) <= np.floor(runway_months) + 1.0) & (np.asarray(usd) > 0)
        first = np.where(in_time, np.minimum(first, month), first)
    return np.where(np.isinf(first), np.nan, first)


def _picked(
    values: Array, shape: tuple[int, ...], month: NDArray[np.intp] | int, plan: NDArray[np.intp]
) -> Array:
    whole = values if values.shape == shape else np.broadcast_to(values, shape)
    return np.asarray(whole.reshape(shape[0], -1)[month, plan])


def runway(*, cash_usd: Array, net_burn_usd: Array, horizon_months: Number) -> Runway:
    """Return when cash first crosses zero, linear within its month.

    `cash_usd` and `net_burn_usd` have shape (months, ...): cash at each month's end, burn in it; funding
    arrives at the start of its month. A raise after the crossing doesn't help; cash that starts at zero
    runs out only by burning. Without a crossing the plan is self-sustaining if its last month burns
    nothing, else it lasts beyond the horizon, which may differ from plan to plan.
    """
    until = Countdown(np.minimum(horizon_months, len(cash_usd)))
    until.months(np.asarray(cash_usd), np.asarray(net_burn_usd))
    return until.runway()
