"""Adding parts to a plan and taking them out, and the plan's file in the user's editor: asked for step by step."""

# ruff: noqa: PLC0415 - lists and what they show are loaded when they are asked for

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.files import inert
from planner.tui.screens import saving
from planner.tui.session import plan_parts, segment_numbers
from planner.tui.session.saving import needs_name
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from planner.schema import Scenario
    from planner.tui.screens.page import Page
    from planner.tui.session.plan_parts import PartPlace
    from planner.tui.session.segment_numbers import SegmentNumber


def add(page: Page, at: str) -> None:
    """Ask what is to be added, then what it must be told; `at` is the path where the cursor is."""
    from planner.tui.dialogs.picker import Option, Picker

    found = list(plan_parts.places(page.plan.scenario))
    near = at.split(".", maxsplit=1)[0]
    found.sort(key=lambda place: not place.path.startswith(near))
    options = [
        Option(place.path, f"{place.noun[:1].upper()}{place.noun[1:]}", place.whose) for place in found
    ]

    numbers = list(segment_numbers.unstated(page.plan.scenario))
    options += [Option(each.path, each.label, each.meaning) for each in numbers]

    def chosen(path: str | None) -> None:
        place = next((each for each in found if each.path == path), None)
        number = next((each for each in numbers if each.path == path), None)
        if number is not None:
            _ask_number(page, number)
        if place is not None and place.path == "deployments":
            _ask_model(page)
        elif place is not None and place.path == "change":
            _ask_changed(page, place)
        elif place is not None and place.named:
            _ask_name(page, place)
        elif place is not None:
            _Form(page, place).ask()

    page.ask(Picker("Add what? Type a few letters", options), chosen)


def _ask_number(page: Page, number: SegmentNumber, given: str = "", why: str = "") -> None:
    """Ask what a segment states for a workload or another segment, which it does not state yet."""
    scenario = page.plan.scenario

    def told(text: str) -> None:
        try:
            after = segment_numbers.stated(scenario, number.path, text)
        except (ValueError, ScenarioError) as error:
            problem = (
                str(error.problems[0])
                if isinstance(error, ScenarioError)
                else f'"{inert(text)}" is not {error}.'
            )
            _ask_number(page, number, text, f"{problem} ")
            return
        said = f"Added: {number.label}. {segment_numbers.next_word(after, number.path)}".strip()
        _take(page, after, number.path, said)

    rule = segment_numbers.rule(scenario, number.path)
    page.ask_text(f"{why}{number.label}, {number.meaning}: {rule}", given, told)


def _ask_model(page: Page) -> None:
    """Ask for the model of a new deployment; its name follows from it."""
    from planner.tui.dialogs.new_deployment import model_picker
    from planner.tui.session.new_deployment import grown

    def chosen(model: str | None) -> None:
        if not model:
            return
        after, name = grown(page.plan.scenario, model)
        path = next(
            path
            for path in (f"deployments.{name}.gpu", f"deployments.{name}.model")
            if _is_field(after, path)
        )
        _take(page, after, path, f"Added the deployment {name}.")

    page.ask(model_picker(), chosen)


def _is_field(scenario: Scenario, path: str) -> bool:
    try:
        scenario.value(path)
    except ScenarioError:
        return False
    return True


def _ask_name(page: Page, place: PartPlace, first: str = "", why: str = "") -> None:
    def named(name: str) -> None:
        if problem := plan_parts.unusable_name(page.plan.scenario, place, name):
            _ask_name(page, place, name, f"{problem} ")
        else:
            _Form(page, place, name).ask()

    page.ask_text(f"{why}Name of the new {place.noun}", first, named)


def _ask_changed(page: Page, place: PartPlace) -> None:
    """Ask which field differs from a month on and what it holds then; the form asks for the month."""
    from planner.tui.dialogs.lists import field_picker

    picker = field_picker("What changes? Type a few letters", page.plan.scenario)
    page.ask(picker, lambda path: _ask_value(page, place, path) if path else None)


def _ask_value(page: Page, place: PartPlace, path: str, given: str = "", why: str = "") -> None:
    from planner.readout.field_values import exact, rule_text
    from planner.schema.paths import spec_at

    spec, now = spec_at(page.plan.scenario, path)

    def told(text: str) -> None:
        try:
            value = spec.read(text)
        except ValueError as error:
            _ask_value(page, place, path, text, f'"{inert(text)}" is not {error}. ')
            return
        _Form(page, place, told={"set": {path: value}}).ask()

    page.ask_text(f"{why}{spec.label} then: {rule_text(spec)}", given or exact(now, spec), told)


