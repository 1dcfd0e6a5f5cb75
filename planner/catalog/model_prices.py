"""All list prices of one model: each meter, tier, step, hour and change. Import late: it loads the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from planner.catalog.api_models import model_facts, snapshot_day
from planner.catalog.api_offers import (
    VERSION,
    NotListed,
    Offer,
    change_dates,
    data_date,
    look_up,
    processing_tiers,
)
from planner.catalog.price_sheet import HALF_HOURS, UNITS, PriceSheet, depends_on_hour, price_sheet
from planner.records import dataclass

ALL_DAY = ""


@dataclass(frozen=True)
class PriceLine:
    """One price per processing tier: USD for `per` of `unit`, above a prompt length, in some hours of the day (UTC)."""

    unit: str
    per: float
    above_tokens: int
    hours: str
    usd: dict[str, float]


@dataclass(frozen=True)
class ModelPrices:
    """All prices of one model on one day, and other facts about it; None where unknown."""

    name: str
    title: str
    on: date
    tiers: tuple[str, ...]
    lines: tuple[PriceLine, ...]
    changes: tuple[date, ...]
    checked: date | None
    list_of: date
    source: str
    context_tokens: int | None
    answer_tokens: int | None
    appeared: date | None
    retired: date | None
    deprecated: bool
    notes: tuple[str, ...]


def model_prices(name: str, *, on: date) -> ModelPrices | NotListed:
    """Return all prices of the model for a name, read as in an import, or why there are none."""
    offer = look_up(name)
    if isinstance(offer, NotListed):
        return offer
    sheets = {tier: _by_hours(offer, tier, on) for tier in processing_tiers(offer)}
    sold = {tier: found for tier, found in sheets.items() if found}
    facts = model_facts(offer.name)
    marks = [mark for found in sold.values() for sheet in found.values() for mark in sheet.marks]
    comment = (offer.model.price_comments or "").strip()
    return ModelPrices(
        name=offer.name,
        title=offer.model.name or offer.model.id,
        on=on,
        tiers=tuple(sold),
        lines=tuple(_lines(sold)),
        changes=tuple(sorted({day for tier in sheets for day in change_dates(offer, tier)})),
        checked=facts.checked,
        list_of=data_date(),
        source=f"genai-prices {VERSION}",
        context_tokens=offer.model.context_window or facts.context_tokens,
        answer_tokens=facts.answer_tokens,
        appeared=snapshot_day(offer.model.id),
        retired=facts.retired,
        deprecated=bool(offer.model.deprecated),
        notes=tuple(dict.fromkeys([*marks, *([comment] if comment else [])])),
    )


def _by_hours(offer: Offer, tier: str, on: date) -> dict[str, PriceSheet]:
    """Return a day's price sheets by the hours in which they apply; none if the tier has no price yet."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    count = HALF_HOURS if depends_on_hour(offer) else 1
    found = [price_sheet(offer, tier, midnight + timedelta(minutes=30 * place)) for place in range(count)]
    sheets = [sheet for sheet in found if isinstance(sheet, PriceSheet)]
    if len(sheets) < len(found):
        return {}
    different: list[PriceSheet] = []
    for sheet in sheets:
        if all(sheet.prices != one.prices for one in different):
            different.append(sheet)
    if len(different) == 1:
        return {ALL_DAY: sheets[0]}
    return {_hours([sheet.prices == one.prices for sheet in sheets]): one for one in different}


def _hours(holds: list[bool]) -> str:
    """Return the times at which something holds as text, from half-hourly flags.

    >>> _hours([True] * 2 + [False] * 44 + [True] * 2)
    '00:00-01:00, 23:00-24:00 UTC'
    """
    edges = [place for place, one in enumerate([*holds, False]) if one != [False, *holds][place]]
    clock = [f"{place // 2:02d}:{place % 2 * 30:02d}" for place in edges]
    return ", ".join(f"{a}-{b}" for a, b in zip(clock[::2], clock[1::2], strict=True)) + " UTC"


def _lines(sold: dict[str, dict[str, PriceSheet]]) -> Iterator[PriceLine]:
    """Yield a line for each unit, hour and step priced in any tier, in the list's order of units."""
    hours = list(dict.fromkeys(name for found in sold.values() for name in found))
    for unit in UNITS.values():
        for hour in hours:
            prices = {
                tier: found[hour if hour in found else ALL_DAY].prices.get(unit.name)
                for tier, found in sold.items()
                if hour in found or ALL_DAY in found
            }
            priced = {tier: price for tier, price in prices.items() if price is not None}
            starts = sorted({0, *(start for price in priced.values() for start, _ in price.tiers)})
            for start in starts if priced else ():
                usd = {tier: float(price.at(start + 1) * price.per) for tier, price in priced.items()}
                yield PriceLine(unit.name, unit.per, start, hour, usd)
