"""Vendor agreements as text: units and whether they pay off, limits and when they are exceeded."""

from collections.abc import Iterator

import numpy as np

from planner.catalog.rate_limits import INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS, USD
from planner.model import Result
from planner.model.result import DeploymentResult, LimitResult
from planner.readout.samples import number
from planner.units import show

_WORDS = {
    REQUESTS: "requests a minute",
    TOKENS: "tokens a minute",
    INPUT_TOKENS: "input tokens a minute",
    OUTPUT_TOKENS: "output tokens a minute",
    USD: "a month",
}


def first_month_over(each: LimitResult) -> int | None:
    """Return the first month in which any plan exceeds a limit; None if none does."""
    months = np.asarray(each.first_month)
    return None if np.isnan(months).all() else int(np.nanmin(months))


def limit_text(each: LimitResult) -> str:
    """Return a limit, the plan's peak demand, and the first month that exceeds it, as text."""
    month, peaks = first_month_over(each), np.asarray(each.peaks)
    asked = float(np.max(peaks if month is None else peaks[..., month - 1]))
    unit = "usd" if each.kind == USD else ""
    limit = float(np.min(each.limit))
    of = f" ({each.limit_of})" if each.limit_of else ""
    what = f"{show(asked, unit)} {_WORDS[each.kind]}, the limit is {show(limit, unit)}{of}"
    if month is None:
        return f"{each.deployment}: needs at most {what}"
    return f"{each.deployment}: needs {what}, exceeded from month {month}"


def limits_hit(result: Result) -> Iterator[str]:
    """Yield a sentence for each limit that is exceeded in a month's busiest hour."""
    return (limit_text(each) for each in result.limits if first_month_over(each) is not None)


def units_text(each: DeploymentResult) -> str:
    """Return the load and break-even utilisation of provisioned units, as text; "" without units."""
    units, usd = number(each.units), number(each.units_usd_per_month)
    if not units:
        return ""
    carry, used = number(each.units_carry_share), number(each.units_used_share)
    words = f"{show(units)} units for {show(usd, 'usd')} a month carry {show(carry, 'share')} of its tokens"
    if np.any(each.units_refuse):
        words += ", and the rest is refused"
    pays = number(each.units_break_even_share)
    if np.isnan(pays):
        return f"{words}; it has no traffic"
    words = f"{words}; {show(used, 'share')} of their capacity is used"
    if pays > 1:
        return f"{words}, and even at full use they cost {pays:.2f} times as much as tokens"
    return f"{words}, and they break even at {show(pays, 'share')}"
