"""Error bands by regime, from held-out rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from planner.analysis.serving_fit.rows import Rows
from planner.analysis.serving_fit.table import METRICS, Prediction, regimes_of
from planner.model.serving.regimes import Band, Regime, band

LOW, HIGH = 0.05, 0.95
FEWEST_PAGES = 5  # pages needed for a band of its own
Bands = dict[str, dict[str, Any]]


def bands_of(rows: Rows, unseen: Prediction, *, judged: np.ndarray) -> Bands:
    """Return the error bands of predictions for held-out rows: low and high factor, rows and pages of each regime.

    Pages have equal weight: many rows of one page say little more than a few about the next page.
    """
    return _bands(rows, unseen, judged, regimes_of(rows))


def _bands(rows: Rows, unseen: Prediction, judged: np.ndarray, each: list[Regime]) -> Bands:
    found: Bands = {}
    for metric in METRICS:
        factor = rows.measured[metric] / unseen[metric]
        good = judged & np.isfinite(factor) & (factor > 0)
        members: dict[str, list[int]] = {}
        for i in np.flatnonzero(good).tolist():
            for name in each[i].names(metric):
                members.setdefault(name, []).append(i)
        for name, index in sorted(members.items()):
            pages = rows.page[index]
            if len(set(pages.tolist())) >= FEWEST_PAGES or name == metric:
                found[name] = _quantiles(factor[index], pages)
    for regime in sorted({each[i].family for i in np.flatnonzero(judged).tolist()}):
        mine = [i for i in np.flatnonzero(judged).tolist() if each[i].family == regime]
        count = len(set(rows.page[mine].tolist()))
        found[regime] = {"low_x": 1.0, "high_x": 1.0, "rows": len(mine), "pages": count}
    return found


def _quantiles(factor: np.ndarray, pages: np.ndarray) -> dict[str, Any]:
    names, of, count = np.unique(pages, return_inverse=True, return_counts=True)
    weight = 1.0 / count[of]
    order = np.argsort(factor)
    share = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
    low, high = np.exp(np.interp([LOW, HIGH], share, np.log(factor[order])))
    return {
        "low_x": float(min(low, 0.97)), "high_x": float(max(high, 1.03)), "rows": int(factor.size),
        "pages": int(names.size),
    }  # fmt: skip


def coverage(rows: Rows, unseen: Prediction, *, judged: np.ndarray) -> Iterator[str]:
    """Yield, for each metric, the share of rows inside bands built without their source, and the mean over sources."""
    each = regimes_of(rows)
    inside = {metric: np.full(rows.kind.shape, np.nan) for metric in METRICS}
    width = {metric: np.full(rows.kind.shape, np.nan) for metric in METRICS}
    sources = sorted(set(rows.source[judged].tolist()))
    for source in sources:
        mine = rows.source == source
        table = _bands(rows, unseen, judged & ~mine, each)
        for metric in METRICS:
            factor = rows.measured[metric] / unseen[metric]
            for i in np.flatnonzero(mine & judged & np.isfinite(factor)).tolist():
                found: Band = band(each[i], metric, table=table)
                inside[metric][i] = found.low_x <= factor[i] <= found.high_x
                width[metric][i] = found.high_x / found.low_x
    for metric in METRICS:
        of = [inside[metric][rows.source == source] for source in sources]
        mean = np.mean([np.nanmean(one) for one in of if np.isfinite(one).any()])
        yield (
            f"  bands without the source: {metric:10s} hold {100 * np.nanmean(inside[metric]):.1f} % of rows, "
            f"{100 * mean:.1f} % in the mean of sources, high over low {np.nanmedian(width[metric]):.2f}"
        )
