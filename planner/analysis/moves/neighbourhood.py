"""The part of a plan that a change can affect: everything that shares capacity with what it changes."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from planner.schema import ApiDeployment, Deployment, Scenario, Segment, some, steps_of

WORTH_CUTTING = 8  # up to this many workloads, the whole plan is evaluated
# Costs of different workloads add up if only these sections are used.
ADDITIVE = {
    "schema_version", "title", "notes", "source", "goal", "company", "revenue", "demand", "decline", "models", "gpus",
    "deployments", "workloads", "correlations", "cash",
}  # fmt: skip
ADDITIVE_OF_CASH = {
    "other_cogs_share",
    "refund_share",
    "payment_fee_share",
    "payment_fee_usd",
}  # shares of revenue, and of customers
ADDITIVE_OF_A_WORKLOAD = {
    "requests_per_customer_per_month", "requests_per_month", "peak_to_mean", "interarrival_cv2", "answer_length_cv2",
    "latency", "latency_target_s", "latency_percentile", "batch_utilisation_share", "prompt_tokens", "context_tokens",
    "history_tokens", "output_tokens", "reasoning_tokens", "rag", "compression", "output_control", "long_context", "routing",
    "verifier", "cache", "outcome", "success", "prompt_cv", "output_cv", "meters", "pictures", "profile", "utc_offset_h",
    "weekend_share",
}  # fmt: skip


def additive(scenario: Scenario, *, besides: frozenset[str] = frozenset()) -> bool:
    """Return whether workloads without a common deployment are independent, so that parts can be evaluated alone.

    Sections in `besides` are known to be harmless.
    """
    if scenario.model_fields_set - ADDITIVE - besides or scenario.cash.model_fields_set - ADDITIVE_OF_CASH:
        return False
    if any(
        isinstance(each, ApiDeployment) and each.committed.also_counts
        for each in scenario.deployments.values()
    ):
        return False
    return not any(each.model_fields_set - ADDITIVE_OF_A_WORKLOAD for each in scenario.workloads.values())


def adds_up_at_first(scenario: Scenario) -> bool:
    """Return whether the same holds in month 1, when changes have not yet started."""
    if any(float(np.min(each.month)) <= 1.0 for each in scenario.change):
        return False
    if any(_by_workload(each) for each in scenario.segments.values()):
        return False
    return additive(scenario, besides=frozenset({"change", "segments"}))


def _by_workload(segment: Segment) -> bool:
    """Return whether a segment states anything for a single workload."""
    stated = (segment.requests, segment.limit, segment.included, segment.overage_usd, segment.price_bands)
    return any(stated) or bool(segment.credits.requests)


def touched(scenario: Scenario, changes: Iterable[str], tiers: Mapping[str, Any]) -> frozenset[str]:
    """Return the workloads whose costs a change to these paths can affect.

    `tiers` are the deployments that workloads list after the change, by the path of their list.
    """
    parts = [steps_of(path)[:2] for path in changes]
    workloads = {name for section, name in parts if section == "workloads"}
    deployments = {name for section, name in parts if section == "deployments"}
    used = {tier for name in workloads for tier in scenario.workloads[name].routing.tiers}
    used |= {tier for listed in tiers.values() for tier in listed}
    shared = deployments | {tier for tier in used if _has_capacity(scenario.deployments[tier])}
    shared |= {
        name for name, each in scenario.deployments.items() if each.distillation.teacher in deployments
    }
    return frozenset(workloads) | {
        name for name, each in scenario.workloads.items() if shared & set(each.routing.tiers)
    }


def cut(scenario: Scenario, workloads: frozenset[str], also: Iterable[str]) -> Scenario:
    """Return the scenario with only these workloads, and the deployments that they, or `also`, name."""
    kept = {name: each for name, each in scenario.workloads.items() if name in workloads}
    wanted = {tier for each in kept.values() for tier in each.routing.tiers} | set(also)
    wanted |= {scenario.deployments[name].distillation.teacher for name in wanted} - {""}
    deployments = {name: each for name, each in scenario.deployments.items() if name in wanted}
    return scenario.model_copy(update={"workloads": kept, "deployments": deployments})


def _has_capacity(deployment: Deployment) -> bool:
    """Return whether calls share something paid by the hour or by monthly use."""
    if not isinstance(deployment, ApiDeployment):
        return True
    units = deployment.provisioned
    shared = (units.units, units.peak_share, units.output_units, deployment.committed.usd_per_month)
    return bool(deployment.meter_bands) or any(some(each) for each in shared)
