"""A plan by month and line: the cost of each deployment, split by the workloads it serves."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from planner.arrays import quotient
from planner.model.company import api_bill, overheads, volumes
from planner.model.company.business import Business, Stream
from planner.model.company.cash_flows import all_flows, revenue_usd
from planner.model.company.month_blocks import MonthBlock, blocks, by_month, joined, with_ends
from planner.model.handed_on import FleetInMonths
from planner.records import dataclass
from planner.schema import Array, Number

FROM_FLOWS = {
    "customers": "customers", "revenue_usd": "revenue_usd", "fixed_costs_usd": "fixed_costs_usd",
    "acquisition_usd": "acquisition_usd", "one_off_usd": "one_off_usd", "funding_usd": "funding_usd",
    "cash_usd": "cash_usd",
}  # fmt: skip


IDLE = ""  # instead of a workload's name: owned GPUs that no workload lists any more


@dataclass(frozen=True)
class PlannedMonths:
    """The first months of a plan by line. Every array has shape (..., months): plans, then months.

    `lines` has the names of `schema.actuals`: "deployment_usd.NAME", "requests.NAME". The costs among them sum to the gross burn.
    `seats_usd` is what of the revenue follows customers, overage of their plans included; `use_usd` by workload the rest. `cost_usd` parts the
    cost that follows requests by (line, workload); `lost_usd` is what a request that fails loses by (line, workload).
    """

    lines: Mapping[str, Array]
    seats_usd: Array
    use_usd: Mapping[str, Array]
    cost_usd: Mapping[tuple[str, str], Array]
    lost_usd: Mapping[tuple[str, str], Array]


def month_lines(
    stages: Sequence[Business], solved: Sequence[Mapping[str, Number]], months: int
) -> PlannedMonths:
    """Return the first `months` of a plan's epochs, line by line.

    `solved` is the success of a request by workload in each epoch, people's share in it.
    """
    rows: dict[tuple[str, ...], list[Array]] = {}
    fleets = dict[str, FleetInMonths]()
    for (business, until), success in zip(with_ends(stages, months), solved, strict=True):
        fleets = {name: fleet.months(fleets.get(name)) for name, fleet in business.fleets.items()}
        for block in blocks(business, until):
            for key, value in _rows(business, success, block, fleets):
                rows.setdefault(key, []).append(by_month(block, value))
    found = {key: np.moveaxis(joined(each), 0, -1) for key, each in rows.items()}
    flows = all_flows(stages, months)
    lines = {line: flows[flow] for line, flow in FROM_FLOWS.items()}
    lines |= {".".join(key[1:]): each for key, each in found.items() if key[0] == "line"}
    return PlannedMonths(
        lines=lines,
        seats_usd=found["seats",],
        use_usd={key[1]: each for key, each in found.items() if key[0] == "use"},
        cost_usd={(key[1], key[2]): each for key, each in found.items() if key[0] == "cost"},
        lost_usd={(key[1], key[2]): each for key, each in found.items() if key[0] == "lost"},
    )


def _rows(
    business: Business, solved: Mapping[str, Number], block: MonthBlock, fleets: Mapping[str, FleetInMonths]
) -> Iterator[tuple[tuple[str, ...], Number]]:
    """Yield a block's values, months first, each under its field's name and its own."""
    asked = {name: volumes.requests(block, stream) for name, stream in business.streams.items()}
    now = api_bill.Billed(asked, block.first, block.api_price)
    yield from _requests(business, solved, block, now)
    other: Number = 0.0
    for name, stream in business.streams.items():
        lost_usd = api_bill.refused_share(business, now, name) * stream.lost_usd
        follows = asked[name] * (stream.flat_usd + lost_usd)
        other = other + follows + stream.flat_usd_per_month
        yield ("cost", "other_serving_usd", name), follows
    yield ("line", "other_serving_usd"), other
    revenue = revenue_usd(business, block)
    use = sum((_use_usd(business, block, now, each) for each in business.streams.values()), start=0.0)
    yield ("seats",), revenue - use
    yield ("line", "revenue_costs_usd"), overheads.revenue_cost_usd(business, block, revenue)
    for tier, total, costs in _deployments(business, block, now, fleets):
        yield ("line", "deployment_usd", tier), total
        for name, usd in costs.items():
            if name == IDLE:
                continue
            yield ("cost", f"deployment_usd.{tier}", name), usd


def deployments_usd(stages: Sequence[Business], months: int) -> dict[str, Array]:
    """Return each deployment's cost in the first `months` of a plan's epochs, USD, shape (months, ...).

    Includes tokens, units, rent or power, and staff; not GPU purchases or one-off payments.
    """
    rows: dict[str, list[Array]] = {}
    fleets = dict[str, FleetInMonths]()
    for business, until in with_ends(stages, months):
        fleets = {name: fleet.months(fleets.get(name)) for name, fleet in business.fleets.items()}
        for block in blocks(business, until):
            asked = {name: volumes.requests(block, stream) for name, stream in business.streams.items()}
            now = api_bill.Billed(asked, block.first, block.api_price)
            for tier, usd, _ in _deployments(business, block, now, fleets):
                rows.setdefault(tier, []).append(by_month(block, usd))
    return {tier: joined(each) for tier, each in rows.items()}


def _deployments(
    business: Business, block: MonthBlock, now: api_bill.Billed, fleets: Mapping[str, FleetInMonths]
) -> Iterator[tuple[str, Number, dict[str, Number]]]:
    """Yield each deployment with its cost in a block's months, and the part that follows each workload's requests."""
    for tier in business.scenario.deployments:
        costs = _of_api(business, now, tier)
        if tier in fleets:
            costs = _of_fleet(business, block, now.requests, (tier, fleets[tier]))
        standing = _standing_usd(business, tier) + api_bill.anyway_usd(business, now, tier)
        yield tier, standing + sum(costs.values(), start=0.0), costs


def _use_usd(business: Business, block: MonthBlock, now: api_bill.Billed, stream: Stream) -> Number:
    """Return the revenue from a workload's answered requests."""
    answered = 1.0 - api_bill.refused_share(business, now, stream.name)
    return volumes.own_requests(block, stream) * stream.revenue_usd * answered


