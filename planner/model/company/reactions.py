"""How demand reacts when the offer differs from the one at which it was observed: assumed constant elasticities.

Equation: `x = x0 (y / y0)^e`, with x new customers, requests, churn or moves to another segment, and y the price, success,
latency or allowance, y0 that at which x0 was seen. Source of the form: the demand curve of constant elasticity, as in any
textbook (Varian, Intermediate Microeconomics, chapter 15). It is known for small changes: ratios beyond `FURTHEST` count as that.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.model.company.cost_of_outcome import ratio
from planner.records import dataclass
from planner.schema import Number, Scenario, Segment, some
from planner.schema.reactions import SEEN
from planner.units import show

FURTHEST = 4.0  # times, or a fourth: reactions beyond this are unknown


@dataclass(frozen=True)
class WhatCustomersMeet:
    """The offer to customers: share of requests solved, price per request by workload, and p95 if known."""

    success: Number
    request_usd: Mapping[str, Number]
    p95_s: Number | None = None


@dataclass(frozen=True)
class Reacted:
    """A scenario with the demand that follows from its offer, and notes on how it differs from the stated demand."""

    scenario: Scenario
    words: tuple[str, ...] = ()


def reacts(scenario: Scenario) -> bool:
    """Return whether demand reacts to anything in any plan."""
    return any(some(getattr(scenario.reactions, name)) for name in SEEN)


def times(now: Number, *, seen: Number | None, elasticity: Number) -> Number:
    """Return the factor on demand when its driver is `now` and was `seen`; 1 if either is unknown.

    >>> float(times(44.0, seen=40.0, elasticity=-1.0)), float(times(400.0, seen=40.0, elasticity=-1.0))
    (0.9090909090909091, 0.25)
    """
    if seen is None or not some(elasticity):
        return 1.0
    apart = np.asarray(ratio(now, seen), dtype=float)
    known = np.isfinite(apart)
    held = np.clip(np.where(known, apart, 1.0), 1.0 / FURTHEST, FURTHEST)
    return np.where(known, np.power(held, elasticity), 1.0)


def reacted(scenario: Scenario, offer: WhatCustomersMeet) -> Reacted:
    """Return a scenario whose new customers, requests, churn and moves follow from its offer."""
    said, demand = scenario.reactions, scenario.demand
    leaving = times(offer.success, seen=said.at_success_share, elasticity=said.churn_to_success)
    if offer.p95_s is not None:
        leaving = leaving * times(offer.p95_s, seen=said.at_latency_s, elasticity=said.churn_to_latency)
    joining = times(
        scenario.revenue.usd_per_customer_per_month,
        seen=said.at_usd_per_customer,
        elasticity=said.new_to_price,
    )
    asking = {
        name: times(usd, seen=said.at_request_usd.get(name), elasticity=said.use_to_price)
        for name, usd in offer.request_usd.items()
    }
    segments = {
        name: _segment(scenario, name, each, joining=_of_price(scenario, name), leaving=leaving)
        for name, each in scenario.segments.items()
    }
    of_demand = {
        "growth_share_per_month": _grown(demand.growth_share_per_month, joining),
        "churn_share_per_month": np.minimum(demand.churn_share_per_month * leaving, 1.0),
    }
    update: dict[str, Any] = {
        "demand": demand.model_copy(update=of_demand),
        "segments": segments,
        "workloads": {
            name: each.model_copy(update={field: getattr(each, field) * asking[name] for field in _REQUESTS})
            if some(said.use_to_price)
            else each
            for name, each in scenario.workloads.items()
        },
    }
    return Reacted(scenario.model_copy(update=update), _words(scenario, joining, asking, leaving))


_REQUESTS = ("requests_per_customer_per_month", "requests_per_month")


def _of_price(scenario: Scenario, name: str) -> Number:
    said = scenario.reactions
    usd = scenario.segments[name].usd_per_customer_per_month
    return times(usd, seen=said.at_segment_usd.get(name), elasticity=said.new_to_price)


def _grown(growth: Number, joining: Number) -> Number:
    """Return growth with reacting new customers; if growth is negative, there are none."""
    return np.maximum(growth, 0.0) * joining + np.minimum(growth, 0.0)


def _segment(scenario: Scenario, name: str, each: Segment, *, joining: Number, leaving: Number) -> Segment:
    said = scenario.reactions
    moving = times(allowance(each), seen=said.at_allowance.get(name), elasticity=said.becoming_to_allowance)
    return each.model_copy(update={
        "new_customers_per_month": each.new_customers_per_month * joining,
        "growth_share_per_month": _grown(each.growth_share_per_month, joining),
        "churn_share_per_month": np.minimum(each.churn_share_per_month * leaving, 1.0),
        "retention": _retention(each, leaving),
        "becomes": {other: np.minimum(share * moving, 1.0) for other, share in each.becomes.items()},
        "requests": {
            workload: each.requests.get(workload, scenario.workloads[workload].requests_per_customer_per_month)
            for workload in scenario.workloads
        },
    })  # fmt: skip


def allowance(segment: Segment) -> Number:
    """Return a segment's monthly allowance in requests: its limits, else the included requests."""
    return sum({**segment.included, **segment.limit}.values(), start=0.0)


def _retention(segment: Segment, leaving: Number) -> tuple[Number, ...]:
    """Return the retention by month, with the reaction of those who leave."""
    left: Number = 1.0
    before: Number = 1.0
    found = []
    for share in segment.retention:
        lost = 1.0 - share / np.where(np.asarray(before) > 0, before, 1.0)
        left, before = left * np.maximum(1.0 - lost * leaving, 0.0), share
        found.append(left)
    return tuple(found)


def _words(
    scenario: Scenario, joining: Number, asking: Mapping[str, Number], leaving: Number
) -> tuple[str, ...]:
    """Return notes on the assumed reactions and their effect in the first plan.

    Halfway between two plans that are compared the names may be those of the other one: of these nothing is said.
    """
    said = scenario.reactions
    parts = []
    if said.at_usd_per_customer is not None and some(said.new_to_price):
        parts.append(f"new customers {_x(joining)}")
    parts += [
        f"new customers of {name} {_x(_of_price(scenario, name))}"
        for name in said.at_segment_usd
        if some(said.new_to_price) and name in scenario.segments
    ]
    if some(said.use_to_price):
        parts += [f"requests of {name} {_x(asking[name])}" for name in said.at_request_usd if name in asking]
    if some(said.churn_to_success) or some(said.churn_to_latency):
        parts.append(f"churn {_x(leaving)}")
    if some(said.becoming_to_allowance):
        parts += [
            f"moves from {name} {_x(times(allowance(scenario.segments[name]), seen=seen, elasticity=said.becoming_to_allowance))}"
            for name, seen in said.at_allowance.items()
            if name in scenario.segments
        ]
    return (
        (f"assumed reactions of demand, not known: {', '.join(parts)} of what the file states",)
        if parts
        else ()
    )


def _x(factor: Number) -> str:
    return show(float(np.ravel(factor)[0]), "x")
