"""Idle sessions on own GPUs: between two calls, a session's prefix stays in the memory left by running requests.

The least recently used prefix is dropped when room is needed. So a prefix is still there if the next call comes
within the time T in which enough others have arrived. Calls come at a rate r; a share e of them is the last of its session
and isn't reused, the others pause for exponential times with mean g:

    r (e T + (1 - e) g (1 - exp(-T / g))) = room,  in prefixes

of which a share 1 - exp(-T / g) is reused. Source: Denning, "The working set model", CACM 11(5), 1968; Che, Tung,
Wang, "Hierarchical web caching systems", IEEE JSAC 20(7), 2002, for one such time for all. Left out: pauses of different
sessions differ more than exponential ones do.
"""

import numpy as np

from planner.arrays import Number
from planner.records import dataclass

_STEPS = 12  # steps of Newton's method, from below on a concave curve: each step stays below the solution
_LEAST = 1e-12


@dataclass(frozen=True)
class Idle:
    """How sessions pause: the mean pause in seconds, and the mean calls of a session. Shape: scalars or (n,)."""

    gap_s: Number
    calls: Number


def kept_share(*, idle: Idle, calls_per_s: Number, room: Number) -> Number:
    """Return the share of later calls that find the previous call's prefix, with room for this many prefixes.

    Shape: all inputs broadcast together. Room is a number of prefixes; that of other memory may be added to it.

    >>> idle = Idle(gap_s=30.0, calls=1e12)  # sessions that never end
    >>> round(float(kept_share(idle=idle, calls_per_s=2.0, room=15.0)), 9)  # 60 wait at a time
    0.25
    """
    gap = np.asarray(idle.gap_s, dtype=float)
    waits = gap > 0
    pause = np.where(waits, gap, 1.0)
    last = 1.0 / np.maximum(np.asarray(idle.calls, dtype=float), 1.0)
    places = np.maximum(room, 0.0) / (
        np.maximum(calls_per_s, _LEAST) * pause
    )  # in prefixes waiting for one pause
    time = np.minimum(places, _longest(places, last))
    for _ in range(_STEPS):
        left = np.exp(-time)
        held = last * time + (1.0 - last) * (1.0 - left)
        time = time + (places - held) / (last + (1.0 - last) * np.maximum(left, _LEAST))
        time = np.minimum(time, _longest(places, last))
    return np.where(waits, -np.expm1(-time), 1.0 * (np.asarray(room) > 0))


def _longest(places: Number, last: Number) -> Number:
    """Return an upper bound of the time, in pauses: as if all prefixes belonged to finished sessions."""
    return np.minimum(places / np.maximum(last, _LEAST), 700.0)
