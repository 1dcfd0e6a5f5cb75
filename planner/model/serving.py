"""Serving speed of one model on one kind of GPU: where memory and speed meet."""

from dataclasses import dataclass

import numpy as np

from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model import memory, speed
from planner.model.choices import pick
from planner.model.speed import Step
from planner.units import BYTES_PER_GB, FLOPS_PER_TFLOPS

MAX_STEP_TOKENS = 8192.0  # the prompt tokens that engines put into one step by default
_ITERATIONS = 3  # of the fixed point of decoding and prefilling sequences; its error is below 1 % after two


@dataclass(frozen=True, kw_only=True)
class Placement:
    """How a model is laid out: GPUs, parallelism, formats, engine. Each field may be an array.

    `gpus` is the total; `tp * pp * attn_dp` of them hold one copy, and there are `gpus / (tp * pp * attn_dp)` copies.
    `speculative_acceptance` 0 means that no tokens are drafted.
    """

    gpus: Number = 1.0
    tp: Number = 1.0
    pp: Number = 1.0
    attn_dp: Number = 1.0
    ep: Number = 1.0
    weights: Word = "fp8"
    kv: Word = "fp8"
    engine: Word = "trtllm"
    speculative_acceptance: Number = 0.0
    draft_tokens: Number = 0.0
    draft_cost_share: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class ServingPoint:
    """What a placement does at a steady concurrency. Shapes broadcast together.

    The four shares say where the time of a step goes and sum to 1; `fits` is false where the weights, or one
    sequence's cache, don't fit, and the rates are then 0 and the times infinite.
    """

    throughput_tokens_per_s: Number
    requests_per_s: Number
    ttft_s: Number
    tpot_s: Number
    service_s: Number
    max_sequences: Number
    fits: Number
    running: Number
    bandwidth_share: Number
    compute_share: Number
    communication_share: Number
    overhead_share: Number


def max_sequences(
    *, llm: Llm, gpu: Gpu, placement: Placement, context_tokens: Number, constants: Constants = FITTED
) -> Number:
    """Return how many sequences of a context fit into the cache of all GPUs; 0 where the weights don't fit."""
    p = placement
    weights = memory.weight_bytes_per_gpu(llm=llm, weights=p.weights, tp=p.tp, pp=p.pp, attn_dp=p.attn_dp)
    room = memory.cache_room_bytes(gpu=gpu, memory_share=constants.memory_share, weight_bytes=weights)
    each = memory.cache_bytes(llm=llm, kv=p.kv, context_tokens=context_tokens)
    per_gpu = each / (memory.cache_split(llm=llm, tp=p.tp) * p.pp)
    copies = p.gpus / (p.tp * p.pp)
    return np.floor(np.maximum(room, 0.0) / per_gpu) * copies


def step(
    *, llm: Llm, gpu: Gpu, placement: Placement, constants: Constants,
    sequences: Number, prompt_tokens: Number, prompt_length: Number, context_tokens: Number,
) -> Step:  # fmt: skip
    """Return one step of one copy: `sequences` make a token each, and `prompt_tokens` of new prompts are read.

    All of one pipeline's micro-batches together make one step of the whole batch in `pp` turns.
    """
    p, c = placement, constants
    turn, prompts = sequences / p.pp, prompt_tokens / p.pp
    tokens = turn + prompts
    dense_read = memory.dense_bytes(llm=llm, weights=p.weights) / p.tp
    coverage = speed.expert_coverage(llm=llm, tokens=tokens)
    expert_read = memory.expert_bytes(llm=llm, weights=p.weights) * coverage / (p.tp * p.attn_dp)
    routed = llm.moe_layers * llm.experts_per_token * memory.expert_params(llm=llm)
    dense = memory.active_params(llm=llm) - routed
    imbalance = np.where(np.asarray(p.ep) * p.attn_dp > 1, c.expert_imbalance, 1.0)
    flops = speed.FLOPS_PER_PARAM * tokens * (dense + routed * imbalance) / (p.tp * p.attn_dp)
    bandwidth = gpu.bandwidth_gb_per_s * BYTES_PER_GB * pick(c.bandwidth_share, gpu.generation)
    peak = speed.peak_tflops(gpu=gpu, weights=p.weights) * FLOPS_PER_TFLOPS
    share = pick(c.compute_share, gpu.generation) * tokens / (tokens + c.compute_half_tokens)
    read_s, compute_s = (dense_read + expert_read) / bandwidth, flops / (peak * share)
    linear_s = speed.roofline_s(read_s=read_s, compute_s=compute_s, power=c.roofline_power)
    cache = memory.cache_bytes(llm=llm, kv=p.kv, context_tokens=context_tokens)
    split = memory.cache_split(llm=llm, tp=p.tp) * p.attn_dp
    cache_s = turn * cache / split / (bandwidth * c.cache_read_share)
    reach = memory.mean_reach_tokens(llm=llm, context_tokens=prompt_length / 2.0, read=True)
    head = np.where(np.asarray(llm.kv_lora) > 0, llm.nope_head_dim + llm.rope_head_dim, llm.head_dim)
    pair_flops = 4.0 * llm.layers * llm.full_attention_share * llm.heads * head
    attend = prompts * reach * pair_flops / (p.tp * p.attn_dp)
    attend_s = attend / (gpu.bf16_tflops * FLOPS_PER_TFLOPS * c.attention_compute_share)
    each = tokens / p.attn_dp * llm.hidden * speed.ACTIVATION_BYTES
    reduce_s = speed.all_reduce_s(gpu=gpu, group=p.tp * p.attn_dp, bytes_each=each, constants=c)
    communication_s = 2.0 * llm.layers * reduce_s
    overhead_s = (
        pick(c.step_s, p.engine)
        + llm.layers * pick(c.layer_s, p.engine)
        + sequences * pick(c.sequence_s, p.engine)
    )
    total = linear_s + cache_s + attend_s + communication_s + overhead_s
    read_part = linear_s * read_s / (read_s + compute_s)
    return Step(read_part + cache_s, linear_s - read_part + attend_s, communication_s, overhead_s, total)


