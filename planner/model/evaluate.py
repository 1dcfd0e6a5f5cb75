"""Scenario in, Result out: the one place where requests, serving, fleets and the company meet.

A scenario goes down once: names become numbers of the catalog; each workload becomes a mean request; a request is priced
(APIs) or given a batch that keeps its promise (own GPUs); loads become fleets; what a request and a fleet cost becomes
the company's months. docs/architecture.md draws which function hands what to which.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from planner.model.company import (
    cash_flows,
    deployment_summary,
    headline,
    line_items,
    months,
    payments,
    volumes,
    workload_summary,
)
from planner.model.company.asked import Asked, asked
from planner.model.company.business import Business, Stream
from planner.model.fleet import fleets
from planner.model.handed_on import FleetMonth, OpeningMonth, Request, WorkloadLatency, WorkloadMonth
from planner.model.request import api_cost, api_limits, meters
from planner.model.request.base_success import base_success
from planner.model.request.pass_cost import pass_usd
from planner.model.request.request import request, retrieval_usd_per_month
from planner.model.resolve import Hosted, Resolved, check_meters, resolve
from planner.model.result import MonthOne, Months, Result
from planner.model.serving import latency, places
from planner.model.serving.batch_choice import CallsAsked, ChosenBatch, Curve, choose_batch
from planner.model.serving.split_notes import split_notes
from planner.model.serving.why_unfit import beyond_context, broken_promise
from planner.records import dataclass
from planner.schema import ApiDeployment, HostedDeployment, Number, Scenario, holding, some
from planner.startup import keeping_freed_memory
from planner.units import SECONDS_PER_MONTH, TOKENS_PER_MTOK

LEAST_TOKENS = 1.0  # a GPU reads and makes a token at least

keeping_freed_memory()  # asking the system for it again would take longer than the sums

ApiCosts = tuple[tuple[int, api_cost.ApiCost], ...]  # (month from 0 on, what a call costs from then on)


@dataclass(frozen=True)
class Joined:
    """What `join` found on the way down; the workbook writes its formulas on it. No module of the model takes it."""

    scenario: Scenario
    resolved: Resolved
    requests: Mapping[str, Request]
    requests_per_month: Mapping[str, Number]
    api_costs: Mapping[tuple[str, str], ApiCosts]
    batches: Mapping[tuple[str, str], ChosenBatch]
    fleets: Mapping[str, fleets.Fleet]
    business: Business


def evaluate(scenario: Scenario, watch: months.Watch | None = None) -> Result:
    """Return what `scenario` leads to.

    Any number of the scenario may be an array: all of them broadcast to the shape of the plans, and
    every number of the result broadcasts to it. `watch` is called with each month (from 0 on) and the cash at its
    end, in memory that the next month overwrites. Raises ScenarioError for names that the catalog lacks.
    """
    joined = join(scenario)
    horizon = int(np.max(scenario.company.horizon_months))
    run = months.run(joined.business, horizon, watch or months.nobody)
    return _result(joined, _opening_month(joined), run)


def evaluate_month_one(scenario: Scenario) -> MonthOne:
    """Return the metrics of month 1, which many plans need and few months do.

    Without runway and burn multiple. Shape: each metric has that of the numbers that it depends on.
    """
    joined = join(scenario, only_first=True)
    opening = _opening_month(joined)
    per_workload = workload_summary.workload_results(joined.business, opening)
    fits = np.all(np.broadcast_arrays(True, *(fleet.fits for fleet in opening.fleets.values())), axis=0)
    feasible = np.all(
        np.broadcast_arrays(fits, *(each.promise_met for each in per_workload.values())), axis=0
    )
    first = cash_flows.first_flows(joined.business)
    metrics = headline.month_one_metrics(joined.business, opening, per_workload, first)
    return MonthOne(metrics=metrics, feasible=feasible, fits=fits, workloads=per_workload, first=first)


def join(scenario: Scenario, *, only_first: bool = False) -> Joined:
    """Return what the months of a scenario are run on, or month 1 alone, and what it was made of."""
    resolved = resolve(scenario)
    requests = {
        name: request(
            workload,
            base_success={tier: base_success(scenario, name, tier) for tier in workload.routing.tiers},
            precision={tier: _precision(resolved, tier) for tier in workload.routing.tiers},
        )
        for name, workload in scenario.workloads.items()
    }
    check_meters(scenario, resolved)
    requests = {
        name: meters.with_own_gpus(each, scenario.workloads[name], _own_gpus(scenario, resolved))
        for name, each in requests.items()
    }
    per_month = volumes.first_month_requests(scenario)
    api_costs = _api_costs(scenario, resolved, requests)
    batches = _batches(scenario, resolved, requests, per_month)
    last = per_month if only_first or not resolved.hosted else volumes.last_month_requests(scenario)
    found = _fleets(scenario, resolved, requests, batches, (per_month, last))
    business = Business(
        scenario=scenario,
        streams={
            name: _stream(scenario, name, requests[name], each, api_costs)
            for name, each in asked(scenario).items()
        },
        fleets={tier: fleets.in_months(fleet) for tier, fleet in found.items()},
        payments=payments.borne_by_unit_cost(scenario),
        own_payments=payments.never_spread(scenario.company.one_off),
        unused_usd=_unused_usd(scenario, resolved),
        shape=np.broadcast_shapes(*(array.shape for _, array in holding(scenario, np.ndarray))),
    )
    return Joined(scenario, resolved, requests, per_month, api_costs, batches, found, business)


def _precision(resolved: Resolved, tier: str) -> Number:
    return resolved.hosted[tier].precision if tier in resolved.hosted else 1.0


def _api_costs(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request]
) -> dict[tuple[str, str], ApiCosts]:
    """Return what a call costs, by workload and API deployment, at each price of the plan's months."""
    return {
        (name, tier): tuple(
            (month, pass_usd(rates, scenario.workloads[name], each))
            for month, rates in resolved.apis[tier].epochs
        )
        for name, each in requests.items()
        for tier in scenario.workloads[name].routing.tiers
        if tier in resolved.apis
    }


