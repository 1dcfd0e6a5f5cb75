"""Owned GPUs as assets: bought when needed, depreciated over their life, sold at its end and bought again."""

from collections.abc import Sequence

import numpy as np

from planner.records import dataclass
from planner.schema import Array, Number
from planner.units import MONTHS_PER_YEAR

_WHOLE = 1e-9  # an excess this small over a whole number of months is ignored


@dataclass(frozen=True)
class AssetMonths:
    """GPUs by month, months first: owned, bought at its start, sold at its start; `depreciating` lose a month's value.

    If the life isn't a whole number of months, the last month depreciates in part.
    """

    owned: Array
    bought: Array
    sold: Array
    depreciating: Array


class OwnedGpus:
    """A fleet's GPUs through the months. GPUs no longer needed stay idle until the end of their life."""

    def __init__(self, life_years: Number) -> None:
        life = np.asarray(life_years, dtype=float) * MONTHS_PER_YEAR
        self._months = np.ceil(life - _WHOLE)
        self._idle_part = self._months - life  # the part of the last month that isn't depreciated
        self._owned: Number = 0.0
        self._bought: list[Array] = []

    def run(self, needed: Array) -> AssetMonths:
        """Take the GPUs needed in the next months, months first."""
        rows = [self._month(each) for each in needed]
        owned, bought, sold, depreciating = (
            np.stack(np.broadcast_arrays(*(row[index] for row in rows))) for index in range(4)
        )
        return AssetMonths(owned, bought, sold, depreciating)

    def _month(self, needed: Array) -> Sequence[Array]:
        sold = self._bought_before(self._months)
        left = self._owned - sold
        bought = np.asarray(np.maximum(needed - left, 0.0))
        self._owned = left + bought
        self._bought.append(bought)
        ending = self._bought_before(self._months, later=1)
        return (
            np.asarray(self._owned),
            bought,
            np.asarray(sold),
            np.asarray(self._owned - self._idle_part * ending),
        )

    def _bought_before(self, months: Array, *, later: int = 0) -> Number:
        """Return the GPUs bought this many months ago, `later` months after that."""
        now, found = len(self._bought) - later, 0.0 * self._owned
        for life in {int(each) for each in np.ravel(months)}:
            if now - life >= 0:
                found = np.where(months == life, self._bought[now - life], found)
        return found