class _Form:
    """Asks for each field that a new part must be told, one after another, by what its declaration says."""

    def __init__(
        self, page: Page, place: PartPlace, name: str = "", *, told: Mapping[str, Any] | None = None
    ) -> None:
        self._page, self._place, self._name = page, place, name
        self._kind: type[BaseModel] = place.kinds[0]
        self._values: dict[str, Any] = dict(told or {})
        self._open = list(plan_parts.asked(self._kind))

    def ask(self, why: str = "", given: str | None = None) -> None:
        """Ask for the next field; once all are told, add the part."""
        if not self._open:
            self._add()
            return
        _, spec, first = self._open[0]
        from planner.readout.field_values import exact, rule_text

        text = f"{why}{self._place.noun[:1].upper()}{self._place.noun[1:]}. {spec.label}: {rule_text(spec)}"
        self._page.ask_text(text, exact(first, spec) if given is None else given, self._told)

    def _told(self, text: str) -> None:
        name, spec, _ = self._open[0]
        try:
            self._values[name] = spec.read(text)
        except ValueError as error:
            self.ask(f'"{inert(text)}" is not {error}. ', text)
            return
        del self._open[0]
        self.ask()

    def _add(self) -> None:
        scenario = self._page.plan.scenario
        try:
            after = plan_parts.added(scenario, self._place, self._kind, self._values, name=self._name)
        except ScenarioError as error:
            self._page.say(Notice(str(error.problems[0]), look="error"))
            return
        what = f"{self._place.noun} {self._name}".strip()
        _take(self._page, after, plan_parts.new_path(after, self._place, self._name), f"Added the {what}.")


def remove(page: Page, at: str) -> None:
    """Take out the part under the cursor: a workload, a deployment, a raise, a hire."""
    found = plan_parts.part_at(page.plan.scenario, at)
    if found is None:
        said = "This stays: a workload, a deployment, a raise, a hire or a payment can be taken out."
        page.say(Notice(said, "A adds one"))
        return
    place, name = found
    try:
        after = plan_parts.removed(page.plan.scenario, place, name)
    except ScenarioError as error:
        page.say(Notice(str(error.problems[0]), look="error"))
        return
    what = f"{place.noun} {name}" if place.named else f"{place.noun} {int(name) + 1}"
    _take(page, after, at, f"Took out the {what}.", gone=True)


def _take(page: Page, after: Scenario, path: str, said: str, *, gone: bool = False) -> None:
    """Let the plan become `after`, unless it can't be computed; `path` is what was added, or is gone."""
    from planner.model import evaluate

    try:
        evaluate(after)
    except ScenarioError as error:
        page.say(Notice(str(error.problems[0]), look="error"))
        return
    plan = page.plan.became(after, path, words=f"{said[:1].lower()}{said[1:]}")
    page.tell(page.Changed(plan, at="" if gone else path, notice=Notice(said, "u takes it back")))


def edit_file(page: Page) -> None:
    """Open the plan's file in the user's editor, saved first, and take back what was written."""
    if page.plan.unsaved or needs_name(page.plan) is not None:
        saving.save(page, lambda: page.call_after_refresh(_in_editor, page))
    else:
        _in_editor(page)


def _in_editor(page: Page) -> None:
    from planner.tui.terminal.editor import edited

    assert page.plan.file is not None
    path = page.plan.file.path
    if problem := edited(page.app, path):
        page.say(Notice(problem, look="error"))
        return
    read_again(page)


def read_again(page: Page) -> None:
    """Take what the plan's file says now, as one edit; where it can't be used, show every problem."""
    from planner.files import load
    from planner.model import evaluate
    from planner.tui.screens import by_name

    if page.plan.file is None:
        page.say(Notice("The plan stands in no file yet; s saves it."))
        return
    path = page.plan.file.path
    try:
        loaded = load(path, library=page.workplace.library)
        evaluate(loaded.scenario)
    except ScenarioError as error:
        title = f"{inert(path.name)} can't be used as it is written; the plan is as it was"
        page.tell(page.Opened(by_name.problem_page(title, [str(each) for each in error.problems])))
        return
    changed = loaded.scenario != page.plan.scenario
    words = f"what {inert(path.name)} said when it was read again."
    plan = page.plan.became(loaded.scenario, words=words).stored(loaded)
    said = f"{inert(path.name)} is read again" + ("." if changed else ": it says what it said.")
    page.tell(page.Changed(plan, notice=Notice(said, "u takes it back" if changed else "")))
