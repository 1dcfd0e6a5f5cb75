"""The headings of the list of moves; moves under the same heading compare by one number."""

import math
from collections.abc import Callable, Iterable

from planner.analysis.moves.judged import Footing, Group, Move

Heading = tuple[str, Group, Footing | None]  # title, and its moves: a group, and one footing or any

HEADINGS: tuple[Heading, ...] = (
    ("Free wins", "free win", None),
    ("Trade-offs on what the plan states", "trade-off", "what is stated"),
    ("Trade-offs that rest on defaults", "trade-off", "defaults"),
    ("Trade-offs that lose at what a failure costs in this plan", "trade-off", "a loss"),
    ("Trade-offs with smaller gains, of month 1 only", "trade-off", "month 1"),
    ("Not worth it", "not worth it", None),
    ("Break a promise or a rule, or don't fit", "can't be", None),
)
_ALWAYS = 2  # headings shown even if empty, since that is an answer


def place(move: Move) -> int:
    """Return the index of a move's heading."""
    return next(
        at
        for at, (_, group, footing) in enumerate(HEADINGS)
        if group == move.group and footing in (None, move.footing)
    )


def under_headings(
    found: Iterable[Move], *, gain: Callable[[Move], float] | None = None
) -> list[tuple[str, list[Move]]]:
    """Return each heading with its moves, ranked by `gain` or in order; empty headings only if that is news."""
    under: list[list[Move]] = [[] for _ in HEADINGS]
    for move in found:
        under[place(move)].append(move)
    if gain is not None:
        for each in under:
            each.sort(key=lambda move: _last_if_unknown(gain(move)))
    return [
        (words, each)
        for at, ((words, *_), each) in enumerate(zip(HEADINGS, under, strict=True))
        if each or at < _ALWAYS
    ]


def _last_if_unknown(gain: float) -> float:
    return math.inf if math.isnan(gain) else -gain
