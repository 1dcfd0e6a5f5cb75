"""The levers of an open plan, each at the settings that are worth trying."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from planner.analysis.grid import choices
from planner.records import dataclass
from planner.schema import Deployment, HostedDeployment, Range, Scenario, Workload, spec_at
from planner.units import show

SHARES = tuple(step / 10 for step in range(11))
PAIR_SHARE = 0.25


@dataclass(frozen=True)
class Setting:
    """One lever at one setting: the field it is about, in words, and every field that it changes."""

    path: str
    words: str
    changes: Mapping[str, Any]


Rule = tuple[str, Sequence[Any] | None, Callable[[Any], bool]]


def _always(_section: Any) -> bool:
    return True


def _routes(workload: Workload) -> bool:
    return len(workload.routing.tiers) > 1 and workload.routing.policy == "route"


# A field, the values to try (None: all that it can hold), and when it counts. What a shorter context or a shorter
# answer loses is not known; retrieval, compression and output control state their losses, so they stand for both.
_WORKLOAD: tuple[Rule, ...] = (
    ("rag.on", None, _always),
    ("rag.chunks", (2, 4, 8, 16, 32), lambda w: bool(w.rag.on)),
    ("rag.rerank", None, lambda w: bool(w.rag.on)),
    ("compression.on", None, _always),
    ("compression.ratio_x", (2, 3, 5), lambda w: bool(w.compression.on)),
    ("output_control.on", None, _always),
    ("routing.share_to_last", SHARES, _routes),
    ("routing.policy", None, lambda w: len(w.routing.tiers) > 1),
    ("outcome.attempts", (1, 2, 3), _always),
    ("outcome.person_share", (0, 0.5, 1), _always),
)
_HOSTED: tuple[Rule, ...] = (
    ("gpu", None, _always),
    ("weights", None, _always),
    ("kv_cache", None, _always),
    ("tensor_parallel", (1, 2, 4, 8), _always),
    ("rent", None, lambda d: d.usd_per_gpu_hour is None),
    ("autoscale", None, _always),
    ("speculative.on", None, _always),
    ("spare_replicas", (0, 1), _always),
    ("fine_tuning.on", None, _always),
    ("distillation.on", None, lambda d: bool(d.distillation.teacher)),
)
_API: tuple[Rule, ...] = (
    ("processing", None, lambda d: d.price is None),
    ("fine_tuning.on", None, _always),
)
_LATENCY_TIMES = (0.5, 2.0, 4.0)
# A number that was stated for the present choice says nothing of another one: the catalog's takes its place.
_RESET = {
    "gpu": ("usd_per_gpu_hour", "reserved_usd_per_gpu_hour"),
    "weights": ("precision_retention_share",),
}  # fmt: skip


def settings(scenario: Scenario) -> tuple[Setting, ...]:
    """Return every lever at each setting worth trying that differs from the plan, in the order of the file."""
    found: list[Setting] = []
    for name, deployment in scenario.deployments.items():
        if any(name in workload.routing.tiers for workload in scenario.workloads.values()):
            found += _settings(scenario, f"deployments.{name}", deployment, _deployment_rules(deployment))
    for name, workload in scenario.workloads.items():
        found += _settings(scenario, f"workloads.{name}", workload, _WORKLOAD)
        found += _latencies(scenario, name, workload)
        found += _tiers(scenario, name, workload)
    return tuple(found)


def _deployment_rules(deployment: Deployment) -> tuple[Rule, ...]:
    return _HOSTED if isinstance(deployment, HostedDeployment) else _API


def _settings(scenario: Scenario, where: str, section: Any, rules: Sequence[Rule]) -> Iterator[Setting]:
    for leaf, values, counts in rules:
        if not counts(section):
            continue
        path = f"{where}.{leaf}"
        spec, now = spec_at(scenario, path)
        tried = values
        if tried is None:
            tried = [False, True] if spec.kind == "flag" else choices(scenario, path, spec)
        reset = {f"{where}.{other}": None for other in _RESET.get(leaf, ())}
        reset = {other: None for other in reset if scenario.value(other) is not None}
        for value in tried:
            if value != (float(now) if isinstance(now, Range) else now):
                read = spec.read(value)
                yield Setting(path, _words(where, spec.label, spec.unit, read), {path: read, **reset})


def _latencies(scenario: Scenario, name: str, workload: Workload) -> Iterator[Setting]:
    if workload.latency == "none":
        return
    path = f"workloads.{name}.latency_target_s"
    spec, now = spec_at(scenario, path)
    for times in _LATENCY_TIMES:
        value = min(max(float(now) * times, spec.lo), spec.hi)
        yield Setting(path, _words(f"workloads.{name}", spec.label, spec.unit, value), {path: value})


def _tiers(scenario: Scenario, name: str, workload: Workload) -> Iterator[Setting]:
    """Yield each deployment alone, and beside the one that answers now, the better one last."""
    path = f"workloads.{name}.routing.tiers"
    passed = {f"workloads.{name}.routing.share_passed_on": ()}
    now = workload.routing.tiers
    for other in scenario.deployments:
        if now != (other,):
            yield Setting(path, f"{name}: {other} answers alone", {path: (other,), **passed})
    if len(now) != 1:
        return
    success = {tier: float(each.success_share) for tier, each in scenario.deployments.items()}
    share = {f"workloads.{name}.routing.share_to_last": PAIR_SHARE}
    for other in scenario.deployments:
        if other != now[0]:
            pair = tuple(sorted((now[0], other), key=lambda tier: success[tier]))
            words = f"{name}: {pair[0]} answers, {pair[1]} the hardest {PAIR_SHARE:.0%}"
            yield Setting(path, words, {path: pair, **passed, **share})


def _words(where: str, label: str, unit: str, value: Any) -> str:
    name = where.rpartition(".")[2]
    if isinstance(value, bool):
        return f"{name}: {label} {'on' if value else 'off'}"
    said = value if isinstance(value, str) else show(value, unit)
    return f"{name}: {label} {said}"
