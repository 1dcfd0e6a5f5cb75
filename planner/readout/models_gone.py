"""Models in a plan that their vendors retire before the plan ends."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from planner.catalog import api_prices
from planner.errors import ScenarioError
from planner.model import Result
from planner.readout.samples import number
from planner.records import dataclass
from planner.schema import ApiDeployment, Scenario
from planner.schema.steps import steps_of
from planner.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class _Use:
    """A model that a deployment uses from a month on: the first, or that of a change."""

    deployment: str
    model: str
    processing: str
    month: float


def models_gone(scenario: Scenario, result: Result) -> Iterator[str]:
    """Yield the models that are retired within the plan, except those that a change replaces by then."""
    start = date.fromisoformat(f"{scenario.company.start}-01")
    last = int(np.max(scenario.company.horizon_months))
    for use in _uses(scenario, result):
        try:
            rates = api_prices.api_rates(use.model, on=start, processing=use.processing)
        except ScenarioError:
            continue
        if rates.retired is None or use.month > last:
            continue
        months = (rates.retired.year - start.year) * int(MONTHS_PER_YEAR) + rates.retired.month - start.month
        if rates.retired <= start:
            yield f"{rates.name} ended {rates.retired}"
        elif months < use.month - 1:
            yield f"{rates.name} ends {rates.retired}, before it is used, from month {use.month:g}"
        elif months < last and not _replaced(scenario, use, months + 1):
            yield f"{rates.name} ends {rates.retired}, month {months + 1}"


def _uses(scenario: Scenario, result: Result) -> Iterator[_Use]:
    """Yield the models of deployments that get calls, and their replacements in changes."""
    for name in _answering(result):
        deployment = scenario.deployments.get(name)
        if isinstance(deployment, ApiDeployment):
            yield _Use(name, str(deployment.model), str(deployment.processing), 1.0)
    for each in scenario.change:
        for path, value in each.set.items():
            section, *rest = steps_of(path)
            deployment = scenario.deployments.get(rest[0]) if section == "deployments" else None
            if isinstance(deployment, ApiDeployment) and rest[1:] == ["model"]:
                yield _Use(rest[0], str(value), str(deployment.processing), float(np.max(each.month)))


def _answering(result: Result) -> list[str]:
    """Return the deployments that get calls."""
    found = [
        name
        for each in result.workloads.values()
        for name, tier in each.tiers.items()
        if number(tier.calls_per_request) > 0
    ]
    return list(dict.fromkeys(found))


def _replaced(scenario: Scenario, use: _Use, month: int) -> bool:
    """Say whether a change replaces a model, or its deployment, by a month."""
    paths = [
        steps_of(path)
        for each in scenario.change
        if use.month <= float(np.max(each.month)) <= month
        for path, value in each.set.items()
        if value != use.model
    ]
    return any(
        (steps[0] == "deployments" and steps[1:] == (use.deployment, "model")) or steps[-1] == "tiers"
        for steps in paths
    )
