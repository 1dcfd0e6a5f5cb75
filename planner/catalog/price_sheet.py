"""Every price of one model at one moment, and the cost of counted units. Import late: it loads the price package.

The rules are those of genai-prices (`compute_leaf_values`, `calc_unit_price`): a separately priced unit is subtracted from the
unit that includes it, and the length of the whole prompt picks the price of every unit. Unlike there, missing prices are reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from genai_prices.data_units import unit_data
from genai_prices.types import ModelPrice, StartDateConstraint

from planner.catalog.api_offers import Offer, data_date, find_offer, first_day, processing_tiers
from planner.catalog.api_rates import Number, UnitPrice
from planner.catalog.price_package import unit_price
from planner.catalog.processing import CAPACITY
from planner.records import dataclass

HALF_HOURS = 48
FREE = ":free"  # a router's suffix for free models
FEE = "requests"  # most vendors have no per-request fee
Dimensions = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Unit:
    """Something that is counted and priced; its price is for `per` of them."""

    name: str
    per: float
    price_key: str
    dimensions: Dimensions

    def holds(self, other: Unit) -> bool:
        """Say whether the other unit is part of this one."""
        return self.dimensions <= other.dimensions and self.dimensions != other.dimensions


UNITS: dict[str, Unit] = {
    name: Unit(name, float(unit["per"]), unit["price_key"], frozenset(unit["dimensions"].items()))
    for name, unit in unit_data.items()
}


@dataclass(frozen=True)
class Bill:
    """The cost of counted units, in USD by unit; `unpriced` lists units without a price, `marks` notes for the reader."""

    usd: Mapping[str, Number]
    unpriced: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def total_usd(self) -> Number:
        """The sum over all units with a price."""
        return sum(self.usd.values(), 0.0)


@dataclass(frozen=True)
class PriceSheet:
    """The prices of one model in one processing tier at one moment, by unit."""

    name: str
    processing: str
    prices: Mapping[str, UnitPrice]
    marks: tuple[str, ...] = ()

    def bill(self, counted: Mapping[str, Number], *, prompt_tokens: Number) -> Bill:
        """Return the cost of counted units; `prompt_tokens`, the length of one request's prompt, picks the price.

        A unit that includes others counts them too: `input_tokens` is the whole prompt.
        Shape: scalars or arrays, broadcast together.
        """
        given = {name: count for name, count in counted.items() if _some(count)}
        priced, known = tuple(self.prices), tuple(given)
        counted_as = {to: given[name] for name, to in _counted_as(priced, known)}
        left: dict[str, Number] = {}
        for name, parts, inside in _leaves(priced, tuple(counted_as)):
            whole = counted_as[name] if name in counted_as else sum((counted_as[one] for one in inside), 0.0)
            left[name] = whole - sum((left[one] for one in parts), 0.0)
        usd = {
            name: count * self.prices[name].at(prompt_tokens) for name, count in left.items() if _some(count)
        }
        unpriced, marks = _without_price(priced, known)
        told = tuple(f"no price for {_words(name)} of {self.name}" for name in unpriced)
        said = tuple(mark.format(model=self.name) for mark in marks)
        return Bill(usd, told, tuple(dict.fromkeys((*self.marks, *said))))


@lru_cache(maxsize=4096)
def _counted_as(priced: tuple[str, ...], given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the unit that each counted unit is priced as: itself, or the only priced unit inside it."""
    out = []
    for name in (name for name in given if name in UNITS):
        inside = [one for one in priced if UNITS[name].holds(UNITS[one])]
        around = name in priced or any(UNITS[one].holds(UNITS[name]) for one in priced)
        alone = not around and len(inside) == 1 and inside[0] not in given
        out.append((name, inside[0] if alone else name))
    return tuple(out)


