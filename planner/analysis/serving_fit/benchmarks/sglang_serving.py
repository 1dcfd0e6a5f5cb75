"""`sglang.bench_serving`: JSON lines, one object per run."""

import math
from dataclasses import replace

from planner.analysis.serving_fit.benchmarks.bench_serve import in_seconds, is_summary, summary, with_setting
from planner.analysis.serving_fit.benchmarks.json_values import Table, inner, number, word
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "sglang bench_serving"
SHAREGPT_CV = 1.0  # approximate spread of its answers (from memory)


def reads(table: Table) -> bool:
    """Say whether a table is from this client: a backend or a data set, and times in ms."""
    named = {"backend", "dataset_name", "total_output_tokens_retokenized"} & table.keys()
    return is_summary(table) and bool(named) and not in_seconds(table)


def runs(table: Table) -> list[Run]:
    """Return the table's only run, including what its server reports about itself.

    Answers of a random data set are uniform from `random_range_ratio` times the longest up to the longest.
    """
    run = summary(table)
    run = replace(run, shares_prefixes="shared-prefix" in word(table, "dataset_name"))
    drawn = number(table, "random_range_ratio")
    if math.isnan(run.length_cv):
        dataset = word(table, "dataset_name")
        if dataset == "sharegpt":
            run = replace(run, length_cv=SHAREGPT_CV)
        elif dataset.startswith("random") and 0 <= drawn <= 1:
            run = replace(run, length_cv=(1.0 - drawn) / (1.0 + drawn) / math.sqrt(3.0))
    server = inner(table, "server_info")
    for said in (inner(server, "server_args"), server, table):
        run = with_setting(run, said)
    return [run]
