"""A session as a sequence of calls."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.arrays import Array
from planner.records import dataclass


@dataclass(frozen=True)
class SessionCalls:
    """The calls of a mean session on one deployment, in order; arrays of shape (calls,).

    `reached_share` of sessions get to the call. Of its prompt, `read_tokens` come from the cache, `written_tokens` are written
    to it, `new_tokens` are neither. `usd` is the call's cost by line of the bill; empty on own GPUs.
    """

    mean_calls: float
    reached_share: Array
    compacted: NDArray[np.bool_]
    prompt_tokens: Array
    read_tokens: Array
    written_tokens: Array
    new_tokens: Array
    answer_tokens: float
    usd: Mapping[str, Array]

    @cached_property
    def usd_per_call(self) -> Array:
        """The cost of each call in USD; nan on own GPUs, which are paid by time."""
        if not self.usd:
            return np.full(len(self.reached_share), np.nan)
        total: Array = np.sum(list(self.usd.values()), axis=0)
        return total

    @cached_property
    def mean_usd(self) -> float:
        """The mean cost of a session in USD: each call weighted by the share of sessions that reach it."""
        return float(np.sum(self.reached_share * self.usd_per_call))
