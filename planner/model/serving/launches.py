"""Launch overhead: the time of a step beyond memory and compute, by engine, its age and the kind of layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import pick
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model.serving.speed import per_vendor
from planner.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.catalog.fitted import Constants
    from planner.model.serving.step_costs import Placement

TODAY = 2026.75  # the newest engine measured
FIRST = 2023.75  # the oldest engine measured
REFERENCE = 2026.0  # the year to which the constants refer
# 1 if an engine prefills in separate steps, during which no answer continues.
# Source: SGLang docs, "--enable-mixed-chunk", off by default; vLLM docs, "Chunked prefill", on by default in V1.
_APART = {"trtllm": 0.0, "vllm": 0.0, "sglang": 1.0}
# Steps with prompts of up to this many tokens are recorded too. Source: vLLM docs, "CUDA Graphs", capture sizes up to 512.
RECORDED_TOKENS = {"trtllm": 0.0, "vllm": 512.0, "sglang": 0.0}
# Default prompt tokens per step, and concurrent sequences. Source: vLLM, `EngineArgs`, defaults by
# usage and memory; TensorRT-LLM, `BuildConfig`; SGLang, `ServerArgs`; from memory, unverified.
_STEP_TOKENS = {"trtllm": 8192.0, "vllm": 8192.0, "sglang": 8192.0}
_SEQUENCES = {"trtllm": 2048.0, "vllm": 1024.0, "sglang": 2048.0}
_SMALL_STEP_TOKENS, _SMALL_SEQUENCES = 2048.0, 256.0
_SMALL_GB = 70.0


@dataclass(frozen=True, kw_only=True)
class Launches:
    """Minimum launch time of a decode step and of a prefill step, in seconds. Broadcast together."""

    step_s: Number
    prompt_s: Number


def launches(*, llm: Llm, gpu: Gpu, placement: Placement, constants: Constants) -> Launches:
    """Return the launch overhead of a step.

    Decode steps are recorded and replayed, which leaves gaps in every layer. A prefill step is launched
    kernel by kernel from the CPU if the engine has no recording of that length: then it takes that long,
    however small the prompt. Newer engines launch faster, by a factor per year.
    """
    p, c = placement, constants
    latent = np.asarray(llm.kv_lora) > 0
    latent_s = pick(c.latent_layer_s, p.engine) * per_vendor(dict(c.latent_vendor), gpu.generation)
    four_bit = np.asarray(p.weights) == "fp4"
    age = 1.0 / gained(c.launch_gain, p)
    layers = _layers(llm)
    gaps = (
        layers * (pick(c.layer_s, p.engine) + four_bit * c.four_bit_layer_s)
        + latent * llm.attention_layers * latent_s
        + llm.state_layers * c.state_layer_s
        + llm.moe_layers * pick(c.expert_layer_s, p.engine)
    )  # fmt: skip
    kernels = (
        layers
        + latent * llm.attention_layers * c.prompt_latent_x
        + llm.state_layers * c.prompt_state_x
        + llm.moe_layers * c.prompt_expert_x
    )
    return Launches(
        step_s=np.asarray(age * (pick(c.step_s, p.engine) + gaps * pick(c.layer_generation, gpu.generation))),
        prompt_s=np.asarray(
            age * kernels * pick(c.prompt_layer_s, p.engine) * pick(c.prompt_generation, gpu.generation)
        ),
    )


def _layers(llm: Llm) -> Number:
    """Return a model's number of layers, each a mixer plus a feed-forward; some models count the two separately."""
    return (llm.attention_layers + llm.state_layers + llm.dense_layers + llm.moe_layers) / 2.0


def gained(gain: Mapping[str, float], placement: Placement) -> Number:
    """Return how much faster an engine of a year is than in the reference year, at `gain` per year.

    >>> from planner.model.serving.step_costs import Placement
    >>> float(gained({"vllm": 1.5}, Placement(engine="vllm", released=2027.0)))  # no newer than what was measured
    1.355...
    """
    released = np.asarray(placement.released, dtype=float)
    year = np.clip(np.where(released > 0, released, TODAY), FIRST, TODAY)
    return np.asarray(pick(gain, placement.engine) ** (year - REFERENCE))


def prompts_apart(*, engine: Word) -> Number:
    """Return 1 if prompts have separate steps."""
    return pick(_APART, engine)


def step_tokens(*, gpu: Gpu, engine: Word) -> Number:
    """Return an engine's default prompt tokens per step and rank."""
    return np.where(_is_small(gpu, engine), _SMALL_STEP_TOKENS, pick(_STEP_TOKENS, engine))


def sequences(*, gpu: Gpu, engine: Word) -> Number:
    """Return an engine's default number of concurrent sequences per rank."""
    return np.where(_is_small(gpu, engine), _SMALL_SEQUENCES, pick(_SEQUENCES, engine))


def _is_small(gpu: Gpu, engine: Word) -> Number:
    """Return where vLLM uses its smaller defaults: below 70 GiB, and on Ampere."""
    small = (np.asarray(gpu.mem_gb) < _SMALL_GB) | (np.asarray(gpu.generation) == "ampere")
    return np.asarray(small & (np.asarray(engine) == "vllm"))
