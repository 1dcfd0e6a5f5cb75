"""A plan's latency promises: the target, the latency reached, and whether the promise is kept."""

from typing import Literal

import numpy as np

from planner.model import Result, WorkloadResult
from planner.readout.samples import number
from planner.records import dataclass
from planner.units import show

SLOWER = "flex"  # processing that waits until the vendor has capacity
_OF = {"first-token": "first tokens", "per-token": "times per token", "whole-answer": "answers"}


@dataclass(frozen=True)
class Promise:
    """A workload's promise in month 1: a share of requests within a time.

    `percentile_share` is the promised share, `reached_s` the time within which this share actually finishes.
    If the latency can't be known, `unknown` says why, and neither can whether the promise is kept.
    """

    workload: str
    kind: str
    percentile_share: float
    target_s: float
    reached_s: float
    kept: bool
    unknown: str = ""

    @property
    def state(self) -> Literal["kept", "broken", "not known"]:
        """Whether the promise is kept, if that is known."""
        return "kept" if self.kept else "not known" if self.unknown else "broken"

    @property
    def words(self) -> str:
        """The promise with its figures.

        >>> Promise("chat", "whole-answer", 0.95, 6.0, 11.2, kept=False).words
        'chat: 95% of answers within 11.2 s, promised 6 s'
        """
        what = _OF.get(self.kind, self.kind)
        reached, target = show(self.reached_s, "latency_s"), show(self.target_s, "latency_s")
        share = f"{self.percentile_share * 100:g}%"
        said = f"{self.workload}: {share} of {what} within {reached}, promised {target}"
        return f"{said}; {self.unknown}" if self.unknown else said


def asked_for(each: WorkloadResult) -> bool:
    """Say whether a workload has requests; without any, its promise doesn't count as kept."""
    return number(each.requests_per_month) > 0


def _unknown(result: Result, each: WorkloadResult) -> str:
    """Return why a latency is unknown, as with flex processing, whose delays aren't published; else ""."""
    if not asked_for(each):
        return "no requests yet"
    if not np.all(each.promise_met):
        return ""  # faster processing breaks it as well
    slow = [
        name
        for name, tier in each.tiers.items()
        if number(tier.calls_per_request) > 0
        and getattr(result.scenario.deployments.get(name), "processing", "") == SLOWER
    ]
    return f"with {SLOWER} processing on {', '.join(slow)}, how much slower is not known" if slow else ""


def promises(result: Result) -> tuple[Promise, ...]:
    """Return the promise of each workload that has one, in plan order; for one plan, not a stack."""
    return tuple(
        Promise(
            name,
            str(each.promise_kind),
            number(each.promise_percentile),
            number(each.promise_target_s),
            number(each.promised_latency_s),
            kept=bool(np.all(each.promise_met)) and not _unknown(result, each),
            unknown=_unknown(result, each),
        )
        for name, each in result.workloads.items()
        if str(each.promise_kind) != "none"
    )
