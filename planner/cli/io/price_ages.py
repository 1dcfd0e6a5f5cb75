"""The age of the prices behind a plan, with a warning after two months."""

from collections.abc import Iterator
from datetime import date

from planner.catalog.ages import price_ages
from planner.files import inert
from planner.schema import Scenario


def today() -> date:
    """Return today's date in the local time zone."""
    return date.today()  # noqa: DTZ011 - a price is as old as the user's calendar says


def stale_prices(scenario: Scenario, day: date) -> Iterator[str]:
    """Yield a sentence for each price of the plan that is more than 60 days old on `day`."""
    for age in price_ages(scenario):
        if age.stale(day):
            name = inert(age.deployment)
            old = f"the {age.noun} is of {age.as_of}, {age.days(day)} days old"
            yield f"{name}: {old}; `planner prices` lists others"