@lru_cache(maxsize=4096)
def _leaves(
    priced: tuple[str, ...], counted: tuple[str, ...]
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return each priced unit, innermost first, with the priced units in it and the counted ones that add up to it."""
    out: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
    for unit in sorted((UNITS[name] for name in priced), key=lambda one: -len(one.dimensions)):
        inside = [UNITS[name] for name in counted if unit.holds(UNITS[name])]
        outermost = [one.name for one in inside if not any(other.holds(one) for other in inside)]
        parts = tuple(name for name, _, _ in out if unit.holds(UNITS[name]))
        out.append((unit.name, parts, tuple(outermost)))
    return tuple(out)


@lru_cache(maxsize=4096)
def _without_price(
    priced: tuple[str, ...], given: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the counted units without a price, and notes on those billed as another unit."""
    unpriced: list[str] = []
    marks: list[str] = []
    for name in given:
        if name in priced or name == FEE:
            continue
        unit = UNITS.get(name)
        if unit is None or not any(unit.holds(UNITS[one]) or UNITS[one].holds(unit) for one in priced):
            unpriced.append(name)
        elif any(UNITS[one].holds(unit) for one in priced):
            marks += _billed_as(unit)
    return tuple(unpriced), tuple(marks)


def _some(count: Number) -> bool:
    return count > 0 if isinstance(count, float | int) else bool(np.any(np.asarray(count) > 0))


def _billed_as(unit: Unit) -> list[str]:
    """Return a note on a unit without its own price that is billed as another, where prices may differ."""
    kind = dict(unit.dimensions)
    if kind.get("modality") in ("audio", "video"):
        return [f"{kind['modality']} tokens of {{model}} at the price of text: the list has no other"]
    if kind.get("cache_ttl") == "1h":
        return ["1-hour cache writes of {model} at the price of other writes: the list has no other"]
    return []


def _words(name: str) -> str:
    return name.replace("_", " ")


def price_sheet(offer: Offer, processing: str, at: datetime, *, whole_day: bool = False) -> PriceSheet | str:
    """Return the prices of a model at a moment in UTC, or the reason why there are none.

    `whole_day` averages hourly prices over the day. A tier whose first price came after that moment has
    its earliest known price, and a mark says so.
    """
    moment = at if depends_on_hour(offer) else datetime(at.year, at.month, at.day, tzinfo=UTC)
    found = _sheet(offer.name, processing, moment, whole_day)
    if isinstance(found, str) or not offer.notes:
        return found
    return replace(found, marks=(*offer.notes, *found.marks))


@lru_cache(maxsize=65_536)
def _sheet(name: str, processing: str, at: datetime, whole_day: bool) -> PriceSheet | str:
    offer = find_offer(name)
    tiers = processing_tiers(offer)
    if processing == CAPACITY:
        return (
            f"no price for a call on reserved capacity of {name}, which is paid by the hour, not by the token"
        )
    if processing not in tiers:
        return f"no {processing} price for {name} in the price list"
    begin = first_day(offer, tiers[processing])
    marks: list[str] = []
    if begin is not None and at.date() < begin:
        if begin > data_date():
            return f"no {processing} price for {name} before {begin}"
        marks.append(
            f"{processing} price of {name} not known before {begin}: its first price is carried back"
        )
    prices = _prices(offer, tiers[processing], at, begin)
    if not prices and name.endswith(FREE):
        prices = {unit: UnitPrice(0.0, UNITS[unit].per) for unit in ("input_tokens", "output_tokens")}
    if whole_day and depends_on_hour(offer):
        midnight = datetime(at.year, at.month, at.day, tzinfo=UTC)
        starts = [midnight + timedelta(minutes=30 * place) for place in range(HALF_HOURS)]
        each = [_prices(offer, tiers[processing], start, begin) for start in starts]
        marks.append(f"hourly prices of {name} are averaged over the day")
        prices = {unit: _mean([one[unit] for one in each]) for unit in prices}
    return (
        PriceSheet(name, processing, prices, tuple(marks))
        if prices
        else f"{name} is in the price list without a price"
    )


def _prices(offer: Offer, context: dict[str, str], at: datetime, begin: date | None) -> dict[str, UnitPrice]:
    standard = offer.model.get_prices(at)
    found: dict[str, Any] = {key: value for key, value in vars(standard).items() if value is not None}
    if context:
        held = at if begin is None else max(at, datetime(begin.year, begin.month, begin.day, tzinfo=UTC))
        found |= _own_prices(offer, context, held)
    return {
        unit.name: unit_price(found[unit.price_key], unit.per)
        for unit in UNITS.values()
        if unit.price_key in found
    }


def _own_prices(offer: Offer, context: dict[str, str], at: datetime) -> dict[str, Any]:
    """Return a tier's own prices at a moment; the first that applies counts."""
    own: dict[str, Any] = {}
    for variant in offer.model.price_variants or ():
        holds = variant.constraint is None or variant.constraint.active(at)
        if holds and variant.when == context:
            for key, value in _listed(variant.prices).items():
                own.setdefault(key, value)
    return own


def _listed(prices: ModelPrice) -> dict[str, Any]:
    return {key: value for key, value in vars(prices).items() if value is not None}


def _mean(prices: list[UnitPrice]) -> UnitPrice:
    starts = sorted({start for price in prices for start, _ in price.tiers})

    def at(prompt_tokens: float) -> float:
        return sum(float(price.at(prompt_tokens)) * price.per for price in prices) / len(prices)

    return UnitPrice(at(0.0), prices[0].per, tuple((start, at(start + 1.0)) for start in starts))


def steps(offer: Offer) -> tuple[int, ...]:
    """Return the prompt lengths at which any price of a model, in any tier, changes, shortest first."""
    listed = (
        [offer.model.prices]
        if isinstance(offer.model.prices, ModelPrice)
        else [one.prices for one in offer.model.prices]
    )
    listed += [one.prices for one in offer.model.price_variants or ()]
    found = [getattr(value, "tiers", ()) for prices in listed for value in _listed(prices).values()]
    return tuple(sorted({tier.start for tiers in found for tier in tiers}))


def depends_on_hour(offer: Offer) -> bool:
    """Say whether a model's prices differ between hours of a day."""
    listed = () if isinstance(offer.model.prices, ModelPrice) else offer.model.prices
    return any(
        one.constraint is not None and not isinstance(one.constraint, StartDateConstraint) for one in listed
    )
