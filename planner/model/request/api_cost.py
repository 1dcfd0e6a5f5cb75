"""From the tokens of one request to dollars, for an API model."""

import numpy as np

from planner.catalog.api_rates import ApiRates, Number
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
    """What one request costs, by the line of the vendor's bill."""

    input_usd: Number
    cache_read_usd: Number
    cache_write_usd: Number
    output_usd: Number
    request_usd: Number

    @property
    def total_usd(self) -> Number:
        """The whole request."""
        return (
            self.input_usd + self.cache_read_usd + self.cache_write_usd + self.output_usd + self.request_usd
        )

    @property
    def lines(self) -> dict[str, Number]:
        """The lines of the bill by name, USD; they sum to the whole request."""
        return {line: getattr(self, attribute) for line, attribute in LINES.items()}


def request_usd(
    rates: ApiRates,
    *,
    input_tokens: Number,
    output_tokens: Number,
    cache_read_tokens: Number = 0.0,
    cache_write_tokens: Number = 0.0,
    cache_write_1h_tokens: Number = 0.0,
) -> ApiCost:
    """Return what one request costs.

    `input_tokens` is the whole prompt; the cached tokens, read and written, are parts of it and are
    priced once. The length of the whole prompt picks the context tier, and the tier's prices hold for
    all tokens of the request. Give the tokens of one request, never a month's total: it would pick a
    tier that no request reaches.

    Shape: scalars or arrays, broadcast together; each line keeps the shape of what it depends on.
    Source: the pricing rules of genai-prices 0.2.3 (`TieredPrices`, `compute_leaf_values`), compared in tests.
    """
    cached_tokens = cache_read_tokens + cache_write_tokens + cache_write_1h_tokens
    fresh_tokens = np.maximum(input_tokens - cached_tokens, 0.0)  # a rounding error is no credit
    written_usd = cache_write_tokens * rates.cache_write.at(input_tokens)
    written_1h_usd = cache_write_1h_tokens * rates.cache_write_1h.at(input_tokens)
    return ApiCost(
        input_usd=fresh_tokens * rates.input.at(input_tokens) / TOKENS_PER_MTOK,
        cache_read_usd=cache_read_tokens * rates.cache_read.at(input_tokens) / TOKENS_PER_MTOK,
        cache_write_usd=(written_usd + written_1h_usd) / TOKENS_PER_MTOK,
        output_usd=output_tokens * rates.output.at(input_tokens) / TOKENS_PER_MTOK,
        request_usd=rates.usd_per_request,
    )
