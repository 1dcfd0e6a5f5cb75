"""The way down: names become numbers, workloads requests, requests prices and batches, loads fleets: what the months run on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.catalog.api_rates import ApiRates, at_hours
from planner.model.company import api_bill, cost_of_outcome, payments, reactions, volumes
from planner.model.company.asked import RequestsAsked, asked
from planner.model.company.business import Business, Stream
from planner.model.company.carried import Carried
from planner.model.company.segments import all_segments
from planner.model.epochs import epochs
from planner.model.fleet import fleets
from planner.model.handed_on import ApiTerms, Request, UnitPool
from planner.model.request import api_cost, meters
from planner.model.request.base_success import base_success
from planner.model.request.pass_cost import pass_usd
from planner.model.request.quality import kept_of_helpers
from planner.model.request.request import request, retrieval_usd_per_month
from planner.model.request.unit_load import counted, metered, unit_load
from planner.model.resolve import Hosted, Resolved, check_meters, resolve
from planner.model.serving import layouts, places
from planner.model.serving.batch_choice import CallsAsked, ChosenBatch, Curve, choose_batch
from planner.model.serving.step_costs import Placement
from planner.model.week_hours import share_between, week_hours
from planner.records import dataclass
from planner.schema import HostedDeployment, Number, Scenario, Workload, holding, some
from planner.schema.session_rules import helpers_first
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
    reactions: tuple[str, ...] = ()


def stages(scenario: Scenario, horizon: int, *, p95_s: Sequence[Number] = ()) -> list[Joined]:
    """Return the epochs of a plan, each with what it takes over from the one before.

    `p95_s` is the latency of each, to which customers react.
    """
    found = epochs(scenario, horizon)
    ends = [*(each.first for each in found[1:]), horizon]
    done: list[Joined] = []
    for index, (each, until) in enumerate(zip(found, ends, strict=True)):
        done.append(
            _join(
                each.scenario, scenario,
                carried=done[-1].business.carried_to(each.first) if done else None,
                before=done[-1].fleets if done else {},
                until=until if len(found) > 1 else None,
                p95_s=p95_s[index] if p95_s else None,
            )
        )  # fmt: skip
    return done


def join(scenario: Scenario, *, only_first: bool = False, until: int | None = None) -> Joined:
    """Return what the months of a scenario are run on, or month 1 alone, and what it was made of.

    Of a plan with dated changes that is its first epoch, which ends before month `until`, counted from 0.
    """
    return _join(epochs(scenario, 1)[0].scenario, scenario, only_first=only_first, until=until)


def _join(
    scenario: Scenario, whole: Scenario, *, carried: Carried | None = None, only_first: bool = False,
    until: int | None = None, p95_s: Number | None = None, before: Mapping[str, fleets.Fleet] | None = None,
) -> Joined:  # fmt: skip
    """Return one epoch of the plan `whole`: `scenario` is what holds in it, `p95_s` its latency where customers react to it.

    `before` are the fleets of the epoch that ends where this one begins.
    """
    resolved = resolve(scenario)
    requests = _mean_requests(scenario, resolved)
    shape = np.broadcast_shapes(*(array.shape for _, array in holding(whole, np.ndarray)))
    begun = carried or Carried()
    words: tuple[str, ...] = ()
    if reactions.reacts(scenario):
        offer = _offer(scenario, requests, begun, axes=len(shape), p95_s=p95_s)
        demand = reactions.reacted(scenario, offer)
        scenario, words = demand.scenario, demand.words
    end = int(np.max(scenario.company.horizon_months)) if until is None else until
    count = 1 if only_first else end - begun.month
    segments = all_segments(scenario, begun.segments, first=begun.month, count=count, axes=len(shape))
    per_month = volumes.first_month_requests(scenario, begun, segments)
    api_costs = _api_costs(scenario, resolved, requests)
    resolved = _with_layouts(scenario, resolved, requests, per_month)
    batches = _batches(scenario, resolved, requests, per_month)
    grows = resolved.hosted and not only_first
    last = volumes.last_month_requests(scenario, begun, until, segments) if grows else per_month
    terms = {tier: api.terms for tier, api in resolved.apis.items()}
    used = _fleets(scenario, resolved, requests, batches, (per_month, last))
    found = used | _idle_fleets(scenario, resolved, before or {}, used)
    business = Business(
        scenario=scenario,
        streams={
            name: _stream(scenario, (name, requests[name], each), api_costs, terms)
            for name, each in asked(scenario).items()
        },
        fleets={tier: fleets.in_months(fleet) for tier, fleet in found.items()},
        payments=payments.borne_by_unit_cost(scenario),
        own_payments=[*payments.never_spread(scenario.company.one_off), *payments.of_changes(whole.change)],
        unused_usd={tier: usd for tier, usd in _unused_usd(scenario, resolved).items() if tier not in found},
        shape=shape,
        carried=begun,
        segments=segments,
        api_terms=terms,
    )
    return Joined(scenario, resolved, requests, per_month, api_costs, batches, found, business, words)


def _offer(
    scenario: Scenario, requests: Mapping[str, Request], begun: Carried, *, axes: int, p95_s: Number | None
) -> reactions.WhatCustomersMeet:
    """Return what customers meet where an epoch begins, which demand reacts to.

    Success is that of the month's requests; of all workloads alike where nothing is asked yet.
    """
    there = all_segments(scenario, begun.segments, first=begun.month, count=1, axes=axes)
    own = volumes.own_requests_in(scenario, begun, begun.month, there)
    solved = sum((own[name] * each.solved for name, each in requests.items()), start=0.0)
    success = cost_of_outcome.ratio(solved, sum(own.values(), start=0.0))
    alike = sum((each.solved for each in requests.values()), start=0.0) / max(len(requests), 1)
    return reactions.WhatCustomersMeet(
        success=np.where(np.isnan(success), alike, success),
        request_usd={name: _request_revenue(scenario, each) for name, each in requests.items()},
        p95_s=p95_s,
    )


def _request_revenue(scenario: Scenario, each: Request) -> Number:
    """Return what a customer pays for a request, USD."""
    revenue = scenario.revenue
    tokens = each.input_tokens + each.output_tokens
    return (
        revenue.usd_per_request
        + revenue.usd_per_outcome * each.solved
        + revenue.usd_per_mtok * tokens / TOKENS_PER_MTOK
    )


def _mean_requests(scenario: Scenario, resolved: Resolved) -> dict[str, Request]:
    """Return what a mean request of each workload is, before anything is priced."""
    requests: dict[str, Request] = {}
    for name in helpers_first(scenario):
        workload = scenario.workloads[name]
        requests[name] = request(
            workload,
            base_success={tier: base_success(scenario, name, tier) for tier in workload.routing.tiers},
            precision={tier: _precision(resolved, tier) for tier in workload.routing.tiers},
            helped=kept_of_helpers(workload, {other: each.solved for other, each in requests.items()}),
        )
    check_meters(scenario, resolved)
    return {
        name: meters.with_own_gpus(requests[name], workload, _own_gpus(scenario, resolved))
        for name, workload in scenario.workloads.items()
    }


def _precision(resolved: Resolved, tier: str) -> Number:
    return resolved.hosted[tier].precision if tier in resolved.hosted else 1.0


def _api_costs(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request]
) -> dict[tuple[str, str], ApiCosts]:
    """Return what a call costs, by workload and API deployment, at each price of the plan's months."""
    return {
        (name, tier): tuple(
            (month, pass_usd(at_its_hours(rates, scenario.workloads[name]), scenario.workloads[name], each))
            for month, rates in resolved.apis[tier].epochs
        )
        for name, each in requests.items()
        for tier in scenario.workloads[name].routing.tiers
        if tier in resolved.apis
    }


