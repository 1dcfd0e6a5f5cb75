"""What each workload costs, promises and achieves in month 1."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from planner.model.company import cost_of_outcome, unit_cost
from planner.model.company.business import Business
from planner.model.company.unit_cost import SharedCost
from planner.model.handed_on import OpeningMonth
from planner.model.result import TierResult, WorkloadResult
from planner.schema import Number


def workload_results(business: Business, opening: OpeningMonth) -> dict[str, WorkloadResult]:
    """Return each workload in month 1; costs per request are nan where there is no traffic."""
    shared = unit_cost.shared_costs(business, opening)
    everyone_usd = unit_cost.company_usd_per_request(business, opening, shared)
    return {
        name: _workload_result(business, opening, shared, name, everyone_usd) for name in opening.workloads
    }


def _workload_result(
    business: Business, opening: OpeningMonth, shared: Mapping[str, SharedCost], name: str, everyone_usd: Number
) -> WorkloadResult:  # fmt: skip
    now, workload = opening.workloads[name], business.scenario.workloads[name]
    each, volume = now.request, now.requests_per_month
    tiers = {
        tier: TierResult(
            calls_per_request=each.calls[tier],
            success_share=each.tier_success[tier],
            usd_per_call=unit_cost.usd_per_call(business, opening, shared[tier], name, tier),
            p95_latency_s=now.latency.tier_p95_s[tier],
        )
        for tier in workload.routing.tiers
    }
    flat = sum((usd for line, usd in each.extras_usd.items() if line != "people"), start=0.0)
    calls = sum((_called_usd(tier) for tier in tiers.values()), start=0.0)
    idle = sum((shared[tier].idle_usd_per_request for tier in tiers), start=0.0)
    fixed = _per_request(business.streams[name].flat_usd_per_month, volume)
    usd = calls + idle + flat + fixed + everyone_usd
    whole = cost_of_outcome.total_usd(
        usd_per_request=usd + each.extras_usd["people"],
        success=each.solved,
        failure_usd=workload.outcome.failure_usd,
    )
    return WorkloadResult(
        requests_per_month=volume,
        input_tokens=each.input_tokens,
        output_tokens=each.output_tokens,
        success_share=each.solved,
        usd_per_request=usd,
        usd_per_pass=cost_of_outcome.cost_of_pass_usd(usd_per_request=usd, success=each.success),
        usd_per_outcome=cost_of_outcome.cost_of_pass_usd(usd_per_request=whole, success=each.solved),
        value_per_request_usd=each.solved * workload.outcome.value_usd - whole,
        p95_latency_s=now.latency.p95_s,
        promise_met=now.latency.met,
        tiers=tiers,
        break_even_failure_usd={
            f"{cheap} to {dear}": _break_even_failure_usd(tiers[cheap], tiers[dear])
            for cheap, dear in pairwise(workload.routing.tiers)
        },
    )


def _break_even_failure_usd(cheap: TierResult, dear: TierResult) -> Number:
    return cost_of_outcome.break_even_failure_usd(
        cheap_usd=cheap.usd_per_call,
        cheap_success=cheap.success_share,
        dear_usd=dear.usd_per_call,
        dear_success=dear.success_share,
    )


def _per_request(usd_per_month: Number, volume: Number) -> Number:
    some = np.asarray(volume) > 0
    return np.where(some, usd_per_month / np.where(some, volume, 1.0), np.nan)


def _called_usd(tier: TierResult) -> Number:
    return np.where(np.asarray(tier.calls_per_request) > 0, tier.calls_per_request * tier.usd_per_call, 0.0)
