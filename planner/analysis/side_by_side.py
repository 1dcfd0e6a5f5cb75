"""API against own GPUs for one workload: their costs, and the volume at which self-hosting pays off."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.model import evaluate
from planner.records import dataclass
from planner.schema import Array, HostedDeployment, Number, Range, Scenario, step_text
from planner.schema.commitment import Provisioned
from planner.schema.deployment import FineTuning
from planner.schema.scenario import AnyDeployment

FEWEST_REQUESTS, USUAL_REQUESTS, MOST_REQUESTS = 1.0, 1e3, 1e10
_PER_DECADE = 40
_FINE = 401  # volumes between the two that bracket a crossing
FLAT = 1e-9  # relative change of a cost below which it doesn't depend on volume


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

    `pays_from_requests` is the volume from which the second side stays cheaper per request: 0 if at every volume,
    nan if at none; `outcome_pays_from_requests` is the same per outcome, which includes differences in success.
    `by_token`: the sides differ equally at any volume, so they can't cross. `success_of` names the side whose
    success both were given, "" if each has its own.
    """

    workload: str
    requests_per_month: Array
    first: Side
    second: Side
    pays_from_requests: float
    outcome_pays_from_requests: float
    by_token: bool = False
    success_of: str = ""

    @property
    def decades(self) -> tuple[float, ...]:
        """The powers of ten on the axis."""
        first, last = (np.log10(self.requests_per_month[at]) for at in (0, -1))
        return tuple(10.0**power for power in range(round(first), round(last)))


def side_by_side(
    scenario: Scenario, *, workload: str, first: str, second: str, same_quality: bool = False
) -> SideBySide:
    """Return the cost of `workload` on either of two deployments alone, around the volume at which they cross.

    Each side includes its own tokens, GPUs, staff, reserved capacity and one-off spend, and nothing of the other's or of
    the company's. With `same_quality` the second side has the success share that the file gives the first; otherwise each has its
    own, and the cost per outcome weighs the difference.
    """
    _refuse_unknown(scenario, workload, (first, second))
    success = _success_given(scenario, workload, first) if same_quality else None

    def both(volumes: Array) -> tuple[Side, Side]:
        return (
            _side(scenario, workload, first, volumes),
            _side(scenario, workload, second, volumes, success=success),
        )

    request = _pays_from(lambda volumes: both_of(both(volumes), "usd_per_request"))
    outcome = _pays_from(lambda volumes: both_of(both(volumes), "usd_per_outcome"))
    axis = _axis([request, outcome])
    a, b = both(axis)
    return SideBySide(
        workload=workload,
        requests_per_month=axis,
        first=a,
        second=b,
        pays_from_requests=request,
        outcome_pays_from_requests=outcome,
        by_token=bool(np.ptp(b.usd_per_request - a.usd_per_request) <= FLAT * a.usd_per_request.max()),
        success_of=first if same_quality else "",
    )


def both_of(sides: tuple[Side, Side], name: str) -> tuple[Array, Array]:
    """Return one cost of both sides."""
    return getattr(sides[0], name), getattr(sides[1], name)


def _volumes(least: float, most: float) -> Array:
    return np.geomspace(least, most, round(_PER_DECADE * np.log10(most / least)) + 1)


def _axis(crossings: Sequence[float]) -> Array:
    """Return the volumes to show: from a tenth of the first crossing on, or the default ones."""
    there = [each for each in crossings if each > 0]
    least = 10.0 ** (np.floor(np.log10(min(there))) - 1) if there else USUAL_REQUESTS
    return _volumes(float(np.clip(least, FEWEST_REQUESTS, USUAL_REQUESTS)), MOST_REQUESTS)


def _pays_from(costs: Callable[[Array], tuple[Array, Array]]) -> float:
    """Return the volume from which the second cost stays below the first: 0 at every volume, nan at none."""
    volumes = _volumes(FEWEST_REQUESTS, MOST_REQUESTS)
    first, second = costs(volumes)
    cheaper = second < first
    if not cheaper[-1]:
        return float("nan")
    dearer = np.flatnonzero(~cheaper)
    if not dearer.size:
        return 0.0
    fine = np.linspace(volumes[dearer[-1]], volumes[dearer[-1] + 1], _FINE)
    first, second = costs(fine)
    still = np.flatnonzero(~(second < first))
    return float(fine[min(still[-1] + 1, _FINE - 1)]) if still.size else float(fine[0])


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
    """Return a deployment's base success share in a workload, before other effects."""
    given = scenario.workloads[workload].success.get(name)
    return scenario.deployments[name].success_share if given is None else given


def _side(
    scenario: Scenario, workload: str, name: str, volumes: Array, *, success: Number | Range | None = None
) -> Side:
    alone = alone_on(scenario, workload=workload, deployment=name, success=success).with_value(
        f"workloads.{step_text(workload)}.requests_per_month", volumes
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
    """Return a one-month plan of one workload on one deployment, by volume rather than customers.

    It excludes other deployments and the company; the deployment's one-off spend counts from month 1.
    `success` replaces the deployment's success share in the file.
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
            "deployments": _only(scenario, deployment),
            "company": scenario.company.model_copy(update={"horizon_months": 1.0, "one_off": ()}),
        }
    )


def _only(scenario: Scenario, name: str) -> dict[str, AnyDeployment]:
    """Return a deployment with its one-off spend in month 1, and its teacher, which is free here."""
    section = scenario.deployments[name]
    once = tuple(each.model_copy(update={"month": 1}) for each in section.one_off)
    found = {name: section.model_copy(update={"one_off": once})}
    teacher = section.distillation.teacher
    if teacher in scenario.deployments:
        idle: dict[str, Any] = {"one_off": (), "staff_usd_per_month": 0.0, "fine_tuning": FineTuning()}
        idle |= (
            {"reserved_gpus": 0}
            if isinstance(scenario.deployments[teacher], HostedDeployment)
            else {"provisioned": Provisioned()}
        )
        found[teacher] = scenario.deployments[teacher].model_copy(update=idle)
    return found
