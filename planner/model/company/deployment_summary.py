"""Summary of each deployment in a month: cost and capacity."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.arrays import quotient
from planner.model.company import api_bill
from planner.model.company.business import Business
from planner.model.company.cost_of_outcome import ratio
from planner.model.handed_on import MonthAtHand, UnitPool
from planner.model.result import DeploymentResult
from planner.schema import Array, Number


def deployment_results(
    business: Business,
    at_hand: MonthAtHand,
    *,
    notes: Mapping[str, tuple[str, ...]],
    batches: Mapping[str, Mapping[str, Number]],
) -> dict[str, DeploymentResult]:
    """Return each deployment in the month at hand; `batches` are the sequences at once in a replica, by deployment and workload."""
    found = {}
    for tier, deployment in business.scenario.deployments.items():
        month = at_hand.fleets.get(tier)
        if month is None:
            found[tier] = _idle_or_api(business, at_hand, tier, notes[tier])
            continue
        found[tier] = DeploymentResult(
            deployment.kind, month.unit_usd, month.gpus, month.replicas, month.busy_share,
            batches.get(tier, {}), month.fits, month.usd_per_gpu_hour, notes[tier],
        )  # fmt: skip
    return found


def _idle_or_api(
    business: Business, at_hand: MonthAtHand, tier: str, notes: tuple[str, ...]
) -> DeploymentResult:
    now, deployment = api_bill.billed_in(business, at_hand), business.scenario.deployments[tier]
    calls_usd, anyway_usd = api_bill.calls_usd(business, now, tier), api_bill.anyway_usd(business, now, tier)
    usd = business.unused_usd.get(tier, 0.0) + calls_usd + anyway_usd
    plain = DeploymentResult(deployment.kind, usd, 0.0, 0.0, 0.0, {}, True, 0.0, notes)
    missing_usd = api_bill.missing_usd(business, now, tier)
    loads = api_bill.pool_loads(business, now, tier)
    if not loads:
        return replace(plain, committed_not_spent_usd_per_month=missing_usd)
    carried = api_bill.carried(business, now, tier)
    units_usd = api_bill.units_usd(business, now, tier)
    times = _loads_that_fit(loads)
    by_token_usd = sum(
        (
            now.requests[name]
            * stream.calls[tier]
            * api_bill.units_worth_usd(stream, tier, now.month)
            * now.api_price
            for name, stream in business.streams.items()
            if tier in stream.api_usd
        ),
        start=0.0,
    )
    return replace(
        plain,
        units=sum((load.units for _, load in loads), start=0.0),
        units_usd_per_month=units_usd,
        units_carry_share=carried,
        units_used_share=quotient(carried, times, otherwise=0.0),
        units_break_even_share=ratio(units_usd, by_token_usd * times),
        committed_not_spent_usd_per_month=missing_usd,
        units_refuse=business.api_terms[tier].refuses,
    )


def _loads_that_fit(loads: Sequence[tuple[UnitPool, api_bill.PoolLoad]]) -> Array:
    """Return the utilisation of the units by the mean load over the month; 0 without a load."""
    times = []
    for pool, load in loads:
        capacity = load.units * pool.capacity_per_s * pool.open_share
        times.append(quotient(capacity, load.mean, otherwise=np.inf))
    least = np.minimum.reduce(np.broadcast_arrays(*times))
    return np.where(np.isinf(least), 0.0, least)
