"""Prepare the inputs of the months: resolve names, build requests, price them or batch them, and size fleets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from planner.catalog.api_rates import ApiRates, at_hours
from planner.model.company import api_bill, payments, reactions, volumes
from planner.model.company.asked import RequestsAsked, asked
from planner.model.company.business import Business, Stream
from planner.model.company.carried import Carried
from planner.model.company.segments import all_segments
from planner.model.epochs import epochs
from planner.model.fleet import fleets
from planner.model.handed_on import ApiTerms, PlacesWanted, Request, UnitPool
from planner.model.offer import offer, request_revenue_usd
from planner.model.own_gpus import AskedOfGpus, batches_in_epochs, own_gpus, places_in_epochs, with_layouts
from planner.model.request import api_cost, meters
from planner.model.request.base_success import base_success
from planner.model.request.pass_cost import pass_usd
from planner.model.request.quality import kept_of_helpers
from planner.model.request.request import request, retrieval_usd_per_month
from planner.model.request.unit_load import counted, metered, unit_load
from planner.model.resolve import Hosted, Resolved, check_meters, resolve
from planner.model.serving.batch_choice import ChosenBatch
from planner.model.shared import EachAnew, Parts, Shared
from planner.model.week_hours import share_between
from planner.records import dataclass
from planner.schema import HostedDeployment, Number, Scenario, Workload, holding
from planner.schema.session_rules import helpers_first
from planner.startup import keeping_freed_memory

keeping_freed_memory()  # allocating it again would take longer than the arithmetic

ApiCosts = tuple[tuple[int, api_cost.ApiCost], ...]  # (month counted from 0, cost of a call from then on)


@dataclass(frozen=True)
class Joined:
    """Everything `join` computed; the workbook writes its formulas from it. No module of the model takes it."""

    scenario: Scenario
    resolved: Resolved
    requests: Mapping[str, Request]
    requests_per_month: Mapping[str, Number]
    api_costs: Mapping[tuple[str, str], ApiCosts]
    batches: Mapping[tuple[str, str], ChosenBatch]
    fleets: Mapping[str, fleets.Fleet]
    business: Business
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Whole:
    """What a plan's epochs share: the plan itself, the shape of its numbers, and parts already computed."""

    scenario: Scenario
    shape: tuple[int, ...]
    parts: Parts


def _whole(scenario: Scenario, parts: Parts) -> _Whole:
    sections = (getattr(scenario, name) for name in type(scenario).model_fields)
    several = (each.values() if isinstance(each, dict) else (each,) for each in sections)
    shapes = (parts.found("shapes", (part,), partial(_shapes, part)) for each in several for part in each)
    return _Whole(scenario, np.broadcast_shapes(*(shape for found in shapes for shape in found)), parts)


def _shapes(part: Any) -> list[tuple[int, ...]]:
    """Return the shapes of all arrays in a part of a scenario."""
    return [array.shape for _, array in holding(part, np.ndarray)]


def stages(
    scenario: Scenario, horizon: int, *, p95_s: Sequence[Number] = (), parts: Parts | None = None
) -> list[Joined]:
    """Return the epochs of a plan, each with what it takes over from the previous one.

    `p95_s` is the latency of each, to which customers react. Parts that no change affects are computed once for all
    epochs; `parts` may hold those of an earlier plan.
    """
    parts = parts or (Shared() if scenario.change else EachAnew())
    found, whole = epochs(scenario, horizon, parts), _whole(scenario, parts)
    ends = [*(each.first for each in found[1:]), horizon]
    done: list[Joined] = []
    for index, (each, until) in enumerate(zip(found, ends, strict=True)):
        done.append(
            _asked_and_paid(
                each.scenario, whole,
                carried=_carried(done[-1].business, each.first, parts) if done else None,
                until=until if len(found) > 1 else None,
                p95_s=p95_s[index] if p95_s else None,
            )
        )  # fmt: skip
    return _on_own_gpus(done, ends if len(found) > 1 else [None], whole)


def _carried(before: Business, month: int, parts: Parts) -> Carried:
    grows = (before.scenario.demand, before.scenario.decline)
    return parts.found(
        "carried", (before.carried, *grows, before.segments, month), partial(before.carried_to, month)
    )


