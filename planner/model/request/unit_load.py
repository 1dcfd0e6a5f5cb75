"""The load of one pass of a request on capacity units, on meters priced by the month, and on rate limits."""

import numpy as np

from planner.catalog.rate_limits import INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS
from planner.model.handed_on import ApiTerms, Request, UnitWeights
from planner.model.request import meters
from planner.model.request.api_cost import lengthens
from planner.schema import Number, Workload


def unit_load(weights: UnitWeights, workload: Workload, each: Request) -> Number:
    """Return one pass's tokens as weighted for a unit, over all calls of a session.

    A call whose mean prompt is long uses the long weights for all its tokens. Audio and image tokens without a weight of their
    own count as text; other meters don't count. Shape: that of the workload and the weights.
    """
    written = each.cache_write_tokens + each.cache_write_1h_tokens
    fresh = np.maximum(each.input_tokens - each.cache_read_tokens - written, 0.0)
    prompts = weights.input * (
        fresh
        + each.cache_read_tokens * weights.cache_read
        + each.cache_write_tokens * weights.cache_write
        + each.cache_write_1h_tokens * weights.cache_write_1h
    )
    answers = each.output_tokens
    for unit, count in meters.per_call(workload).items():
        of_all = count * each.session_calls
        if unit in weights.meters:
            prompts = prompts + of_all * weights.meters[unit]
        elif lengthens(unit):
            prompts = prompts + of_all * weights.input
        elif unit.endswith("_tokens"):
            answers = answers + of_all
    long = each.input_per_call > weights.long_from_tokens
    return prompts * np.where(long, weights.long_input, 1.0) + answers * np.where(
        long, weights.long_output, weights.output
    )


def counted(terms: ApiTerms, workload: Workload, each: Request) -> dict[str, Number]:
    """Return one pass's count against each per-minute limit: calls, and tokens including audio and images."""
    told = metered(workload, each)
    free = np.where(terms.cached_counts, 0.0, each.cache_read_tokens)
    prompts = each.input_tokens + sum((told[unit] for unit in told if lengthens(unit)), start=0.0)
    answers = each.output_tokens + sum(
        (told[unit] for unit in told if unit.endswith("_tokens") and not lengthens(unit)), start=0.0
    )
    found = {
        REQUESTS: each.session_calls, TOKENS: prompts - free + answers, INPUT_TOKENS: prompts - free,
        OUTPUT_TOKENS: answers,
    }  # fmt: skip
    return {kind: amount for kind, amount in found.items() if kind in terms.limits}


def metered(workload: Workload, each: Request) -> dict[str, Number]:
    """Return one pass's usage of each meter, by the price list's unit names."""
    return {unit: count * each.session_calls for unit, count in meters.per_call(workload).items()}
