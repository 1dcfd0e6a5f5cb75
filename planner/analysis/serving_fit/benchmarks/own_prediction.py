"""The output of `planner serving --json`: a prediction, fed back."""

import math

from planner.analysis.serving_fit.benchmarks.json_values import Table, number, word
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "planner serving --json"


def reads(table: Table) -> bool:
    """Say whether a table is such a prediction."""
    return {"model", "gpu", "input_tokens", "output_tokens", "weights", "engine"} <= table.keys() and (
        "throughput_tokens_per_s" in table or isinstance(table.get("points"), list)
    )


def runs(table: Table) -> list[Run]:
    """Return a run per concurrency of a prediction."""
    points = table.get("points") if isinstance(table.get("points"), list) else [table]
    return [_run(table, point) for point in points or [] if isinstance(point, dict)]


def _run(table: Table, point: Table) -> Run:
    return Run(
        model=word(table, "model"), gpu=word(table, "gpu"), gpus=number(table, "gpus"),
        tp=number(table, "tp"), pp=number(table, "pp"), attn_dp=number(table, "attn_dp"),
        weights=word(table, "weights"), kv=word(table, "kv"), engine=word(table, "engine"),
        input_tokens=number(table, "input_tokens"), output_tokens=number(table, "output_tokens"),
        offered_per_s=math.inf, most_open=number(point, "concurrency"),
        tokens_per_s=number(point, "throughput_tokens_per_s"), ttft_s=number(point, "ttft_s"),
        tpot_s=number(point, "tpot_s"),
    )  # fmt: skip
