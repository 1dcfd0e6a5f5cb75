"""Ways to run a placement that benchmarks use: one static batch, arrivals at a rate, the most that meets a latency target."""

from dataclasses import replace

import numpy as np

from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving import memory
from planner.model.serving.serving_speed import ServingPoint, max_sequences, serve
from planner.model.serving.step import step
from planner.model.serving.step_costs import Placement, step_costs

MOST_OPEN = 1e4  # requests open at once, where no limit is given
WHOLE = 1.0  # of the memory
_HALVINGS = 10  # of a search over concurrency in powers: the answer is within about 1 %


def prompt_alone_s(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, batch: Number = 1.0,
    constants: Constants = FITTED,
) -> Number:  # fmt: skip
    """Return the time to read `batch` prompts in one step while nothing else runs."""
    reach = memory.read_tokens(llm=llm, context_tokens=input_tokens / 2.0)
    return step(
        costs=step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants),
        sequences=0.0, read_tokens=0.0, prompt_tokens=batch * input_tokens, prompt_length=input_tokens,
        prompt_read_tokens=reach,
    ).total_s  # fmt: skip


def static_batch_tokens_per_s(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number, batch: Number,
    constants: Constants = FITTED,
) -> Number:  # fmt: skip
    """Return the tokens per second of one batch that starts and ends together: all prompts, then all steps.

    What does not fit into the cache waits for the next turn. The whole memory counts: such runs give an engine all.
    """
    whole = replace(placement, memory_share=WHOLE)
    room = max_sequences(
        llm=llm, gpu=gpu, placement=whole, context_tokens=input_tokens + output_tokens, constants=constants
    )
    batch = np.where(room >= 1.0, np.minimum(batch, np.maximum(room, 1.0)), batch)
    prompt_s = prompt_alone_s(
        llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, batch=batch, constants=constants
    )
    reach = memory.read_tokens(llm=llm, context_tokens=input_tokens + output_tokens / 2.0)
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)
    step_s = step(costs=costs, sequences=batch, read_tokens=reach).total_s
    return batch * output_tokens / (prompt_s + np.maximum(output_tokens - 1.0, 0.0) * step_s)


def serve_rate(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    requests_per_s: Number, requests: Number = np.inf, constants: Constants = FITTED,
) -> ServingPoint:  # fmt: skip
    """Return what a placement does while `requests` arrive at a rate, whatever is open.

    The concurrency is the one that serves the rate (Little's law). A rate above what can be served leaves a queue
    that grows until all requests have come: over such a run half of what is left at its end is open in the mean.
    """
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)

    def at(concurrency: Number) -> ServingPoint:
        return serve(
            llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
            concurrency=concurrency, constants=constants, costs=costs, client="open",
        )  # fmt: skip

    rate = np.asarray(requests_per_s, dtype=float)
    top = at(np.minimum(requests, MOST_OPEN))
    most = np.maximum(top.requests_per_s, 1e-12)
    low, high = np.zeros(rate.shape), np.log(np.minimum(requests, MOST_OPEN) * np.ones(rate.shape))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        short = at(np.exp(middle)).requests_per_s < rate
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    left = np.where(rate > most, np.minimum(requests, MOST_OPEN) * (1.0 - most / rate) / 2.0, 0.0)
    point = at(np.where(rate > most, np.maximum(left, 1.0), np.exp(high)))
    waiting_s = np.where(rate > most, left / most, 0.0)
    reached = _achieved(requests=requests, rate=np.minimum(rate, most), answer_s=point.service_s)
    return replace(
        point, ttft_s=np.maximum(point.ttft_s, waiting_s), requests_per_s=reached,
        throughput_tokens_per_s=reached * output_tokens,
    )  # fmt: skip


def _achieved(*, requests: Number, rate: Number, answer_s: Number) -> Number:
    """Return the requests per second of a whole run: the last one still has its answer to come when all have started.

    >>> round(float(_achieved(requests=200.0, rate=1.0, answer_s=10.0)), 3)
    0.952
    """
    endless = np.isinf(np.asarray(requests, dtype=float))
    count = np.where(endless, 1.0, requests)
    finite = count / (count / np.maximum(rate, 1e-12) + np.where(np.isfinite(answer_s), answer_s, 0.0))
    return np.where(endless, rate, finite)


def most_within(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    ttft_limit_s: Number = np.inf, tpot_limit_s: Number = np.inf, service_limit_s: Number = np.inf,
    prefix_hit_share: Number = 0.0, most_open: Number = np.inf, constants: Constants = FITTED,
) -> ServingPoint:  # fmt: skip
    """Return the point of highest concurrency that keeps all limits; where none does, a single open request.

    Up to the sequences that fit: more would only wait. Compare the point's times with the limits to see whether
    the targets can be met at all.
    """
    room = max_sequences(
        llm=llm,
        gpu=gpu,
        placement=placement,
        context_tokens=input_tokens + output_tokens,
        constants=constants,
    )
    top = np.log(np.maximum(np.minimum(room, most_open), 1.0))
    low, high = np.zeros_like(top), top
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)

    def at(log_concurrency: Number) -> ServingPoint:
        return serve(
            llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
            concurrency=np.exp(log_concurrency), prefix_hit_share=prefix_hit_share, constants=constants, costs=costs,
        )  # fmt: skip

    for turn in range(_HALVINGS):
        middle = high if turn == 0 else (low + high) / 2.0
        point = at(middle)
        keeps = (
            (np.asarray(point.ttft_s) <= ttft_limit_s)
            & (np.asarray(point.tpot_s) <= tpot_limit_s)
            & (np.asarray(point.service_s) <= service_limit_s)
        )
        low, high = np.where(keeps, middle, low), np.where(keeps, high, middle)
    return at(low)
