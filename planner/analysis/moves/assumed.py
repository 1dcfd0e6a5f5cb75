"""The defaults that a lever's effect relies on, where the plan states no measurement."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from planner.schema import ApiDeployment, Field, Scenario, fields, steps_of
from planner.units import show

_ON = ".on"
SPEED = {"first_token_s", "tokens_per_s"}
_RESTS_ON = {"outcome.attempts": "verifier", "routing.policy": "verifier"}  # sections besides the lever's own


def assumed(scenario: Scenario, path: str, value: Any) -> tuple[str, ...]:
    """Return the unknowns that setting `path` to `value` would use at their defaults, as text.

    A switch uses its section; more attempts and a cascade use the verifier. A value stated in the file is
    never an assumption.
    """
    if path.endswith(".routing.tiers"):
        name = steps_of(path)[1]
        return (*_of_tiers(scenario, name, value), *_of_helpers(scenario, name))
    if path.endswith(".gpu"):
        return (f"predicted speed on {value}",)
    if path.endswith(".weights"):
        return (f"success kept at {value}",)
    if named := _of_session(scenario, path, value):
        return named
    section = _section(path, value)
    if not section:
        return ()
    return tuple(_words(field) for field in _unstated(scenario, section))


def _of_tiers(scenario: Scenario, workload: str, tiers: Sequence[str]) -> Iterator[str]:
    """Yield what is not stated about deployments that a workload doesn't use yet."""
    section = scenario.workloads[workload]
    for tier in tiers:
        if tier in section.routing.tiers:
            continue
        deployment = scenario.deployments[tier]
        if "success_share" not in deployment.model_fields_set and tier not in section.success:
            yield f"success of {tier} {show(float(np.mean(deployment.success_share)), 'share')}"
        promised = section.latency != "none"
        if promised and isinstance(deployment, ApiDeployment) and not SPEED & deployment.model_fields_set:
            yield f"speed of {tier}"


def _of_helpers(scenario: Scenario, name: str) -> Iterator[str]:
    """Yield the workloads that start requests of this one without stating the effect of its failures on theirs."""
    for other, each in scenario.workloads.items():
        if name in each.session.spawns and name not in each.session.fails_with:
            yield f"what {other} loses where {name} fails"


def _of_session(scenario: Scenario, path: str, value: Any) -> tuple[str, ...]:
    """Return what a session lever relies on: the loss of a summary, the length of pauses, the value of a tool."""
    found = steps_of(path)
    if found[0] != "workloads":
        return ()
    workload, leaf = scenario.workloads[found[1]], ".".join(found[2:])
    stated = workload.session.model_fields_set
    if leaf == "session.compact_at_tokens" and value and "compact_retention_share" not in stated:
        return (
            f"success kept at a compaction {show(float(np.mean(workload.session.compact_retention_share)), 'share')}",
        )
    if leaf == "cache.lifetime" and "gap_s" not in stated:
        return (f"pause between calls {show(float(np.mean(workload.session.gap_s)), 's')}",)
    if found[2] == "meters" and not value and found[3] not in workload.success_without:
        return (f"success kept without {found[3]} 100.0%",)
    return ()


def _section(path: str, value: Any) -> str:
    if path.endswith(_ON):
        return path.removesuffix(_ON) if value is True else ""
    for leaf, section in _RESTS_ON.items():
        if path.endswith(leaf) and value not in (1.0, "route"):
            return f"{path.removesuffix(leaf)}{section}"
    return ""


def _unstated(scenario: Scenario, section: str) -> Iterator[Field]:
    node = _at(scenario, section)
    for field in fields(node):
        unknown = "." not in field.path and field.spec.numeric and field.spec.role == "unknown"
        if unknown and field.path not in node.model_fields_set and "usd" not in field.path:
            yield field


def _at(scenario: Scenario, section: str) -> Any:
    node: Any = scenario
    for name in steps_of(section):
        node = node[name] if isinstance(node, dict) else getattr(node, name)
    return node


def _words(field: Field) -> str:
    return f"{field.spec.label.lower()} {show(float(field.value), field.spec.unit)}"
