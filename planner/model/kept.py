"""Cache the most recent results by the numbers they were computed from."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Kept(Generic[T]):
    """The most recent results, keyed by the content of all their inputs, since names and memory may be reused.

    `most_bytes` limits the memory used, keys included.
    """

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._one_at_a_time = Lock()

    def found(self, given: Any, compute: Callable[[], T]) -> T:
        """Return `compute(given)`, from the cache if possible."""
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
    """An array's content as a key: hashed by its ends, compared in full. A read-only array needs no copy."""

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
    """Return a hashable key for a value's content: equal only if everything in it is equal.

    The arrays in it are added to `arrays`.

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
    """Return the content key of an array or of a record that holds arrays."""
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
    """Make the arrays in a value read-only and return their size in bytes.

    Memory that was already read-only belongs to another result.
    """
    return sum(_sealed(array) for array in _arrays(value))


def _arrays(value: Any) -> Iterator[np.ndarray]:
    """Yield the arrays in a record, or in a tuple or mapping of records."""
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
    """Make an array and its base memory read-only; return the bytes newly sealed."""
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
