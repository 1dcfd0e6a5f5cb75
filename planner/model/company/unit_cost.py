"""What a call costs: its own tokens, and its part of what its deployment costs whether called or not."""

from collections.abc import Mapping

import numpy as np

from planner.model.company import api_bill, payments
from planner.model.company.business import Business
from planner.model.handed_on import OpeningMonth
from planner.records import dataclass
from planner.schema import ApiDeployment, Number


@dataclass(frozen=True)
class SharedCost:
    """What a deployment costs in month 1 whether it is called or not, USD, and who bears it.

    Its calls do, each by its `weight`: tokens of an API, GPU time at the peak of own GPUs. `weights_sum` is that of all
    calls of the month. Where nobody calls it, the requests of the workloads that list it do.
    """

    usd: Number
    weights: Mapping[str, Number]
    weights_sum: Number
    idle_usd_per_request: Number

    def usd_per_call(self, workload: str) -> Number:
        """Return the part that a call of a workload bears; nan where nobody calls."""
        used = np.asarray(self.weights_sum) > 0
        part = np.where(used, self.weights[workload] / np.where(used, self.weights_sum, 1.0), 0.0)
        return np.where(used, part * self.usd, np.nan)


def shared_costs(business: Business, opening: OpeningMonth) -> dict[str, SharedCost]:
    """Return what each deployment costs whether called or not in month 1, and how its calls share it."""
    return {tier: _shared_cost(business, opening, tier) for tier in business.scenario.deployments}


def _shared_cost(business: Business, opening: OpeningMonth, tier: str) -> SharedCost:
    usd = _anyway_usd(business, opening, tier)
    weights = _weights(business, tier)
    total: Number = 0.0
    volume: Number = 0.0
    for name, weight in weights.items():
        each = opening.workloads[name]
        total = total + each.requests_per_month * each.request.calls[tier] * weight
        volume = volume + each.requests_per_month
    idle = (np.asarray(total) <= 0) & (np.asarray(volume) > 0)
    return SharedCost(usd, weights, total, np.where(idle, usd / np.where(idle, volume, 1.0), 0.0))


def _weights(business: Business, tier: str) -> Mapping[str, Number]:
    if tier in business.fleets:
        return business.fleets[tier].peak_places_per_call
    return {name: stream.api_tokens for name, stream in business.streams.items() if tier in stream.calls}


def _anyway_usd(business: Business, opening: OpeningMonth, tier: str) -> Number:
    """Return people, one-off spend, units and GPUs of a deployment in month 1."""
    deployment = business.scenario.deployments[tier]
    spread = payments.amortised_usd(payments.payments(deployment, 1), 1)
    anyway = deployment.staff_usd_per_month + spread
    if isinstance(deployment, ApiDeployment):
        return anyway + api_bill.anyway_usd(business, api_bill.billed_first(opening), tier)
    if tier in business.unused_usd:
        return anyway + business.unused_usd[tier]
    return anyway + opening.fleets[tier].unit_usd


def usd_per_call(
    business: Business, opening: OpeningMonth, shared: SharedCost, name: str, tier: str
) -> Number:
    """Return what a call of a workload to a deployment costs in month 1: its tokens and its part of what is shared.

    Own GPUs that nobody calls have no cost per call (nan).
    """
    deployment, part = business.scenario.deployments[tier], shared.usd_per_call(name)
    if not isinstance(deployment, ApiDeployment):
        return part
    own_usd = api_bill.pass_usd(business, api_bill.billed_first(opening), business.streams[name], tier)
    return own_usd + np.where(np.isnan(part), 0.0, part)


def company_usd_per_request(
    business: Business, opening: OpeningMonth, shared: Mapping[str, SharedCost]
) -> Number:
    """Return what every request bears in month 1: one-off spend of the company, and deployments that nobody lists."""
    volume = sum((each.requests_per_month for each in opening.workloads.values()), start=np.asarray(0.0))
    usd = payments.amortised_usd(payments.from_one_off(business.scenario.company.one_off), 1)
    listed = {tier for each in business.scenario.workloads.values() for tier in each.routing.tiers}
    for tier, each in shared.items():
        if tier not in listed:
            usd = usd + each.usd
    some = volume > 0
    return np.where(some, usd / np.where(some, volume, 1.0), 0.0)
