"""What a screen asks in steps: a value from a list, a new deployment, edits left over, a file to write."""

# ruff: noqa: PLC0415 - lists and what they show are loaded when they are asked for

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import inert
from planner.schema.steps import step_text, steps_of
from planner.tui.session import unsaved
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from planner.errors import Problem
    from planner.files import Edit
    from planner.schema import Field, Scenario
    from planner.tui.config.appearance import Appearance
    from planner.tui.config.keys import Key
    from planner.tui.screens.page import Page
    from planner.tui.session.exports import ExportKind


class Recovered(AheadOfKeys):
    """The user wants these edits made again, which a dead screen left."""

    def __init__(self, edits: tuple[Edit, ...]) -> None:
        super().__init__()
        self.edits = edits


def _refuse(page: Page, error: ScenarioError) -> None:
    page.say(Notice(str(error.problems[0]), look="error"))


def choose_value(
    page: Page,
    field: Field,
    choices: tuple[str, ...],
    take: Callable[[object], object],
) -> None:
    """Choose a field's value from a list."""
    from planner.tui.dialogs.lists import value_picker

    page.ask(value_picker(field, choices), lambda value: take(value) if value else None)


def choose_order(page: Page, field: Field, take: Callable[[object], object]) -> None:
    """Choose which deployments answer a workload, and in which order; or add one."""
    from planner.tui.dialogs.order import ADD, OrderChooser
    from planner.tui.session.field_choices import request_costs

    scenario, workload = page.plan.scenario, steps_of(field.path)[1]

    def chosen(names: tuple[str, ...] | str | None) -> None:
        if names == ADD:
            _ask_deployment(page, field)
        elif names:
            take(names)

    beside = {
        name: f"{scenario.deployments[name].model}  {usd}".strip()
        for name, usd in request_costs(scenario, workload).items()
    }
    prompt = f"Models of {workload}, cheapest first: cost of a request"
    page.ask(OrderChooser(prompt, scenario.deployments, field.value, beside), chosen)


def after_choice(before: Scenario, after: Scenario, field: Field, on: date) -> Notice | None:
    """Return what a choice changes besides its own value: of another model, its price, and what it keeps."""
    from planner.tui.session.model_facts import swap_words

    words = swap_words(before, after, field, on)
    return None if words is None else Notice(*words)


def _ask_deployment(page: Page, field: Field) -> None:
    """Ask for a model, and put it before the tiers of a workload as a new deployment."""
    from planner.tui.dialogs.new_deployment import model_picker

    page.ask(model_picker(), lambda model: _add_deployment(page, field, model) if model else None)


def _add_deployment(page: Page, field: Field, model: str) -> None:
    from planner.model import evaluate
    from planner.tui.session.new_deployment import with_deployment

    workload = list(steps_of(field.path))[1]
    before = page.plan.scenario
    try:
        after, name = with_deployment(before, workload=workload, model=model)
        evaluate(after)
    except ScenarioError as error:
        _refuse(page, error)
        return
    plan = page.plan.became(after, field.path)
    if before.workloads[workload].routing.tiers == after.workloads[workload].routing.tiers:
        said = Notice(f"Added the deployment {name}.", "enter puts it into the tiers; u takes it back")
        page.tell(page.Changed(plan, notice=said))
        return
    last = after.workloads[workload].routing.tiers[-1]
    said = Notice(
        f"Added {name}, at a success rate of {after.deployments[name].success_share:.0%}: measure yours.",
        f"All still go to {last}: H and h give {name} a share; u takes it back",
    )
    page.tell(page.Changed(plan, at=f"workloads.{step_text(workload)}.routing.share_to_last", notice=said))


def recover(page: Page, done: Callable[[], object]) -> None:
    """Ask whether to make the edits again that a dead screen left."""
    plan, state = page.plan, page.workplace.state
    edits = unsaved.left_over(plan, state)
    if not edits:
        page.say(Notice("No edits are left over: nothing was lost."))
        return

    def answered(key: str) -> None:
        if not key:
            page.say(Notice("The edits stay where they are: they are offered again at the next start."))
            return
        done()
        if key == "y":
            page.tell(Recovered(edits))
        else:
            unsaved.forget(plan, state)
            page.say(Notice("The edits are forgotten."))

    answers = {"y": "restore", "n": "discard"}
    page.ask_key(unsaved.question(plan, edits), answers, answered)


