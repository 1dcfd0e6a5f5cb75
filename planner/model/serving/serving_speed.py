"""Serving speed of one model on one kind of GPU: combines memory, speed and communication."""

import numpy as np

from planner.arrays import Flags, pick
from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model.serving import launches, memory
from planner.model.serving import room as rooms
from planner.model.serving import step_costs as costs_of
from planner.model.serving.step import Step, StepCosts, step
from planner.model.serving.step_costs import Placement
from planner.records import dataclass

__all__ = [
    "Placement", "ServingPoint", "Settled", "Steady", "first_token_s", "max_sequences", "offline_max", "serve",
    "settle", "steady",
]  # fmt: skip

USUAL_WAVES = 10.0  # default requests of a benchmark run per concurrent request
_EMPTYING = 0.5  # share of a full step's time: the batch empties while the longest answers finish
_ROUNDS = 2  # iterations of the fixed point between decoding and prefilling sequences: within about 1 %


@dataclass(frozen=True, kw_only=True)
class ServingPoint:
    """The performance of a placement at a steady concurrency, over all its GPUs. Shapes broadcast together.

    The four shares split the time of a `plain` (decode-only) step and sum to 1. `fits` is false
    if the weights, or one sequence's cache, don't fit; rates are then 0 and times infinite.
    """

    throughput_tokens_per_s: Number
    requests_per_s: Number
    ttft_s: Number
    tpot_s: Number
    gap_s: Number
    service_s: Number
    max_sequences: Number
    fits: Flags
    running: Number
    plain: Step

    @property
    def bandwidth_share(self) -> Number:
        """The share of memory reads."""
        return self.plain.bandwidth_s / self.plain.total_s

    @property
    def compute_share(self) -> Number:
        """The share of compute."""
        return self.plain.compute_s / self.plain.total_s

    @property
    def communication_share(self) -> Number:
        """The share of communication between GPUs."""
        return self.plain.communication_s / self.plain.total_s

    @property
    def overhead_share(self) -> Number:
        """The share of the engine's overhead."""
        return self.plain.overhead_s / self.plain.total_s


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A steady state with the sequences that fit (`room`), run, and run on one copy (`batch`)."""

    state: "Steady"
    room: Number
    running: Number
    batch: Number


@dataclass(frozen=True, kw_only=True)
class Steady:
    """The steady state of one copy with `batch` sequences. Shapes broadcast together.

    `plain` is a step without prompts; `mean_step_s` is the mean over steps with and without, `seen_step_s` is the step time that a
    user sees between two tokens.
    `busy_s` is how long one sequence holds its place, `prompt_s` how long its prompt takes when it starts at once,
    `prompt_wait_s` how long it waits because prompts come faster than steps can read them, `prompt_share_s` what one
    prompt takes of steps that are full of prompts, `gap_s` the median gap between two tokens: prompts join the fewer steps.
    """

    plain: Step
    mean_step_s: Number
    seen_step_s: Number
    busy_s: Number
    prompt_s: Number
    prompt_wait_s: Number
    prompt_share_s: Number
    tokens_per_step: Number
    gap_s: Number


def max_sequences(
    *, llm: Llm, gpu: Gpu, placement: Placement, context_tokens: Number, constants: Constants = FITTED
) -> Number:
    """Return how many sequences of a context length fit into the cache of all GPUs; 0 if the weights don't fit."""
    p = placement
    room = rooms.cache_room_bytes(llm=llm, gpu=gpu, placement=p, constants=constants)
    freed = pick(memory.WINDOW_FREED, p.engine)
    each = memory.cache_bytes_per_gpu(
        llm=llm, kv=p.kv, context_tokens=context_tokens, window_freed=freed, tp=p.tp
    )
    groups = p.gpus / (p.tp * p.pp)
    return np.floor(np.maximum(room, 0.0) * p.pp / np.maximum(each, 1.0)) * groups


def tokens_per_step(*, placement: Placement) -> Number:
    """Return the expected tokens per sequence and step: the certain one, plus drafts up to the first rejected.

    The i-th draft counts if all before it are accepted: 1 + sum of a^i d^(i(i-1)/2) for chances a, a d, a d^2 ...
    With d = 1 that is (1 - a^(k+1)) / (1 - a). A fractional draft counts in part.

    Source: Leviathan, Kalman, Matias, "Fast Inference from Transformers via Speculative Decoding", ICML 2023, eq. 1,
    for d = 1; curves in `planner/catalog/acceptance.toml` for the decay of acceptance.
    """
    first = np.minimum(np.asarray(placement.speculative_acceptance, dtype=float), 0.999)
    ahead = np.asarray(drafted(placement=placement), dtype=float)
    made, reached, chance = np.ones_like(first * ahead), np.ones_like(first), first
    for i in range(int(np.ceil(np.max(ahead, initial=0.0)))):
        reached = reached * np.minimum(chance, 1.0)
        made = made + reached * np.clip(ahead - i, 0.0, 1.0)
        chance = chance * placement.acceptance_decay
    return np.asarray(made)


