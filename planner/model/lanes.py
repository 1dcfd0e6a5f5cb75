"""One workload on one self-hosted deployment: the batch that its latency promise allows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.catalog.hardware import Gpu, Llm
from planner.model.queueing import rho_max_fast
from planner.model.serving import Placement, serve
from planner.schema import Flags, Number, Workload

BATCHES = np.array(
    [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048], float
)
PERCENTILES = {"p90": 0.90, "p95": 0.95, "p99": 0.99}
MOST_AXES = 16  # of plans: the batches stand on an axis of their own before them
PATIENT = 1e4  # mean services that a request without promise may wait
ONE_ANSWER = 1.0  # a promise per token says nothing of the start: it may wait as long as an answer takes


@dataclass(frozen=True)
class Lane:
    """How one workload runs on one replica of a deployment. Times in seconds; `slot_s` holds a place in the batch.

    `patience` is the time that a request may wait, over `slot_s`; `floor_s` the shortest possible time
    of what is promised.
    """

    batch: Number
    slot_s: Number
    answer_s: Number
    first_token_s: Number
    per_token_s: Number
    patience: Number
    met: Flags
    fits: Flags
    floor_s: Number
    percentile: Number
    most_utilisation: Number


def lane(
    workload: Workload,
    *,
    llm: Llm,
    gpu: Gpu,
    placement: Placement,
    max_concurrency: Number,
    calibration: tuple[Number, Number, Number],
    input_tokens: Number,
    output_tokens: Number,
    calls_per_s: Number,
) -> Lane:
    """Return the batch with the highest throughput inside the latency promise, and what follows from it.

    Every batch size of a grid is tried on a leading axis: a larger batch costs less, answers more slowly
    and so leaves less time to wait; utilisation follows from what is left. `calibration` holds measured
    over predicted throughput, time to first token and time per token.
    """
    batch = BATCHES.reshape(-1, *([1] * MOST_AXES))
    point = serve(
        llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
        concurrency=batch, prefix_hit_share=workload.cache.prefix_hit_share,
    )  # fmt: skip
    throughput_x, ttft_x, tpot_x = calibration
    first_s, token_s = point.ttft_s * ttft_x, point.tpot_s * tpot_x
    answer_s = first_s + token_s * np.maximum(output_tokens - 1.0, 0.0)
    fits = np.asarray(point.fits, dtype=bool)
    slot_s = np.where(fits, point.service_s, 1.0) / throughput_x
    possible = (batch <= np.maximum(np.minimum(point.max_sequences, max_concurrency), 1.0)) & fits
    promised_s = _promised(workload, first_s=first_s, token_s=token_s, answer_s=answer_s)
    left_s = _time_left(workload, promised_s=promised_s, slot_s=slot_s)
    inside = possible & (left_s >= 0)
    patience = np.where(possible, np.where(inside, np.maximum(left_s, 0.0) / slot_s, ONE_ANSWER), 0.0)
    percentile = _percentile(workload)
    use = np.minimum(
        utilisation(
            servers=np.maximum(batch, calls_per_s * np.where(possible, slot_s, 0.0)),
            patience=np.maximum(patience, 1e-6), workload=workload, percentile=percentile,
        ),
        _most_utilisation(workload),
    )  # fmt: skip
    rate = np.where(inside, batch / np.where(possible, slot_s, 1.0) * use, 0.0)
    best = rate.argmax(axis=0)[None]  # the smallest batch where none meets the promise

    def chosen(values: NDArray[Any] | float) -> NDArray[Any]:
        return _plans(np.take_along_axis(np.broadcast_to(values, rate.shape), best, axis=0)[0])

    return Lane(
        batch=chosen(batch), slot_s=chosen(slot_s), answer_s=chosen(answer_s), first_token_s=chosen(first_s),
        per_token_s=chosen(token_s), patience=chosen(patience), met=_plans(np.asarray(inside.any(axis=0))),
        fits=chosen(fits), floor_s=_plans(np.asarray(promised_s)[0]), percentile=percentile,
        most_utilisation=_most_utilisation(workload),
    )  # fmt: skip


def _plans(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` without the unused axes in front, so that it broadcasts like any other number of a plan."""
    axes = next((i for i, length in enumerate(values.shape) if length > 1), values.ndim)
    return values.reshape(values.shape[axes:])


def utilisation(*, servers: Number, patience: Number, workload: Workload, percentile: Number) -> Number:
    """Return the utilisation that keeps the tail of the wait inside `patience` mean services."""
    return pooled_utilisation(
        servers=servers, patience=patience, ca2=workload.interarrival_cv2, cs2=workload.answer_length_cv2,
        percentile=percentile,
    )  # fmt: skip


def pooled_utilisation(
    *, servers: Number, patience: Number, ca2: Number, cs2: Number, percentile: Number
) -> Number:
    """Return `rho_max` where the share in time may differ from plan to plan."""
    levels = np.unique(np.asarray(percentile))
    found = [
        rho_max_fast(servers=servers, wait_over_service=patience, ca2=ca2, cs2=cs2, q=float(level))
        for level in levels
    ]
    if len(found) == 1:
        return found[0]
    return np.select([np.asarray(percentile) == level for level in levels], found)


def _promised(workload: Workload, *, first_s: Number, token_s: Number, answer_s: Number) -> Number:
    """Return the time, without waiting, of what the promise is about."""
    kind = np.asarray(workload.latency)
    return np.where(kind == "first-token", first_s, np.where(kind == "per-token", token_s, answer_s))


def _time_left(workload: Workload, *, promised_s: Number, slot_s: Number) -> Number:
    """Return how long a request may wait; below 0 where the promise is broken without any wait."""
    kind = np.asarray(workload.latency)
    left_s = workload.latency_target_s - promised_s
    per_token = np.where(left_s >= 0, slot_s * ONE_ANSWER, left_s)
    return np.where(kind == "none", slot_s * PATIENT, np.where(kind == "per-token", per_token, left_s))


def _most_utilisation(workload: Workload) -> Number:
    return np.where(np.asarray(workload.latency) == "none", workload.batch_utilisation_share, 1.0)


def _percentile(workload: Workload) -> Number:
    chosen = np.asarray(workload.latency_percentile)
    return np.select([chosen == name for name in PERCENTILES], list(PERCENTILES.values()))
