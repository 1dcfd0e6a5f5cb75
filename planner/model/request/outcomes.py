"""From answers to outcomes: retries, semantic cache, people."""

import numpy as np

from planner.records import dataclass
from planner.schema import Number

NEVER_SHARE = 1e-100  # what happens more seldom never happens, and can't be divided by
NEARLY_CERTAIN_SHARE = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Tried:
    """What attempts lead to: success of the whole request, calls and checks made on the way."""

    success: Number
    attempts: Number


def verified_retries(
    *, success: Number, attempts: Number, true_accept: Number, false_accept: Number, alike_share: Number
) -> Tried:
    """Return success and expected tries when a verifier decides, at most `attempts` times.

    One attempt is taken unchecked. From two on: `a = p t + (1 - p) fp`, success
    `(1 - (1 - a)^n) p t / a`, tries `(1 - (1 - a)^n) / a`: more tries never pass the precision
    ceiling `p t / a`. On a share of items every try ends the same.
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
    precision = _over(success * true_accept, accept)
    mixed = (1.0 - alike_share) * accepted * precision + alike_share * success * right
    mean = (1.0 - alike_share) * mean_tries + alike_share * (
        success * right_tries + (1.0 - success) * wrong_tries
    )
    once = tries <= 1
    return Tried(success=np.where(once, success, mixed), attempts=np.where(once, 1.0, mean))


def _geometric(accept: Number, tries: Number) -> tuple[Number, Number]:
    """Return the chance that one of `tries` is accepted, and the expected number made; exact for tiny chances too."""
    likely = np.asarray(accept, dtype=float)
    accepted = np.where(
        likely < 1.0, -np.expm1(tries * np.log1p(-np.minimum(likely, NEARLY_CERTAIN_SHARE))), 1.0
    )
    some = likely > NEVER_SHARE
    return accepted, np.where(some, accepted / np.where(some, likely, 1.0), tries)


def _over(numerator: Number, denominator: Number) -> Number:
    safe = np.where(np.asarray(denominator) > 0, denominator, 1.0)
    return np.where(np.asarray(denominator) > 0, numerator / safe, 0.0)


def with_semantic_cache(*, success: Number, hit_share: Number, wrong_share: Number) -> Number:
    """Return the success of requests of which a share reuses an earlier answer, some of them wrongly."""
    return success * (1.0 - hit_share * wrong_share)


def with_people(*, success: Number, person_share: Number, person_success_share: Number) -> Number:
    """Return the success after people take a share of the failures."""
    return success + (1.0 - success) * person_share * person_success_share