def _own_gpus(scenario: Scenario, resolved: Resolved) -> dict[str, HostedDeployment]:
    found = {tier: scenario.deployments[tier] for tier in resolved.hosted}
    return {tier: one for tier, one in found.items() if isinstance(one, HostedDeployment)}


def _batches(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request], per_month: Mapping[str, Number]
) -> dict[tuple[str, str], ChosenBatch]:
    """Return the batch in which each workload runs on each self-hosted deployment that it uses."""
    return {
        (name, tier): choose_batch(
            scenario.workloads[name],
            _curve(scenario, resolved.hosted[tier], each, name, tier),
            CallsAsked(
                per_month[name] * each.model_calls(tier) / SECONDS_PER_MONTH,
                each.session_calls,
                each.reasoning_per_call,
            ),
        )
        for name, each in requests.items()
        for tier in each.calls
        if tier in resolved.hosted
    }


def _curve(scenario: Scenario, hosted: Hosted, each: Request, name: str, tier: str) -> Curve:
    deployment = scenario.deployments[tier]
    assert isinstance(deployment, HostedDeployment)
    from planner.model.serving import batch_curves  # noqa: PLC0415 - reads the fitted constants, which a plan on APIs needs none of

    calibration = deployment.calibration
    return batch_curves.curve(
        hosted.llm, hosted.gpu, hosted.placement,
        (
            np.maximum(each.input_per_call, LEAST_TOKENS), np.maximum(each.output_per_call, LEAST_TOKENS),
            each.reused_share(scenario.workloads[name].cache.prefix_hit_share),
        ),
        (deployment.max_concurrency, calibration.throughput_x, calibration.ttft_x, calibration.tpot_x),
    )  # fmt: skip


