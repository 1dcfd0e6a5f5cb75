"""Vendors' per-minute limits compared with the busiest hour of each month."""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.catalog.rate_limits import USD
from planner.model.company import api_bill, volumes
from planner.model.company.business import Business
from planner.model.company.month_blocks import MonthBlock, blocks, joined, with_ends
from planner.model.result import LimitResult
from planner.model.week_hours import busiest, load_in_hours
from planner.schema import Number
from planner.units import SECONDS_PER_MONTH

MINUTES_PER_MONTH = SECONDS_PER_MONTH / 60.0


def limit_results(stages: Sequence[Business], months: int) -> tuple[LimitResult, ...]:
    """Return each limit of each API deployment with the months' peaks, and the first month that exceeds it.

    A limit is that of the month's epoch; peaks are for the busiest hour, assuming an even load within it.
    Load carried by provisioned units counts too, although some vendors exempt it from the limit.
    """
    places = dict.fromkeys(
        (tier, kind) for each in stages for tier, terms in each.api_terms.items() for kind in terms.limits
    )
    return tuple(_result(stages, months, tier, kind) for tier, kind in places)


def _result(stages: Sequence[Business], months: int, tier: str, kind: str) -> LimitResult:
    peaks, over = [], []
    for business, until in with_ends(stages, months):
        limit = business.api_terms[tier].limits.get(kind, np.inf)
        for block in blocks(business, until):
            peaks.append(np.asarray(_peak(business, block, tier, kind) + np.zeros_like(block.numbers)))
            over.append(np.asarray(peaks[-1] > np.asarray(limit), dtype=float))
    exceeded = joined(over) > 0
    first = np.where(exceeded.any(axis=0), exceeded.argmax(axis=0) + 1.0, np.nan)
    horizon = np.asarray(stages[0].scenario.company.horizon_months)
    terms = stages[0].api_terms[tier]
    return LimitResult(
        tier, kind, terms.limits.get(kind, np.inf), terms.limits_of, np.moveaxis(joined(peaks), 0, -1),
        np.where(first <= horizon, first, np.nan),
    )  # fmt: skip


def _peak(business: Business, block: MonthBlock, tier: str, kind: str) -> Number:
    if kind == USD:
        volume = {name: volumes.requests(block, each) for name, each in business.streams.items()}
        return api_bill.calls_usd(business, api_bill.Billed(volume, block.first, block.api_price), tier)
    means: dict[str, Number] = {
        name: volumes.requests(block, stream)
        * stream.calls[tier]
        * stream.limited[tier][kind]
        / MINUTES_PER_MONTH
        for name, stream in business.streams.items()
        if kind in stream.limited.get(tier, {})
    }
    return _busiest(business, means)


def _busiest(business: Business, means: Mapping[str, Number]) -> Number:
    by_hour = load_in_hours(business.scenario.workloads, means)
    if by_hour is not None:
        return busiest(by_hour)
    peaks = (each * business.scenario.workloads[name].peak_to_mean for name, each in means.items())
    return sum(peaks, start=np.zeros(()))
