"""Split serving: prompts are read by one pool of GPUs and answers made by another, with the cache sent between them."""

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
    0.6  # of the network's peak that transfers of cache reach. Source: Mooncake docs, PD transfer tables
)
_HALVINGS = 24
_BUSIEST = 0.999  # of a pool: beyond, Little's law alone says how long the queue is


@dataclass(frozen=True, kw_only=True)
class SplitPoint:
    """What two pools do together, over all their GPUs. Shapes broadcast together.

    The two busy shares say which pool is the narrower one; `transfer_s` is how long a prompt's cache is under way.
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
    """The pool that reads prompts: workers, the ranks of each, prompts a second at most, seconds of one that meets no other.

    `least_s` is `alone_s` with what else comes before a first token.
    """

    workers: Number
    ranks: Number
    most_per_s: Number
    alone_s: Number
    least_s: Number

    def first_s(self, rate: Number) -> Number:
        """Return the seconds until a prompt is read and sent, while `rate` prompts a second come at random.

        It waits for half of the step that runs, where one runs, and in a queue where all ranks have work: Erlang's C
        over 2 most (1 - rho), since all prompts take equally long, and each rank reads its own.
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
    """Return what `prefill_workers` and `decode_workers` copies do while `concurrency` requests are open.

    Each placement is of one worker. Prompts fill the steps of their pool; the cache follows over the network, while
    the next layers are read, so that the slower of the two counts; then answers are made in steps without prompts.
    The batch of a decoding worker is the one at which all open requests are somewhere (Little's law). A prompt waits for
    the step that runs, and for others where all ranks of its pool are busy; where prompts come faster than they can be
    read, the rest queues. The answering pool shows the first token after as many steps as a single pool does.
    Left out: workers that change pools, and queues for a place among the answers.
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
    """Return the batch of a decoding worker at which all open requests are somewhere, and its seconds a token."""
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
    """Return the prompt tokens a second, those in the cache included, of one worker that only reads prompts."""
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
    """Return the tokens a second of one worker that only makes answers, `batch` at once, at a mean context."""
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants)
    reach = memory.read_tokens(llm=llm, context_tokens=context_tokens)
    return batch * tokens_per_step(placement=placement) / _token_s(costs, placement, batch, reach)


@dataclass(frozen=True)
class BestSplit:
    """The pools with most answers a second for each GPU: their layouts, and the part of the GPUs that read prompts."""

    reading: GpuLayout
    making: GpuLayout
    reading_gpu_share: float
    tokens_per_s_per_gpu: float


def best_split(
    *, llm: Llm, gpu: Gpu, placement: Placement, tried: Sequence[GpuLayout], input_tokens: float, output_tokens: float,
    prefix_hit_share: float = 0.0, tpot_limit_s: Number = np.inf, constants: Constants = FITTED,
) -> BestSplit | None:  # fmt: skip
    """Return the layouts of two pools that together answer most for each GPU; None where no layout holds the model.

    Each pool is as large as the other needs: of requests a second for each GPU, r that read and m that make, a pair
    answers 1 / (1/r + 1/m). Batches of the making pool are the largest that keep the time per token.
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
    """Return the seconds in which a prompt's cache is sent: over the network, by all GPUs that hold a part."""
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
    """Return the prompts a second of a worker whose steps are full of them, and the seconds for one alone."""
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
    """Return the seconds of a step that makes tokens for `batch` sequences, drafts and their checks included."""
    ahead = drafted(placement=placement)
    plain = step(costs=costs, sequences=batch, read_tokens=reach, tokens_per_sequence=1.0 + ahead)
    return _overlapped_s(costs, plain) * (1.0 + ahead * placement.draft_cost_share)


def _overlapped_s(costs: StepCosts, one: Step) -> Number:
    """Return a step of two half batches, one of which sends while the other computes, where attention has ranks.

    Of the shorter time what is exposed remains, as between reading and multiplying.
    Source: DeepSeek-V3 report, arXiv 2412.19437, section 3.2.1; SGLang, "two-batch overlap".
    """
    rest = one.total_s - one.communication_s
    hidden = (1.0 - costs.exposed_share) * np.minimum(one.communication_s, rest)
    return one.total_s - np.where(np.asarray(costs.ranks) > 1.0, hidden, 0.0)
