"""API prices by model, day and processing tier, from the genai-prices package.

The package is loaded only when a price isn't in the cache on disk (`rate_cache`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.catalog import rate_cache
from planner.catalog.api_rates import (
    TOKEN_KINDS,
    ApiRates,
    DayPart,
    TokenPrice,
    UnitPrice,
    overridden,
    user_rates,
)
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ApiRates",
    "PriceRow",
    "TokenPrice",
    "api_rates",
    "find_prices",
    "overridden",
    "prices_instead",
    "rate_epochs",
    "read_timeline",
    "timeline",
    "user_rates",
    "written_timeline",
]

PACKAGE = "genai_prices"
CACHE_FORMAT = 3
MONTHS_PER_YEAR = 12
DAYS = ("as_of", "since", "checked", "appeared", "retired")  # of rates

Timeline = tuple[tuple[date, ApiRates | None], ...]
Timelines = Mapping[tuple[str, str], Timeline]  # by model and processing

_instead: ContextVar[Timelines | None] = ContextVar("timelines that hold instead of the list's", default=None)


def api_rates(model: str, *, on: date, processing: str = "standard") -> ApiRates:
    """Return the rates of `model` ("openai:gpt-5.4") on a day.

    Hourly prices are averaged over the day, with a note on the result; `day_parts` has each part.

    Raises:
        ScenarioError: the model is not in the list, or not sold with this processing on that day.
    """
    rates = None
    for start, step in timeline(model, processing):
        if start <= on:
            rates = step
    if rates is None:
        from planner.catalog import api_offers  # noqa: PLC0415 - takes 0.15 s, and is seldom needed

        raise api_offers.no_such_processing(api_offers.find_offer(model), processing, on)
    return rates


def rate_epochs(
    model: str, *, start: date, months: int, processing: str = "standard"
) -> tuple[tuple[int, ApiRates], ...]:
    """Return (month of the plan, rates from that month on); one entry if no price changes.

    A month is billed at the price of its first day, so a change during a month counts from the next.
    """
    found = _epochs_of_list if _instead.get() is None else _epochs
    return found(model, start=start, months=months, processing=processing)


def _epochs(model: str, *, start: date, months: int, processing: str) -> tuple[tuple[int, ApiRates], ...]:
    epochs: list[tuple[int, ApiRates]] = []
    for month in range(max(months, 1)):
        rates = api_rates(model, on=_first_day(start, month), processing=processing)
        if not epochs or rates != epochs[-1][1]:
            epochs.append((month, rates))
    return tuple(epochs)


_epochs_of_list = lru_cache(maxsize=256)(_epochs)  # never of prices that hold instead of the list's


def _first_day(start: date, month: int) -> date:
    """Return the first day of a month of the plan."""
    if month == 0:
        return start
    years, index = divmod(start.month - 1 + month, MONTHS_PER_YEAR)
    return date(start.year + years, index + 1, min(start.day, 28))


@dataclass(frozen=True)
class PriceRow:
    """One row of the price list; prices in USD per million tokens."""

    name: str
    title: str
    processing_tiers: tuple[str, ...]
    rates: ApiRates
    scheduled: tuple[tuple[date, ApiRates], ...]


def find_prices(query: str, *, on: date, limit: int | None = None) -> list[PriceRow]:
    """Return the models whose provider, name or title contains every word of `query`, sorted by name.

    Models without a price are left out.
    """
    from planner.catalog import api_offers, price_package  # noqa: PLC0415 - takes 0.15 s

    words = query.lower().split()
    rows: list[PriceRow] = []
    for offer in sorted(api_offers.offers(), key=lambda offer: offer.name):
        text = f"{offer.name} {offer.model.name or ''}".lower()
        if not all(word in text for word in words):
            continue
        steps = price_package.timeline(offer, api_offers.STANDARD)
        now = [rates for start, rates in steps if start <= on and rates is not None][-1]
        if not _is_priced_by_token(now) and not now.meters:
            continue
        later = tuple((start, rates) for start, rates in steps if start > on and rates is not None)
        tiers = tuple(api_offers.processing_tiers(offer, on))
        rows.append(PriceRow(offer.name, offer.model.name or offer.model.id, tiers, now, later))
        if len(rows) == limit:
            break
    return rows


def _is_priced_by_token(rates: ApiRates) -> bool:
    return bool(rates.input.usd_per_mtok or rates.output.usd_per_mtok or rates.usd_per_request)


@contextmanager
def prices_instead(timelines: Timelines) -> Iterator[None]:
    """Use these prices inside the block, to see their effect; all others stay as listed."""
    token = _instead.set(timelines)
    try:
        yield
    finally:
        _instead.reset(token)


def timeline(model: str, processing: str = "standard") -> Timeline:
    """Return a model's rates from each day on which they change; None while this tier isn't sold."""
    return (_instead.get() or {}).get((model, processing)) or _timeline(model, processing)


@lru_cache(maxsize=256)
def _timeline(model: str, processing: str) -> Timeline:
    """Return the rates from each day on which they change, from the cache or the package."""
    stamp, key = _stamp(), f"{model} {processing}"
    kept = read_timeline(rate_cache.load(stamp).get(key))
    if kept is not None:
        return kept
    from planner.catalog import api_offers, price_package  # noqa: PLC0415 - takes 0.15 s, and the cache often spares it

    offer = api_offers.find_offer(model)
    steps = tuple(price_package.timeline(offer, processing))
    if not any(rates is not None and _is_priced_by_token(rates) for _, rates in steps):
        what = f"{offer.name!r} has no price per token in the price list."
        raise ScenarioError([Problem("model", what, "Give its prices in the scenario.")])
    rate_cache.keep(stamp, key, written_timeline(steps))
    return steps


def _stamp() -> str:
    """Return a stamp that changes with every version of the price package, without loading it."""
    spec = importlib.util.find_spec(PACKAGE)
    folder = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    state = (folder / "data.py").stat()
    return f"{CACHE_FORMAT} {state.st_size} {state.st_mtime_ns}"


def written_timeline(steps: Timeline) -> list[Any]:
    """Return a timeline as plain lists and text, for JSON."""
    return [[start.isoformat(), _written(rates)] for start, rates in steps]


def _written(rates: ApiRates | None) -> dict[str, Any] | None:
    if rates is None:
        return None
    days = {name: day.isoformat() if (day := getattr(rates, name)) else None for name in DAYS}
    return {**asdict(rates), **days}


def read_timeline(kept: Any) -> Timeline | None:
    """Return a timeline as `written_timeline` wrote it; None for anything that isn't one."""
    try:
        return tuple((date.fromisoformat(start), _read_rates(rates)) for start, rates in kept) or None
    except (TypeError, ValueError, KeyError):
        return None


def _read_rates(kept: dict[str, Any] | None) -> ApiRates | None:
    if kept is None:
        return None
    prices = {kind: _read_price(**kept[kind]) for kind in TOKEN_KINDS}
    days = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in DAYS}
    meters = {unit: _read_meter(**price) for unit, price in kept["meters"].items()}
    parts = tuple(DayPart(**part) for part in kept["day_parts"])
    told = {"meters": meters, "day_parts": parts, "notes": tuple(kept["notes"])}
    return ApiRates(**{**kept, **prices, **days, **told})


def _read_meter(usd: float, per: float, tiers: Sequence[Sequence[float]]) -> UnitPrice:
    return UnitPrice(float(usd), float(per), tuple((int(start), float(price)) for start, price in tiers))


def _read_price(usd_per_mtok: float, tiers: Sequence[Sequence[float]]) -> TokenPrice:
    return TokenPrice(float(usd_per_mtok), tuple((int(start), float(price)) for start, price in tiers))