def drafted(*, placement: Placement) -> Number:
    """Return the tokens drafted per sequence and step; 0 if none would be accepted."""
    return np.where(np.asarray(placement.speculative_acceptance) > 0, placement.draft_tokens, 0.0)


def steady(
    *, llm: Llm, placement: Placement, costs: StepCosts, together_share: Number,
    batch: Number, prompt_tokens: Number, input_tokens: Number, output_tokens: Number,
) -> Steady:  # fmt: skip
    """Return the steady state of one copy in which each finished sequence is followed by a new one.

    A sequence is first prefilled, then decodes. Prompts of others join some of its steps: whole, or
    in chunks of the engine's step. If prompts would need more than every step, fewer sequences decode.
    Several tokens per step (drafting) shorten the answer, and verification costs in proportion to their number. Prompts that
    start together (`together_share` of them) delay one another's first token instead of other answers.
    """
    made = tokens_per_step(placement=placement)
    steps = output_tokens / made
    ahead = drafted(placement=placement)
    budget = costs.step_tokens * placement.attn_dp
    lump = np.minimum(prompt_tokens * placement.attn_dp, budget)
    most = budget * steps / prompt_tokens + 1.0
    reach = memory.read_tokens(llm=llm, context_tokens=input_tokens + output_tokens / 2.0)
    prompt_reach = memory.read_tokens(llm=llm, context_tokens=input_tokens - prompt_tokens / 2.0)
    slower = 1.0 + ahead * placement.draft_cost_share
    prompt = {"prompt_length": prompt_tokens, "prompt_read_tokens": prompt_reach}
    making = batch if np.max(batch) <= np.min(most) else np.minimum(batch, most)
    others = (making - 1.0) * (1.0 - np.asarray(costs.prompts_apart))
    first = step(costs=costs, sequences=others, read_tokens=reach, prompt_tokens=lump, **prompt)
    prompt_s = first.total_s * np.ceil(prompt_tokens / costs.step_tokens)
    full = np.minimum(np.maximum(batch, 1.0) * prompt_tokens, budget)
    packed = step(costs=costs, sequences=0.0, read_tokens=0.0, prompt_tokens=full, **prompt)
    for _ in range(_ROUNDS):
        joining = np.maximum(making - 1.0, 0.0) * prompt_tokens / steps
        size = np.maximum(lump, joining)
        plain = step(costs=costs, sequences=making, read_tokens=reach, tokens_per_sequence=1.0 + ahead)
        prompts_s = _prompts_s(
            costs=costs, plain_s=plain.total_s, sequences=making, read_tokens=reach, tokens_per_sequence=1.0 + ahead,
            prompt_tokens=size, **prompt,
        )  # fmt: skip
        extra_s = prompts_s * joining / size
        mean_s = plain.total_s * slower + extra_s
        making = np.minimum(batch * mean_s * steps / (mean_s * steps + prompt_s), most)
    alone_s = prompt_s + mean_s * np.maximum(steps - 1.0, 0.0)
    busy_s = np.maximum(alone_s, batch * steps * mean_s / most)
    return Steady(
        plain=plain, mean_step_s=mean_s, seen_step_s=mean_s - together_share / 2.0 * extra_s, busy_s=busy_s,
        prompt_s=prompt_s, prompt_wait_s=busy_s - alone_s, prompt_share_s=packed.total_s * prompt_tokens / full,
        tokens_per_step=made, gap_s=plain.total_s * slower + np.where(joining > budget / 2.0, prompts_s, 0.0),
    )  # fmt: skip


def _prompts_s(*, costs: StepCosts, plain_s: Number, sequences: Number, **prompt: Number) -> Number:
    """Return the time that prompts add to a step: a whole step if the engine prefills separately.

    Such an engine launches a prefill step while the preceding decode step still runs.
    Source: SGLang, blog "v0.4: zero-overhead batch scheduler", 2024.
    """
    apart = np.asarray(costs.prompts_apart)
    if not np.any(apart):
        return step(costs=costs, sequences=sequences, **prompt).total_s - plain_s
    kept = 1.0 - apart
    joined = step(costs=costs, sequences=sequences * kept, launched_s=plain_s * apart, **prompt).total_s
    return joined - plain_s * kept


