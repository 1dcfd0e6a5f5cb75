"""Every flow of money and usage by month, for tables and charts."""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.model.company import api_bill, overheads, payments, volumes
from planner.model.company.business import Business
from planner.model.company.month_blocks import MonthBlock, blocks, by_month, joined, one_block, with_ends
from planner.model.company.settlement import (
    earns_interest,
    interest_usd,
    prepaid_share,
    seat_price_share,
    settled,
    settles_later,
)
from planner.model.handed_on import FleetFlows, FleetInMonths
from planner.records import dataclass
from planner.schema import Array, Number, Scenario, some

INVOICE = "invoice of "  # prefix of a deployment's name among the flows


@dataclass(frozen=True)
class Served:
    """The cost of serving in some months: as unit cost (`cogs_usd`), in cash, and GPU purchases. Months first.

    `invoices` are the vendors' charges per deployment, which credits may pay.
    """

    cogs_usd: Number
    cash_usd: Number
    capex_usd: Number
    gpus: Number
    invoices: Mapping[str, Number]


def all_flows(stages: Sequence[Business], months: int) -> dict[str, Array]:
    """Return every flow of a plan's epochs, months last: USD, except customers, requests and GPUs."""
    business, fleets = stages[0], dict[str, FleetInMonths]()
    each = []
    for stage, until in with_ends(stages, months):
        fleets = {name: fleet.months(fleets.get(name)) for name, fleet in stage.fleets.items()}
        each += [of_block(stage, block, fleets) for block in blocks(stage, until)]
    found = {name: joined([flows[name] for flows in each]) for name in each[0]}
    if settles_later(business.scenario):
        found = _settled(business.scenario, found)
    if earns_interest(business.scenario):
        found |= _with_interest(business.scenario, found)
    found["cash_usd"] = _cash_usd(business, found["funding_usd"], found["net_burn_usd"])
    return {name: np.moveaxis(values, 0, -1) for name, values in found.items()}


def _with_interest(scenario: Scenario, flows: Mapping[str, Array]) -> dict[str, Array]:
    """Return the interest earned each month, months first, and net burn minus it.

    Planned raises earn nothing, since the runway without them must not include their interest.
    """
    own: Array = np.asarray(scenario.company.cash_usd, dtype=float)
    earned, burn = [], []
    for raised, planned, net in zip(
        flows["funding_usd"], flows["planned_funding_usd"], flows["net_burn_usd"], strict=True
    ):
        there = own + raised - planned
        earned.append(np.asarray(interest_usd(scenario.cash, there)))
        burn.append(net - earned[-1])
        own = there - burn[-1]
    return {
        "interest_usd": np.stack(np.broadcast_arrays(*earned)),
        "net_burn_usd": np.stack(np.broadcast_arrays(*burn)),
    }


def _cash_usd(business: Business, funding_usd: Array, net_burn_usd: Array) -> Array:
    """Return the cash at the end of each month, months first."""
    cash: Array = np.asarray(business.scenario.company.cash_usd, dtype=float)
    rows = []
    for raised, net in zip(funding_usd, net_burn_usd, strict=True):
        cash = cash + raised - net
        rows.append(cash)
    return np.stack(rows)


def first_flows(business: Business) -> dict[str, Array]:
    """Return every flow of month 1, without a month axis, in its smallest shape."""
    fleets = {name: fleet.months(None) for name, fleet in business.fleets.items()}
    found = of_block(business, one_block(business, 0), fleets)
    if settles_later(business.scenario):
        found = _settled(business.scenario, found)
    if earns_interest(business.scenario):
        found |= _with_interest(business.scenario, found)
    return {name: each[0] for name, each in found.items()}


def fleet_flows(stages: Sequence[Business], month: int) -> dict[str, FleetFlows]:
    """Return each fleet's cost in a month, counted from 0, given everything bought before it."""
    begun = [each for each in stages if each.carried.month <= month]
    fleets, flows = dict[str, FleetInMonths](), dict[str, FleetFlows]()
    for stage, until in with_ends(begun, month + 1):
        fleets = {name: fleet.months(fleets.get(name)) for name, fleet in stage.fleets.items()}
        for block in blocks(stage, until):
            for name, fleet in fleets.items():
                flows[name] = fleet.run(volumes.places(stage, block, name), rent_factor=block.rent)
    return {name: _last_month(flows[name]) for name in fleets}


def _last_month(flows: FleetFlows) -> FleetFlows:
    """Return the last of some months, without an axis for months."""

    def last(value: Number) -> Array:
        return np.asarray(value)[-1] if np.ndim(value) else np.asarray(value)

    return FleetFlows(
        last(flows.gpus), last(flows.paid_usd), last(flows.bought_usd), last(flows.depreciation_usd)
    )


def later_usd(stages: Sequence[Business], months: int) -> Array:
    """Return the difference of each month's net burn from cost minus revenue, months first."""
    flows = all_flows(stages, months)
    return np.moveaxis(flows["net_burn_usd"] - (flows["gross_burn_usd"] - flows["revenue_usd"]), -1, 0)


def _settled(scenario: Scenario, flows: Mapping[str, Array]) -> dict[str, Array]:
    """Return the flows with the cash flows added, and net burn on a cash basis."""
    invoices = {name.removeprefix(INVOICE): usd for name, usd in flows.items() if name.startswith(INVOICE)}
    kept = {
        name: each for name, each in flows.items() if not name.startswith(INVOICE) and name != "prepaid_usd"
    }
    return kept | settled(scenario.cash, flows, invoices)


