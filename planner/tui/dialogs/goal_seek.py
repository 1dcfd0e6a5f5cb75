"""Goal seek: at which value of the field under the cursor a result reaches a goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.analysis.seek import Sought, seek
from planner.errors import ScenarioError
from planner.readout import METRICS, long_label, metric_text
from planner.schema import Field, Spec, read_number
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session import navigation
from planner.tui.widgets.field_text import value_text
from planner.tui.widgets.headline_numbers import HEADLINE
from planner.units import show

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp

_MOST_TOLD = 3


def seek_goal(app: PlannerApp, field: Field) -> None:
    """Ask for a number and its goal, then offer the value that reaches it."""
    result = app.outlook.result
    if result is None or not field.spec.numeric:
        app.say("A goal is sought by a number: put the cursor on one.")
        return
    order = [*HEADLINE, *(name for name in METRICS if name not in HEADLINE)]
    options = [Option(name, long_label(name), metric_text(result, name, brief=True)) for name in order]
    picker = Picker(f"By changing {field.spec.label.lower()}, reach a goal for", options)
    app.visit(picker, lambda metric: _ask_target(app, field, metric))


def _ask_target(app: PlannerApp, field: Field, metric: str | None) -> None:
    if metric is None or app.outlook.result is None:
        return
    now = metric_text(app.outlook.result, metric)
    question = f"{long_label(metric)} is {now}. What is the goal? (18, 80%, 1.5, 150k)"
    navigation.ask_text(app, question, "", lambda text: _seek(app, field, metric, text))


def _seek(app: PlannerApp, field: Field, metric: str, text: str) -> None:
    target = read_number(text)
    if target is None:
        app.say(f'"{text}" is not a number.', "Type a goal such as 18, 80%, 1.5 or 150k.", look="error")
        return
    try:
        sought = seek(app.plan.scenario, field.path, metric, target)
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
        return
    values = [each.value for each in sought.solutions]
    if not values:
        app.say(unreachable(sought, field.spec), look="error")
        return
    told = " or ".join(value_text(value, field.spec) for value in values[:_MOST_TOLD])
    question = (
        f"{long_label(metric)} reaches {show(target, metric)} with {field.spec.label.lower()} at {told}."
    )
    answers = {
        str(at + 1): f"take {value_text(value, field.spec)}" for at, value in enumerate(values[:_MOST_TOLD])
    }
    navigation.ask_key(app, question, answers, lambda key: _take(app, field, values, key))


def unreachable(sought: Sought, spec: Spec) -> str:
    """Say that no value reaches the goal, and how close one comes."""
    between = f"between {value_text(sought.lo, spec)} and {value_text(sought.hi, spec)}"
    if sought.found == "flat":
        return f"{long_label(sought.metric)} does not depend on {spec.label.lower()}."
    nearest = f"{show(sought.nearest.metric, sought.metric)} at {value_text(sought.nearest.value, spec)}"
    goal = f"{long_label(sought.metric)} of {show(sought.target, sought.metric)}"
    return f"{goal}: no {spec.label.lower()} {between} reaches it; the nearest is {nearest}."


def _take(app: PlannerApp, field: Field, values: list[float], key: str) -> None:
    if key:
        app.edit(field.path, values[int(key) - 1])