def join(
    scenario: Scenario, *, only_first: bool = False, until: int | None = None, parts: Parts | None = None
) -> Joined:
    """Return the inputs for a scenario's months, or for month 1 alone, with everything computed for them.

    For a plan with dated changes this is the first epoch, which ends before month `until`, counted from 0. `parts` as above.
    """
    whole = _whole(scenario, parts or EachAnew())
    first = epochs(scenario, 1, whole.parts)[0].scenario
    one = _asked_and_paid(first, whole, only_first=only_first, until=until)
    return _on_own_gpus([one], [until], whole, only_first=only_first)[0]


def _asked_and_paid(
    scenario: Scenario, whole: _Whole, *, carried: Carried | None = None, only_first: bool = False,
    until: int | None = None, p95_s: Number | None = None,
) -> Joined:  # fmt: skip
    """Return one epoch of a plan except for its own GPUs; `scenario` applies during it.

    `p95_s` is its latency if customers react to it.
    """
    parts, axes, begun = whole.parts, len(whole.shape), carried or volumes.BEGINNING
    resolved = resolve(scenario, parts)
    requests = parts.found(
        "requests",
        (scenario.workloads, scenario.deployments, resolved),
        lambda: _mean_requests(scenario, resolved, parts),
    )
    words: tuple[str, ...] = ()
    if reactions.reacts(scenario):
        demand = reactions.reacted(scenario, offer(scenario, requests, begun, axes=axes, p95_s=p95_s))
        scenario, words = demand.scenario, demand.words
    end = int(np.max(scenario.company.horizon_months)) if until is None else until
    count = 1 if only_first else end - begun.month
    segments = all_segments(scenario, begun.segments, first=begun.month, count=count, axes=axes, parts=parts)
    api_costs = _api_costs(scenario, resolved, requests, parts)
    terms = {tier: api.terms for tier, api in resolved.apis.items()}
    of_company = payments.never_spread(scenario.company.one_off)
    business = Business(
        scenario=scenario,
        streams=_streams(scenario, requests, api_costs, terms, parts),
        fleets={},
        payments=payments.borne_by_unit_cost(scenario),
        own_payments=[*of_company, *payments.of_changes(whole.scenario.change)],
        shape=whole.shape,
        carried=begun,
        segments=segments,
        api_terms=terms,
    )
    per_month = volumes.first_month_requests(scenario, begun, segments, parts=parts)
    by_tier = {(name, tier): cost for name, of in api_costs.items() for tier, cost in of.items()}
    return Joined(scenario, resolved, requests, per_month, by_tier, {}, {}, business, words)


def _on_own_gpus(
    stages: Sequence[Joined], ends: Sequence[int | None], whole: _Whole, *, only_first: bool = False
) -> list[Joined]:
    """Return the epochs of a plan, which end before the months `ends`, with their batches and fleets."""
    if not any(each.resolved.hosted for each in stages):
        return list(stages)
    asked = [
        with_layouts(_asked_of_gpus(each, until, whole.parts, only_first=only_first), whole.parts)
        for each, until in zip(stages, ends, strict=True)
    ]
    one_plan = not whole.shape
    batches = batches_in_epochs(asked, whole.parts, one_plan=one_plan)
    wanted = places_in_epochs(asked, batches, whole.parts, one_plan=one_plan)
    done: list[Joined] = []
    for each, given, chosen, in_use in zip(stages, asked, batches, wanted, strict=True):
        before = done[-1].fleets if done else {}
        found = _fleets(given, in_use, before, whole.parts)
        unused = _unused_usd(each.scenario, given.resolved)
        business = replace(
            each.business,
            fleets={
                tier: whole.parts.found("fleet in months", (fleet,), partial(fleets.in_months, fleet))
                for tier, fleet in found.items()
            },
            unused_usd={tier: usd for tier, usd in unused.items() if tier not in found},
        )
        done.append(replace(each, resolved=given.resolved, batches=chosen, fleets=found, business=business))
    return done