def at_its_hours(rates: ApiRates, workload: Workload) -> ApiRates:
    """Return what a workload pays a vendor whose prices depend on the hour."""
    if not rates.day_parts or workload.profile is None:
        return rates
    return at_hours(rates, [share_between(workload, part.begins_h, part.ends_h) for part in rates.day_parts])


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


def _with_layouts(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request], per_month: Mapping[str, Number]
) -> Resolved:
    """Return the deployments in the layouts that are found for them, where the plan leaves that open."""
    hosted, notes = dict(resolved.hosted), dict(resolved.notes)
    for tier, deployment in _own_gpus(scenario, resolved).items():
        searched = np.asarray(deployment.placement) == "search"
        if not searched.any():
            continue
        one = hosted[tier]

        def loads(
            placement: Placement, tier: str = tier, one: Hosted = one
        ) -> list[tuple[ChosenBatch, Number]]:
            tried = replace(resolved, hosted={tier: replace(one, placement=placement)})
            chosen = _batches(scenario, tried, requests, per_month)
            return [(b, per_month[n] * requests[n].model_calls(tier)) for (n, _), b in chosen.items()]

        tried = layouts.layouts(llm=one.llm, gpu=one.gpu, most_gpus=float(np.max(one.gpu.domain_gpus)))
        found = layouts.fewest_gpus(one.placement, tried, loads, searched=searched)
        hosted[tier] = replace(one, placement=found, gpus_per_replica=found.gpus)
        notes[tier] = (*notes[tier], f"placement found: {layouts.GpuLayout.of(found).words}")
    return replace(resolved, hosted=hosted, notes=notes)


