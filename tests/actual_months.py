"""Plans with a known truth, and months drawn from it, for tests of what a plan learns from what happened."""

import numpy as np

from planner.analysis.actuals.planned import calendar_month, planned
from planner.analysis.draws import ranges, values_at
from planner.schema import replaced_many
from planner.schema.actuals import Actuals

MONTHS = 12


def drawn_truth(scenario, rng):
    """Return a value of each range, drawn from it."""
    found = ranges(scenario)
    values = values_at(scenario, found, {path: rng.standard_normal(1) for path in found})
    return {path: float(each[0]) for path, each in values.items()}


def drawn_months(scenario, truth, rng, scatter):
    """Return twelve months of a plan whose truth is known; each number scatters around it by a share."""
    lines = planned(replaced_many(scenario, truth), MONTHS).lines
    months = {}
    for place in range(MONTHS):
        month = months.setdefault(calendar_month(scenario, place), {})
        for line, values in lines.items():
            value, factor = float(values[..., place].ravel()[0]), np.exp(rng.normal(0.0, scatter))
            section, _, name = line.partition(".")
            if value <= 0 or section in ("cash_usd", "funding_usd", "one_off_usd"):
                continue
            odds = value / max(1.0 - value, 1e-12) * factor
            happened = odds / (1.0 + odds) if section == "success_share" else value * factor
            if name:
                month.setdefault(section, {})[name] = happened
            else:
                month[section] = happened
    return Actuals.from_table({"schema": 1, "months": months})