def _requests(
    business: Business, solved: Mapping[str, Number], block: MonthBlock, now: api_bill.Billed
) -> Iterator[tuple[tuple[str, ...], Number]]:
    """Yield requests, success and what depends on them: usage revenue and failure costs, by workload."""
    scenario, asked = business.scenario, now.requests
    for name, stream in business.streams.items():
        own = volumes.own_requests(block, stream)
        outcome = scenario.workloads[name].outcome
        share = quotient(own, asked[name], otherwise=0.0)
        yield ("line", "requests", name), asked[name]
        answered = 1.0 - api_bill.refused_share(business, now, name)
        yield ("line", "success_share", name), solved[name] * answered
        yield ("use", name), _use_usd(business, block, now, stream)
        yield ("lost", "revenue_usd", name), share * scenario.revenue.usd_per_outcome
        yield ("lost", "other_serving_usd", name), outcome.failure_usd * outcome.failure_paid_share


def _standing_usd(business: Business, tier: str) -> Number:
    """Return a deployment's monthly cost independent of load: staff, unused GPUs."""
    return business.scenario.deployments[tier].staff_usd_per_month + business.unused_usd.get(tier, 0.0)


def _of_api(business: Business, now: api_bill.Billed, tier: str) -> dict[str, Number]:
    """Return the token cost of each workload at an API deployment."""
    return {
        name: now.requests[name] * api_bill.tier_usd(business, now, stream, tier) * now.api_price
        for name, stream in business.streams.items()
        if tier in stream.api_usd
    }


def _of_fleet(
    business: Business, block: MonthBlock, asked: Mapping[str, Number], fleet: tuple[str, FleetInMonths]
) -> dict[str, Number]:
    """Return what each workload's part of a fleet costs in rent, or power and housing; all of it as IDLE where none uses it."""
    tier, run = fleet
    paid = run.run(volumes.places(business, block, tier), rent_factor=block.rent).paid_usd
    if not business.fleets[tier].weight_per_call:
        return {IDLE: paid}
    per_call = business.fleets[tier].weight_per_call
    taken = {name: asked[name] * business.streams[name].calls[tier] * each for name, each in per_call.items()}
    every = np.asarray(sum(taken.values(), start=np.zeros_like(block.numbers)))
    used = every > 0
    safe = np.where(used, every, 1.0)
    return {name: paid * np.where(used, each / safe, 1.0 / len(taken)) for name, each in taken.items()}
