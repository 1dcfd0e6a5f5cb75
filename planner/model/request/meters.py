"""A call's usage besides text tokens, and its cost when not billed by an API."""

from collections.abc import Mapping
from dataclasses import replace

from planner.catalog.meters import meter_words, unit_of
from planner.model.handed_on import Request
from planner.schema import Deployment, Number, Workload, some


def per_call(workload: Workload) -> dict[str, Number]:
    """Return a call's usage of each meter, by the price list's unit name; unused meters need no price."""
    return {unit_of(meter): count for meter, count in workload.meters.items() if some(count)}


def with_own_gpus(each: Request, workload: Workload, deployments: Mapping[str, Deployment]) -> Request:
    """Return a request with the cost of its meters besides own GPUs, at the plan's own prices."""
    extras = dict(each.extras_usd)
    for tier in each.calls:
        stated = deployments[tier].meter_usd if tier in deployments else {}
        prices = {unit_of(meter): usd for meter, usd in stated.items()}
        for unit, count in per_call(workload).items():
            if unit in prices:
                words = meter_words(unit)
                extras[words] = extras.get(words, 0.0) + each.model_calls(tier) * count * prices[unit]
    return replace(each, extras_usd=extras)
