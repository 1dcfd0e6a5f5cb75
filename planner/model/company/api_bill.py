"""Monthly API bills: tokens not carried by units, the units, meters by quantity, and commitment shortfalls."""

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np

from planner.model.company import volumes
from planner.model.company.business import Business, Stream
from planner.model.company.month_blocks import MonthBlock, one_block
from planner.model.company.price_tiers import metered_usd
from planner.model.company.provisioned import carried_in_hours, carried_share, pool_usd, units_there
from planner.model.handed_on import MonthAtHand, UnitPool
from planner.model.week_hours import HourlyLoad, busiest, load_in_hours
from planner.records import dataclass
from planner.schema import ApiDeployment, Number, Scenario, some
from planner.units import SECONDS_PER_MONTH


@dataclass(frozen=True)
class Billed:
    """The months of a bill: requests by workload, the first month (counted from 0), list prices relative to month 1."""

    requests: Mapping[str, Number] = field(default_factory=dict)
    month: int = 0
    api_price: Number = 1.0
    kept: dict[str, Number] = field(
        default_factory=dict, repr=False
    )  # shares carried by units, each computed once


def billed(business: Business, block: MonthBlock) -> Billed:
    """Return the inputs of some months' bills, months first; requests only if a bill depends on them."""
    if not business.bills_follow_load:
        return Billed({}, block.first)
    volume = {name: volumes.requests(block, each) for name, each in business.streams.items()}
    return Billed(volume, block.first, block.api_price)


def billed_in(business: Business, at_hand: MonthAtHand) -> Billed:
    """Return the inputs of the current month's bills."""
    month = at_hand.month
    price = one_block(business, month).api_price[0] if month else 1.0
    return Billed(at_hand.requests_per_month, month, price)


def request_usd(business: Business, now: Billed, name: str) -> Number:
    """Return a request's cost at all API deployments, in USD at the list prices of these months."""
    stream = business.streams[name]
    since = (name, max((month for month in business.priced_from if month <= now.month), default=0))
    if since not in business.request_usd or business.bills_follow_load:
        usd = sum((tier_usd(business, now, stream, tier) for tier in stream.api_usd), start=0.0)
        business.request_usd[since] = usd
    return business.request_usd[since]


def tier_usd(business: Business, now: Billed, stream: Stream, tier: str) -> Number:
    """Return a request's cost at one API deployment, in USD at month 1's price level."""
    return stream.calls[tier] * pass_usd(business, now, stream, tier)


def pass_usd(business: Business, now: Billed, stream: Stream, tier: str) -> Number:
    """Return the cost of one pass of a request in USD: a call, or the calls of a session.

    Provisioned units answer up to their capacity in every hour; load beyond it is billed by the token, or refused.
    """
    usd = by_token_usd(stream, tier, now.month)
    terms = business.api_terms[tier]
    if terms.pools:
        unbilled = np.where(terms.refuses, 1.0, carried(business, now, tier))
        usd = usd - units_worth_usd(stream, tier, now.month) * unbilled
    return usd + metered_per_pass_usd(business, now, stream, tier) if terms.meters else usd


def by_token_usd(stream: Stream, tier: str, month: int) -> Number:
    """Return the cost of a pass at an API deployment without units, at a month's prices, counted from 0."""
    return _in_month(stream.api_usd[tier], month)


def units_worth_usd(stream: Stream, tier: str, month: int) -> Number:
    """Return the cost by the token of the part of a pass that units carry."""
    return by_token_usd(stream, tier, month) - _in_month(stream.beside_units_usd[tier], month)


def _in_month(epochs: Sequence[tuple[int, Number]], month: int) -> Number:
    usd: Number = 0.0
    for since, each in epochs:
        if since <= month:
            usd = each
    return usd


def paid_share(scenario: Scenario, tier: str) -> Number:
    """Return the share of list prices that a deployment pays after its own and its commitments' discounts."""
    deployment = scenario.deployments[tier]
    if not isinstance(deployment, ApiDeployment):
        return 1.0
    paid = 1.0 - deployment.discount_share
    for name, each in scenario.deployments.items():
        if isinstance(each, ApiDeployment) and (name == tier or tier in each.committed.also_counts):
            agreed = np.asarray(each.committed.usd_per_month) > 0
            if np.any(agreed):
                paid = paid * (1.0 - np.where(agreed, each.committed.discount_share, 0.0))
    return paid


def carried(business: Business, now: Billed, tier: str) -> Number:
    """Return the share of a deployment's tokens that provisioned units carry over the hours of the months."""
    if tier not in now.kept:
        shares = [_carried_by(pool, load) for pool, load in pool_loads(business, now, tier)]
        now.kept[tier] = np.minimum.reduce(np.broadcast_arrays(*shares)) if shares else 0.0
    return now.kept[tier]


