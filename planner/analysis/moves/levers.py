"""The levers of a plan, each at the settings worth trying."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from planner.analysis.grid import choices
from planner.analysis.moves.session_levers import session_levers
from planner.catalog import rents
from planner.errors import ScenarioError
from planner.model.request.request import prompt_tokens
from planner.readout import placed_label
from planner.readout.setting_words import setting_meaning, setting_name
from planner.records import dataclass
from planner.schema import (
    Deployment,
    HostedDeployment,
    Range,
    Scenario,
    Workload,
    spec_at,
    step_text,
    steps_of,
)
from planner.units import show

PRICED_GPU = "H100-SXM"  # the defaults for owned GPUs are for this one
SHARES = tuple(step / 10 for step in range(11))
PAIR_SHARE = 0.25


@dataclass(frozen=True)
class Setting:
    """One lever at one setting: its field, its text, and every field that it changes.

    `gives_up` says what the plan loses that no result shows; `means` explains the text.
    """

    path: str
    words: str
    changes: Mapping[str, Any]
    gives_up: str = ""
    means: str = ""


Rule = tuple[str, Sequence[Any] | None, Callable[[Any], bool]]


def _always(_section: Any) -> bool:
    return True


def _routes(workload: Workload) -> bool:
    return len(workload.routing.tiers) > 1 and workload.routing.policy == "route"


def sold_tuned(deployment: Deployment) -> bool:
    """Return whether the price of tuning an API model is known; the price list lacks it, so the file must state it."""
    return "run_usd" in deployment.fine_tuning.model_fields_set


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
    ("gpu", None, lambda d: d.rent != "owned"),
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
    ("fine_tuning.on", None, sold_tuned),
)
_LATENCY_TIMES = (0.5, 2.0, 4.0)
_UNMEASURED = {f"calibration.{which}": 1.0 for which in ("throughput_x", "ttft_x", "tpot_x")}
# A number that was stated for the present choice says nothing of another one: the catalog's takes its place.
_RESET: Mapping[str, Mapping[str, Any]] = {
    "gpu": {"usd_per_gpu_hour": None, "reserved_usd_per_gpu_hour": None, **_UNMEASURED},
    "weights": {"precision_retention_share": None, **_UNMEASURED},
    "kv_cache": _UNMEASURED,
    "tensor_parallel": _UNMEASURED,
}
_OFF = {"session.compact_at_tokens": "never compacted"}
_GIVES_UP = {
    ("rent", "spot"): "the provider may take the GPUs back at any time",
    ("rent", "reserved"): "commits to the GPUs for the term",
    ("rent", "owned"): "ties up cash in GPUs",
    ("spare_replicas", 0): "no spare if a replica fails",
    ("processing", "batch"): "answers within a day",
    ("processing", "flex"): "slower (the vendor doesn't say by how much), and refused when it is busy",
}


def settings(scenario: Scenario) -> tuple[Setting, ...]:
    """Return every lever at each setting worth trying that differs from the plan, in file order."""
    found: list[Setting] = []
    for name, deployment in scenario.deployments.items():
        if any(name in workload.routing.tiers for workload in scenario.workloads.values()):
            found += _settings(
                scenario, f"deployments.{step_text(name)}", deployment, _deployment_rules(deployment)
            )
    for name, workload in scenario.workloads.items():
        found += _settings(scenario, f"workloads.{step_text(name)}", workload, _WORKLOAD)
        found += _of_sessions(scenario, name, workload)
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
        reset = {f"{where}.{other}": value for other, value in _RESET.get(leaf, {}).items()}
        reset = {other: value for other, value in reset.items() if scenario.value(other) != value}
        for value in tried:
            if value == (float(now) if isinstance(now, Range) else now) or not _priced(section, leaf, value):
                continue
            read = spec.read(value)
            changes = {path: read, **reset, **_cached(section, where, leaf, read)}
            given = _GIVES_UP.get((leaf, value), "")
            if (leaf, value) == ("processing", "batch") and _in_sessions(scenario, where):
                given = "each call of a session within a day"
            yield Setting(
                path, _words(scenario, path, read), changes, given, setting_meaning(scenario, path, read)
            )


def _in_sessions(scenario: Scenario, where: str) -> bool:
    """Return whether a deployment answers sequential calls, each waiting for the last."""
    name = steps_of(where)[1]
    return any(
        name in each.routing.tiers and float(np.mean(each.session.calls)) > 1
        for each in scenario.workloads.values()
    )


def _of_sessions(scenario: Scenario, name: str, workload: Workload) -> Iterator[Setting]:
    where = f"workloads.{step_text(name)}"
    for leaf, value, along in session_levers(scenario, workload):
        path = f"{where}.{leaf}"
        spec, _ = spec_at(scenario, path)
        changes = {path: spec.read(value), **{f"{where}.{other}": each for other, each in along.items()}}
        off = _OFF.get(leaf, f"no {spec.label}")
        words = placed_label(path, off) if value == 0 else _words(scenario, path, spec.read(value))
        yield Setting(path, words, changes)


def not_offered(scenario: Scenario) -> tuple[str, ...]:
    """Return the levers without a known price, as text."""
    found = []
    for name, each in scenario.deployments.items():
        if isinstance(each, HostedDeployment):
            if each.rent == "owned":
                found.append(f"{name}: another GPU, as what it costs to buy is not known")
            elif not _priced(each, "rent", "owned"):
                found.append(f"{name}: owned {each.gpu}, as owned.gpu_usd is not stated")
        elif not sold_tuned(each):
            found.append(f"{name}: fine-tuning {each.model}, as no price of it is known")
    return tuple(found)


def _priced(section: Any, leaf: str, value: Any) -> bool:
    """Return whether the cost of a setting is known: a listed rent, or a catalog price for purchase."""
    if leaf == "rent" and value == "owned":
        return "gpu_usd" in section.owned.model_fields_set or str(section.gpu) == PRICED_GPU
    if leaf not in ("gpu", "rent"):
        return True
    gpu, kind = (value, section.rent) if leaf == "gpu" else (section.gpu, value)
    try:
        rents.rent_usd_per_gpu_hour(str(gpu), kind=kind, provider=section.provider or None)
    except ScenarioError:
        return False
    return True


def _cached(section: Any, where: str, leaf: str, value: Any) -> dict[str, Any]:
    """Return the cached share of a prompt changed by retrieval or compression.

    Chunks differ between requests and don't hit a prefix cache: after the change, at most the
    instructions and earlier turns are cached, and never more tokens than before.
    """
    group, _, name = leaf.partition(".")
    if group not in ("rag", "compression") or not isinstance(section, Workload):
        return {}
    share = float(np.mean(section.cache.prefix_hit_share))
    if not share:
        return {}
    after = section.model_copy(
        update={group: getattr(section, group).model_copy(update={name: float(value)})}
    )
    before_tokens, after_tokens = (float(np.mean(prompt_tokens(each))) for each in (section, after))
    cached = share * before_tokens
    if after.rag.on or after.compression.on:
        cached = min(cached, float(np.mean(section.prompt_tokens + section.history_tokens)))
    new = min(cached / after_tokens, 1.0) if after_tokens else 0.0
    return {f"{where}.cache.prefix_hit_share": new}


def _latencies(scenario: Scenario, name: str, workload: Workload) -> Iterator[Setting]:
    if workload.latency == "none":
        return
    path = f"workloads.{step_text(name)}.latency_target_s"
    spec, now = spec_at(scenario, path)
    for times in _LATENCY_TIMES:
        value = min(max(float(now) * times, spec.lo), spec.hi)
        words = _words(scenario, path, value)
        loosened = f"promises {show(value, spec.unit)} in place of {show(float(now), spec.unit)}"
        yield Setting(path, words, {path: value}, loosened if times > 1 else "")


def _tiers(scenario: Scenario, name: str, workload: Workload) -> Iterator[Setting]:
    """Yield each deployment alone, and together with the current one, the better one last."""
    path = f"workloads.{step_text(name)}.routing.tiers"
    passed = {f"workloads.{step_text(name)}.routing.share_passed_on": ()}
    now = workload.routing.tiers
    for other in scenario.deployments:
        if now != (other,):
            yield Setting(path, placed_label(path, f"{other} answers alone"), {path: (other,), **passed})
    if len(now) != 1:
        return
    success = {tier: float(each.success_share) for tier, each in scenario.deployments.items()}
    share = {f"workloads.{step_text(name)}.routing.share_to_last": PAIR_SHARE}
    for other in scenario.deployments:
        if other != now[0]:
            pair = tuple(sorted((now[0], other), key=lambda tier: success[tier]))
            words = f"{pair[0]} answers, {pair[1]} the hardest {PAIR_SHARE:.0%}"
            yield Setting(path, placed_label(path, words), {path: pair, **passed, **share})


def _words(scenario: Scenario, path: str, value: Any) -> str:
    return placed_label(path, setting_name(scenario, path, value))
