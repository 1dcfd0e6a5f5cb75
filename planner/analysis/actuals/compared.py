"""Plan against actuals by month and line, and the accuracy of the forecast."""

import math
from collections.abc import Iterable, Mapping

import numpy as np

from planner.analysis.actuals.planned import is_cost, place_of, planned, relative
from planner.analysis.actuals.variance import Effects, effects, month_of, of_net_burn
from planner.analysis.draws import draw, ranges
from planner.model.company.month_lines import PlannedMonths
from planner.readout import Percentiles, percentiles
from planner.records import dataclass
from planner.schema import Scenario
from planner.schema.actuals import Actuals

SAMPLES = 2_048
AWAITED_INSIDE = 0.9  # share of actuals within an accurate 5th-to-95th-percentile range


@dataclass(frozen=True)
class LineCompared:
    """One line of one month; `range` are the plan's percentiles, which are one number where it is sure. USD, shares or counts."""

    line: str
    plan: float
    actual: float
    range: Percentiles
    effects: Effects | None
    source: str

    @property
    def difference(self) -> float:
        """Actual minus planned."""
        return self.actual - self.plan

    @property
    def relative(self) -> float:
        """The difference relative to plan; nan if the plan is zero."""
        return relative(self.difference, self.plan)

    @property
    def inside(self) -> bool | None:
        """Whether it is within the plan's p5 to p95; None if the plan has no range for it."""
        return self.range.p5 <= self.actual <= self.range.p95 if self.range.spreads else None


@dataclass(frozen=True)
class MonthCompared:
    """One past month; `place` counts from 0. The effects are those on net burn, over the stated money lines."""

    month: str
    place: int
    lines: tuple[LineCompared, ...]
    effects: Effects

    @property
    def net_burn_difference_usd(self) -> float:
        """Net burn above plan, over the stated lines: costs minus revenue."""
        return sum(
            line.difference * (1.0 if is_cost(line.line) else -1.0)
            for line in self.lines
            if line.effects is not None
        )


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of a forecast. `wape` = sum |actual - plan| / sum |actual|; `bias` = sum (plan - actual) / sum |actual|.

    `inside` of the `ranged` numbers lie in p5 to p95 of the plan. Source of the measures: Amazon Forecast, "Evaluating
    predictor accuracy" (WAPE, and that a band of 80 % should hold 80 % of what happens), docs.aws.amazon.com/forecast, read 2026-11-28.
    """

    months: int
    wape: float
    bias: float
    ranged: int
    inside: int

    @property
    def inside_share(self) -> float:
        """The share inside the plan's ranges; nan if it has none."""
        return self.inside / self.ranged if self.ranged else math.nan


@dataclass(frozen=True)
class PlanAndActuals:
    """A plan compared with its actuals, by month, with the accuracy of each line."""

    months: tuple[MonthCompared, ...]
    accuracy: Mapping[str, Accuracy]
    inside_share: float
    unsourced: int


def compare(scenario: Scenario, actuals: Actuals, *, n: int = SAMPLES, seed: int = 0) -> PlanAndActuals:
    """Return the plan compared with its actuals; `n` samples of its ranges give its percentiles."""
    places = {month: place_of(scenario, month) for month in actuals.months}
    count = max(places.values(), default=-1) + 1
    if not count:
        return PlanAndActuals((), {}, math.nan, 0)
    plan = planned(scenario, count)
    drawn = planned(draw(scenario, n=n, seed=seed), count) if ranges(scenario) else plan
    months = tuple(_month(plan, drawn, actuals, (month, place)) for month, place in places.items())
    by_line: dict[str, list[LineCompared]] = {}
    for month in months:
        for line in month.lines:
            by_line.setdefault(line.line, []).append(line)
    accuracy = {name: accuracy_of(lines) for name, lines in by_line.items()}
    ranged = sum(each.ranged for each in accuracy.values())
    inside = sum(each.inside for each in accuracy.values())
    unsourced = sum(not line.source for month in months for line in month.lines)
    return PlanAndActuals(months, accuracy, inside / ranged if ranged else math.nan, unsourced)


def _month(plan: PlannedMonths, drawn: PlannedMonths, actuals: Actuals, at: tuple[str, int]) -> MonthCompared:
    name, place = at
    month = actuals.months[name]
    stated, expected = month.lines(), month_of(plan, place)
    why = effects(expected, stated)
    likely = percentiles(
        {line: drawn.lines[line][..., place] if line in drawn.lines else np.zeros(()) for line in stated}
    )
    lines = tuple(
        LineCompared(
            line, expected.lines.get(line, 0.0), value, likely[line], why.get(line), month.source_of(line)
        )
        for line, value in stated.items()
    )
    return MonthCompared(name, place, lines, of_net_burn(why))


def accuracy_of(lines: Iterable[LineCompared]) -> Accuracy:
    """Return the accuracy of some numbers; nan if the actuals are zero."""
    every = list(lines)
    size = sum(abs(each.actual) for each in every)
    inside = [each.inside for each in every if each.inside is not None]
    return Accuracy(
        months=len(every),
        wape=sum(abs(each.difference) for each in every) / size if size else math.nan,
        bias=-sum(each.difference for each in every) / size if size else math.nan,
        ranged=len(inside),
        inside=sum(inside),
    )
