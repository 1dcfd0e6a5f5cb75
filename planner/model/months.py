"""The plan month by month: customers, requests, revenue, costs, cash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.model import fleets, schedule
from planner.model.result import Months
from planner.schema import Number, Scenario
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_MONTH

FLOWS = (
    "customers", "requests", "revenue_usd", "cogs_usd", "fixed_costs_usd", "acquisition_usd", "one_off_usd",
    "gross_burn_usd", "net_burn_usd", "funding_usd", "cash_usd", "gpus",
)  # fmt: skip


@dataclass(frozen=True)
class Stream:
    """One workload's requests and what each of them costs and earns. `calls` are per deployment and request.

    `api_usd` holds (month from which it counts, USD per call) per deployment; months count from 0.
    """

    per_customer: Number
    besides: Number
    calls: Mapping[str, Number]
    api_usd: Mapping[str, Sequence[tuple[int, Number]]]
    api_tokens: Number
    flat_usd: Number
    flat_usd_per_month: Number
    revenue_usd: Number


@dataclass(frozen=True)
class Company:
    """What the months need beside the requests."""

    scenario: Scenario
    streams: Mapping[str, Stream]
    fleets: Mapping[str, fleets.Fleet]
    payments: Sequence[schedule.Payment]
    own_payments: Sequence[schedule.Payment]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Path:
    """How customers, usage and prices move from month to month: factors per month."""

    customers: Number
    usage: Number
    api_price: Number
    rent: Number
    seat_price: Number


def path(scenario: Scenario) -> Path:
    """Return the monthly factors of a scenario. Source: price(t) = price0 * d^-t, evidence formula price_path."""
    demand, decline = scenario.demand, scenario.decline
    api = np.maximum(decline.same_model_price_x_per_year, decline.same_quality_price_x_per_year)
    return Path(
        customers=np.maximum(1.0 + demand.growth_share_per_month - demand.churn_share_per_month, 0.0),
        usage=_per_month(demand.usage_growth_x_per_year),
        api_price=1.0 / _per_month(api),
        rent=1.0 / _per_month(decline.gpu_rent_x_per_year),
        seat_price=1.0 + demand.expansion_share_per_month,
    )


def _per_month(x_per_year: Number) -> Number:
    return np.exp(np.log(x_per_year) / MONTHS_PER_YEAR)


def run(company: Company, months: int) -> Months:
    """Return the months of a plan, arrays of shape (..., months).

    Month 1 has today's customers and prices; growth, churn and declines act from month 2. A one-off, a
    purchase of GPUs and a customer's acquisition are paid in cash when they happen; unit cost bears them
    spread. Funding arrives at the start of its month and is no part of burn.
    """
    scenario, factors = company.scenario, path(company.scenario)
    out = {name: np.empty((months, *company.shape)) for name in FLOWS}
    customers: Number = scenario.demand.customers
    usage = api_factor = rent_factor = seat_factor = 1.0  # type: Number
    cash: Number = scenario.company.cash_usd
    owned: dict[str, Number] = dict.fromkeys(company.fleets, 0.0)
    for month in range(months):
        requests = {
            name: (stream.per_customer * customers + stream.besides) * usage
            for name, stream in company.streams.items()
        }
        served = _serving(company, requests, month, Prices(api_factor, rent_factor), owned)
        new_usd = (
            customers
            * np.maximum(scenario.demand.growth_share_per_month, 0.0)
            * scenario.company.cac_usd_per_customer
        )
        fixed = schedule.fixed_usd(scenario.company, month + 1)
        paid = schedule.paid_usd([*company.payments, *company.own_payments], month + 1) + served.capex_usd
        spread = schedule.amortised_usd(company.payments, month + 1)
        revenue = customers * scenario.revenue.usd_per_customer_per_month * seat_factor
        for name, stream in company.streams.items():
            revenue = revenue + requests[name] * stream.revenue_usd
        gross = served.cash_usd + fixed + new_usd + paid
        net = gross - revenue
        raised = schedule.raised_usd(scenario.company, month + 1)
        cash = cash + raised - net
        row = (
            customers, sum(requests.values(), start=0.0), revenue, served.cogs_usd + spread, fixed, new_usd, paid,
            gross, net, raised, cash, served.gpus,
        )  # fmt: skip
        for name, value in zip(FLOWS, row, strict=True):
            out[name][month] = value
        customers = customers * factors.customers
        usage = usage * factors.usage
        api_factor = api_factor * factors.api_price
        rent_factor = rent_factor * factors.rent
        seat_factor = seat_factor * factors.seat_price
    return Months(**{name: np.moveaxis(values, 0, -1) for name, values in out.items()})


@dataclass(frozen=True)
class Prices:
    """How prices stand against month 1, as factors."""

    api: Number
    rent: Number


@dataclass(frozen=True)
class Served:
    """The cost of serving one month: in unit cost (`cogs_usd`), in cash, and purchases of GPUs."""

    cogs_usd: Number
    cash_usd: Number
    capex_usd: Number
    gpus: Number


def _serving(
    company: Company, requests: Mapping[str, Number], month: int, prices: Prices, owned: dict[str, Number]
) -> Served:
    cogs: Number = 0.0
    cash: Number = 0.0
    capex: Number = 0.0
    gpus: Number = 0.0
    for name, stream in company.streams.items():
        api = sum(
            (api_usd(company, requests, stream, deployment, month)
             for deployment in stream.api_usd), start=0.0,
        )  # fmt: skip
        cogs = cogs + requests[name] * (api * prices.api + stream.flat_usd) + stream.flat_usd_per_month
    for deployment in company.scenario.deployments.values():
        cogs = cogs + deployment.staff_usd_per_month
    cogs = cogs + provisioned_usd(company.scenario)
    for name, fleet in company.fleets.items():
        calls = {
            w: requests[w] * stream.calls[name]
            for w, stream in company.streams.items()
            if name in stream.calls
        }
        now = fleets.fleet_month(fleet, calls)
        usd = fleets.rent_usd(fleet, now, prices.rent)
        cogs = cogs + usd
        gpus = gpus + now.gpus
        if fleet.hosted.owned:
            bought = np.maximum(now.gpus - owned[name], 0.0)
            owned[name] = owned[name] + bought
            capex = capex + bought * fleet.hosted.owned_capex_usd
            cash = cash - now.gpus * fleet.depreciation_usd_per_gpu
    return Served(cogs_usd=cogs, cash_usd=cogs + cash, capex_usd=capex, gpus=gpus)


def api_usd(
    company: Company, requests: Mapping[str, Number], stream: Stream, name: str, month: int
) -> Number:
    """Return what one request of a stream pays per token at one API deployment, in a month counted from 0.

    Provisioned units answer up to their capacity at the busiest hour's rate; the rest is billed per token.
    """
    usd: Number = 0.0
    for since, each in stream.api_usd[name]:
        if since <= month:
            usd = each
    return stream.calls[name] * usd * (1.0 - covered_share(company, requests, name))


def covered_share(company: Company, requests: Mapping[str, Number], name: str) -> Number:
    """Return the share of a deployment's tokens that provisioned units carry at the peak."""
    deployment = company.scenario.deployments[name]
    if deployment.kind != "api" or not np.any(deployment.provisioned.units):
        return 0.0
    peak: Number = 0.0
    for other, stream in company.streams.items():
        if name in stream.calls:
            tokens = requests[other] * stream.calls[name] * stream.api_tokens / SECONDS_PER_MONTH
            peak = peak + tokens * company.scenario.workloads[other].peak_to_mean
    capacity = deployment.provisioned.units * deployment.provisioned.tokens_per_s_per_unit
    return np.minimum(capacity / np.maximum(peak, 1e-12), 1.0)


def provisioned_usd(scenario: Scenario) -> Number:
    """Return what provisioned API capacity costs a month, used or not."""
    return sum(
        (
            each.provisioned.units * each.provisioned.usd_per_unit_hour * HOURS_PER_MONTH
            for each in scenario.deployments.values()
            if each.kind == "api"
        ),
        start=0.0,
    )
