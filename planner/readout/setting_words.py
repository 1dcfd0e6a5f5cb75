"""A field and its value as text, with an explanation where on or off isn't enough."""

from collections.abc import Iterable
from typing import Any

from planner.readout.field_labels import label_in, placed_label
from planner.readout.field_values import value_at, value_text
from planner.schema import Scenario, spec_at, step_text, steps_of


def setting_name(scenario: Scenario, path: str, value: Any) -> str:
    """Return a field's label with a possible value."""
    spec, _ = spec_at(scenario, path)
    return f"{label_in(scenario, path, spec.label)} {value_text(value, spec)}"


def setting_meaning(scenario: Scenario, path: str, value: Any) -> str:
    """Return what a value means where it doesn't say so itself; empty for all others.

    Retrieved chunks replace the whole context: without retrieval, all of it is in each
    prompt, and nothing is missed.
    """
    section, name, *leaf = steps_of(path)
    if section != "workloads" or leaf != ["rag", "on"] or value:
        return ""
    if not float(scenario.workloads[name].context_tokens):
        return ""
    context = value_at(scenario, f"workloads.{step_text(name)}.context_tokens")
    return f"the whole context of {context} tokens in each prompt"


def setting_text(scenario: Scenario, path: str, value: Any) -> str:
    """Return a field's label with a value that it may have, and what that means."""
    meaning = setting_meaning(scenario, path, value)
    name = setting_name(scenario, path, value)
    return f"{name} ({meaning})" if meaning else name


def setting_notes(scenario: Scenario, path: str, values: Iterable[Any]) -> list[str]:
    """Return what those values mean that don't say so themselves, each with the part it is of."""
    return [
        placed_label(path, setting_text(scenario, path, value))
        for value in values
        if setting_meaning(scenario, path, value)
    ]
