"""One month of a plan in detail: its requests, latency, fleets and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from planner.model.call_by_call import SessionCalls
from planner.model.company import api_bill, cash_flows, volumes
from planner.model.company.month_blocks import one_block
from planner.model.fleet import fleets
from planner.model.handed_on import (
    FleetFlows,
    FleetMonth,
    MonthAtHand,
    Request,
    WorkloadLatency,
    WorkloadMonth,
)
from planner.model.joining import Joined
from planner.model.request import meters
from planner.model.request.request import session_of
from planner.model.request.session_calls import session_calls
from planner.model.result import FleetHours
from planner.model.serving import latency
from planner.model.shared import EachAnew, Parts
from planner.schema import ApiDeployment, Number
from planner.units import SECONDS_PER_MONTH

Volumes = Mapping[str, Number]


def epoch_of(parts: Sequence[Joined], month: int) -> Joined:
    """Return the epoch that contains a month, counted from 0."""
    return [each for each in parts if each.business.carried.month <= month][-1]


def month_at_hand(stages: Sequence[Joined], month: int, parts: Parts | None = None) -> MonthAtHand:
    """Return a month of a plan, counted from 0, including GPUs bought in earlier months.

    Batches, spare places and prices per request are those of its epoch. `parts` may hold those of
    the same month of an earlier plan.
    """
    joined, parts = epoch_of(stages, month), parts or EachAnew()
    if month == 0:
        return _put_together(joined, joined.requests_per_month, {}, 0, parts)
    asked = volumes.requests_in(joined.scenario, joined.business.carried, month, joined.business.segments)
    flows = cash_flows.fleet_flows([each.business for each in stages], month)
    return _put_together(joined, asked, flows, month, parts)


def first_month(joined: Joined, parts: Parts | None = None) -> MonthAtHand:
    """Return month 1 of a plan without running its months."""
    return _put_together(joined, joined.requests_per_month, {}, 0, parts or EachAnew())


def _put_together(
    joined: Joined, asked: Volumes, flows: Mapping[str, FleetFlows], month: int, parts: Parts
) -> MonthAtHand:
    now = {}
    for tier, fleet in joined.fleets.items():
        of_users = tuple((name, asked[name], joined.requests[name]) for name in fleet.wanted.peak_per_call)
        busy = partial(_fleet_month, joined, asked, tier, flows.get(tier))
        now[tier] = parts.found("fleet in a month", (fleet, tier, flows.get(tier), *of_users), busy)
    price = one_block(joined.business, month).api_price[0] if month else 1.0
    billed = api_bill.Billed(asked, month, price)
    begun, segments = joined.business.carried, joined.business.segments
    own = volumes.own_requests_in(joined.scenario, begun, month, segments, parts=parts)
    workloads: dict[str, WorkloadMonth] = {}
    for name in joined.requests:
        lines = _api_lines(joined, name, month)
        each = _answered(joined, name, billed), asked[name], own[name]
        latency = _latency(joined, name, now, asked[name], parts)
        made = partial(WorkloadMonth, *each, lines, latency)
        workloads[name] = parts.found("workload in a month", (*each, *lines.items(), latency), made)
    return MonthAtHand(month, workloads, now)


def _fleet_month(joined: Joined, asked: Volumes, tier: str, flows: FleetFlows | None) -> FleetMonth:
    return fleets.fleet_month(joined.fleets[tier], _calls(joined, asked, tier), flows)


def _answered(joined: Joined, name: str, billed: api_bill.Billed) -> Request:
    """Return a workload's request, with success reduced by the share that a vendor refuses."""
    each = joined.requests[name]
    if not joined.business.streams[name].answered_by:
        return each
    answered = 1.0 - api_bill.refused_share(joined.business, billed, name)
    solved = each.solved * answered
    failure_usd = (1.0 - solved) * joined.scenario.workloads[name].outcome.failure_usd
    return replace(each, success=each.success * answered, solved=solved, failure_usd=failure_usd)


def _calls(joined: Joined, asked: Volumes, tier: str) -> dict[str, Number]:
    """Return the monthly passes of a fleet's workloads."""
    return {
        name: asked[name] * joined.requests[name].calls[tier]
        for name in joined.fleets[tier].wanted.peak_per_call
    }


def fleet_hours(joined: Joined, at_hand: MonthAtHand) -> dict[str, FleetHours]:
    """Return the month's fleets by hour, if the hours of a workload are known."""
    asked = at_hand.requests_per_month
    found = {
        tier: fleets.fleet_hours(fleet, _calls(joined, asked, tier)) for tier, fleet in joined.fleets.items()
    }
    return {tier: hours for tier, hours in found.items() if hours is not None}


def sessions_of(joined: Joined, month: int) -> dict[tuple[str, str], SessionCalls]:
    """Return each workload's sessions on each deployment, call by call, at the month's prices."""
    found: dict[tuple[str, str], SessionCalls] = {}
    for name, workload in joined.scenario.workloads.items():
        series, each = session_of(workload), joined.requests[name]
        for tier in workload.routing.tiers if series is not None else ():
            api = joined.resolved.apis.get(tier)
            rates = [rates for since, rates in api.epochs if since <= month][-1] if api else None
            deployment = joined.scenario.deployments[tier]
            paid_x = 1.0 - deployment.discount_share if isinstance(deployment, ApiDeployment) else 1.0
            assert series is not None
            found[name, tier] = session_calls(
                series,
                rates,
                answer_tokens=each.output_per_call,
                meters=meters.per_call(workload),
                price_x=paid_x * _price_x(joined, month),
            )
    return found


def _price_x(joined: Joined, month: int) -> Number:
    """Return an API's token price in a month relative to month 1, apart from list price changes."""
    return one_block(joined.business, month).api_price[0] if month else 1.0


def _api_lines(joined: Joined, name: str, month: int) -> dict[str, Mapping[str, Number]]:
    """Return USD per call by line of the bill, at the vendor's price in a month."""
    factor = _price_x(joined, month)
    found: dict[str, Mapping[str, Number]] = {}
    for (user, tier), epochs in joined.api_costs.items():
        if user == name:
            lines = [cost.lines for since, cost in epochs if since <= month][-1]
            found[tier] = {line: usd * factor for line, usd in lines.items()} if month else lines
    return found


def _latency(
    joined: Joined, name: str, now: Mapping[str, FleetMonth], asked: Number, parts: Parts
) -> WorkloadLatency:
    workload, each = joined.scenario.workloads[name], joined.requests[name]
    tiers = workload.routing.tiers
    on = tuple(joined.scenario.deployments[tier] for tier in tiers)
    given = (
        workload,
        each,
        *on,
        *((now[tier], joined.batches[name, tier], asked) for tier in tiers if tier in now),
    )
    return parts.found("latency", given, lambda: _answered_in(joined, name, now, asked))


def _answered_in(joined: Joined, name: str, now: Mapping[str, FleetMonth], asked: Number) -> WorkloadLatency:
    workload, each = joined.scenario.workloads[name], joined.requests[name]
    times: dict[str, latency.PassTimes] = {}
    for tier in workload.routing.tiers:
        deployment = joined.scenario.deployments[tier]
        if isinstance(deployment, ApiDeployment):
            times[tier] = latency.api_times(workload, deployment, each)
        else:
            calls_per_s = asked * each.model_calls(tier) / SECONDS_PER_MONTH
            chosen = joined.batches[name, tier]
            times[tier] = latency.own_gpu_times(workload, chosen, now[tier], each, calls_per_s=calls_per_s)
    return latency.workload_latency(workload, each, times)
