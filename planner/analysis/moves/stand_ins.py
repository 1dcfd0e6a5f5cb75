"""Many changes of workloads in one evaluation: each gets a stand-in of its workload that has traffic in its own row only."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.analysis.moves.shift import PlanShift, Standing, shift, standing
from planner.model import evaluate_month_one
from planner.schema import HostedDeployment, Scenario, Workload, replaced_many

LEAST_STRICT = "p90"  # of the percentiles that a promise may be kept for
TOKENS = ("prompt_tokens", "context_tokens", "history_tokens", "output_tokens", "reasoning_tokens")

Changes = Mapping[str, Any]
Tried = tuple[PlanShift, Standing, Standing]


def workload_of(scenario: Scenario, changes: Changes) -> str:
    """Return the workload that alone is changed, where a stand-in gives the same as the change itself; else nothing.

    Own GPUs that nobody lists, before the change or after it, cost something else than those that carry nothing.
    """
    names = {path.split(".")[1] for path in changes if path.startswith("workloads.")}
    if len(names) != 1 or any(not path.startswith("workloads.") for path in changes):
        return ""
    name = next(iter(names))
    before = scenario.workloads[name].routing.tiers
    after = changes.get(f"workloads.{name}.routing.tiers", before)
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
    every = _Rows(
        standing(mixed, found), {n: each.p95_latency_s for n, each in found.workloads.items()}, rows
    )
    base = every.row(0, {name: name for name in scenario.workloads})
    out = []
    for row, (name, _) in enumerate(changed, 1):
        made = every.row(row, {each: each for each in scenario.workloads} | {name: _named(name, row)})
        out.append((shift(base, made, requests=requests), base, made))
    return out


def _named(name: str, row: int) -> str:
    return f"{name} {row}"  # no name of a file has a space and a number that could clash: rows are new


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


class _Rows:
    """The standing of all rows, of which each is one plan."""

    def __init__(self, every: Standing, p95_s: Mapping[str, Any], rows: int) -> None:
        self._every, self._rows = every, rows
        self._p95_s = {name: self._full(value) for name, value in p95_s.items()}
        self._success = {name: self._full(value) for name, value in every.success.items()}
        self._kept = {name: self._full(value) for name, value in every.kept.items()}

    def _full(self, value: Any) -> NDArray[Any]:
        return np.broadcast_to(value, (self._rows,))

    def row(self, row: int, names: Mapping[str, str]) -> Standing:
        """Return one row; `names` gives, for each workload, who stands in for it there."""
        every = self._every
        one = {
            name: float(self._full(getattr(every, name))[row])
            for name in ("burn_usd", "serving_usd", "paid_usd", "customers_lose_usd", "requests", "failures")
        }
        latencies = [float(self._p95_s[each][row]) for each in names.values()]
        known = [each for each in latencies if not np.isnan(each)]
        return Standing(
            **one,
            success={name: self._success[each][row] for name, each in names.items()},
            kept={name: self._kept[each][row] for name, each in names.items()},
            fits=self._full(every.fits)[row],
            p95_latency_s=max(known, default=np.nan),
        )
