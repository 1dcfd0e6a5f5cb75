"""Which of many plans nothing beats: the exact Pareto front."""

import numpy as np
from numpy.typing import NDArray

from planner.schema import Array

_STRONG = 8  # plans that are good overall, which clear most others away before the exact pass


def pareto(costs: Array) -> NDArray[np.intp]:
    """Return the plans that no other is at least as good as in everything, by their index, in rising order.

    `costs` has shape (plans, metrics), all to be small; of equal plans the first counts. Plans are taken in the
    order of their first metric, ties by the next, so that a plan is only ever beaten by one before it; each that is
    taken removes all that it beats.

    >>> pareto(np.array([[1.0, 4.0], [2.0, 2.0], [2.0, 3.0], [4.0, 1.0], [2.0, 2.0]])).tolist()
    [0, 1, 3]
    """
    left = np.arange(len(costs))
    if not left.size:
        return left
    for strong in _strong(costs):
        beaten = (costs[left] >= strong).all(axis=1) & (costs[left] > strong).any(axis=1)
        left = left[~beaten]
    order = np.lexsort(costs[left].T[::-1])
    left, rows = left[order], costs[left][order]
    kept: list[int] = []
    while left.size:
        kept.append(int(left[0]))
        worse = (rows >= rows[0]).all(axis=1)
        left, rows = left[~worse], rows[~worse]
    return np.sort(np.array(kept, dtype=np.intp))


def _strong(costs: Array) -> Array:
    """Return a few plans that are good in several ways."""
    low, high = costs.min(axis=0), costs.max(axis=0)
    scaled = (costs - low) / np.where(high > low, high - low, 1.0)
    count = costs.shape[1]
    weights = np.concatenate([np.ones((1, count)), 1.0 + 9.0 * np.eye(count), 1.0 + 2.0 * np.eye(count)])
    best = np.unique([int((scaled @ weight).argmin()) for weight in weights[:_STRONG]])
    return np.asarray(costs[best])
