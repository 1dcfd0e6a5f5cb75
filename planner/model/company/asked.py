"""Requests of each workload: from customers, from elsewhere, and those started by other requests."""

from collections.abc import Mapping
from typing import TypeVar

from planner.records import dataclass
from planner.schema import Array, Number, Scenario

Asked = TypeVar("Asked", Number, Array)


@dataclass(frozen=True)
class RequestsAsked:
    """Monthly requests of one workload: per customer, and others. `own` are not started by other requests."""

    per_customer: Number
    besides: Number
    own_per_customer: Number
    own_besides: Number

    def in_month_one(self, customers: Number) -> Number:
        """Return all requests of month 1."""
        return self.per_customer * customers + self.besides

    def own_in_month_one(self, customers: Number) -> Number:
        """Return the requests of month 1 that no other request starts."""
        return self.own_per_customer * customers + self.own_besides


def asked(scenario: Scenario) -> dict[str, RequestsAsked]:
    """Return the requests of each workload in month 1, including those started by other requests.

    Equation: total = own + sum over the workloads that start it of (requests started * their total); they form no circle.
    """
    own = {
        name: (workload.requests_per_customer_per_month, workload.requests_per_month)
        for name, workload in scenario.workloads.items()
    }
    per_customer = with_started(scenario, {name: each for name, (each, _) in own.items()})
    besides = with_started(scenario, {name: each for name, (_, each) in own.items()})
    return {name: RequestsAsked(per_customer[name], besides[name], *own[name]) for name in own}


def with_started(scenario: Scenario, own: Mapping[str, Asked]) -> dict[str, Asked]:
    """Return requests by workload including those they start, recursively: `total = own + M total`."""
    started = [
        (name, other, count)
        for name, workload in scenario.workloads.items()
        for other, count in workload.session.spawns.items()
    ]
    total = dict(own)
    for _ in scenario.workloads if started else ():
        before, total = total, dict(own)
        for name, other, count in started:
            total[other] = total[other] + count * before[name]
    return total
