"""Choose the batch of one workload on one self-hosted deployment, within its latency promise."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from planner.arrays import by_word, quotient
from planner.model.kept import Kept
from planner.model.serving.answer_spread import (
    LatencyPromise,
    answer_cv2,
    late_answer_x,
    late_prompt_x,
    promise_of,
    promised_percentile,
)
from planner.model.serving.queueing import rho_max_at_logs
from planner.records import dataclass
from planner.schema import Flags, Number, Workload

if TYPE_CHECKING:
    from planner.model.serving.serving_speed import ServingPoint

BATCHES = np.array(
    [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048], float
)
MOST_AXES = 16  # most axes of the plans; batch sizes are on an axis before them
PATIENT = 1e4  # mean service times that a request without a promise may wait
ONE_ANSWER = 1.0  # a per-token promise doesn't limit the start: it may wait as long as an answer takes
LEAST_PATIENCE = 1e-6
LEAST_UTILISATION = 1e-3
NEARLY_SHORTEST_X = (
    1.1  # if a promise can't be kept: the largest batch within this factor of the shortest time
)


@dataclass(frozen=True)
class Curve:
    """Times of one request at each batch size of a replica, on a leading axis, in seconds.

    `slot_s` is how long a request holds its place in the batch; `possible` says where the batch fits; `room` is how many
    requests have room for their cache. `whole` gives the curve of all batch sizes, where these are the smaller ones.
    """

    batch: NDArray[Any]
    first_token_s: Number
    per_token_s: Number
    answer_s: Number
    slot_s: NDArray[Any]
    possible: NDArray[np.bool_]
    fits: NDArray[np.bool_]
    room: Number
    whole: Callable[[], "Curve"] | None = None


@dataclass(frozen=True)
class ChosenBatch:
    """How one workload runs on one replica of a deployment. Times in seconds; `slot_s` holds a place in the batch.

    `patience` is how long a request may wait, relative to `slot_s`; `floor_s` is the shortest possible value
    of the promised time.
    """

    curve: Curve
    batch: Number
    slot_s: Number
    patience: Number
    met: Flags
    fits: Flags
    floor_s: Number
    percentile: Number
    most_utilisation: Number


@dataclass(frozen=True)
class CallsAsked:
    """One workload's demand on a deployment: calls per second, calls per answer, reasoning tokens per call."""

    calls_per_s: Number
    calls_per_pass: Number = 1.0
    reasoning_tokens: Number = 0.0


@dataclass(frozen=True)
class Running:
    """Times of one request at the concurrency resulting from a load."""

    concurrency: Number
    slot_s: Number
    first_token_s: Number
    per_token_s: Number


def batches(sizes: int = BATCHES.size) -> NDArray[Any]:
    """Return the smallest batch sizes to try, on an axis before those of the plans."""
    return BATCHES[:sizes].reshape(-1, *([1] * MOST_AXES))


def curve(
    point: "ServingPoint",
    *,
    batch: NDArray[Any],
    output_tokens: Number,
    max_concurrency: Number,
    calibration: tuple[Number, Number, Number],
) -> Curve:
    """Return the times at each batch size from the serving model, corrected by a team's own benchmark.

    `calibration` holds measured over predicted throughput, time to first token and time per token. A place is held
    for as long as the throughput implies: time added by client and front end takes no place.
    """
    throughput_x, ttft_x, tpot_x = calibration
    fits = np.asarray(point.fits, dtype=bool)
    first_s, token_s = point.ttft_s * ttft_x, point.tpot_s * tpot_x
    made_s, requests_per_s, there = token_s, point.requests_per_s, point.running
    if not fits.all():
        made_s, requests_per_s, there = (
            np.where(fits, token_s, 0.0), np.where(fits, requests_per_s, 1.0), np.where(fits, there, 1.0)
        )  # fmt: skip
    most = np.maximum(np.minimum(point.max_sequences, max_concurrency), 1.0)
    return Curve(
        batch=batch,
        first_token_s=first_s,
        per_token_s=token_s,
        answer_s=first_s + made_s * np.maximum(output_tokens - 1.0, 0.0),
        slot_s=np.asarray(there / requests_per_s / throughput_x),
        possible=np.asarray((batch <= most) & fits),
        fits=fits,
        room=point.max_sequences,
    )


def choose_batch(workload: Workload, curve: Curve, asked: CallsAsked) -> ChosenBatch:
    """Return the batch with the highest throughput within the latency promise, and its results.

    A larger batch costs less, answers more slowly and so leaves less time to wait: the utilisation that
    keeps the tail of waiting inside the promise falls. What must fit is an answer as long as the promised percentile of
    them; each call of a session has its part of the target. Where no batch keeps the promise, the largest is taken whose
    time is within a tenth of the shortest possible.
    """
    given = promise_of(workload), curve, asked
    return _KEPT.found(given, lambda: _choose_batch(*given))


