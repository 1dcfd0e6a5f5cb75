"""Unit costs of a step per token, byte and layer: a model, a GPU and a placement in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import pick
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model.serving import gpu_traffic, launches, memory, speed
from planner.model.serving.step import StepCosts
from planner.records import dataclass
from planner.units import FLOPS_PER_TFLOPS

if TYPE_CHECKING:
    from planner.catalog.fitted import Constants

ACTIVATION_BYTES = 2.0
BALANCED_ABOVE = 8.0  # number of GPUs that whole experts are spread over
HEADS_SHARE_READS = 2024.1  # since then, TensorRT-LLM reads keys and values once per group of heads
ATTENTION_FLOPS = (
    4.0  # per pair of tokens, head and element: a multiply and an add each for the score and the sum
)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """How a model is laid out: GPUs, parallelism, formats, engine. Each field may be an array.

    `gpus` is the total; `tp * pp * attn_dp` of them hold one copy, so there are `gpus / (tp * pp * attn_dp)` copies.
    `ep` spreads whole experts over that many GPUs. `speculative_acceptance` is the chance that the first drafted token
    is kept, 0 for no drafting, and falls by `acceptance_decay` with each further one; drafting a token costs `draft_cost_share` of a step. `memory_share` is the part of a GPU's
    memory that the engine may take, 0 for its own default; `released` the year of its release, 0 for today's.
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
    acceptance_decay: Number = 1.0
    draft_tokens: Number = 0.0
    draft_cost_share: Number = 0.0
    memory_share: Number = 0.0
    released: Number = 0.0

    @property
    def copies(self) -> Number:
        """Return the number of copies of the model on the GPUs."""
        return self.gpus / (self.tp * self.pp * self.attn_dp)


def step_costs(*, llm: Llm, gpu: Gpu, placement: Placement, constants: Constants) -> StepCosts:
    """Return the unit costs of a step of one copy. Shape: inputs broadcast together; each field is as small as possible."""
    p, c = placement, constants
    bandwidth = speed.read_bytes_per_s(gpu=gpu, constants=c)
    cache_rate = bandwidth * pick(c.cache_read_share, p.engine)
    experts_rate = bandwidth * pick(c.expert_read_share, p.engine)
    return StepCosts(
        ranks=p.attn_dp,
        turns=p.pp,
        idle_x=1.0 + c.pipeline_idle * (1.0 - 1.0 / np.asarray(p.pp)),
        body_read_s=_body_read_s(llm, p, bandwidth),
        body_token_s=_body_token_s(llm, gpu, p, c),
        output_token_s=_output_token_s(llm, gpu, p, c),
        half_tokens=c.gemm_half_tokens,
        expert_read_s=memory.expert_bytes(llm=llm, weights=p.weights) / (p.tp * p.attn_dp) / experts_rate,
        expert_token_s=_expert_token_s(llm, gpu, p, c),
        expert_half_tokens=c.expert_half_tokens,
        expert_imbalance=_expert_imbalance(llm, p, c),
        chosen_share=llm.experts_per_token / np.maximum(llm.experts, 1.0),
        expert_independence=c.expert_independence,
        exposed_share=c.exposed_share,
        prompt_skew=1.0 + c.prompt_imbalance * (1.0 - 1.0 / np.asarray(p.attn_dp)),
        cache_token_s=_cache_token_s(llm, p, cache_rate),
        state_s=2.0 * memory.state_bytes(llm=llm) / p.tp / cache_rate,
        latent_pair_s=_latent_pair_s(llm, gpu, p, c),
        prompt_pair_s=_prompt_pair_s(llm, gpu, p, c),
        activation_token_s=2.0 * c.activation_passes * llm.layers * llm.hidden / bandwidth,
        group=p.tp,
        **_traffic(llm, gpu, p, c),
        **_launches(llm, gpu, p, c),
    )


