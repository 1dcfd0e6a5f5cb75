"""Serving speed of a placement at each batch size, computed once per set of inputs."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from planner.catalog.fitted import FITTED
from planner.catalog.hardware import Gpu, Llm
from planner.model.kept import Kept
from planner.model.serving import batch_choice
from planner.model.serving.idle_sessions import Idle, kept_share
from planner.model.serving.room import idle_prefixes
from planner.model.serving.serving_speed import Placement, ServingPoint, max_sequences, serve
from planner.model.serving.step_costs import step_costs
from planner.schema import Array, Number

AT_ONCE = 2**15  # numbers that fit in the processor's cache while a few batch sizes of all plans are computed
KEPT_CURVES, KEPT_BYTES = 64, 2**23  # one curve of 8,192 plans has 6 MB

Numbers = tuple[Number, ...]


def curve(
    llm: Llm,
    gpu: Gpu,
    placement: Placement,
    request: Numbers,
    limits: Numbers,
    *,
    session: Numbers = (0.0, 1.0),
    sizes: int | None = None,
) -> batch_choice.Curve:
    """Return the curve of a placement for (input tokens, output tokens, cached share) and (batch, calibration).

    `session` is (mean pause, calls): the cached share is limited by the room available while sessions pause. `sizes` is
    the number of batch sizes computed, smallest first; by default those that some plan may run, and all of them once
    a load needs more. Most edits leave a curve unchanged, so recent ones are cached by all their inputs.
    """
    given = (llm, gpu, placement, request, limits)
    return _KEPT.found((given, session, sizes), lambda: served(*given, session=session, sizes=sizes))


def served(
    llm: Llm,
    gpu: Gpu,
    placement: Placement,
    request: Numbers,
    limits: Numbers,
    *,
    session: Numbers = (0.0, 1.0),
    sizes: int | None = None,
) -> batch_choice.Curve:
    """Return the curve for the same arguments as `curve`, without the cache."""
    given, every = (llm, gpu, placement, request, limits), batch_choice.BATCHES.size
    if sizes is None:
        sizes = _sizes_run(*given)
    whole = partial(curve, *given, session=session, sizes=every) if sizes < every else None
    found = _served(*given, sizes=sizes)
    if np.any(np.asarray(session[0]) > 0):
        kept = kept_share(
            idle=Idle(*session),
            calls_per_s=found.batch / found.slot_s,
            room=idle_prefixes(sequences=found.room, batch=found.batch),
        )
        input_tokens, output_tokens, hits = request
        found = _served(llm, gpu, placement, (input_tokens, output_tokens, hits * kept), limits, sizes=sizes)
    return replace(found, whole=whole)


def _sizes_run(llm: Llm, gpu: Gpu, placement: Placement, request: Numbers, limits: Numbers) -> int:
    """Return the number of batch sizes up to the largest that memory and limit of any plan allow."""
    room = max_sequences(llm=llm, gpu=gpu, placement=placement, context_tokens=request[0] + request[1])
    most = float(np.max(np.minimum(room, limits[0])))
    return max(int(np.searchsorted(batch_choice.BATCHES, most, side="right")), 1)


def _served(
    llm: Llm, gpu: Gpu, placement: Placement, request: Numbers, limits: Numbers, *, sizes: int
) -> batch_choice.Curve:
    """Return the curve for a given cached share of prompts, possibly by batch size."""
    input_tokens, output_tokens, hits = request
    max_concurrency, *factors = (_of_sizes(each, sizes) for each in limits)
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=FITTED)
    batches, shares = batch_choice.batches(sizes), np.asarray(hits)
    by_batch = shares.ndim > batch_choice.MOST_AXES
    plans = (input_tokens, output_tokens, shares[0] if by_batch else shares, *vars(costs).values())
    rows = max(AT_ONCE // math.prod(np.broadcast_shapes(*(np.shape(each) for each in plans))), 1)
    points = [
        serve(
            llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
            concurrency=batches[start : start + rows],
            prefix_hit_share=shares[start : start + rows] if by_batch else shares, costs=costs,
        )
        for start in range(0, len(batches), rows)
    ]  # fmt: skip
    throughput_x, ttft_x, tpot_x = factors
    return batch_choice.curve(
        points[0] if len(points) == 1 else _joined(points),
        batch=batches,
        output_tokens=output_tokens,
        max_concurrency=max_concurrency,
        calibration=(throughput_x, ttft_x, tpot_x),
    )


def _of_sizes(value: Number, sizes: int) -> Number:
    """Return the smallest sizes of a value that varies by batch size; else the value itself."""
    return value[:sizes] if isinstance(value, np.ndarray) and value.ndim > batch_choice.MOST_AXES else value


def _joined(points: Sequence[ServingPoint]) -> ServingPoint:
    """Return the batch-dependent parts of successive batch sizes, joined."""

    def all_of(name: str) -> Array:
        parts = [np.asarray(getattr(each, name)) for each in points]
        shape = np.broadcast_shapes(*(each.shape[1:] for each in parts))
        return np.concatenate([np.broadcast_to(each, (len(each), *shape)) for each in parts])

    return replace(
        points[0],
        ttft_s=all_of("ttft_s"),
        tpot_s=all_of("tpot_s"),
        running=all_of("running"),
        requests_per_s=all_of("requests_per_s"),
    )


_KEPT: Kept[batch_choice.Curve] = Kept(most=KEPT_CURVES, most_bytes=KEPT_BYTES)
