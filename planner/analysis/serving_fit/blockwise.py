"""First tokens measured late because the server sent its tokens in blocks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from planner.analysis.serving_fit.rows import Rows

_LATE_STEPS = 10.0  # usual blocks have 20 tokens; queues and prompts differ by a few steps
_LATE_RATIO = 1.5
_FEWEST_PAIRS = 4


def sent_in_blocks(rows: Rows) -> np.ndarray:
    """Return which closed-loop rows report the first block of tokens instead of the first token, shape (n,).

    A first token doesn't depend on the length of answers. If the same setting with longer answers starts many
    steps earlier, the server collected tokens before it sent them (TensorRT-LLM's `stream_interval`), a setting
    that no column reports. A series (model, client, split, lengths) counts as a whole: if most of its rows that
    have such a counterpart are late, so are those without one.
    """
    closed = np.flatnonzero(rows.kind == "closed_loop")
    late: dict[int, bool] = {}
    for group in _grouped(_settings(rows), closed).values():
        for i in group:
            longer = [j for j in group if rows.output_tokens[j] > rows.output_tokens[i]]
            if longer:
                late[i] = _is_late(rows, i, min(float(rows.measured["ttft"][j]) for j in longer))
    found = np.zeros(rows.kind.shape, dtype=bool)
    for group in _grouped(_series(rows), closed).values():
        known = [late[i] for i in group if i in late]
        found[group] = len(known) >= _FEWEST_PAIRS and sum(known) > len(known) / 2
    return found


def without_blocks(rows: Rows) -> Rows:
    """Return the rows without first tokens sent in blocks, keeping their other measurements."""
    ttft_s = np.where(sent_in_blocks(rows), np.nan, rows.measured["ttft"])
    return replace(rows, measured={**rows.measured, "ttft": ttft_s})


def _is_late(rows: Rows, i: int, other_s: float) -> bool:
    ttft_s, step_s = float(rows.measured["ttft"][i]), float(rows.measured["tpot"][i])
    return ttft_s > _LATE_RATIO * other_s and ttft_s - other_s > _LATE_STEPS * step_s


def _settings(rows: Rows) -> list[tuple[object, ...]]:
    p = rows.placement
    columns = (
        rows.model, rows.gpu_name, rows.client, p.weights, p.tp, p.attn_dp, p.ep, rows.input_tokens, rows.batch,
    )  # fmt: skip
    return _keys(columns)


def _series(rows: Rows) -> list[tuple[object, ...]]:
    columns = (rows.model, rows.client, rows.placement.tp, rows.input_tokens, rows.output_tokens)
    return _keys(columns)


def _keys(columns: Iterable[object]) -> list[tuple[object, ...]]:
    return list(zip(*(np.asarray(column).tolist() for column in columns), strict=True))


def _grouped(keys: list[tuple[object, ...]], index: np.ndarray) -> dict[tuple[object, ...], list[int]]:
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i in index.tolist():
        groups[keys[i]].append(i)
    return groups
