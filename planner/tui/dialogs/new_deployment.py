"""Ask for a model: of a new deployment, or another one for a deployment that is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from planner.catalog.hardware import llm_names
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session.field_choices import api_models
from planner.tui.session.model_facts import MODEL_HEAD, ends, model_text, open_model_text, version
from planner.tui.session.new_deployment import FIRST_GPU

if TYPE_CHECKING:
    from planner.schema import Scenario


def model_picker() -> Picker:
    """Return a picker of every model: those sold by API, then open ones to host."""
    hosted = [
        Option(name, name, words=f"open model, on {FIRST_GPU}", late=open_model_text) for name in llm_names()
    ]
    prompt = "Model of the new deployment: type a few letters"
    return Picker(prompt, [*sold_options(api_models()), *hosted], head=MODEL_HEAD)


def answering_picker(scenario: Scenario, workload: str) -> Picker:
    """Return a picker of the plan's deployments and, with an empty answer, of a model that is not in it yet."""
    there = [Option(name, name, str(each.model)) for name, each in scenario.deployments.items()]
    new = Option("", "a new model", "asked for next")
    return Picker(
        f"Which model answers {workload}? Type a few letters", [*there, new], current=there[0].value
    )


def sold_options(names: Iterable[str]) -> list[Option]:
    """Return models that are sold, by vendor and newest first; those that their vendor takes off stand last."""
    options = [
        Option(name, name, words="API", late=model_text, version=version(name), ends=ends(name))
        for name in names
    ]
    return sorted(options, key=lambda one: (one.ends, one.value.partition(":")[0], -(one.version or 0.0)))
