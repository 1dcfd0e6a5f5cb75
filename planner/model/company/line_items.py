"""Month 1, taken apart: every dollar of gross burn under one name."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from planner.model.company import payments, trajectory
from planner.model.fleet import fleets
from planner.model.result import LineItem
from planner.schema import ApiDeployment, Number, some
from planner.units import HOURS_PER_MONTH

if TYPE_CHECKING:
    from planner.model.evaluate import Joined

API_LINES = {
    "input tokens": "input_usd",
    "cache reads": "cache_read_usd",
    "cache writes": "cache_write_usd",
    "output tokens": "output_usd",
    "per-request fee": "request_usd",
}


def line_items(joined: "Joined", now: Mapping[str, fleets.FleetMonth]) -> tuple[LineItem, ...]:
    """Return the line items of month 1; those that are nothing in every plan are left out."""
    found = [
        *_api_items(joined),
        *_fleet_items(joined, now),
        *_unused_items(joined),
        *_extra_items(joined),
        *_company_items(joined),
    ]
    return tuple(item for item in found if some(item.usd_per_month))


def _api_items(joined: "Joined") -> Iterator[LineItem]:
    for (name, tier), epochs in joined.api_costs.items():
        each, deployment = joined.requests[name], joined.scenario.deployments[tier]
        assert isinstance(deployment, ApiDeployment)
        covered = trajectory.covered_share(joined.company, joined.requests_per_month, tier)
        billed = joined.requests_per_month[name] * (1.0 - covered) * (1.0 - deployment.discount_share)
        cost = epochs[0][1]
        for line, attribute in API_LINES.items():
            usd = billed * each.first_calls[tier] * getattr(cost, attribute)
            yield LineItem(line, usd, "serving", name, tier)
        again = each.calls[tier] - each.first_calls[tier]
        yield LineItem("retries", billed * again * cost.total_usd, "serving", name, tier)


def _fleet_items(joined: "Joined", now: Mapping[str, fleets.FleetMonth]) -> Iterator[LineItem]:
    for tier, fleet in joined.company.fleets.items():
        month = now[tier]
        if not fleet.hosted.owned:
            usd = fleets.rent_usd(fleet, month, 1.0)
            yield LineItem("GPU busy", usd * month.busy_share, "serving", deployment=tier)
            yield LineItem("GPU idle", usd * (1.0 - month.busy_share), "serving", deployment=tier)
            continue
        running = month.gpus * fleet.running_usd_per_gpu
        yield LineItem("GPU power and housing", running, "serving", deployment=tier)
        bought = month.gpus * fleet.hosted.owned_capex_usd
        yield LineItem("GPU purchase", bought, "one-off", deployment=tier)


def _unused_items(joined: "Joined") -> Iterator[LineItem]:
    for tier, usd in joined.company.unused_usd.items():
        yield LineItem("GPU idle", usd, "serving", deployment=tier)


def _extra_items(joined: "Joined") -> Iterator[LineItem]:
    for name, each in joined.requests.items():
        volume, outcome = joined.requests_per_month[name], joined.scenario.workloads[name].outcome
        for line, usd in each.extras_usd.items():
            yield LineItem(line, volume * usd, "outcomes" if line == "people" else "serving", name)
        yield LineItem("vector store", joined.company.streams[name].flat_usd_per_month, "serving", name)
        yield LineItem("failures", volume * each.failure_usd * outcome.failure_paid_share, "outcomes", name)


def _company_items(joined: "Joined") -> Iterator[LineItem]:
    scenario = joined.scenario
    for tier, deployment in scenario.deployments.items():
        staff = deployment.staff_usd_per_month + 0.0  # a range counts as its middle
        yield LineItem("serving staff", staff, "serving", deployment=tier)
        if isinstance(deployment, ApiDeployment):
            units = deployment.provisioned
            usd = units.units * units.usd_per_unit_hour * HOURS_PER_MONTH
            yield LineItem("provisioned capacity", usd, "serving", deployment=tier)
    yield LineItem("fixed costs", payments.fixed_usd(scenario.company, 1), "company")
    won = scenario.demand.customers * np.maximum(scenario.demand.growth_share_per_month, 0.0)
    yield LineItem("new customers", won * scenario.company.cac_usd_per_customer, "company")
    once = payments.paid_usd([*joined.company.payments, *joined.company.own_payments], 1)
    yield LineItem("one-off spend", once, "one-off")


def total_usd(items: tuple[LineItem, ...]) -> Number:
    """Return the sum of the line items: the gross burn of month 1."""
    return sum((item.usd_per_month for item in items), start=0.0)
