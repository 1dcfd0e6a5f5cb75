"""Seconds: one step of a batch, whatever mix of prompt and answer tokens it holds."""

from dataclasses import dataclass

import numpy as np

from planner.catalog.fitted import Constants
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.model.choices import pick
from planner.units import BYTES_PER_GB

FLOPS_PER_PARAM = 2.0  # one multiply and one add
ACTIVATION_BYTES = 2.0
_LINK_KIND = {
    "nvlink3": "nvlink",
    "nvlink4": "nvlink",
    "nvlink5": "nvlink",
    "xgmi": "xgmi",
    "pcie4": "pcie",
    "pcie5": "pcie",
}


@dataclass(frozen=True)
class Step:
    """Where the seconds of a step go. Shapes broadcast together."""

    bandwidth_s: Number
    compute_s: Number
    communication_s: Number
    overhead_s: Number
    total_s: Number


def expert_coverage(*, llm: Llm, tokens: Number) -> Number:
    """Return the share of a layer's experts that a step of `tokens` reads.

    Each token picks its experts independently: 1 - (1 - k/E)^tokens.

    >>> float(expert_coverage(llm=Llm(layers=1, hidden=1, heads=1, kv_heads=1, experts=8, experts_per_token=2), tokens=1))
    0.25
    """
    chosen = llm.experts_per_token / np.maximum(llm.experts, 1.0)
    return np.asarray(1.0 - (1.0 - chosen) ** np.asarray(tokens))


def peak_tflops(*, gpu: Gpu, weights: Word) -> Number:
    """Return the dense peak at which a GPU multiplies these weights.

    Without units for a format it multiplies in the next wider one; 4-bit weights with 16-bit activations
    (int4) multiply in 16 bit, MXFP4 in 8 bit where there is 4-bit hardware and 16 bit elsewhere.
    """
    fp8 = np.where(np.asarray(gpu.fp8_tflops) > 0, gpu.fp8_tflops, gpu.bf16_tflops)
    fp4 = np.where(np.asarray(gpu.fp4_tflops) > 0, gpu.fp4_tflops, gpu.bf16_tflops)
    mxfp4 = np.where(np.asarray(gpu.fp4_tflops) > 0, fp8, gpu.bf16_tflops)
    int8 = np.where(np.asarray(gpu.int8_tops) > gpu.bf16_tflops, gpu.int8_tops, gpu.bf16_tflops)
    rates = {"fp8": fp8, "fp4": fp4, "mxfp4": mxfp4, "int8": int8}
    words = np.asarray(weights)
    peak = gpu.bf16_tflops
    for word, rate in rates.items():
        peak = np.where(words == word, rate, peak)
    return peak


def roofline_s(*, read_s: Number, compute_s: Number, power: Number) -> Number:
    """Return the time of work that reads and computes at once: a soft maximum of the two."""
    return (read_s**power + compute_s**power) ** (1.0 / power)


def link_kind(link: Word) -> Word:
    """Return the kind of a link: nvlink, xgmi or pcie."""
    if isinstance(link, str):
        return _LINK_KIND[link]
    return np.array([_LINK_KIND[word] for word in np.asarray(link).ravel()]).reshape(np.shape(link))


def all_reduce_s(*, gpu: Gpu, group: Number, bytes_each: Number, constants: Constants) -> Number:
    """Return the time of one all-reduce in a group of GPUs: a latency, and the traffic of a ring.

    Source: Patarasuk and Yuan, JPDC 69(2), 2009, for the traffic, 2 (n-1)/n.
    """
    kind = link_kind(gpu.link)
    group = np.asarray(group, dtype=float)
    rate = gpu.link_gb_per_s * BYTES_PER_GB * pick(constants.link_share, kind)
    traffic_s = 2.0 * (group - 1.0) / group * bytes_each / rate
    return np.where(group > 1.0, pick(constants.collective_s, kind) + traffic_s, 0.0)
