"""When the cash runs out."""

from dataclasses import dataclass

import numpy as np

from planner.schema import Array

CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING = "cash_out", "beyond_horizon", "self_sustaining"
STATES = (CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING)


@dataclass(frozen=True)
class Runway:
    """Months until cash first reaches zero (nan where it does not), and the index of the state in STATES."""

    months: Array
    state: Array


def runway(*, cash_usd: Array, net_burn_usd: Array) -> Runway:
    """Return the first crossing of zero, linear inside its month.

    `cash_usd` and `net_burn_usd` have shape (months, ...): cash at each month's end, burn in it; funding
    arrives at the start of its month. A raise after the crossing does not rescue; cash that starts at zero
    runs out only by burning. Without a crossing the plan is self-sustaining if its last month burns
    nothing, else it lasts beyond the horizon.
    """
    crossed = (cash_usd <= 0) & (net_burn_usd > 0)
    ever = crossed.any(axis=0)
    first = crossed.argmax(axis=0)
    index = np.expand_dims(first, 0)
    burn = np.take_along_axis(net_burn_usd, index, 0)[0]
    opening = np.take_along_axis(cash_usd, index, 0)[0] + burn
    within = np.clip(opening / np.where(burn > 0, burn, 1.0), 0.0, 1.0)
    months = np.where(ever, first + np.where(burn > 0, within, 0.0), np.nan)
    sustained = net_burn_usd[-1] <= 0
    return Runway(months=months, state=np.where(ever, 0, np.where(sustained, 2, 1)))
