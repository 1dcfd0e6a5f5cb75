"""Which rows the left pane shows: the fields that matter now, grouped as in the file, levers first."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import BaseModel

from planner.readout import label_in
from planner.readout.field_labels import part_label
from planner.readout.settled import FromAnother, settled
from planner.records import dataclass
from planner.schema import Field, Scenario, fields
from planner.schema.steps import path_of, steps_of
from planner.tui.state import same

# Within a workload, what is decided most often stands first; the rest follows in the order of the file.
_FIRST = (
    "context_tokens", "rag", "routing", "latency", "latency_target_s", "latency_percentile", "output_tokens",
    "requests_per_customer_per_month", "requests_per_month", "outcome", "cache", "prompt_tokens",
    "history_tokens", "reasoning_tokens", "success", "compression", "output_control",
    "model", "gpu", "weights", "processing", "rent", "usd_per_gpu_hour", "success_share", "tensor_parallel",
    "on", "tiers", "share_to_last", "failure_usd",
)  # fmt: skip
# What most plans decide: shown at its default too. All else is shown once it is set, or when every field is asked for.
_USUAL = frozenset({
    "tiers", "share_to_last", "policy", "router", "router_usd_per_request", "latency", "latency_target_s",
    "context_tokens", "prompt_tokens", "history_tokens", "output_tokens", "reasoning_tokens", "on", "chunks",
    "chunk_tokens", "recall_at_8_share", "rerank", "requests_per_customer_per_month", "requests_per_month",
    "peak_to_mean", "failure_usd", "value_usd", "attempts", "prefix_hit_share", "semantic_hit_share",
    "retention_share", "removed_share", "ratio_x", "gain_share", "run_usd", "teacher", "steps", "draft_tokens",
    "model", "processing", "success_share", "gpu", "weights", "rent", "usd_per_gpu_hour", "gpu_usd", "life_years",
    "tensor_parallel", "autoscale", "min_replicas", "max_concurrency", "discount_share", "true_accept_share",
    "false_accept_share", "customers", "growth_share_per_month", "churn_share_per_month",
    "usd_per_customer_per_month", "usd_per_request", "usd_per_outcome", "usd_per_mtok", "cash_usd",
    "fixed_costs_usd_per_month", "horizon_months", "cac_usd_per_customer", "month", "months", "amount_usd", "closed",
    "usd", "usd_per_month", "same_model_price_x_per_year", "same_quality_price_x_per_year", "gpu_rent_x_per_year",
    "best", "keep",
})  # fmt: skip
_SELDOM = frozenset(
    {"effort", "fewer_calls", "prefixes", "committed", "limits", "surcharge", "reactions", "cash", "notes"}
)
_GROUPS = (
    "workloads",
    "deployments",
    "demand",
    "revenue",
    "cash",
    "company",
    "reactions",
    "decline",
    "goal",
    "title",
    "notes",
    "correlations",
)
_TITLES = {
    "demand": "Demand", "revenue": "Revenue", "cash": "Cash", "company": "Company",
    "reactions": "Reactions", "decline": "Price declines", "goal": "Goal",
    "title": "File", "notes": "File", "change": "Changes", "correlations": "Correlations",
}  # fmt: skip
_SWITCHED_BY = {  # a field that says nothing while another one has this value
    "latency_target_s": ("latency", "none"),
    "latency_percentile": ("latency", "none"),
    "rerank_usd_per_request": ("rerank", False),
    "rerank_misses_cut_share": ("rerank", False),
    "person_usd": ("person_share", 0.0),
    "person_success_share": ("person_share", 0.0),
    "semantic_wrong_share": ("semantic_hit_share", 0.0),
    "semantic_usd_per_request": ("semantic_hit_share", 0.0),
    "attempt_correlation_share": ("attempts", 1.0),
    "reserved_usd_per_gpu_hour": ("reserved_gpus", 0.0),
    "router": ("policy", "cascade"),
    "router_k": ("policy", "cascade"),
    "router_usd_per_request": ("policy", "cascade"),
}


@dataclass(frozen=True)
class Line:
    """One row of the pane: a group's header, or a field; `settled` where its number follows from another one."""

    path: str
    label: str
    depth: int = 0
    field: Field | None = None
    changed: bool = False
    settled: FromAnother | None = None

    @property
    def is_header(self) -> bool:
        """Whether the row opens a group."""
        return self.field is None


def lines(
    scenario: Scenario,
    *,
    baseline: Mapping[str, Any],
    folded: Collection[str] = (),
    everything: bool = False,
    also: Collection[str] = (),
) -> tuple[Line, ...]:
    """Return the rows of the pane. `baseline` holds the compared value by path, `also` fields that are shown anyway."""
    shown: list[Line] = []
    group = ""
    for field in in_order(scenario):
        if not (everything or field.path in also or _matters(scenario, field, baseline)):
            continue
        header, label = _header(field.path)
        if header != group:
            group = header
            shown.append(Line(header, label))
        if group not in folded:
            changed = _changed(scenario, field, baseline)
            depth, follows = _depth(field.path, header), settled(scenario, field.path)
            shown.append(Line(field.path, _label(scenario, field), depth, field, changed, follows))
    return tuple(shown)


def _changed(scenario: Scenario, field: Field, baseline: Mapping[str, Any]) -> bool:
    """Say whether a field differs from the baseline; in a part that the baseline has not, from its default."""
    if field.path in baseline:
        return not same(field.value, baseline[field.path])
    return not same(field.value, default_at(scenario, list(steps_of(field.path))))