def refused_share(business: Business, now: Billed, name: str) -> Number:
    """Return the share of a workload's requests that a vendor refuses because they exceed its units."""
    return sum(
        (
            part * np.where(business.api_terms[tier].refuses, 1.0 - carried(business, now, tier), 0.0)
            for tier, part in business.streams[name].answered_by.items()
        ),
        start=0.0,
    )


@dataclass(frozen=True)
class PoolLoad:
    """The load on a pool of units per second: mean, busiest hour, and by hour if known."""

    mean: Number
    peak: Number
    units: Number
    by_hour: HourlyLoad | None


def _carried_by(pool: UnitPool, load: PoolLoad) -> Number:
    capacity = load.units * pool.capacity_per_s
    if load.by_hour is not None:
        return carried_in_hours(load.by_hour, capacity=capacity, open_share=pool.open_share)
    return carried_share(
        capacity=capacity, mean_load=load.mean, peak_load=load.peak, open_share=pool.open_share
    )


def pool_loads(business: Business, now: Billed, tier: str) -> list[tuple[UnitPool, PoolLoad]]:
    """Return an API deployment's pools of units with their loads; none if it has no units."""
    terms = business.api_terms.get(tier)
    workloads, found = business.scenario.workloads, []
    for place, pool in enumerate(terms.pools if terms else ()):
        means: dict[str, Number] = {}
        for name, stream in business.streams.items():
            if tier in stream.unit_loads:
                taken = _in_month(stream.unit_loads[tier][place], now.month)
                if pool.weights is None:
                    taken = taken * now.api_price
                means[name] = now.requests[name] * stream.calls[tier] * taken / SECONDS_PER_MONTH
        by_hour = load_in_hours(workloads, means)
        peak = sum((each * workloads[name].peak_to_mean for name, each in means.items()), start=0.0)
        if by_hour is not None:
            peak = busiest(by_hour)
        mean = sum(means.values(), start=0.0)
        found.append((pool, PoolLoad(mean, peak, units_there(pool, peak), by_hour)))
    return found


def metered_per_pass_usd(business: Business, now: Billed, stream: Stream, tier: str) -> Number:
    """Return a pass's cost for meters priced by monthly quantity, at their mean price."""
    return sum(metered_lines_usd(business, now, stream, tier).values(), start=0.0)


def metered_lines_usd(business: Business, now: Billed, stream: Stream, tier: str) -> dict[str, Number]:
    """Return a pass's cost for each such meter, by the price list's unit name."""
    found: dict[str, Number] = {}
    for unit, price in business.api_terms[tier].meters.items():
        counts = {
            name: each.metered[tier][unit]
            for name, each in business.streams.items()
            if unit in each.metered.get(tier, {})
        }
        if stream.name not in counts:
            continue
        used: Number = 0.0
        for name, count in counts.items():
            used = used + now.requests[name] * business.streams[name].calls[tier] * count
        safe = np.where(np.asarray(used) > 0, used, 1.0)
        mean_usd = np.where(np.asarray(used) > 0, metered_usd(price, safe) / safe, 0.0)
        found[unit] = counts[stream.name] * mean_usd * paid_share(business.scenario, tier)
    return found


def units_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return the monthly cost of an API deployment's units, used or not."""
    return sum((pool_usd(pool, load.units) for pool, load in pool_loads(business, now, tier)), start=0.0)


def calls_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return the monthly bill for all calls to an API deployment."""
    total: Number = 0.0
    for name, stream in business.streams.items():
        if tier in stream.api_usd:
            total = total + now.requests[name] * tier_usd(business, now, stream, tier)
    return total * now.api_price


def missing_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return the shortfall paid on a commitment, given a deployment's own bill and those that count towards it."""
    deployment = business.scenario.deployments[tier]
    if not isinstance(deployment, ApiDeployment) or not some(deployment.committed.usd_per_month):
        return 0.0
    spent: Number = 0.0
    for name in (tier, *deployment.committed.also_counts):
        held = business.api_terms[name].held_usd_per_month
        spent = spent + calls_usd(business, now, name) + units_usd(business, now, name) + held
    return np.maximum(deployment.committed.usd_per_month - spent, 0.0)


def load_usd(business: Business, now: Billed) -> Number:
    """Return the cost of all API deployments in some months besides calls and storage: units, shortfalls."""
    if not business.bills_follow_load:
        return 0.0
    return sum(
        (units_usd(business, now, tier) + missing_usd(business, now, tier) for tier in business.api_terms),
        start=0.0,
    )


def anyway_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return an API deployment's monthly cost besides calls: units, storage at the vendor, commitment shortfall."""
    if tier not in business.api_terms:
        return 0.0
    held = business.api_terms[tier].held_usd_per_month
    return held + units_usd(business, now, tier) + missing_usd(business, now, tier)
