"""The cost of a call: its own tokens, plus its share of its deployment's standing cost."""

from collections.abc import Mapping

import numpy as np

from planner.arrays import quotient
from planner.model.company import api_bill, payments
from planner.model.company.business import Business
from planner.model.handed_on import MonthAtHand
from planner.records import dataclass
from planner.schema import ApiDeployment, Number


@dataclass(frozen=True)
class SharedCost:
    """A deployment's monthly standing cost in USD, and how it is allocated.

    Its calls do, each by its `weight`: tokens of an API, GPU time of own GPUs, that at the peak where nothing is known of hours. `weights_sum` is that of all
    calls of the month. Where nobody calls it, the requests of the workloads that list it do.
    """

    usd: Number
    weights: Mapping[str, Number]
    weights_sum: Number
    idle_usd_per_request: Number

    def usd_per_call(self, workload: str) -> Number:
        """Return the share allocated to a call of a workload; nan if there are no calls."""
        return quotient(self.weights[workload], self.weights_sum) * self.usd


def shared_costs(business: Business, at_hand: MonthAtHand) -> dict[str, SharedCost]:
    """Return each deployment's standing cost in a month, and how its calls share it."""
    return {tier: _shared_cost(business, at_hand, tier) for tier in business.scenario.deployments}


def _shared_cost(business: Business, at_hand: MonthAtHand, tier: str) -> SharedCost:
    usd = _anyway_usd(business, at_hand, tier)
    weights = _weights(business, tier)
    total: Number = 0.0
    volume: Number = 0.0
    for name, weight in weights.items():
        each = at_hand.workloads[name]
        total = total + each.requests_per_month * each.request.calls[tier] * weight
        volume = volume + each.requests_per_month
    idle = (np.asarray(total) <= 0) & (np.asarray(volume) > 0)
    return SharedCost(usd, weights, total, np.where(idle, usd / np.where(idle, volume, 1.0), 0.0))


def _weights(business: Business, tier: str) -> Mapping[str, Number]:
    if tier in business.fleets:
        return business.fleets[tier].weight_per_call
    return {name: stream.api_tokens for name, stream in business.streams.items() if tier in stream.calls}


def _anyway_usd(business: Business, at_hand: MonthAtHand, tier: str) -> Number:
    """Return the current month's cost of a deployment's staff, one-off spend, units and GPUs."""
    deployment, number = business.scenario.deployments[tier], at_hand.month + 1
    spread = payments.amortised_usd(payments.payments(deployment, number), number)
    anyway = deployment.staff_usd_per_month + spread
    if isinstance(deployment, ApiDeployment):
        return anyway + api_bill.anyway_usd(business, api_bill.billed_in(business, at_hand), tier)
    if tier in business.unused_usd:
        return anyway + business.unused_usd[tier]
    return anyway + at_hand.fleets[tier].unit_usd


def usd_per_call(
    business: Business, at_hand: MonthAtHand, shared: SharedCost, name: str, tier: str
) -> Number:
    """Return the cost of a workload's call to a deployment in the current month: its tokens plus its share.

    Own GPUs without calls have no cost per call (nan).
    """
    deployment, part = business.scenario.deployments[tier], shared.usd_per_call(name)
    if not isinstance(deployment, ApiDeployment):
        return part
    now = api_bill.billed_in(business, at_hand)
    own_usd = api_bill.pass_usd(business, now, business.streams[name], tier) * now.api_price
    return own_usd + np.where(np.isnan(part), 0.0, part)


def company_usd_per_request(
    business: Business, at_hand: MonthAtHand, shared: Mapping[str, SharedCost]
) -> Number:
    """Return the cost allocated to every request in the current month: the company's one-offs and unlisted deployments."""
    volume = sum((each.requests_per_month for each in at_hand.workloads.values()), start=np.asarray(0.0))
    usd = payments.amortised_usd(payments.from_one_off(business.scenario.company.one_off), at_hand.month + 1)
    listed = {tier for each in business.scenario.workloads.values() for tier in each.routing.tiers}
    for tier, each in shared.items():
        if tier not in listed:
            usd = usd + each.usd
    return quotient(usd, volume, otherwise=0.0)
