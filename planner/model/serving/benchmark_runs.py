"""Benchmark modes: one static batch, arrivals at a rate, and the highest load within latency targets."""

from dataclasses import replace

import numpy as np

from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving import memory
from planner.model.serving.serving_speed import ServingPoint, max_sequences, serve
from planner.model.serving.step import StepCosts, step
from planner.model.serving.step_costs import Placement, step_costs

ENDLESS = 1e9  # requests in an endless run
MOST_OPEN = 1e4  # concurrent requests, if no limit is given
WHOLE = 1.0  # of the memory
_HALVINGS = 10  # bisection steps over concurrency on a log scale: within about 1 %


def prompt_alone_s(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, batch: Number = 1.0,
    constants: Constants = FITTED,
) -> Number:  # fmt: skip
    """Return the time to prefill `batch` prompts in one step while nothing else runs, in seconds."""
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
    """Return the tokens per second of one static batch: all prompts, then all decode steps.

    Requests that don't fit into the cache wait for the next turn. All memory counts, as such runs give it to the engine.
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
    """Return the results of a placement while `requests` arrive at a rate, whatever the concurrency.

    A fluid model: with answer time T, requests pile up for the shorter of T and the arrival period D, and are done
    after D + T. Tokens are made among `open_share` of them in the mean, prompts come upon `met_share`. In an endless
    run this is Little's law. Arrivals faster than prefill wait in addition.
    """
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)

    def at(concurrency: Number) -> ServingPoint:
        return serve(
            llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
            concurrency=np.clip(concurrency, 1.0, MOST_OPEN), constants=constants, costs=costs, client="open", waves=np.inf,
        )  # fmt: skip

    rate = np.asarray(requests_per_s, dtype=float)
    count = np.minimum(requests, ENDLESS)
    coming_s = count / rate
    most = np.minimum(count, MOST_OPEN)
    low, high = np.zeros(rate.shape), np.log(most * np.ones(rate.shape))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        piled = count * open_share(at(np.exp(middle)).service_s, coming_s)
        low, high = (
            np.where(piled > np.exp(middle), middle, low),
            np.where(piled > np.exp(middle), high, middle),
        )
    point = at(np.exp(high))
    found_open = count * met_share(point.service_s, coming_s)
    met = at(found_open)
    first_s = np.where(point.fits, met.ttft_s, 0.0)  # the total time is infinite where nothing fits
    each_s = _prompt_share_s(costs, llm=llm, input_tokens=input_tokens) / placement.copies
    behind_s = np.maximum(count * each_s - coming_s, 0.0) / 2.0
    step_s = np.minimum(found_open, 1.0) * met.tpot_s / 2.0
    reached = np.minimum(count / (coming_s + point.service_s), point.requests_per_s)
    return replace(
        point, requests_per_s=reached, throughput_tokens_per_s=reached * output_tokens,
        ttft_s=met.ttft_s + step_s + behind_s + _chance_wait_s(each_s=each_s, rate=rate, count=count),
        tpot_s=np.maximum(point.service_s - first_s - behind_s, 0.0) / np.maximum(output_tokens - 1.0, 1.0),
    )  # fmt: skip


def _prompt_share_s(costs: StepCosts, *, llm: Llm, input_tokens: Number) -> Number:
    """Return the time of one prompt in steps filled with prompts."""
    full = costs.step_tokens * costs.ranks
    packed = step(
        costs=costs, sequences=0.0, read_tokens=0.0, prompt_tokens=full, prompt_length=input_tokens,
        prompt_read_tokens=memory.read_tokens(llm=llm, context_tokens=input_tokens / 2.0),
    )  # fmt: skip
    return np.asarray(packed.total_s * input_tokens / full)


def _chance_wait_s(*, each_s: Number, rate: Number, count: Number) -> Number:
    """Return how long randomly arriving prompts wait for one another.

    Equation: each / 2 of rho / (1 - rho), Pollaczek and Khinchine's wait of equal services; at most of sqrt(n), which is what
    chance gathers in n arrivals.
    """
    rho = rate * each_s
    busy = np.where(rho < 1.0, rho / np.maximum(1.0 - rho, 1e-9), np.inf)
    return np.asarray(each_s / 2.0 * np.minimum(busy, np.sqrt(count)))


def open_share(answer_s: Number, coming_s: Number) -> Number:
    """Return the mean batch of a decode step, as a share of a run's requests, for evenly spaced equal requests.

    Equation: the open requests rise, stay and fall as a trapezoid; of its square over itself the integrals are
    x (1 - x / 3) with x = T / D up to 1, and 1 - 1 / (3 x) beyond.

    >>> [round(float(open_share(1.0, coming_s)), 4) for coming_s in (2.0, 0.5)]
    [0.4167, 0.8333]
    """
    x = np.asarray(answer_s / np.maximum(coming_s, 1e-12))
    return np.asarray(
        np.where(x <= 1.0, x * (1.0 - np.minimum(x, 1.0) / 3.0), 1.0 - 1.0 / (3.0 * np.maximum(x, 1.0)))
    )


def met_share(answer_s: Number, coming_s: Number) -> Number:
    """Return the mean share of a run's requests that a new one finds in flight: x (1 - x / 2), half of all beyond x = 1."""
    x = np.minimum(answer_s / np.maximum(coming_s, 1e-12), 1.0)
    return np.asarray(x * (1.0 - x / 2.0))


def most_within(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    ttft_limit_s: Number = np.inf, tpot_limit_s: Number = np.inf, service_limit_s: Number = np.inf,
    prefix_hit_share: Number = 0.0, most_open: Number = np.inf, constants: Constants = FITTED,
) -> ServingPoint:  # fmt: skip
    """Return the point of highest concurrency within all limits; if none is, that of a single request.

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
