"""The ways to other screens and lists. They are imported when they are asked for, so that the plan opens fast."""

# ruff: noqa: PLC0415 - late imports are what this module is for

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.tui.config.keys import HELP
from planner.tui.session.row_editing import choices
from planner.tui.widgets.field_text import value_text
from planner.tui.widgets.hint import key_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.schema import Field, Scenario
    from planner.tui.app import PlannerApp
    from planner.tui.screens.page import Page


_ADD = "+"  # in a list of tiers: none of them, but a new deployment


def library_screen() -> Page:
    """Return the library."""
    from planner.tui.screens.library import LibraryScreen

    return LibraryScreen()


def ask_key(app: PlannerApp, text: str, answers: Mapping[str, str], then: Callable[[str], object]) -> None:
    """Ask what is answered by a key, and go on with it; an empty one stands for no answer."""
    from planner.tui.dialogs.ask import AskKey

    app.visit(AskKey(text, answers), lambda key: then(key or ""))


def ask_text(app: PlannerApp, text: str, value: str, then: Callable[[str], object]) -> None:
    """Ask for a line of text, and go on with it unless none is given."""
    from planner.tui.dialogs.ask import AskText

    app.visit(AskText(text, value), lambda line: then(line) if line else None)


def choose(app: PlannerApp, field: Field) -> None:
    """Choose a field's value from a list."""
    from planner.tui.dialogs.add_tier import ask_deployment
    from planner.tui.dialogs.picker import Option, Picker

    def chosen(value: str | None) -> None:
        if value == _ADD:
            ask_deployment(app, field)
        elif value:
            app.edit(field.path, value)
        elif value is not None:
            app.plan_screen.start_typing(field)

    options = [Option(choice, choice) for choice in choices(app, field)]
    if field.spec.kind == "names":
        options.append(Option(_ADD, "Add a deployment", "another model to route to"))
        options.append(Option("", "Type other names", "name, name, ..."))
    current = value_text(field.value, field.spec)
    app.visit(Picker(f"{field.spec.label}: type a few letters", options, current=current), chosen)


def find(app: PlannerApp) -> None:
    """Find a field by a few letters."""
    from planner.tui.dialogs.catalog_choices import field_options
    from planner.tui.dialogs.picker import Picker

    def found(path: str | None) -> None:
        if path:
            app.plan_screen.go_to(path)

    app.visit(Picker("Find a field", field_options(app.plan.scenario)), found)


def palette(app: PlannerApp) -> None:
    """Choose any action of the screen in front by name."""
    from planner.tui.dialogs.picker import Option, Picker

    page = app.front

    def chosen(action: str | None) -> None:
        if action:
            app.call_later(app.run_action, action, page)

    options = [Option(key.action, key.help, " ".join(map(key_name, key.keys)), key.name) for key in page.keys]
    app.visit(Picker("Do anything: type a few letters", options), chosen)


def themes(app: PlannerApp) -> None:
    """Choose the colours; each is shown as the cursor comes to it."""
    from planner.tui.dialogs.theme_picker import choose_theme

    choose_theme(app)


def explain(app: PlannerApp, what: str) -> None:
    """Explain a number or a field; a header has nothing to explain."""
    from planner.tui.screens.explain import ExplainScreen

    header = what in {line.path for line in app.plan_screen.inputs.lines if line.is_header}
    if what and not header and app.outlook.result is not None:
        app.visit(ExplainScreen(what, app.plan, app.outlook))


def compare(app: PlannerApp) -> None:
    """Show what differs from the baseline, and why."""
    from planner.tui.screens.compare import CompareScreen

    app.visit(CompareScreen(app.plan))


def compare_with(app: PlannerApp, scenario: Scenario) -> None:
    """Compare the plan that is or was open with another scenario; raise ScenarioError where that can't be."""
    from planner.files import load
    from planner.model import evaluate

    evaluate(scenario)
    if app.showing_plan:
        while app.screen is not app.plan_screen:
            app.pop_screen()
        app.plan = app.plan.with_baseline(scenario)
    elif app.plan.file is not None:
        app.open(load(app.plan.file.path, library=app.library), baseline=scenario)
    app.call_after_refresh(compare, app)


def moves(app: PlannerApp) -> None:
    """Show what to do next, by what it saves."""
    from planner.tui.screens.moves import MovesScreen

    _over_plan(app, MovesScreen(app.plan))


def sweep(app: PlannerApp) -> None:
    """Show two fields swept against each other."""
    from planner.tui.screens.sweep import SweepScreen

    _over_plan(app, SweepScreen(app.plan, app.plan_screen.inputs.line.path))


def frontier(app: PlannerApp) -> None:
    """Show the plans that no other combination of the common levers beats."""
    from planner.tui.screens.frontier import FrontierScreen

    _over_plan(app, FrontierScreen(app.plan))


def volume(app: PlannerApp) -> None:
    """Show two deployments by volume, and where the cheaper one changes."""
    from planner.tui.screens.volume import VolumeScreen

    _over_plan(app, VolumeScreen(app.plan, app.plan_screen.inputs.line.path))


def _over_plan(app: PlannerApp, page: Page) -> None:
    """Show a screen over the plan, in place of another one that is there."""
    if app.screen is app.plan_screen:
        app.visit(page)
    else:
        app.switch_screen(page)


def seek(app: PlannerApp) -> None:
    """Find the value of the field under the cursor at which a result reaches a goal."""
    from planner.tui.dialogs.goal_seek import seek_goal

    if field := app.plan_screen.inputs.field:
        seek_goal(app, field)


def keys(app: PlannerApp) -> None:
    """Show all keys of the screen in front."""
    from planner.tui.screens.help import HelpScreen

    page = app.front
    if page.page != HELP:
        app.visit(HelpScreen(page.page))


def jump(app: PlannerApp) -> None:
    """Label every place in sight; go to the one whose letters are typed."""
    from planner.tui.dialogs import jump

    jump.jump(app)


def export(app: PlannerApp) -> None:
    """Write the screen, a report or the months into a file."""
    from planner.tui.session.copy_and_save import write_out

    write_out(app)


def copy_row(app: PlannerApp) -> None:
    """Copy the number or the row under the cursor."""
    from planner.tui.session import copy_and_save

    copy_and_save.copy_row(app)


def copy_table(app: PlannerApp) -> None:
    """Copy the table that has the cursor."""
    from planner.tui.session import copy_and_save

    copy_and_save.copy_table(app)


def prices(app: PlannerApp) -> None:
    """Show how old prices are, and what newer ones would change."""
    from planner.tui.screens.prices import PricesScreen

    app.visit(PricesScreen())


def claims(app: PlannerApp) -> None:
    """Show the claims."""
    from planner.tui.screens.claims import ClaimsScreen

    app.visit(ClaimsScreen())


def recover(app: PlannerApp) -> None:
    """Ask whether to make the edits again that a dead screen left."""
    from planner.tui.session import unsaved_edits

    unsaved_edits.recover(app)


def keymap(app: PlannerApp) -> None:
    """Write a keymap file to change keys in, or read the one that is there again."""
    from planner.tui.config.keymap import edit_keymap

    edit_keymap(app)


def notes(app: PlannerApp, title: str, lines: list[str]) -> None:
    """Show sentences that need more room than the status line has."""
    from planner.tui.dialogs.long_notes import NotesScreen

    app.visit(NotesScreen(title, lines))
