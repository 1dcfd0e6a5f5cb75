"""Lists to pick from: every field of a plan, every action of a screen, deployments, models, plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from planner.files import inert
from planner.readout import METRICS, metric_text, placed_label
from planner.readout.field_values import value_text
from planner.schema.steps import steps_of
from planner.tui.config.keys import SAID, key_name
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session.field_list import in_order
from planner.tui.session.model_facts import MODEL_HEAD, model_text
from planner.tui.widgets.panels import FOUND_BY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from planner.files import Entry
    from planner.files.relocate import Trashed
    from planner.model import Result
    from planner.schema import Field, Scenario
    from planner.tui.config.keys import Key

RUN = "run "  # before an action that is found beside fields


def field_picker(prompt: str, scenario: Scenario) -> Picker:
    """Return a picker of any field; it gives the field's path."""
    return Picker(prompt, field_options(scenario))


def value_picker(field: Field, choices: Iterable[str], *, whose: str = "") -> Picker:
    """Return a picker of a field's values; `whose` says more of the field."""
    from planner.tui.dialogs.new_deployment import sold_options  # noqa: PLC0415 - the catalog is large

    prompt = f"{placed_label(field.path, field.spec.label)}{whose}: type a few letters"
    current = value_text(field.value, field.spec)
    names = tuple(choices)
    if steps_of(field.path)[-1] != "model":
        return Picker(prompt, [Option(name, name) for name in names], current=current)
    if not any(":" in name for name in names):
        return Picker(prompt, [Option(name, name, late=model_text) for name in names], current=current)
    return Picker(prompt, sold_options(names), current=current, head=MODEL_HEAD)


def action_picker(keys: Iterable[Key]) -> Picker:
    """Return a picker of the actions that some keys stand for."""
    return Picker("Do anything: type a few letters", action_options(keys))


def action_options(keys: Iterable[Key]) -> list[Option]:
    """Return what keys do as something to find, by its sentence and by what people call it."""
    keys = list(keys)
    named = [
        Option(
            key.action, key.help, " ".join(map(key_name, key.keys)), f"{key.name} {SAID.get(key.name, '')}"
        )
        for key in keys
    ]
    return named + (panel_options() if any(key.name == "large" for key in keys) else [])


def panel_options() -> list[Option]:
    """Return every chart and table beside the form as something to find."""
    return [Option(f"panel('{name}')", text, "", words) for name, (text, words) in FOUND_BY.items()]


def number_options(result: Result | None) -> list[Option]:
    """Return every headline number as something to find, with what it is."""
    return [
        Option(
            f"{RUN}number('{each.name}')",
            each.label,
            f"number  {metric_text(result, each.name, brief=True)}" if result is not None else "number",
            each.name.replace("_", " "),
        )
        for each in METRICS.values()
    ]


def find_picker(scenario: Scenario, keys: Iterable[Key], result: Result | None = None) -> Picker:
    """Return a picker of fields, numbers, charts and screens; it gives a path, or an action behind RUN."""
    views = [*panel_options(), *action_options(key for key in keys if key.name in SAID)]
    found = {option.value: option for option in views}
    options = [replace(option, value=f"{RUN}{option.value}", detail="view") for option in found.values()]
    found_in = [*field_options(scenario), *number_options(result), *options]
    return Picker("Find a field, a number, a chart or a screen", found_in)


def name_picker(prompt: str, names: Iterable[str]) -> Picker:
    """Return a picker of names, of workloads or of deployments."""
    return Picker(prompt, [Option(each, each) for each in names])


def plan_picker(prompt: str, files: Iterable[Entry], *, first: Sequence[Option] = ()) -> Picker:
    """Return a picker of plans; `first` stands before them."""
    return Picker(
        prompt,
        [*first, *(Option(each.name, each.name, "shipped" if each.shipped else "") for each in files)],
    )


def trash_picker(found: Iterable[Trashed]) -> Picker:
    """Return a picker of what was deleted; it gives the path where a file is kept."""
    options = [
        Option(
            str(each.kept), inert(each.origin.stem),
            f"{datetime.fromtimestamp(each.deleted_s).astimezone():%Y-%m-%d %H:%M}  {inert(str(each.origin.parent))}",
        )
        for each in found
    ]  # fmt: skip
    return Picker("Bring back which plan?", options)


def field_options(scenario: Scenario) -> list[Option]:
    """Return every field as something to find: by label, section, path or help."""
    return [
        Option(
            field.path,
            field.spec.label,
            f"{_place(field.path)}  {value_text(field.value, field.spec)}",
            f"{field.path.replace('.', ' ').replace('_', ' ')} {field.spec.help}",
        )
        for field in in_order(scenario)
    ]


def _place(path: str) -> str:
    parts = list(steps_of(path))
    return parts[1] if parts[0] in ("workloads", "deployments", "segments") else parts[0]
