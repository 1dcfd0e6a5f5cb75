"""Warnings where a workload exceeds an API model's limits or availability, with the numbers."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from planner.catalog.api_rates import ApiRates
from planner.catalog.meters import unit_of
from planner.model.handed_on import Request
from planner.schema import ApiDeployment, Scenario, Workload, some
from planner.units import MONTHS_PER_YEAR

_OF_SOUND = re.compile(r"audio|realtime|\blive\b|voice|sonic|transcri|whisper|tts|speech")
SOUND = ("audio", "seconds", "characters")  # parts of audio unit names


def api_warnings(
    scenario: Scenario, name: str, each: Request, rates: Mapping[str, ApiRates]
) -> Iterator[str]:
    """Yield warnings on a workload's API models; for many plans, on the longest prompt and answer."""
    workload, start = scenario.workloads[name], date.fromisoformat(f"{scenario.company.start}-01")
    for tier in workload.routing.tiers:
        if tier not in rates:
            continue
        model = rates[tier]
        for words in (
            *_lengths(each, model),
            *_life(model, start, int(np.max(scenario.company.horizon_months))),
        ):
            yield f"{name}: {model.name} {words}"
        deployment = scenario.deployments[tier]
        own = isinstance(deployment, ApiDeployment) and deployment.price is not None
        yield from (f"{name}: {model.name} {words}" for words in _prices(workload, model) if not own)


def _lengths(each: Request, model: ApiRates) -> Iterator[str]:
    prompt, answer = float(np.max(each.input_per_call)), float(np.max(each.output_per_call))
    if model.context_tokens and prompt > model.context_tokens:
        yield f"reads at most {model.context_tokens:,} tokens; a prompt has {prompt:,.0f}"
    if model.answer_tokens and answer > model.answer_tokens:
        yield f"answers with at most {model.answer_tokens:,} tokens; an answer has {answer:,.0f}"


def _life(model: ApiRates, start: date, months: int) -> Iterator[str]:
    """Yield warnings if the model is not yet, or no longer, sold during the plan."""
    if model.appeared and start < model.appeared:
        yield f"did not exist before {model.appeared}; the plan starts on {start}"
    if not model.retired:
        return
    month = (model.retired.year - start.year) * int(MONTHS_PER_YEAR) + model.retired.month - start.month + 1
    if model.retired <= start:
        yield f"was retired on {model.retired}"
    elif month <= months:
        yield f"is retired in month {month}, on {model.retired}"


def _prices(workload: Workload, model: ApiRates) -> Iterator[str]:
    """Yield notes on usage priced as something else, because a price or meter is missing."""
    units = [unit_of(meter) for meter, count in workload.meters.items() if some(count)]
    if _OF_SOUND.search(model.model.lower()) and not any(word in unit for unit in units for word in SOUND):
        yield "works on sound; without a meter for it, such as input_audio_tokens, all its tokens have the price of text"
    for_an_hour = np.asarray(workload.cache.lifetime) == "1h" if workload.cache.write_1h_share is None else np.asarray(
        workload.cache.write_1h_share) > 0  # fmt: skip
    writes = some(workload.cache.prefix_write_share) and np.any(for_an_hour)
    if writes and not model.has_cache_write_1h:
        yield "has no price for cache writes of an hour; they cost as much as others"
