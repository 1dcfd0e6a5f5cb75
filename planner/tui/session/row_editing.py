"""How a row is edited: nudged, typed, chosen, repeated. Each ends in one edit of the app, or in words why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.tui.session.nudge import nudged
from planner.tui.state import same
from planner.tui.widgets.field_text import value_text

if TYPE_CHECKING:
    from planner.schema import Field
    from planner.tui.app import PlannerApp


def choices(app: PlannerApp, field: Field) -> tuple[str, ...]:
    """Return what a field can be chosen from; nothing where it is typed."""
    if field.spec.kind not in ("choice", "names"):
        return field.spec.choices
    from planner.tui.dialogs.catalog_choices import offers  # noqa: PLC0415 - the catalog is large

    return field.spec.choices or offers(app.plan.scenario, field)


def typed(app: PlannerApp, field: Field, text: str) -> bool:
    """Give a field what was typed; say why not where it can't be."""
    return app.edit(field.path, meant(field, text))


def nudge(app: PlannerApp, field: Field, steps: int) -> None:
    """Move a value by steps of its declaration."""
    if field.value is None:
        app.say(f"{field.spec.label} has its default; press enter to type a value.")
        return
    value = nudged(field.value, field.spec, steps, choices(app, field))
    if same(value, field.value):
        app.say(_why_still(app, field), f"It must be {field.spec.rule()}.")
        return
    app.edit(field.path, value, steps=steps)


def repeat(app: PlannerApp, field: Field) -> None:
    """Do the last edit again, on this field."""
    last = app.plan.last
    if last is None:
        app.say("There is no edit to repeat yet.")
    elif last.steps:
        nudge(app, field, last.steps)
    else:
        app.edit(field.path, last.after)


def tried(app: PlannerApp, field: Field, text: str) -> tuple[str, str]:
    """Show what a text typed would lead to; return what to say about it."""
    rule = f"{field.spec.label}: {field.spec.rule()}"
    if not text.strip() and not field.spec.optional:
        return rule, ""
    try:
        scenario = app.plan.scenario.with_value(field.path, meant(field, text))
        app.show(app.forecast.outlook(app.plan, scenario))
    except ScenarioError as error:
        return first(error, field), rule
    return f"{field.spec.label}: {value_text(scenario.value(field.path), field.spec)}", rule


def _why_still(app: PlannerApp, field: Field) -> str:
    """Say why a nudge changed nothing."""
    if field.spec.numeric:
        return f"{field.spec.label} is at the end of what it may be."
    how = "chosen from a list" if choices(app, field) else "typed"
    return f"{field.spec.label} is {how}, not nudged; press enter."


def meant(field: Field, text: str) -> Any:
    """Return what a typed text stands for: nothing typed means the default, where there is one."""
    return None if field.spec.optional and not text.strip() else text.strip()


def first(error: ScenarioError, field: Field | None = None) -> str:
    """Return the first problem, a field by its label; a share that looks like percent is recognised."""
    more = len(error.problems) - 1
    text = str(error.problems[0]) + (f" ({more} more)" if more else "")
    if field is None or not text.startswith(field.path):
        return text
    said = f"{field.spec.label}{text.removeprefix(field.path)}"
    typed = text.partition('"')[2].partition('"')[0]
    looks_like_percent = (
        field.spec.kind == "share" and typed.replace(".", "", 1).isdigit() and float(typed) > 1
    )
    return f"{said} Did you mean {typed}%?" if looks_like_percent else said
