"""Adding parts to a plan and taking them out, and the plan's file in the user's editor: asked for step by step."""

# ruff: noqa: PLC0415 - lists and what they show are loaded when they are asked for

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.files import inert
from planner.readout import placed_label
from planner.schema.steps import step_text
from planner.tui.screens import saving
from planner.tui.session import plan_parts, segment_numbers
from planner.tui.session.saving import needs_name
from planner.tui.widgets.status import Notice
from planner.units import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.schema import Scenario
    from planner.tui.screens.page import Page
    from planner.tui.session.plan_parts import PartPlace
    from planner.tui.session.segment_numbers import SegmentNumber


def add(page: Page, at: str) -> None:
    """Ask what is to be added, then what it must be told; `at` is the path where the cursor is."""
    from planner.tui.dialogs.picker import Option, Picker

    found = list(plan_parts.places(page.plan.scenario))
    near = at.split(".", maxsplit=1)[0]
    found.sort(key=lambda place: (not place.path.startswith(near), place.whose not in ("", "the company")))
    options = [Option(place.path, place.title, place.meaning) for place in found]

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
        said = f"Added the deployment {name}. No workload uses it yet: add it to the models of one."
        _take(page, after, path, said)

    page.ask(model_picker(), chosen)


def _is_field(scenario: Scenario, path: str) -> bool:
    try:
        scenario.value(path)
    except ScenarioError:
        return False
    return True


def _ask_name(page: Page, place: PartPlace) -> None:
    def named(name: str) -> None:
        if place.path == "workloads":
            _ask_who_answers(page, place, name)
        else:
            _Form(page, place, name).ask()

    page.ask_text(
        f"Name of the new {place.noun}",
        "",
        named,
        problem=lambda name: plan_parts.unusable_name(page.plan.scenario, place, name),
    )


def _ask_who_answers(page: Page, place: PartPlace, name: str) -> None:
    """Ask which model answers a new workload: one of the plan's, or one that comes with it."""
    from planner.tui.dialogs.new_deployment import answering_picker, model_picker
    from planner.tui.session.new_deployment import grown

    scenario = page.plan.scenario

    def answered_by(deployment: str, into: Scenario) -> None:
        _Form(page, place, name, told={"routing": {"tiers": [deployment]}}, into=into).ask()

    def new(model: str | None) -> None:
        if model:
            into, deployment = grown(scenario, model)
            answered_by(deployment, into)

    def chosen(deployment: str | None) -> None:
        if deployment:
            answered_by(deployment, scenario)
        elif deployment is not None:
            page.ask(model_picker(), new)

    page.ask(answering_picker(scenario, name), chosen)


def _ask_changed(page: Page, place: PartPlace) -> None:
    """Ask which field differs from a month on and what it holds then; the form asks for the month."""
    from planner.tui.dialogs.lists import field_picker

    picker = field_picker("What changes? Type a few letters", page.plan.scenario)
    page.ask(picker, lambda path: _ask_value(page, place, path) if path else None)


def _ask_value(page: Page, place: PartPlace, path: str) -> None:
    """Ask what a field holds then: from its list where it has one."""
    from planner.readout.field_values import exact
    from planner.schema import Field
    from planner.schema.paths import spec_at
    from planner.tui.dialogs.lists import value_picker
    from planner.tui.session.row_edits import choices

    scenario = page.plan.scenario
    spec, now = spec_at(scenario, path)

    def told(value: str | None) -> None:
        if value:
            _Form(page, place, told={"set": {path: spec.read(value)}}).ask()

    def problem(text: str) -> str:
        if why := plan_parts.unusable_value(text, spec):
            return why
        change = {"month": _month_seen(page), "set": {path: spec.read(text)}}
        return plan_parts.unusable_part(scenario, place, change)

    field = Field(path, spec, now)
    listed = ("on", "off") if spec.kind == "flag" else choices(scenario, field)
    if listed and spec.kind != "names":
        page.ask(value_picker(field, listed, whose=" from then on"), told)
        return
    label = placed_label(path, spec.label)
    page.ask_text(f"{label}, from then on (now {exact(now, spec)})", exact(now, spec), told, problem=problem)


def _month_seen(page: Page) -> int:
    """Return the month that is looked at."""
    return page.outlook.result.month if page.outlook.result is not None else 1


