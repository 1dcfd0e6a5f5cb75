"""How often refitted ranges contain the truth: simulate a year from plans with known truths, and refit.

Each case draws a truth from the ranges of the plan and twelve months around it: every number scatters by itself by a
share, what is a share itself in its odds. Of honest 5th to 95th percentiles nine in ten hold the truth.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from planner.analysis.actuals.planned import calendar_month, planned
from planner.analysis.actuals.refit import NEVER_FOUND, refit
from planner.analysis.draws import ranges, values_at
from planner.records import dataclass
from planner.schema import Scenario, replaced_many
from planner.schema.actuals import Actuals

MONTHS = 12
CASES, DRAWS = 40, 2_048


@dataclass(frozen=True)
class Backtest:
    """How many of the true values lie in p5 to p95 after the refit, in all and by field."""

    cases: int
    scatter: float
    inside: Mapping[str, int]

    @property
    def share(self) -> float:
        """The share of all true values inside."""
        return sum(self.inside.values()) / max(self.cases * len(self.inside), 1)


def backtest(
    scenario: Scenario, *, scatter: float, cases: int = CASES, draws: int = DRAWS, seed: int = 0
) -> Backtest:
    """Return how often the truth of a plan's ranges is found again; `scatter` is that of each number of a month."""
    inside = dict.fromkeys(ranges(scenario), 0)
    for case in range(cases):
        rng = np.random.default_rng([seed, case])
        truth = drawn_truth(scenario, rng)
        after = refit(scenario, drawn_months(scenario, truth, rng, scatter), n=draws, seed=case).after
        for path, value in truth.items():
            inside[path] += after[path].p5 <= value <= after[path].p95
    return Backtest(cases, scatter, inside)


def drawn_truth(scenario: Scenario, rng: np.random.Generator) -> dict[str, float]:
    """Return a value of each range, drawn from it."""
    found = ranges(scenario)
    values = values_at(scenario, found, {path: rng.standard_normal(1) for path in found})
    return {path: float(each[0]) for path, each in values.items()}


def drawn_months(
    scenario: Scenario, truth: Mapping[str, float], rng: np.random.Generator, scatter: float
) -> Actuals:
    """Return twelve months of a plan whose truth is known, each number scattered around it by a share."""
    lines = planned(replaced_many(scenario, truth), MONTHS).lines
    months: dict[str, dict[str, object]] = {}
    for place in range(MONTHS):
        month = months.setdefault(calendar_month(scenario, place), {})
        values = {line: float(each[..., place].ravel()[0]) for line, each in lines.items()}
        for line, happened in _scattered(values, rng, scatter):
            section, _, name = line.partition(".")
            if name:
                held = month.setdefault(section, {})
                assert isinstance(held, dict)
                held[name] = happened
            else:
                month[section] = happened
    return Actuals.from_table({"schema": 1, "months": months})


def _scattered(
    values: Mapping[str, float], rng: np.random.Generator, scatter: float
) -> Iterator[tuple[str, float]]:
    for line, value in values.items():
        factor = float(np.exp(rng.normal(0.0, scatter)))
        head = line.partition(".")[0]
        if value <= 0 or head in (*NEVER_FOUND, "one_off_usd"):
            continue
        odds = value / max(1.0 - value, 1e-12) * factor
        yield line, odds / (1.0 + odds) if head == "success_share" else value * factor
