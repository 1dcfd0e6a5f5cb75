"""`vllm bench serve` (formerly benchmark_serving.py): JSON, one object per run, or rows of its sweeps."""

from planner.analysis.serving_fit.benchmarks.bench_serve import in_seconds, is_summary, summary, with_setting
from planner.analysis.serving_fit.benchmarks.json_values import Table
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "vllm bench serve"


def reads(table: Table) -> bool:
    """Say whether a table is from this client: names of model or tokenizer, and times in ms."""
    named = {"model_id", "tokenizer_id", "endpoint_type", "burstiness"} & table.keys()
    other = "total_output_tokens_retokenized" in table or "dataset_name" in table
    return is_summary(table) and bool(named) and not other and not in_seconds(table)


def runs(table: Table) -> list[Run]:
    """Return the one run of a table."""
    return [with_setting(summary(table), table)]
