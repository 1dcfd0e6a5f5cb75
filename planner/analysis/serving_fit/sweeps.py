"""Prompts left in the server's cache by an earlier run of a sweep, which need no prefill the next time."""

from collections.abc import Sequence

import numpy as np

from planner.analysis.serving_fit.cells import Row, engine_of, kv_of, number, requests_of, weights_of

# Engines that keep the prompts of finished requests unless told otherwise, and whose own benchmark client draws the same
# prompts in the same order in each run. Source: SGLang, `bench_serving.py`, `--seed 1` and `--flush-cache` off by default.
_REPEATING = ("sglang",)
_SEEDED = "lengths uniform 1..N"  # that client's distribution of lengths
_ALIKE = (
    1.5  # means of lengths that are drawn evenly up to the same bound differ by less, from ten prompts on
)


def repeated_prompts(rows: Sequence[Row]) -> np.ndarray:
    """Return the number of each run's first prompts that its server has seen before, shape (n,).

    As the column `repeated_prompts` says, else as earlier rows tell: the client's prompts are the first so many of one
    list, cut to lengths that the seed fixes, so that a longer run begins with those of a shorter one. A sweep is all
    runs of one page on one placement; another bound of lengths is another list.
    """
    sent: dict[tuple[object, ...], list[tuple[float, float]]] = {}
    return np.array([_repeated(row, sent.setdefault(_server(row), [])) for row in rows], dtype=float)


def _repeated(row: Row, sent: list[tuple[float, float]]) -> float:
    """Return the number of a row's prompts already in `sent`, (tokens, requests) of each run, and add the row to it."""
    said = number(row.get("repeated_prompts"))
    if said >= 0 or not _repeats(row):
        return said if said >= 0 else 0.0
    mean, requests = number(row.get("isl_mean")), requests_of(row)
    tokens = mean if mean > 0 else number(row.get("isl"))
    alike = [count for length, count in sent if 1.0 / _ALIKE < length / tokens < _ALIKE]
    sent.append((tokens, requests))
    return min(max(alike, default=0.0), requests)


def _repeats(row: Row) -> bool:
    """Return whether a row's client sends the same prompts in each run, and its server keeps them."""
    drawn = _SEEDED in (row.get("notes") or "") and requests_of(row) > 0
    return drawn and engine_of(row.get("engine")) in _REPEATING


def _server(row: Row) -> tuple[object, ...]:
    """Return a key shared by the runs of one server."""
    parallel = tuple(row.get(name) or "" for name in ("n_gpu", "tp", "pp", "attn_dp", "ep"))
    page = (row.get("source") or "").strip()
    formats = weights_of(row.get("precision_weights")), kv_of(row)
    return page, row.get("model"), row.get("gpu"), row.get("engine_version") or "", formats, parallel
