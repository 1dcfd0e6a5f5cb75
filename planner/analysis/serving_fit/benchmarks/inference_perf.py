"""inference-perf: the JSON of one stage or of all requests, with requests sent, succeeded and failed."""

import math

from planner.analysis.serving_fit.benchmarks.json_values import Table, inner, number
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "inference-perf"


def reads(table: Table) -> bool:
    """Say whether a table is such a report."""
    return {"load_summary", "successes"} <= table.keys()


def runs(table: Table) -> list[Run]:
    """Return the table's only run, which names no model. Times are in s."""
    load, done = inner(table, "load_summary"), inner(table, "successes")
    latency, rate = inner(done, "latency"), inner(done, "throughput")
    failed = number(inner(table, "failures"), "count")
    lengths = inner(done, "output_len")
    mean, spread = number(lengths, "mean"), number(lengths, "std", "std_dev")
    most = number(load, "concurrency", "max_concurrency", "requested_concurrency")
    offered = number(load, "requested_rate", "achieved_rate")
    return [
        Run(
            input_tokens=number(inner(done, "prompt_len"), "mean"), output_tokens=mean,
            length_cv=spread / mean if mean > 0 and spread >= 0 else math.nan,
            sent=number(load, "count"), failed=0.0 if math.isnan(failed) else failed,
            offered_per_s=math.inf if most > 0 else offered, most_open=most,
            requests_per_s=number(rate, "requests_per_sec"), tokens_per_s=number(rate, "output_tokens_per_sec"),
            ttft_s=number(inner(latency, "time_to_first_token"), "mean"),
            tpot_s=number(inner(latency, "time_per_output_token") or inner(latency, "inter_token_latency"), "mean"),
        )
    ]  # fmt: skip
