"""Results that are asked for again with the same numbers: the last ones are kept."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Kept(Generic[T]):
    """The results asked for last, by the content of all that they are computed from: a name or memory may be reused."""

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def found(self, given: Any, compute: Callable[[], T]) -> T:
        """Return what `compute` makes of `given`, from memory where it was asked for before."""
        key = content(given)
        found = self._found.get(key)
        if found is None:
            made = compute()
            found = (made, sealed_bytes(made))
            if found[1] > self._most_bytes:
                return made
            self._found[key] = found
            while len(self._found) > self._most or self._bytes() > self._most_bytes:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return found[0]

    def _bytes(self) -> int:
        return sum(size for _, size in self._found.values())


def content(value: Any) -> Hashable:
    """Return what a value holds in a form that can be looked up: equal only where everything in it is.

    >>> content((1.0, np.array([2.0]))) == content((1.0, np.array([2.0])))
    True
    """
    if is_dataclass(value):
        return type(value), tuple(content(getattr(value, part.name)) for part in fields(value))
    if isinstance(value, tuple):
        return tuple(content(part) for part in value)
    if isinstance(value, np.ndarray) and value.ndim:
        held = tuple(value.ravel().tolist()) if value.dtype.hasobject else value.tobytes()
        return value.shape, value.dtype.str, held
    return value if isinstance(value, str) else float(value)


def sealed_bytes(value: Any) -> int:
    """Return the size of the arrays of a record, or of records, of which nothing can be overwritten any more."""
    if isinstance(value, tuple):
        return sum(sealed_bytes(part) for part in value)
    if is_dataclass(value):
        return sum(sealed_bytes(part) for part in vars(value).values())
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
        return value.nbytes
    return 0
