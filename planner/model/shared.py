"""Reuse results computed for parts of a plan when all their inputs are the same.

An edit, or a dated change, touches one workload or one field; the other parts of the plan are the same objects as before,
since a scenario never changes and an edit rebuilds only what it affects. Their results need not be computed again.
"""

from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar

import numpy as np

T = TypeVar("T")
_BY_VALUE = frozenset({float, int, str, bool, type(None), np.float64, np.bool_})


class Parts(Protocol):
    """A source of results for the parts of a plan."""

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """Return `compute(*given)`; `given` are all inputs that it reads, and `what` names the result."""


class EachAnew:
    """Computes everything, for callers that never ask twice."""

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:  # noqa: ARG002 - the signature of Parts
        """Return the result of `compute`."""
        return compute()


class Shared:
    """Keeps the results for the parts of the last two plans; reused results are bit-for-bit the same.

    Inputs match if they are the same Python object, or equal for plain numbers and text. All of
    them are frozen: kept results and their inputs must not be modified.
    """

    def __init__(self) -> None:
        self._now: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._before: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}

    def next_plan(self) -> "Shared":
        """Return itself, ready for another plan; results that the last one didn't use are dropped."""
        self._before, self._now = self._now, {}
        return self

    def beside(self) -> "Shared":
        """Return a store for another plan that can read this one's results, and leaves this one as it is."""
        other = Shared()
        other._before = self._now
        return other

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """Return the result for the same inputs from this plan or the previous one, or compute it."""
        key = (what, _same(given))
        if (found := self._now.get(key)) is None:
            # Inputs are kept with their results, since their addresses could otherwise be reused by other values.
            found = self._before.get(key) or (given, compute())
            self._now[key] = found
        made: T = found[1]
        return made


def _same(value: Any) -> Hashable:
    """Return a key for a value: the value itself if it is plain, else its identity."""
    kind = type(value)
    plain: Hashable = value
    if kind is tuple:
        plain = tuple(map(_same, value))
    elif kind is np.ndarray and not value.ndim:
        plain = value.item()
    elif kind not in _BY_VALUE:
        plain = (id(value),)
    return plain
