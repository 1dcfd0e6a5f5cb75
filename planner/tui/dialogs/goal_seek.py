"""Goal seek: which value of a field reaches a goal; the questions it asks, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.readout import METRICS, long_label, metric_text
from planner.readout.field_values import value_text
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session.outlook import HEADLINE
from planner.units import show

if TYPE_CHECKING:
    from planner.analysis.seek import Sought
    from planner.model import Result
    from planner.schema import Field, Spec

_MOST_TOLD = 3


def metric_picker(field: Field, result: Result) -> Picker:
    """Return a picker of the number that is to reach a goal."""
    order = [*HEADLINE, *(name for name in METRICS if name not in HEADLINE)]
    options = [Option(name, long_label(name), metric_text(result, name, brief=True)) for name in order]
    return Picker(f"By changing {field.spec.label.lower()}, reach a goal for", options)


def target_question(metric: str, result: Result) -> str:
    """Return the question for the goal itself."""
    return f"{long_label(metric)} is {metric_text(result, metric)}. What is the goal? (18, 80%, 1.5, 150k)"


def offer(sought: Sought, spec: Spec) -> tuple[str, dict[str, str]]:
    """Return which values reach the goal, and the keys that take them."""
    values = [each.value for each in sought.solutions][:_MOST_TOLD]
    told = " or ".join(value_text(value, spec) for value in values)
    goal = f"{long_label(sought.metric)} reaches {show(sought.target, sought.metric)}"
    answers = {str(at + 1): f"take {value_text(value, spec)}" for at, value in enumerate(values)}
    return f"{goal} with {spec.label.lower()} at {told}.", answers


def unreachable(sought: Sought, spec: Spec) -> str:
    """Say that no value reaches the goal, and how close one comes."""
    between = f"between {value_text(sought.lo, spec)} and {value_text(sought.hi, spec)}"
    if sought.found == "flat":
        return f"{long_label(sought.metric)} does not depend on {spec.label.lower()}."
    nearest = f"{show(sought.nearest.metric, sought.metric)} at {value_text(sought.nearest.value, spec)}"
    goal = f"{long_label(sought.metric)} of {show(sought.target, sought.metric)}"
    return f"{goal}: no {spec.label.lower()} {between} reaches it; the nearest is {nearest}."
