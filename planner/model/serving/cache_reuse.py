"""Reuse of cached prefixes: the share of prompt tokens still held in tiers of memory when needed again."""

import numpy as np

from planner.arrays import Number
from planner.records import dataclass
from planner.units import BYTES_PER_GB

_HALVINGS = 40
_LONGEST_S = 1e7  # four months: nothing is kept longer


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A tier of memory for cached prefixes: its capacity in tokens, and its bandwidth to the GPUs."""

    capacity_tokens: Number
    gb_per_s: Number = np.inf


@dataclass(frozen=True, kw_only=True)
class Reuse:
    """How prompts recur.

    `shared_share` of prompt tokens are of prefixes that all use, asked for all the time; `returning_share` were asked for before by the same session, half of them within `median_gap_s`, spread as a
    lognormal of `gap_sigma`.
    """

    returning_share: Number
    median_gap_s: Number
    gap_sigma: Number = 1.0
    shared_share: Number = 0.0


def within(*, reuse: Reuse, seconds: Number) -> Number:
    """Return the share of all prompt tokens that are reused within a time.

    >>> round(float(within(reuse=Reuse(returning_share=0.4, median_gap_s=60.0), seconds=60.0)), 3)
    0.2
    """
    place = np.log(np.maximum(seconds, 1e-9) / reuse.median_gap_s) / reuse.gap_sigma
    return np.asarray(reuse.shared_share + reuse.returning_share * _normal_cdf(place))


def kept_s(*, reuse: Reuse, tokens_per_s: Number, capacity_tokens: Number) -> Number:
    """Return how long a prefix stays in an LRU pool.

    Until as many new tokens have arrived as it holds: T with capacity = rate * T * (1 - share reused within T).
    Source: Denning, "The working set model", CACM 11(5), 1968; Che, Tung, Wang, "Hierarchical web caching systems",
    IEEE JSAC 20(7), 2002, for one such time for all.
    """
    low, high = np.zeros(np.shape(capacity_tokens)), np.full(np.shape(capacity_tokens), np.log(_LONGEST_S))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        seconds = np.exp(middle)
        new = tokens_per_s * seconds * (1.0 - within(reuse=reuse, seconds=seconds))
        low, high = (
            np.where(new < capacity_tokens, middle, low),
            np.where(new < capacity_tokens, high, middle),
        )
    return np.asarray(np.exp(high))


def hit_share(*, reuse: Reuse, tokens_per_s: Number, capacity_tokens: Number) -> Number:
    """Return the share of prompt tokens that a pool of this many tokens still holds when they are needed again."""
    seconds = kept_s(reuse=reuse, tokens_per_s=tokens_per_s, capacity_tokens=capacity_tokens)
    return within(reuse=reuse, seconds=seconds)


def tier_hits(*, reuse: Reuse, tokens_per_s: Number, tiers: tuple[Tier, ...]) -> tuple[Number, ...]:
    """Return the share of prompt tokens served by each tier, fastest first, excluding those in faster tiers.

    A tier keeps what faster ones evict: together they are one pool of their total size.
    """
    found: list[Number] = []
    before: Number = 0.0
    held: Number = 0.0
    for tier in tiers:
        held = held + tier.capacity_tokens
        so_far = hit_share(reuse=reuse, tokens_per_s=tokens_per_s, capacity_tokens=held)
        found.append(so_far - before)
        before = so_far
    return tuple(found)


def fetch_s(
    *, hits: tuple[Number, ...], tiers: tuple[Tier, ...], input_tokens: Number, bytes_per_token: Number
) -> Number:
    """Return the time to load a prompt's cached tokens from slower tiers, one after another, in seconds."""
    total: Number = np.zeros(())
    for share, tier in zip(hits, tiers, strict=True):
        total = total + share * input_tokens * bytes_per_token / (np.asarray(tier.gb_per_s) * BYTES_PER_GB)
    return total


def _normal_cdf(x: Number) -> Number:
    """Return the standard normal distribution function to 1e-5, by a rational approximation.

    Source: Zelen and Severo, in Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17.
    """
    t = 1.0 / (1.0 + 0.2316419 * np.abs(x))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-0.5 * np.square(x)) / np.sqrt(2.0 * np.pi) * series
    return np.asarray(np.where(np.asarray(x) > 0, 1.0 - tail, tail))
