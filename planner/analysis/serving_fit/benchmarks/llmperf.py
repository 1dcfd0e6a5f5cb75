"""llmperf: the summary JSON of token_benchmark_ray.py, one flat table."""

import math

from planner.analysis.serving_fit.benchmarks.json_values import Table, number, weights_in, word
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "llmperf"
SECONDS_PER_MINUTE = 60.0


def reads(table: Table) -> bool:
    """Say whether a table is such a summary, by the names of its results."""
    return "results_ttft_s_mean" in table or "results_end_to_end_latency_s_mean" in table


def runs(table: Table) -> list[Run]:
    """Return the one run of a table.

    Its inter-token time includes the first token, so the time per token is derived from the whole answer.
    """
    model = word(table, "model")
    first_s, answer_s = (
        number(table, "results_ttft_s_mean"),
        number(table, "results_end_to_end_latency_s_mean"),
    )
    made = number(table, "results_number_output_tokens_mean", "mean_output_tokens")
    spread = number(table, "results_number_output_tokens_stddev", "stddev_output_tokens")
    failed = number(table, "results_number_errors")
    return [
        Run(
            model=model, weights=weights_in(model),
            input_tokens=number(table, "results_number_input_tokens_mean", "mean_input_tokens"),
            output_tokens=made, length_cv=spread / made if made > 0 and spread >= 0 else math.nan,
            sent=number(table, "results_num_requests_started"), failed=0.0 if math.isnan(failed) else failed,
            offered_per_s=math.inf, most_open=number(table, "num_concurrent_requests"),
            requests_per_s=number(table, "results_num_completed_requests_per_min") / SECONDS_PER_MINUTE,
            tokens_per_s=number(table, "results_mean_output_throughput_token_per_s"),
            ttft_s=first_s, tpot_s=(answer_s - first_s) / (made - 1.0) if made > 1 else math.nan,
        )
    ]  # fmt: skip
