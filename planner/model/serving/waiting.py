"""How many requests wait, and how long, at a fleet's actual utilisation."""

import numpy as np

from planner.model.serving.queueing import peakedness
from planner.schema import Number
from planner.schema.ranges import normal_cdf

_ROOT_TWO_PI = np.sqrt(2 * np.pi)
_THINNEST = 1e-280  # smallest density that can be divided by without overflow


def waits_and_mean_s(
    *, servers: Number, rho: Number, slot_s: Number, ca2: Number, cs2: Number
) -> tuple[Number, Number]:
    """Return the share of requests that wait, and their mean wait; infinite at a utilisation of 1 or more.

    The probability of waiting is Halfin and Whitt's limit for the Hayward-shrunk pool; the tail is
    exponential as in `queueing.wait_tail`. Shape: broadcast.
    Source: Halfin and Whitt, Operations Research 29(3), 1981.
    """
    spare = np.maximum(1.0 - np.asarray(rho, dtype=float), 0.0)
    beta = spare * np.sqrt(np.maximum(servers / peakedness(ca2=ca2), 1.0))
    density = np.exp(-0.5 * beta * beta) / _ROOT_TWO_PI
    waits = 1.0 / (1.0 + beta * normal_cdf(beta) / np.maximum(density, _THINNEST))
    free = np.asarray(servers * spare, dtype=float)
    scale = (ca2 + cs2) / (2.0 * np.where(free > 0, free, 1.0))
    return waits, np.where(free > 0, slot_s * scale, np.inf)
