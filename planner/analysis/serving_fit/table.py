"""Predict a table of measurements row by row, with errors by kind of run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from planner.analysis.serving_fit.cells import Row
from planner.analysis.serving_fit.rows import FIRST_LINE, Rows, read_rows, some_rows
from planner.catalog.fitted import FITTED, Constants
from planner.errors import Problem
from planner.model.serving import benchmark_runs, memory
from planner.model.serving.regimes import Regime, band, regime_of
from planner.model.serving.serving_speed import USUAL_WAVES, ServingPoint, offline_max, serve
from planner.records import dataclass
from planner.units import BYTES_PER_GB

METRICS = {"throughput": "throughput_output_tok_s_total", "ttft": "ttft_ms", "tpot": "tpot_ms"}
_MILLI = {"throughput": 1.0, "ttft": 1e3, "tpot": 1e3}

# How many requests TensorRT-LLM's published runs send, by input and output length; other lengths: FEW_REQUESTS.
# Source: TensorRT-LLM docs, performance overview, v0.20 and v1.2, "Preparing a dataset", read 2026-11-23.
RUN_REQUESTS = {
    (128, 128): 30_000, (128, 2048): 3000, (2048, 128): 3000, (1000, 1000): 3000, (500, 2000): 3000,
    (1024, 1024): 3000, (20_000, 2000): 1000, (32_768, 1024): 1000, (1024, 32_768): 1000,
}  # fmt: skip
FEW_REQUESTS = 1500.0
OPEN_RUN_REQUESTS = 500.0  # requests in each published open-loop run
MLPERF_REQUESTS = 1e5  # long enough that the end of the run doesn't matter
# First token and time per token that 99 % of an MLPerf run's requests must keep, seconds.
# Source: MLPerf Inference v5.1 rules, latency constraints; from memory, unverified.
MLPERF_LIMITS_S = {
    ("llama-2-70b", "mlperf_server"): (2.0, 0.2), ("llama-2-70b", "mlperf_interactive"): (0.45, 0.04),
    ("llama-3.1-405b", "mlperf_server"): (6.0, 0.175), ("llama-3.1-405b", "mlperf_interactive"): (4.5, 0.08),
    ("llama-3.1-8b", "mlperf_server"): (2.0, 0.1), ("llama-3.1-8b", "mlperf_interactive"): (0.5, 0.03),
    ("deepseek-r1", "mlperf_server"): (2.0, 0.08),
}  # fmt: skip
_USUAL_LIMIT_S = (2.0, 0.2)
# From this year on TensorRT-LLM spreads experts over ranks of attention well enough to be handed in. Source: TensorRT-LLM,
# blogs "Scaling Expert Parallelism", 2025, parts 1 to 3; release 1.0.
_SPREAD_SINCE = 2025.7
# A submission that does not say how it splits a model is given the best of these: GPUs that share each layer, and ranks
# of attention between which whole experts are spread.
_TRIED_SPLITS = (
    (1.0, 1.0), (2.0, 1.0), (4.0, 1.0), (8.0, 1.0), (1.0, 8.0), (1.0, 16.0), (1.0, 36.0), (1.0, 72.0),
)  # fmt: skip


@dataclass(frozen=True)
class Errors:
    """Relative errors of one kind of prediction; 0.1 is 10 % too high."""

    kind: str
    metric: str
    rows: int
    median: float
    p90: float
    bias: float


@dataclass(frozen=True)
class Predicted:
    """A table with its predictions, the errors by kind, and what could not be read."""

    rows: list[dict[str, object]]
    errors: tuple[Errors, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


Prediction = dict[str, np.ndarray]


def predict_table(rows: Sequence[Row], *, constants: Constants = FITTED) -> Predicted:
    """Return the table with `pred_...` columns, blank if a row can't be read or the metric doesn't apply.

    `pred_..._lo` and `pred_..._hi` bracket nine in ten measurements of such runs that the fit has not seen.

    Rows without any prediction are listed among the problems, with the reason.
    """
    readable, problems = read_rows(rows)
    found = predict(readable, constants=constants)
    blank = [f"pred_{column}{end}" for end in ("", "_lo", "_hi") for column in METRICS.values()]
    out: list[dict[str, object]] = [{**row, **dict.fromkeys(blank)} for row in rows]
    at = regimes_of(readable)
    for metric, column in METRICS.items():
        values = (found[metric] * _MILLI[metric]).tolist()
        for place, value, regime in zip(readable.at.tolist(), values, at, strict=True):
            if np.isfinite(value):
                inside = band(regime, metric)
                out[place][f"pred_{column}"] = value
                out[place] |= {
                    f"pred_{column}_lo": value * inside.low_x,
                    f"pred_{column}_hi": value * inside.high_x,
                }
    problems += impossible(readable, found)
    return Predicted(out, errors_by_kind(readable, found), tuple(problems), readable.remarks)


def regimes_of(rows: Rows) -> list[Regime]:
    """Return the regime of each row."""
    found = []
    for i in range(rows.kind.size):
        one = some_rows(rows, np.array([i]))
        found.append(regime_of(llm=one.llm, gpu=one.gpu, placement=one.placement, kind=str(rows.kind[i])))
    return found


def predict(rows: Rows, *, constants: Constants = FITTED) -> Prediction:
    """Return throughput (tokens/s), ttft and tpot (s) of each row, shape (n,); nan where it doesn't apply."""
    first, same_as = _distinct(rows)
    found = {metric: np.full(first.shape, np.nan) for metric in METRICS}
    kinds = rows.kind[first]
    for kind in dict.fromkeys(kinds.tolist()):
        index = np.flatnonzero(kinds == kind)
        for metric, values in _KINDS[kind](some_rows(rows, first[index]), constants).items():
            found[metric][index] = values
    return {metric: values[same_as] for metric, values in found.items()}


