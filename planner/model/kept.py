"""Results that are asked for again with the same numbers: the last ones are kept."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Kept(Generic[T]):
    """The results asked for last, by the content of all that they are computed from: a name or memory may be reused.

    `most_bytes` bounds what is kept, the numbers that it is found by included.
    """

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._one_at_a_time = Lock()

    def found(self, given: Any, compute: Callable[[], T]) -> T:
        """Return what `compute` makes of `given`, from memory where it was asked for before."""
        arrays: list[np.ndarray] = []
        key = content(given, arrays)
        with self._one_at_a_time:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
                return found[0]
        made = compute()
        size = sealed_bytes(made) + sum(array.nbytes for array in arrays)
        with self._one_at_a_time:
            if size <= self._most_bytes and key not in self._found:
                self._found[key] = made, size
                self._bytes += size
                while len(self._found) > self._most or self._bytes > self._most_bytes:
                    _, (_, gone) = self._found.popitem(last=False)
                    self._bytes -= gone
        return made


class _Numbers:
    """What an array holds: looked up by its ends, told apart by all of it. A sealed one needs no copy."""

    __slots__ = ("_array", "_hash")

    def __init__(self, array: np.ndarray) -> None:
        self._array = array if _is_sealed(array) else array.copy()
        ends = (self._array.flat[0], self._array.flat[-1]) if array.size else ()
        self._hash = hash((array.shape, ends))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Numbers):
            return False
        mine, others = self._array, other._array
        if mine is others:
            return True
        if mine.dtype != others.dtype or mine.shape != others.shape:
            return False
        if mine.dtype.hasobject:
            return bool(mine.tolist() == others.tolist())
        return mine.tobytes() == others.tobytes()


def content(value: Any, arrays: list[np.ndarray] | None = None) -> Hashable:
    """Return what a value holds in a form that can be looked up: equal only where everything in it is.

    `arrays` is given those that it holds.

    >>> content((1.0, np.array([2.0]))) == content((1.0, np.array([2.0])))
    True
    """
    found: Hashable = value
    try:
        hash(value)
    except TypeError:
        found = _of_arrays(value, [] if arrays is None else arrays)
    return found


def _of_arrays(value: Any, arrays: list[np.ndarray]) -> Hashable:
    """Return the content of what is or holds arrays."""
    if isinstance(value, np.ndarray) and value.ndim:
        arrays.append(value)
        return _Numbers(value)
    if isinstance(value, tuple | list):
        return tuple([content(part, arrays) for part in value])
    if isinstance(value, Mapping):
        return tuple([(name, content(part, arrays)) for name, part in value.items()])
    if is_dataclass(value):
        held = [getattr(value, part.name) for part in fields(value)]
        return type(value), tuple([content(part, arrays) for part in held])
    alone: Hashable = value.item()
    return alone


def sealed_bytes(value: Any) -> int:
    """Return the size of the arrays in a value, of which nothing can be overwritten any more.

    Memory that was sealed before is that of another result.
    """
    return sum(_sealed(array) for array in _arrays(value))


def _arrays(value: Any) -> Iterator[np.ndarray]:
    """Yield the arrays that a record holds, or records in a tuple or by name."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)
    elif isinstance(value, Mapping):
        yield from _arrays(tuple(value.values()))
    elif is_dataclass(value):
        yield from _arrays(tuple(vars(value).values()))


def _sealed(array: np.ndarray) -> int:
    """Seal an array with the memory that it is a view of; return the bytes that this took."""
    size = 0 if _is_sealed(array) else array.nbytes
    part: Any = array
    while isinstance(part, np.ndarray):
        part.flags.writeable = False
        part = part.base
    return size


def _is_sealed(array: np.ndarray) -> bool:
    part: Any = array
    while isinstance(part, np.ndarray):
        if part.flags.writeable:
            return False
        part = part.base
    return part is None
