"""How old the list prices of a plan are, in a few words for its title."""

from datetime import date

from planner.catalog.ages import price_ages
from planner.schema import Scenario
from planner.units import counted


def price_age(scenario: Scenario, today: date) -> tuple[str, bool]:
    """Return the age of the oldest list price that a plan pays, and whether that is old; empty without one."""
    oldest = min(price_ages(scenario), key=lambda age: age.as_of, default=None)
    if oldest is None:
        return "", False
    return f"prices {counted(oldest.days(today), 'day')} old", oldest.stale(today)


def old_prices(scenario: Scenario, today: date) -> str:
    """Return a warning of prices that are older than two months; nothing where none is."""
    old = [age for age in price_ages(scenario) if age.stale(today)]
    if not old:
        return ""
    oldest = min(old, key=lambda age: age.as_of)
    more = f" and {len(old) - 1} more" if len(old) > 1 else ""
    return f"{oldest.noun.capitalize()} of {oldest.deployment}{more}: {oldest.days(today)} days old ({oldest.as_of})."
