"""Segments as text and rows: what each pays, costs and is worth, and who causes most of the cost."""

from collections.abc import Iterator

import numpy as np

from planner.model import Result, SegmentResult
from planner.readout.samples import number
from planner.schema import Array, Number
from planner.units import show

SEGMENTS_HEAD = ("", "customers", "requests", "revenue", "cost", "profit", "margin", "LTV")
TENTHS_HEAD = ("", "requests", "of serving", "pays", "costs", "profit", "LTV")
_EVEN = 1e-9  # smaller differences between tenths count as equal


def segment_rows(result: Result) -> list[tuple[str, ...]]:
    """Return a row per segment under SEGMENTS_HEAD: for all its customers in the month, LTV for a new one.

    The cost includes serving, payment fees and other costs that scale with revenue.
    """
    return [
        (
            name,
            show(number(each.customers)),
            show(number(each.requests_per_month)),
            show(number(each.revenue_usd_per_month), "usd"),
            show(number(each.cogs_usd_per_month), "usd"),
            show(number(each.margin_usd_per_month), "usd"),
            show(number(each.gross_margin_share), "share"),
            show(number(each.ltv_usd), "usd"),
        )
        for name, each in result.segments.items()
    ]


def tenth_rows(each: SegmentResult) -> list[tuple[str, ...]]:
    """Return a row per tenth of a segment under TENTHS_HEAD, per customer, if usage varies."""
    if not _spread(each):
        return []
    tenths = each.tenths
    columns = (
        tenths.requests_per_customer, tenths.cost_share, tenths.revenue_usd_per_customer,
        tenths.cogs_usd_per_customer, tenths.margin_usd_per_customer, tenths.ltv_usd,
    )  # fmt: skip
    units = ("", "share", "usd", "usd", "usd", "usd")
    names = ("lightest tenth", *(f"{place}." for place in range(2, 10)), "heaviest tenth")
    return [
        (name, *(show(_of(column, at), unit) for column, unit in zip(columns, units, strict=True)))
        for at, name in enumerate(names)
    ]


def heaviest_tenths(result: Result) -> Iterator[str]:
    """Yield the usage and profit of each segment's heaviest tenth, if usage varies."""
    for name, each in result.segments.items():
        if words := heaviest_tenth_text(each):
            yield f"{name}: {words}"


def heaviest_tenth_text(each: SegmentResult) -> str:
    """Return the usage and profit of a segment's heaviest tenth, as text; "" if usage doesn't vary."""
    if not _spread(each):
        return ""
    usd = _of(each.tenths.margin_usd_per_customer, -1)
    verb = "loses" if usd < 0 else "earns"
    share, each_usd = _of(each.tenths.cost_share, -1), show(abs(usd), "usd")
    return f"the heaviest tenth takes {share:.0%} of serving and {verb} {each_usd} each a month"


def _of(tenths: Number, at: int) -> float:
    """Return the value of one tenth, or the common value of all."""
    values = np.asarray(tenths)
    return number(values[..., at if values.shape[-1] > 1 else 0])


def _spread(each: SegmentResult) -> bool:
    shares: Array = np.asarray(each.tenths.cost_share, dtype=float).reshape(-1)
    return bool(np.isfinite(shares).all() and np.ptp(shares) >= _EVEN)
