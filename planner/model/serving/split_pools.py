"""Split serving: prefill in one pool of GPUs and decode in another, with the KV cache sent between them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.arrays import Flags, pick
from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving import memory
from planner.model.serving.batch_choice import BATCHES
from planner.model.serving.layouts import GpuLayout, laid_out
from planner.model.serving.queueing import erlang_c
from planner.model.serving.serving_speed import drafted, max_sequences, tokens_per_step
from planner.model.serving.step import Step, StepCosts, step
from planner.model.serving.step_costs import Placement, step_costs
from planner.records import dataclass
from planner.units import BYTES_PER_GB

TRANSFER_SHARE = (
    0.6  # share of the network's peak reached by cache transfers. Source: Mooncake docs, PD transfer tables
)
_HALVINGS = 24
_BUSIEST = 0.999  # utilisation of a pool beyond which only Little's law determines the queue


@dataclass(frozen=True, kw_only=True)
class SplitPoint:
    """The joint performance of two pools, over all their GPUs. Shapes broadcast together.

    The two busy shares show which pool is the bottleneck; `transfer_s` is the transfer time of a prompt's cache.
    """

    throughput_tokens_per_s: Number
    requests_per_s: Number
    ttft_s: Number
    tpot_s: Number
    transfer_s: Number
    prefill_busy_share: Number
    decode_batch: Number
    fits: Flags


@dataclass(frozen=True, kw_only=True)
class PromptPool:
    """The prefill pool: workers, ranks per worker, maximum prompts per second, and seconds for an undisturbed prompt.

    `least_s` is `alone_s` plus everything else before a first token.
    """

    workers: Number
    ranks: Number
    most_per_s: Number
    alone_s: Number
    least_s: Number

    def first_s(self, rate: Number) -> Number:
        """Return the seconds until a prompt is prefilled and sent, while `rate` prompts per second arrive at random.

        It waits for half of the running step, if any, and in a queue if all ranks are busy: Erlang's C
        over 2 most (1 - rho), since all prompts take equally long, and each rank prefills its own.
        Source: Allen and Cunneen's approximation of G/G/c with ca^2 = 1 and cs^2 = 0; exact for one rank.
        """
        rho = np.minimum(rate / self.most_per_s, _BUSIEST)
        waits = erlang_c(servers=self.workers * np.asarray(self.ranks, dtype=float), rho=rho)
        running = np.minimum(rate * self.alone_s / self.workers, 1.0)
        queue_s = waits / (2.0 * self.most_per_s * (1.0 - rho))
        return self.least_s + running * self.alone_s / 2.0 + queue_s


def serve_split(
    *, llm: Llm, gpu: Gpu, prefill: Placement, decode: Placement, prefill_workers: Number, decode_workers: Number,
    input_tokens: Number, output_tokens: Number, concurrency: Number, prefix_hit_share: Number = 0.0,
    constants: Constants = FITTED,
) -> SplitPoint:  # fmt: skip
    """Return the performance of `prefill_workers` and `decode_workers` copies at a constant `concurrency`.

    Each placement is for one worker. Prompts fill the steps of their pool; the cache is sent over the network while
    the next layers are computed, so the slower of the two counts; then answers decode in steps without prompts.
    A decode worker's batch is the one that accounts for all concurrent requests (Little's law). A prompt waits for
    the running step, and for others if all ranks of its pool are busy; if prompts arrive faster than prefill,
    the rest queue. The decode pool shows the first token after as many steps as a single pool does.
    Left out: workers that change pools, and queues for a place in the decode batch.
    """
    prompts_per_s, alone_s = _prefill(
        llm, gpu, prefill, input_tokens=input_tokens, prefix_hit_share=prefix_hit_share, constants=constants
    )
    most = prefill_workers * prompts_per_s
    sent_s = transfer_s(llm=llm, gpu=gpu, placement=prefill, input_tokens=input_tokens)
    reading = PromptPool(
        workers=prefill_workers, ranks=prefill.attn_dp, most_per_s=most, alone_s=alone_s,
        least_s=np.maximum(alone_s, sent_s) + pick(constants.client_s, prefill.engine),
    )  # fmt: skip
    room = max_sequences(
        llm=llm, gpu=gpu, placement=decode, context_tokens=input_tokens + output_tokens, constants=constants
    )
    batch, token_s = _balance(
        llm, gpu, decode, input_tokens=input_tokens, output_tokens=output_tokens, workers=decode_workers,
        reading=reading, room=room, concurrency=concurrency, constants=constants,
    )  # fmt: skip
    further = np.maximum(output_tokens - 1.0, 1.0)
    rate = decode_workers * batch / (token_s * further)
    waiting_s = concurrency / np.maximum(rate, 1e-12) - token_s * further
    first_s = np.maximum(waiting_s, reading.first_s(rate))
    steps_s = pick(constants.first_token_steps, decode.engine) * token_s
    burst_s = pick(constants.burst_share, prefill.engine) / 2.0 * concurrency / most
    fits = np.asarray(room) >= 1.0
    return SplitPoint(
        throughput_tokens_per_s=np.where(fits, rate * output_tokens, 0.0),
        requests_per_s=np.where(fits, rate, 0.0),
        ttft_s=np.where(fits, first_s + steps_s + burst_s, np.inf),
        tpot_s=np.where(fits, token_s, np.inf), transfer_s=sent_s,
        prefill_busy_share=rate / most, decode_batch=batch, fits=fits,
    )  # fmt: skip


def _balance(
    llm: Llm, gpu: Gpu, decode: Placement, *, input_tokens: Number, output_tokens: Number, workers: Number,
    reading: PromptPool, room: Number, concurrency: Number, constants: Constants,
) -> tuple[Number, Number]:  # fmt: skip
    """Return the decode worker's batch that accounts for all concurrent requests, and its time per token in seconds."""
    costs = step_costs(llm=llm, gpu=gpu, placement=decode, constants=constants)
    reach = memory.read_tokens(llm=llm, context_tokens=input_tokens + output_tokens / 2.0)
    made, further = tokens_per_step(placement=decode), np.maximum(output_tokens - 1.0, 1.0)
    low, high = np.zeros(np.shape(room)), np.minimum(concurrency / workers, np.maximum(room, 1e-9))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        rate = workers * middle / (_token_s(costs, decode, middle, reach) / made * further)
        over = (rate > reading.most_per_s) | (rate * reading.first_s(rate) + workers * middle > concurrency)
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return high, _token_s(costs, decode, high, reach) / made


