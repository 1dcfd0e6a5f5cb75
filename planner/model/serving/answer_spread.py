"""The spread of answer lengths: one number for queue, batch and latency."""

import numpy as np

from planner.arrays import Word
from planner.model.time_spread import Z
from planner.records import dataclass
from planner.schema import Number, Workload

PERCENTILES = {"p90": 0.90, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class LatencyPromise:
    """A workload's latency fields, named as there: its promise, and the burstiness and spread of its requests."""

    latency: Word
    latency_target_s: Number
    latency_percentile: Word
    prompt_cv: Number
    output_cv: Number | None
    answer_length_cv2: Number
    interarrival_cv2: Number
    batch_utilisation_share: Number


def promise_of(workload: Workload) -> LatencyPromise:
    """Return a workload's latency fields."""
    return LatencyPromise(**{name: getattr(workload, name) for name in LatencyPromise.__match_args__})


def answer_cv2(workload: Workload | LatencyPromise) -> Number:
    """Return the squared coefficient of variation of answers: of lengths if stated, else of times."""
    if workload.output_cv is None:
        return workload.answer_length_cv2
    return np.square(workload.output_cv)


def promised_percentile(workload: Workload | LatencyPromise) -> Number:
    """Return the promised share of requests."""
    chosen = np.asarray(workload.latency_percentile)
    return np.select([chosen == name for name in PERCENTILES], list(PERCENTILES.values()))


def late_answer_x(workload: Workload | LatencyPromise, answers: Number = 1.0) -> Number:
    """Return the promised percentile of this many lognormal answers relative to their mean.

    Equation: exp(z s - s^2 / 2) with s^2 = ln(1 + cv^2 / answers); at 95 % and a cv^2 of 1.1 one is 2.84.
    """
    return _late_x(workload, answer_cv2(workload) / answers)


def late_prompt_x(workload: Workload | LatencyPromise) -> Number:
    """Return the promised percentile of a prompt relative to the mean; prompts of one session scale together."""
    return _late_x(workload, np.square(workload.prompt_cv))


def _late_x(workload: Workload | LatencyPromise, cv2: Number) -> Number:
    variance = np.log1p(cv2)
    chosen = np.asarray(workload.latency_percentile)
    z = np.select([chosen == name for name in PERCENTILES], [Z[share] for share in PERCENTILES.values()])
    return np.exp(z * np.sqrt(variance) - variance / 2.0)