def _curve(scenario: Scenario, hosted: Hosted, each: Request, name: str, tier: str) -> Curve:
    deployment = scenario.deployments[tier]
    assert isinstance(deployment, HostedDeployment)
    from planner.model.serving import batch_curves, held_prefixes, measured_loads  # noqa: PLC0415 - reads the fitted constants, which a plan on APIs needs none of

    workload, prefixes = scenario.workloads[name], deployment.prefixes
    reused = each.reused_share(workload.cache.prefix_hit_share)
    lengths = (np.maximum(each.input_per_call, LEAST_TOKENS), np.maximum(each.output_per_call, LEAST_TOKENS))
    limits = (deployment.max_concurrency, *measured_loads.factors(deployment.calibration))
    setting = (hosted.llm, hosted.gpu, hosted.placement, (*lengths, reused), limits)
    if some(prefixes.on):
        return held_prefixes.curve(
            *setting, prefixes=prefixes, gap_s=held_prefixes.pause_s(workload, prefixes)
        )
    return batch_curves.curve(*setting, session=(workload.session.gap_s, each.session_calls))


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
        found[tier] = fleets.fleet(
            deployment,
            _terms(hosted),
            places.places_wanted(first, last, week_hours({name: scenario.workloads[name] for name in users})),
        )
    return found


def _idle_fleets(
    scenario: Scenario, resolved: Resolved, before: Mapping[str, fleets.Fleet], now: Collection[str]
) -> dict[str, fleets.Fleet]:
    """Return the owned GPUs that an epoch before has bought and that no workload lists any longer: they stay, idle."""
    found = {}
    for tier, fleet in before.items():
        deployment = scenario.deployments.get(tier)
        if tier in now or not fleet.terms.owned or not isinstance(deployment, HostedDeployment):
            continue
        found[tier] = fleets.idle(fleets.fleet(deployment, _terms(resolved.hosted[tier]), fleet.wanted))
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
    scenario: Scenario,
    requests: tuple[str, Request, RequestsAsked],
    api_costs: Mapping[tuple[str, str], ApiCosts],
    terms: Mapping[str, ApiTerms],
) -> Stream:
    name, each, asked = requests
    workload = scenario.workloads[name]
    tokens = each.input_tokens + each.output_tokens
    paid = {tier: api_bill.paid_share(scenario, tier) for tier in each.calls if (name, tier) in api_costs}
    return Stream(
        name=name,
        asked=asked,
        calls=each.calls,
        api_usd={
            tier: [(month, cost.total_usd * share) for month, cost in api_costs[name, tier]]
            for tier, share in paid.items()
        },
        api_tokens=tokens,
        flat_usd=sum(each.extras_usd.values(), start=0.0)
        + each.failure_usd * workload.outcome.failure_paid_share,
        flat_usd_per_month=retrieval_usd_per_month(workload),
        revenue_usd=_request_revenue(scenario, each),
        beside_units_usd={
            tier: [(month, cost.beside_units_usd * paid[tier]) for month, cost in api_costs[name, tier]]
            for tier in paid
            if terms[tier].pools
        },
        unit_loads={
            tier: [_taken(pool, workload, each, api_costs[name, tier]) for pool in terms[tier].pools]
            for tier in paid
            if terms[tier].pools
        },
        metered={tier: metered(workload, each) for tier in paid if terms[tier].meters},
        answered_by={
            tier: each.route_shares[tier] * (1.0 - workload.cache.semantic_hit_share)
            for tier in paid
            if terms[tier].pools and np.any(terms[tier].refuses)
        },
        lost_usd=each.solved * workload.outcome.failure_usd * workload.outcome.failure_paid_share,
        limited={tier: counted(terms[tier], workload, each) for tier in paid if terms[tier].limits},
    )


def _taken(pool: UnitPool, workload: Workload, each: Request, costs: ApiCosts) -> list[tuple[int, Number]]:
    """Return what a call takes of a pool of units, by the month from which it counts: weighted tokens, or list price."""
    if pool.weights is not None:
        return [(0, unit_load(pool.weights, workload, each))]
    return [(month, cost.total_usd - cost.beside_units_usd) for month, cost in costs]
