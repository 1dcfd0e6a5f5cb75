"""InferenceX (formerly InferenceMAX): its client's JSON, with times in seconds, and its table of results."""

import math
from dataclasses import replace

from planner.analysis.serving_fit.benchmarks.bench_serve import (
    in_seconds,
    is_summary,
    summary,
    time_s,
    with_setting,
)  # fmt: skip
from planner.analysis.serving_fit.benchmarks.json_values import Table, engine_in, number, word
from planner.analysis.serving_fit.benchmarks.run import Run

NAME = "InferenceX"
_RESULT = {"hw", "tput_per_gpu", "conc"}
_YES = ("true", "1", "yes")


def reads(table: Table) -> bool:
    """Say whether a table is from this benchmark: a summary with unitless times, or a result per GPU."""
    return table.keys() >= _RESULT or (is_summary(table) and in_seconds(table))


def runs(table: Table) -> list[Run]:
    """Return the one run of a table."""
    if table.keys() >= _RESULT:
        return [_result(table)]
    return [with_setting(summary(table), table)]


def _result(table: Table) -> Run:
    """Return a row of the results: rates are per GPU, and `tp` counts all GPUs, including data-parallel attention.

    The client sends ten requests per concurrent one.
    """
    tp, most_open = number(table, "tp"), number(table, "conc")
    attention = _yes(table, "dp_attention")
    run = with_setting(summary(table), table)
    rate = number(table, "output_tput_per_gpu")
    if math.isnan(rate):  # older ones: input and output together, of fixed lengths
        rate = number(table, "tput_per_gpu") * _output_share(table)
    return replace(
        run, engine=engine_in(word(table, "framework")) or run.engine,
        gpu=word(table, "hw").lower().split("-")[0].replace("_", "-"), gpus=tp,
        tp=1.0 if attention else tp, attn_dp=tp if attention else math.nan, most_open=most_open,
        offered_per_s=math.inf, input_tokens=number(table, "isl"), output_tokens=number(table, "osl"),
        requests_per_s=math.nan, mean_open=math.nan, sent=math.nan, failed=math.nan, tokens_per_s=rate * tp,
        ttft_s=time_s(table, "ttft"), tpot_s=time_s(table, "tpot"),
        drafts=word(table, "spec_decoding").lower() not in ("", "none", "false"),
        unlike="reads prompts and makes answers on GPUs apart" if _yes(table, "disagg") else "",
    )  # fmt: skip


def _yes(table: Table, key: str) -> bool:
    return str(table.get(key, "")).lower() in _YES


def _output_share(table: Table) -> float:
    given, made = number(table, "isl"), number(table, "osl")
    return made / (given + made)
