"""What was worked out for parts of a plan: found again where all that it follows from is the same.

An edit, or a dated change, touches one workload or one field; the other parts of the plan are the very values of before,
since a scenario never changes and an edit makes anew only what it reaches. What follows from them need not be worked out again.
"""

from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar

import numpy as np

T = TypeVar("T")
_BY_VALUE = frozenset({float, int, str, bool, type(None), np.float64, np.bool_})


class Parts(Protocol):
    """Where the parts of a plan come from."""

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """Return what `compute` makes of `given`, the inputs that it reads; `what` names it."""


class EachAnew:
    """Works everything out: nothing is asked for twice."""

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:  # noqa: ARG002 - the signature of Parts
        """Return what `compute` makes."""
        return compute()


class Shared:
    """Keeps what the last two plans were made of: results are those of before, bit for bit.

    Inputs are the same where they are the same value of Python; plain numbers and words, where they are equal. All of
    them are frozen: what is kept, and what it was made of, must not be written to.
    """

    def __init__(self) -> None:
        self._now: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._before: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}

    def next_plan(self) -> "Shared":
        """Return itself, ready for another plan: what the last one did not use is forgotten."""
        self._before, self._now = self._now, {}
        return self

    def beside(self) -> "Shared":
        """Return a store for another plan that finds what this one holds, and leaves this one as it is."""
        other = Shared()
        other._before = self._now
        return other

    def found(self, what: str, given: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """Return what `compute` made of the same inputs in this plan or the one before, or makes of them now."""
        key = (what, _same(given))
        if (found := self._now.get(key)) is None:
            # The inputs are kept with what they led to: else their addresses could mean other values.
            found = self._before.get(key) or (given, compute())
            self._now[key] = found
        made: T = found[1]
        return made


def _same(value: Any) -> Hashable:
    """Return what can be looked up in place of a value: itself where it is plain, else which one of all values it is."""
    kind = type(value)
    plain: Hashable = value
    if kind is tuple:
        plain = tuple(map(_same, value))
    elif kind is np.ndarray and not value.ndim:
        plain = value.item()
    elif kind not in _BY_VALUE:
        plain = (id(value),)
    return plain
