"""Errors of split pools against published runs: `python -m planner.analysis.serving_fit.split_table TABLE.csv`.

Reads runs with separate prefill and decode pools (columns `prefill_...` and `decode_...` in addition to those of
published measurements), and prints the errors of throughput, time per token and first token, separately with drafting.
"""

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from planner.analysis.serving_fit.cells import Row, engine_of, kv_of, number, released_of, weights_of
from planner.analysis.serving_fit.folds import described
from planner.analysis.serving_fit.table import errors_of
from planner.catalog import hardware
from planner.catalog.acceptance import acceptance
from planner.errors import ScenarioError
from planner.model.serving.split_pools import SplitPoint, serve_split
from planner.model.serving.step_costs import Placement

_DRAFT_COST_SHARE = 0.05  # share of a step per drafted token, as in `planner serving --draft`
_TRUSTED = ("ok", "spec_inferred")
_WIDTH = 20


def predicted(row: Row) -> SplitPoint | None:
    """Return the prediction for a row's run with two pools; None if it doesn't give their layout."""
    reading, making = (_placement(row, pool) for pool in ("prefill", "decode"))
    if reading is None or making is None:
        return None
    return serve_split(
        llm=hardware.llm(str(row["model"])), gpu=hardware.gpu(str(row["gpu"])), prefill=reading, decode=making,
        prefill_workers=number(row.get("prefill_workers")), decode_workers=number(row.get("decode_workers")),
        input_tokens=number(row.get("isl_mean")), output_tokens=number(row.get("osl_mean")),
        concurrency=number(row.get("concurrency_or_batch")),
    )  # fmt: skip


def _placement(row: Row, pool: str) -> Placement | None:
    """Return how one worker of a pool is laid out: what its tensor parallelism does not split, ranks of attention share."""
    names = ("gpus", "workers", "tp", "ep")
    gpus, workers, tp, ep = (number(row.get(f"{pool}_{name}")) for name in names)
    if not (gpus > 0 and workers > 0 and tp > 0):
        return None
    each = gpus / workers
    one = Placement(
        gpus=each, tp=tp, attn_dp=max(each / tp, 1.0), ep=max(ep, 1.0) if ep > 0 else 1.0, kv=kv_of(row),
        weights=weights_of(row.get("precision_weights")), engine=engine_of(row.get("engine")),
        released=released_of(_dated(row)),
    )  # fmt: skip
    drafted = number(row.get("mtp_n"))
    if pool == "prefill" or not drafted > 0:
        return one
    known = acceptance(str(row["model"]), "mtp")
    return replace(
        one, speculative_acceptance=known.first, acceptance_decay=known.decay, draft_tokens=drafted,
        draft_cost_share=_DRAFT_COST_SHARE,
    )  # fmt: skip


def _dated(row: Row) -> Row:
    """Return a row dated by its measurement, since its version is that of the orchestrating server."""
    return {**row, "engine_version": ""}


def errors(rows: Sequence[Row]) -> list[str]:
    """Return the errors of rows as lines of text, separately with drafting, and the number of incomplete rows."""
    found: dict[str, list[tuple[Row, SplitPoint]]] = {"without drafting": [], "with drafting": []}
    silent = 0
    for row in rows:
        try:
            point = predicted(row)
        except ScenarioError:
            point = None
        if point is None or not np.isfinite(point.ttft_s):
            silent += 1
            continue
        found["with drafting" if number(row.get("mtp_n")) > 0 else "without drafting"].append((row, point))
    lines = []
    for kind, pairs in found.items():
        relative = {name: each for name, each in _relative(pairs).items() if np.isfinite(each).any()}
        lines += described([errors_of(kind, name, each) for name, each in relative.items()], width=_WIDTH)
    return [*lines, f"{silent} runs don't say how they are laid out, or don't fit as they say"]


def _relative(pairs: Sequence[tuple[Row, SplitPoint]]) -> Mapping[str, np.ndarray]:
    columns = {"throughput": "throughput_output_tok_s_total", "tpot": "tpot_ms", "ttft": "ttft_ms"}
    made = {
        "throughput": [float(point.throughput_tokens_per_s) for _, point in pairs],
        "tpot": [1e3 * float(point.tpot_s) for _, point in pairs],
        "ttft": [1e3 * float(point.ttft_s) for _, point in pairs],
    }
    return {
        name: np.array(made[name]) / np.array([number(row.get(column)) for row, _ in pairs]) - 1.0
        for name, column in columns.items()
    }


def is_run(row: Row) -> bool:
    """Return whether a row is a complete, reliable run of two pools."""
    return (
        row.get("phase") == "end_to_end_disagg"
        and row.get("quality") in _TRUSTED
        and number(row.get("concurrency_or_batch")) > 0
        and not (row.get("spec_decode") == "mtp" and not number(row.get("mtp_n")) > 0)
    )


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def main(path: Path) -> None:
    """Print the errors of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if is_run(row)]
    for line in errors(rows):
        click.echo(line)


if __name__ == "__main__":
    sys.exit(main())
