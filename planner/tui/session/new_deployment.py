"""A new deployment for a plan, so that a workload with one tier gets a share to move."""

from __future__ import annotations

import re

from planner.catalog.hardware import llm_names
from planner.schema import ApiDeployment, HostedDeployment, Scenario, step_text

FIRST_GPU = "H100-SXM"  # of an open model just added; the next thing to choose
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


def with_deployment(scenario: Scenario, *, workload: str, model: str) -> tuple[Scenario, str]:
    """Return the scenario with one deployment more, and its name.

    A workload with one tier gets it as its first, with all requests still going where they go now.
    """
    grown_by, name = grown(scenario, model)
    tiers = scenario.workloads[workload].routing.tiers
    if len(tiers) > 1:
        return grown_by, name
    where = f"workloads.{step_text(workload)}.routing"
    split = grown_by.with_value(f"{where}.tiers", (name, *tiers))
    return split.with_value(f"{where}.share_to_last", 1.0), name


def grown(scenario: Scenario, model: str) -> tuple[Scenario, str]:
    """Return the scenario with one deployment more that nothing is routed to yet, and its name."""
    stem = _NO_LETTERS.sub("-", re.split(r"[:/]", model)[-1].lower()).strip("-") or "model"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    name = next(each for each in names if each not in scenario.deployments)
    if model in llm_names():
        added: ApiDeployment | HostedDeployment = HostedDeployment(model=model, gpu=FIRST_GPU)
    else:
        added = ApiDeployment(model=model)
    return scenario.model_copy(update={"deployments": {**scenario.deployments, name: added}}), name
