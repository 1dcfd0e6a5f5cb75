"""When the cash runs out."""

import numpy as np
from numpy.typing import NDArray

from planner.model.result import Runway
from planner.schema import Array, Number


class Countdown:
    """Watches the cash in runs of months, and keeps when it first reaches zero.

    The plan ends after `horizon_months`, which may differ from plan to plan.
    """

    def __init__(self, horizon_months: Number) -> None:
        self._horizon = np.asarray(horizon_months, dtype=int)
        self._shortest = int(self._horizon.min())
        self._month = 0
        self._going: NDArray[np.bool_] = np.ones((), bool)
        self._months: Array = np.full((), np.nan)
        self._last: Array = np.zeros(())

    def months(self, cash_usd: Array, net_burn_usd: Array) -> None:
        """Take the cash at the ends of the next months and the burn in them; funding has arrived at their starts.

        Shape (months, ...). Nothing of them is kept: their memory may be overwritten.
        """
        first, after = self._month, self._month + len(cash_usd)
        self._month = after
        if after >= self._shortest:
            self._keep_last(net_burn_usd, first)
        crossed = np.asarray((cash_usd <= 0) & self._going)
        if not crossed.any():
            return
        crossed = crossed & (net_burn_usd > 0)
        if after > self._shortest:
            month = np.arange(first, after).reshape(-1, *([1] * (crossed.ndim - 1)))
            crossed = np.asarray(crossed & (month < self._horizon))
        if crossed.any():
            self._cross(first, crossed, cash_usd, net_burn_usd)

    def _keep_last(self, net_burn_usd: Array, first: int) -> None:
        """Keep the burn of the last month of each plan."""
        begun = max(self._shortest - 1 - first, 0)
        for month, burn in enumerate(net_burn_usd[begun:], start=first + begun):
            self._last = np.where(month < self._horizon, burn, self._last)

    def _cross(self, first: int, crossed: NDArray[np.bool_], cash_usd: Array, net_burn_usd: Array) -> None:
        happened = crossed.any(axis=0) if len(crossed) > 1 else crossed[0]
        if self._months.shape != happened.shape:
            self._months = np.broadcast_to(self._months, happened.shape).copy()
        here = np.flatnonzero(happened)
        at = crossed.reshape(len(crossed), -1)[:, here].argmax(axis=0)
        cash, burn = (_picked(each, crossed.shape, at, here) for each in (cash_usd, net_burn_usd))
        self._months.ravel()[here] = first + at + np.clip((cash + burn) / burn, 0.0, 1.0)
        self._going = self._going & ~happened

    def runway(self) -> Runway:
        """Return when the cash ran out, and how the plan ends."""
        sustained = np.where(self._last <= 0, 2, 1)
        return Runway(months=self._months, state=np.where(self._going, sustained, 0))


def _picked(values: Array, shape: tuple[int, ...], month: NDArray[np.intp], plan: NDArray[np.intp]) -> Array:
    whole = values if values.shape == shape else np.broadcast_to(values, shape)
    return whole.reshape(shape[0], -1)[month, plan]


def runway(*, cash_usd: Array, net_burn_usd: Array, horizon_months: Number) -> Runway:
    """Return the first crossing of zero, linear inside its month.

    `cash_usd` and `net_burn_usd` have shape (months, ...): cash at each month's end, burn in it; funding
    arrives at the start of its month. A raise after the crossing does not rescue; cash that starts at zero
    runs out only by burning. Without a crossing the plan is self-sustaining if its last month burns
    nothing, else it lasts beyond the horizon, which may differ from plan to plan.
    """
    until = Countdown(np.minimum(horizon_months, len(cash_usd)))
    until.months(np.asarray(cash_usd), np.asarray(net_burn_usd))
    return until.runway()
