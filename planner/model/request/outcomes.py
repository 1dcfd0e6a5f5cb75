"""From answers to outcomes: retries, semantic cache, people."""

from collections.abc import Mapping

import numpy as np

from planner.arrays import quotient
from planner.model.handed_on import Tries
from planner.records import dataclass
from planner.schema import Number

NEVER_SHARE = 1e-100  # rarer events count as never and can't be divided by
NEARLY_CERTAIN_SHARE = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Tried:
    """The result of several attempts: success of the whole request, calls and checks."""

    success: Number
    attempts: Number


def verified_retries(
    *, success: Number, attempts: Number, true_accept: Number, false_accept: Number, alike_share: Number
) -> Tried:
    """Return success and expected number of attempts when a verifier decides, up to `attempts` times.

    A single attempt is accepted unchecked. From two on: `a = p t + (1 - p) fp`, success
    `(1 - (1 - a)^n) p t / a`, attempts `(1 - (1 - a)^n) / a`: more attempts never exceed the precision
    ceiling `p t / a`. On a share of items every attempt has the same result.
    Source: cost-of-pass and resampling limits, evidence formula retry_verified.

    >>> tried = verified_retries(success=0.5, attempts=2, true_accept=1.0, false_accept=0.0, alike_share=0.0)
    >>> float(tried.success), float(tried.attempts)
    (0.75, 1.5)
    """
    tries = np.asarray(attempts, dtype=float)
    if (tries <= 1).all():
        return Tried(success=success, attempts=1.0)
    accept = success * true_accept + (1.0 - success) * false_accept
    accepted, mean_tries = _geometric(accept, tries)
    right, right_tries = _geometric(true_accept, tries)
    _, wrong_tries = _geometric(false_accept, tries)
    precision = quotient(success * true_accept, accept, otherwise=0.0)
    mixed = (1.0 - alike_share) * accepted * precision + alike_share * success * right
    mean = (1.0 - alike_share) * mean_tries + alike_share * (
        success * right_tries + (1.0 - success) * wrong_tries
    )
    once = tries <= 1
    return Tried(success=np.where(once, success, mixed), attempts=np.where(once, 1.0, mean))


COUNTED_TRIES = 3  # counted one by one; the rest form one group


def tries(
    *, success: Number, attempts: Number, true_accept: Number, false_accept: Number, alike_share: Number
) -> tuple[Tries, ...]:
    """Return the distribution of attempts in groups: one, two, three, and more.

    Equation: try k is the last with chance `(1 - a)^(k-1) a`, the n-th for all that are left; `a` as in `verified_retries`,
    and for items that end the same on every try the verifier's own rates.
    """
    most = np.asarray(attempts, dtype=float)
    if (most <= 1).all():
        return (Tries(1.0, 1.0, 0.0),)
    accept = success * true_accept + (1.0 - success) * false_accept
    mixed = (
        (1.0 - alike_share, accept),
        (alike_share * success, true_accept),
        (alike_share * (1.0 - success), false_accept),
    )

    def last(number: int) -> Number:
        """Return the share of requests for which this attempt is the last."""
        total: Number = 0.0
        for share, accepted in mixed:
            here = np.power(1.0 - accepted, number - 1) * np.where(number < most, accepted, 1.0)
            total = total + share * np.where(number <= most, here, 0.0)
        return total

    counted = int(most.max())
    found = [Tries(last(number), float(number), 0.0) for number in range(1, min(counted, COUNTED_TRIES) + 1)]
    if counted > COUNTED_TRIES:
        found.append(_grouped({number: last(number) for number in range(COUNTED_TRIES + 1, counted + 1)}))
    return tuple(found)


def _grouped(shares: Mapping[int, Number]) -> Tries:
    """Return requests with different numbers of attempts as one group."""
    share = sum(shares.values(), start=np.asarray(0.0))
    safe = np.where(share > 0, share, 1.0)
    mean = sum((number * each for number, each in shares.items()), start=np.asarray(0.0)) / safe
    square = sum((number * number * each for number, each in shares.items()), start=np.asarray(0.0)) / safe
    return Tries(share, mean, np.maximum(square - mean * mean, 0.0))


def _geometric(accept: Number, tries: Number) -> tuple[Number, Number]:
    """Return the probability that one of `tries` is accepted, and the expected number made; exact for tiny ones too."""
    likely = np.asarray(accept, dtype=float)
    accepted = np.where(
        likely < 1.0, -np.expm1(tries * np.log1p(-np.minimum(likely, NEARLY_CERTAIN_SHARE))), 1.0
    )
    some = likely > NEVER_SHARE
    return accepted, np.where(some, accepted / np.where(some, likely, 1.0), tries)


def with_semantic_cache(*, success: Number, hit_share: Number, wrong_share: Number) -> Number:
    """Return success when a share of requests reuses an earlier answer, sometimes wrongly."""
    return success * (1.0 - hit_share * wrong_share)


def with_people(*, success: Number, person_share: Number, person_success_share: Number) -> Number:
    """Return success after people handle a share of the failures."""
    return success + (1.0 - success) * person_share * person_success_share
