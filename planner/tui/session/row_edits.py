"""Edits of one row: typed, nudged or repeated. Each takes a plan and returns the next one, or says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.readout.field_values import rule_text
from planner.readout.settled import settled
from planner.tui.session.nudge import nudged
from planner.tui.session.refusal import Refusal, first_problem
from planner.tui.state import same

if TYPE_CHECKING:
    from planner.schema import Field, Scenario
    from planner.tui.state import Plan


def choices(scenario: Scenario, field: Field) -> tuple[str, ...]:
    """Return what a field can be chosen from; nothing where it is typed."""
    if field.spec.kind not in ("choice", "names"):
        return field.spec.choices
    from planner.tui.session.field_choices import catalog_names  # noqa: PLC0415 - the catalog is large

    return field.spec.choices or catalog_names(scenario, field)


def check_counts(scenario: Scenario, field: Field) -> None:
    """Raise Refusal where a field's number follows from another field: an edit of it would change nothing."""
    if follows := settled(scenario, field.path):
        raise Refusal(f"{field.spec.label} {follows.words}: change {follows.by}.")


def with_value(plan: Plan, field: Field, value: Any, *, steps: int = 0) -> Plan:
    """Return the plan with another value of a field; raise Refusal where it can't have it."""
    check_counts(plan.scenario, field)
    try:
        return plan.edited(field.path, value, steps=steps)
    except ScenarioError as error:
        raise Refusal(first_problem(error, field), look="error") from None


def with_nudge(plan: Plan, field: Field, steps: int) -> Plan:
    """Return the plan with a value moved by steps of its declaration; raise Refusal where it can't move."""
    if field.value is None:
        raise Refusal(f"{field.spec.label} has its default; press enter to type a value.")
    value = nudged(field.value, field.spec, steps, choices(plan.scenario, field))
    if same(value, field.value):
        raise Refusal(_why_still(plan.scenario, field), f"It must be {rule_text(field.spec)}.")
    return with_value(plan, field, value, steps=steps)


def with_last_edit(plan: Plan, field: Field) -> Plan:
    """Return the plan with its last edit made again, on this field; raise Refusal where it can't be."""
    last = plan.last
    if last is None:
        raise Refusal("There is no edit to repeat.")
    if last.steps:
        return with_nudge(plan, field, last.steps)
    return with_value(plan, field, last.after)


def meant(field: Field, text: str) -> Any:
    """Return the value that a typed text stands for; None, the default, where nothing was typed and there is one."""
    return None if field.spec.optional and not text.strip() else text.strip()


def drafted(scenario: Scenario, field: Field, text: str) -> Scenario | None:
    """Return the scenario with what is typed so far; None before anything is. Raise Refusal where it can't be."""
    if not text.strip() and not field.spec.optional:
        return None
    try:
        return scenario.with_value(field.path, meant(field, text))
    except ScenarioError as error:
        raise Refusal(first_problem(error, field), rule_of(field)) from None


def rule_of(field: Field) -> str:
    """Return a field's label with the rule that its values keep."""
    return f"{field.spec.label}: {rule_text(field.spec)}"


def _why_still(scenario: Scenario, field: Field) -> str:
    """Say why a nudge changed nothing."""
    if field.spec.numeric:
        return f"{field.spec.label} is at the end of what it may be."
    how = "chosen from a list" if choices(scenario, field) else "typed"
    return f"{field.spec.label} is {how}, not nudged; press enter."
