"""Goal seek, asked step by step: which number, which goal, by changing what; the answer is shown before it is taken."""

# ruff: noqa: PLC0415 - lists and the search are loaded when they are asked for

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.schema import Field, fields, read_number, spec_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.analysis.seek import Sought
    from planner.model import Result
    from planner.tui.screens.page import Page

    Accept = Callable[[Field, float], object]  # what is done with a value that was chosen

_GO_ON = "enter"


def seek_goal(page: Page, accept: Accept, *, field: Field | None = None, metric: str = "") -> None:
    """Ask for what is missing of a goal, then offer the values of a field that reach it.

    From a field the number is asked for, from a headline number the field; from a row that is no number, both.
    """
    result = page.outlook.result.at_month(1) if page.outlook.result is not None else None
    if result is None:
        page.ask_key(
            "The plan can't be computed as it stands: there is no goal to seek.", {_GO_ON: "ok"}, _nothing
        )
    elif field is not None and field.spec.numeric and field.value is not None:
        _ask_metric(page, result, accept, field)
    elif metric:
        _ask_field(page, result, accept, metric)
    else:
        words = "A goal is reached by changing a number, and the cursor is on none."
        answers = {_GO_ON: "choose the number to change"}
        page.ask_key(words, answers, lambda key: _ask_field(page, result, accept, "") if key else None)


def _nothing(_key: str) -> None:
    """Do nothing: there was only something to read."""


def _ask_field(page: Page, result: Result, accept: Accept, metric: str) -> None:
    """Ask which number is to change."""
    from planner.readout import long_label
    from planner.tui.dialogs.lists import field_options
    from planner.tui.dialogs.picker import Picker

    known = {
        each.path: each for each in fields(page.plan.scenario) if each.spec.numeric and each.value is not None
    }
    goal = f" for {long_label(metric, result.month)}" if metric in result.metrics else ""
    options = [each for each in field_options(page.plan.scenario) if each.value in known]

    def chosen(path: str | None) -> None:
        if path and metric in result.metrics:
            _ask_target(page, result, accept, known[path], metric)
        elif path:
            _ask_metric(page, result, accept, known[path])

    page.ask(Picker(f"By changing what? A goal{goal} is sought", options), chosen)


def _ask_metric(page: Page, result: Result, accept: Accept, field: Field) -> None:
    from planner.tui.dialogs.goal_seek import metric_picker

    then = partial(_ask_target, page, result, accept, field)
    page.ask(metric_picker(field, result), lambda metric: then(metric) if metric else None)


def _ask_target(
    page: Page, result: Result, accept: Accept, field: Field, metric: str, *, problem: str = ""
) -> None:
    """Ask for the goal itself; again, with the reason, where it can't be read."""
    from planner.tui.dialogs.goal_seek import example, target_question

    def typed(text: str) -> None:
        target = read_number(text)
        if target is None:
            why = f'"{text}" is not a number; type a goal such as {example(metric, result)}.'
            _ask_target(page, result, accept, field, metric, problem=why)
        else:
            _seek(page, accept, field, metric, target)

    page.ask_text(f"{problem}\n{target_question(field, metric, result)}".strip(), "", typed)


def _seek(page: Page, accept: Accept, field: Field, metric: str, target: float) -> None:
    """Seek near what the field is, then far from it; show what is found, and take it only if the user wants it."""
    from planner.tui.dialogs.goal_seek import offer, unreachable

    try:
        sought = _near_or_far(page, field, metric, target)
    except ScenarioError as error:
        page.ask_key(str(error.problems[0]), {_GO_ON: "ok"}, _nothing)
        return
    if sought.solutions:
        question, answers = offer(sought, field.spec)
        page.ask_key(
            question,
            answers,
            lambda key: accept(field, sought.solutions[int(key) - 1].value) if key else None,
        )
    else:
        page.ask_key(unreachable(sought, field.spec), {_GO_ON: "ok"}, _nothing)


def _near_or_far(page: Page, field: Field, metric: str, target: float) -> Sought:
    """Return what is found within ten times the field's value, or else as far as the field may go."""
    from planner.analysis.seek import far_ends, seek

    scenario = page.plan.scenario
    sought = seek(scenario, field.path, metric, target)
    if sought.solutions or sought.found == "flat":
        return sought
    spec, value = spec_at(scenario, field.path)
    low, high = far_ends(spec, value)
    far = seek(scenario, field.path, metric, target, lo=low, hi=high)
    return far if far.solutions or far.hi > far.lo else sought
