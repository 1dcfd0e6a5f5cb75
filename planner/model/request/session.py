"""One session: the calls that one request takes, each with a longer prompt than the one before.

Call i of N has a prompt of `first + (i - 1) * growth` tokens. Where that would pass the limit, the history is compacted:
the prompt starts again at the compacted length and grows as before. N is 1 + M, where M is fixed, or lognormal with the
mean and spread that are given. Between the first call, a compaction and a price step prompts grow along a straight line,
so a session is a few runs of calls with sums in closed form: exact at the steps, and no loop over calls.

Equations: a run of L calls after k others holds X = clip(M - k, 0, L) of them. Its calls are E[X], its prompts
`q E[X] + g E[X (X - 1)] / 2` for a first prompt q and a growth g. With C1(k) = E[(M - k)+] and C2(k) = E[(M - k)+^2],
E[X] = C1(k) - C1(k + L) and E[X^2] = C2(k) - C2(k + L) - 2 L C1(k + L). A fixed number that is no whole one lies on the
same parabola.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from planner.arrays import Number
from planner.model.normal import cdf
from planner.records import dataclass

MOST_COMPACTIONS = 48  # counted one by one; what comes later is spread as one run between compactions is
COUNTED_SPREADS = (
    4.0  # standard deviations of the logarithm up to which compactions are counted: all but 1 in 30,000
)
NO_GROWTH_TOKENS = 1e-9
WHOLE = 1e-9  # a ratio this close below a whole number is one


@dataclass(frozen=True)
class Calls:
    """How many calls a session has: their mean, 1 or more, and standard deviation over mean. Shape: scalars or (n,)."""

    mean: Number
    cv: Number = 0.0


@dataclass(frozen=True)
class Growth:
    """How the prompt of a session grows, in tokens; `compact_at` 0 stands for never. Shape: scalars or (n,)."""

    first_tokens: Number
    added_tokens: Number
    compact_at_tokens: Number = 0.0
    compact_to_tokens: Number = 0.0


@dataclass(frozen=True)
class PriceBand:
    """The expected calls of a session whose prompts lie between two price steps. Shape: that of the session.

    `first_tokens` and `prefix_tokens` are parts of `prompt_tokens`: the prompt of the very first call, and what stood in the
    prompt of the call before, so that a cache may hold it.
    """

    calls: Number
    prompt_tokens: Number
    first_tokens: Number
    prefix_tokens: Number


@dataclass(frozen=True)
class _Run:
    """Calls in a row: how many of M come before, how many it has at most, its first prompt, 1 where that is compacted."""

    before: Number
    length: Number
    prompt_tokens: Number
    compacted: Number


def bands(calls: Calls, growth: Growth, steps: Sequence[float] = ()) -> tuple[PriceBand, ...]:
    """Return the expected calls and tokens of a session between price steps, shortest prompts first.

    A prompt as long as a step lies below it.

    >>> (band,) = bands(Calls(10.0), Growth(1_220.0, 70.0))
    >>> float(band.calls), float(band.prompt_tokens), float(band.prefix_tokens)
    (10.0, 15350.0, 13500.0)
    """
    edges = [-np.inf, *map(float, steps), np.inf]
    grows = np.maximum(np.asarray(growth.added_tokens, dtype=float), NO_GROWTH_TOKENS)
    first = np.asarray(growth.first_tokens, dtype=float)
    compacts = bool(np.any(np.asarray(growth.compact_at_tokens) > 0))
    runs = [*_runs(calls, growth, grows, compacts=compacts)]
    out = []
    for low, high in pairwise(edges):
        here = np.where((first > low) & (first <= high), 1.0, 0.0)
        band = PriceBand(
            calls=here, prompt_tokens=here * first, first_tokens=here * first, prefix_tokens=0.0 * here
        )
        for run in runs:
            band = _sum(band, _expected(calls, _between(run, low, high, grows), grows))
        out.append(_sum(band, _later(calls, growth, grows, (low, high))) if compacts else band)
    return tuple(out)


def _runs(calls: Calls, growth: Growth, grows: Number, *, compacts: bool) -> Iterator[_Run]:
    """Yield the runs after the first call: up to the first compaction, and from each one to the next."""
    second = np.asarray(growth.first_tokens, dtype=float) + grows
    length = _room(growth, second, grows)
    yield _Run(np.zeros_like(length), length, second, np.zeros_like(length))
    if not compacts:
        return
    again = _after_compaction(growth, grows)
    counted = _compactions(calls, growth, grows)
    for number in range(int(np.max(counted))):
        here = np.where(number < counted, again.length, 0.0)
        yield replace(again, before=length + number * again.length, length=here)


def _after_compaction(growth: Growth, grows: Number) -> _Run:
    """Return the run from one compaction to the next, as if it were the first; at least one call."""
    start = np.minimum(np.asarray(growth.compact_to_tokens, dtype=float), growth.compact_at_tokens)
    length = np.maximum(_room(growth, start, grows), 1.0)
    return _Run(np.zeros_like(length), length, start, np.ones_like(length))


def _room(growth: Growth, prompt_tokens: Number, grows: Number) -> Number:
    """Return how many calls fit under the limit, the first of them with this prompt."""
    limit = np.asarray(growth.compact_at_tokens, dtype=float)
    room = np.floor((limit - prompt_tokens) / grows + WHOLE) + 1.0
    return np.where(limit > 0, np.maximum(room, 0.0), np.inf)


def _compactions(calls: Calls, growth: Growth, grows: Number) -> Number:
    """Return how many compactions are counted one by one: all but those of the longest sessions; none of a fixed number."""
    cv = np.asarray(calls.cv, dtype=float)
    length = _room(growth, growth.first_tokens + grows, grows)
    longest = np.asarray(calls.mean) * np.exp(COUNTED_SPREADS * np.sqrt(np.log1p(cv * cv))) - length
    most = np.clip(np.ceil(longest / _after_compaction(growth, grows).length), 0, MOST_COMPACTIONS)
    return np.where(cv > 0, most, 0.0)


def _between(run: _Run, low: float, high: float, grows: Number) -> _Run:
    """Return the calls of a run whose prompts are longer than `low` and at most `high`."""
    skipped, end = (np.clip(_up_to(run, edge, grows), 0.0, run.length) for edge in (low, high))
    whole = np.where(np.isfinite(skipped), skipped, 0.0)
    return _Run(
        before=run.before + skipped,
        length=np.where(end > skipped, end - whole, 0.0),
        prompt_tokens=run.prompt_tokens + whole * grows,
        compacted=run.compacted * (skipped == 0),
    )


def _up_to(run: _Run, edge: float, grows: Number) -> Number:
    """Return how many calls of a run have prompts of at most `edge` tokens."""
    return np.floor((edge - run.prompt_tokens) / grows + WHOLE) + 1.0


def _expected(calls: Calls, run: _Run, grows: Number) -> PriceBand:
    """Return what a session is expected to have of a run."""
    one, two = _reached(calls, run.before), _reached(calls, run.before + run.length)
    count = np.maximum(one[0] - two[0], 0.0)
    whole = np.where(np.isfinite(run.length), run.length, 0.0)
    square = np.maximum(one[1] - two[1] - 2.0 * whole * two[0], 0.0)
    growth = grows * (square - count) / 2.0
    begins = (one[0] - _reached(calls, run.before + np.minimum(run.length, 1.0))[0]) * run.compacted
    prompt = run.prompt_tokens * count + growth
    prefix = (run.prompt_tokens - grows) * (count - begins) + growth
    return PriceBand(calls=count, prompt_tokens=prompt, first_tokens=0.0 * count, prefix_tokens=prefix)


def _reached(calls: Calls, k: Number) -> tuple[Number, Number]:
    """Return E[(M - k)+] and E[(M - k)+^2]; both 0 where k is infinite.

    Source: partial moments of a lognormal variable, E[M^j; M > k] = mu^j exp(j (j - 1) s^2 / 2) Phi(d + j s) with
    d = (ln(mu / k) - s^2 / 2) / s.
    """
    mean = np.maximum(np.asarray(calls.mean, dtype=float) - 1.0, 0.0)
    deviation = np.asarray(calls.cv, dtype=float) * np.asarray(calls.mean, dtype=float)
    finite = np.isfinite(k)
    k = np.where(finite, k, 0.0)
    over = np.maximum(mean - k, 0.0) * finite
    varies = (deviation > 0) & (mean > 0)
    if not np.any(varies):
        return over, over * over
    variance = np.log1p(np.square(deviation / np.where(varies, mean, 1.0)))
    s = np.sqrt(np.where(varies, variance, 1.0))
    d = (np.log(np.where(varies, mean, 1.0) / np.maximum(k, 1e-12)) - s * s / 2.0) / s
    above, first, second = cdf(d), mean * cdf(d + s), mean * mean * np.exp(s * s) * cdf(d + 2.0 * s)
    c1 = np.maximum(first - k * above, 0.0) * finite
    c2 = np.maximum(second - 2.0 * k * first + k * k * above, 0.0) * finite
    return np.where(varies, c1, over), np.where(varies, c2, over * over)


def _later(calls: Calls, growth: Growth, grows: Number, edges: tuple[float, float]) -> PriceBand:
    """Return the calls after the compactions that are counted one by one.

    Of a fixed number that is whole rounds between compactions and a begun one; else the mean of the rounds that are left.
    """
    number = _compactions(calls, growth, grows)
    again = _after_compaction(growth, grows)
    end = _room(growth, growth.first_tokens + grows, grows) + number * again.length
    left = np.where(np.isfinite(end), _reached(calls, end)[0], 0.0) / again.length
    begun = np.where(np.asarray(calls.cv) > 0, 0.0, left - np.floor(left + WHOLE))
    part = _between(again, *edges, grows)
    whole = _expected(_fixed(again.length), part, grows)
    return _sum(_times(whole, left - begun), _expected(_fixed(begun * again.length), part, grows))


def _fixed(later_calls: Number) -> Calls:
    """Return a session of a fixed number of calls after its first one."""
    return Calls(mean=1.0 + np.maximum(later_calls, 0.0))


def _times(band: PriceBand, rounds: Number) -> PriceBand:
    return PriceBand(
        band.calls * rounds,
        band.prompt_tokens * rounds,
        band.first_tokens * rounds,
        band.prefix_tokens * rounds,
    )


def _sum(one: PriceBand, other: PriceBand) -> PriceBand:
    return PriceBand(
        one.calls + other.calls,
        one.prompt_tokens + other.prompt_tokens,
        one.first_tokens + other.first_tokens,
        one.prefix_tokens + other.prefix_tokens,
    )
