"""What each segment pays, costs and is worth in a month, also by tenth of its customers."""

from collections.abc import Mapping

import numpy as np

from planner.model.company import ages
from planner.model.company.business import Business
from planner.model.company.cost_of_outcome import ratio
from planner.model.company.overheads import revenue_cost_share
from planner.model.company.segments import by_tenth, credits_usd, leaving_of, use_by_tenth
from planner.model.company.settlement import seat_price_share
from planner.model.result import SegmentResult, TenthsResult, WorkloadResult
from planner.schema import Array, Number, Scenario


def segment_results(
    business: Business, per_workload: Mapping[str, WorkloadResult], month: int = 0
) -> dict[str, SegmentResult]:
    """Return each segment in a month, counted from 0, at its workloads' full cost per request."""
    if not business.segments.months:
        return {}
    at = month - business.segments.first
    found = {name: _in_month(business, per_workload, name, at) for name in business.segments.months}
    worth = _ltv_usd(
        business.scenario, {name: each["margin_usd_per_customer"] for name, each in found.items()}
    )
    return {
        name: SegmentResult(**each, ltv_usd=worth[name], tenths=_tenths(business, per_workload, name, at))
        for name, each in found.items()
    }


def _in_month(
    business: Business, per_workload: Mapping[str, WorkloadResult], name: str, at: int
) -> dict[str, Number]:
    months = business.segments.months[name]
    cash = business.scenario.cash
    seats = months.flow("seats_usd", at) * seat_price_share(cash)
    overage = months.flow("overage_usd", at)
    revenue = seats + overage
    served = sum(
        (months.asked(other, at) * _usd(each) for other, each in per_workload.items()), start=np.zeros(())
    )
    follows = (
        revenue * revenue_cost_share(business.scenario) + months.flow("paying", at) * cash.payment_fee_usd
    )
    margin = revenue - served - follows
    return {
        "customers": months.customers[at],
        "requests_per_month": sum((months.asked(other, at) for other in months.requests), start=np.zeros(())),
        "seats_usd_per_month": seats,
        "overage_usd_per_month": overage,
        "revenue_usd_per_month": revenue,
        "serving_usd_per_month": served,
        "cogs_usd_per_month": served + follows,
        "margin_usd_per_month": margin,
        "margin_usd_per_customer": ratio(margin, months.customers[at]),
        "gross_margin_share": ratio(margin, revenue),
        "months_there": ages.months_there(leaving_of(business.scenario.segments[name])),
    }


def _usd(workload: WorkloadResult) -> Number:
    return np.where(np.isnan(workload.usd_per_request), 0.0, workload.usd_per_request)


def _ltv_usd(scenario: Scenario, margin_usd: Mapping[str, Number]) -> dict[str, Array]:
    """Return a new customer's lifetime gross profit, including later segments; nan if some never leave.

    Equation: `L_s = margin_s months_s + sum over t of P(s becomes t) L_t`.
    """
    names = list(margin_usd)
    size = len(names)
    own: list[Number] = []
    moves: list[list[Number]] = []
    for name in names:
        segment = scenario.segments[name]
        leaves = leaving_of(segment)
        whole = np.maximum(sum(segment.becomes.values(), start=0.0), 1e-300)
        own.append(margin_usd[name] * ages.months_there(leaves))
        moved = ages.moves_on(leaves)
        moves.append([moved * (segment.becomes.get(other, 0.0) / whole) for other in names])
    flat = np.broadcast_arrays(*own, *(each for row in moves for each in row))
    worth = np.stack(flat[:size], axis=-1)
    chance = np.stack(flat[size:], axis=-1).reshape(*worth.shape, size)
    unknown = np.isnan(worth) | np.isnan(chance).any(axis=-1)
    leads = np.nan_to_num(chance) > 0
    for _ in names:
        unknown = unknown | (leads & unknown[..., None, :]).any(axis=-1)
    known = np.where(unknown[..., None], 0.0, np.nan_to_num(chance))
    solved = np.linalg.solve(np.eye(size) - known, np.where(unknown, 0.0, worth)[..., None])[..., 0]
    return {name: np.where(unknown, np.nan, solved)[..., at] for at, name in enumerate(names)}


def _tenths(
    business: Business, per_workload: Mapping[str, WorkloadResult], name: str, at: int
) -> TenthsResult:
    """Return what a customer in each tenth pays and costs, assuming heavy users are heavy in all workloads."""
    scenario = business.scenario
    segment, months = scenario.segments[name], business.segments.months[name]
    seat = np.asarray(months.seat_usd[at] * seat_price_share(scenario.cash))[..., None]
    revenue, served, requests = seat, np.zeros(1), np.zeros(1)
    for workload, result in per_workload.items():
        use = use_by_tenth(scenario, segment, workload, usage=months.usage[at])
        requests = requests + use.requests
        revenue = revenue + use.overage_usd
        served = served + use.requests * np.asarray(_usd(result))[..., None]
    revenue = revenue + by_tenth(
        lambda share: credits_usd(scenario, segment, usage=months.usage[at], share=share)
    )
    fees = np.where(revenue > 0, np.asarray(scenario.cash.payment_fee_usd)[..., None], 0.0)
    follows = revenue * np.asarray(revenue_cost_share(scenario))[..., None] + fees
    margin = revenue - served - follows
    stays = np.asarray(ages.months_there(leaving_of(segment)))[..., None]
    return TenthsResult(
        requests_per_customer=requests,
        cost_share=np.asarray(ratio(served, served.sum(axis=-1, keepdims=True))),
        revenue_usd_per_customer=revenue,
        cogs_usd_per_customer=served + follows,
        margin_usd_per_customer=margin,
        ltv_usd=margin * stays,
    )