def _traffic(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> dict[str, Number]:
    """Return a step's communication: all-reduces of a tensor-parallel group, and tokens sent to remote experts."""
    vector = llm.hidden * ACTIVATION_BYTES
    together = gpu_traffic.link_bytes_per_s(gpu=gpu, group=p.tp, constants=c)
    apart = gpu_traffic.link_bytes_per_s(gpu=gpu, group=p.tp * p.attn_dp, constants=c)
    copies = gpu_traffic.copies_sent(
        gpu=gpu,
        group=p.tp * p.attn_dp,
        ranks=p.attn_dp,
        chosen=llm.experts_per_token,
        groups=llm.expert_groups,
    )
    return {
        "reduces": _reduces(llm, p),
        "reduce_latency_s": gpu_traffic.reduce_latency_s(gpu=gpu, group=p.tp, constants=c),
        "message_token_s": vector / together,
        "one_shot_traffic": c.one_shot_traffic,
        "two_shot_s": gpu_traffic.per_link(dict(c.two_shot_s), gpu.link),
        "exchange_s": _exchange_s(llm, gpu, p, c),
        "exchange_token_s": _exchange_token_s(llm, p, c, copies * vector / apart),
    }


def _launches(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> dict[str, Number]:
    """Return a step's overhead beyond memory and compute, and how an engine schedules prompts into steps."""
    launch = launches.launches(llm=llm, gpu=gpu, placement=p, constants=c)
    return {
        "fixed_s": launch.step_s,
        "prompt_launch_s": launch.prompt_s,
        "recorded_tokens": pick(launches.RECORDED_TOKENS, p.engine),
        "recorded_x": c.prompt_recorded_x,
        "prompts_apart": launches.prompts_apart(engine=p.engine),
        "step_tokens": launches.step_tokens(gpu=gpu, engine=p.engine),
        "sequence_s": pick(c.sequence_s, p.engine),
    }


def _body_read_s(llm: Llm, p: Placement, bandwidth: Number) -> Number:
    """Return the time of each step's fixed reads. The output layer is on the pipeline's last stage."""
    read = memory.body_bytes(llm=llm, weights=p.weights) + memory.output_bytes(llm=llm) * p.pp
    return read / p.tp / bandwidth


def _body_token_s(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> Number:
    attention_ratio = speed.attention_format_ratio(llm=llm, gpu=gpu, weights=p.weights)
    ratio = speed.format_ratio(gpu=gpu, weights=p.weights)
    unpacked = speed.unpacked(gpu=gpu, weights=p.weights)
    attention_rate = speed.multiply_flops_per_s(gpu=gpu, ratio=attention_ratio, constants=c)
    rate = speed.multiply_flops_per_s(gpu=gpu, ratio=ratio, constants=c) * (
        1.0 + unpacked * (c.upcast_dense_share - 1.0)
    )
    attention_s = memory.mixing_params(llm=llm) / attention_rate
    return speed.FLOPS_PER_PARAM * (attention_s + llm.dense_params / rate) / p.tp


def _output_token_s(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> Number:
    rate = speed.multiply_flops_per_s(gpu=gpu, ratio=1.0, constants=c)
    return speed.FLOPS_PER_PARAM * memory.output_params(llm=llm) / rate / p.tp


def _expert_token_s(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> Number:
    ratio = speed.format_ratio(gpu=gpu, weights=p.weights)
    unpacked = speed.unpacked(gpu=gpu, weights=p.weights)
    kept = pick(c.upcast_compute_share, gpu.generation)
    share = c.expert_compute_share * (1.0 + unpacked * (kept - 1.0))
    whole = np.asarray(p.ep) > 1.0  # whole experts run in dedicated kernels (DeepGEMM) on every engine
    shared = (np.asarray(p.weights) == "fp8") & ~whole
    by_engine = np.where(shared, pick(c.expert_narrow_engine, p.engine), 1.0)
    by_vendor = speed.per_vendor(dict(c.expert_narrow_vendor), gpu.generation)
    narrow = np.where(np.asarray(ratio) > 1.0, by_vendor * by_engine, 1.0)
    share = share * speed.per_vendor(dict(c.expert_vendor), gpu.generation) * narrow
    share = share * launches.gained(c.expert_gain, p)
    width = np.maximum(llm.expert_ffn, 1.0) / np.maximum(p.tp * p.attn_dp / np.maximum(p.ep, 1.0), 1.0)
    share = share * width / (width + c.expert_half_width)
    rate = speed.multiply_flops_per_s(gpu=gpu, ratio=ratio, constants=c) * share
    return speed.FLOPS_PER_PARAM * memory.routed_params(llm=llm) / (p.tp * p.attn_dp) / rate


def _expert_imbalance(llm: Llm, p: Placement, c: Constants) -> Number:
    """Return the busiest GPU's expert load relative to the mean.

    Experts differ in popularity; a GPU that holds E/R of them averages this out as sqrt((R-1)/E). Wider
    groups than a node duplicate popular experts, so they are no worse than a node.
    Source: DeepSeek, open-infra-index, day 6, "Expert-Parallel Load Balancer", 2025.
    """
    holders = np.minimum(np.maximum(p.ep, p.attn_dp), BALANCED_ABOVE)
    spread = np.sqrt((holders - 1.0) / np.maximum(llm.experts, 1.0))
    return np.asarray(1.0 + c.expert_imbalance * spread)


def _cache_token_s(llm: Llm, p: Placement, rate: Number) -> Number:
    """Return the time for a new token to read one cached token, in all layers.

    The query heads of a group share keys and values. TensorRT-LLM before 0.8 read them once per head.
    Source: TensorRT-LLM docs, blog "New XQA-kernel provides 2.4x more Llama-70B throughput", 2024; release notes 0.8.
    """
    read_s = memory.attended_bytes_per_token(llm=llm, kv=p.kv) / memory.cache_split(llm=llm, tp=p.tp) / rate
    released = np.asarray(p.released, dtype=float)
    apart = (np.asarray(p.engine) == "trtllm") & (released > 0) & (released < HEADS_SHARE_READS)
    group = np.where(np.asarray(llm.kv_lora) > 0, 1.0, llm.heads / np.maximum(llm.kv_heads, 1.0))
    return np.asarray(read_s * np.where(apart, np.maximum(group, 1.0), 1.0))


def _latent_pair_s(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> Number:
    """Return the time for a new token to attend to one cached latent vector, over all layers; 0 without latent attention.

    Every head multiplies the shared vector, so compute matters as much as reading.
    """
    flops = ATTENTION_FLOPS / 2.0 * llm.latent_width
    return flops / p.tp / (gpu.bf16_tflops * FLOPS_PER_TFLOPS * c.latent_compute_share)


def _prompt_pair_s(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> Number:
    """Return the time for a prompt's token to attend to one earlier token, over all layers."""
    flops = ATTENTION_FLOPS * llm.attend_width
    share = pick(c.attention_compute_share, gpu.generation)
    return flops / p.tp / (gpu.bf16_tflops * FLOPS_PER_TFLOPS * share)


def _gathers(llm: Llm, p: Placement) -> Number:
    """Return 1 if attention ranks must send tokens to experts on other GPUs."""
    return np.asarray((np.asarray(llm.experts) > 0) & (np.asarray(p.attn_dp) > 1), dtype=float)


def _reduces(llm: Llm, p: Placement) -> Number:
    """Return the all-reduces of a step: two per layer, one if experts gather separately, none on one GPU."""
    alone = np.asarray(p.tp) <= 1
    return np.where(alone, 0.0, llm.layers * (2.0 - _gathers(llm, p)))


def _exchange_s(llm: Llm, gpu: Gpu, p: Placement, c: Constants) -> Number:
    latency = gpu_traffic.per_link(dict(c.collective_s), gpu.link)
    return _gathers(llm, p) * llm.moe_layers * 2.0 * latency * c.exchange_latency


def _exchange_token_s(llm: Llm, p: Placement, c: Constants, copies_s: Number) -> Number:
    """Return the time to send a rank's token to its experts and return the results, over all layers."""
    return _gathers(llm, p) * llm.moe_layers * 2.0 * c.exchange_traffic * copies_s
