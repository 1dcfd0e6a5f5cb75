"""One definition for each number: name, unit, direction, meaning, source, words, percentiles, formula."""

from planner.readout.field_labels import placed_label
from planner.readout.fleet_day import FleetDay, day_rows, fleet_day
from planner.readout.metrics import (
    METRICS,
    RUNWAY,
    RUNWAY_WITH_RAISES,
    RUNWAYS,
    Metric,
    better_when_higher,
    improvement,
    label,
    long_label,
    verdict,
)
from planner.readout.percentile import Percentiles, percentile, percentiles
from planner.readout.samples import number, runway_state, samples_of, within_plan
from planner.readout.segments import heaviest_tenth_text
from planner.readout.wording import change_text, metric_text, number_text, range_text

__all__ = [
    "METRICS",
    "RUNWAY",
    "RUNWAYS",
    "RUNWAY_WITH_RAISES",
    "FleetDay",
    "Metric",
    "Percentiles",
    "better_when_higher",
    "change_text",
    "day_rows",
    "fleet_day",
    "heaviest_tenth_text",
    "improvement",
    "label",
    "long_label",
    "metric_text",
    "number",
    "number_text",
    "percentile",
    "percentiles",
    "placed_label",
    "range_text",
    "runway_state",
    "samples_of",
    "verdict",
    "within_plan",
]
