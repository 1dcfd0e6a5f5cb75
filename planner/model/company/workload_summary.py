"""What one workload costs, promises and achieves in month 1."""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from planner.model.company import unit_cost
from planner.model.fleet import fleets
from planner.model.request import outcomes
from planner.model.result import TierResult, WorkloadResult
from planner.model.serving.batch_choice import Lane, running
from planner.model.serving.waiting import wait_quantile_s
from planner.schema import ApiDeployment, Number, Workload
from planner.units import SECONDS_PER_MONTH

if TYPE_CHECKING:
    from planner.model.evaluate import Joined

BATCH_ANSWER_S = 86_400.0  # vendors promise a batch within a day: OpenAI, Anthropic, Google, docs of 2026
SELDOM_SHARE = 0.05  # a tier that answers less than this share does not set the 95th percentile


def workload_result(joined: "Joined", name: str, now: Mapping[str, fleets.FleetMonth]) -> WorkloadResult:
    """Return one workload in month 1; costs per request are nan where there is no traffic."""
    each, workload = joined.requests[name], joined.scenario.workloads[name]
    volume = joined.requests_per_month[name]
    tiers = {tier: _tier(joined, name, tier, now) for tier in workload.routing.tiers}
    flat = sum((usd for line, usd in each.extras_usd.items() if line != "people"), start=0.0)
    calls = sum((_called_usd(tier) for tier in tiers.values()), start=0.0)
    idle = sum((unit_cost.idle_usd_per_request(joined, tier, now) for tier in tiers), start=0.0)
    fixed = _per_request(joined.company.streams[name].flat_usd_per_month, volume)
    usd = calls + idle + flat + fixed + unit_cost.company_usd_per_request(joined)
    people = each.extras_usd["people"]
    whole = outcomes.total_usd(
        usd_per_request=usd + people, success=each.solved, failure_usd=workload.outcome.failure_usd
    )
    return WorkloadResult(
        requests_per_month=volume,
        input_tokens=each.input_tokens,
        output_tokens=each.output_tokens,
        success_share=each.solved,
        usd_per_request=usd,
        usd_per_pass=outcomes.cost_of_pass_usd(usd_per_request=usd, success=each.success),
        usd_per_outcome=outcomes.cost_of_pass_usd(usd_per_request=whole, success=each.solved),
        value_per_request_usd=each.solved * workload.outcome.value_usd - whole,
        p95_latency_s=_slowest(workload, tiers),
        promise_met=_promise_met(joined, name, tiers),
        tiers=tiers,
        break_even_failure_usd={
            f"{cheap} to {dear}": outcomes.break_even_failure_usd(
                cheap_usd=tiers[cheap].usd_per_call,
                cheap_success=tiers[cheap].success_share,
                dear_usd=tiers[dear].usd_per_call,
                dear_success=tiers[dear].success_share,
            )
            for cheap, dear in pairwise(workload.routing.tiers)
        },
    )


def _per_request(usd_per_month: Number, volume: Number) -> Number:
    some = np.asarray(volume) > 0
    return np.where(some, usd_per_month / np.where(some, volume, 1.0), np.nan)


def _called_usd(tier: TierResult) -> Number:
    return np.where(np.asarray(tier.calls_per_request) > 0, tier.calls_per_request * tier.usd_per_call, 0.0)


def _tier(joined: "Joined", name: str, tier: str, now: Mapping[str, fleets.FleetMonth]) -> TierResult:
    each = joined.requests[name]
    calls = each.calls[tier]
    return TierResult(
        calls_per_request=calls,
        success_share=each.tier_success[tier],
        usd_per_call=unit_cost.usd_per_call(joined, name, tier, now),
        p95_latency_s=_p95_s(joined, name, tier, now),
    )


def _p95_s(joined: "Joined", name: str, tier: str, now: Mapping[str, fleets.FleetMonth]) -> Number:
    workload, deployment = joined.scenario.workloads[name], joined.scenario.deployments[tier]
    if isinstance(deployment, ApiDeployment):
        first_s, token_s = deployment.first_token_s, 1.0 / deployment.tokens_per_s
        answer_s = first_s + joined.requests[name].output_tokens * token_s
        live_s = _promised(workload, first_s, token_s, answer_s) * deployment.p95_to_mean_latency_ratio
        return np.where(np.asarray(deployment.processing) == "batch", BATCH_ANSWER_S, live_s)
    lane, fleet, month = joined.lanes[name, tier], joined.company.fleets[tier], now[tier]
    kind = np.asarray(workload.latency)
    peak = np.where(kind == "none", 1.0, workload.peak_to_mean)
    replicas = np.where(fleet.fits, month.replicas, 1.0)
    calls_per_s = joined.requests_per_month[name] * joined.requests[name].calls[tier] / SECONDS_PER_MONTH
    now_running = running(workload, lane.curve, calls_per_s=calls_per_s * peak / np.maximum(replicas, 1.0))
    wait_s = wait_quantile_s(
        servers=replicas * fleet.batch,
        rho=np.minimum(month.busy_share * peak, 1.0),
        slot_s=now_running.slot_s,
        ca2=workload.interarrival_cv2,
        cs2=workload.answer_length_cv2,
        q=lane.percentile,
    )
    wait_s = np.minimum(wait_s, lane.patience * lane.slot_s)
    waiting = (kind == "first-token") | (kind == "whole-answer")
    return np.where(lane.fits, now_running.promised_s + np.where(waiting, wait_s, 0.0), np.nan)


def _promised(workload: Workload, first_s: Number, token_s: Number, answer_s: Number) -> Number:
    kind = np.asarray(workload.latency)
    return np.where(kind == "first-token", first_s, np.where(kind == "per-token", token_s, answer_s))


def _slowest(workload: Workload, tiers: Mapping[str, TierResult]) -> Number:
    """Return the p95 over the tiers that answer often enough; in a cascade the waits of the tiers before add up."""
    cascade = np.asarray(workload.routing.policy) == "cascade"
    slowest: Number = 0.0
    so_far: Number = 0.0
    for tier in tiers.values():
        so_far = np.where(cascade, so_far, 0.0) + tier.p95_latency_s
        often = np.asarray(tier.calls_per_request) >= SELDOM_SHARE
        slowest = np.maximum(slowest, np.where(often, so_far, 0.0))
    return slowest


def _promise_met(joined: "Joined", name: str, tiers: Mapping[str, TierResult]) -> NDArray[np.bool_]:
    workload = joined.scenario.workloads[name]
    met = np.asarray(True)
    for tier, result in tiers.items():
        lane: Lane | None = joined.lanes.get((name, tier))
        inside = np.asarray(
            lane.met if lane else result.p95_latency_s <= np.asarray(workload.latency_target_s), bool
        )
        used = np.asarray(result.calls_per_request) > 0
        met = met & (~used | inside | (np.asarray(workload.latency) == "none"))
    return met
