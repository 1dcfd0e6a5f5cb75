"""How much answers differ in length: one number for queue, batch and latency."""

import numpy as np

from planner.model.time_spread import Z
from planner.schema import Number, Workload

PERCENTILES = {"p90": 0.90, "p95": 0.95, "p99": 0.99}


def answer_cv2(workload: Workload) -> Number:
    """Return the squared variation of answers: that of their lengths where it is stated, else that of their times."""
    if workload.output_cv is None:
        return workload.answer_length_cv2
    return np.square(workload.output_cv)


def promised_percentile(workload: Workload) -> Number:
    """Return the share of requests that the promise is kept for."""
    chosen = np.asarray(workload.latency_percentile)
    return np.select([chosen == name for name in PERCENTILES], list(PERCENTILES.values()))


def late_answer_x(workload: Workload, answers: Number = 1.0) -> Number:
    """Return how much longer than the mean so many answers at the promised percentile are, lengths being lognormal.

    Equation: exp(z s - s^2 / 2) with s^2 = ln(1 + cv^2 / answers); at 95 % and a cv^2 of 1.1 one is 2.84.
    """
    return _late_x(workload, answer_cv2(workload) / answers)


def late_prompt_x(workload: Workload) -> Number:
    """Return how much longer than the mean a prompt at the promised percentile is; those of one session go together."""
    return _late_x(workload, np.square(workload.prompt_cv))


def _late_x(workload: Workload, cv2: Number) -> Number:
    variance = np.log1p(cv2)
    chosen = np.asarray(workload.latency_percentile)
    z = np.select([chosen == name for name in PERCENTILES], [Z[share] for share in PERCENTILES.values()])
    return np.exp(z * np.sqrt(variance) - variance / 2.0)
