"""Volumes by month: each workload's requests, and the batch places that they keep busy."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from planner.model.company.asked import RequestsAsked, asked
from planner.model.company.business import Business, Stream
from planner.model.company.carried import Carried
from planner.model.company.month_blocks import MonthBlock
from planner.model.company.monthly_factors import monthly_factors
from planner.model.company.segments import NO_SEGMENTS, AllSegments
from planner.model.handed_on import OwnGpus, PlacesBusy
from planner.model.shared import EachAnew, Parts
from planner.model.week_hours import busiest, hourly_loads, summed
from planner.schema import Number, Scenario, some

ASKED = ("customers", "usage")  # growth factors of customers' requests
BESIDES: tuple[str, ...] = ()  # other requests don't grow
BEGINNING, EACH_ANEW = Carried(), EachAnew()


def first_month_requests(
    scenario: Scenario, carried: Carried = BEGINNING, segments: AllSegments = NO_SEGMENTS, *,
    parts: Parts = EACH_ANEW,
) -> dict[str, Number]:  # fmt: skip
    """Return the requests of each workload in month 1, or at the start of an epoch."""
    return _requests_after(scenario, carried, 0.0, (segments, 0), parts)


def requests_in(
    scenario: Scenario, carried: Carried, month: int, segments: AllSegments = NO_SEGMENTS
) -> dict[str, Number]:
    """Return the requests of each workload in a month, counted from 0, of its epoch."""
    at = (segments, month - segments.first)
    return _requests_after(scenario, carried, month - carried.month, at, EACH_ANEW)


def own_requests_in(
    scenario: Scenario, carried: Carried, month: int, segments: AllSegments = NO_SEGMENTS, *,
    parts: Parts = EACH_ANEW,
) -> dict[str, Number]:  # fmt: skip
    """Return those of them that no other request starts."""
    customers = _customers_after(scenario, carried, month - carried.month, parts)
    at = month - segments.first

    def made(name: str, each: RequestsAsked) -> Number:
        of_segments = segments.own(name, at) if segments.months else 0.0
        return each.own_per_customer * customers + each.own_besides + of_segments

    found = {}
    for name, each in parts.found("asked", (scenario.workloads,), partial(asked, scenario)).items():
        given = (name, each.own_per_customer, each.own_besides, customers, segments, at)
        found[name] = parts.found("own requests of a month", given, partial(made, name, each))
    return found


def last_month_requests(
    scenario: Scenario, carried: Carried = BEGINNING, until: Number | None = None,
    segments: AllSegments = NO_SEGMENTS, *, parts: Parts = EACH_ANEW,
) -> dict[str, Number]:  # fmt: skip
    """Return the requests of each workload in the last month of the plan, or of the epoch that ends before month `until`.

    Segments' requests, which may rise and fall, are those of their peak month.
    """
    end = scenario.company.horizon_months if until is None else until
    return _requests_after(scenario, carried, end - carried.month - 1.0, (segments, None), parts)


def _requests_after(
    scenario: Scenario,
    begun: Carried,
    steps: Number,
    of_segments: tuple[AllSegments, int | None],
    parts: Parts,
) -> dict[str, Number]:
    """Return the requests of each workload some months after the start of an epoch.

    Those of segments are of the month in the given place of the epoch, or where that is None of the one with the most.
    """
    segments, at = of_segments
    customers = _customers_after(scenario, begun, steps, parts)

    def made(name: str, each: RequestsAsked) -> Number:
        own: Number = each.per_customer * customers + each.besides
        if not segments.months:
            return own
        return own + (
            np.max(segments.asked(name, slice(None)), axis=0) if at is None else segments.asked(name, at)
        )

    found = {}
    for name, each in parts.found("asked", (scenario.workloads,), partial(asked, scenario)).items():
        given = (name, each.per_customer, each.besides, customers, segments, at)
        found[name] = parts.found("requests of a month", given, partial(made, name, each))
    return found


def _customers_after(scenario: Scenario, begun: Carried, steps: Number, parts: Parts) -> Number:
    """Return customers some months after the start of an epoch, weighted by usage relative to month 1."""

    def made() -> Number:
        factors = monthly_factors(scenario)
        customers = scenario.demand.customers if begun.customers is None else begun.customers
        usage = begun.usage * np.power(factors.usage, steps)
        return customers * np.power(factors.customers, steps) * usage

    return parts.found("customers", (begun, scenario.demand, scenario.decline, steps), made)


def requests(block: MonthBlock, stream: Stream) -> Number:
    """Return the requests of a workload in some months, months first, cached in the block."""
    if stream.name not in block.requests:
        of_all = _in_block(block, stream.asked.per_customer, stream.asked.besides)
        if block.segments.months:
            of_all = of_all + block.segments.requests(stream.name, block.first, block.count)
        block.requests[stream.name] = of_all
    return block.requests[stream.name]


def own_requests(block: MonthBlock, stream: Stream) -> Number:
    """Return the requests that no other request starts: those that customers outside segments make and pay for."""
    return _in_block(block, stream.asked.own_per_customer, stream.asked.own_besides)


def _in_block(block: MonthBlock, per_customer: Number, besides: Number) -> Number:
    of_customers = block.customers * (per_customer * block.usage)
    return of_customers + besides if some(besides) else of_customers


def places(business: Business, block: MonthBlock, name: str) -> PlacesBusy:
    """Return the batch places that a fleet's calls keep busy, months first."""
    fleet = business.fleets[name]

    def busy(places_per_call: Mapping[str, Number]) -> Number:
        now = places_by_growth(business, name, places_per_call)
        return block.customers * now[ASKED] * block.usage + now[BESIDES] + of_segments(places_per_call)

    def of_segments(places_per_call: Mapping[str, Number]) -> Number:
        if not block.segments.months:
            return 0.0
        return sum(
            (
                block.segments.requests(workload, block.first, block.count)
                * (business.streams[workload].calls[name] * taken)
                for workload, taken in places_per_call.items()
            ),
            start=0.0,
        )

    return put_together(fleet, [busy(each) for each in parts_of_load(fleet)])


