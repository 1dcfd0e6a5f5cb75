"""Amounts that change by the same factor every month, computed in runs of months."""

from collections.abc import Sequence

import numpy as np

from planner.schema import Array, Number


def power(factor: Number, steps: int) -> Number:
    """Return a factor after so many months: squared up, which is faster than powers of arrays.

    >>> power(2.0, 10), power(0.0, 0)
    (1024.0, 1.0)
    """
    out: Number = 1.0
    while steps:
        if steps % 2:
            out = out * factor
        steps //= 2
        factor = factor * factor if steps else factor
    return out


def unmoved(factor: Number) -> bool:
    """Return whether a factor changes nothing in any plan, as far as can be seen at once."""
    return np.ndim(factor) == 0 and factor == 1.0


class Growing:
    """An amount of `month` (counted from 0) that changes by a factor every month, requested in runs of months.

    With `reuse`, a run may overwrite the previous one, since allocating memory takes longer than the arithmetic.
    """

    def __init__(self, amount: Array, factor: Number, *, month: int = 0, reuse: bool = False) -> None:
        self._factor, self._month, self._reuse = factor, month, reuse
        self._powers = [factor]  # its squares: of 1, 2, 4 and more months
        self._shape = np.broadcast_shapes(amount.shape, np.shape(factor))
        self._still = unmoved(factor)
        self._rows: Array = amount[None]
        self._own = False

    def run(self, first: int, count: int) -> Array:
        """Return the months from `first` on, which must not be before the last month requested: months first.

        >>> year = Growing(np.array(1.0), 2.0)
        >>> year.run(0, 3).tolist(), year.run(2, 3).tolist()
        ([1.0, 2.0, 4.0], [4.0, 8.0, 16.0])
        """
        steps = first - self._month
        if len(self._rows) == count and (self._still or (steps == 0 and count == 1)):
            return self._rows
        fits = self._own and self._reuse and len(self._rows) == count
        rows = self._rows if fits else np.empty((count, *self._shape))
        np.multiply(self._rows[-1:], self._factor if steps == 1 else power(self._factor, steps), out=rows[:1])
        done, doubled = 1, 0
        while done < count:
            more = min(done, count - done)
            np.multiply(rows[:more], self._power(doubled), out=rows[done : done + more])
            done, doubled = done + more, doubled + 1
        self._rows, self._own, self._month = rows, True, first + count - 1
        return rows

    def _power(self, doubled: int) -> Number:
        """Return the factor of as many months as one doubled so often is."""
        if doubled == len(self._powers):
            self._powers.append(self._powers[-1] * self._powers[-1])
        return self._powers[doubled]


class Total:
    """A sum of amounts, each with its own growth; a run overwrites the previous one."""

    def __init__(self, parts: Sequence[Growing]) -> None:
        self._parts = parts
        self._rows: Array = np.empty(0)

    def run(self, first: int, count: int, besides: Sequence[Array]) -> Array:
        """Return the months from `first` on plus `besides` (at least one array), months first."""
        rows = [*besides, *(part.run(first, count) for part in self._parts)]
        shape = np.broadcast(*rows).shape
        if self._rows.shape != shape:
            self._rows = np.empty(shape)
        np.add(rows[0], rows[1] if len(rows) > 1 else 0.0, out=self._rows)
        for each in rows[2:]:
            np.add(self._rows, each, out=self._rows)
        return self._rows