def _fleets(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request],
    batches: Mapping[tuple[str, str], ChosenBatch], asked: tuple[Mapping[str, Number], Mapping[str, Number]],
) -> dict[str, fleets.Fleet]:  # fmt: skip
    """Return the fleets that carry the requests of the first and of the last month."""
    found: dict[str, fleets.Fleet] = {}
    for tier, hosted in resolved.hosted.items():
        users = [name for name, each in scenario.workloads.items() if tier in each.routing.tiers]
        deployment = scenario.deployments[tier]
        if not users or not isinstance(deployment, HostedDeployment):
            continue

        def loads(
            volume: Mapping[str, Number], users: list[str] = users, tier: str = tier
        ) -> dict[str, places.Load]:
            return {
                name: places.Load(
                    chosen=batches[name, tier],
                    workload=scenario.workloads[name],
                    calls_per_s=volume[name] * requests[name].model_calls(tier) / SECONDS_PER_MONTH,
                    calls_per_pass=requests[name].session_calls,
                )
                for name in users
            }

        first = loads(asked[0])
        last = first if asked[1] is asked[0] else loads(asked[1])
        found[tier] = fleets.fleet(deployment, _terms(hosted), places.places_wanted(first, last))
    return found


def _terms(hosted: Hosted) -> fleets.GpuTerms:
    return fleets.GpuTerms(
        gpus_per_replica=hosted.gpus_per_replica,
        usd_per_gpu_hour=hosted.usd_per_gpu_hour,
        reserved_usd_per_gpu_hour=hosted.reserved_usd_per_gpu_hour,
        owned=hosted.owned,
    )


def _unused_usd(scenario: Scenario, resolved: Resolved) -> dict[str, Number]:
    """Return what GPUs cost a month that no workload lists."""
    listed = {tier for each in scenario.workloads.values() for tier in each.routing.tiers}
    return {
        tier: fleets.unused_usd(deployment, _terms(resolved.hosted[tier]))
        for tier, deployment in scenario.deployments.items()
        if tier not in listed and isinstance(deployment, HostedDeployment)
    }


def _stream(
    scenario: Scenario, name: str, each: Request, asked: Asked, api_costs: Mapping[tuple[str, str], ApiCosts]
) -> Stream:
    workload, revenue = scenario.workloads[name], scenario.revenue
    tokens = each.input_tokens + each.output_tokens
    return Stream(
        asked=asked,
        calls=each.calls,
        api_usd={
            tier: [
                (month, cost.total_usd * (1.0 - _discount(scenario, tier)))
                for month, cost in api_costs[name, tier]
            ]
            for tier in each.calls
            if (name, tier) in api_costs
        },
        api_tokens=tokens,
        flat_usd=sum(each.extras_usd.values(), start=0.0)
        + each.failure_usd * workload.outcome.failure_paid_share,
        flat_usd_per_month=retrieval_usd_per_month(workload),
        revenue_usd=revenue.usd_per_request
        + revenue.usd_per_outcome * each.solved
        + revenue.usd_per_mtok * tokens / TOKENS_PER_MTOK,
    )


def _discount(scenario: Scenario, tier: str) -> Number:
    deployment = scenario.deployments[tier]
    return deployment.discount_share if isinstance(deployment, ApiDeployment) else 0.0


def _opening_month(joined: Joined) -> OpeningMonth:
    """Return month 1, workload by workload and fleet by fleet."""
    now = {
        tier: fleets.fleet_month(
            fleet,
            {
                name: joined.requests_per_month[name] * joined.requests[name].calls[tier]
                for name in fleet.wanted.peak_per_call
            },
        )
        for tier, fleet in joined.fleets.items()
    }
    return OpeningMonth(
        workloads={
            name: WorkloadMonth(
                request=each,
                requests_per_month=joined.requests_per_month[name],
                own_requests_per_month=joined.business.streams[name].asked.own_in_month_one(
                    joined.scenario.demand.customers
                ),
                api_lines={
                    tier: epochs[0][1].lines
                    for (user, tier), epochs in joined.api_costs.items()
                    if user == name
                },
                latency=_latency(joined, name, now),
            )
            for name, each in joined.requests.items()
        },
        fleets=now,
    )


