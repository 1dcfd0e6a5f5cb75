"""trtllm-bench: its report JSON, with engine details that others leave out."""

import math
from collections.abc import Collection, Mapping

from planner.analysis.serving_fit.benchmarks.json_values import Table, inner, number, weights_in, word
from planner.analysis.serving_fit.benchmarks.run import Run
from planner.formats import CACHE_WORDS, CACHES, WEIGHT_WORDS, WEIGHTS, meant

NAME = "trtllm-bench"


def reads(table: Table) -> bool:
    """Say whether a table is such a report."""
    return {"world_info", "request_info", "performance"} <= table.keys()


def runs(table: Table) -> list[Run]:
    """Return the table's only run. Its concurrency is the mean number in flight."""
    engine, world = inner(table, "engine"), inner(table, "world_info")
    asked, found, streamed = (
        inner(table, name) for name in ("request_info", "performance", "streaming_metrics")
    )
    model, open_mean = word(engine, "model", "model_path"), number(asked, "avg_num_concurrent_requests")
    return [
        Run(
            model=model, gpus=number(world, "world_size"), tp=number(world, "tp_size"),
            pp=number(world, "pp_size"), ep=number(world, "ep_size"), engine="trtllm",
            engine_version=word(engine, "version"), kv=_known(word(engine, "kv_cache_dtype"), CACHES, CACHE_WORDS),
            weights=_known(word(engine, "quantization"), WEIGHTS, WEIGHT_WORDS)
            or weights_in(model) or _known(word(engine, "dtype"), WEIGHTS, WEIGHT_WORDS),
            input_tokens=number(asked, "avg_input_length"), output_tokens=number(asked, "avg_output_length"),
            sent=number(asked, "num_requests"), failed=0.0, offered_per_s=math.inf,
            most_open=max(float(round(open_mean)), 1.0) if open_mean > 0 else math.nan,
            requests_per_s=number(found, "request_throughput_req_s"),
            tokens_per_s=number(found, "system_output_throughput_tok_s"),
            ttft_s=number(streamed, "avg_ttft_ms") / 1e3, tpot_s=number(streamed, "avg_tpot_ms") / 1e3,
        )
    ]  # fmt: skip


def _known(said: str, known: Collection[str], words: Mapping[str, str]) -> str:
    """Return the meaning of one of this client's words; "" if unknown."""
    found = meant(said, known=known, words=words)
    return found if found in known else ""
