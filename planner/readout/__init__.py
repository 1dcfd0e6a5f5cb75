"""One definition per number: name, unit, direction, meaning, source, wording, percentiles, formula."""

from planner.readout.field_labels import label_in, placed_label
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
from planner.readout.percentile import Percentiles, percentile, percentiles, percentiles_of
from planner.readout.samples import closed_cash_usd, number, runway_state, samples_of, within_plan
from planner.readout.segments import (
    SEGMENTS_HEAD,
    TENTHS_HEAD,
    heaviest_tenth_text,
    heaviest_tenths,
    segment_rows,
    tenth_rows,
)
from planner.readout.session_text import (
    SESSION_HEAD,
    CallRow,
    call_rows,
    kinds_of_call,
    lines_of_bill,
    sum_text,
)
from planner.readout.wording import (
    both_last,
    change_text,
    metric_text,
    number_text,
    range_text,
    runway_text,
    spans_text,
)  # fmt: skip

__all__ = [
    "METRICS",
    "RUNWAY",
    "RUNWAYS",
    "RUNWAY_WITH_RAISES",
    "SEGMENTS_HEAD",
    "SESSION_HEAD",
    "TENTHS_HEAD",
    "CallRow",
    "FleetDay",
    "Metric",
    "Percentiles",
    "better_when_higher",
    "both_last",
    "call_rows",
    "change_text",
    "closed_cash_usd",
    "day_rows",
    "fleet_day",
    "heaviest_tenth_text",
    "heaviest_tenths",
    "improvement",
    "kinds_of_call",
    "label",
    "label_in",
    "lines_of_bill",
    "long_label",
    "metric_text",
    "number",
    "number_text",
    "percentile",
    "percentiles",
    "percentiles_of",
    "placed_label",
    "range_text",
    "runway_state",
    "runway_text",
    "samples_of",
    "segment_rows",
    "spans_text",
    "sum_text",
    "tenth_rows",
    "verdict",
    "within_plan",
]