def parts_of_load(fleet: OwnGpus) -> list[Mapping[str, Number]]:
    """Return the sums of places that determine a fleet's size: the contribution of one call per month, by workload.

    Peak and mean; where hours are known the mean of each group that goes through them alike, then mean and peak of the rest.
    """
    peak, mean, week = fleet.peak_places_per_call, fleet.mean_places_per_call, fleet.week
    if week is None:
        return [peak, mean] if fleet.follows_load else [peak]
    groups: list[Mapping[str, Number]] = [{name: mean[name] for name in each.names} for each in week.known]
    return [*groups, *({name: each[name] for name in week.unknown} for each in (mean, peak))]


def put_together(fleet: OwnGpus, sums: Sequence[Number]) -> PlacesBusy:
    """Return the places that a fleet's calls keep busy out of the sums that `parts_of_load` names."""
    if fleet.week is None:
        peak = sums[0]
        return PlacesBusy(peak, hourly_loads(mean=sums[1], peak=peak) if fleet.follows_load else None)
    *means, rest_mean, rest_peak = sums
    hourly = summed(fleet.week, means, rest_mean=rest_mean, rest_peak=rest_peak)
    return PlacesBusy(busiest(hourly), hourly if fleet.follows_load else None)


def places_by_growth(
    business: Business, name: str, places_per_call: Mapping[str, Number]
) -> dict[tuple[str, ...], Number]:
    """Return the batch places that calls to a fleet keep busy in month 1, by growth factor."""
    per_customer: Number = 0.0
    besides: Number = 0.0
    for workload, taken in places_per_call.items():
        stream = business.streams[workload]
        each = stream.calls[name] * taken
        per_customer = per_customer + stream.asked.per_customer * each
        besides = besides + stream.asked.besides * each
    return {ASKED: per_customer, BESIDES: besides}
