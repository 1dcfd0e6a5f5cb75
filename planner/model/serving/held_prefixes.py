"""Prefixes held on own GPUs: hits by batch size from traffic and room, and the time to load them back."""

from dataclasses import replace

import numpy as np

from planner.catalog.fitted import FITTED
from planner.catalog.hardware import Gpu, Llm, Number
from planner.model.serving import batch_curves, memory
from planner.model.serving.batch_choice import BATCHES, Curve, batches
from planner.model.serving.cache_reuse import Reuse, Tier, fetch_s, tier_hits
from planner.model.serving.room import idle_prefixes
from planner.model.serving.serving_speed import max_sequences
from planner.model.serving.step_costs import Placement
from planner.schema import Workload
from planner.schema.deployment import Prefixes
from planner.units import BYTES_PER_GB


def curve(
    llm: Llm, gpu: Gpu, placement: Placement, request: batch_curves.Numbers, limits: batch_curves.Numbers,
    *, prefixes: Prefixes, gap_s: Number,
) -> Curve:  # fmt: skip
    """Return the curve of a placement whose hits depend on the room left by a batch, as `batch_curves.curve`.

    `request` has the repeated share of a prompt; the part that the tiers still hold needs no prefill. The
    traffic of a replica is that of a batch that always hits, an upper bound, so hits are never overestimated.
    """
    input_tokens, output_tokens, before = request
    at_best = batch_curves.curve(llm, gpu, placement, request, limits, sizes=BATCHES.size)
    length = input_tokens + output_tokens
    tokens_per_s = np.asarray(at_best.batch / at_best.slot_s) * length
    reuse = Reuse(
        returning_share=before * input_tokens / length, median_gap_s=gap_s, gap_sigma=prefixes.gap_sigma
    )
    tiers = _tiers(llm, gpu, placement, prefixes, length)
    hits = tuple(
        np.asarray(one * length / input_tokens)
        for one in tier_hits(reuse=reuse, tokens_per_s=tokens_per_s, tiers=tiers)
    )
    on = np.asarray(prefixes.on, dtype=float)
    held = before + on * (np.minimum(sum(hits), before) - before)
    found = batch_curves.curve(
        llm, gpu, placement, (input_tokens, output_tokens, held), limits, sizes=BATCHES.size
    )
    brought_s = on * fetch_s(
        hits=hits, tiers=tiers, input_tokens=input_tokens,
        bytes_per_token=memory.cache_bytes_per_token(llm=llm, kv=placement.kv),
    )  # fmt: skip
    return replace(found, first_token_s=found.first_token_s + brought_s, answer_s=found.answer_s + brought_s)


def pause_s(workload: Workload, prefixes: Prefixes) -> Number:
    """Return the pause before a prefix is reused: a session's mean, or a lognormal's median."""
    between_calls = workload.session.gap_s * np.exp(-np.square(prefixes.gap_sigma) / 2.0)
    return np.where(np.asarray(between_calls) > 0, between_calls, prefixes.gap_s)


def _tiers(llm: Llm, gpu: Gpu, placement: Placement, prefixes: Prefixes, length: Number) -> tuple[Tier, ...]:
    """Return a replica's tiers: the HBM that running sequences leave free at each batch size, DRAM, SSD."""
    room = max_sequences(llm=llm, gpu=gpu, placement=placement, context_tokens=length, constants=FITTED)
    each = np.maximum(memory.cache_bytes_per_token(llm=llm, kv=placement.kv), 1.0)
    gpus = placement.gpus
    return (
        Tier(capacity_tokens=idle_prefixes(sequences=room, batch=batches()) * length),
        Tier(
            capacity_tokens=prefixes.dram_gb * gpus * BYTES_PER_GB / each,
            gb_per_s=prefixes.dram_gb_per_s * gpus,
        ),
        Tier(
            capacity_tokens=prefixes.ssd_gb * gpus * BYTES_PER_GB / each,
            gb_per_s=prefixes.ssd_gb_per_s * gpus,
        ),
    )