class _Form:
    """Asks for each field that a new part must be told, one after another, by what its declaration says."""

    def __init__(
        self,
        page: Page,
        place: PartPlace,
        name: str = "",
        *,
        told: Mapping[str, Any] | None = None,
        into: Scenario | None = None,
    ) -> None:
        self._page, self._place, self._name = page, place, name
        self._into = into or page.plan.scenario
        self._values: dict[str, Any] = dict(told or {})
        self._open = list(plan_parts.asked(place))

    def ask(self) -> None:
        """Ask for the next field; once all are told, add the part."""
        if not self._open:
            self._add()
            return
        from planner.readout.field_values import exact
        from planner.tui.dialogs.ask import AskText

        name, spec, first = self._open[0]
        given = exact(_month_seen(self._page) if name == "month" else first, spec)
        words = plan_parts.prompt(self._place, spec)
        question = AskText(words, given, may_be_empty=spec.kind == "text", problem=self._problem)
        self._page.ask(question, lambda line: self._told(line) if line is not None else None)

    def _problem(self, text: str) -> str:
        name, spec, _ = self._open[0]
        if (why := plan_parts.unusable_value(text, spec)) or name != "month":
            return why
        return plan_parts.month_problem(self._page.plan.scenario, float(spec.read(text)))

    def _told(self, text: str) -> None:
        name, spec, _ = self._open.pop(0)
        self._values[name] = spec.read(text)
        self.ask()

    def _add(self) -> None:
        place = self._place
        try:
            after = plan_parts.added(self._into, place, place.kinds[0], self._values, name=self._name)
        except ScenarioError as error:
            self._page.say(Notice(str(error.problems[0]), look="error"))
            return
        what = f"{place.title[:1].lower()}{place.title[1:]} {self._name}".strip()
        new = self._into.deployments.keys() - self._page.plan.scenario.deployments.keys()
        what += "".join(f" and the deployment {inert(name)}" for name in new)
        path = plan_parts.new_path(after, place, self._name)
        _take(self._page, after, path, f"Added the {what}.{plan_parts.of_new(after, place, self._name)}")


def remove(page: Page, at: str) -> None:
    """Take out the part under the cursor: at once on its head, after a question on one of its fields."""
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
    what = f"{place.noun} {inert(name)}" if place.named else f"{place.noun} {int(name) + 1}"

    part = f"{place.path}.{step_text(name)}"
    lost = plan_parts.mentions_lost(page.plan.scenario, after, part) if place.named else 0
    more = f", and {counted(lost, 'field')} of other parts about it" if lost else ""

    def take_out() -> None:
        _take(page, after, at, f"Took out the {what}{more}.", gone=True)

    if at == part:
        take_out()
    else:
        page.ask_key(f"Remove the {what}{more}?", {"y": "remove it"}, lambda key: take_out() if key else None)


def _take(page: Page, after: Scenario, path: str, said: str, *, gone: bool = False) -> None:
    """Let the plan become `after`, unless it can't be computed; `path` is what was added, or is gone."""
    from planner.model import evaluate

    try:
        evaluate(after)
    except ScenarioError as error:
        page.say(Notice(str(error.problems[0]), look="error"))
        return
    back = "u brings it back" if gone else "u takes it back"
    plan = page.plan.became(after, path, words=f"{said[:1].lower()}{said[1:]}")
    page.tell(page.Changed(plan, at="" if gone else path, notice=Notice(said, back)))


def edit_file(page: Page) -> None:
    """Open the plan's file in the user's editor, saved first, and take back what was written."""
    if page.plan.unsaved or needs_name(page.plan) is not None:
        saving.save(page, lambda: page.call_after_refresh(_in_editor, page, "Saved first. "))
    else:
        _in_editor(page)


def _in_editor(page: Page, before: str = "") -> None:
    from planner.tui.terminal.editor import edited

    assert page.plan.file is not None
    path = page.plan.file.path
    if problem := edited(page.app, path):
        page.say(Notice(problem, look="error"))
        return
    read_again(page, before)


def read_again(page: Page, before: str = "") -> None:
    """Take what the plan's file says now, as one edit; where it can't be used, show every problem.

    `before` is what was done first, for the notice.
    """
    from planner.files import load
    from planner.model import evaluate
    from planner.tui.screens import by_name

    if page.plan.file is None:
        page.say(Notice("The plan has no file yet; s saves it."))
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
    said = f"{before}{inert(path.name)} is read again" + ("." if changed else "; nothing in it has changed.")
    page.tell(page.Changed(plan, notice=Notice(said, "u takes it back" if changed else "")))