def _asked_of_gpus(each: Joined, until: int | None, parts: Parts, *, only_first: bool) -> AskedOfGpus:
    first, begun = each.requests_per_month, each.business.carried
    last = first
    if each.resolved.hosted and not only_first:
        last = volumes.last_month_requests(each.scenario, begun, until, each.business.segments, parts=parts)
    return AskedOfGpus(each.scenario, each.resolved, each.requests, first, last)


def _mean_requests(scenario: Scenario, resolved: Resolved, parts: Parts) -> dict[str, Request]:
    """Return the mean request of each workload, before pricing."""
    solved: dict[str, Number] = {}
    found: dict[str, Request] = {}
    for name in helpers_first(scenario):
        workload = scenario.workloads[name]
        helped = kept_of_helpers(workload, solved)
        given = (name, workload, scenario.deployments, resolved, helped)
        found[name] = parts.found(
            "mean request", given, partial(_mean_request, scenario, resolved, name, helped, parts)
        )
        solved[name] = found[name].solved
    check_meters(scenario, resolved)
    return {name: found[name] for name in scenario.workloads}


def _mean_request(scenario: Scenario, resolved: Resolved, name: str, helped: Number, parts: Parts) -> Request:
    """Return a workload's request after deployments changed: the same object if those that answer it didn't."""
    workload, own = scenario.workloads[name], own_gpus(scenario, resolved)
    base = {tier: _base_success(scenario, name, tier, parts) for tier in workload.routing.tiers}
    precision = {tier: _precision(resolved, tier) for tier in workload.routing.tiers}
    meter_usd = [own[tier].meter_usd for tier in workload.routing.tiers if tier in own]

    def made() -> Request:
        plain = request(workload, base_success=base, precision=precision, helped=helped)
        return meters.with_own_gpus(plain, workload, own)

    return parts.found("request", (workload, *base.values(), *precision.values(), helped, *meter_usd), made)


def _base_success(scenario: Scenario, name: str, tier: str, parts: Parts) -> Number:
    deployment, measured = scenario.deployments[tier], scenario.workloads[name].success
    teacher = scenario.deployments.get(deployment.distillation.teacher)
    given = (name, tier, measured, deployment, teacher)
    return parts.found("base success", given, partial(base_success, scenario, name, tier))


def _precision(resolved: Resolved, tier: str) -> Number:
    return resolved.hosted[tier].precision if tier in resolved.hosted else 1.0


def _api_costs(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request], parts: Parts
) -> dict[str, Mapping[str, ApiCosts]]:
    """Return the cost of a call by workload and API deployment, at each price during the plan."""
    found = {}
    for name, each in requests.items():
        workload = scenario.workloads[name]
        made = partial(_costs_of_passes, workload, each, resolved, parts)
        found[name] = parts.found("costs", (workload, each, resolved), made)
    return found


def _costs_of_passes(
    workload: Workload, each: Request, resolved: Resolved, parts: Parts
) -> Mapping[str, ApiCosts]:
    """Return a workload's API costs after deployments changed: the same object if their prices didn't."""
    listed = {tier: resolved.apis[tier].epochs for tier in workload.routing.tiers if tier in resolved.apis}
    return parts.found(
        "costs of passes",
        (workload, each, *listed.values()),
        lambda: {tier: _pass_costs(epochs, workload, each) for tier, epochs in listed.items()},
    )


def _pass_costs(epochs: Sequence[tuple[int, ApiRates]], workload: Workload, each: Request) -> ApiCosts:
    return tuple((month, pass_usd(at_its_hours(rates, workload), workload, each)) for month, rates in epochs)


def at_its_hours(rates: ApiRates, workload: Workload) -> ApiRates:
    """Return the rates a workload pays a vendor with hourly prices."""
    if not rates.day_parts or workload.profile is None:
        return rates
    return at_hours(rates, [share_between(workload, part.begins_h, part.ends_h) for part in rates.day_parts])


