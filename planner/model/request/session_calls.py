"""A session call by call: prompt growth, cached tokens, cost, and the share of sessions that reach each call.

`session.py` sums the same in closed form; here each call is listed for display, for one plan at its mean lengths.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from planner.catalog.api_rates import ApiRates
from planner.model.call_by_call import SessionCalls
from planner.model.request import later_calls
from planner.model.request.later_calls import Calls
from planner.model.request.session import NO_GROWTH_TOKENS, WHOLE, Growth
from planner.model.request.session_cost import CallSeries
from planner.model.request.session_meters import kept_meters
from planner.records import dataclass
from planner.schema import Array, Number
from planner.units import TOKENS_PER_MTOK

MOST_CALLS = 10_000
SELDOM = 1e-4  # calls reached by fewer sessions are left out


def session_calls(
    series: CallSeries,
    rates: ApiRates | None,
    *,
    answer_tokens: Number,
    meters: Mapping[str, Number],
    price_x: Number,
) -> SessionCalls:
    """Return the calls of a session at an API; without `rates` (own GPUs), only their tokens.

    `price_x` times the list price is paid. Shape: arrays of (calls,); an array over plans counts as its mean.
    """
    calls = Calls(_mean(series.lengths.calls.mean), _mean(series.lengths.calls.cv))
    reached = _reached(calls)
    prompt, compacted = _prompts(series.lengths.growth, len(reached))
    before = np.concatenate([[0.0], prompt[:-1]])
    read = np.where(compacted, 0.0, before) * _mean(series.later_read_share)
    read[0] = prompt[0] * _mean(series.first_read_share)
    written = (prompt - read) * _mean(series.written_share)
    new = np.maximum(prompt - read - written, 0.0)
    history = _history(series, rates, meters, len(prompt))
    usd: dict[str, Array] = {}
    if rates is not None:
        usd = _text_usd(series, rates, prompt, (new, read, written, _mean(answer_tokens)))
        usd["meters"] = _beside(rates, meters, prompt) + history.usd
    return SessionCalls(
        mean_calls=_mean(calls.mean),
        reached_share=reached,
        compacted=compacted,
        prompt_tokens=prompt + history.prompt_tokens,
        read_tokens=read + history.read_tokens,
        written_tokens=written,
        new_tokens=new + history.prompt_tokens - history.read_tokens,
        answer_tokens=_mean(answer_tokens),
        usd={line: each * _mean(price_x) for line, each in usd.items()},
    )


def _text_usd(
    series: CallSeries, rates: ApiRates, prompt: Array, amounts: tuple[Array, Array, Array, float]
) -> dict[str, Array]:
    """Return the text cost of each call at list price: fresh input, cache reads, cache writes and output."""
    new, read, written, answer = amounts
    hour = _mean(series.hour_share)
    write = np.asarray(rates.cache_write.at(prompt)) * (1 - hour)
    write = write + np.asarray(rates.cache_write_1h.at(prompt)) * hour
    lines = {
        "input tokens": new * rates.input.at(prompt),
        "cache reads": read * rates.cache_read.at(prompt),
        "cache writes": written * write,
        "output tokens": answer * rates.output.at(prompt) + 0.0 * prompt,
    }
    return {line: usd / TOKENS_PER_MTOK for line, usd in lines.items()}


def _mean(value: Number) -> float:
    return float(np.mean(value))


def _beside(rates: ApiRates, meters: Mapping[str, Number], prompt: Array) -> Array:
    """Return a call's charges besides tokens."""
    fee = rates.usd_per_request + sum(
        (
            _mean(count) * rates.meters[name].at(prompt)
            for name, count in meters.items()
            if np.any(np.asarray(count) > 0)
        ),
        start=0.0,
    )
    return np.broadcast_to(np.asarray(fee, dtype=float), prompt.shape)


@dataclass(frozen=True)
class _History:
    """Audio and images in each call's prompt: total, cached part, and the cost of the part that isn't new."""

    prompt_tokens: Array
    read_tokens: Array
    usd: Array


def _history(
    series: CallSeries, rates: ApiRates | None, meters: Mapping[str, Number], count: int
) -> _History:
    """Return the non-text tokens that calls add and generate, and those that stay in later calls."""
    before = np.arange(count, dtype=float)
    found = _History(np.zeros(count), np.zeros(count), np.zeros(count))
    for meter in kept_meters(meters, keeps_answers=series.keeps_answers):
        brought, made = _mean(meter.brought), _mean(meter.made)
        prompt = (before + 1.0) * brought + before * made
        read = np.maximum(before * brought + (before - 1.0) * made, 0.0) * _mean(series.later_read_share)
        usd = found.usd
        if rates is not None:
            price = _mean(rates.meters[meter.unit].at(0.0))
            cached = rates.meters.get(meter.cached_unit)
            usd = (
                usd + (prompt - brought - read) * price + read * (_mean(cached.at(0.0)) if cached else price)
            )
        found = _History(found.prompt_tokens + prompt, found.read_tokens + read, usd)
    return found


def _reached(calls: Calls) -> Array:
    """Return the share of sessions that reach each call, including a fractional last call."""
    number = later_calls.lognormal(calls).moments if np.all(calls.varies) else later_calls.fixed(calls.later)
    later = np.asarray(number(np.arange(MOST_CALLS, dtype=float))[0])
    later[0] = float(np.mean(calls.later))
    shares = np.concatenate([[1.0], later[:-1] - later[1:]])
    kept: Array = shares[: max(int(np.count_nonzero(shares > SELDOM)), 1)]
    return kept


def _prompts(growth: Growth, count: int) -> tuple[Array, NDArray[np.bool_]]:
    """Return each call's prompt and whether it was compacted before, as in `session.later_bands`."""
    first, grows = _mean(growth.first_tokens), max(_mean(growth.added_tokens), NO_GROWTH_TOKENS)
    limit, start = _mean(growth.compact_at_tokens), _mean(growth.compact_to_tokens)
    index = np.arange(count, dtype=float)
    prompt = first + index * grows
    if limit <= 0:
        return prompt, np.zeros(count, bool)
    start = min(start, limit)
    until = max(np.floor((limit - first - grows) / grows + WHOLE) + 1.0, 0.0)
    again = max(np.floor((limit - start) / grows + WHOLE) + 1.0, 1.0)
    since = index - 1.0 - until  # calls since the first compaction
    phase = np.mod(since, again)
    after = since >= 0
    return np.where(after, start + phase * grows, prompt), after & (phase == 0)
