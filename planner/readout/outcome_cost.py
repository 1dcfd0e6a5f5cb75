"""The components of cost per outcome: serving, people, and the cost of failures to us and the customers."""

from planner.model import Result
from planner.readout.samples import number
from planner.records import dataclass


@dataclass(frozen=True)
class OutcomeCost:
    """A month's requests, solved requests and costs in USD; `whole_usd / solved` is the cost per outcome.

    Requests started by other requests aren't counted here, but their costs and failures are.
    """

    requests: float
    solved: float
    serving_usd: float
    people_usd: float
    failures_ours_usd: float
    failures_customers_usd: float

    @property
    def failures_usd(self) -> float:
        """The cost of failures, whoever bears it."""
        return self.failures_ours_usd + self.failures_customers_usd

    @property
    def whole_usd(self) -> float:
        """The total cost."""
        return self.serving_usd + self.people_usd + self.failures_usd

    @property
    def serving_per_outcome_usd(self) -> float:
        """The cost of serving per solved request; nan if none is solved."""
        return self.serving_usd / self.solved if self.solved > 0 else float("nan")


def outcome_cost(result: Result) -> OutcomeCost:
    """Return the components of cost per outcome for the month being viewed, for one plan."""
    own = own_requests(result)
    requests = sum(own.values())
    solved = sum(count * number(result.workloads[name].success_share) for name, count in own.items())
    serving = number(result.metrics["usd_per_request"]) * requests if requests else 0.0
    ours, customers = 0.0, 0.0
    for name, each in result.workloads.items():
        outcome = result.scenario.workloads[name].outcome
        failed = number(each.requests_per_month) * (1.0 - number(each.success_share))
        usd, share = failed * number(outcome.failure_usd), number(outcome.failure_paid_share)
        ours, customers = ours + usd * share, customers + usd * (1.0 - share)
    whole = number(result.metrics["usd_per_outcome"]) * solved if solved else serving + ours + customers
    people = max(whole - serving - ours - customers, 0.0)
    return OutcomeCost(requests, solved, serving, people, ours, customers)


def own_requests(result: Result) -> dict[str, float]:
    """Return each workload's requests that were not started by other requests."""
    every = {name: number(each.requests_per_month) for name, each in result.workloads.items()}
    own = dict(every)
    for name, workload in result.scenario.workloads.items():
        for other, share in workload.session.spawns.items():
            own[other] -= every[name] * number(share)
    return {name: max(count, 0.0) for name, count in own.items()}
