"""The headline numbers of a plan, and why one of them is missing."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from planner.model.company import cash_flows, line_items, trajectory, workload_summary
from planner.model.fleet import fleets
from planner.model.request import outcomes
from planner.model.result import DeploymentResult, MonthOne, Months, Result, WorkloadResult
from planner.model.serving.why_unfit import why_unfit
from planner.schema import ApiDeployment, Flags, Number, Scenario, some
from planner.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK, show

if TYPE_CHECKING:
    from planner.model.evaluate import Joined


def result(joined: "Joined", run: Months) -> Result:
    """Return the whole result of a plan: month 1 in detail, and the months."""
    now = fleets_now(joined)
    per_workload = {
        name: workload_summary.workload_result(joined, name, now) for name in joined.scenario.workloads
    }
    metrics = {
        **_now_metrics(joined.scenario, run.first),
        "burn_multiple": _burn_multiple(run),
        "runway_months": run.runway.months,
        **_request_metrics(joined, per_workload, now),
    }
    return Result(
        metrics=metrics,
        runway_state=np.where(np.isnan(run.cash_end_usd), -1, run.runway.state),
        horizon_months=joined.scenario.company.horizon_months,
        workloads=per_workload,
        deployments=_deployments(joined, now),
        months=run,
        items=partial(line_items.line_items, joined, now),
        missing=partial(_reasons, joined, metrics, per_workload),
        warnings=_warnings(joined, per_workload),
    )


def month_one(joined: "Joined") -> MonthOne:
    """Return what can be told of a plan without its months."""
    now = fleets_now(joined)
    per_workload = {
        name: workload_summary.workload_result(joined, name, now) for name in joined.scenario.workloads
    }
    feasible: Flags = np.asarray(True)
    for each in per_workload.values():
        feasible = feasible & each.promise_met
    for fleet in joined.company.fleets.values():
        feasible = feasible & fleet.fits
    first = cash_flows.first_flows(joined.company)
    metrics = {**_now_metrics(joined.scenario, first), **_request_metrics(joined, per_workload, now)}
    return MonthOne(metrics=metrics, feasible=feasible)


def fleets_now(joined: "Joined") -> dict[str, fleets.FleetMonth]:
    """Return the fleets of month 1."""
    return {
        tier: fleets.fleet_month(
            fleet,
            {
                name: joined.requests_per_month[name] * joined.requests[name].calls[tier]
                for name in fleet.peak_slots_per_call
            },
        )
        for tier, fleet in joined.company.fleets.items()
    }


def ratio(numerator: Number, denominator: Number) -> Number:
    """Return a quotient, nan where the denominator is not above 0 (or so small that it is no amount of anything)."""
    some = np.asarray(denominator) > outcomes.NEVER_SHARE
    if some.all():
        return numerator / denominator
    return np.where(some, numerator / np.where(some, denominator, 1.0), np.nan)


def _now_metrics(scenario: Scenario, now: Mapping[str, Number]) -> dict[str, Number]:
    """Return the company's metrics of month 1."""
    revenue = now["revenue_usd"]
    profit = revenue - now["cogs_usd"]
    acquisition = now["acquisition_usd"] * np.asarray(
        scenario.company.cac_in_contribution_margin, dtype=float
    )
    margin = ratio(profit, revenue)
    arpu_profit = ratio(revenue, now["customers"]) * margin
    ltv = ratio(arpu_profit, scenario.demand.churn_share_per_month)
    cac = scenario.company.cac_usd_per_customer
    return {
        "gross_burn_usd_per_month": now["gross_burn_usd"],
        "net_burn_usd_per_month": now["net_burn_usd"],
        "gross_margin_share": margin,
        "contribution_margin_share": ratio(profit - acquisition, revenue),
        "ltv_usd": ltv,
        "ltv_to_cac_ratio": ratio(ltv, cac),
        "cac_payback_months": np.where(np.asarray(cac) > 0, ratio(cac, arpu_profit), np.nan),
    }


def _burn_multiple(run: Months) -> Number:
    return ratio(run.year_net_burn_usd, MONTHS_PER_YEAR * (run.year_revenue_usd - run.first["revenue_usd"]))


def _request_metrics(
    joined: "Joined", per_workload: Mapping[str, WorkloadResult], now: Mapping[str, fleets.FleetMonth]
) -> dict[str, Number]:
    volume: Number = 0.0
    solved: Number = 0.0
    serving: Number = 0.0
    whole: Number = 0.0
    passed: Number = 0.0
    tokens: Number = 0.0
    slowest: Number = np.nan
    for name, each in per_workload.items():
        requests = each.requests_per_month
        usd = np.where(np.asarray(requests) > 0, each.usd_per_request, 0.0) * requests
        outcome = joined.scenario.workloads[name].outcome
        failures = (1.0 - each.success_share) * outcome.failure_usd + joined.requests[name].extras_usd[
            "people"
        ]
        volume = volume + requests
        solved = solved + requests * each.success_share
        passed = passed + requests * joined.requests[name].success
        serving = serving + usd
        whole = whole + usd + requests * failures
        tokens = tokens + requests * (each.input_tokens + each.output_tokens)
        promised = np.asarray(joined.scenario.workloads[name].latency) != "none"
        slowest = np.fmax(slowest, np.where(promised, each.p95_latency_s, np.nan))
    return {
        "usd_per_request": ratio(serving, volume),
        "usd_per_outcome": ratio(whole, solved),
        "usd_per_pass": ratio(serving, passed),
        "usd_per_mtok": ratio(serving * TOKENS_PER_MTOK, tokens),
        "success_share": ratio(solved, volume),
        "p95_latency_s": slowest,
        "gpus": sum((month.gpus for month in now.values()), start=0.0),
    }


