"""The months as one would write them down: a loop over months, every flow an array of all plans.

Kept as the reference of `planner.model.company.months`: the tests hold both equal to 1e-12, the benchmark compares their speed.
"""

import numpy as np

from planner.model.company import api_bill, overheads, payments
from planner.model.company.monthly_factors import monthly_factors
from planner.model.fleet import fleets


def months(joined, count):
    """Return every flow by name, arrays of shape (months, plans)."""
    company = joined.business
    scenario, factors = company.scenario, monthly_factors(company.scenario)
    out = {}
    customers, usage = scenario.demand.customers, 1.0
    api_price = rent = seat_price = 1.0
    cash = scenario.company.cash_usd
    owned = {name: [] for name in company.fleets}
    for month in range(count):
        requests = {
            name: stream.asked.per_customer * customers * usage + stream.asked.besides
            for name, stream in company.streams.items()
        }
        served = serving(joined, requests, month, api_price=api_price, rent=rent, owned=owned)
        won = customers * np.maximum(scenario.demand.growth_share_per_month, 0.0)
        acquisition = won * scenario.company.cac_usd_per_customer
        fixed = payments.fixed_usd(scenario.company, month + 1)
        paid = payments.paid_usd([*company.payments, *company.own_payments], month + 1) + served["capex_usd"]
        spread = payments.amortised_usd(company.payments, month + 1)
        revenue = customers * scenario.revenue.usd_per_customer_per_month * seat_price
        for name, stream in company.streams.items():
            revenue = revenue + requests[name] * stream.revenue_usd
        charge = overheads.charge_usd(company)
        rates = scenario.cash.payment_fee_share + scenario.cash.other_cogs_share
        follows = revenue * rates + customers * charge
        gross = served["cash_usd"] + follows + fixed + acquisition + paid
        net = gross - revenue
        raised = payments.raised_usd(scenario.company, month + 1)
        cash = cash + raised - net
        row = {
            "customers": customers,
            "requests": sum(requests.values()),
            "revenue_usd": revenue,
            "cogs_usd": served["cogs_usd"] + follows + spread,
            "fixed_costs_usd": fixed,
            "acquisition_usd": acquisition,
            "one_off_usd": paid,
            "gross_burn_usd": gross,
            "net_burn_usd": net,
            "funding_usd": raised,
            "planned_funding_usd": payments.planned_usd(scenario.company, month + 1),
            "cash_usd": cash,
            "gpus": served["gpus"],
        }
        for name, value in row.items():
            out.setdefault(name, np.empty((count, *company.shape)))[month] = value
        customers = customers * factors.customers
        usage = usage * factors.usage
        api_price = api_price * factors.api_price
        rent = rent * factors.rent
        seat_price = seat_price * factors.seat_price
    return out


def serving(joined, requests, month, *, api_price, rent, owned):
    """Return the cost of serving one month."""
    company = joined.business
    cogs = cash = capex = gpus = 0.0
    now = api_bill.Billed(requests, month, api_price)
    for name, stream in company.streams.items():
        api = sum(api_bill.tier_usd(company, now, stream, tier) for tier in stream.api_usd)
        cogs = cogs + requests[name] * (api * api_price + stream.flat_usd) + stream.flat_usd_per_month
    for deployment in company.scenario.deployments.values():
        cogs = cogs + deployment.staff_usd_per_month
    cogs = cogs + sum(api_bill.anyway_usd(company, now, tier) for tier in company.api_terms)
    for name, fleet in joined.fleets.items():
        calls = {
            w: requests[w] * stream.calls[name]
            for w, stream in company.streams.items()
            if name in stream.calls
        }
        now = fleets.fleet_month(fleet, calls)
        gpus = gpus + now.gpus
        if not fleet.terms.owned:
            cogs = cogs + rented(fleet, calls, rent)
            continue
        life = np.asarray(fleet.deployment.owned.life_years * 12.0)
        ages = [np.where(month - at < np.ceil(life - 1e-9), count, 0.0) for at, count in owned[name]]
        sold = sum(np.where(month - at == np.ceil(life - 1e-9), count, 0.0) for at, count in owned[name])
        bought = np.maximum(now.gpus - sum(ages), 0.0)
        owned[name].append((month, bought))
        there = sum(ages) + bought
        lost = sum(count * np.clip(life - (month - at), 0.0, 1.0) for at, count in owned[name])
        resold = sold * fleet.deployment.owned.residual_share
        capex = capex + (bought - resold) * fleet.capex_usd_per_gpu
        running = now.gpus * fleet.power_usd_per_gpu + there * fleet.housing_usd_per_gpu
        cogs = cogs + running + lost * fleet.depreciation_usd_per_gpu
        cash = cash - lost * fleet.depreciation_usd_per_gpu
    return {"cogs_usd": cogs, "cash_usd": cogs + cash, "capex_usd": capex, "gpus": gpus}


def rented(fleet, calls, rent):
    """Return the rent of a month."""
    return fleets.rented_usd(fleet, fleets.gpus(fleet, fleets.places_busy(fleet, calls)), rent)


def runway(flows, start_usd):
    """Return the months until the cash is gone without raises that have not closed, nan where it lasts."""
    cash_usd = flows["cash_usd"] - np.cumsum(flows["planned_funding_usd"], axis=0)
    crossed = (cash_usd <= 0) & (flows["net_burn_usd"] > 0)
    first = crossed.argmax(axis=0)
    burn = np.take_along_axis(flows["net_burn_usd"], first[None], 0)[0]
    opening = np.take_along_axis(cash_usd, first[None], 0)[0] + burn
    return np.where(
        crossed.any(axis=0), first + np.clip(opening / np.where(burn > 0, burn, 1.0), 0.0, 1.0), np.nan
    )
