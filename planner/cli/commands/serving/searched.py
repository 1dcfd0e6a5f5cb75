"""Every layout of a model on GPUs, up to a rack, best first, as text, JSON and CSV."""

from typing import Any

import numpy as np

from planner.cli.commands.serving.text import find, first_token
from planner.cli.io import json_output
from planner.cli.io.layout import table, wrapped
from planner.cli.io.output_formats import csv_text
from planner.files import inert
from planner.model.serving.benchmark_runs import most_within
from planner.model.serving.layouts import GpuLayout, laid_out, layouts
from planner.model.serving.split_pools import best_split
from planner.model.serving.step_costs import Placement

MOST_OPEN = 2048.0  # concurrent requests per attention rank


def report(
    *, model: str, gpu: str, gpus: int | None, weights: str, kv: str, engine: str, memory_share: float | None,
    input_tokens: float, output_tokens: float, hits: float, first_token_s: float | None,
    per_token_ms: float | None, style: str | None,
) -> str:  # fmt: skip
    """Return the output of `planner serving --search`."""
    llm, card = find(model, gpu)
    tried = layouts(llm=llm, gpu=card, most_gpus=float(gpus or np.max(card.domain_gpus)))
    base = Placement(weights=weights, kv=kv, engine=engine, memory_share=memory_share or 0.0)
    whole = laid_out(base, tried)
    limits: dict[str, Any] = {
        "ttft_limit_s": np.inf if first_token_s is None else first_token_s,
        "tpot_limit_s": np.inf if per_token_ms is None else per_token_ms / 1e3,
    }
    asked: dict[str, Any] = {
        "llm": llm, "gpu": card, "input_tokens": input_tokens, "output_tokens": output_tokens,
        "prefix_hit_share": hits,
    }  # fmt: skip
    most = MOST_OPEN * np.asarray(whole.attn_dp)
    point = most_within(**asked, placement=whole, most_open=most, **limits)
    kept = (point.ttft_s <= limits["ttft_limit_s"]) & (point.tpot_s <= limits["tpot_limit_s"])
    rows = [_row(each, point, bool(np.asarray(point.fits & kept)[i]), i) for i, each in enumerate(tried)]
    rows.sort(key=lambda row: (not row["keeps"], -row["tokens_per_s_per_gpu"]))
    split = best_split(**asked, placement=base, tried=tried, tpot_limit_s=limits["tpot_limit_s"])
    apart = (
        None
        if split is None
        else {
            "reading": split.reading.words,
            "making": split.making.words,
            "reading_gpu_share": split.reading_gpu_share,
            "tokens_per_s_per_gpu": split.tokens_per_s_per_gpu,
        }
    )
    head = {"model": model, "gpu": gpu, "layouts": rows, "split": apart}
    if style is not None:
        return json_output.as_json(head) if style == "json" else csv_text(rows)
    return "\n".join(_lines(head, input_tokens=input_tokens, output_tokens=output_tokens))


def _row(layout: GpuLayout, point: Any, keeps: bool, place: int) -> dict[str, Any]:
    def at(name: str) -> float:
        return float(np.asarray(getattr(point, name))[place])

    return {
        "layout": layout.words, "gpus": layout.gpus, "keeps": keeps,
        "fits": bool(np.asarray(point.fits)[place]),
        "open": at("running"), "tokens_per_s_per_gpu": at("throughput_tokens_per_s") / layout.gpus,
        "ttft_s": at("ttft_s"), "tpot_s": at("tpot_s"),
    }  # fmt: skip


def _lines(head: dict[str, Any], *, input_tokens: float, output_tokens: float) -> list[str]:
    rows = [row for row in head["layouts"] if row["fits"]]
    about = f"{input_tokens:,.0f} tokens in, {output_tokens:,.0f} out"
    lines = [f"{inert(head['model'])} on {inert(head['gpu'])}, {about}: layouts of one copy, best first", ""]
    if not rows:
        return [*lines, "  No layout on these GPUs fits the model and one request's KV cache."]
    cells = [
        (
            row["layout"], f"{row['gpus']:g}", f"{row['open']:,.0f}", f"{row['tokens_per_s_per_gpu']:,.0f}",
            first_token(row["ttft_s"]), f"{row['tpot_s'] * 1e3:,.1f} ms", "" if row["keeps"] else "too late",
        )
        for row in rows
    ]  # fmt: skip
    names = ("layout", "GPUs", "concurrency", "tokens/s/GPU", "first token", "per token", "")
    lines += table(cells, head=names, left=1)
    return [*lines, *_apart(head["split"])]


def _apart(split: dict[str, Any] | None) -> list[str]:
    """Return the combined result of two separate pools."""
    if split is None:
        return []
    reading = f"prefill on {split['reading_gpu_share']:.0%} of the GPUs ({split['reading']})"
    made = f"decode on the rest ({split['making']}): {split['tokens_per_s_per_gpu']:,.0f} tokens/s per GPU."
    return ["", *wrapped(f"Split pools: {reading}, {made}")]
