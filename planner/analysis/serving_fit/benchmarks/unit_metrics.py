"""Metrics with units, {"unit": "ms", "avg": 82.8, "p50": 82.0}, as in genai-perf and aiperf."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from planner.analysis.serving_fit.benchmarks.json_values import (
    Table,
    anywhere,
    count_of,
    engine_in,
    inner,
    month_of,
    number,
    number_anywhere,
    tables,
    weights_in,
)  # fmt: skip
from planner.analysis.serving_fit.benchmarks.run import Run

_SECONDS = {
    "ns": 1e-9, "nanoseconds": 1e-9, "us": 1e-6, "microseconds": 1e-6, "ms": 1e-3, "milliseconds": 1e-3,
    "s": 1.0, "sec": 1.0, "seconds": 1.0,
}  # fmt: skip
_CSV_METRIC = re.compile(r"(.+?) \(([^()]+)\)")
_AVERAGES = ("avg", "mean", "p50", "median")
_TELLING = (
    "time_to_first_token",
    "inter_token_latency",
    "output_token_throughput",
    "request_throughput",
    "ttft",
)


def metrics_of(table: Table) -> Table:
    """Return the table with the metrics: the file itself, or one inside it; empty if there is none."""
    found = (t for t in (table, inner(table, "records"), inner(table, "metrics")) if _has_metrics(t))
    return next(found, {})


def measured(table: Table) -> Run:
    """Return the run in such a file."""
    metrics, setting = metrics_of(table), table.get("input_config", {})
    model = anywhere(setting, "model_names", "model_name", "model")
    done, wrong = (_value(metrics, name) for name in ("request_count", "error_request_count"))
    wrong = count_of(_errors(table) if math.isnan(wrong) else wrong, math.nan, done)
    asked = number_anywhere(setting, "request_count", "num_prompts")
    rate = _value(metrics, "request_throughput")
    backend = anywhere(setting, "backend", "service_kind")
    return Run(
        model=model, weights=weights_in(model), engine=engine_in(backend),
        date=month_of(anywhere(table, "start_time", "date")),
        input_tokens=_value(metrics, "input_sequence_length"),
        output_tokens=_value(metrics, "output_sequence_length"),
        length_cv=_cv(metrics), sent=done + wrong if done > 0 else asked, failed=wrong,
        offered_per_s=number_anywhere(setting, "request_rate"),
        most_open=number_anywhere(setting, "concurrency"),
        mean_open=rate * _time_s(metrics, "request_latency"), requests_per_s=rate,
        tokens_per_s=_value(metrics, "output_token_throughput"),
        ttft_s=_time_s(metrics, "time_to_first_token", "ttft"),
        tpot_s=_time_s(metrics, "inter_token_latency"),
    )  # fmt: skip


def from_csv(lines: Iterable[Sequence[str]]) -> dict[str, dict[str, Any]]:
    """Return the metrics of a CSV export: a header starting with Metric, and rows such as "Request Latency (ms),812.3,...".

    >>> from_csv([["Metric", "avg"], ["Time to First Token (ms)", "82.8"]])
    {'time_to_first_token': {'unit': 'ms', 'avg': '82.8'}}
    """
    found: dict[str, dict[str, Any]] = {}
    head: Sequence[str] = ()
    for line in lines:
        if line and line[0].strip().lower() == "metric":
            head = [name.strip().lower() for name in line]
        elif head and line and (said := _CSV_METRIC.fullmatch(line[0].strip())):
            cells = {
                "avg" if name == "value" else name: cell
                for name, cell in zip(head[1:], line[1:], strict=False)
            }
            found["_".join(said[1].lower().split())] = {"unit": said[2], **cells}
    return found


def gpus_of(node: Any) -> tuple[str, float]:
    """Return the kind and number of GPUs in the telemetry; ("", nan) if there are none, or several kinds."""
    names = [str(table["gpu_name"]) for table in tables(node) if isinstance(table.get("gpu_name"), str)]
    return (names[0], float(len(names))) if len(set(names)) == 1 else ("", math.nan)


def _errors(table: Table) -> float:
    """Return the number of failed requests from the error summary; nan if there is none."""
    found = table.get("error_summary")
    counts = (
        [number(each, "count") for each in found if isinstance(each, Mapping)]
        if isinstance(found, list)
        else []
    )
    return math.fsum(count for count in counts if count > 0) if counts else math.nan


def _has_metrics(table: Table) -> bool:
    return any(isinstance(each := table.get(name), Mapping) and "unit" in each for name in _TELLING)


def _value(metrics: Table, *names: str) -> float:
    values = (number(inner(metrics, name), *_AVERAGES) for name in names)
    return next((value for value in values if not math.isnan(value)), math.nan)


def _time_s(metrics: Table, *names: str) -> float:
    """Return a mean time in s by its stated unit; unknown units count as ms."""
    for name in names:
        value = _value(metrics, name)
        if value > 0:
            return value * _SECONDS.get(str(inner(metrics, name).get("unit", "")).lower(), 1e-3)
    return math.nan


def _cv(metrics: Table) -> float:
    lengths = inner(metrics, "output_sequence_length")
    mean, std = number(lengths, "avg", "mean"), number(lengths, "std")
    return std / mean if mean > 0 and std >= 0 else math.nan
