"""Summary of each workload in a month: cost, promise and results."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from planner.arrays import quotient
from planner.model.company import cost_of_outcome, unit_cost
from planner.model.company.business import Business
from planner.model.company.unit_cost import SharedCost
from planner.model.handed_on import MonthAtHand, WorkloadMonth
from planner.model.result import TierResult, WorkloadResult
from planner.schema import Number, Scenario, some


def workload_results(business: Business, at_hand: MonthAtHand) -> dict[str, WorkloadResult]:
    """Return each workload in the current month; costs per request are nan without traffic."""
    shared = unit_cost.shared_costs(business, at_hand)
    everyone_usd = unit_cost.company_usd_per_request(business, at_hand, shared)
    tiers = {name: _tiers(business, at_hand, shared, name) for name in at_hand.workloads}
    alone = {
        name: _alone_usd(business, at_hand, shared, name, tiers[name]) + everyone_usd
        for name in at_hand.workloads
    }
    started = _started_usd(business.scenario, alone)
    return {
        name: _workload_result(
            business, at_hand.workloads[name], name, tiers[name], (alone[name], started[name])
        )
        for name in at_hand.workloads
    }


def _started_usd(scenario: Scenario, alone_usd: Mapping[str, Number]) -> dict[str, Number]:
    """Return the cost of the requests that a request of each workload starts, recursively; they form no circle."""
    out: dict[str, Number] = dict.fromkeys(alone_usd, 0.0)
    starting = [name for name, workload in scenario.workloads.items() if workload.session.spawns]
    for _ in starting:  # as long as the longest chain can be
        out = {
            name: sum(
                (
                    count * (alone_usd[other] + out[other])
                    for other, count in workload.session.spawns.items()
                    if some(count)
                ),
                start=0.0,
            )
            for name, workload in scenario.workloads.items()
        }
    return out


def _tiers(
    business: Business, at_hand: MonthAtHand, shared: Mapping[str, SharedCost], name: str
) -> dict[str, TierResult]:
    now = at_hand.workloads[name]
    return {
        tier: TierResult(
            calls_per_request=now.request.calls[tier],
            success_share=now.request.tier_success[tier],
            usd_per_call=unit_cost.usd_per_call(business, at_hand, shared[tier], name, tier),
            latency=now.latency.of_tiers[tier],
        )
        for tier in business.scenario.workloads[name].routing.tiers
    }


def _alone_usd(
    business: Business, at_hand: MonthAtHand, shared: Mapping[str, SharedCost], name: str, tiers: Mapping[str, TierResult]
) -> Number:  # fmt: skip
    """Return a request's own cost: its calls, idle deployments, retrieval and other extras."""
    now = at_hand.workloads[name]
    flat = sum((usd for line, usd in now.request.extras_usd.items() if line != "people"), start=0.0)
    calls = sum((_called_usd(tier) for tier in tiers.values()), start=0.0)
    idle = sum((shared[tier].idle_usd_per_request for tier in tiers), start=0.0)
    fixed = _per_request(business.streams[name].flat_usd_per_month, now.requests_per_month)
    return calls + idle + flat + fixed


def _workload_result(
    business: Business, now: WorkloadMonth, name: str, tiers: dict[str, TierResult], costs_usd: tuple[Number, Number]
) -> WorkloadResult:  # fmt: skip
    each, workload = now.request, business.scenario.workloads[name]
    alone_usd, started_usd = costs_usd
    usd = alone_usd + started_usd
    whole = cost_of_outcome.total_usd(
        usd_per_request=usd + each.extras_usd["people"],
        success=each.solved,
        failure_usd=workload.outcome.failure_usd,
    )
    return WorkloadResult(
        requests_per_month=now.requests_per_month,
        input_tokens=each.input_tokens,
        output_tokens=each.output_tokens,
        success_share=each.solved,
        usd_per_request=usd,
        started_usd_per_request=started_usd,
        usd_per_pass=cost_of_outcome.cost_of_pass_usd(usd_per_request=usd, success=each.success),
        usd_per_outcome=cost_of_outcome.cost_of_pass_usd(usd_per_request=whole, success=each.solved),
        value_per_request_usd=each.solved * workload.outcome.value_usd - whole,
        p95_latency_s=now.latency.p95_s,
        promise_kind=workload.latency,
        promise_percentile=now.latency.percentile,
        promise_target_s=workload.latency_target_s + 0.0,  # a range counts as its middle
        promised_latency_s=now.latency.promised_s,
        promise_met=now.latency.kept,
        latency=now.latency.spread,
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
    return quotient(usd_per_month, volume)


def _called_usd(tier: TierResult) -> Number:
    return np.where(np.asarray(tier.calls_per_request) > 0, tier.calls_per_request * tier.usd_per_call, 0.0)
