"""Evaluate many workload changes at once: each has a row in which a stand-in gets the workload's traffic.

Stand-ins that differ only in numbers and words, which may be arrays, form one workload with an entry per row.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from planner.analysis.moves.shift import PlanShift, Standing, one_by_one, shift, standing
from planner.analysis.stack import stackable
from planner.errors import ScenarioError
from planner.model import evaluate_month_one
from planner.schema import (
    HostedDeployment,
    Scenario,
    Spec,
    Workload,
    fields,
    path_of,
    replaced_many,
    spec_at,
    step_text,
    steps_of,
)
from planner.schema.cross import cross_problems

LEAST_STRICT = "p90"  # the least strict promised percentile
_BY_NAME = ("success", "meters", "success_without")  # workload fields with values by name
TOKENS = ("prompt_tokens", "context_tokens", "history_tokens", "output_tokens", "reasoning_tokens")
OF_RAG = ("chunk_tokens", "store_usd_per_month", "corpus_mtok")  # cost of the store, independent of traffic

Changes = Mapping[str, Any]
Tried = tuple[PlanShift, Standing, Standing]


def workload_of(scenario: Scenario, changes: Changes) -> str:
    """Return the only changed workload, if a stand-in gives the same result as the change itself; else None.

    Own GPUs that no workload lists, before or after the change, cost differently from those without load.
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
    """Return the month-1 effect of each workload change. Raises ScenarioError if one is rejected."""
    rows = len(changed) + 1  # the first row is the plan as it is
    away = {name: np.ones(rows, bool) for name, _ in changed}
    alike: dict[Hashable, dict[int, Workload]] = {}
    built_as = {name: _built_as(scenario, name) for name in away}
    for row, (name, changes) in enumerate(changed, 1):
        away[name][row] = False
        section = replaced_many(scenario, changes).workloads[name]
        if problems := cross_problems(scenario.model_copy(update={"workloads": {name: section}})):
            raise ScenarioError(problems)
        alike.setdefault(_changed_in(scenario, built_as[name], changes), {})[row] = section
    stand_ins = {_named(index): each for index, each in enumerate(alike.values())}
    present = {
        name: _only_in(each, away[name]) if name in away else each
        for name, each in scenario.workloads.items()
    }
    stacked = {name: _stacked(each, rows) for name, each in stand_ins.items()}
    mixed = scenario.model_copy(update={"workloads": {**present, **stacked}})
    found = evaluate_month_one(mixed)
    every = one_by_one(standing(mixed, found), rows)
    late = {
        name: np.broadcast_to(each.p95_latency_s, (rows,)).tolist() for name, each in found.workloads.items()
    }
    themselves = {name: name for name in scenario.workloads}
    base = _seen(every[0], themselves, {name: each[0] for name, each in late.items()})
    standing_in = {row: name for name, each in stand_ins.items() for row in each}
    out = []
    for row, (name, _) in enumerate(changed, 1):
        names = themselves | {name: standing_in[row]}
        made = _seen(every[row], names, {each: late[each][row] for each in names.values()})
        out.append((shift(base, made, requests=requests), base, made))
    return out


def _built_as(scenario: Scenario, name: str) -> dict[str, Hashable]:
    """Return the fields of a workload that decide which functions run; stand-ins that differ in them stay separate."""
    where = f"workloads.{step_text(name)}."
    held = scenario.model_copy(update={"workloads": {name: scenario.workloads[name]}, "deployments": {}})
    return {
        each.path.removeprefix(where): _kind(held, each.path, each.spec, each.value)
        for each in fields(held)
        if each.path.startswith(where)
    } | {f"{part} of {each}": "" for part in _BY_NAME for each in getattr(scenario.workloads[name], part)}


def _changed_in(scenario: Scenario, built_as: Mapping[str, Hashable], changes: Changes) -> Hashable:
    """Return the same of a changed workload."""
    after = {}
    for path, value in changes.items():
        spec, _ = spec_at(scenario, path)
        leaf = path.removeprefix(path_of(steps_of(path)[:2]) + ".")
        after[leaf] = _kind(scenario, path, spec, value)
    return frozenset({**built_as, **after}.items())


def _kind(scenario: Scenario, path: str, spec: Spec, value: Any) -> Hashable:
    """Return a value that decides which functions run; for other values, only whether they are present."""
    if value is None or isinstance(value, tuple) or not stackable(scenario, path, spec):
        return repr(value)
    return spec.kind


def _stacked(by_row: Mapping[int, Workload], rows: int) -> Workload:
    """Return similarly built workloads as one, with an entry per row; in other rows it has no traffic."""
    active = np.isin(np.arange(rows), list(by_row))
    stack: Workload = _as_arrays([*by_row.values()], np.array([*by_row]), rows)
    return _only_in(stack, active)


def _as_arrays(values: Sequence[Any], at: NDArray[np.intp], rows: int) -> Any:
    """Return values merged: a single one if all agree, else arrays in which other rows have the first value."""
    first = values[0]
    if all(each is first for each in values):
        return first
    if isinstance(first, BaseModel):
        parts = {name: [getattr(each, name) for each in values] for name in type(first).model_fields}
        return first.model_copy(update={name: _as_arrays(each, at, rows) for name, each in parts.items()})
    if isinstance(first, dict):
        return {name: _as_arrays([each[name] for each in values], at, rows) for name in first}
    if first is None or isinstance(first, tuple) or all(each == first for each in values):
        return first
    plain = list(values) if isinstance(first, str | bool) else [float(each) for each in values]
    out = np.full(rows, plain[0], dtype=np.array(plain).dtype)
    out[at] = plain
    return out


def _named(index: int) -> str:
    return f"stand-in\n{index}"  # no name in a file has a line break


def _only_in(section: Workload, active: NDArray[np.bool_]) -> Workload:
    """Return a workload with traffic in the active rows; in the others it has no cost and no promise."""

    def masked(value: Any) -> Any:
        return np.where(active, value, 0.0)

    update: dict[str, Any] = {name: masked(getattr(section, name)) for name in TOKENS}
    for name in ("requests_per_customer_per_month", "requests_per_month"):
        update[name] = masked(getattr(section, name))
    update["latency_percentile"] = np.where(active, section.latency_percentile, LEAST_STRICT)
    of_rag = {name: masked(getattr(section.rag, name)) for name in OF_RAG}
    update["rag"] = section.rag.model_copy(update=of_rag)
    return section.model_copy(update=update)


def _seen(every: Standing, names: Mapping[str, str], p95_s: Mapping[str, float]) -> Standing:
    """Return one row's standing; `names` gives each workload's stand-in there."""
    late = [p95_s[each] for each in names.values() if not math.isnan(p95_s[each])]
    return replace(
        every,
        success={name: every.success[each] for name, each in names.items()},
        kept={name: every.kept[each] for name, each in names.items()},
        p95_latency_s=max(late, default=math.nan),
    )