def prefill_tokens_per_s(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, prefix_hit_share: Number = 0.0,
    constants: Constants = FITTED,
) -> Number:  # fmt: skip
    """Return the prompt tokens per second, cached ones included, of one worker that only prefills."""
    rate, _ = _prefill(
        llm, gpu, placement, input_tokens=input_tokens, prefix_hit_share=prefix_hit_share, constants=constants
    )
    return rate * input_tokens


def decode_tokens_per_s(
    *,
    llm: Llm,
    gpu: Gpu,
    placement: Placement,
    context_tokens: Number,
    batch: Number,
    constants: Constants = FITTED,
) -> Number:
    """Return the tokens per second of one worker that only decodes a `batch` at a mean context."""
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)
    reach = memory.read_tokens(llm=llm, context_tokens=context_tokens)
    return batch * tokens_per_step(placement=placement) / _token_s(costs, placement, batch, reach)


@dataclass(frozen=True)
class BestSplit:
    """The pools with the most answers per second and GPU: their layouts, and the share of GPUs for prefill."""

    reading: GpuLayout
    making: GpuLayout
    reading_gpu_share: float
    tokens_per_s_per_gpu: float


def best_split(
    *, llm: Llm, gpu: Gpu, placement: Placement, tried: Sequence[GpuLayout], input_tokens: float, output_tokens: float,
    prefix_hit_share: float = 0.0, tpot_limit_s: Number = np.inf, constants: Constants = FITTED,
) -> BestSplit | None:  # fmt: skip
    """Return the layouts of two pools with the highest joint throughput per GPU; None if no layout fits the model.

    Pool sizes are balanced: with r prefills and m decodes per second and GPU, a pair
    answers 1 / (1/r + 1/m). The decode pool's batches are the largest that keep the time per token.
    """
    whole = laid_out(placement, tried)
    room = max_sequences(
        llm=llm, gpu=gpu, placement=whole, context_tokens=input_tokens + output_tokens, constants=constants
    )
    setting: dict[str, Any] = {"llm": llm, "gpu": gpu, "placement": whole, "constants": constants}
    read = prefill_tokens_per_s(**setting, input_tokens=input_tokens, prefix_hit_share=prefix_hit_share)
    batch = np.minimum(BATCHES.reshape(-1, 1), np.maximum(np.asarray(room), 1.0))
    made = decode_tokens_per_s(**setting, context_tokens=input_tokens + output_tokens / 2.0, batch=batch)
    made = np.where((batch / made <= tpot_limit_s) & (np.asarray(room) >= 1.0), made, 0.0).max(axis=0)
    reads = np.where(np.asarray(room) >= 1.0, read, 0.0) / input_tokens / whole.gpus
    makes = made / output_tokens / whole.gpus
    r, m = int(np.argmax(reads)), int(np.argmax(makes))
    if not (reads[r] > 0 and makes[m] > 0):
        return None
    share = float(makes[m] / (reads[r] + makes[m]))
    return BestSplit(tried[r], tried[m], share, float(share * reads[r] * output_tokens))