def first_token_s(
    *,
    state: Steady,
    constants: Constants,
    batch: Number,
    input_tokens: Number,
    client: Word,
    waves: Number = USUAL_WAVES,
    burst_read_x: Number = 1.0,
) -> Number:
    """Return the mean time to the first token for a request that has a place.

    The client and the server's front end; turning the prompt's text into tokens; the prompt itself, and those of
    others that answers of equal length bring at the same moment; the steps it waits for; the share of a run's
    first burst, in which every prompt waits for half of the others, at the pace of the slower of the front end
    and the GPUs: one request in `waves`. Where the burst's prompts are in the cache more often than others, its
    wait for the GPUs is `burst_read_x` times as long.
    """
    c = constants
    tokenise_s = c.tokenise_token_s * input_tokens
    others = (pick(c.prompt_delay, client) - 1.0) * (1.0 - 1.0 / np.maximum(batch, 1.0))
    prompt_s = state.prompt_s * (1.0 + others) + state.prompt_wait_s
    each_s = np.maximum(state.prompt_share_s * burst_read_x, tokenise_s)
    burst = np.minimum(pick(c.burst_share, client) * USUAL_WAVES / np.maximum(waves, 1.0), 1.0)
    burst_s = burst / 2.0 * np.maximum(batch - 1.0, 0.0) * each_s
    steps_s = pick(c.first_token_steps, client) * state.mean_step_s
    return pick(c.client_s, client) + tokenise_s + prompt_s + steps_s + burst_s


def front_end_s(*, input_tokens: Number, output_tokens: Number, client: Word, constants: Constants) -> Number:
    """Return the time that a benchmark's single front end spends on a request; 0 if it is never the bottleneck.

    It tokenises the prompt and sends each output token separately. Requests can't be answered faster
    than it works: the bottleneck law of a closed loop. Its backlog shows in the first token.

    Source: Denning and Buzen, "The Operational Analysis of Queueing Network Models", Computing Surveys 10(3), 1978.
    """
    send_s = pick(constants.stream_token_s, client)
    if not np.any(send_s):
        return 0.0
    busy_s = constants.tokenise_token_s * input_tokens + send_s * output_tokens
    return np.where(send_s > 0, busy_s, 0.0)


def serve(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    concurrency: Number, prefix_hit_share: Number = 0.0, constants: Constants = FITTED,
    client: Word | None = None, costs: StepCosts | None = None, waves: Number = USUAL_WAVES, length_cv: Number = 0.0,
    burst_read_x: Number = 1.0,
) -> ServingPoint:  # fmt: skip
    """Return the performance of a placement at a constant `concurrency`, over all its GPUs.

    The sequences that fit run; the rest wait for a place in the cache. Lengths are means. Of the prompt, the
    `prefix_hit_share` is in the cache and not read again. `client` names whose benchmark client asks (a key of the
    constant `client_s`); the engine's usual one by default, "open" for requests that come by themselves instead of
    following one another. A run of `waves` requests for each open one begins with a burst and, where answers differ
    in length (`length_cv`), ends with fewer open than asked for.
    A caller that asks often about one placement passes its `costs` (`step_costs`).
    Shape: all inputs broadcast together.
    """
    asking = placement.engine if client is None else client
    open_at_once = mean_open(concurrency=concurrency, waves=waves, length_cv=length_cv)
    found = settle(
        llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
        concurrency=open_at_once, prefix_hit_share=prefix_hit_share, constants=constants, costs=costs, client=asking,
    )  # fmt: skip
    served = found.running / found.state.busy_s
    queue_s = np.maximum(open_at_once - found.running, 0.0) / np.maximum(served, 1e-12)
    first_s = queue_s + first_token_s(
        state=found.state, constants=constants, batch=found.batch, input_tokens=input_tokens, client=asking,
        waves=waves, burst_read_x=burst_read_x,
    )  # fmt: skip
    each_s = front_end_s(
        input_tokens=input_tokens, output_tokens=output_tokens, client=asking, constants=constants
    )
    if np.any(each_s):
        token_s = found.state.seen_step_s / found.state.tokens_per_step
        behind_s = open_at_once * each_s - first_s - token_s * np.maximum(output_tokens - 1.0, 0.0)
        first_s = first_s + np.maximum(behind_s, 0.0)
        served = np.minimum(served, 1.0 / np.maximum(each_s, 1e-12))
    return _point(found=found, served=served, ttft_s=first_s, output_tokens=output_tokens)


