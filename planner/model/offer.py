"""The company's offer at the start of an epoch: price per request, and the quality that customers get."""

from collections.abc import Mapping

import numpy as np

from planner.model.company import cost_of_outcome, reactions, volumes
from planner.model.company.carried import Carried
from planner.model.company.segments import all_segments
from planner.model.handed_on import Request
from planner.schema import Number, Revenue, Scenario
from planner.units import TOKENS_PER_MTOK


def offer(
    scenario: Scenario, requests: Mapping[str, Request], begun: Carried, *, axes: int, p95_s: Number | None
) -> reactions.WhatCustomersMeet:
    """Return the offer at the start of an epoch, to which demand reacts.

    Success is the mean over the month's requests, or over workloads equally if there are none yet.
    """
    there = all_segments(scenario, begun.segments, first=begun.month, count=1, axes=axes)
    own = volumes.own_requests_in(scenario, begun, begun.month, there)
    solved = sum((own[name] * each.solved for name, each in requests.items()), start=0.0)
    success = cost_of_outcome.ratio(solved, sum(own.values(), start=0.0))
    alike = sum((each.solved for each in requests.values()), start=0.0) / max(len(requests), 1)
    return reactions.WhatCustomersMeet(
        success=np.where(np.isnan(success), alike, success),
        request_usd={name: request_revenue_usd(scenario.revenue, each) for name, each in requests.items()},
        p95_s=p95_s,
    )


def request_revenue_usd(revenue: Revenue, each: Request) -> Number:
    """Return the price of a request to a customer, in USD."""
    tokens = each.input_tokens + each.output_tokens
    return (
        revenue.usd_per_request
        + revenue.usd_per_outcome * each.solved
        + revenue.usd_per_mtok * tokens / TOKENS_PER_MTOK
    )
