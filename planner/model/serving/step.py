"""One step of a batch: its time in seconds, by component."""

import numpy as np

from planner.catalog.hardware import Number
from planner.model.serving import gpu_traffic, speed
from planner.records import dataclass
from planner.schema.ranges import some


@dataclass(frozen=True, kw_only=True)
class StepCosts:
    """The unit costs of a step of one copy, per token, byte and layer on one GPU. Shapes broadcast together.

    `ranks` share the attention of a batch (attention data-parallelism), `turns` the layers (pipeline).
    """

    ranks: Number
    turns: Number
    idle_x: Number
    body_read_s: Number
    body_token_s: Number
    output_token_s: Number
    half_tokens: Number
    expert_read_s: Number
    expert_token_s: Number
    expert_half_tokens: Number
    expert_imbalance: Number
    chosen_share: Number
    expert_independence: Number
    exposed_share: Number
    prompt_skew: Number
    cache_token_s: Number
    state_s: Number
    latent_pair_s: Number
    prompt_pair_s: Number
    activation_token_s: Number
    group: Number
    reduces: Number
    reduce_latency_s: Number
    message_token_s: Number
    one_shot_traffic: Number
    two_shot_s: Number
    exchange_s: Number
    exchange_token_s: Number
    fixed_s: Number
    sequence_s: Number
    prompt_launch_s: Number
    recorded_tokens: Number
    recorded_x: Number
    prompts_apart: Number
    step_tokens: Number


@dataclass(frozen=True, kw_only=True)
class Step:
    """The components of a step's time in seconds. Shapes broadcast together."""

    bandwidth_s: Number
    compute_s: Number
    communication_s: Number
    overhead_s: Number

    @property
    def total_s(self) -> Number:
        """Return the total time of the step."""
        return self.bandwidth_s + self.compute_s + self.communication_s + self.overhead_s


def step(
    *, costs: StepCosts, sequences: Number, read_tokens: Number, prompt_tokens: Number = 0.0,
    prompt_length: Number = 1.0, prompt_read_tokens: Number = 0.0, tokens_per_sequence: Number = 1.0,
    launched_s: Number = 0.0,
) -> Step:  # fmt: skip
    """Return one step of one copy.

    `sequences` generate their next token (or verify `tokens_per_sequence` drafted ones), each reading the cache of
    `read_tokens`; `prompt_tokens` of new prompts of `prompt_length` join them, each reading `prompt_read_tokens`.
    A pipeline passes the batch on in `turns`, each a part of it. Of the launch time, `launched_s` precedes the step.
    """
    c = costs
    making, prompts = sequences * tokens_per_sequence / c.turns, prompt_tokens / c.turns
    reads_prompts = some(np.asarray(prompt_tokens))
    tokens = making + prompts if reads_prompts else making
    skewed = prompts * c.prompt_skew
    per_rank = (making + skewed if reads_prompts else making) / c.ranks
    outputs = making + prompts / np.maximum(prompt_length, 1.0) if reads_prompts else making
    body_read, body_compute = _body(c, per_rank, outputs)
    expert_read, expert_compute = _experts(c, tokens)
    cache_read, cache_compute = _attention(
        c, sequences / c.turns / c.ranks, read_tokens=read_tokens, tokens_per_sequence=tokens_per_sequence
    )
    bandwidth_s = body_read + expert_read + cache_read + per_rank * c.activation_token_s
    compute_s = body_compute + expert_compute + cache_compute
    communication_s = _communication_s(c, per_rank, tokens)
    fixed_s = c.fixed_s
    if reads_prompts:
        compute_s = compute_s + skewed / c.ranks * prompt_read_tokens * c.prompt_pair_s
        recorded = np.where(prompts <= c.recorded_tokens, c.recorded_x, 1.0)
        launch_s = c.prompt_launch_s * recorded - launched_s - bandwidth_s - compute_s - communication_s
        fixed_s = np.maximum(launch_s, c.fixed_s)
        if not np.all(np.asarray(prompt_tokens) > 0):
            fixed_s = np.where(np.asarray(prompt_tokens) > 0, fixed_s, c.fixed_s)
    return _with_idle_stages(
        c,
        bandwidth_s=bandwidth_s,
        compute_s=compute_s,
        communication_s=communication_s,
        overhead_s=fixed_s + sequences / c.ranks * c.sequence_s,
    )