def _choose_batch(workload: LatencyPromise, curve: Curve, asked: CallsAsked) -> ChosenBatch:
    promised_s = _late_s(workload, curve, asked)
    left_s = _time_left(workload, asked, promised_s=promised_s, slot_s=curve.slot_s)
    kept = np.asarray(curve.possible & (left_s >= 0))
    met, inside = np.asarray(kept.any(axis=0)), kept
    if not met.all():
        nearly = np.asarray(curve.possible & (promised_s <= NEARLY_SHORTEST_X * promised_s[:1]))
        inside = np.where(met, kept, nearly)
    patience = np.where(kept, left_s / curve.slot_s, ONE_ANSWER)
    tried = _worth_trying(inside)
    log_calls = np.log(np.maximum(asked.calls_per_s, np.finfo(float).tiny))
    log_slot_s, log_batch = np.log(curve.slot_s[tried]), np.log(curve.batch[tried])
    use = np.minimum(
        pooled_utilisation(
            log_servers=np.maximum(log_batch, log_calls + log_slot_s),
            log_patience=np.log(np.maximum(patience[tried], LEAST_PATIENCE)),
            ca2=workload.interarrival_cv2,
            cs2=answer_cv2(workload),
            percentile=promised_percentile(workload),
        ),
        _most_utilisation(workload),
    )
    per_slot = np.where(inside[tried], curve.batch[tried] / curve.slot_s[tried], 0.0)
    best = tried[np.asarray(per_slot * use).argmax(axis=0)]

    def chosen(values: NDArray[Any] | float) -> NDArray[Any]:
        return plans(at_batch(values, best))

    return ChosenBatch(
        curve=curve,
        batch=chosen(curve.batch),
        slot_s=chosen(curve.slot_s),
        patience=chosen(patience),
        met=plans(met),
        fits=chosen(curve.fits),
        floor_s=plans(promised_s[0].copy()),
        percentile=promised_percentile(workload),
        most_utilisation=_most_utilisation(workload),
    )


def _worth_trying(inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the indices of the batch sizes that keep the promise in any plan, and of the smallest."""
    worth = np.asarray(inside.reshape(len(inside), -1).any(axis=1))
    worth[0] = True
    return np.flatnonzero(worth)


def running(curve: Curve, *, calls_per_s: Number) -> Running:
    """Return the times at the concurrency resulting from `calls_per_s` to one replica.

    The concurrency r solves r = calls * slot(r); between two batch sizes everything is linear in the calls.
    """
    carried = curve.batch / curve.slot_s
    if curve.whole is not None and np.any(carried[-1] < calls_per_s):
        return running(curve.whole(), calls_per_s=calls_per_s)
    full = np.asarray(carried < calls_per_s)
    above = np.minimum(full.sum(axis=0), len(carried) - 1)
    below = np.maximum(above - 1, 0)
    low, high = at_batch(carried, below), at_batch(carried, above)
    apart = high - low
    part = np.clip(quotient(calls_per_s - low, apart, otherwise=1.0), 0.0, 1.0)

    def between(values: NDArray[Any] | float) -> NDArray[Any]:
        with np.errstate(invalid="ignore"):  # infinite where nothing fits
            return plans(np.asarray((1.0 - part) * at_batch(values, below) + part * at_batch(values, above)))

    slot_s = between(curve.slot_s)
    return Running(
        concurrency=calls_per_s * slot_s,
        slot_s=slot_s,
        first_token_s=between(curve.first_token_s),
        per_token_s=between(curve.per_token_s),
    )


def at_batch(values: NDArray[Any] | float, index: NDArray[np.intp]) -> NDArray[Any]:
    """Return each plan's value at `index` from values by batch size on the leading axis."""
    by_batch = np.asarray(values)
    if by_batch.ndim <= index.ndim or len(by_batch) == 1:
        return by_batch[0] if by_batch.ndim > index.ndim else by_batch
    size = by_batch[0].size
    place = index * size + np.arange(size).reshape(by_batch.shape[1:])
    return np.asarray(by_batch.reshape(-1).take(place))


def plans(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` without unused leading axes, so that it broadcasts like any other number of a plan."""
    axes = next((i for i, length in enumerate(values.shape) if length > 1), values.ndim)
    return np.asarray(values.reshape(values.shape[axes:]))


def pooled_utilisation(
    *, log_servers: Number, log_patience: Number, ca2: Number, cs2: Number, percentile: Number
) -> Number:
    """Return `rho_max` for a share in time that may vary by plan; takes logarithms, like its table."""
    levels = sorted({*np.ravel(percentile).tolist()})
    found = [
        rho_max_at_logs(log_servers=log_servers, log_wait=log_patience, ca2=ca2, cs2=cs2, q=float(level))
        for level in levels
    ]
    if len(found) == 1:
        return found[0]
    return np.select([np.asarray(percentile) == level for level in levels], found)


def _late_s(workload: LatencyPromise, times: Curve, asked: CallsAsked) -> NDArray[Any]:
    """Return the promised time without waiting, for an answer at the promised percentile."""
    late_x = late_answer_x(workload, asked.calls_per_pass)

    def where_it_fits(seconds: Number) -> Number:
        return seconds if times.fits.all() else np.where(times.fits, seconds, 0.0)

    def of(kind: str) -> Number:
        if kind == "per-token":
            return times.per_token_s
        read_s = times.first_token_s * late_prompt_x(workload)
        if kind == "first-token":
            return read_s + where_it_fits(times.per_token_s) * asked.reasoning_tokens * late_x
        made_s = where_it_fits(times.answer_s) - where_it_fits(times.first_token_s)
        return read_s + made_s * late_x

    return np.asarray(by_word(workload.latency, of))


def _time_left(workload: LatencyPromise, asked: CallsAsked, *, promised_s: Number, slot_s: Number) -> Number:
    """Return how long a call may wait; negative if the promise is broken without any wait."""

    def of(kind: str) -> Number:
        if kind == "none":
            return slot_s * PATIENT
        calls = asked.calls_per_pass if kind == "whole-answer" else 1.0
        left_s = workload.latency_target_s / calls - promised_s
        return np.where(left_s >= 0, slot_s * ONE_ANSWER, left_s) if kind == "per-token" else left_s

    return by_word(workload.latency, of)


def _most_utilisation(workload: LatencyPromise) -> Number:
    """Return the share of places that may be busy in the busiest hour; no operator runs a fleet full, promise or not."""
    return np.maximum(workload.batch_utilisation_share, LEAST_UTILISATION)


_KEPT: Kept[ChosenBatch] = Kept(most=256, most_bytes=2**23)
