"""What one pass of a request takes of units of capacity, of meters charged by the month, and of what a vendor lets through."""

import numpy as np

from planner.catalog.rate_limits import INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS
from planner.model.handed_on import ApiTerms, Request, UnitWeights
from planner.model.request import meters
from planner.model.request.api_cost import lengthens
from planner.schema import Number, Workload


def unit_load(weights: UnitWeights, workload: Workload, each: Request) -> Number:
    """Return the tokens of one pass as they count against a unit: each kind by its weight, all calls of a session together.

    A call whose mean prompt is long takes its weights as a whole. Tokens of sound and pictures without a weight of their
    own count as text; other meters take nothing. Shape: that of the workload and the weights.
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
    """Return what one pass counts against each limit of a minute: calls, and tokens, those of sound and pictures among them."""
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
    """Return how much of each meter one pass of a request uses, by the price list's names of units."""
    return {unit: count * each.session_calls for unit, count in meters.per_call(workload).items()}
