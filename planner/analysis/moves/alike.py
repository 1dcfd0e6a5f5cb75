"""Moves that do the same, written in several ways: the simplest one stands for all."""

import math
from collections.abc import Sequence

import numpy as np

from planner.analysis.moves.judged import Move
from planner.analysis.moves.shift import Scale
from planner.schema import Array

ALIKE = 1e-3  # of what serving costs a month, and of success: moves that differ by less do the same
_SECONDS = 0.01


def once_each(found: Sequence[Move], size: Scale) -> list[Move]:
    """Return moves of which no two do the same to money, success and latency; those that gain nothing are kept all.

    Of those that do the same, the one with fewer settings, nothing assumed, fewer models and fewer fields is kept.
    """
    simple_first = sorted(found, key=_simplicity)
    kept = list[Move]()
    seen = dict[tuple[str, bool], list[Array]]()
    for move in simple_first:
        if move.group in ("free win", "trade-off"):
            does = _does(move, size)
            alike = seen.setdefault((move.group, math.isnan(move.p_better_share)), [])
            if alike and np.any(np.all(np.abs(np.stack(alike) - does) < 1.0, axis=1)):
                continue
            alike.append(does)
        kept.append(move)
    return kept


def _simplicity(move: Move) -> tuple[int, bool, bool, int]:
    fewer_models = any(each.path.endswith(".routing.tiers") for each in move.settings)
    return len(move.settings), bool(move.rests_on), not fewer_models, len(move.changes)


def _does(move: Move, size: Scale) -> Array:
    """Return what a move does, each number in units of what is taken to be the same."""
    usd = max(size.serving_usd, 1.0) * ALIKE
    does: Array = np.array([
        move.burn_cut_usd_per_month / usd,
        move.cash_end_usd / (usd * max(size.months, 1.0)),
        move.customers_lose_usd_per_month / usd,
        move.one_off_usd / usd,
        move.success_gained_share / ALIKE,
        move.latency_added_s / _SECONDS,
    ])  # fmt: skip
    return np.where(np.isnan(does), 0.0, does)
