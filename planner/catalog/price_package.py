"""Prices from the genai-prices package, as timelines of rates. Import late: loading takes 0.15 s.

The package falls back to the standard price if a vendor lacks a processing tier; nothing here does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from genai_prices.data_units import unit_data
from genai_prices.types import ModelInfo, ModelPrice, TieredPrices, TimeOfDateConstraint

from planner.catalog.api_models import model_facts, snapshot_day
from planner.catalog.api_offers import (
    VERSION,
    Offer,
    change_dates,
    data_date,
    first_day,
    no_such_processing,
    processing_tiers,
)
from planner.catalog.api_rates import TOKEN_KINDS, ApiRates, DayPart, TokenPrice, UnitPrice

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_PRICE_KEYS = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok")
OTHER_OUTPUT_KEYS = {"output_reasoning_mtok": "reasoning tokens", "output_citation_mtok": "citation tokens"}
REQUESTS_PER_KCOUNT = 1000.0
HOURS_PER_DAY = 24.0


def timeline(offer: Offer, processing: str) -> list[tuple[date, ApiRates | None]]:
    """Return the rates from each day on which they change; None while the processing tier has no price."""
    known = processing_tiers(offer)
    if processing not in known:
        raise no_such_processing(offer, processing, None)
    begin = first_day(offer, known[processing])
    carried = begin is not None and begin <= data_date()
    steps: list[tuple[date, ApiRates | None]] = []
    for start in [date.min, *change_dates(offer, processing)]:
        on = max(start, date(1970, 1, 1))
        rates = None
        if begin is None or on >= begin:
            rates = _rates_on(offer, processing, known[processing], on)
        elif carried:
            early = f"{processing} price not known before {begin}: its first price is carried back"
            rates = _rates_on(offer, processing, known[processing], begin)
            rates = replace(rates, notes=(*rates.notes, early))
        if rates is not None and start > date.min:
            rates = _begun(rates, start)
        steps.append((start, rates))
    return steps


def _begun(rates: ApiRates, start: date) -> ApiRates:
    """Return rates dated to the day they start, since they had been read when they were listed."""
    if start > data_date() or (rates.checked is not None and rates.checked >= start):
        return replace(rates, since=start)
    return replace(rates, since=start, checked=start, as_of=start)


def _rates_on(offer: Offer, processing: str, context: dict[str, str], on: date) -> ApiRates:
    """Return the rates of one day; hourly prices are averaged over the day."""
    parts = [
        (hours, offer.model.get_prices(datetime.combine(on, start, tzinfo=UTC), context or None))
        for hours, start in _parts_of_day(offer.model)
    ]
    facts = model_facts(offer.name)
    fresh = _mean_price(parts, "input_mtok") or TokenPrice(0.0)
    read = _mean_price(parts, "cache_read_mtok")
    write = _mean_price(parts, "cache_write_mtok")
    write_1h = _mean_price(parts, "cache_write_1h_mtok")
    return ApiRates(
        model=offer.model.id,
        provider=offer.provider.id,
        processing=processing,
        input=fresh,
        cache_read=read or fresh,
        cache_write=write or fresh,
        cache_write_1h=write_1h or write or fresh,
        output=_mean_price(parts, "output_mtok") or TokenPrice(0.0),
        usd_per_request=_base(parts[0][1].requests_kcount) / REQUESTS_PER_KCOUNT,
        has_cache_read=read is not None,
        has_cache_write=write is not None,
        has_cache_write_1h=write_1h is not None,
        meters=dict(_meters(parts)),
        source=f"genai-prices {VERSION}",
        as_of=facts.checked or data_date(),
        checked=facts.checked,
        context_tokens=offer.model.context_window or facts.context_tokens,
        answer_tokens=facts.answer_tokens,
        appeared=snapshot_day(offer.model.id),
        retired=facts.retired,
        day_parts=_day_parts(offer.model, parts),
        notes=(*offer.notes, *_notes(offer, parts, context, on)),
    )


def _meters(parts: list[tuple[float, ModelPrice]]) -> Iterator[tuple[str, UnitPrice]]:
    """Yield the price of everything billed besides text tokens, by the package's unit name."""
    for unit, about in unit_data.items():
        key = about["price_key"]
        if key in (*TOKEN_PRICE_KEYS, "requests_kcount"):
            continue
        price = _mean_price(parts, key)
        if price is not None:
            yield unit, UnitPrice(price.usd_per_mtok, float(about["per"]), price.tiers)


