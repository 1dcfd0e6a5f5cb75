"""What each deployment costs and holds in month 1."""

from collections.abc import Mapping

from planner.model.company import api_bill
from planner.model.company.business import Business
from planner.model.handed_on import OpeningMonth
from planner.model.result import DeploymentResult
from planner.schema import Number


def deployment_results(
    business: Business,
    opening: OpeningMonth,
    *,
    notes: Mapping[str, tuple[str, ...]],
    batches: Mapping[str, Mapping[str, Number]],
) -> dict[str, DeploymentResult]:
    """Return each deployment in month 1; `batches` are the sequences at once in a replica, by deployment and workload."""
    found = {}
    for tier, deployment in business.scenario.deployments.items():
        month = opening.fleets.get(tier)
        if month is None:
            usd = business.unused_usd.get(tier, 0.0) + _api_usd(business, opening, tier)
            found[tier] = DeploymentResult(deployment.kind, usd, 0.0, 0.0, 0.0, {}, True, 0.0, notes[tier])
            continue
        found[tier] = DeploymentResult(
            deployment.kind, month.unit_usd, month.gpus, month.replicas, month.busy_share,
            batches[tier], month.fits, month.usd_per_gpu_hour, notes[tier],
        )  # fmt: skip
    return found


def _api_usd(business: Business, opening: OpeningMonth, tier: str) -> Number:
    volumes = {name: now.requests_per_month for name, now in opening.workloads.items()}
    total: Number = 0.0
    for name, stream in business.streams.items():
        if tier in stream.api_usd:
            total = total + volumes[name] * api_bill.tier_usd(business, volumes, stream, tier, 0)
    return total
