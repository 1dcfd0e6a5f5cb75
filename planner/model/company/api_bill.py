"""What API deployments bill in a month: tokens, less what units carry; the units; meters by quantity; what a commitment lacks."""

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
    """The months of a bill: requests by workload, the first of the months (from 0 on), list prices over month 1's."""

    requests: Mapping[str, Number] = field(default_factory=dict)
    month: int = 0
    api_price: Number = 1.0
    kept: dict[str, Number] = field(default_factory=dict, repr=False)  # shares carried, each computed once


def billed(business: Business, block: MonthBlock) -> Billed:
    """Return what the bills of some months go by, months first; requests only where a bill follows them."""
    if not business.bills_follow_load:
        return Billed({}, block.first)
    volume = {name: volumes.requests(block, each) for name, each in business.streams.items()}
    return Billed(volume, block.first, block.api_price)


def billed_in(business: Business, at_hand: MonthAtHand) -> Billed:
    """Return what the bills of the month at hand go by."""
    month = at_hand.month
    price = one_block(business, month).api_price[0] if month else 1.0
    return Billed(at_hand.requests_per_month, month, price)


def request_usd(business: Business, now: Billed, name: str) -> Number:
    """Return what a request of a workload pays at all API deployments, at the list prices of these months."""
    stream = business.streams[name]
    since = (name, max((month for month in business.priced_from if month <= now.month), default=0))
    if since not in business.request_usd or business.bills_follow_load:
        usd = sum((tier_usd(business, now, stream, tier) for tier in stream.api_usd), start=0.0)
        business.request_usd[since] = usd
    return business.request_usd[since]


def tier_usd(business: Business, now: Billed, stream: Stream, tier: str) -> Number:
    """Return what one request of a stream pays at one API deployment, list prices at the level of month 1."""
    return stream.calls[tier] * pass_usd(business, now, stream, tier)


def pass_usd(business: Business, now: Billed, stream: Stream, tier: str) -> Number:
    """Return what one pass of a request pays: a call, or those of a session.

    Provisioned units answer up to their capacity in every hour; what exceeds it is billed by the token, or refused.
    """
    usd = by_token_usd(stream, tier, now.month)
    terms = business.api_terms[tier]
    if terms.pools:
        unbilled = np.where(terms.refuses, 1.0, carried(business, now, tier))
        usd = usd - units_worth_usd(stream, tier, now.month) * unbilled
    return usd + metered_per_pass_usd(business, now, stream, tier) if terms.meters else usd


def by_token_usd(stream: Stream, tier: str, month: int) -> Number:
    """Return what a pass of a request pays at an API deployment without units, at its prices of a month, counted from 0."""
    return _in_month(stream.api_usd[tier], month)


def units_worth_usd(stream: Stream, tier: str, month: int) -> Number:
    """Return what a pass would pay by the token for that which units carry."""
    return by_token_usd(stream, tier, month) - _in_month(stream.beside_units_usd[tier], month)


def _in_month(epochs: Sequence[tuple[int, Number]], month: int) -> Number:
    usd: Number = 0.0
    for since, each in epochs:
        if since <= month:
            usd = each
    return usd


def paid_share(scenario: Scenario, tier: str) -> Number:
    """Return what of list prices an API deployment pays: less its own discount, and those of commitments that count it."""
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
    """Return the share of a workload's requests that a vendor refuses: what exceeds units where nothing goes beyond them."""
    return sum(
        (
            part * np.where(business.api_terms[tier].refuses, 1.0 - carried(business, now, tier), 0.0)
            for tier, part in business.streams[name].answered_by.items()
        ),
        start=0.0,
    )


@dataclass(frozen=True)
class PoolLoad:
    """What a pool of units is asked for a second: in the mean, in the busiest hour, and by hour where that is known."""

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
    """Return the pools of an API deployment with their loads; none where it has no units."""
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
    """Return what a pass pays for meters whose price goes by the month's quantity: its part at their mean price."""
    return sum(metered_lines_usd(business, now, stream, tier).values(), start=0.0)


def metered_lines_usd(business: Business, now: Billed, stream: Stream, tier: str) -> dict[str, Number]:
    """Return what a pass pays for each such meter, by the price list's name of its unit."""
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
    """Return what the units of an API deployment cost a month, used or not."""
    return sum((pool_usd(pool, load.units) for pool, load in pool_loads(business, now, tier)), start=0.0)


def calls_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return what all calls to an API deployment are billed a month."""
    total: Number = 0.0
    for name, stream in business.streams.items():
        if tier in stream.api_usd:
            total = total + now.requests[name] * tier_usd(business, now, stream, tier)
    return total * now.api_price


def missing_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return what is paid because less was spent than committed: a deployment's own bill and those that count with it."""
    deployment = business.scenario.deployments[tier]
    if not isinstance(deployment, ApiDeployment) or not some(deployment.committed.usd_per_month):
        return 0.0
    spent: Number = 0.0
    for name in (tier, *deployment.committed.also_counts):
        held = business.api_terms[name].held_usd_per_month
        spent = spent + calls_usd(business, now, name) + units_usd(business, now, name) + held
    return np.maximum(deployment.committed.usd_per_month - spent, 0.0)


def load_usd(business: Business, now: Billed) -> Number:
    """Return what all API deployments cost in some months beside calls and what is held: units, missed commitments."""
    if not business.bills_follow_load:
        return 0.0
    return sum(
        (units_usd(business, now, tier) + missing_usd(business, now, tier) for tier in business.api_terms),
        start=0.0,
    )


def anyway_usd(business: Business, now: Billed, tier: str) -> Number:
    """Return what an API deployment costs a month beside its calls: units, what is held at the vendor, a missed commitment."""
    if tier not in business.api_terms:
        return 0.0
    held = business.api_terms[tier].held_usd_per_month
    return held + units_usd(business, now, tier) + missing_usd(business, now, tier)
