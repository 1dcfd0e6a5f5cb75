"""One session: the calls that one request takes, each with a longer prompt than the last.

Call i of N has a prompt of `first + (i - 1) * growth` tokens. When that would exceed the limit, the history is compacted:
the prompt restarts at the compacted length and grows as before. N is 1 + M, where M is fixed, or lognormal with the
given mean and spread. Between the first call, a compaction and a price step, prompts grow linearly,
so a session is a few runs of calls with sums in closed form: exact at the steps, and no loop over calls.

Equations: a run of L calls after k others holds X = clip(M - k, 0, L) of them. Its calls are E[X], its prompts
`q E[X] + g E[X (X - 1)] / 2` for a first prompt q and a growth g. With C1(k) = E[(M - k)+] and C2(k) = E[(M - k)+^2],
E[X] = C1(k) - C1(k + L) and E[X^2] = C2(k) - C2(k + L) - 2 L C1(k + L). A fixed fractional number lies on the
same parabola. For a varying number, the first compactions are counted one by one; a session that continues after them
ends uniformly between two compactions.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from planner.arrays import Flags, Number
from planner.model.request import later_calls
from planner.model.request.later_calls import Calls, Moments
from planner.records import dataclass

COUNTED_COMPACTIONS = 6
NO_GROWTH_TOKENS = 1e-9
WHOLE = 1e-9  # a ratio this close below a whole number counts as that number


@dataclass(frozen=True)
class Growth:
    """Growth of a session's prompt in tokens; `compact_at` 0 means never. Shape: scalars or (n,)."""

    first_tokens: Number
    added_tokens: Number
    compact_at_tokens: Number = 0.0
    compact_to_tokens: Number = 0.0

    @property
    def compacts(self) -> bool:
        """Whether any plan has a limit."""
        return bool(np.any(np.asarray(self.compact_at_tokens) > 0))


@dataclass(frozen=True)
class PriceBand:
    """A session's expected calls with prompts between two price steps. Shape: that of the session.

    `compactions` are the calls whose prompt was shortened before. `first_tokens` and `prefix_tokens` are parts of `prompt_tokens`: the prompt of the very first call, and what stood in the
    prompt of the call before, so that a cache may hold it.
    """

    calls: Number
    prompt_tokens: Number
    first_tokens: Number
    prefix_tokens: Number
    compactions: Number

    def __add__(self, other: "PriceBand") -> "PriceBand":
        """Return the calls of both."""
        return PriceBand(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.first_tokens + other.first_tokens,
            self.prefix_tokens + other.prefix_tokens,
            self.compactions + other.compactions,
        )

    def times(self, count: Number) -> "PriceBand":
        """Return it multiplied by a factor."""
        return PriceBand(
            self.calls * count,
            self.prompt_tokens * count,
            self.first_tokens * count,
            self.prefix_tokens * count,
            self.compactions * count,
        )


@dataclass(frozen=True)
class _Run:
    """A run of calls: calls of M before it, its most calls, its first prompt, and 1 if that is compacted."""

    before: Number
    length: Number
    prompt_tokens: Number
    compacted: Number


def bands(calls: Calls, growth: Growth, steps: Sequence[float] = ()) -> tuple[PriceBand, ...]:
    """Return a session's expected calls and tokens between price steps, shortest prompts first.

    A prompt exactly as long as a step is below it.

    >>> (band,) = bands(Calls(10.0), Growth(1_220.0, 70.0))
    >>> float(band.calls), float(band.prompt_tokens), float(band.prefix_tokens)
    (10.0, 15350.0, 13500.0)
    """
    later = later_bands(calls, growth, steps)
    return tuple(
        one + other for one, other in zip(first_bands(growth.first_tokens, steps), later, strict=True)
    )


def first_bands(first_tokens: Number, steps: Sequence[float]) -> tuple[PriceBand, ...]:
    """Return the first call of each session between price steps."""
    first = np.asarray(first_tokens, dtype=float)
    found = []
    for low, high in pairwise(_edges(steps)):
        here = np.where((first > low) & (first <= high), 1.0, 0.0)
        found.append(PriceBand(here, here * first, here * first, 0.0 * here, 0.0 * here))
    return tuple(found)


def later_bands(calls: Calls, growth: Growth, steps: Sequence[float] = ()) -> tuple[PriceBand, ...]:
    """Return the expected calls after the first between price steps."""
    edges = _edges(steps)
    grows = np.maximum(np.asarray(growth.added_tokens, dtype=float), NO_GROWTH_TOKENS)
    second = np.asarray(growth.first_tokens, dtype=float) + grows
    length = _room(growth, second, grows)
    number, spread = later_calls.fixed(calls.later), None
    if np.any(calls.varies):
        spread = later_calls.lognormal(calls)
        number = later_calls.where(calls.varies, spread.moments, number)
    total = _sums(_Run(0.0, length, second, 0.0), edges, grows, number)
    if not growth.compacts:
        return total
    again, end = _after_compaction(growth, grows), length
    if spread is not None:
        for each in _counted(again, length, calls.varies):
            total = _added(total, _sums(each, edges, grows, number))
            end = each.before + each.length
    goes_on = 1.0 if spread is None else np.where(calls.varies, spread.above(end), 1.0)
    return _added(
        total, _rest(again, edges, grows, left=number(end)[0], goes_on=goes_on, varies=calls.varies)
    )


