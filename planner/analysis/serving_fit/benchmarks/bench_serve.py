"""Shared format of the descendants of vLLM's benchmark_serving: one flat table per run."""

import math
import re
from collections.abc import Iterable
from dataclasses import replace

from planner.analysis.serving_fit.benchmarks.json_values import (
    Table,
    count_of,
    engine_in,
    month_of,
    number,
    spread_of,
    weights_in,
    word,
)  # fmt: skip
from planner.analysis.serving_fit.benchmarks.run import Run

_TIME = re.compile(r"(mean|avg|median|p50(\.0)?)_(ttft|tpot|itl)(_ms|_s)?")
_AVERAGES = ("mean", "avg", "median", "p50", "p50.0")
ALL_AT_ONCE = ("inf", "infinity")


def is_summary(table: Table) -> bool:
    """Say whether a table summarises such a run: completed requests, generated tokens, named times."""
    counted = "completed" in table and ({"total_output_tokens", "total_output"} & table.keys())
    return bool(counted) and any(_TIME.fullmatch(str(key)) for key in table)


def in_seconds(table: Table) -> bool:
    """Say whether a summary's times have no unit in their names, so that they are in seconds."""
    found = [match for key in table if (match := _TIME.fullmatch(str(key)))]
    return bool(found) and not any(match[4] for match in found)


def time_s(table: Table, name: str, *, longest_s: float = math.inf) -> float:
    """Return a mean time in s, or its median if there is no mean.

    A name without a unit is in seconds, unless that is longer than the whole run.

    >>> time_s({"mean_ttft_ms": 250.0}, "ttft"), time_s({"median_ttft": 1.3, "p99_ttft": 2.0}, "ttft")
    (0.25, 1.3)
    """
    for average in _AVERAGES:
        for unit, scale in (("_ms", 1e-3), ("_s", 1.0), ("", 1.0)):
            value = number(table, f"{average}_{name}{unit}")
            if value > 0:
                return value * (1e-3 if not unit and value > longest_s else scale)
    return math.nan


def summary(table: Table) -> Run:
    """Return the run in such a summary."""
    done, duration_s = number(table, "completed"), number(table, "duration", "benchmark_duration")
    sent = number(table, "num_prompts", "num_requests")
    failed = count_of(_failed(table), sent, done)
    model = word(table, "model_id", "model", "model_path", "model_name")
    offered = number(table, "request_rate")
    if word(table, "request_rate").lower() in ALL_AT_ONCE:
        offered = math.inf
    most_open = number(table, "max_concurrency")
    if math.isnan(most_open) and word(table, "max_concurrency").lower() not in ("", "none", "null"):
        offered = math.nan  # an unreadable limit isn't the same as none
    rate = number(table, "request_throughput")
    rate = done / duration_s if math.isnan(rate) and duration_s > 0 else rate
    answer_s = _first_time(table, ("e2el", "e2e_latency", "latency"), duration_s)
    in_flight = number(table, "concurrency")
    tpot_s = _first_time(table, ("tpot", "itl"), duration_s)
    return Run(
        model=model, weights=weights_in(model),
        engine=engine_in(word(table, "backend", "endpoint_type", "framework")),
        date=month_of(word(table, "date", "timestamp")),
        input_tokens=_each(table, ("total_input_tokens", "total_input"), done),
        output_tokens=_each(table, ("total_output_tokens", "total_output"), done),
        length_cv=spread_of(table.get("output_lens")),
        sent=sent if sent > 0 else done + failed, failed=failed, offered_per_s=offered,
        most_open=most_open,
        mean_open=rate * answer_s if math.isnan(in_flight) else in_flight,
        requests_per_s=rate, tokens_per_s=number(table, "output_throughput", "output_token_throughput"),
        ttft_s=_first_time(table, ("ttft",), duration_s), tpot_s=tpot_s,
        tokens_per_draft=number(table, "accept_length", "spec_decode_acceptance_length"),
    )  # fmt: skip


def with_setting(run: Run, table: Table) -> Run:
    """Return the run with model and server from the metadata names that teams use."""
    names = {
        "gpus": ("num_gpus", "n_gpu", "gpu_count"), "tp": ("tp", "tp_size", "tensor_parallel_size"),
        "pp": ("pp", "pp_size", "pipeline_parallel_size"), "ep": ("ep", "ep_size"),
        "memory_share": ("gpu_memory_utilization", "mem_fraction_static"),
    }  # fmt: skip
    numbers = {name: value for name, keys in names.items() if (value := number(table, *keys)) > 0}
    said = {
        "gpu": word(table, "gpu", "hw", "gpu_name", "gpu_type", "hardware"),
        "weights": word(table, "quantization", "precision", "weights"),
        "kv": word(table, "kv_cache_dtype"),
        "engine_version": word(table, "engine_version", "vllm_version", "version"),
    }
    model = run.model or word(table, "model_path", "served_model_name")
    words = {name: found for name, found in said.items() if found}
    return replace(run, **{"model": model, "weights": weights_in(model) or run.weights} | numbers | words)  # type: ignore[arg-type]  # mypy takes all for one type


def _each(table: Table, keys: Iterable[str], done: float) -> float:
    total = number(table, *keys)
    return total / done if done > 0 else math.nan


def _failed(table: Table) -> float:
    """Return the number of failed requests, from a count or the messages of single requests; nan if not given."""
    stated = number(table, "failed", "failed_requests", "num_failed")
    errors = table.get("errors")
    if math.isnan(stated) and isinstance(errors, list) and errors:
        return float(sum(bool(each) for each in errors))
    return stated


def _first_time(table: Table, names: Iterable[str], longest_s: float) -> float:
    longest = longest_s if longest_s > 0 else math.inf
    found = (time_s(table, name, longest_s=longest) for name in names)
    return next((value for value in found if value > 0), math.nan)