def seats_usd(business: Business, block: MonthBlock) -> Number:
    """Return seat revenue of some months after discounts, months first."""
    seats = block.customers * (business.scenario.revenue.usd_per_customer_per_month * block.seat_price)
    if block.segments.months:
        seats = seats + block.segments.sum("seats_usd", block.first, block.count)
    cash = business.scenario.cash
    return seats * seat_price_share(cash) if some(cash.annual_discount_share) else seats


def revenue_usd(business: Business, block: MonthBlock) -> Array:
    """Return the revenue of some months, months first."""
    revenue = seats_usd(business, block)
    now = api_bill.billed(business, block)
    for name, stream in business.streams.items():
        if some(stream.revenue_usd):
            paid = volumes.own_requests(block, stream) * stream.revenue_usd
            if stream.answered_by:
                paid = paid * (1.0 - api_bill.refused_share(business, now, name))
            revenue = revenue + paid
    if block.segments.months:
        revenue = revenue + block.segments.sum("overage_usd", block.first, block.count)
    return np.asarray(revenue)


def customers(block: MonthBlock) -> Number:
    """Return all customers of some months, inside and outside segments, months first."""
    if not block.segments.months:
        return block.customers
    return block.customers + block.segments.sum("customers", block.first, block.count)


def of_block(business: Business, block: MonthBlock, fleets: Mapping[str, FleetInMonths]) -> dict[str, Array]:
    """Return every flow of some months, months first, each in its own smallest shape."""
    values, served = _money(business, block, fleets)
    asked = sum(
        (volumes.requests(block, each) for each in business.streams.values()), start=0.0 * block.usage
    )
    values |= {
        "customers": customers(block),
        "requests": asked,
        "funding_usd": overheads.raised_usd(business, block),
        "planned_funding_usd": overheads.planned_usd(business, block),
        "gpus": served.gpus,
    }
    if settles_later(business.scenario):
        values["prepaid_usd"] = seats_usd(business, block) * prepaid_share(business.scenario.cash)
        values |= {INVOICE + name: usd for name, usd in served.invoices.items()}
    return {name: np.asarray(value) for name, value in values.items()}


def money_of_block(
    business: Business, block: MonthBlock, fleets: Mapping[str, FleetInMonths]
) -> tuple[Array, Array, Array]:
    """Return net burn, revenue and cost of serving of some months, months first, for cash and profit."""
    values, _ = _money(business, block, fleets)
    net, revenue, cogs = (np.asarray(values[name]) for name in ("net_burn_usd", "revenue_usd", "cogs_usd"))
    return net, revenue, cogs


def _money(
    business: Business, block: MonthBlock, fleets: Mapping[str, FleetInMonths]
) -> tuple[dict[str, Number], Served]:
    revenue = revenue_usd(business, block)
    served = _served(business, block, fleets)
    follows = overheads.revenue_cost_usd(business, block, revenue)
    fixed = overheads.fixed_usd(business, block)
    new_usd = overheads.new_customers_usd(business, block)
    paid = overheads.once_usd(business, block) + served.capex_usd
    spread = by_month(block, payments.amortised_usd(business.payments, block.numbers))
    gross = served.cash_usd + follows + fixed + new_usd + paid
    values: dict[str, Number] = {
        "revenue_usd": revenue,
        "cogs_usd": served.cogs_usd + follows + spread,
        "fixed_costs_usd": fixed,
        "acquisition_usd": new_usd,
        "one_off_usd": paid,
        "gross_burn_usd": gross,
        "net_burn_usd": gross - revenue,
    }
    return values, served


def _served(business: Business, block: MonthBlock, fleets: Mapping[str, FleetInMonths]) -> Served:
    nothing = np.zeros((block.count, *([1] * len(business.shape))))
    cash: Number = nothing + overheads.standing_usd(business)
    depreciation: Number = 0.0
    capex: Number = 0.0
    gpus: Number = nothing
    rented: dict[str, Number] = {}
    now = api_bill.billed(business, block)
    for name, stream in business.streams.items():
        api = api_bill.request_usd(business, now, name) * block.api_price
        usd = api + stream.flat_usd
        if stream.answered_by:
            usd = usd + api_bill.refused_share(business, now, name) * stream.lost_usd
        cash = cash + volumes.requests(block, stream) * usd
    cash = cash + api_bill.load_usd(business, now)
    for name, fleet in fleets.items():
        flows = fleet.run(volumes.places(business, block, name), rent_factor=block.rent)
        cash = cash + flows.paid_usd
        depreciation = depreciation + flows.depreciation_usd
        capex = capex + flows.bought_usd
        gpus = gpus + flows.gpus
        rented[name] = flows.paid_usd
    invoices = _invoices(business, block, rented) if business.scenario.cash.credits else {}
    return Served(cogs_usd=cash + depreciation, cash_usd=cash, capex_usd=capex, gpus=gpus, invoices=invoices)


def _invoices(business: Business, block: MonthBlock, rented_usd: Mapping[str, Number]) -> dict[str, Number]:
    """Return the charges for each deployment in some months, months first: calls, units, GPUs, without staff."""
    found: dict[str, Number] = {}
    volume = {name: volumes.requests(block, each) for name, each in business.streams.items()}
    now = api_bill.Billed(volume, block.first, block.api_price)
    for tier in business.scenario.deployments:
        usd = np.zeros_like(block.numbers) + rented_usd.get(tier, 0.0)
        found[tier] = usd + api_bill.anyway_usd(business, now, tier) + api_bill.calls_usd(business, now, tier)
    return found