def _day_parts(model: ModelInfo, parts: list[tuple[float, ModelPrice]]) -> tuple[DayPart, ...]:
    """Return each part of the day's price relative to the daily mean; nothing if all parts cost the same."""
    kinds = dict(zip(TOKEN_KINDS, TOKEN_PRICE_KEYS, strict=True))
    found = []
    for (hours, start), (_, prices) in zip(_parts_of_day(model), parts, strict=True):
        over_mean = {
            kind: _base(getattr(prices, key)) / float(mean.usd_per_mtok)
            for kind, key in kinds.items()
            if (mean := _mean_price(parts, key)) is not None and mean.usd_per_mtok
        }
        as_input = over_mean.get(
            "input", 1.0
        )  # what has no price of its own is billed as input, or as another write
        over_mean.setdefault("cache_write_1h", over_mean.get("cache_write", as_input))
        over_mean = dict.fromkeys(kinds, as_input) | {"output": 1.0} | over_mean
        begins = start.hour + start.minute / 60 + start.second / 3600
        found.append(DayPart(begins, begins + hours, **over_mean))
    alike = all(getattr(part, kind) == 1.0 for part in found for kind in kinds)
    return () if alike else tuple(found)


def _parts_of_day(model: ModelInfo) -> list[tuple[float, time]]:
    """Return (hours, UTC start) of each part of a day with one price."""
    listed = [] if isinstance(model.prices, ModelPrice) else model.prices
    starts = {time(0)}
    for price in listed:
        if isinstance(price.constraint, TimeOfDateConstraint):
            starts |= {_utc(price.constraint.start_time), _utc(price.constraint.end_time)}
    ordered = sorted(starts)
    hours = [start.hour + start.minute / 60 + start.second / 3600 for start in ordered]
    return [
        (end - begin, at) for begin, end, at in zip(hours, [*hours[1:], HOURS_PER_DAY], ordered, strict=True)
    ]


def _utc(at: time) -> time:
    if at.tzinfo is None:
        return at
    return datetime.combine(date(1970, 1, 1), at).astimezone(UTC).time()


def _mean_price(parts: list[tuple[float, ModelPrice]], key: str) -> TokenPrice | None:
    """Return the price over the day, weighted by hours; None where the vendor lists none."""
    priced = [(hours, _token_price(getattr(prices, key))) for hours, prices in parts]
    found = [(hours, price) for hours, price in priced if price is not None]
    if not found:
        return None
    if all(price == found[0][1] for _, price in found):
        return found[0][1]
    total = sum(hours for hours, _ in found)
    starts = sorted({start for _, price in found for start, _ in price.tiers})

    def mean(prompt_tokens: float) -> float:
        return sum(hours * float(price.at(prompt_tokens)) for hours, price in found) / total

    return TokenPrice(mean(0), tuple((start, mean(start + 1)) for start in starts))


def _token_price(value: Any) -> TokenPrice | None:
    if value is None:
        return None
    if isinstance(value, TieredPrices):
        return TokenPrice(float(value.base), tuple((tier.start, float(tier.price)) for tier in value.tiers))
    return TokenPrice(float(value))


def unit_price(value: Any, per: float) -> UnitPrice:
    """Return a price of the package for `per` units."""
    price = _token_price(value)
    return UnitPrice(0.0, per) if price is None else UnitPrice(price.usd_per_mtok, per, price.tiers)


def _base(value: Any) -> float:
    price = _token_price(value)
    return 0.0 if price is None else float(price.usd_per_mtok)


def _notes(
    offer: Offer, parts: list[tuple[float, ModelPrice]], context: dict[str, str], on: date
) -> Iterator[str]:
    """Say what a reader of the price must know."""
    hours_at: dict[float, float] = {}
    for hours, prices in parts:
        price = _base(prices.input_mtok)
        hours_at[price] = hours_at.get(price, 0.0) + hours
    if len(hours_at) > 1:
        words = ", ".join(f"{hours:g} h at {price:g}" for price, hours in sorted(hours_at.items()))
        yield f"time-of-day prices, averaged over the day for a workload without a profile: input {words}"
    prices = parts[0][1]
    for key, words in OTHER_OUTPUT_KEYS.items():
        if getattr(prices, key) is not None:
            yield f"{words} are billed at {_base(getattr(prices, key)):g} usd_per_mtok; counted as output here"
    if context:
        yield from _tier_notes(offer, context, on)


def _tier_notes(offer: Offer, context: dict[str, str], on: date) -> Iterator[str]:
    """Say which kinds of token the vendor's list gives no price of their own in this tier."""
    own_keys: set[str] = set()
    for variant in offer.model.price_variants or ():
        if variant.when == context:
            own_keys |= {key for key in TOKEN_PRICE_KEYS if getattr(variant.prices, key) is not None}
    standard = offer.model.get_prices(datetime.combine(on, time(0), tzinfo=UTC))
    left = [key for key in TOKEN_PRICE_KEYS if getattr(standard, key) is not None and key not in own_keys]
    if left:
        kinds = ", ".join(key.removesuffix("_mtok").replace("_", " ") for key in left)
        yield f"no price of its own for {kinds}: the standard one holds"
