"""Segments in words: who takes most of the cost, and what is earned or lost on each of them."""

import numpy as np

from planner.model import SegmentResult
from planner.readout.samples import number
from planner.units import show

_EVEN = 1e-9  # shares of tenths that differ by less are alike


def heaviest_tenth_text(each: SegmentResult) -> str:
    """Return what the heaviest tenth of a segment takes and brings; empty where all use alike."""
    shares = np.asarray(each.tenths.cost_share, dtype=float).reshape(-1)
    if not np.isfinite(shares).all() or np.ptp(shares) < _EVEN:
        return ""
    usd = number(np.asarray(each.tenths.margin_usd_per_customer)[..., -1])
    verb = "loses" if usd < 0 else "earns"
    each_usd = show(abs(usd), "usd")
    return f"the heaviest tenth takes {shares[-1]:.0%} of the cost and {verb} {each_usd} each a month"