def _fleets(
    asked: AskedOfGpus, wanted: Mapping[str, PlacesWanted], before: Mapping[str, fleets.Fleet], parts: Parts
) -> dict[str, fleets.Fleet]:
    """Return the fleets for an epoch's requests, plus owned GPUs that no workload lists any more.

    GPUs bought in the previous epoch stay, idle; `before` are its fleets.
    """
    own, hosted = own_gpus(asked.scenario, asked.resolved), asked.resolved.hosted
    used = {
        tier: parts.found(
            "fleet",
            (own[tier], hosted[tier], each),
            partial(fleets.fleet, own[tier], _terms(hosted[tier]), each),
        )
        for tier, each in wanted.items()
    }
    idle = {
        tier: fleets.idle(fleets.fleet(own[tier], _terms(hosted[tier]), left.wanted))
        for tier, left in before.items()
        if tier not in used and left.terms.owned and tier in own
    }
    return used | idle


def _terms(hosted: Hosted) -> fleets.GpuTerms:
    return fleets.GpuTerms(
        gpus_per_replica=hosted.gpus_per_replica,
        usd_per_gpu_hour=hosted.usd_per_gpu_hour,
        reserved_usd_per_gpu_hour=hosted.reserved_usd_per_gpu_hour,
        owned=hosted.owned,
    )


def _unused_usd(scenario: Scenario, resolved: Resolved) -> dict[str, Number]:
    """Return the monthly cost of GPUs that no workload lists, in USD."""
    listed = {tier for each in scenario.workloads.values() for tier in each.routing.tiers}
    return {
        tier: fleets.unused_usd(deployment, _terms(resolved.hosted[tier]))
        for tier, deployment in scenario.deployments.items()
        if tier not in listed and isinstance(deployment, HostedDeployment)
    }


def _streams(
    scenario: Scenario, requests: Mapping[str, Request], api_costs: Mapping[str, Mapping[str, ApiCosts]],
    terms: Mapping[str, ApiTerms], parts: Parts,
) -> dict[str, Stream]:  # fmt: skip
    """Return each workload's requests with their cost and revenue."""
    paid = parts.found("paid share", (scenario.deployments,), partial(_paid_shares, scenario))
    revenue = scenario.revenue
    paid_for = (revenue.usd_per_request, revenue.usd_per_outcome, revenue.usd_per_mtok)
    found = {}
    for name, of in parts.found("asked", (scenario.workloads,), partial(asked, scenario)).items():
        each, workload, costs = requests[name], scenario.workloads[name], api_costs[name]
        of_tiers, shares = {tier: terms[tier] for tier in costs}, {tier: paid[tier] for tier in costs}
        given = (
            name, workload, *paid_for, each, *vars(of).values(), costs, *of_tiers.values(), *shares.values(),
        )  # fmt: skip
        made = partial(_stream, scenario, (name, each, of), costs, of_tiers, shares)
        found[name] = parts.found("stream", given, made)
    return found


def _paid_shares(scenario: Scenario) -> dict[str, Number]:
    return {tier: api_bill.paid_share(scenario, tier) for tier in scenario.deployments}


def _stream(
    scenario: Scenario,
    requests: tuple[str, Request, RequestsAsked],
    costs: Mapping[str, ApiCosts],
    terms: Mapping[str, ApiTerms],
    paid: Mapping[str, Number],
) -> Stream:
    name, each, asked = requests
    workload = scenario.workloads[name]
    tokens = each.input_tokens + each.output_tokens
    return Stream(
        name=name,
        asked=asked,
        calls=each.calls,
        api_usd={
            tier: [(month, cost.total_usd * share) for month, cost in costs[tier]]
            for tier, share in paid.items()
        },
        api_tokens=tokens,
        flat_usd=sum(each.extras_usd.values(), start=0.0)
        + each.failure_usd * workload.outcome.failure_paid_share,
        flat_usd_per_month=retrieval_usd_per_month(workload),
        revenue_usd=request_revenue_usd(scenario.revenue, each),
        beside_units_usd={
            tier: [(month, cost.beside_units_usd * paid[tier]) for month, cost in costs[tier]]
            for tier in paid
            if terms[tier].pools
        },
        unit_loads={
            tier: [_taken(pool, workload, each, costs[tier]) for pool in terms[tier].pools]
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
    """Return a call's load on a pool of units, in weighted tokens or USD at list price, by starting month."""
    if pool.weights is not None:
        return [(0, unit_load(pool.weights, workload, each))]
    return [(month, cost.total_usd - cost.beside_units_usd) for month, cost in costs]