def in_order(scenario: Scenario) -> list[Field]:
    """Return every field in the order of the pane."""
    return sorted(fields(scenario), key=_order(scenario))


def with_edit(
    shown: tuple[Line, ...], path: str, value: Any, *, baseline: Mapping[str, Any]
) -> tuple[Line, ...] | None:
    """Return the rows after an edit of one number; None where it may show or hide other rows."""
    name = path.rpartition(".")[2]
    at = next((at for at, line in enumerate(shown) if line.path == path), None)
    field = None if at is None else shown[at].field
    switches = name in {other for other, _ in _SWITCHED_BY.values()} or name not in _USUAL
    if at is None or field is None or not field.spec.numeric or switches:
        return None
    changed = path not in baseline or not same(value, baseline[path])
    line = replace(shown[at], field=Field(path, field.spec, value), changed=changed)
    return (*shown[:at], line, *shown[at + 1 :])


def _order(scenario: Scenario) -> Any:
    names = [*scenario.workloads, *scenario.deployments, *scenario.segments]

    def key(field: Field) -> tuple[int, ...]:
        parts = list(steps_of(field.path))
        group = _GROUPS.index(parts[0]) if parts[0] in _GROUPS else len(_GROUPS)
        below = parts[2:] if parts[0] in ("workloads", "deployments", "segments") else []
        owner = names.index(parts[1]) if below else 0
        return (group, owner, *(_FIRST.index(part) if part in _FIRST else len(_FIRST) for part in below))

    return key


def _header(path: str) -> tuple[str, str]:
    parts = list(steps_of(path))
    if parts[0] in ("workloads", "deployments", "segments"):
        noun = parts[0].removesuffix("s").capitalize()
        return path_of(parts[:2]), f"{noun} {parts[1]}"
    return (_TITLES[parts[0]].lower() if parts[0] in _TITLES else parts[0]), _TITLES.get(parts[0], parts[0])


def _label(scenario: Scenario, field: Field) -> str:
    return part_label(field.path, label_in(scenario, field.path, field.spec.label))


def _depth(path: str, header: str) -> int:
    parts = list(steps_of(path.removeprefix(header + ".")))
    nested = (
        len(parts) > 1
        and parts[-1] not in ("on", "tiers")
        and parts[0] not in ("success", "outcome", "cache")
    )
    return int(nested and path.startswith(header))


def _matters(scenario: Scenario, field: Field, baseline: Mapping[str, Any]) -> bool:
    """Say whether a field says anything now: its switch is on, and it is common or was set."""
    parts = list(steps_of(field.path))
    if not _switched_on(scenario, parts):
        return False
    if parts[-1] in _USUAL and not _SELDOM.intersection(parts[:-1]):
        return True
    default = default_at(scenario, parts)
    return not same(field.value, default) or (
        field.path in baseline and not same(field.value, baseline[field.path])
    )


def _switched_on(scenario: Scenario, parts: list[str]) -> bool:
    for owner, name in _owners(scenario, parts):
        if name != "on" and getattr(owner, "on", True) is False:
            return False
        switch = _SWITCHED_BY.get(name)
        if switch and same(getattr(owner, switch[0], None), switch[1]):
            return False
        if name == "routing" and "tiers" not in parts and len(owner.routing.tiers) < 2:
            return False
        if name == "verifier" and not _verified(owner):
            return False
        if name == "owned" and owner.rent != "owned":
            return False
        if name in ("usd_per_gpu_hour", "provider") and getattr(owner, "rent", "") == "owned":
            return False
    return True


def without_effect(scenario: Scenario, path: str) -> str:
    """Say why a field says nothing now; empty where it has an effect."""
    if follows := settled(scenario, path):
        return f"What is stated here does not count: it {follows.words}."
    parts = list(steps_of(path))
    if parts[0] == "workloads" and parts[2:] == ["context_tokens"] and scenario.workloads[parts[1]].rag.on:
        return "No effect while RAG is on: the chunks replace it."
    if _switched_on(scenario, parts):
        return _beyond_the_plan(scenario, parts)
    if "routing" in parts:
        return "No effect with one model: Models, just above, adds another."
    return "No effect as the plan stands: what it belongs to is off."


def _beyond_the_plan(scenario: Scenario, parts: list[str]) -> str:
    """Say that a part is due after the plan's last month; empty where it is not."""
    owner = list(_owners(scenario, parts))[-1][0]
    last = float(np.max(scenario.company.horizon_months))
    due = np.min(owner.month) if "month" in getattr(type(owner), "model_fields", ()) else 0.0
    return (
        f"No effect: the plan ends with month {last:g}; its Horizon can be longer."
        if float(due) > last
        else ""
    )


def _verified(workload: Any) -> bool:
    cascade = workload.routing.policy == "cascade" and len(workload.routing.tiers) > 1
    return bool(cascade or workload.outcome.attempts > 1)


def _owners(scenario: Scenario, parts: list[str]) -> Iterator[tuple[Any, str]]:
    """Yield each section on the way to a field, with the name that leads on from it."""
    node: Any = scenario
    for part in parts:
        if isinstance(node, BaseModel):
            yield node, part
            node = getattr(node, part)
        elif isinstance(node, dict):
            node = node[part]
        else:
            node = node[int(part)]


def default_at(scenario: Scenario, parts: list[str]) -> Any:
    """Return what a field holds when the file leaves it out; None where it must be given."""
    owner, name = list(_owners(scenario, parts))[-1]
    info = type(owner).model_fields[name]
    return None if info.is_required() else info.get_default(call_default_factory=True)
