"""Goal seek: which value of a field reaches a goal; the questions it asks, and what it says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.readout import METRICS, RUNWAYS, long_label, metric_text, number
from planner.readout.field_values import value_text, value_with_unit
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session.outlook import HEADLINE
from planner.units import show

if TYPE_CHECKING:
    from planner.analysis.seek import Sought
    from planner.model import Result
    from planner.schema import Field, Spec

_MOST_TOLD = 3
_BETTER = 0.9  # of what a number is: a goal to show as an example
_PERCENT = 100


def metric_picker(field: Field, result: Result) -> Picker:
    """Return a picker of the number that is to reach a goal."""
    order = [*HEADLINE, *(name for name in METRICS if name not in HEADLINE)]
    options = [Option(name, long_label(name), metric_text(result, name, brief=True)) for name in order]
    return Picker(f"By changing {field.spec.label.lower()}, reach a goal for", options)


def target_question(field: Field, metric: str, result: Result) -> str:
    """Return the question for the goal itself."""
    now = f"{long_label(metric)} is {metric_text(result, metric)}."
    by = f"{field.spec.label} is changed until it is reached"
    return f"{now} What is the goal, such as {example(metric, result)}? {by}; you see the answer first."


def example(metric: str, result: Result) -> str:
    """Return a goal for a number as it might be typed: near what it is, with few digits."""
    value = number(result.metrics[metric])
    if not math.isfinite(value):
        return "18" if metric in RUNWAYS else "100"
    wanted = float(f"{value * _BETTER:.2g}")
    if METRICS[metric].unit == "share":
        return f"{wanted * _PERCENT:.0f}%"
    return f"{wanted:.10g}"


def offer(sought: Sought, spec: Spec) -> tuple[str, dict[str, str]]:
    """Return which values reach the goal, and the keys that take them."""
    values = [each.value for each in sought.solutions][:_MOST_TOLD]
    told = " or ".join(value_with_unit(value, spec) for value in values)
    goal = f"{long_label(sought.metric)} reaches {show(sought.target, sought.metric)}"
    answers = {str(at + 1): f"take it: {value_with_unit(value, spec)}" for at, value in enumerate(values)}
    return f"{goal} with {spec.label.lower()} at {told}.", answers


def unreachable(sought: Sought, spec: Spec) -> str:
    """Say that no value reaches the goal, and how close one comes."""
    between = f"between {value_text(sought.lo, spec)} and {value_text(sought.hi, spec)}"
    if sought.found == "flat":
        return f"{long_label(sought.metric)} does not depend on {spec.label.lower()}."
    nearest = f"{show(sought.nearest.metric, sought.metric)} at {value_text(sought.nearest.value, spec)}"
    goal = f"{long_label(sought.metric)} of {show(sought.target, sought.metric)}"
    return f"{goal}: no {spec.label.lower()} {between} reaches it; the nearest is {nearest}."
