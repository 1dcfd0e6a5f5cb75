"""What each deployment costs and holds in a month."""

from collections.abc import Mapping

from planner.model.company import api_bill
from planner.model.company.business import Business
from planner.model.company.month_blocks import one_block
from planner.model.handed_on import MonthAtHand
from planner.model.result import DeploymentResult
from planner.schema import Number


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
            usd = business.unused_usd.get(tier, 0.0) + _api_usd(business, at_hand, tier)
            found[tier] = DeploymentResult(deployment.kind, usd, 0.0, 0.0, 0.0, {}, True, 0.0, notes[tier])
            continue
        found[tier] = DeploymentResult(
            deployment.kind, month.unit_usd, month.gpus, month.replicas, month.busy_share,
            batches[tier], month.fits, month.usd_per_gpu_hour, notes[tier],
        )  # fmt: skip
    return found


def _api_usd(business: Business, at_hand: MonthAtHand, tier: str) -> Number:
    volumes = {name: now.requests_per_month for name, now in at_hand.workloads.items()}
    month = at_hand.month
    factor = one_block(business, month).api_price[0] if month else 1.0
    total: Number = 0.0
    for name, stream in business.streams.items():
        if tier in stream.api_usd:
            total = total + volumes[name] * api_bill.tier_usd(business, volumes, stream, tier, month) * factor
    return total
