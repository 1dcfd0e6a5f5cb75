"""Merge equivalent moves, keeping the simplest."""

import math
from collections.abc import Sequence

import numpy as np

from planner.analysis.moves.judged import Move
from planner.analysis.moves.shift import Scale
from planner.schema import Array

ALIKE = 1e-3  # share of monthly serving cost, and of success: moves that differ by less are equivalent
_SECONDS = 0.01


def once_each(found: Sequence[Move], size: Scale) -> list[Move]:
    """Return moves without duplicates in money, success and latency; all moves without a gain are kept.

    Of equivalent moves, the one with fewer settings, no assumptions, fewer models and fewer fields is kept.
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
    """Return a move's effects, each in units of the tolerance for equivalence."""
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
