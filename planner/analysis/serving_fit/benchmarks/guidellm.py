"""guidellm: its JSON report, one benchmark per load."""

import math
from collections.abc import Mapping
from typing import Any

from planner.analysis.serving_fit.benchmarks.json_values import (
    Table,
    anywhere,
    engine_in,
    inner,
    number,
    tables,
    weights_in,
)  # fmt: skip
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "guidellm"


def reads(table: Table) -> bool:
    """Say whether a table is such a report: a list of benchmarks with metrics."""
    found = table.get("benchmarks")
    return isinstance(found, list) and any(inner(each, "metrics") for each in found)


def runs(table: Table) -> list[Run]:
    """Return a run per load of a report; the model is in a benchmark or in the report's settings."""
    found = [each for each in table["benchmarks"] if isinstance(each, Mapping)]
    return [_run(each, table) for each in found]


def _run(benchmark: Table, report: Table) -> Run:
    """Return one load's run.

    The time per token is `inter_token_latency_ms`, since `time_per_output_token_ms` includes the first token.
    """
    metrics = inner(benchmark, "metrics")
    around = [benchmark, report.get("args", {}), report.get("metadata", {})]
    model = next((name for each in around if (name := anywhere(each, *_MODEL))), "")
    backend = next(
        (name for each in around if (name := anywhere(each, "backend_target_engine", "engine"))), ""
    )
    done, failed, sent = _requests(benchmark)
    rate = _mean(metrics, "requests_per_second")
    offered, most_open = _load(benchmark)
    lengths = inner(metrics, "output_token_count", "successful")
    mean, std = _average(lengths), number(lengths, "std_dev")
    return Run(
        model=model, weights=weights_in(model), engine=engine_in(backend),
        input_tokens=_mean(metrics, "prompt_token_count"), output_tokens=mean,
        length_cv=std / mean if mean > 0 and std >= 0 else math.nan,
        sent=sent if sent > 0 else done, failed=failed, offered_per_s=offered, most_open=most_open,
        mean_open=_mean(metrics, "request_concurrency"), requests_per_s=rate,
        tokens_per_s=_mean(metrics, "output_tokens_per_second"),
        ttft_s=_mean(metrics, "time_to_first_token_ms") / 1e3,
        tpot_s=_mean(metrics, "inter_token_latency_ms") / 1e3,
    )  # fmt: skip


_MODEL = ("backend_model", "model", "model_name")


def _requests(benchmark: Table) -> tuple[float, float, float]:
    """Return the number of completed, failed and total requests."""
    found = (
        t for t in tables(benchmark) if {"successful", "errored"} <= t.keys() and number(t, "errored") >= 0
    )
    counts = next(found, {})
    done, failed = number(counts, "successful"), number(counts, "errored")
    total = number(counts, "total")
    cut_off = number(counts, "incomplete")
    known = failed if failed >= 0 else 0.0
    return done, known, total if total > 0 else done + known + (cut_off if cut_off > 0 else 0.0)


def _load(benchmark: Table) -> tuple[float, float]:
    """Return the offered rate, inf if requests follow one another, and the most concurrent requests."""
    strategy = next((t for each in tables(benchmark) if (t := inner(each, "strategy"))), {})
    kind = str(strategy.get("type_", strategy.get("type", "")))
    if kind == "synchronous":
        return math.inf, 1.0
    rate = number(strategy, "rate")
    if kind in ("constant", "poisson", "async") and rate > 0:
        return rate, math.nan
    most = number(strategy, "streams", "max_concurrency")
    if math.isnan(most) and kind == "throughput":
        most = _mean(inner(benchmark, "metrics"), "request_concurrency")
    return math.inf, most


def _mean(metrics: Table, name: str) -> float:
    """Return the mean over successful requests, or the median if no mean is given."""
    metric = inner(metrics, name)
    return _average(inner(metric, "successful") or metric)


def _average(found: Mapping[str, Any]) -> float:
    mean = number(found, "mean", "median")
    if not math.isnan(mean):
        return mean
    count = number(found, "count")
    return number(found, "total_sum") / count if count > 0 else number(inner(found, "percentiles"), "p50")
