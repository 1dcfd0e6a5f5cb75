"""Audio, images and video in a session: earlier content stays in later prompts, read again or from the cache.

The prompt of call i has i times a call's input and i - 1 times its output, so it grows like a text prompt:
the same sums in closed form. Compacting a text history keeps its audio; no vendor says what it drops.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from planner.catalog.api_rates import ApiRates
from planner.model.request.api_cost import lengthens
from planner.model.request.session import Growth
from planner.model.request.session_sums import SessionLengths, expected_bands
from planner.records import dataclass
from planner.schema import Number


@dataclass(frozen=True)
class KeptMeter:
    """Non-text tokens that stay in a session's prompts: the number that each call adds and generates."""

    unit: str
    cached_unit: str
    brought: Number
    made: Number


def kept_meters(meters: Mapping[str, Number], *, keeps_answers: Number) -> Iterator[KeptMeter]:
    """Yield a call's meters that stay in later prompts; answers only if they are kept."""
    for unit, count in meters.items():
        if lengthens(unit) and np.any(np.asarray(count) > 0):
            kind = unit.removeprefix("input_").removesuffix("_tokens")
            made = np.where(keeps_answers, meters.get(f"output_{kind}_tokens", 0.0), 0.0)
            yield KeptMeter(unit, f"cache_{kind}_read_tokens", count, made)


def kept_usd(
    rates: ApiRates, lengths: SessionLengths, meter: KeptMeter, *, later_read_share: Number
) -> dict[str, Number]:
    """Return the cost of a meter in a session's prompts, by unit: new or read again, and read from the cache."""
    growth = Growth(meter.brought, meter.brought + meter.made)
    (band,) = expected_bands(replace(lengths, growth=growth, prompt_cv=0.0))
    read = later_read_share * band.prefix_tokens
    price = rates.meters[meter.unit].at(0.0)
    if meter.cached_unit not in rates.meters:
        return {meter.unit: band.prompt_tokens * price}
    cached = read * rates.meters[meter.cached_unit].at(0.0)
    return {meter.unit: (band.prompt_tokens - read) * price, meter.cached_unit: cached}
