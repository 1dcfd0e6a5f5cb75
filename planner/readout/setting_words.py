"""A field at a value, in words: what is set, and what it means where on and off don't say it."""

from typing import Any

from planner.readout.field_labels import label_in
from planner.readout.field_values import value_at, value_text
from planner.schema import Scenario, spec_at, steps_of


def setting_text(scenario: Scenario, path: str, value: Any) -> str:
    """Return a field's label with a value that it may have.

    Chunks that are retrieved stand in place of the whole context: without retrieval all of it is in each
    prompt, and nothing is missed.
    """
    spec, _ = spec_at(scenario, path)
    words = f"{label_in(scenario, path, spec.label)} {value_text(value, spec)}"
    if not path.endswith(".rag.on") or value:
        return words
    context = f"workloads.{path.removeprefix('workloads.').removesuffix('.rag.on')}.context_tokens"
    if not float(scenario.workloads[steps_of(path)[1]].context_tokens):
        return words
    return f"{words}: the whole context of {value_at(scenario, context)} tokens in each prompt"
