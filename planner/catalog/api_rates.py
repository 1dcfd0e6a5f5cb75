"""An API model's rates as plain numbers, in the form used by the cost model."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planner import arrays
from planner.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

Number = arrays.Number

TOKEN_KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")


@dataclass(frozen=True)
class TokenPrice:
    """The price of one kind of token, with the higher prices for long prompts.

    `tiers` are (prompt tokens, usd per million tokens), shortest first. A request whose prompt
    is longer than a tier's start pays that tier's price for all its tokens, not only for those above.
    """

    usd_per_mtok: Number
    tiers: tuple[tuple[int, Number], ...] = ()

    def at(self, prompt_tokens: Number) -> Number:
        """Return USD per million tokens for prompts of this length, cached tokens included.

        >>> float(TokenPrice(2.0, ((200_000, 4.0),)).at(200_001))
        4.0
        """
        price = self.usd_per_mtok
        for start_tokens, usd_per_mtok in self.tiers:
            price = np.where(np.asarray(prompt_tokens) > start_tokens, usd_per_mtok, price)
        return price


@dataclass(frozen=True)
class UnitPrice:
    """USD for `per` units of anything billed, with the prices for long prompts (as in `TokenPrice`)."""

    usd: Number
    per: float = 1.0
    tiers: tuple[tuple[int, Number], ...] = ()

    def at(self, prompt_tokens: Number) -> Number:
        """Return USD for one unit in a request whose prompt has this length.

        >>> float(UnitPrice(10.0, 1_000.0).at(0))
        0.01
        """
        if not self.tiers:
            return self.usd / self.per
        return TokenPrice(self.usd, self.tiers).at(prompt_tokens) / self.per

    @property
    def dearest(self) -> Number:
        """The highest price of the steps."""
        return max([self.usd, *(usd for _, usd in self.tiers)], key=np.max)


@dataclass(frozen=True)
class DayPart:
    """A daily period with its own prices, in UTC hours: each kind of token relative to its mean price of the day."""

    begins_h: float
    ends_h: float
    input: float
    cache_read: float
    cache_write: float
    cache_write_1h: float
    output: float


@dataclass(frozen=True)
class ApiRates:
    """The rates of one API model: USD per million tokens by kind, and per request.

    A kind that the vendor does not price apart (`has_cache_read`, `has_cache_write` False) carries the
    price that such tokens are billed at: that of input. `cache_write` is the vendor's ordinary
    (5 minute) cache, `cache_write_1h` the one-hour cache. `meters` are the prices of all else that is billed, by the
    price list's names of units ("web_searches"). `as_of` is the day of the price: that of its own last check (`checked`)
    where it is known, else that of the list. `context_tokens` and `answer_tokens` are the longest prompt and answer,
    `appeared` and `retired` the days before and from which the model is not sold; None where unknown. Where prices depend on the
    hour they are means over the day, and `day_parts` says what each part of it costs.
    """

    model: str
    provider: str
    processing: str
    input: TokenPrice
    cache_read: TokenPrice
    cache_write: TokenPrice
    cache_write_1h: TokenPrice
    output: TokenPrice
    source: str
    as_of: date
    usd_per_request: Number = 0.0
    has_cache_read: bool = False
    has_cache_write: bool = False
    has_cache_write_1h: bool = False
    meters: Mapping[str, UnitPrice] = field(default_factory=dict)
    checked: date | None = None
    context_tokens: int | None = None
    answer_tokens: int | None = None
    appeared: date | None = None
    retired: date | None = None
    since: date | None = None
    day_parts: tuple[DayPart, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The model's name in a plan, `provider:model`."""
        return f"{self.provider}:{self.model}"


def at_hours(rates: ApiRates, shares: Sequence[Number]) -> ApiRates:
    """Return the mean rates of a load with these `shares` in the parts of the day, in order.

    >>> cheap, dear = DayPart(0, 12, *[0.5] * 5), DayPart(12, 24, *[1.5] * 5)
    >>> day = ApiRates("m", "p", "standard", *[TokenPrice(2.0)] * 5, "list", None, day_parts=(cheap, dear))
    >>> at_hours(day, (0.75, 0.25)).input.usd_per_mtok
    1.5
    """

    def price(kind: str) -> TokenPrice:
        of_day: TokenPrice = getattr(rates, kind)
        pairs = zip(shares, rates.day_parts, strict=True)
        over_mean = sum((share * getattr(part, kind) for share, part in pairs), start=0.0)
        return TokenPrice(
            of_day.usd_per_mtok * over_mean, tuple((start, usd * over_mean) for start, usd in of_day.tiers)
        )

    prices: dict[str, Any] = {kind: price(kind) for kind in TOKEN_KINDS}
    return replace(rates, **prices)


def user_rates(
    *,
    model: str,
    input_usd_per_mtok: Number,
    output_usd_per_mtok: Number,
    as_of: date,
    cache_read_usd_per_mtok: Number | None = None,
    cache_write_usd_per_mtok: Number | None = None,
    cache_write_1h_usd_per_mtok: Number | None = None,
    usd_per_request: Number = 0.0,
    provider: str = "scenario",
    processing: str = "standard",
    source: str = "the plan's own price table",
) -> ApiRates:
    """Return rates from a plan's own price table; a missing cache price is the input price.

    Shape: scalars or arrays, broadcast together.
    """
    fresh = TokenPrice(input_usd_per_mtok)
    read = fresh if cache_read_usd_per_mtok is None else TokenPrice(cache_read_usd_per_mtok)
    write = fresh if cache_write_usd_per_mtok is None else TokenPrice(cache_write_usd_per_mtok)
    return ApiRates(
        model=model,
        provider=provider,
        processing=processing,
        input=fresh,
        cache_read=read,
        cache_write=write,
        cache_write_1h=write
        if cache_write_1h_usd_per_mtok is None
        else TokenPrice(cache_write_1h_usd_per_mtok),
        has_cache_write_1h=cache_write_1h_usd_per_mtok is not None,
        output=TokenPrice(output_usd_per_mtok),
        usd_per_request=usd_per_request,
        has_cache_read=cache_read_usd_per_mtok is not None,
        has_cache_write=cache_write_usd_per_mtok is not None,
        source=source,
        as_of=as_of,
    )


def overridden(rates: ApiRates, usd_per_mtok: Mapping[str, Number], *, source: str) -> ApiRates:
    """Return `rates` with a user's own prices by token kind; their length steps are dropped.

    A new input price also applies to cached tokens if the vendor has no separate price for them.
    """
    given: dict[str, Any] = {kind: TokenPrice(price) for kind, price in usd_per_mtok.items()}
    if "input" in given:
        if not rates.has_cache_read:
            given.setdefault("cache_read", given["input"])
        if not rates.has_cache_write:
            given.setdefault("cache_write", given["input"])
    if "cache_write" in given:
        given.setdefault("cache_write_1h", given["cache_write"])
    given["has_cache_read"] = rates.has_cache_read or "cache_read" in usd_per_mtok
    given["has_cache_write"] = rates.has_cache_write or "cache_write" in usd_per_mtok
    words = f"own prices for {', '.join(sorted(usd_per_mtok))}: {source}"
    return replace(rates, **given, notes=(*rates.notes, words))