def choose_action(page: Page) -> None:
    """Choose any action of a screen by name."""
    from planner.tui.dialogs.lists import action_picker

    def chosen(action: str | None) -> None:
        if action:
            page.app.call_later(page.app.run_action, action, page)

    page.ask(action_picker(page.keys), chosen)


def find(page: Page, go_to: Callable[[str], object]) -> None:
    """Find a field or a number by a few letters and go to it; or a chart, a table, a screen, and show it."""
    from planner.tui.dialogs.lists import RUN, find_picker

    def chosen(found: str | None) -> None:
        if found and found.startswith(RUN):
            page.app.call_later(page.app.run_action, found.removeprefix(RUN), page)
        elif found:
            go_to(found)

    page.ask(find_picker(page.plan.scenario, page.keys, page.outlook.result), chosen)


def choose_theme(page: Page, looks: Appearance, before: str) -> None:
    """Choose a theme, and keep it for the next start; without a choice, go back to the one before."""
    from planner.tui.dialogs.theme_picker import ThemePicker

    def chosen(name: str | None) -> None:
        if name:
            looks.keep_theme(name)
        else:
            looks.use(before)

    page.ask(ThemePicker(looks.names(), before, looks.use), chosen)


def edit_keymap(page: Page, use_keys: Callable[[tuple[Key, ...], list[Problem]], object]) -> None:
    """Write a keymap file to change keys in; where there is one, read it again."""
    from planner.tui.config.keymap import keymap, keymap_path, write_starter

    path = keymap_path()
    if path.is_file():
        use_keys(*keymap(path))
        page.say(Notice(f"The keys are those of {inert(str(path))} now."))
        return
    try:
        write_starter(path)
        more = "Change keys in it, then choose keymap here again."
        page.say(Notice(f"Written: {inert(str(path))}.", more))
    except ScenarioError as error:
        _refuse(page, error)


def export(page: Page) -> None:
    """Ask what is to be written, then where, and write it."""
    from planner.tui.dialogs.picker import Option, Picker
    from planner.tui.session.exports import KINDS, SCREENS
    from planner.tui.terminal.screen_text import screen_svg, screen_text

    known = KINDS if page.showing_plan else SCREENS
    pictures = {  # while nothing stands before the screen
        "svg": screen_svg(page.app, inert(page.plan.scenario.title)),
        "text": screen_text(page.app),
    }
    options = [Option(name, kind.label, kind.ending) for name, kind in known.items()]

    def chosen(name: str | None) -> None:
        if name:
            _ask_where(page, KINDS[name], pictures.get(name))

    page.ask(Picker("Write into a file", options), chosen)


def _ask_where(page: Page, kind: ExportKind, made: str | None) -> None:
    """Make the content unless it is there, and ask for its file; a browser takes it as a download."""
    from planner.tui.session.exports import suggested_file

    try:
        content = kind.made(page.plan) if made is None and kind.made is not None else made or ""
    except ScenarioError as error:
        _refuse(page, error)
        return
    path = suggested_file(page.plan, kind)
    if page.app.is_web:
        _download(page, content, path.name)
    else:
        _ask_file(page, kind.label, content, path)


def _download(page: Page, content: str | bytes, name: str) -> None:
    from io import BytesIO

    from planner.tui.session.exports import as_bytes

    page.app.deliver_binary(BytesIO(as_bytes(content)), save_filename=name, open_method="download")
    page.say(Notice(f"{inert(name)} goes to your browser's downloads."))


def _ask_file(page: Page, label: str, content: str | bytes, path: Path) -> None:
    page.ask_text(f"{label}. Write it to", str(path), lambda name: _write(page, label, content, name))


def _write(page: Page, label: str, content: str | bytes, name: str) -> None:
    """Write content, after asking where a file of that name is there already."""
    from planner.tui.session.exports import target

    try:
        path = target(name)
    except ScenarioError as error:
        _refuse(page, error)
        return
    if not os.path.lexists(path):
        _put(page, content, path)
        return

    def answered(key: str) -> None:
        if key == "y":
            _put(page, content, path)
        elif key == "n":
            _ask_file(page, label, content, path)

    answers = {"n": "another name", "y": "write over it"}
    page.ask_key(f"{inert(str(path))} is there already.", answers, answered)


def _put(page: Page, content: str | bytes, path: Path) -> None:
    from planner.tui.session.exports import put

    try:
        page.say(Notice(put(path, content)))
    except ScenarioError as error:
        _refuse(page, error)
