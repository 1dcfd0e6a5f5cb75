"""Idle sessions on own GPUs: between two calls a session's prefix waits in the memory that running requests leave.

A prefix is dropped when the room is needed and nothing was used longer ago. So it is still there if the next call comes
within the time T in which so many others have come in. Calls come at a rate r; a share e of them is the last of its session
and waits for nobody, the others for pauses that are exponential with mean g:

    r (e T + (1 - e) g (1 - exp(-T / g))) = room,  in prefixes

of which a share 1 - exp(-T / g) is found again. Source: Denning, "The working set model", CACM 11(5), 1968; Che, Tung,
Wang, "Hierarchical web caching systems", IEEE JSAC 20(7), 2002, for one such time for all. Left out: pauses of different
sessions differ more than exponential ones do.
"""

import numpy as np

from planner.arrays import Number
from planner.records import dataclass

_STEPS = 12  # of Newton's method, from below on a curve that bends down: each step stays below the answer
_LEAST = 1e-12


@dataclass(frozen=True)
class Idle:
    """How sessions pause: the mean pause in seconds, and the mean calls of a session. Shape: scalars or (n,)."""

    gap_s: Number
    calls: Number


def kept_share(*, idle: Idle, calls_per_s: Number, room: Number) -> Number:
    """Return the share of later calls that find the prefix of the call before, with room for so many prefixes.

    Shape: all inputs broadcast together. The room is a number: what other memory holds may be added to it.

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
    )  # in prefixes that wait for one pause
    time = np.minimum(places, _longest(places, last))
    for _ in range(_STEPS):
        left = np.exp(-time)
        held = last * time + (1.0 - last) * (1.0 - left)
        time = time + (places - held) / (last + (1.0 - last) * np.maximum(left, _LEAST))
        time = np.minimum(time, _longest(places, last))
    return np.where(waits, -np.expm1(-time), 1.0 * (np.asarray(room) > 0))


def _longest(places: Number, last: Number) -> Number:
    """Return a time, in pauses, that is never reached: were all prefixes those of sessions that are over."""
    return np.minimum(places / np.maximum(last, _LEAST), 700.0)
