"""What a call costs: its own tokens, and its part of what its deployment costs whether called or not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from planner.model.company import payments, trajectory
from planner.model.fleet import fleets
from planner.schema import ApiDeployment, Number
from planner.units import HOURS_PER_MONTH

if TYPE_CHECKING:
    from planner.model.evaluate import Joined


def usd_per_call(joined: "Joined", name: str, tier: str, now: Mapping[str, fleets.FleetMonth]) -> Number:
    """Return what a call of a workload to a deployment costs in month 1.

    What a deployment costs anyway is shared by its calls: by tokens, or by GPU time. Own GPUs that nobody calls
    have no cost per call (nan); `idle_usd_per_request` says who bears them.
    """
    total = _all_weight(joined, tier)
    used = np.asarray(total) > 0
    part = np.where(used, _weights(joined, tier)[name] / np.where(used, total, 1.0), 0.0)
    shared = part * standing_usd(joined, tier, now)
    deployment = joined.scenario.deployments[tier]
    if not isinstance(deployment, ApiDeployment):
        return np.where(used, shared, np.nan)
    covered = trajectory.covered_share(joined.company, joined.requests_per_month, tier)
    tokens = joined.api_costs[name, tier][0][1].total_usd * (1.0 - deployment.discount_share)
    return tokens * (1.0 - covered) + shared


def idle_usd_per_request(joined: "Joined", tier: str, now: Mapping[str, fleets.FleetMonth]) -> Number:
    """Return what a request bears of a deployment that its workload lists and nobody calls, shared by requests."""
    volume: Number = 0.0
    for name in _weights(joined, tier):
        volume = volume + joined.requests_per_month[name]
    idle = (np.asarray(_all_weight(joined, tier)) <= 0) & (np.asarray(volume) > 0)
    return np.where(idle, standing_usd(joined, tier, now) / np.where(idle, volume, 1.0), 0.0)


def company_usd_per_request(joined: "Joined") -> Number:
    """Return what every request bears in month 1: one-off spend of the company, and deployments that nobody lists."""
    volume = sum(joined.requests_per_month.values(), start=np.asarray(0.0))
    usd = payments.amortised_usd(payments.from_one_off(joined.scenario.company.one_off), 1)
    listed = {tier for each in joined.scenario.workloads.values() for tier in each.routing.tiers}
    for tier in joined.scenario.deployments:
        if tier not in listed:
            usd = usd + standing_usd(joined, tier, {})
    some = volume > 0
    return np.where(some, usd / np.where(some, volume, 1.0), 0.0)


def standing_usd(joined: "Joined", tier: str, now: Mapping[str, fleets.FleetMonth]) -> Number:
    """Return what a deployment costs in month 1 whether it is called or not: people, one-off spend, units, GPUs."""
    deployment = joined.scenario.deployments[tier]
    spread = payments.amortised_usd(payments.payments(deployment, 1), 1)
    anyway = deployment.staff_usd_per_month + spread
    if isinstance(deployment, ApiDeployment):
        units = deployment.provisioned
        return anyway + units.units * units.usd_per_unit_hour * HOURS_PER_MONTH
    if tier in joined.company.unused_usd:
        return anyway + joined.company.unused_usd[tier]
    return anyway + fleets.rent_usd(joined.company.fleets[tier], now[tier], 1.0)


def _weights(joined: "Joined", tier: str) -> Mapping[str, Number]:
    """Return what shares a deployment's cost among calls, by workload: tokens, or GPU time at the peak."""
    if tier in joined.company.fleets:
        return joined.company.fleets[tier].peak_slots_per_call
    streams = joined.company.streams
    return {name: stream.api_tokens for name, stream in streams.items() if tier in stream.calls}


def _all_weight(joined: "Joined", tier: str) -> Number:
    total: Number = 0.0
    for name, weight in _weights(joined, tier).items():
        total = total + joined.requests_per_month[name] * joined.requests[name].calls[tier] * weight
    return total