def serve(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    concurrency: Number, prefix_hit_share: Number = 0.0, constants: Constants = FITTED,
) -> ServingPoint:  # fmt: skip
    """Return what a placement does while `concurrency` requests are always open, over all its GPUs.

    The sequences that fit run; the rest wait for a place in the cache. A prompt is read between steps of the
    others and slows them. Lengths are means. Shape: all inputs broadcast together.
    """
    p, c = placement, constants
    copies = p.gpus / (p.tp * p.pp * p.attn_dp)
    room = max_sequences(
        llm=llm, gpu=gpu, placement=p, context_tokens=input_tokens + output_tokens, constants=c
    )
    running = np.minimum(concurrency, room)
    least = np.where(room >= 1.0, np.minimum(1.0, running), 1.0)  # keeps numbers finite where nothing fits
    batch = np.maximum(running / copies, least)
    prompt = np.maximum(input_tokens * (1.0 - prefix_hit_share), 1.0)
    context = input_tokens + output_tokens / 2.0
    lump = np.minimum(prompt, MAX_STEP_TOKENS)

    def at(sequences: Number, prompt_tokens: Number) -> Step:
        return step(
            llm=llm, gpu=gpu, placement=p, constants=c, sequences=sequences, prompt_tokens=prompt_tokens,
            prompt_length=prompt, context_tokens=context,
        )  # fmt: skip

    decoding = batch
    for _ in range(_ITERATIONS):
        per_step = np.maximum(decoding - 1.0, 0.0) * prompt / output_tokens
        size = np.maximum(lump, np.minimum(per_step, MAX_STEP_TOKENS))
        often = per_step / size
        plain, mixed = at(decoding, 0.0), at(decoding, size)
        tpot = plain.total_s * np.maximum(1.0 - often, 0.0) + mixed.total_s * often
        alone = at(np.maximum(decoding - 1.0, 0.0), lump)
        prefill = alone.total_s * np.ceil(prompt / MAX_STEP_TOKENS) * np.maximum(1.0, often)
        decoding = batch * tpot * output_tokens / (tpot * output_tokens + prefill)
    steps = np.maximum(output_tokens - 1.0, 0.0)
    accepted = speculative_tokens_per_step(placement=p)
    tpot = tpot / accepted
    busy = prefill + tpot * steps
    served = running / busy
    queue = np.maximum(concurrency - running, 0.0) / np.maximum(served, 1e-12)
    ttft = c.client_s + prefill + queue + 0.5 * tpot * accepted + c.burst_share * batch * prefill
    fits = room >= 1.0
    total = plain.total_s
    return ServingPoint(
        throughput_tokens_per_s=np.where(fits, served * output_tokens, 0.0),
        requests_per_s=np.where(fits, served, 0.0),
        ttft_s=np.where(fits, ttft, np.inf), tpot_s=np.where(fits, tpot, np.inf),
        service_s=np.where(fits, ttft + tpot * steps, np.inf),
        max_sequences=room, fits=fits, running=running,
        bandwidth_share=plain.bandwidth_s / total, compute_share=plain.compute_s / total,
        communication_share=plain.communication_s / total, overhead_share=plain.overhead_s / total,
    )  # fmt: skip


def speculative_tokens_per_step(*, placement: Placement) -> Number:
    """Return the tokens made per step and cost of a step: (1 - a^(k+1)) / (1 - a) over the drafter's cost.

    Source: Leviathan, Kalman, Matias, "Fast Inference from Transformers via Speculative Decoding", ICML 2023, theorem 3.8.
    """
    a = np.minimum(np.asarray(placement.speculative_acceptance, dtype=float), 0.999)
    made = (1.0 - a ** (placement.draft_tokens + 1.0)) / (1.0 - a)
    return np.where(a > 0, made / (1.0 + placement.draft_tokens * placement.draft_cost_share), 1.0)


def offline_max(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: Number, output_tokens: Number,
    requests: Number = 3000.0, max_batch: Number = 2048.0, constants: Constants = FITTED,
) -> ServingPoint:  # fmt: skip
    """Return a run of `requests` that all arrive at once, with the largest batch that fits."""
    copies = placement.gpus / (placement.tp * placement.pp * placement.attn_dp)
    batch = np.minimum(requests, max_batch * placement.attn_dp * copies)
    return serve(
        llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
        concurrency=np.maximum(1.0, batch), constants=constants,
    )  # fmt: skip