def _latency(joined: Joined, name: str, now: Mapping[str, FleetMonth]) -> WorkloadLatency:
    workload, each = joined.scenario.workloads[name], joined.requests[name]
    times: dict[str, latency.PassTimes] = {}
    for tier in workload.routing.tiers:
        deployment = joined.scenario.deployments[tier]
        if isinstance(deployment, ApiDeployment):
            times[tier] = latency.api_times(workload, deployment, each)
        else:
            calls_per_s = joined.requests_per_month[name] * each.model_calls(tier) / SECONDS_PER_MONTH
            chosen = joined.batches[name, tier]
            times[tier] = latency.own_gpu_times(workload, chosen, now[tier], each, calls_per_s=calls_per_s)
    return latency.workload_latency(workload, each, times)


def _result(joined: Joined, opening: OpeningMonth, run: Months) -> Result:
    """Return the whole result of a plan: month 1 in detail, and the months."""
    business = joined.business
    per_workload = workload_summary.workload_results(business, opening)
    metrics = {
        **headline.month_one_metrics(business, opening, per_workload, run.first),
        **headline.run_metrics(joined.scenario, run),
    }
    batches: dict[str, dict[str, Number]] = {}
    for (name, tier), chosen in joined.batches.items():
        batches.setdefault(tier, {})[name] = chosen.batch
    unfit = [tier for tier, fleet in opening.fleets.items() if not np.all(fleet.fits)]
    return Result(
        metrics=metrics,
        runway_state=np.where(np.isnan(run.cash_end_usd), -1, run.runway.state),
        horizon_months=joined.scenario.company.horizon_months,
        workloads=per_workload,
        deployments=deployment_summary.deployment_results(
            business, opening, notes=joined.resolved.notes, batches=batches
        ),
        months=run,
        items=partial(line_items.line_items, business, opening),
        missing=partial(headline.reasons, metrics, per_workload, run, unfit),
        warnings=(*headline.raise_needed(run), *_warnings(joined, opening)),
    )


def _warnings(joined: Joined, opening: OpeningMonth) -> tuple[str, ...]:
    found = [
        f"{tier}: no workload lists it; its reserved GPUs are paid all the same"
        for tier, usd in joined.business.unused_usd.items()
        if np.any(usd)
    ]
    for tier, each in joined.resolved.hosted.items():
        split = split_notes(llm=each.llm, gpu=each.gpu, placement=each.placement)
        found += [f"{tier}: {words}" for words in split]
    for name, month in opening.workloads.items():
        workload = joined.scenario.workloads[name]
        if not np.all(month.latency.kept):
            found.append(_broken_promise(joined, name, month))
        found += _beyond_context(joined, name, month)
        first = {tier: api.epochs[0][1] for tier, api in joined.resolved.apis.items()}
        found += api_limits.api_warnings(joined.scenario, name, month.request, first)
        cached = some(workload.cache.prefix_hit_share)
        found += [
            f"{tier}: the vendor has no price for cached tokens; they cost as much as others"
            for tier in month.api_lines
            if cached and not joined.resolved.apis[tier].epochs[0][1].has_cache_read
        ]
    return tuple(dict.fromkeys(found))


def _beyond_context(joined: Joined, name: str, month: WorkloadMonth) -> list[str]:
    """Return which own models a workload's mean request is too long for."""
    tokens = month.request.input_tokens + month.request.output_tokens
    return [
        f"{name}: the model of {tier} {words}"
        for user, tier in joined.batches
        if user == name
        and (words := beyond_context(llm=joined.resolved.hosted[tier].llm, context_tokens=tokens))
    ]


def _broken_promise(joined: Joined, name: str, month: WorkloadMonth) -> str:
    workload, each = joined.scenario.workloads[name], month.request
    for (user, tier), chosen in joined.batches.items():
        hosted = joined.resolved.hosted[tier]
        if user == name and not (np.all(chosen.fits) and np.all(chosen.met)):
            return f"{name}: " + broken_promise(
                workload, chosen, tier,
                llm=hosted.llm, gpu=hosted.gpu, placement=hosted.placement,
                input_tokens=each.input_per_call, output_tokens=each.output_per_call,
            )  # fmt: skip
    return f"{name}: {latency.late_words(workload, month.latency)}"