def _deployments(joined: "Joined", now: Mapping[str, fleets.FleetMonth]) -> dict[str, DeploymentResult]:
    out = {}
    for tier, deployment in joined.scenario.deployments.items():
        notes = joined.resolved.notes[tier]
        fleet = joined.company.fleets.get(tier)
        if fleet is None:
            usd = joined.company.unused_usd.get(tier, 0.0) + _api_usd(joined, tier)
            out[tier] = DeploymentResult(deployment.kind, usd, 0.0, 0.0, 0.0, {}, True, 0.0, notes)
            continue
        month = now[tier]
        batch = {name: joined.lanes[name, tier].batch for name in fleet.peak_slots_per_call}
        out[tier] = DeploymentResult(
            deployment.kind, fleets.rent_usd(fleet, month, 1.0), month.gpus, month.replicas, month.busy_share,
            batch, fleet.fits, fleets.usd_per_paid_gpu_hour(fleet, month), notes,
        )  # fmt: skip
    return out


def _api_usd(joined: "Joined", tier: str) -> Number:
    total: Number = 0.0
    for name, stream in joined.company.streams.items():
        if tier in stream.api_usd:
            each = trajectory.api_usd(joined.company, joined.requests_per_month, stream, tier, 0)
            total = total + joined.requests_per_month[name] * each
    return total


def _reasons(
    joined: "Joined", metrics: Mapping[str, Number], per_workload: Mapping[str, WorkloadResult]
) -> dict[str, str]:
    """Say why a metric is nan, in the plans where it is."""
    unfit = [name for name, fleet in joined.company.fleets.items() if not np.all(fleet.fits)]
    words = {
        "runway_months": "the cash does not run out within the plan",
        "gross_margin_share": "no revenue in month 1",
        "contribution_margin_share": "no revenue in month 1",
        "burn_multiple": "no new recurring revenue in the first year",
        "ltv_usd": "needs churn, customers and revenue",
        "ltv_to_cac_ratio": "needs a cost to win a customer, churn, customers and revenue",
        "cac_payback_months": "needs a cost to win a customer and a positive gross margin",
        "usd_per_outcome": "no request succeeds",
        "usd_per_pass": "no request succeeds",
        "usd_per_mtok": "no tokens",
        "p95_latency_s": "no workload promises a latency",
    }
    if not per_workload or not np.any(sum(each.requests_per_month for each in per_workload.values())):
        words |= dict.fromkeys(
            ("usd_per_request", "usd_per_outcome", "usd_per_pass", "success_share"), "no requests"
        )
    if unfit:
        text = f"{', '.join(unfit)}: the model does not fit into the memory of its GPUs"
        words |= dict.fromkeys(metrics, text)
    return {
        name: words.get(name, "can't be computed") for name, value in metrics.items() if np.isnan(value).any()
    }


def _warnings(joined: "Joined", per_workload: Mapping[str, WorkloadResult]) -> tuple[str, ...]:
    found = [
        f"{tier}: no workload lists it; its reserved GPUs are paid all the same"
        for tier, usd in joined.company.unused_usd.items()
        if np.any(usd)
    ]
    for name, each in per_workload.items():
        if not np.all(each.promise_met):
            found.append(_broken_promise(joined, name))
        cached = some(joined.scenario.workloads[name].cache.prefix_hit_share)
        found += [
            f"{tier}: the vendor has no price for cached tokens; they cost as much as others"
            for tier in each.tiers
            if cached and _no_cache_price(joined, tier)
        ]
    return tuple(dict.fromkeys(found))


def _no_cache_price(joined: "Joined", tier: str) -> bool:
    deployment = joined.scenario.deployments[tier]
    return (
        isinstance(deployment, ApiDeployment) and not joined.resolved.apis[tier].epochs[0][1].has_cache_read
    )


def _broken_promise(joined: "Joined", name: str) -> str:
    workload = joined.scenario.workloads[name]
    for (user, tier), lane in joined.lanes.items():
        if user == name and not np.all(lane.fits):
            return f"{name}: the model of {tier} does not fit: {_why_unfit(joined, name, tier)}"
        if user == name and not np.all(lane.met):
            floor_s = float(np.min(lane.floor_s))
            what = {"first-token": "a first token", "per-token": "a token"}.get(str(workload.latency))
            what = what or f"an answer of {float(np.mean(joined.requests[name].output_tokens)):,.0f} tokens"
            return f"{name}: {what} can't take under {show(floor_s, 'latency_s')} on {tier}; the target can't be met"
    return f"{name}: the API's p95 latency is above the target"


def _why_unfit(joined: "Joined", name: str, tier: str) -> str:
    hosted, request = joined.resolved.hosted[tier], joined.requests[name]
    return why_unfit(
        llm=hosted.llm, gpu=hosted.gpu, placement=hosted.placement,
        context_tokens=request.input_tokens + request.output_tokens,
    )  # fmt: skip
