"""Monthly growth factors of customers, usage and prices."""

import numpy as np

from planner.records import dataclass
from planner.schema import Number, Scenario
from planner.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class MonthlyFactors:
    """The factors that turn a month's customers, usage and prices into the next month's."""

    customers: Number
    usage: Number
    api_price: Number
    rent: Number
    seat_price: Number


def monthly_factors(scenario: Scenario) -> MonthlyFactors:
    """Return a scenario's monthly factors, each in the shape of its inputs.

    Source: price(t) = price0 * d^-t, evidence formula price_path; docs/glossary.md, growth and decline.
    """
    demand, decline = scenario.demand, scenario.decline
    api = np.maximum(decline.same_model_price_x_per_year, decline.same_quality_price_x_per_year)
    return MonthlyFactors(
        customers=np.maximum(1.0 + demand.growth_share_per_month - demand.churn_share_per_month, 0.0),
        usage=_per_month(demand.usage_growth_x_per_year),
        api_price=1.0 / _per_month(api),
        rent=1.0 / _per_month(decline.gpu_rent_x_per_year),
        seat_price=1.0 + demand.expansion_share_per_month,
    )


def _per_month(x_per_year: Number) -> Number:
    return np.exp(np.log(x_per_year) / MONTHS_PER_YEAR)
