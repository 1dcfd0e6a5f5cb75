"""Numbers as text: a metric, its range and its change, the same in every output."""

import math

from planner.model import Result
from planner.readout.metrics import LEASTS, RUNWAYS
from planner.readout.percentile import Percentiles
from planner.readout.samples import number, runway_state
from planner.units import NOT_AVAILABLE, show

LEAST_SHOWN = 0.05  # points, or months; smaller changes take two digits


def number_text(name: str, value: float, horizon_months: float = math.inf, *, brief: bool = False) -> str:
    """Return a number as text, with "/month" if the name has it and there is room.

    A runway that reaches the horizon is only known to be longer than that.

    >>> number_text("gross_burn_usd_per_month", 42_750.0), number_text("runway_months", 36.0, 36.0)
    ('$42.8k/month', '>36 months')
    """
    if name in RUNWAYS and value >= horizon_months:
        return f">{horizon_months:.0f} months"
    if math.isinf(value):
        return "infinite"
    text = show(value, name)
    monthly = name.endswith("_per_month") and text != NOT_AVAILABLE and not brief
    return f"{text}/month" if monthly else text


def metric_text(result: Result, name: str, *, reason: str = "", brief: bool = False) -> str:
    """Return one headline number of a single plan as text; n/a includes its reason, if given."""
    value = number(result.metrics[name])
    if name in RUNWAYS and (state := runway_state(result, name)):
        return runway_text(value, state, number(result.horizon_months))
    if math.isfinite(value):
        return number_text(name, value, brief=brief)
    return f"{NOT_AVAILABLE} ({reason})" if reason else NOT_AVAILABLE


def runway_text(months: float, state: str, horizon_months: float) -> str:
    """Return a runway as text: until the cash runs out, or the plan's horizon if it doesn't.

    >>> runway_text(13.5, "cash_out", 36.0), runway_text(math.nan, "beyond_horizon", 36.0)
    ('13.5 months', 'lasts all 36 months')
    >>> runway_text(math.nan, "self_sustaining", 36.0)
    'lasts all 36 months'
    """
    if state in ("self_sustaining", "beyond_horizon"):
        return f"lasts all {horizon_months:.0f} months"
    return number_text("runway_months", months, horizon_months)


def range_text(name: str, ends: Percentiles, horizon_months: float, *, brief: bool = False) -> str:
    """Return the 5th to 95th percentile as text, "" if no draw differs. `brief` gives the unit once.

    >>> range_text("runway_months", Percentiles(12.2, 15.0, math.inf), 36.0)
    '12.2 months to >36 months'
    >>> range_text("runway_months", Percentiles(12.2, 15.0, math.inf), 36.0, brief=True)
    '12.2 to >36'
    """
    if not ends.spreads:
        return ""
    low, high = (number_text(name, end, horizon_months, brief=brief) for end in (ends.p5, ends.p95))
    if brief and name in RUNWAYS:
        low, high = (end.removesuffix(" months") for end in (low, high))
    return f"{low} to {high}"


def change_text(name: str, change: float, *, brief: bool = False, at_least: bool = False) -> str:
    """Return a change with its sign; shares change by points. `at_least`: a runway counted to the horizon.

    >>> change_text("usd_per_outcome", -0.5), change_text("gross_margin_share", 0.031)
    ('-$0.50', '+3.1 points')
    >>> change_text("gross_margin_share", -0.00012, brief=True)
    '-0.012 pts'
    >>> change_text("runway_months", -0.0123, brief=True), change_text("runway_months", -0.0)
    ('-0.012 mo', '+0.0 months')
    >>> change_text("runway_months", 20.3, at_least=True)
    'at least 20.3 months longer'
    >>> change_text("runway_months", -25.0, brief=True, at_least=True)
    '-25.0+ mo'
    """
    if math.isnan(change):
        return NOT_AVAILABLE
    if at_least and change and not brief:
        return f"at least {show(abs(change), name)} {'longer' if change > 0 else 'shorter'}"
    sign = "-" if change < 0 else "+"
    if "_share" in name or name in RUNWAYS:
        size, unit = (abs(change) * 100, "points") if "_share" in name else (abs(change), "months")
        text = f"{sign}{size:{'.2g' if 0 < size < LEAST_SHOWN else '.1f'}} {unit}"  # no change reads 0.0
    else:
        text = sign + show(abs(change), name)
    if brief:
        text = text.replace(" points", " pts").replace(" months", f"{'+' if at_least and change else ''} mo")
    return text


def both_last(name: str, values: tuple[float, float], horizons_months: tuple[float, float]) -> bool:
    """Say whether two runways both last to the end of their plans, so only the plans' lengths differ.

    >>> both_last("runway_months", (36.0, 24.0), (36.0, 24.0))
    True
    >>> both_last("runway_months", (36.0, 20.0), (36.0, 24.0))
    False
    """
    ends = zip(values, horizons_months, strict=True)
    return name in RUNWAYS and all(months >= horizon for months, horizon in ends)


def spans_text(name: str, horizons_months: tuple[float, float]) -> str:
    """Say over how long each of two plans a number is the least, if they differ in length; else nothing.

    Neither of two such numbers is better: the longer plan has more months to find a lower one in.

    >>> spans_text("least_cash_usd", (36.0, 24.0)), spans_text("usd_per_request", (36.0, 24.0))
    ('over 36 and 24 months', '')
    """
    first, second = horizons_months
    return f"over {first:.0f} and {second:.0f} months" if name in LEASTS and first != second else ""
