"""What a segment can state for each workload, or other segment, and does not state yet: overage, limits, moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from planner.errors import ScenarioError
from planner.model import evaluate
from planner.readout.field_values import rule_text
from planner.schema import spec_at
from planner.schema.cross import cross_problems
from planner.schema.steps import path_of, step_text, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.schema import Scenario, Segment

_PER_WORKLOAD = {  # a field that has a number for each workload: what it is called, and what it means
    "overage_usd": ("Overage", "the price of each request beyond those included"),
    "included": ("Requests included", "that the seat price pays for"),
    "limit": ("Limit of requests", "that nobody goes beyond"),
    "requests": ("Requests per customer", "in place of the workload's own"),
}


class SegmentNumber(NamedTuple):
    """A number that a segment does not state yet: its path, what it is called, and what it means."""

    path: str
    label: str
    meaning: str


def unstated(scenario: Scenario) -> Iterator[SegmentNumber]:
    """Yield every number that a segment of the plan could state as well."""
    for name, segment in scenario.segments.items():
        for field, (label, meaning) in _PER_WORKLOAD.items():
            for workload in scenario.workloads:
                if workload not in getattr(segment, field) and _free(segment, field, workload):
                    path = path_of(["segments", name, field, workload])
                    yield SegmentNumber(path, f"{label}, {workload}, of {name}", meaning)
        for other in scenario.segments:
            if other not in (name, *segment.becomes):
                path = path_of(["segments", name, "becomes", other])
                yield SegmentNumber(path, f"Move from {name} to {other}", "customers who go over each month")


def _free(segment: Segment, field: str, workload: str) -> bool:
    """Say whether nothing else that a segment states takes the place of a number."""
    priced = field == "overage_usd" and workload in segment.price_bands
    paid_by_credits = field in ("overage_usd", "limit") and workload in segment.credits.requests
    return not (priced or paid_by_credits)


def stated(scenario: Scenario, path: str, text: str) -> Scenario:
    """Return the scenario with such a number; raise ScenarioError where it can't be, ValueError where it is none."""
    _, name, field, key = steps_of(path)
    spec, _ = spec_at(_with(scenario, name, field, key, 0.0), path)
    after = _with(scenario, name, field, key, spec.read(text))
    if problems := cross_problems(after):
        raise ScenarioError(problems)
    evaluate(after)
    return after


def rule(scenario: Scenario, path: str) -> str:
    """Return what such a number may be."""
    _, name, field, key = steps_of(path)
    spec, _ = spec_at(_with(scenario, name, field, key, 0.0), path)
    return rule_text(spec)


def next_word(scenario: Scenario, path: str) -> str:
    """Say what else matters to a number that was just stated; empty where nothing does."""
    _, name, field, key = steps_of(path)
    if field == "overage_usd" and key not in scenario.segments[name].included:
        return f"No requests of {step_text(key)} are included: each one is billed. A adds Requests included."
    return ""


def _with(scenario: Scenario, name: str, field: str, key: str, value: object) -> Scenario:
    segment = scenario.segments[name]
    grown = segment.model_copy(update={field: {**getattr(segment, field), key: value}})
    return scenario.model_copy(update={"segments": {**scenario.segments, name: grown}})
