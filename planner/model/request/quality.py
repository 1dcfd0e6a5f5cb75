"""The probability that one call solves the request."""

import math
from collections.abc import Mapping

import numpy as np

from planner.schema import Number, Workload

FULL_RETENTION_TOKENS = 4_000.0
POINT_32K_TOKENS = 32_000.0
POINT_128K_TOKENS = 128_000.0
RECALL_POINT_CHUNKS = 8.0


def context_retention(*, input_tokens: Number, at_32k_share: Number, at_128k_share: Number) -> Number:
    """Return the success kept at a prompt length, relative to 4,000 tokens.

    Linear in the logarithm of the length between 4K, 32K and 128K; 1 below 4K; beyond 128K the last
    slope continues, never below 0. A retention above 1 is allowed.
    Shape: broadcast. Source: RULER (arXiv:2404.06654) and NoLiMa (arXiv:2502.05167), evidence
    defaults context.retention_*.

    >>> [round(float(context_retention(input_tokens=t, at_32k_share=0.9, at_128k_share=0.7)), 6)
    ...  for t in (500, 32_000, 128_000)]
    [1.0, 0.9, 0.7]
    """
    length = np.maximum(input_tokens, FULL_RETENTION_TOKENS)
    first = np.log(length / FULL_RETENTION_TOKENS) / math.log(POINT_32K_TOKENS / FULL_RETENTION_TOKENS)
    second = np.log(length / POINT_32K_TOKENS) / math.log(POINT_128K_TOKENS / POINT_32K_TOKENS)
    kept = np.where(
        length <= POINT_32K_TOKENS,
        1.0 - (1.0 - at_32k_share) * first,
        at_32k_share - (at_32k_share - at_128k_share) * second,
    )
    return np.maximum(kept, 0.0)


def recall(
    *, chunks: Number, at_1_share: Number, at_8_share: Number, rerank_on: Number, misses_cut_share: Number
) -> Number:
    """Return the probability that the retrieved chunks contain the answer.

    The share of misses falls as a power of the number of chunks, through the two given points;
    a reranker fixes a share of the misses. Without chunks nothing is found.

    >>> float(recall(chunks=8, at_1_share=0.45, at_8_share=0.85, rerank_on=False, misses_cut_share=0.3))
    0.85
    """
    tiny = np.finfo(float).tiny
    miss_1, miss_8 = np.maximum(1.0 - at_1_share, tiny), np.maximum(1.0 - at_8_share, tiny)
    power = np.log(miss_8 / miss_1) / math.log(RECALL_POINT_CHUNKS)
    miss = np.exp(np.minimum(np.log(miss_1) + power * np.log(np.maximum(chunks, 1.0)), 0.0))
    kept = 1.0 - miss * np.where(rerank_on, 1.0 - misses_cut_share, 1.0)
    return np.where(np.asarray(chunks) >= 1.0, kept, 0.0)


def rag_factor(*, recall_share: Number, retention: Number, closed_book_share: Number) -> Number:
    """Return the success kept with retrieval: `recall * read + (1 - recall) * closed book`.

    Source: evidence formula `rag` (Jin et al., arXiv:2410.05983): rises, then falls, with more chunks.
    """
    return recall_share * retention + (1.0 - recall_share) * closed_book_share


def distillation_retention(*, first_step_retention: Number, loss_growth_x: Number, steps: Number) -> Number:
    """Return the share of the teacher's success that a student keeps after `steps` halvings, each losing more.

    Source: DeepSeek-R1 students, arXiv:2501.12948: 4 %, 16 %, 33 % lost step by step.

    >>> round(float(distillation_retention(first_step_retention=0.96, loss_growth_x=4.0, steps=2)), 4)
    0.8064
    """
    kept: Number = 1.0
    most = int(np.max(steps))
    for step in range(most):
        loss = np.minimum((1.0 - first_step_retention) * loss_growth_x**step, 1.0)
        kept = kept * np.where(np.asarray(steps) > step, 1.0 - loss, 1.0)
    return kept


def call_success(*, base: Number, retention: Number) -> Number:
    """Return the success of one call: the base rate times all shares kept."""
    return np.clip(base * retention, 0.0, 1.0)


def kept_of_cuts(workload: Workload, compactions: Number) -> Number:
    """Return the success kept with less reasoning, fewer calls, compacted histories and disabled tools.

    Equation: the product of the shares kept; each of a session's mean `compactions` keeps the same share.
    """
    effort, cut = workload.effort, workload.fewer_calls
    kept: Number = np.where(effort.on, effort.retention_share, 1.0) * np.where(
        cut.on, cut.retention_share, 1.0
    )
    kept = kept * np.power(np.asarray(workload.session.compact_retention_share, dtype=float), compactions)
    for meter, share in workload.success_without.items():
        kept = kept * np.where(np.asarray(workload.meters.get(meter, 0.0)) > 0, 1.0, share)
    return kept


def kept_of_helpers(workload: Workload, solved: Mapping[str, Number]) -> Number:
    """Return the success kept given that requests started by this one may fail; `solved` is their success by workload.

    Equation: the product over helpers of (1 - q (1 - s))^n, for n requests with success s, a share q of whose failures
    fails this request. Failures of different requests are independent.
    """
    kept: Number = 1.0
    for name, spoilt in workload.session.fails_with.items():
        count = np.asarray(workload.session.spawns.get(name, 0.0), dtype=float)
        kept = kept * np.power(1.0 - spoilt * (1.0 - solved[name]), count)
    return kept
