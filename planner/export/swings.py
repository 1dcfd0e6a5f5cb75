"""What would change the answer: how far each unknown moves the most important result."""

import math

from planner.analysis.sensitivity import Bar, tornado
from planner.model import Result
from planner.readout import RUNWAY, number, number_text, placed_label
from planner.readout.field_values import value_text
from planner.readout.metrics import long_label
from planner.readout.samples import runway_state
from planner.records import dataclass
from planner.schema import Scenario, spec_at

MOST = 8
SMALLEST_SHARE = 0.01  # of the widest swing; smaller ones are left out
WHERE_CASH_LASTS = "net_burn_usd_per_month"


@dataclass(frozen=True)
class ResultSwing:
    """One unknown: its label with its range, and the result at the 5th and 95th percentile of that range."""

    label: str
    at_low: float
    at_high: float
    gives: str


@dataclass(frozen=True)
class Swings:
    """The result, its value with all unknowns at their medians, and each swing, widest first."""

    result: str
    middle: float
    swings: tuple[ResultSwing, ...]


def swings(scenario: Scenario, result: Result) -> Swings:
    """Return what moves the runway most, or net burn if the cash lasts."""
    name = RUNWAY if runway_state(result) == "cash_out" else WHERE_CASH_LASTS
    found, horizon = tornado(scenario, name), number(result.horizon_months)
    known = [bar for bar in found.bars if math.isfinite(bar.width)]
    widest = max((bar.width for bar in known), default=0.0)
    told = [bar for bar in known[:MOST] if bar.width > SMALLEST_SHARE * widest]

    def swing(bar: Bar) -> ResultSwing:
        low, high = (number_text(name, end, horizon, brief=True) for end in (bar.at_low, bar.at_high))
        label = f"{placed_label(bar.path, bar.label)}, {_range(scenario, bar.path)}"
        return ResultSwing(label, bar.at_low, bar.at_high, f"{low} to {high}")

    return Swings(long_label(name), found.middle, tuple(map(swing, told)))


def _range(scenario: Scenario, path: str) -> str:
    spec, value = spec_at(scenario, path)
    return value_text(value, spec)
