"""Every flow of money and use, month by month: what tables and charts show."""

import numpy as np

from planner.model.company import payments, trajectory
from planner.model.company.trajectory import Company, Rows
from planner.model.fleet import fleets
from planner.model.result import FLOWS
from planner.records import dataclass
from planner.schema import Array, Number, some


@dataclass(frozen=True)
class Served:
    """The cost of serving in some months: in unit cost (`cogs_usd`), in cash, and purchases of GPUs."""

    cogs_usd: Number
    cash_usd: Number
    capex_usd: Number
    gpus: Number


def all_flows(company: Company, months: int) -> dict[str, Array]:
    """Return every flow, months last."""
    owned: dict[str, Number] = dict.fromkeys(company.fleets, 0.0)
    blocks = [_flows(company, rows, owned) for rows in trajectory.blocks(company, months)]
    found = {
        name: trajectory.joined([block[name] for block in blocks]) for name in FLOWS if name != "cash_usd"
    }
    found["cash_usd"] = _cash_usd(company, found["funding_usd"], found["net_burn_usd"])
    return {name: np.moveaxis(values, 0, -1) for name, values in found.items()}


def _cash_usd(company: Company, funding_usd: Array, net_burn_usd: Array) -> Array:
    """Return the cash at the end of each month, months first."""
    cash: Array = np.asarray(company.scenario.company.cash_usd, dtype=float)
    rows = []
    for raised, net in zip(funding_usd, net_burn_usd, strict=True):
        cash = cash + raised - net
        rows.append(cash)
    return np.stack(rows)


def first_flows(company: Company) -> dict[str, Array]:
    """Return every flow of month 1, without an axis for months, in the smallest shape that it has."""
    found = _flows(company, trajectory.months(company, 0), dict.fromkeys(company.fleets, 0.0))
    return {name: each[0] for name, each in found.items()}


def revenue_usd(company: Company, rows: Rows) -> Array:
    """Return the revenue of some months, months first."""
    seats = company.scenario.revenue.usd_per_customer_per_month * rows.seat_price
    revenue: Number = rows.customers * seats
    for stream in company.streams.values():
        if some(stream.revenue_usd):
            revenue = revenue + trajectory.requests(rows, stream) * stream.revenue_usd
    return np.asarray(revenue)


def _flows(company: Company, rows: Rows, owned: dict[str, Number]) -> dict[str, Array]:
    """Return every flow of some months, months first, each in its own smallest shape."""
    served = _served(company, rows, owned)
    fixed = trajectory.fixed_usd(company, rows)
    new_usd = rows.customers * trajectory.acquisition_usd(company.scenario)
    paid = trajectory.once_usd(company, rows) + served.capex_usd
    spread = trajectory.by_month(rows, payments.amortised_usd(company.payments, rows.numbers))
    revenue = revenue_usd(company, rows)
    gross = served.cash_usd + fixed + new_usd + paid
    asked = sum(
        (trajectory.requests(rows, each) for each in company.streams.values()), start=0.0 * rows.usage
    )
    values: dict[str, Number] = {
        "customers": rows.customers,
        "requests": asked,
        "revenue_usd": revenue,
        "cogs_usd": served.cogs_usd + spread,
        "fixed_costs_usd": fixed,
        "acquisition_usd": new_usd,
        "one_off_usd": paid,
        "gross_burn_usd": gross,
        "net_burn_usd": gross - revenue,
        "funding_usd": trajectory.raised_usd(company, rows),
        "gpus": served.gpus,
    }
    return {name: np.asarray(value) for name, value in values.items()}


def _served(company: Company, rows: Rows, owned: dict[str, Number]) -> Served:
    nothing = np.zeros((rows.count, *([1] * len(company.shape))))
    cogs: Number = nothing + trajectory.overhead_usd(company)
    apart: Number = 0.0
    capex: Number = 0.0
    gpus: Number = nothing
    for name, stream in company.streams.items():
        api = trajectory.request_api_usd(company, rows, name) * rows.api_price
        cogs = cogs + trajectory.requests(rows, stream) * (api + stream.flat_usd)
    for name, fleet in company.fleets.items():
        here, paid = fleets.gpus(fleet, *trajectory.slots(company, rows, name))
        usd = fleets.unit_usd(fleet, here, paid, rows.rent)
        cogs = cogs + usd
        apart = apart + fleets.paid_usd(fleet, here, paid, rows.rent) - usd
        gpus = gpus + here
        if fleet.hosted.owned:
            capex = capex + trajectory.bought(here, owned, name) * fleet.hosted.owned_capex_usd
    return Served(
        cogs_usd=cogs, cash_usd=cogs + apart if company.fleets else cogs, capex_usd=capex, gpus=gpus
    )
