"""API against own GPUs for one workload: what each costs, and the volume at which self-hosting pays."""

import numpy as np
from numpy.typing import NDArray

from planner.errors import Problem, ScenarioError
from planner.model import evaluate
from planner.records import dataclass
from planner.schema import Array, HostedDeployment, Number, Range, Scenario

FEWEST_REQUESTS, MOST_REQUESTS = 1e3, 1e10
_POINTS = 281  # 40 to each factor of ten


@dataclass(frozen=True)
class Side:
    """One deployment that answers the whole workload alone, at each volume."""

    deployment: str
    success_share: float
    usd_per_request: Array
    usd_per_outcome: Array
    gpus: Array
    promise_met: bool


@dataclass(frozen=True)
class SideBySide:
    """Two sides over the same volumes (requests a month), and where the cheaper one changes.

    `pays_from_requests` is the volume from which the second side's request stays cheaper, nan if it never does;
    `outcome_pays_from_requests` the same for an outcome, where a difference in success counts.
    """

    workload: str
    requests_per_month: Array
    first: Side
    second: Side
    pays_from_requests: float
    outcome_pays_from_requests: float


def side_by_side(
    scenario: Scenario, *, workload: str, first: str, second: str, same_quality: bool = False
) -> SideBySide:
    """Return what `workload` costs on either of two deployments alone, from a thousand requests a month on.

    With `same_quality` the second side has the success share that the file gives the first; otherwise each has its
    own, and the cost per outcome weighs the difference.
    """
    _refuse_unknown(scenario, workload, (first, second))
    volumes = np.geomspace(FEWEST_REQUESTS, MOST_REQUESTS, _POINTS)
    success = _success_given(scenario, workload, first) if same_quality else None
    a = _side(scenario, workload, first, volumes)
    b = _side(scenario, workload, second, volumes, success=success)
    return SideBySide(
        workload=workload,
        requests_per_month=volumes,
        first=a,
        second=b,
        pays_from_requests=_from_where(volumes, b.usd_per_request < a.usd_per_request),
        outcome_pays_from_requests=_from_where(volumes, b.usd_per_outcome < a.usd_per_outcome),
    )


def _refuse_unknown(scenario: Scenario, workload: str, names: tuple[str, str]) -> None:
    problems = []
    if workload not in scenario.workloads:
        problems.append(Problem(workload, "is not a workload.", f"Known: {', '.join(scenario.workloads)}."))
    known = ", ".join(scenario.deployments)
    problems += [
        Problem(name, "is not a deployment.", f"Known: {known}.")
        for name in names
        if name not in scenario.deployments
    ]
    if problems:
        raise ScenarioError(problems)


def _success_given(scenario: Scenario, workload: str, name: str) -> Number | Range:
    """Return the success share that a deployment has in a workload, before anything else weighs on it."""
    given = scenario.workloads[workload].success.get(name)
    return scenario.deployments[name].success_share if given is None else given


def _side(
    scenario: Scenario, workload: str, name: str, volumes: Array, *, success: Number | Range | None = None
) -> Side:
    alone = alone_on(scenario, workload=workload, deployment=name, success=success).with_value(
        f"workloads.{workload}.requests_per_month", volumes
    )
    result = evaluate(alone)
    each = result.workloads[workload]

    def over_volumes(values: Number) -> Array:
        return np.array(np.broadcast_to(values, volumes.shape), dtype=float)

    hosted = isinstance(scenario.deployments[name], HostedDeployment)
    return Side(
        deployment=name,
        success_share=float(np.mean(each.success_share)),
        usd_per_request=over_volumes(each.usd_per_request),
        usd_per_outcome=over_volumes(each.usd_per_outcome),
        gpus=over_volumes(result.deployments[name].gpus if hosted else 0.0),
        promise_met=bool(np.all(each.promise_met)),
    )


def alone_on(
    scenario: Scenario, *, workload: str, deployment: str, success: Number | Range | None = None
) -> Scenario:
    """Return a one-month plan of one workload that one deployment answers, by volume and not by customer.

    `success` stands in for the success share that the deployment has in the file.
    """
    only = scenario.workloads[workload]
    measured = {tier: share for tier, share in only.success.items() if tier == deployment}
    if success is not None:
        measured = {deployment: success}
    routing = only.routing.model_copy(
        update={"tiers": (deployment,), "share_passed_on": (), "share_to_last": 0.0, "policy": "route"}
    )
    answered = only.model_copy(
        update={"routing": routing, "success": measured, "requests_per_customer_per_month": 0.0}
    )
    return scenario.model_copy(
        update={
            "workloads": {workload: answered},
            "company": scenario.company.model_copy(update={"horizon_months": 1.0}),
        }
    )


def _from_where(volumes: Array, cheaper: NDArray[np.bool_]) -> float:
    """Return the smallest volume from which `cheaper` holds up to the end; nan where it doesn't at the end."""
    if not cheaper[-1]:
        return float("nan")
    dearer = np.flatnonzero(~cheaper)
    return float(volumes[dearer[-1] + 1]) if dearer.size else float(volumes[0])
