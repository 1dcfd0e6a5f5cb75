"""Which tier answers: chosen by a router, or escalated through a cascade."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from planner.records import dataclass
from planner.schema import Number


@dataclass(frozen=True)
class Routed:
    """The result of routing one attempt: success, calls to each tier, checks by the verifier."""

    success: Number
    calls: tuple[Number, ...]
    checks: Number


def gap_recovered(*, share: Number, k: Number) -> Number:
    """Return the share of the quality gap that a router recovers with a share of calls to the strong model.

    `1 - (1 - f)^k`, k = APGR / (1 - APGR); k = 1 is a random router.
    Source: fit to 21 rows of RouteLLM, arXiv:2406.18665 Tables 1-4.

    >>> float(gap_recovered(share=0.5, k=1.0)), float(gap_recovered(share=1.0, k=3.0))
    (0.5, 1.0)
    """
    return 1.0 - np.power(1.0 - np.asarray(share, dtype=float), k)


def route(*, success: Sequence[Number], shares: Sequence[Number], k: Number) -> Routed:
    """Return the result of a router over tiers, smallest first.

    `shares[i]` of the requests that reach choice i go on to tier i + 1 or later; more than two tiers
    compose from the last pair back.
    """
    quality = success[-1]
    for below, share in zip(reversed(success[:-1]), reversed(shares), strict=True):
        quality = below + (quality - below) * gap_recovered(share=share, k=k)
    calls: list[Number] = []
    reaching: Number = 1.0
    for share in shares:
        calls.append(reaching * (1.0 - share))
        reaching = reaching * share
    return Routed(success=quality, calls=(*calls, reaching), checks=0.0)


def cascade(
    *, success: Sequence[Number], true_accept: Number, false_accept: Number, hard_item_retention: Number
) -> Routed:
    """Return the result of a cascade: each tier answers, and a verifier passes what it rejects to the next.

    Rejected: `e = p (1 - t) + (1 - p) (1 - fp)`. The next tier meets harder items: where this tier
    fails it succeeds with `h` times its own rate, and where this tier is right with what keeps its
    overall rate. The last tier's answers are accepted unchecked.
    Source: evidence formula cascade_cost; h from joint results on MMLU, finding rt-joint-mmlu.
    """
    reaching: Number = 1.0
    solved: Number = 0.0
    checks: Number = 0.0
    here = success[0]
    calls: list[Number] = [reaching]
    for tier, following in pairwise(success):
        right_rejected = here * (1.0 - true_accept)
        wrong_rejected = (1.0 - here) * (1.0 - false_accept)
        rejected = right_rejected + wrong_rejected
        overall = np.minimum(following * _ratio(here, tier, 1.0), 1.0)
        on_wrong = hard_item_retention * overall
        on_right = np.clip(_ratio(overall - (1.0 - here) * on_wrong, here, 0.0), 0.0, 1.0)
        solved = solved + reaching * here * true_accept
        checks = checks + reaching
        reaching = reaching * rejected
        here = _ratio(right_rejected * on_right + wrong_rejected * on_wrong, rejected, 0.0)
        calls.append(reaching)
    return Routed(success=solved + reaching * here, calls=tuple(calls), checks=checks)


def _ratio(numerator: Number, denominator: Number, otherwise: float) -> Number:
    safe = np.where(np.asarray(denominator) > 0, denominator, 1.0)
    return np.where(np.asarray(denominator) > 0, numerator / safe, otherwise)
