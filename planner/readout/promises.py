"""The latency that a plan promises: what was promised, what is reached, and whether that keeps it."""

from typing import Literal

import numpy as np

from planner.model import Result, WorkloadResult
from planner.readout.samples import number
from planner.records import dataclass
from planner.units import show

SLOWER = "flex"  # processing that answers when the vendor has room
_OF = {"first-token": "first tokens", "per-token": "times per token", "whole-answer": "answers"}


@dataclass(frozen=True)
class Promise:
    """What a workload promises in month 1: a share of requests within a time.

    `percentile_share` is the share that is promised, `reached_s` the time that this share really keeps to.
    Where `unknown` says why, that time is not known, and neither is whether the promise is kept.
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
    """Say whether a workload has requests: a promise that nobody asks for is not kept."""
    return number(each.requests_per_month) > 0


def _unknown(result: Result, each: WorkloadResult) -> str:
    """Say why a latency is not known, as vendors do not say how slow slower processing is; else empty."""
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
    """Return the promise of each workload that makes one, in the plan's order; of one plan, not a stack."""
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
