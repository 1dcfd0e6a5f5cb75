"""What API calls cost: per token, less what provisioned capacity carries."""

from collections.abc import Mapping

from planner.model.company import volumes
from planner.model.company.business import Business, Stream
from planner.model.company.month_blocks import MonthBlock
from planner.model.company.provisioned import carried_in_hours, carried_share, has_units
from planner.model.week_hours import load_in_hours
from planner.schema import ApiDeployment, Number
from planner.units import SECONDS_PER_MONTH


def request_usd(business: Business, block: MonthBlock, name: str) -> Number:
    """Return what a request of a workload pays at all API deployments, at the list prices of these months."""
    stream = business.streams[name]
    units = any(has_units(business.scenario, tier) for tier in stream.api_usd)
    volume = (
        {other: volumes.requests(block, each) for other, each in business.streams.items()} if units else {}
    )
    return sum((tier_usd(business, volume, stream, tier, block.first) for tier in stream.api_usd), start=0.0)


def tier_usd(
    business: Business, requests: Mapping[str, Number], stream: Stream, name: str, month: int
) -> Number:
    """Return what one request of a stream pays per token at one API deployment, in a month counted from 0.

    Provisioned units answer up to their capacity in every hour; what exceeds it is billed per token.
    """
    usd: Number = 0.0
    for since, each in stream.api_usd[name]:
        if since <= month:
            usd = each
    return stream.calls[name] * usd * (1.0 - covered_share(business, requests, name))


def covered_share(business: Business, requests: Mapping[str, Number], name: str) -> Number:
    """Return the share of a deployment's tokens that provisioned units carry over the hours of a month."""
    deployment = business.scenario.deployments[name]
    if not isinstance(deployment, ApiDeployment) or not has_units(business.scenario, name):
        return 0.0
    workloads = business.scenario.workloads
    tokens_per_s = {
        other: requests[other] * stream.calls[name] * stream.api_tokens / SECONDS_PER_MONTH
        for other, stream in business.streams.items()
        if name in stream.calls
    }
    capacity = deployment.provisioned.units * deployment.provisioned.tokens_per_s_per_unit
    by_hour = load_in_hours(workloads, tokens_per_s)
    if by_hour is not None:
        return carried_in_hours(by_hour, capacity=capacity)
    mean = sum(tokens_per_s.values(), start=0.0)
    peak = sum((each * workloads[other].peak_to_mean for other, each in tokens_per_s.items()), start=0.0)
    return carried_share(capacity=capacity, mean_load=mean, peak_load=peak)