def transfer_s(*, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number) -> Number:
    """Return the time to send a prompt's cache over the network, from all GPUs that hold a part, in seconds."""
    each = memory.cache_bytes_per_gpu(llm=llm, kv=placement.kv, context_tokens=input_tokens, tp=placement.tp)
    return each / (gpu.network_gb_per_s * BYTES_PER_GB * TRANSFER_SHARE) / placement.pp


def _prefill(
    llm: Llm,
    gpu: Gpu,
    placement: Placement,
    *,
    input_tokens: Number,
    prefix_hit_share: Number,
    constants: Constants,
) -> tuple[Number, Number]:
    """Return the prompts per second of a worker with full prefill steps, and the seconds for a single prompt."""
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)
    new = np.maximum(input_tokens * (1.0 - np.asarray(prefix_hit_share)), 1.0)
    reach = memory.read_tokens(llm=llm, context_tokens=input_tokens - new / 2.0)
    budget = costs.step_tokens * placement.attn_dp

    def reading_s(tokens: Number) -> Number:
        return _overlapped_s(
            costs,
            step(
                costs=costs, sequences=0.0, read_tokens=0.0, prompt_tokens=tokens, prompt_length=new,
                prompt_read_tokens=reach,
            ),
        )  # fmt: skip

    alone_s = reading_s(np.minimum(new * placement.attn_dp, budget))
    return budget / new / reading_s(budget), alone_s * np.ceil(new / costs.step_tokens)


def _token_s(costs: StepCosts, placement: Placement, batch: Number, reach: Number) -> Number:
    """Return the seconds of a decode step for `batch` sequences, including drafts and their verification."""
    ahead = drafted(placement=placement)
    plain = step(costs=costs, sequences=batch, read_tokens=reach, tokens_per_sequence=1.0 + ahead)
    return _overlapped_s(costs, plain) * (1.0 + ahead * placement.draft_cost_share)


def _overlapped_s(costs: StepCosts, one: Step) -> Number:
    """Return a step of two half batches, one sending while the other computes, if attention has ranks.

    The exposed part of the shorter time remains, as between memory reads and compute.
    Source: DeepSeek-V3 report, arXiv 2412.19437, section 3.2.1; SGLang, "two-batch overlap".
    """
    rest = one.total_s - one.communication_s
    hidden = (1.0 - costs.exposed_share) * np.minimum(one.communication_s, rest)
    return one.total_s - np.where(np.asarray(costs.ranks) > 1.0, hidden, 0.0)
