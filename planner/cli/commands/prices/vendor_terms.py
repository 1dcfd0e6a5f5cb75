"""What vendors sell and limit besides a model's prices: units of capacity, limits by tier."""

from planner.catalog.rate_limits import KINDS, USD, TierLimits
from planner.catalog.unit_offers import UnitOffer
from planner.cli.io.layout import table, wrapped
from planner.files import inert


def unit_lines(offers: list[UnitOffer]) -> list[str]:
    """Return the capacity and cost of units, for `offer = ` in a deployment's [provisioned]."""
    if not offers:
        return []
    rows = [
        (
            each.name,
            f"{each.tokens_per_minute:,.0f}",
            f"{each.output_tokens_per_minute:,.0f}"
            if each.output_tokens_per_minute
            else f"x{each.output_weight:g}",
            f"x{each.cache_read_weight:g}",
            f"{each.least:g} by {each.step:g}",
        )
        for each in offers
    ]
    lines = table(rows, head=("units of capacity", "tokens/min", "answers", "cached", "sold"), left=1)
    for each in offers:
        lines += wrapped(f"{each.name}: {_price(each)}. {inert(each.source)}.", hang=4)
    return ["", *lines]


def _price(each: UnitOffer) -> str:
    """Return a unit's price by term: per hour, and per month for longer terms."""
    hour = [] if each.usd_per_hour is None else [f"${each.usd_per_hour:.2f} an hour"]
    months = [f"${usd:,.2f} a month ({term})" for term, usd in each.usd_per_month.items()]
    answers = [f"output units ${usd:,.2f} ({term})" for term, usd in each.output_usd_per_month.items()]
    return ", ".join([*hour, *months, *answers])


def limit_lines(tiers: list[TierLimits]) -> list[str]:
    """Return the limits of each account tier, for `tier = ` in a deployment's [limits]."""
    if not tiers:
        return []
    rows = [
        (
            each.tier,
            *(f"{each.limits[kind]:,.0f}" if kind in each.limits else "" for kind in (*KINDS, USD)),
            "count" if each.cached_counts else "free",
        )
        for each in tiers
    ]
    head = ("limits, a minute", "requests", "tokens", "input", "output", "$/month", "cached")
    return ["", *table(rows, head=head, left=1)]