def _with_idle_stages(c: StepCosts, **parts_s: Number) -> Step:
    """Return a step including the idle time of pipeline stages."""
    if some(np.asarray(c.idle_x) - 1.0):
        parts_s = {name: each * c.idle_x for name, each in parts_s.items()}
    return Step(**parts_s)


def _attention(
    c: StepCosts, held: Number, *, read_tokens: Number, tokens_per_sequence: Number
) -> tuple[Number, Number]:
    """Return the time of attention over a rank's cached sequences, as memory reads or as compute.

    A latent cache shared by all heads may take longer to compute with than to read.
    """
    cache_s = held * (c.cache_token_s * read_tokens + c.state_s)
    if not some(np.asarray(c.latent_pair_s)):
        return cache_s, 0.0
    latent_s = held * tokens_per_sequence * c.latent_pair_s * read_tokens
    cache_bound = cache_s >= latent_s
    return np.where(cache_bound, cache_s, 0.0), np.where(cache_bound, 0.0, latent_s)


def _body(c: StepCosts, tokens: Number, outputs: Number) -> tuple[Number, Number]:
    """Return the time of attention projections, dense layers and output, as memory reads and compute.

    Few tokens fill matrix tiles poorly: `half_tokens` are added to them.
    """
    fill = (tokens + c.half_tokens) / np.maximum(tokens, 1e-9)
    compute_s = (tokens * c.body_token_s + outputs * c.turns / c.ranks * c.output_token_s) * fill
    return _split(c, c.body_read_s, compute_s)


def _experts(c: StepCosts, tokens: Number) -> tuple[Number, Number]:
    """Return the time of the routed experts: each chosen expert is read once and processes its tokens."""
    if not np.any(np.asarray(c.chosen_share) > 0):
        return 0.0, 0.0
    coverage = speed.expert_coverage(
        chosen_share=c.chosen_share, tokens=tokens, independence=c.expert_independence
    )
    each = tokens * c.chosen_share / np.maximum(coverage, 1e-9)
    fill = (each + c.expert_half_tokens) / np.maximum(each, 1e-9)
    return _split(c, c.expert_read_s * coverage, tokens * c.expert_token_s * fill * c.expert_imbalance)


def _split(c: StepCosts, read_s: Number, compute_s: Number) -> tuple[Number, Number]:
    """Return the roofline time as a memory part and a compute part.

    The longer counts in full, the shorter only by its exposed part.
    """
    hidden = 1.0 - c.exposed_share
    shorter = np.minimum(read_s, compute_s) * hidden
    return np.maximum(read_s - shorter, c.exposed_share * read_s), np.maximum(
        compute_s - shorter, c.exposed_share * compute_s
    )


def _communication_s(c: StepCosts, per_rank: Number, tokens: Number) -> Number:
    """Return the time of all-reduces in the tensor-parallel group and of gathering tokens for the experts."""
    if not (some(np.asarray(c.reduces)) or some(np.asarray(c.exchange_token_s))):
        return c.exchange_s
    reduce_s = gpu_traffic.reduce_traffic_s(
        group=c.group, message_s=per_rank * c.message_token_s, one_shot_traffic=c.one_shot_traffic,
        two_shot_s=c.two_shot_s,
    )  # fmt: skip
    return c.reduces * (c.reduce_latency_s + reduce_s) + c.exchange_s + tokens / c.ranks * c.exchange_token_s