def _edges(steps: Sequence[float]) -> list[float]:
    return [-np.inf, *map(float, steps), np.inf]


def _counted(again: _Run, before: Number, varies: Flags) -> Iterator[_Run]:
    """Yield the runs between compactions that are counted one by one; none for a fixed number of calls."""
    length = np.where(varies, again.length, 0.0)
    for number in range(COUNTED_COMPACTIONS):
        yield _Run(before + number * length, length, again.prompt_tokens, again.compacted)


def _after_compaction(growth: Growth, grows: Number) -> _Run:
    """Return the run between two compactions, as if it were the first; at least one call, unreachable without a limit."""
    start = np.minimum(np.asarray(growth.compact_to_tokens, dtype=float), growth.compact_at_tokens)
    room = np.where(np.asarray(growth.compact_at_tokens) > 0, _room(growth, start, grows), 0.0)
    return _Run(0.0, np.maximum(room, 1.0), start, 1.0)


def _room(growth: Growth, prompt_tokens: Number, grows: Number) -> Number:
    """Return the number of calls that fit under the limit, starting with this prompt."""
    limit = np.asarray(growth.compact_at_tokens, dtype=float)
    room = np.floor((limit - prompt_tokens) / grows + WHOLE) + 1.0
    return np.where(limit > 0, np.maximum(room, 0.0), np.inf)


def _sums(run: _Run, edges: Sequence[float], grows: Number, number: Moments) -> tuple[PriceBand, ...]:
    """Return the expected calls and tokens in a run, by prompt length, for this number of later calls.

    Moments are taken at the run's start and end, and at price steps within it.
    """
    begun, ended = number(run.before), number(run.before + run.length)
    skipped, reached = [np.zeros_like(np.asarray(run.length)), run.length], [begun, ended]
    for edge in reversed(edges[1:-1]):
        cut = np.clip(np.floor((edge - run.prompt_tokens) / grows + WHOLE) + 1.0, 0.0, run.length)
        inside = np.any((cut > 0) & (cut < run.length))
        at = number(run.before + cut) if inside else _chosen(cut > 0, ended, begun)
        skipped.insert(1, cut)
        reached.insert(1, at)
    starts: Number = 0.0
    if np.any(run.compacted):
        starts = (begun[0] - number(run.before + np.minimum(run.length, 1.0))[0]) * run.compacted
    return tuple(
        _between(run, ends, moments, grows, starts=np.where(np.asarray(ends[0]) == 0, starts, 0.0))
        for ends, moments in zip(pairwise(skipped), pairwise(reached), strict=True)
    )


def _chosen(flags: Flags, one: tuple[Number, Number], other: tuple[Number, Number]) -> tuple[Number, Number]:
    return np.where(flags, one[0], other[0]), np.where(flags, one[1], other[1])


def _between(
    run: _Run, ends: tuple[Number, Number], reached: tuple[tuple[Number, Number], tuple[Number, Number]], grows: Number,
    *, starts: Number,
) -> PriceBand:  # fmt: skip
    """Return the part of a run between two of its calls; `starts` of them start it with a compacted prompt."""
    skipped, end = ends
    (one, one_square), (two, two_square) = reached
    some = np.asarray(end) > skipped
    whole = np.where(np.isfinite(end) & some, end, skipped) - skipped
    count = np.where(some, np.maximum(one - two, 0.0), 0.0)
    square = np.where(some, np.maximum(one_square - two_square - 2.0 * whole * two, 0.0), 0.0)
    growth = grows * (square - count) / 2.0
    first = run.prompt_tokens + np.where(some, skipped, 0.0) * grows
    begins = np.where(some, starts, 0.0)
    return PriceBand(
        calls=count,
        prompt_tokens=first * count + growth,
        first_tokens=0.0 * count,
        prefix_tokens=(first - grows) * (count - begins) + growth,
        compactions=begins,
    )


def _rest(
    again: _Run, edges: Sequence[float], grows: Number, *, left: Number, goes_on: Number, varies: Flags
) -> tuple[PriceBand, ...]:
    """Return the calls after the counted compactions: whole runs between compactions, and a partial one.

    `left` later calls are expected there, in a share `goes_on` of sessions. A fixed number determines where it ends.
    """
    rounds = left / again.length
    begun = np.where(varies, goes_on / 2.0, rounds - np.floor(rounds + WHOLE))
    part = later_calls.where(
        varies, later_calls.evenly(again.length), later_calls.fixed(np.maximum(begun * again.length, 0.0))
    )
    whole = _sums(again, edges, grows, later_calls.fixed(again.length))
    partial = _sums(again, edges, grows, part)
    return tuple(
        one.times(rounds - begun) + other.times(goes_on) for one, other in zip(whole, partial, strict=True)
    )


def _added(one: Sequence[PriceBand], other: Sequence[PriceBand]) -> tuple[PriceBand, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
