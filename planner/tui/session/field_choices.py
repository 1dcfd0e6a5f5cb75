"""What a field can be chosen from: models and GPUs that the catalog and the file know, and orders of tiers."""

from itertools import permutations

from planner.catalog.hardware import gpu_names, llm_names
from planner.schema import ApiDeployment, Field, Scenario
from planner.schema.steps import steps_of

_FEW_DEPLOYMENTS = 4


def catalog_names(scenario: Scenario, field: Field) -> tuple[str, ...]:
    """Return the names that the catalog and the file know for a field; nothing for one that is typed."""
    parts = list(steps_of(field.path))
    if parts[-1] == "tiers":
        return _tiers(tuple(scenario.deployments))
    if field.spec.kind != "choice" or parts[0] != "deployments":
        return ()
    if parts[-1] == "gpu":
        return tuple(sorted({*gpu_names(), *scenario.gpus}))
    if parts[-1] == "model" and not isinstance(scenario.deployments[parts[1]], ApiDeployment):
        return tuple(sorted({*llm_names(), *scenario.models}))
    return api_models() if parts[-1] == "model" else ()


def _tiers(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return each way to order some of the deployments: one, two, or three where that stays a short list."""
    most = 3 if len(names) <= _FEW_DEPLOYMENTS else 2
    return tuple(", ".join(each) for size in range(1, most + 1) for each in permutations(names, size))


def api_models() -> tuple[str, ...]:
    """Return the names of all models that the price list knows."""
    from planner.catalog.api_offers import offers as priced  # noqa: PLC0415 - slow to import

    return tuple(sorted({offer.name for offer in priced()}))
