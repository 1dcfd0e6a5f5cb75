"""The cost of a session at an API: its calls between price steps, each priced as a separate request."""

from collections.abc import Mapping

import numpy as np

from planner.arrays import pick
from planner.catalog.api_rates import ApiRates, Number, TokenPrice, UnitPrice
from planner.model.request.api_cost import ApiCost
from planner.model.request.later_calls import Calls
from planner.model.request.session import Growth, PriceBand
from planner.model.request.session_meters import kept_meters, kept_usd
from planner.model.request.session_sums import SessionLengths, expected_bands
from planner.records import dataclass
from planner.schema import Workload
from planner.schema.workload import Cache
from planner.units import TOKENS_PER_MTOK

LIFETIME_S = {"5m": 300.0, "1h": 3_600.0, "none": 0.0}


@dataclass(frozen=True)
class CallSeries:
    """The calls of one request, and the caching of their prompts. Shape: scalars or (n,).

    `first_read_share` is read of the first prompt, `later_read_share` of what stood in the call before; `written_share` of
    the rest is written to the cache, `hour_share` of that for an hour. `caches` is 0 where nothing is cached, else 1.
    """

    lengths: SessionLengths
    first_read_share: Number
    later_read_share: Number
    written_share: Number
    hour_share: Number
    caches: Number
    keeps_answers: Number

    def tokens(self) -> PriceBand:
        """Return the calls and tokens of the whole session."""
        return expected_bands(self.lengths)[0]

    def read_tokens(self, band: PriceBand) -> Number:
        """Return the number of a band's tokens read from the cache."""
        return self.first_read_share * band.first_tokens + self.later_read_share * band.prefix_tokens


def session(workload: Workload, *, first_tokens: Number, answer_tokens: Number) -> CallSeries | None:
    """Return a request's session; None if every request is a single call.

    Pauses between calls are exponential, so a prefix is still cached with probability
    `1 - exp(-lifetime / pause)`; an API caches everything that a later call may read.
    """
    said, cache, calls = workload.session, workload.cache, calls_of(workload)
    if np.all(np.asarray(calls) == 1.0):
        return None
    lifetime_s = pick(LIFETIME_S, cache.lifetime)
    caches = np.where(np.asarray(lifetime_s) > 0, 1.0, 0.0)
    pause_s = np.asarray(said.gap_s, dtype=float)
    kept = np.where(pause_s > 0, -np.expm1(-lifetime_s / np.where(pause_s > 0, pause_s, 1.0)), caches)
    fresh = np.maximum(1.0 - cache.prefix_hit_share, 0.0)
    alone = np.minimum(cache.prefix_write_share, fresh) / np.where(fresh > 0, fresh, 1.0)
    return CallSeries(
        lengths=SessionLengths(
            Calls(calls, said.calls_cv),
            Growth(
                first_tokens=first_tokens,
                added_tokens=said.added_tokens + np.where(said.keeps_answers, answer_tokens, 0.0),
                compact_at_tokens=said.compact_at_tokens,
                compact_to_tokens=said.compact_to_tokens,
            ),
            workload.prompt_cv,
        ),
        first_read_share=cache.prefix_hit_share * caches,
        later_read_share=kept,
        written_share=np.where(np.asarray(calls) > 1.0, 1.0, alone) * caches,
        hour_share=hour_share(cache),
        caches=caches,
        keeps_answers=said.keeps_answers,
    )


def calls_of(workload: Workload) -> Number:
    """Return the mean calls of a request after cuts; at least one remains."""
    cut = workload.fewer_calls
    return np.maximum(workload.session.calls * (1.0 - np.where(cut.on, cut.removed_share, 0.0)), 1.0)


def hour_share(cache: Cache) -> Number:
    """Return the share of cache writes with a lifetime of an hour."""
    by_lifetime = np.where(np.asarray(cache.lifetime) == "1h", 1.0, 0.0)
    return by_lifetime if cache.write_1h_share is None else cache.write_1h_share


def session_usd(
    rates: ApiRates, session: CallSeries, *, answer_tokens: Number, meters: Mapping[str, Number]
) -> ApiCost:
    """Return the mean cost of a session over all its calls: each band at the price for its prompts.

    `answer_tokens` are billed for each call, `meters` counted for each; sound and pictures stay in later prompts. Where prompts differ between sessions, first
    prompt and growth are scaled together. Shape: that of the session and the prices.
    """
    steps = price_steps(rates)
    lines: list[Number] = [0.0, 0.0, 0.0, 0.0]
    found = expected_bands(session.lengths, steps)
    kept = [*kept_meters(meters, keeps_answers=session.keeps_answers)]
    each_call = {name: count for name, count in meters.items() if name not in {meter.unit for meter in kept}}
    counted: dict[str, Number] = dict.fromkeys(each_call, 0.0)
    for band, length in zip(found, (*steps, np.inf), strict=True):
        read = session.read_tokens(band)
        written = (band.prompt_tokens - read) * session.written_share
        fresh = np.maximum(band.prompt_tokens - read - written, 0.0)
        write_price = rates.cache_write.at(length) * (1.0 - session.hour_share)
        write_price = write_price + rates.cache_write_1h.at(length) * session.hour_share
        prices = (rates.input.at(length), rates.cache_read.at(length), write_price, rates.output.at(length))
        amounts = (fresh, read, written, band.calls * answer_tokens)
        lines = [line + amount * price for line, amount, price in zip(lines, amounts, prices, strict=True)]
        counted = {
            name: usd + band.calls * each_call[name] * rates.meters[name].at(length)
            for name, usd in counted.items()
        }
    for meter in kept:
        counted |= kept_usd(rates, session.lengths, meter, later_read_share=session.later_read_share)
    calls = sum((band.calls for band in found), start=0.0)
    fresh_usd, read_usd, written_usd, output_usd = (line / TOKENS_PER_MTOK for line in lines)
    return ApiCost(
        input_usd=fresh_usd,
        cache_read_usd=read_usd,
        cache_write_usd=written_usd,
        output_usd=output_usd,
        request_usd=rates.usd_per_request * calls,
        meters_usd=counted,
    )


def price_steps(rates: ApiRates) -> tuple[float, ...]:
    """Return the prompt lengths above which any of a model's prices changes, shortest first."""
    prices: list[TokenPrice | UnitPrice] = [
        rates.input, rates.cache_read, rates.cache_write, rates.cache_write_1h, rates.output, *rates.meters.values(),
    ]  # fmt: skip
    return tuple(sorted({float(start) for price in prices for start, _ in price.tiers}))
