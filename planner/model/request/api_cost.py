"""From the tokens of one request to dollars, for an API model."""

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

import numpy as np

from planner.catalog.api_rates import ApiRates, Number, TokenPrice
from planner.catalog.meters import meter_words
from planner.model.normal import lognormal_above
from planner.records import dataclass
from planner.units import TOKENS_PER_MTOK

LINES = {
    "input tokens": "input_usd",
    "cache reads": "cache_read_usd",
    "cache writes": "cache_write_usd",
    "output tokens": "output_usd",
    "per-request fee": "request_usd",
}


@dataclass(frozen=True)
class ApiCost:
    """The cost of one request by line of the vendor's bill; `meters_usd` is everything billed besides text tokens."""

    input_usd: Number
    cache_read_usd: Number
    cache_write_usd: Number
    output_usd: Number
    request_usd: Number
    meters_usd: Mapping[str, Number] = field(default_factory=dict)

    @property
    def total_usd(self) -> Number:
        """The whole request."""
        tokens = self.input_usd + self.cache_read_usd + self.cache_write_usd + self.output_usd
        return sum(self.meters_usd.values(), tokens + self.request_usd)

    @property
    def beside_units_usd(self) -> Number:
        """The part that provisioned units never carry: non-token meters."""
        return sum((usd for unit, usd in self.meters_usd.items() if not unit.endswith("_tokens")), start=0.0)

    @cached_property
    def lines(self) -> dict[str, Number]:
        """The lines of the bill by name, USD; they sum to the whole request."""
        meters = {meter_words(unit): usd for unit, usd in self.meters_usd.items()}
        return {line: getattr(self, attribute) for line, attribute in LINES.items()} | meters


def request_usd(
    rates: ApiRates,
    *,
    input_tokens: Number,
    output_tokens: Number,
    cache_read_tokens: Number = 0.0,
    cache_write_tokens: Number = 0.0,
    cache_write_1h_tokens: Number = 0.0,
    prompt_cv: Number = 0.0,
    meters: Mapping[str, Number] | None = None,
) -> ApiCost:
    """Return the mean cost of one request in USD.

    `input_tokens` is the whole prompt; cache-read and cache-write tokens are parts of it and are
    priced once. The length of the whole prompt picks the context tier, and the tier's prices hold for
    all tokens of the request. Give the tokens of one request, never a month's total: it would pick a
    tier that no request reaches.

    With `prompt_cv`, prompts are lognormal and the cost is the expected value, exact at the tiers: costs that scale with the prompt
    use the total length above a tier, output the number of prompts. Left out: longer prompts may have longer answers.
    `meters` are counts per request by the names of `rates.meters`; tokens among them lengthen the prompt.

    Shape: scalars or arrays, broadcast together; each line keeps the shape of what it depends on.
    Source: the pricing rules of genai-prices 0.2.3 (`TieredPrices`, `compute_leaf_values`), compared in tests.
    """
    counted = {name: count for name, count in (meters or {}).items() if np.any(np.asarray(count) > 0)}
    length = input_tokens + sum((counted[name] for name in counted if lengthens(name)), 0.0)
    cached_tokens = cache_read_tokens + cache_write_tokens + cache_write_1h_tokens
    fresh_tokens = np.maximum(input_tokens - cached_tokens, 0.0)  # a rounding error must not become a credit

    def by_tokens(price: TokenPrice) -> Number:
        return _mean_price(price, length, prompt_cv, of_sum=True)

    written_usd = cache_write_tokens * by_tokens(rates.cache_write)
    written_1h_usd = cache_write_1h_tokens * by_tokens(rates.cache_write_1h)
    return ApiCost(
        input_usd=fresh_tokens * by_tokens(rates.input) / TOKENS_PER_MTOK,
        cache_read_usd=cache_read_tokens * by_tokens(rates.cache_read) / TOKENS_PER_MTOK,
        cache_write_usd=(written_usd + written_1h_usd) / TOKENS_PER_MTOK,
        output_usd=output_tokens
        * _mean_price(rates.output, length, prompt_cv, of_sum=False)
        / TOKENS_PER_MTOK,
        request_usd=rates.usd_per_request,
        meters_usd=_meters_usd(rates, counted, length, prompt_cv),
    )


def _meters_usd(
    rates: ApiRates, counted: Mapping[str, Number], length: Number, cv: Number
) -> dict[str, Number]:
    """Return the cost of each meter; prompt tokens scale with its length, other meters don't."""
    found: dict[str, Number] = {}
    for name, count in counted.items():
        price = rates.meters[name]
        each = _mean_price(TokenPrice(price.usd, price.tiers), length, cv, of_sum=lengthens(name))
        found[name] = count * each / price.per
    return found


def lengthens(unit: str) -> bool:
    """Say whether a unit is part of the prompt."""
    return unit.startswith("input_") and unit.endswith("_tokens")


def _mean_price(price: TokenPrice, length: Number, cv: Number, *, of_sum: bool) -> Number:
    """Return the mean price over lognormal prompts, weighted by length or by number."""
    if not price.tiers or not np.any(np.asarray(cv) > 0):
        return price.at(length)
    mean, before = price.usd_per_mtok, price.usd_per_mtok
    for start, usd_per_mtok in price.tiers:
        above = lognormal_above(mean=length, cv=cv, start=float(start))[1 if of_sum else 0]
        mean, before = mean + (usd_per_mtok - before) * above, usd_per_mtok
    return mean
