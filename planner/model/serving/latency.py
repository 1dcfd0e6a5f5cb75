"""How long a workload's answers take in month 1, and whether its latency promise is kept."""

from collections.abc import Mapping

import numpy as np

from planner.model.handed_on import FleetMonth, WorkloadLatency
from planner.model.serving.batch_choice import ChosenBatch, running
from planner.model.serving.waiting import wait_quantile_s
from planner.schema import ApiDeployment, Flags, Number, Workload

BATCH_ANSWER_S = 86_400.0  # vendors promise a batch within a day: OpenAI, Anthropic, Google, docs of 2026
SELDOM_SHARE = 0.05  # a tier that answers less than this share does not set the 95th percentile


def api_p95_s(workload: Workload, deployment: ApiDeployment, *, output_tokens: Number) -> Number:
    """Return the 95th percentile of what an API's promise is about, seconds."""
    first_s, token_s = deployment.first_token_s, 1.0 / deployment.tokens_per_s
    kind, answer_s = np.asarray(workload.latency), first_s + output_tokens * token_s
    promised_s = np.where(kind == "first-token", first_s, np.where(kind == "per-token", token_s, answer_s))
    live_s = promised_s * deployment.p95_to_mean_latency_ratio
    return np.where(np.asarray(deployment.processing) == "batch", BATCH_ANSWER_S, live_s)


def own_gpu_p95_s(
    workload: Workload, chosen: ChosenBatch, fleet: FleetMonth, *, calls_per_s: Number
) -> Number:
    """Return the 95th percentile of what the promise is about on own GPUs in the peak hour, seconds.

    `calls_per_s` is the mean over the month.
    """
    kind = np.asarray(workload.latency)
    peak = np.where(kind == "none", 1.0, workload.peak_to_mean)
    replicas = np.where(fleet.fits, fleet.replicas, 1.0)
    now = running(workload, chosen.curve, calls_per_s=calls_per_s * peak / np.maximum(replicas, 1.0))
    wait_s = wait_quantile_s(
        servers=replicas * fleet.places_per_replica,
        rho=np.minimum(fleet.busy_share * peak, 1.0),
        slot_s=now.slot_s,
        ca2=workload.interarrival_cv2,
        cs2=workload.answer_length_cv2,
        q=chosen.percentile,
    )
    wait_s = np.minimum(wait_s, chosen.patience * chosen.slot_s)
    waiting = (kind == "first-token") | (kind == "whole-answer")
    return np.where(chosen.fits, now.promised_s + np.where(waiting, wait_s, 0.0), np.nan)


def workload_latency(
    workload: Workload,
    tier_p95_s: Mapping[str, Number],
    calls: Mapping[str, Number],
    chosen: Mapping[str, ChosenBatch],
) -> WorkloadLatency:
    """Return the latency of a workload out of that of its tiers; `chosen` are the batches of those on own GPUs."""
    return WorkloadLatency(
        tier_p95_s=tier_p95_s,
        p95_s=_slowest(workload, tier_p95_s, calls),
        met=_promise_met(workload, tier_p95_s, calls, chosen),
    )


def _slowest(workload: Workload, tier_p95_s: Mapping[str, Number], calls: Mapping[str, Number]) -> Number:
    """Return the p95 over the tiers that answer often enough; in a cascade the waits of the tiers before add up."""
    cascade = np.asarray(workload.routing.policy) == "cascade"
    slowest: Number = 0.0
    so_far: Number = 0.0
    for tier, p95_s in tier_p95_s.items():
        so_far = np.where(cascade, so_far, 0.0) + p95_s
        often = np.asarray(calls[tier]) >= SELDOM_SHARE
        slowest = np.maximum(slowest, np.where(often, so_far, 0.0))
    return slowest


def _promise_met(
    workload: Workload,
    tier_p95_s: Mapping[str, Number],
    calls: Mapping[str, Number],
    chosen: Mapping[str, ChosenBatch],
) -> Flags:
    met = np.asarray(True)
    for tier, p95_s in tier_p95_s.items():
        own = chosen.get(tier)
        inside = np.asarray(own.met if own else p95_s <= np.asarray(workload.latency_target_s), bool)
        used = np.asarray(calls[tier]) > 0
        met = met & (~used | inside | (np.asarray(workload.latency) == "none"))
    return met
