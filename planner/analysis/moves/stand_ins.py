"""Many changes of workloads in one evaluation: each gets a stand-in of its workload that has traffic in its own row only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.analysis.moves.shift import PlanShift, Standing, one_by_one, shift, standing
from planner.model import evaluate_month_one
from planner.schema import HostedDeployment, Scenario, Workload, replaced_many, step_text, steps_of

LEAST_STRICT = "p90"  # of the percentiles that a promise may be kept for
TOKENS = ("prompt_tokens", "context_tokens", "history_tokens", "output_tokens", "reasoning_tokens")

Changes = Mapping[str, Any]
Tried = tuple[PlanShift, Standing, Standing]


def workload_of(scenario: Scenario, changes: Changes) -> str:
    """Return the workload that alone is changed, where a stand-in gives the same as the change itself; else nothing.

    Own GPUs that nobody lists, before the change or after it, cost something else than those that carry nothing.
    """
    names = {steps_of(path)[1] for path in changes if path.startswith("workloads.")}
    if len(names) != 1 or any(not path.startswith("workloads.") for path in changes):
        return ""
    name = next(iter(names))
    before = scenario.workloads[name].routing.tiers
    after = changes.get(f"workloads.{step_text(name)}.routing.tiers", before)
    others = {
        tier for other, each in scenario.workloads.items() if other != name for tier in each.routing.tiers
    }
    own = {
        tier
        for tier in {*before, *after}
        if isinstance(scenario.deployments[tier], HostedDeployment) and tier not in others
    }
    return name if own <= set(before) & set(after) else ""


def month_one_of(
    scenario: Scenario, changed: Sequence[tuple[str, Changes]], *, requests: float
) -> list[Tried]:
    """Return what each change of a workload does in month 1. Raises ScenarioError where one of them is refused."""
    rows = len(changed) + 1  # the first is the plan as it is
    away = {name: np.ones(rows, bool) for name, _ in changed}
    stand_ins: dict[str, Workload] = {}
    for row, (name, changes) in enumerate(changed, 1):
        away[name][row] = False
        section = replaced_many(scenario, changes).workloads[name]
        stand_ins[_named(name, row)] = _only_in(section, np.arange(rows) == row)
    present = {
        name: _only_in(each, away[name]) if name in away else each
        for name, each in scenario.workloads.items()
    }
    mixed = scenario.model_copy(update={"workloads": {**present, **stand_ins}})
    found = evaluate_month_one(mixed)
    every = one_by_one(standing(mixed, found), rows)
    late = {
        name: np.broadcast_to(each.p95_latency_s, (rows,)).tolist() for name, each in found.workloads.items()
    }
    themselves = {name: name for name in scenario.workloads}
    base = _seen(every[0], themselves, {name: each[0] for name, each in late.items()})
    out = []
    for row, (name, _) in enumerate(changed, 1):
        names = themselves | {name: _named(name, row)}
        made = _seen(every[row], names, {each: late[each][row] for each in names.values()})
        out.append((shift(base, made, requests=requests), base, made))
    return out


def _named(name: str, row: int) -> str:
    return f"{name}\n{row}"  # no name of a file has a line break


def _only_in(section: Workload, active: NDArray[np.bool_]) -> Workload:
    """Return a workload with traffic in the active rows; in the others it takes no room and is in no hurry."""

    def masked(value: Any) -> Any:
        return np.where(active, float(value), 0.0)

    update: dict[str, Any] = {name: masked(getattr(section, name)) for name in TOKENS}
    for name in ("requests_per_customer_per_month", "requests_per_month"):
        update[name] = masked(getattr(section, name))
    update["latency_percentile"] = np.where(active, section.latency_percentile, LEAST_STRICT)
    update["rag"] = section.rag.model_copy(update={"chunk_tokens": masked(section.rag.chunk_tokens)})
    return section.model_copy(update=update)


def _seen(every: Standing, names: Mapping[str, str], p95_s: Mapping[str, float]) -> Standing:
    """Return one row's standing; `names` gives, for each workload, who stands in for it there."""
    late = [p95_s[each] for each in names.values() if not math.isnan(p95_s[each])]
    return replace(
        every,
        success={name: every.success[each] for name, each in names.items()},
        kept={name: every.kept[each] for name, each in names.items()},
        p95_latency_s=max(late, default=math.nan),
    )
