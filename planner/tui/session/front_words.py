"""A frontier in words: what was searched and asked for, and how its plans differ from the plan and from one another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from planner.analysis.frontier import DEFAULT_METRICS
from planner.analysis.nearest import nearest
from planner.readout import METRICS, better_when_higher, long_label
from planner.readout.rule_text import rule_text
from planner.readout.setting_words import setting_text
from planner.schema import Scenario
from planner.schema.steps import steps_of
from planner.tui.state import same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.analysis.frontier import Choice, Front

_BEST = (*DEFAULT_METRICS, "net_burn_usd_per_month", "gross_margin_share", "usd_per_request")
AS_IT_IS = "the plan as it is"
_LIMIT = re.compile(r"\s*(.+?)\s*(<=|>=|==|<|>)(.+)")
_SHORT = {"usd_per_outcome": "/outcome", "p95_latency_s": "p95", "success_share": "success"}


def counts(front: Front) -> str:
    """Return how many combinations were tried, and how many of them can be."""
    tried = f"{front.evaluated:,} of {front.total:,}" if front.stopped else f"{front.total:,}"
    stopped = "stopped: " if front.stopped else ""
    told = f"{stopped}{tried} combinations, {front.feasible:,} keep every promise"
    return f"{told}, {front.allowed:,} of these what is asked as well" if front.where else told


def asked(front: Front) -> str:
    """Return what comes first, and what all of them keep to."""
    word = "highest" if better_when_higher(front.metrics[0]) else "lowest"
    rules = ", ".join(rule_text(bound.text) for bound in front.where)
    first = f"{word} {long_label(front.metrics[0]).lower()} first" + (f"; only {rules}" if rules else "")
    return f"{first}; with the plan's own models only: A on the plan's screen adds others"


def none(front: Front) -> list[str]:
    """Return why there is no plan on the front, and how near any comes to what was asked."""
    return list(nearest(front)) if front.feasible else ["No combination keeps every promise."]


def limit(text: str) -> str:
    """Return a limit with the name of its number, where its label was typed.

    >>> limit("Success >= 90%"), limit("cost per outcome < 2"), limit("usd_per_request < 0.01")
    ('success_share >= 90%', 'usd_per_outcome < 2', 'usd_per_request < 0.01')
    """
    found = _LIMIT.fullmatch(text)
    if found is None:
        return text
    typed = " ".join(found[1].lower().split())
    names = [each.name for each in METRICS.values() if each.label.lower() == typed]
    return f"{names[0]} {found[2]} {found[3].strip()}" if names else text


def caution(scenario: Scenario, front: Front, at: int) -> str:
    """Say what a better success of a plan without retrieval leaves out; empty where retrieval stays."""
    values = front.choices[at].values
    off = [path for path, value in values.items() if path.endswith(".rag.on") and value is False]
    if not any(scenario.value(path) for path in off):
        return ""
    return "With RAG off no passage can be missed, and the success rate counts as measured without: measure it so."


def short(metric: str) -> str:
    """Return the head of a column."""
    return _SHORT.get(metric, long_label(metric))


def axes(front: Front) -> tuple[str, str]:
    """Return the two numbers of the chart: cost across and success up, or what comes first in place of the cost."""
    across = front.metrics[0] if front.metrics[0] != "success_share" else "usd_per_outcome"
    return across, "success_share"


def next_best(metric: str) -> str:
    """Return the number that comes first after this one."""
    return _BEST[(_BEST.index(metric) + 1) % len(_BEST)] if metric in _BEST else _BEST[0]


def differences(scenario: Scenario, front: Front) -> list[str]:
    """Return how each plan differs from the plan, in what tells the plans of the front apart."""
    telling = [path for path in front.levers if path in _telling(front)]
    none = "nothing more" if shared(scenario, front) else "the plan as it is"
    return [_listed(scenario, choice, telling) or none for choice in front.choices]


def shared(scenario: Scenario, front: Front) -> str:
    """Return how all plans of the front differ from the plan; empty where they share nothing."""
    alike = [path for path in front.levers if path not in _telling(front)]
    return _listed(scenario, front.choices[0], alike) if front.choices else ""


def whole(scenario: Scenario, front: Front, at: int) -> str:
    """Return all that is different in one plan of the front."""
    return _listed(scenario, front.choices[at], front.levers) or AS_IT_IS


def _telling(front: Front) -> set[str]:
    """Return the levers that have different values among the plans of the front."""
    return {path for path in front.levers if len({repr(each.values[path]) for each in front.choices}) > 1}


def _listed(scenario: Scenario, choice: Choice, paths: Iterable[str]) -> str:
    """Return how a choice differs from the plan in some levers, by workload and deployment."""
    parts: dict[str, list[str]] = {}
    for path in paths:
        value = choice.values[path]
        idle = path.endswith(".chunks") and not choice.values.get(path.replace(".chunks", ".on"), True)
        if not idle and differs(scenario, path, value):
            parts.setdefault(list(steps_of(path))[1], []).append(setting_text(scenario, path, value))
    return "; ".join(f"{owner}: {', '.join(found)}" for owner, found in parts.items())


def differs(scenario: Scenario, path: str, value: Any) -> bool:
    """Say whether a value is another one than the plan's."""
    now = scenario.value(path)
    return not same(float(now) if isinstance(now, float) else now, value)
