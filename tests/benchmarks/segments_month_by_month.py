"""The months of a plan with segments, sessions and dated changes as one would write them down: a loop, arrays of all plans.

The reference of `planner.model.company.segments` and of epochs: a test holds both equal, the benchmark compares their speed.
It takes each epoch's cost per request as given, as the planner does; fleets, terms and credits are not in it.
"""

import numpy as np

from planner.model.company import api_bill, overheads, payments
from planner.model.company.asked import with_started
from planner.model.company.segments import leaving_of, use_of
from planner.units import MONTHS_PER_YEAR


def months(parts, count):
    """Return net burn, cash and customers, arrays of shape (months, plans), of the epochs `parts`."""
    shape = parts[0].business.shape
    out = {
        name: np.empty((count, *shape)) for name in ("customers", "revenue_usd", "net_burn_usd", "cash_usd")
    }
    cash, people, usage, price = parts[0].scenario.company.cash_usd, None, {}, {}
    for month in range(count):
        joined = [each for each in parts if each.business.carried.month <= month][-1]
        scenario, company = joined.scenario, joined.business
        if people is None:
            people = {
                name: [*([0.0] * len(each.retention)), each.customers]
                for name, each in scenario.segments.items()
            }
            usage, price = dict.fromkeys(people, 1.0), dict.fromkeys(people, 1.0)
        revenue, won, paying = 0.0, 0.0, 0.0
        own = dict.fromkeys(scenario.workloads, 0.0)
        arrived = dict.fromkeys(people, 0.0)
        everyone = sum(sum(each) for each in people.values())
        for name, segment in scenario.segments.items():
            here = sum(people[name])
            pays = segment.usd_per_customer_per_month * price[name]
            for workload in scenario.workloads:
                use = use_of(scenario, segment, workload, usage=usage[name])
                own[workload] = own[workload] + here * use.requests
                pays = pays + use.overage_usd
            revenue = revenue + here * pays
            paying = paying + here * (pays > 0)
            people[name], moved, joined_here = later(segment, people[name])
            won = won + np.maximum(joined_here, 0.0) * segment.cac_usd_per_customer
            arrived[name] = arrived[name] + joined_here
            for other, share in segment.becomes.items():
                arrived[other] = arrived[other] + moved * share / sum(segment.becomes.values())
            usage[name] = usage[name] * np.exp(np.log(segment.usage_growth_x_per_year) / MONTHS_PER_YEAR)
            price[name] = price[name] * (1.0 + segment.expansion_share_per_month)
        for name, came in arrived.items():
            people[name][0] = people[name][0] + came
        asked = with_started(scenario, own)
        follows = revenue * overheads.revenue_cost_share(scenario) + paying * scenario.cash.payment_fee_usd
        once = payments.paid_usd([*company.payments, *company.own_payments], month + 1)
        fixed = payments.fixed_usd(scenario.company, month + 1)
        net = served(company, asked, month) + follows + fixed + once + won - revenue
        cash = cash + payments.raised_usd(scenario.company, month + 1) - net
        for name, value in (
            ("customers", everyone),
            ("revenue_usd", revenue),
            ("net_burn_usd", net),
            ("cash_usd", cash),
        ):
            out[name][month] = value
    return out


def later(segment, by_age):
    """Return customers by age a month later, those who move on, and those who join."""
    leaves = leaving_of(segment)
    stay = [count * share for count, share in zip(by_age, leaves.stays, strict=True)]
    moved = sum(count * share for count, share in zip(by_age, leaves.moves, strict=True))
    here = sum(by_age)
    joined = np.maximum(here * segment.growth_share_per_month + segment.new_customers_per_month, -sum(stay))
    if len(stay) == 1:
        return stay, moved, joined
    return [0.0, *stay[:-2], stay[-2] + stay[-1]], moved, joined


def served(company, asked, month):
    """Return what serving a month's requests costs."""
    now = api_bill.Billed(asked, month, 1.0)
    usd = 0.0
    for name, stream in company.streams.items():
        api = sum(api_bill.tier_usd(company, now, stream, tier) for tier in stream.api_usd)
        usd = usd + asked[name] * (api + stream.flat_usd) + stream.flat_usd_per_month
    for deployment in company.scenario.deployments.values():
        usd = usd + deployment.staff_usd_per_month
    return usd
