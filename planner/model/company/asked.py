"""What is asked of each workload: the requests of customers, others, and those that requests start."""

from collections.abc import Mapping
from typing import TypeVar

from planner.records import dataclass
from planner.schema import Array, Number, Scenario

Asked = TypeVar("Asked", Number, Array)


@dataclass(frozen=True)
class RequestsAsked:
    """Requests of one workload a month: of each customer, and besides. `own` are not started by other requests."""

    per_customer: Number
    besides: Number
    own_per_customer: Number
    own_besides: Number

    def in_month_one(self, customers: Number) -> Number:
        """Return all requests of month 1."""
        return self.per_customer * customers + self.besides

    def own_in_month_one(self, customers: Number) -> Number:
        """Return those of month 1 that no other request starts."""
        return self.own_per_customer * customers + self.own_besides


def asked(scenario: Scenario) -> dict[str, RequestsAsked]:
    """Return what is asked of each workload in month 1, the requests that other requests start among it.

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
    """Return requests by workload with those that they start, which start others: `total = own + M total`."""
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
