"""Session levers: compaction length, cache lifetime, and cuts to calls, reasoning and tools."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from planner.catalog import api_prices
from planner.catalog.meters import TOOLS, unit_of
from planner.errors import ScenarioError
from planner.model.request.request import prompt_tokens, session_of
from planner.schema import ApiDeployment, Scenario, Workload, step_text

LIMITS = (16_000.0, 32_000.0, 64_000.0, 128_000.0, 256_000.0)
ROOM = 2.0  # minimum limit over the compacted prompt: less would compact at every other call

Tried = tuple[str, Any, dict[str, Any]]  # field below the workload, its value, and accompanying values


def session_levers(scenario: Scenario, workload: Workload) -> Iterator[Tried]:
    """Yield the session settings of a workload worth trying, without those that change nothing."""
    if float(np.mean(workload.reasoning_tokens)) > 0:
        yield "effort.on", not workload.effort.on, {}
    for meter, count in workload.meters.items():
        if unit_of(meter) in TOOLS and float(np.mean(count)) > 0:
            yield f"meters.{step_text(meter)}", 0.0, {}
    if float(np.mean(workload.session.calls)) <= 1.0:
        return
    yield "fewer_calls.on", not workload.fewer_calls.on, {}
    yield from _limits(workload)
    if workload.cache.lifetime == "5m" and _sells_an_hour(scenario, workload):
        yield "cache.lifetime", "1h", {}
    if workload.cache.lifetime == "1h":
        yield "cache.lifetime", "5m", {}


def _limits(workload: Workload) -> Iterator[Tried]:
    """Yield lengths at which to compact the history, down to the stated length or else the first prompt."""
    said = workload.session
    kept = float(np.mean(said.compact_to_tokens)) or float(np.mean(prompt_tokens(workload)))
    longest, now = _longest_tokens(workload), float(np.mean(said.compact_at_tokens))
    along = {} if float(np.mean(said.compact_to_tokens)) else {"session.compact_to_tokens": kept}
    for limit in LIMITS:
        if kept * ROOM <= limit < longest and limit != now:
            yield "session.compact_at_tokens", limit, along
    if now:
        yield "session.compact_at_tokens", 0.0, {}


def _longest_tokens(workload: Workload) -> float:
    """Return the last prompt of an uncompacted session of mean length."""
    found = session_of(workload)
    if found is None:
        return 0.0
    calls, growth = found.lengths.calls, found.lengths.growth
    return float(np.mean(growth.first_tokens + calls.later * growth.added_tokens))


def _sells_an_hour(scenario: Scenario, workload: Workload) -> bool:
    """Return whether every API used has its own price for one-hour cache writes."""
    tiers = [scenario.deployments[tier] for tier in workload.routing.tiers]
    apis = [each for each in tiers if isinstance(each, ApiDeployment)]
    return bool(apis) and all(_price_of_an_hour(scenario, each) for each in apis)


def _price_of_an_hour(scenario: Scenario, deployment: ApiDeployment) -> bool:
    if deployment.price is not None:
        return deployment.price.cache_write_1h_usd_per_mtok is not None
    start = date.fromisoformat(f"{scenario.company.start}-01")
    try:
        return api_prices.api_rates(str(deployment.model), on=start).has_cache_write_1h
    except ScenarioError:
        return False
