"""When the cash runs out."""

import numpy as np
from numpy.typing import NDArray

from planner.records import dataclass
from planner.schema import Array, Number

CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING = "cash_out", "beyond_horizon", "self_sustaining"
STATES = (CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING)


@dataclass(frozen=True)
class Runway:
    """Months until cash first reaches zero (nan where it does not), and the index of the state in STATES."""

    months: Array
    state: Array


class Countdown:
    """Watches the cash month by month, and keeps when it first reaches zero.

    The plan ends after `horizon_months`, which may differ from plan to plan.
    """

    def __init__(self, horizon_months: Number) -> None:
        self._horizon = np.asarray(horizon_months, dtype=int)
        self._shortest = int(self._horizon.min())
        self._month = 0
        self._going: NDArray[np.bool_] = np.ones((), bool)
        self._months: Array = np.full((), np.nan)
        self._last: Array = np.zeros(())

    def month(self, cash_usd: Array, net_burn_usd: Array) -> None:
        """Take the cash at a month's end and the burn in it; funding has arrived at its start."""
        inside: NDArray[np.bool_] = np.ones((), bool)
        if self._month < self._shortest:
            self._last = net_burn_usd
        else:
            inside = self._horizon > self._month
            self._last = np.where(inside, net_burn_usd, self._last)
        crossed = np.asarray((cash_usd <= 0) & self._going)
        if crossed.any():
            crossed = np.asarray(crossed & (net_burn_usd > 0) & inside)
            self._cross(crossed, cash_usd, net_burn_usd)
        self._month += 1

    def _cross(self, crossed: NDArray[np.bool_], cash_usd: Array, net_burn_usd: Array) -> None:
        if self._months.shape != crossed.shape:
            self._months = np.broadcast_to(self._months, crossed.shape).copy()
        here = np.flatnonzero(crossed)
        cash, burn = (np.broadcast_to(each, crossed.shape).ravel()[here] for each in (cash_usd, net_burn_usd))
        self._months.ravel()[here] = self._month + np.clip((cash + burn) / burn, 0.0, 1.0)
        self._going = self._going & ~crossed

    def runway(self) -> Runway:
        """Return when the cash ran out, and how the plan ends."""
        sustained = np.where(self._last <= 0, 2, 1)
        return Runway(months=self._months, state=np.where(self._going, sustained, 0))


def runway(*, cash_usd: Array, net_burn_usd: Array, horizon_months: Number) -> Runway:
    """Return the first crossing of zero, linear inside its month.

    `cash_usd` and `net_burn_usd` have shape (months, ...): cash at each month's end, burn in it; funding
    arrives at the start of its month. A raise after the crossing does not rescue; cash that starts at zero
    runs out only by burning. Without a crossing the plan is self-sustaining if its last month burns
    nothing, else it lasts beyond the horizon, which may differ from plan to plan.
    """
    until = Countdown(horizon_months)
    for cash, burn in zip(np.asarray(cash_usd), np.asarray(net_burn_usd), strict=True):
        until.month(np.asarray(cash), np.asarray(burn))
    return until.runway()
