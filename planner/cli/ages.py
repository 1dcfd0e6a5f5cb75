"""How old the prices behind a plan are: older than two months, they warn."""

from collections.abc import Iterator
from datetime import date

from planner.catalog import api_prices, rents
from planner.cli.words import inert
from planner.errors import ScenarioError
from planner.schema import ApiDeployment, HostedDeployment, Scenario


def today() -> date:
    """Return the day, where the user is."""
    return date.today()  # noqa: DTZ011 - a price is as old as the user's calendar says


def stale_prices(scenario: Scenario, day: date) -> Iterator[str]:
    """Yield a sentence for each price of the plan that is more than 60 days old on `day`."""
    for name, deployment in scenario.deployments.items():
        as_of = _as_of(deployment, date.fromisoformat(f"{scenario.company.start}-01"))
        if as_of is not None and (day - as_of).days > rents.STALE_AFTER_DAYS:
            kind = "rent" if isinstance(deployment, HostedDeployment) else "price"
            yield f"{inert(name)}: the {kind} is of {as_of}, {(day - as_of).days} days old; `planner prices` lists others"


def _as_of(deployment: ApiDeployment | HostedDeployment, start: date) -> date | None:
    """Return the day of a deployment's catalog price; None where the plan states its own."""
    try:
        if isinstance(deployment, ApiDeployment):
            if deployment.price is not None:
                return None
            return api_prices.api_rates(deployment.model, on=start, processing=deployment.processing).as_of
        if deployment.usd_per_gpu_hour is not None or deployment.rent == "owned":
            return None
        kind = deployment.rent if deployment.reserved_usd_per_gpu_hour is None else "on-demand"
        return rents.rent_usd_per_gpu_hour(
            deployment.gpu, kind=kind, provider=deployment.provider or None
        ).as_of
    except ScenarioError:
        return None  # evaluating the plan says what is wrong with it
