"""The latency that a plan promises: what was promised, what is reached, and whether that keeps it."""

import numpy as np

from planner.model import Result
from planner.readout.samples import number
from planner.records import dataclass
from planner.units import show

_OF = {"first-token": "first tokens", "per-token": "times per token", "whole-answer": "answers"}


@dataclass(frozen=True)
class Promise:
    """What a workload promises in month 1: a share of requests within a time.

    `percentile_share` is the share that is promised, `reached_s` the time that this share really keeps to.
    """

    workload: str
    kind: str
    percentile_share: float
    target_s: float
    reached_s: float
    kept: bool

    @property
    def words(self) -> str:
        """The promise with its figures.

        >>> Promise("chat", "whole-answer", 0.95, 6.0, 11.2, kept=False).words
        'chat: 95% of answers within 11.2 s, promised 6 s'
        """
        what = _OF.get(self.kind, self.kind)
        reached, target = show(self.reached_s, "latency_s"), show(self.target_s, "latency_s")
        share = f"{self.percentile_share * 100:g}%"
        return f"{self.workload}: {share} of {what} within {reached}, promised {target}"


def promises(result: Result) -> tuple[Promise, ...]:
    """Return the promise of each workload that makes one, in the plan's order; of one plan, not a stack.

    A workload without requests keeps nothing and breaks nothing: it is left out.
    """
    return tuple(
        Promise(
            name,
            str(each.promise_kind),
            number(each.promise_percentile),
            number(each.promise_target_s),
            number(each.promised_latency_s),
            kept=bool(np.all(each.promise_met)),
        )
        for name, each in result.workloads.items()
        if str(each.promise_kind) != "none" and np.any(np.asarray(each.requests_per_month) > 0)
    )
