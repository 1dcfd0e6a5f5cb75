"""Ages of the list prices that a plan uses."""

from collections.abc import Iterator
from datetime import date

from planner.catalog.api_prices import api_rates
from planner.catalog.rents import ON_DEMAND, STALE_AFTER_DAYS, rent_usd_per_gpu_hour
from planner.errors import ScenarioError
from planner.records import dataclass
from planner.schema import ApiDeployment, HostedDeployment, Scenario


@dataclass(frozen=True)
class PriceAge:
    """The date of the list price that a deployment pays; `noun` is price or rent."""

    deployment: str
    noun: str
    as_of: date

    def days(self, today: date) -> int:
        """Return the age of the price in days."""
        return (today - self.as_of).days

    def stale(self, today: date) -> bool:
        """Say whether the price is older than two months."""
        return self.days(today) > STALE_AFTER_DAYS


def price_ages(scenario: Scenario) -> Iterator[PriceAge]:
    """Yield the age of each list price that a plan pays, skipping its own prices and models without one."""
    start = date.fromisoformat(f"{scenario.company.start}-01")
    for name, deployment in scenario.deployments.items():
        try:
            as_of = _as_of(deployment, start)
        except ScenarioError:
            continue  # evaluating the plan reports the problem
        if as_of is not None:
            noun = "price" if isinstance(deployment, ApiDeployment) else "rent"
            yield PriceAge(name, noun, as_of)


def _as_of(deployment: ApiDeployment | HostedDeployment, start: date) -> date | None:
    if isinstance(deployment, ApiDeployment):
        if deployment.price is not None:
            return None
        return api_rates(deployment.model, on=start, processing=deployment.processing).as_of
    if deployment.usd_per_gpu_hour is not None or deployment.rent == "owned":
        return None
    kind = deployment.rent if deployment.reserved_usd_per_gpu_hour is None else ON_DEMAND
    return rent_usd_per_gpu_hour(deployment.gpu, kind=kind, provider=deployment.provider or None).as_of
