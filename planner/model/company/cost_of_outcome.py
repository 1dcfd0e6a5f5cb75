"""The cost of an outcome: total cost of requests over successes, and when the dearer choice pays off."""

import numpy as np

from planner.schema import Number

NOTHING = 1e-100  # smaller amounts count as zero and can't be divided by


def ratio(numerator: Number, denominator: Number) -> Number:
    """Return a quotient; nan if the denominator is not above 0, or negligibly small."""
    some = np.asarray(denominator) > NOTHING
    if some.all():
        return numerator / denominator
    return np.where(some, numerator / np.where(some, denominator, 1.0), np.nan)


def total_usd(*, usd_per_request: Number, success: Number, failure_usd: Number) -> Number:
    """Return the cost of one request including its risk of failure: `C + (1 - p) F`."""
    return usd_per_request + (1.0 - success) * failure_usd


def cost_of_pass_usd(*, usd_per_request: Number, success: Number) -> Number:
    """Return the cost of pass `C / p`; nan if nothing succeeds. Source: Erol et al., Cost-of-Pass, arXiv:2504.13359."""
    return ratio(usd_per_request, success)


def break_even_failure_usd(
    *, cheap_usd: Number, cheap_success: Number, dear_usd: Number, dear_success: Number
) -> Number:
    """Return the failure cost above which the dearer, better choice pays off: `(C2 - C1) / (p2 - p1)`.

    nan if the dearer choice is not better, so it never pays off.

    >>> round(float(break_even_failure_usd(cheap_usd=0.1, cheap_success=0.9, dear_usd=1.0, dear_success=0.95)), 9)
    18.0
    """
    gain = np.asarray(dear_success - cheap_success, dtype=float)
    safe = np.where(gain > NOTHING, gain, 1.0)
    return np.where(gain > NOTHING, (dear_usd - cheap_usd) / safe, np.nan)
