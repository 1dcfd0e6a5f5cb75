"""aiperf: its JSON summary, including GPU telemetry."""

import math
from collections.abc import Mapping
from dataclasses import replace

from planner.analysis.serving_fit.benchmarks.json_values import Table, inner
from planner.analysis.serving_fit.benchmarks.run import Run
from planner.analysis.serving_fit.benchmarks.unit_metrics import gpus_of, measured, metrics_of

NAME = "aiperf"


def reads(table: Table) -> bool:
    """Say whether a table is from this client: metrics with units, and its own sections."""
    setting = inner(table, "input_config")
    own = (
        "aiperf_version" in table or "telemetry_data" in table or isinstance(setting.get("loadgen"), Mapping)
    )
    return bool(metrics_of(table)) and own


def runs(table: Table) -> list[Run]:
    """Return the table's only run; a single GPU in the telemetry is the model's, among several it is unknown which."""
    gpu, count = gpus_of(table.get("telemetry_data"))
    run = replace(measured(table), gpu=gpu)
    return [replace(run, gpus=1.0, tp=1.0) if count == 1 else replace(run, gpus=math.nan)]
