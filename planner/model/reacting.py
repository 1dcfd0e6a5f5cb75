"""The epochs of a plan whose customers react to latency: joined, measured, and joined again."""

import numpy as np

from planner.model.joining import Joined, stages
from planner.model.month_at_hand import month_at_hand
from planner.model.running_both import with_both_paid
from planner.model.shared import Parts
from planner.schema import Number, Scenario, some


def reacting_stages(scenario: Scenario, horizon: int, parts: Parts | None = None) -> list[Joined]:
    """Return the epochs of a plan, each with the churn that follows from its first month's latency, if it does.

    This is a single pass: that fewer customers then get faster answers is not fed back.
    """
    found = stages(scenario, horizon, parts=parts)
    if some(scenario.reactions.churn_to_latency):
        p95_s = [slowest_s(found, each.business.carried.month) for each in found]
        found = stages(scenario, horizon, p95_s=p95_s, parts=parts)
    return with_both_paid(found, scenario, horizon, parts)


def slowest_s(parts: list[Joined], month: int) -> Number:
    """Return the p95 latency of the headline in a month, counted from 0: that of the slowest workload that promises one."""
    slowest: Number = np.nan
    for name, each in month_at_hand(parts, month).workloads.items():
        promised = np.asarray(parts[0].scenario.workloads[name].latency) != "none"
        slowest = np.fmax(slowest, np.where(promised, each.latency.p95_s, np.nan))
    return slowest
