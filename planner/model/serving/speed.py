"""Rates: a GPU's effective bandwidth and compute, and how the two share a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import pick
from planner.catalog.hardware import Gpu, Llm, Number, Word
from planner.units import BYTES_PER_GB, FLOPS_PER_TFLOPS

if TYPE_CHECKING:
    from planner.catalog.fitted import Constants

FLOPS_PER_PARAM = 2.0  # one multiply and one add
TYPICAL_TFLOPS_PER_W = 1.4  # H100 SXM: 989 TFLOPS at 700 W
MOST_COMPUTE_SHARE = 0.9
_VENDOR = {"cdna3": "amd", "cdna4": "amd"}
_GENERATIONS = ("ampere", "ada", "hopper", "blackwell", "blackwell-rtx")
_VENDORS = dict.fromkeys(_GENERATIONS, "nvidia") | _VENDOR
_NO_FOUR_BIT_UNITS = ("fp4", "mxfp4")


def read_bytes_per_s(*, gpu: Gpu, constants: Constants) -> Number:
    """Return the effective memory bandwidth of long reads, in bytes per second."""
    return gpu.bandwidth_gb_per_s * BYTES_PER_GB * pick(constants.bandwidth_share, gpu.generation)


def compute_share(*, gpu: Gpu, constants: Constants) -> Number:
    """Return the share of its 16-bit peak that a GPU sustains in large multiplications.

    Tensor units hit the power limit: the more TFLOPS per watt, the smaller the share. The law is
    fitted over A100, H100, H200, B200 and RTX PRO 6000; a GPU with unknown power is taken as typical.
    """
    watts = np.asarray(gpu.tdp_w, dtype=float)
    typical = np.asarray(gpu.bf16_tflops) / TYPICAL_TFLOPS_PER_W
    density = np.asarray(gpu.bf16_tflops) / np.where(watts > 0, watts, typical) / TYPICAL_TFLOPS_PER_W
    by_vendor = {name: constants.compute_share[vendor] for name, vendor in _VENDORS.items()}
    share = np.minimum(
        density**-constants.compute_power_exponent, MOST_COMPUTE_SHARE / constants.compute_share["nvidia"]
    )
    return np.asarray(share * pick(by_vendor, gpu.generation))


def format_ratio(*, gpu: Gpu, weights: Word) -> Number:
    """Return a GPU's peak for these weights, relative to its 16-bit peak.

    Formats without units are multiplied in 16 bit; INT4 is always unpacked to 16 bit, MXFP4 runs with
    8-bit activations if there are 4-bit units.
    """
    base = np.asarray(gpu.bf16_tflops)
    fp8 = np.where(np.asarray(gpu.fp8_tflops) > 0, gpu.fp8_tflops, base) / base
    has_four = np.asarray(gpu.fp4_tflops) > 0
    fp4 = np.where(has_four, gpu.fp4_tflops, base) / base
    int8 = np.maximum(np.asarray(gpu.int8_tops) / base, 1.0)
    rates = {"fp8": fp8, "fp4": fp4, "mxfp4": np.where(has_four, fp8, 1.0), "int8": int8}
    return np.asarray(_by_word(rates, weights))


def attention_format_ratio(*, llm: Llm, gpu: Gpu, weights: Word) -> Number:
    """Return the same for attention, which 4-bit files of mixture-of-experts models keep in 8 or 16 bit."""
    base = np.asarray(gpu.bf16_tflops)
    fp8 = np.where(np.asarray(gpu.fp8_tflops) > 0, gpu.fp8_tflops, base) / base
    kept = _by_word(
        {"fp8": fp8, "fp4": fp8, "int8": np.maximum(np.asarray(gpu.int8_tops) / base, 1.0)}, weights
    )
    return np.where(np.asarray(llm.experts) > 0, kept, format_ratio(gpu=gpu, weights=weights))


def unpacked(*, gpu: Gpu, weights: Word) -> Number:
    """Return 1 if weights must be unpacked before multiplication, since the GPU has no units for their format."""
    words, has_four = np.asarray(weights), np.asarray(gpu.fp4_tflops) > 0
    without_eight = (words == "fp8") & ~(np.asarray(gpu.fp8_tflops) > 0)
    without_four = np.isin(words, _NO_FOUR_BIT_UNITS) & ~has_four
    return np.asarray((words == "int4") | without_four | without_eight, dtype=float)


def multiply_flops_per_s(*, gpu: Gpu, ratio: Number, constants: Constants) -> Number:
    """Return the operations per second of large multiplications in a format whose peak is `ratio` times 16 bit.

    Narrow formats gain less than their peak suggests: the ratio is raised to an exponent.
    """
    base = gpu.bf16_tflops * FLOPS_PER_TFLOPS * compute_share(gpu=gpu, constants=constants)
    return np.asarray(base * np.asarray(ratio) ** constants.narrow_exponent)


def expert_coverage(*, chosen_share: Number, tokens: Number, independence: Number = 1.0) -> Number:
    """Return the share of a layer's experts that a step of `tokens` reads: 1 - (1 - k/E)^tokens.

    Tokens in one step tend to choose the same experts: each after the first counts as `independence` of a free choice.

    >>> round(float(expert_coverage(chosen_share=0.25, tokens=2)), 9)
    0.4375
    """
    free = np.maximum(1.0 + (np.asarray(tokens) - 1.0) * independence, tokens * independence)
    return np.asarray(-np.expm1(np.log1p(-np.minimum(chosen_share, 1.0 - 1e-12)) * free))


def per_vendor(table: dict[str, float], generation: Word) -> Number:
    """Return the table's value for the vendor of each generation: nvidia or amd."""
    return pick({name: table[vendor] for name, vendor in _VENDORS.items()}, generation)


def _by_word(rates: dict[str, Number], weights: Word) -> Number:
    words = np.asarray(weights)
    found: Number = np.ones(())
    for word, rate in rates.items():
        found = np.where(words == word, rate, found)
    return found