def mean_open(*, concurrency: Number, waves: Number, length_cv: Number) -> Number:
    """Return the mean concurrency of a run: while it drains, no new requests follow.

    From the last start on, the rest of each answer is still to come, mean `(1 + cv^2) / 2` of an answer, and the longest
    of them sets the end; measured runs lose about `cv` of one wave.

    >>> round(float(mean_open(concurrency=16.0, waves=5.0, length_cv=0.577)), 1)  # 80 requests, uniform: 13.6 to 14.6
    14.3
    """
    return concurrency / (1.0 + np.asarray(length_cv) / np.maximum(waves, 1.0))


def settle(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    concurrency: Number, prefix_hit_share: Number = 0.0, constants: Constants = FITTED,
    costs: StepCosts | None = None, client: Word | None = None,
) -> Settled:  # fmt: skip
    """Return the steady state in which as many concurrent requests run as fit. A running copy has at least one."""
    room = max_sequences(
        llm=llm,
        gpu=gpu,
        placement=placement,
        context_tokens=input_tokens + output_tokens,
        constants=constants,
    )
    most = launches.sequences(gpu=gpu, engine=placement.engine) * placement.attn_dp * placement.copies
    running = np.minimum(np.minimum(concurrency, room), most)
    batch = np.maximum(running / placement.copies, 1.0)
    state = steady(
        llm=llm, placement=placement, batch=batch,
        costs=costs or costs_of.step_costs(llm=llm, gpu=gpu, placement=placement, constants=constants),
        prompt_tokens=np.maximum(input_tokens * (1.0 - np.asarray(prefix_hit_share)), 1.0),
        input_tokens=input_tokens, output_tokens=output_tokens,
        together_share=pick(constants.synchronised_share, placement.engine if client is None else client),
    )  # fmt: skip
    return Settled(state=state, room=room, running=running, batch=batch)


def _point(*, found: Settled, served: Number, ttft_s: Number, output_tokens: Number) -> ServingPoint:
    """Return a steady state as rates and times, without any where nothing fits."""
    state, room = found.state, found.room
    fits = np.asarray(room) >= 1.0
    tpot = state.seen_step_s / state.tokens_per_step

    def where_it_fits(value: Number, otherwise: float) -> Number:
        return np.asarray(value) if fits.all() else np.where(fits, value, otherwise)

    return ServingPoint(
        throughput_tokens_per_s=where_it_fits(served * output_tokens, 0.0),
        requests_per_s=where_it_fits(served, 0.0),
        ttft_s=where_it_fits(ttft_s, np.inf),
        tpot_s=where_it_fits(tpot, np.inf),
        gap_s=where_it_fits(state.gap_s, np.inf),
        service_s=where_it_fits(ttft_s + tpot * np.maximum(output_tokens - 1.0, 0.0), np.inf),
        max_sequences=room,
        fits=fits,
        running=found.running,
        plain=state.plain,
    )


def offline_max(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    requests: Number = 3000.0, length_cv: Number = 0.0, constants: Constants = FITTED,
) -> ServingPoint:  # fmt: skip
    """Return a run of `requests` that all arrive at once, with the largest batch that fits.

    A finite run drains: once the queue is empty, the batch shrinks, which costs a share of one answer's time. If
    all run at once there is nothing to drain, unless answer lengths vary: then the longest sets the end.
    """
    found = settle(
        llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
        concurrency=requests, constants=constants,
    )  # fmt: skip
    served = found.running / found.state.busy_s
    steady_s = requests / np.maximum(served, 1e-12)
    queued = 1.0 - found.running / np.maximum(requests, found.running)
    longest = _EMPTYING * np.asarray(length_cv) * np.sqrt(2.0 * np.log(np.maximum(found.running, 2.0)))
    drain_s = (constants.drain_share * queued + longest) * output_tokens * found.state.plain.total_s
    waiting_s = (steady_s - found.state.busy_s) / 2.0
    return _point(
        found=found, served=served * steady_s / (steady_s + drain_s), output_tokens=output_tokens,
        ttft_s=np.maximum(waiting_s, 0.0) + found.state.prompt_s,
    )  # fmt: skip
