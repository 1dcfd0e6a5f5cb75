"""Models of a plan that their vendors take off the market before the plan ends."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from planner.catalog import api_prices
from planner.errors import ScenarioError
from planner.model import Result
from planner.readout.samples import number
from planner.schema import ApiDeployment, Scenario
from planner.schema.steps import steps_of
from planner.units import MONTHS_PER_YEAR


def models_gone(scenario: Scenario, result: Result) -> Iterator[str]:
    """Yield which models go in which month, or are gone; not those that a change replaces by then."""
    start = date.fromisoformat(f"{scenario.company.start}-01")
    last = int(np.max(scenario.company.horizon_months))
    for name in _answering(result):
        deployment = scenario.deployments.get(name)
        if not isinstance(deployment, ApiDeployment):
            continue
        try:
            rates = api_prices.api_rates(
                str(deployment.model), on=start, processing=str(deployment.processing)
            )
        except ScenarioError:
            continue
        if rates.retired is None:
            continue
        months = (rates.retired.year - start.year) * int(MONTHS_PER_YEAR) + rates.retired.month - start.month
        if rates.retired <= start:
            yield f"{rates.name} is gone since {rates.retired}"
        elif months < last and not _replaced(scenario, name, months + 1):
            yield f"{rates.name} goes on {rates.retired}, month {months + 1}"


def _answering(result: Result) -> list[str]:
    """Return the deployments that get calls."""
    found = [
        name
        for each in result.workloads.values()
        for name, tier in each.tiers.items()
        if number(tier.calls_per_request) > 0
    ]
    return list(dict.fromkeys(found))


def _replaced(scenario: Scenario, name: str, month: int) -> bool:
    """Say whether a dated change puts another model, or other deployments, in its place by a month."""
    paths = [
        steps_of(path) for each in scenario.change if float(np.max(each.month)) <= month for path in each.set
    ]
    return any(
        (steps[0] == "deployments" and steps[1:] == (name, "model")) or steps[-1] == "tiers"
        for steps in paths
    )
