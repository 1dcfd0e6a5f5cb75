"""What a field can be chosen from: models and GPUs that the catalog and the file know, and what each costs."""

import numpy as np

from planner.catalog.hardware import gpu_names, llm_names
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.schema import ApiDeployment, Field, Scenario, step_text
from planner.schema.steps import steps_of
from planner.units import show


def catalog_names(scenario: Scenario, field: Field) -> tuple[str, ...]:
    """Return the names that the catalog and the file know for a field; nothing for one that is typed."""
    parts = list(steps_of(field.path))
    if parts[-1] == "tiers":
        return tuple(scenario.deployments)
    if field.spec.kind != "choice" or parts[0] != "deployments":
        return ()
    if parts[-1] == "gpu":
        return tuple(sorted({*gpu_names(), *scenario.gpus}))
    if parts[-1] == "model" and not isinstance(scenario.deployments[parts[1]], ApiDeployment):
        return tuple(sorted({*llm_names(), *scenario.models}))
    return api_models() if parts[-1] == "model" else ()


def request_costs(scenario: Scenario, workload: str) -> dict[str, str]:
    """Return what a request of a workload costs on each deployment alone, in words; empty where it can't be."""
    out: dict[str, str] = {}
    where = f"workloads.{step_text(workload)}.routing.tiers"
    for name in scenario.deployments:
        try:
            found = evaluate(scenario.with_value(where, (name,)))
        except ScenarioError:
            out[name] = ""
        else:
            out[name] = show(float(np.mean(found.workloads[workload].usd_per_request)), "usd_per_request")
    return out


def api_models() -> tuple[str, ...]:
    """Return the names of all models that the price list knows."""
    from planner.catalog.api_offers import offers as priced  # noqa: PLC0415 - slow to import

    return tuple(sorted({offer.name for offer in priced()}))
