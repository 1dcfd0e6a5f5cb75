"""When the cash runs out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.schema import Array, Number

CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING = "cash_out", "beyond_horizon", "self_sustaining"
STATES = (CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING)


@dataclass(frozen=True)
class Runway:
    """Months until cash first reaches zero (nan where it does not), and the index of the state in STATES."""

    months: Array
    state: Array


def runway(*, cash_usd: Array, net_burn_usd: Array, horizon_months: Number) -> Runway:
    """Return the first crossing of zero, linear inside its month.

    `cash_usd` and `net_burn_usd` have shape (months, ...): cash at each month's end, burn in it; funding
    arrives at the start of its month. A raise after the crossing does not rescue; cash that starts at zero
    runs out only by burning. Without a crossing the plan is self-sustaining if its last month burns
    nothing, else it lasts beyond the horizon, which may differ from plan to plan.
    """
    horizon = np.asarray(horizon_months, dtype=int)
    if horizon.ndim:
        shape = np.broadcast_shapes(cash_usd.shape[1:], horizon.shape)
        cash_usd, net_burn_usd = (np.broadcast_to(x, (len(x), *shape)) for x in (cash_usd, net_burn_usd))
        horizon = np.broadcast_to(horizon, shape)
    crossed = (cash_usd <= 0) & (net_burn_usd > 0)
    if horizon.ndim:
        crossed &= np.arange(len(crossed)).reshape(-1, *([1] * horizon.ndim)) < horizon
    first = _months_before(crossed)
    ever = first < len(crossed)
    first = np.minimum(first, len(crossed) - 1)
    index = np.expand_dims(first, 0)
    burn = np.take_along_axis(net_burn_usd, index, 0)[0]
    opening = np.take_along_axis(cash_usd, index, 0)[0] + burn
    within = np.clip(opening / np.where(burn > 0, burn, 1.0), 0.0, 1.0)
    months = np.where(ever, first + np.where(burn > 0, within, 0.0), np.nan)
    last = net_burn_usd[-1]
    if horizon.ndim:
        last = np.take_along_axis(net_burn_usd, np.expand_dims(horizon - 1, 0), 0)[0]
    sustained = last <= 0
    return Runway(months=months, state=np.where(ever, 0, np.where(sustained, 2, 1)))


def _months_before(crossed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return how many months pass before the first that crosses; row by row, which is faster than a search."""
    alive = ~crossed[0]
    months = alive.astype(np.uint8)
    for row in crossed[1:]:
        alive = alive & ~row
        months = months + alive
    return np.asarray(months, dtype=np.intp)