def _distinct(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return the first of each set of identical requests, and the set of each row."""
    p = rows.placement
    asked = (
        rows.kind, rows.model, rows.gpu_name, rows.client, rows.placed, p.gpus, p.tp, p.pp, p.attn_dp, p.ep, p.memory_share,
        p.weights, p.kv, p.engine, rows.input_tokens, rows.output_tokens, rows.batch, rows.requests_per_s,
        rows.requests, rows.length_cv, rows.gap_is_median, rows.repeated, p.released,
    )  # fmt: skip
    seen: dict[str, int] = {}
    keys = [repr(key) for key in zip(*(np.asarray(one).tolist() for one in asked), strict=True)]
    same_as = np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=int)
    first = np.unique(same_as, return_index=True)[1]
    return first, same_as


def impossible(
    rows: Rows, found: Prediction, *, noun: str = "line", first: int = FIRST_LINE
) -> list[Problem]:
    """Return why rows with readable cells have no prediction."""
    weights_gb = _weights_gb(rows)
    problems = []
    for i in np.flatnonzero(~np.any([np.isfinite(values) for values in found.values()], axis=0)).tolist():
        what = f"can't run: {weights_gb[i]:,.1f} GB of weights on each GPU leave too little of its memory."
        if str(rows.kind[i]).startswith("mlperf") and not rows.placed[i]:
            what = (
                "can't run: no way to split the model over the GPUs fits and keeps the run's latency limits."
            )
        hint = f"A {rows.gpu_name[i]} has {np.asarray(rows.gpu.mem_gb)[i]:,.1f} GB."
        problems.append(Problem(f"{noun} {rows.at[i] + first}", what, hint))
    return problems


def errors_by_kind(rows: Rows, found: Prediction) -> tuple[Errors, ...]:
    """Return the errors of each measured kind and metric, and of all throughputs together."""
    parts = []
    for kind in [*dict.fromkeys(rows.kind.tolist()), "all"]:
        for metric in METRICS:
            error = relative_error(rows, found, metric)[(rows.kind == kind) | (kind == "all")]
            if np.isfinite(error).any() and (kind != "all" or metric == "throughput"):
                parts.append(errors_of(kind, metric, error))
    return tuple(parts)


def errors_of(kind: str, metric: str, error: np.ndarray) -> Errors:
    """Return the median, 90th percentile and bias of relative errors, ignoring nan."""
    error = error[np.isfinite(error)]
    size = np.abs(error)
    p90 = float(np.quantile(size, 0.9))
    return Errors(kind, metric, error.size, float(np.median(size)), p90, float(np.median(error)))


def relative_error(rows: Rows, found: Prediction, metric: str) -> np.ndarray:
    """Return predicted over measured minus 1, nan if either is missing; shape (n,)."""
    measured = rows.measured[metric]
    return np.asarray(found[metric] / np.where(measured > 0, measured, np.nan) - 1.0)


def _closed_loop(rows: Rows, constants: Constants) -> Prediction:
    requests = _requests(rows, USUAL_WAVES * rows.batch)
    point = serve(
        **_setting(rows), concurrency=rows.batch, client=rows.client, constants=constants,
        waves=np.maximum(requests / rows.batch, 1.0), length_cv=rows.length_cv, **_repeated(rows, requests),
    )  # fmt: skip
    found = _as_prediction(point)
    return found | {
        "tpot": np.where(rows.gap_is_median & np.isfinite(found["tpot"]), point.gap_s, found["tpot"])
    }


def _offline(rows: Rows, constants: Constants) -> Prediction:
    lengths = zip(rows.input_tokens.tolist(), rows.output_tokens.tolist(), strict=True)
    usual = np.array([RUN_REQUESTS.get((round(i), round(o)), FEW_REQUESTS) for i, o in lengths])
    point = offline_max(
        **_setting(rows), requests=_requests(rows, usual), length_cv=rows.length_cv, constants=constants
    )
    return {"throughput": _above_zero(point.throughput_tokens_per_s)}


def _open_loop(rows: Rows, constants: Constants) -> Prediction:
    point = benchmark_runs.serve_rate(
        **_setting(rows), requests_per_s=rows.requests_per_s, requests=_requests(rows, OPEN_RUN_REQUESTS),
        constants=constants,
    )  # fmt: skip
    return _as_prediction(point)


def _repeated(rows: Rows, requests: np.ndarray) -> dict[str, Any]:
    """Return what the cache holds of a run's prompts, the first of which earlier runs have sent: of all, and of the burst.

    They come first, so that only the fresh share `u` of a burst waits, for `u` of the burst: `u^2` of the wait, over the
    share that a mean prompt leaves to read.
    """
    held, fresh = np.minimum(rows.repeated / requests, 1.0), np.maximum(1.0 - rows.repeated / rows.batch, 0.0)
    return {"prefix_hit_share": held, "burst_read_x": np.square(fresh) / np.maximum(1.0 - held, fresh + 1e-9)}


def _requests(rows: Rows, usual: np.ndarray | float) -> np.ndarray:
    """Return the number of requests in each run, as its row says or by default."""
    return np.where(np.isfinite(rows.requests), rows.requests, usual)


def _static(rows: Rows, constants: Constants) -> Prediction:
    rate = benchmark_runs.static_batch_tokens_per_s(**_setting(rows), batch=rows.batch, constants=constants)
    return {"throughput": np.where(_holds_weights(rows), rate, np.nan)}


def _prompt_alone(rows: Rows, constants: Constants) -> Prediction:
    setting = _setting(rows)
    del setting["output_tokens"]
    batch = np.where(np.isfinite(rows.batch), rows.batch, 1.0)
    ttft_s = benchmark_runs.prompt_alone_s(**setting, batch=batch, constants=constants)
    return {"ttft": np.where(_holds_weights(rows), ttft_s, np.nan)}


def _holds_weights(rows: Rows) -> np.ndarray:
    """Return where the weights fit on the GPUs; short single-batch runs ignore the cache."""
    return np.asarray(_weights_gb(rows) < rows.gpu.mem_gb)


def _weights_gb(rows: Rows) -> np.ndarray:
    p = rows.placement
    weights = memory.weight_bytes_per_gpu(
        llm=rows.llm, weights=p.weights, tp=p.tp, pp=p.pp, attn_dp=p.attn_dp
    )
    return np.asarray(weights / BYTES_PER_GB)


def _mlperf(rows: Rows, constants: Constants) -> Prediction:
    """Return the best throughput over ways to split the model, within the benchmark's latency limits.

    Submissions are tuned by hand: the fitted `submission_tuning` says by how much they beat published defaults.
    """
    tried = _splits(rows)
    limits = [
        (np.inf, np.inf) if kind == "mlperf_offline" else MLPERF_LIMITS_S.get((model, kind), _USUAL_LIMIT_S)
        for model, kind in zip(tried.model.tolist(), tried.kind.tolist(), strict=True)
    ]
    ttft_s, tpot_s = np.array(limits).T / constants.service_level_slack
    most = np.minimum(MLPERF_REQUESTS, 2048.0 * np.asarray(tried.placement.attn_dp * tried.placement.copies))
    point = benchmark_runs.most_within(
        **_setting(tried), ttft_limit_s=ttft_s, tpot_limit_s=tpot_s, most_open=most, constants=constants
    )
    kept = np.asarray(point.tpot_s) <= tpot_s
    rate = np.where(kept, point.throughput_tokens_per_s, 0.0).reshape(-1, rows.kind.size).max(axis=0)
    return {"throughput": _above_zero(rate * constants.submission_tuning)}


def _splits(rows: Rows) -> Rows:
    """Return the rows repeated for each way to split the model; rows that state their split stay as they are."""
    n = rows.kind.size
    tried = some_rows(rows, np.tile(np.arange(n), len(_TRIED_SPLITS)))
    p = tried.placement
    tp, ranks = (np.repeat(each, n) for each in np.array(_TRIED_SPLITS).T)
    gpus, domain = np.asarray(p.gpus), np.asarray(tried.gpu.domain_gpus)
    able = (np.asarray(tried.llm.experts) > 0) & (np.asarray(p.released) >= _SPREAD_SINCE)
    spread = (ranks == 1.0) | (able & (ranks <= domain))
    works = ~tried.placed & (gpus % (tp * ranks) == 0) & spread
    tp = np.where(works, tp, np.where(tried.placed, p.tp, np.minimum(gpus, 8.0)))
    ranks = np.where(works, ranks, p.attn_dp)
    return replace(tried, placement=replace(p, tp=tp, attn_dp=ranks, ep=np.where(works, ranks, p.ep)))


def _setting(rows: Rows) -> dict[str, Any]:
    return {
        "llm": rows.llm, "gpu": rows.gpu, "placement": rows.placement,
        "input_tokens": rows.input_tokens, "output_tokens": rows.output_tokens,
    }  # fmt: skip


def _as_prediction(point: ServingPoint) -> Prediction:
    times = {"ttft": point.ttft_s, "tpot": point.tpot_s}
    found = {name: np.where(np.isfinite(values), values, np.nan) for name, values in times.items()}
    return {"throughput": _above_zero(point.throughput_tokens_per_s), **found}


def _above_zero(rate: np.ndarray | float) -> np.ndarray:
    """Return rates; nan where nothing is served."""
    return np.where(np.asarray(rate) > 0, rate, np.nan)


_KINDS: Mapping[str, Callable[[Rows, Constants], Prediction]] = {
    "offline_max": _offline, "closed_loop": _closed_loop, "open_loop_qps": _open_loop, "static_batch": _static,
    "prefill_bs1": _prompt_alone, "mlperf_offline": _mlperf, "mlperf_server": _mlperf, "mlperf_interactive": _mlperf,
}  # fmt: skip
