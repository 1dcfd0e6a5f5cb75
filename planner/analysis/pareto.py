"""The exact Pareto front of many plans."""

import numpy as np
from numpy.typing import NDArray

from planner.schema import Array

_STRONG = 8  # good all-round plans that eliminate most others before the exact pass


def pareto(costs: Array) -> NDArray[np.intp]:
    """Return the indices of the plans that no other matches or beats in everything, in rising order.

    `costs` has shape (plans, metrics), lower is better; of equal plans the first counts. Plans are processed in the
    order of their first metric, ties by the next, so that a plan can only be beaten by an earlier one; each plan
    kept removes all that it beats.

    >>> pareto(np.array([[1.0, 4.0], [2.0, 2.0], [2.0, 3.0], [4.0, 1.0], [2.0, 2.0]])).tolist()
    [0, 1, 3]
    """
    left, columns = np.arange(len(costs)), np.ascontiguousarray(costs.T)
    if not left.size:
        return left
    for strong in _strong(columns):
        kept = _not_beaten(columns, strong, or_equal=True)
        left, columns = left[kept], columns[:, kept]
    order = np.lexsort(columns[::-1])
    left, columns = left[order], columns[:, order]
    front: list[int] = []
    while left.size:
        front.append(int(left[0]))
        kept = _not_beaten(columns, columns[:, 0], or_equal=False)
        left, columns = left[kept], columns[:, kept]
    return np.sort(np.array(front, dtype=np.intp))


def _not_beaten(columns: Array, plan: Array, *, or_equal: bool) -> NDArray[np.bool_]:
    """Return which plans are better than `plan` in something, or equal to it."""
    worse = columns[0] >= plan[0]
    same = columns[0] == plan[0]
    for column, value in zip(columns[1:], plan[1:], strict=True):
        worse &= column >= value
        if or_equal:
            same &= column == value
    return np.asarray(~worse | same if or_equal else ~worse)


def _strong(columns: Array) -> Array:
    """Return a few plans that are good in several ways."""
    low = columns.min(axis=1, keepdims=True)
    span = columns.max(axis=1, keepdims=True) - low
    scaled = (columns - low) / np.where(span > 0, span, 1.0)
    count = len(columns)
    weights = np.concatenate([np.ones((1, count)), 1.0 + 9.0 * np.eye(count)])
    best = np.unique([int((weight @ scaled).argmin()) for weight in weights[:_STRONG]])
    return np.asarray(columns[:, best].T)
