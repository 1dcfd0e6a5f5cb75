"""What is asked of each workload: the requests of customers, others, and those that requests start."""

from planner.records import dataclass
from planner.schema import Number, Scenario


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
    started = [
        (name, other, count)
        for name, workload in scenario.workloads.items()
        for other, count in workload.session.spawns.items()
    ]
    total = dict(own)
    for _ in scenario.workloads if started else ():
        before, total = total, dict(own)
        for name, other, count in started:
            per_customer, besides = total[other]
            total[other] = (per_customer + count * before[name][0], besides + count * before[name][1])
    return {name: RequestsAsked(*total[name], *own[name]) for name in own}
