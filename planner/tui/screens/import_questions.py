"""What is asked before a file is read into the plan: which file, and what it is for where that is not clear."""

# ruff: noqa: PLC0415 - readers of files are loaded when one is read

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import inert
from planner.schema import read_number
from planner.tui.screens import saving
from planner.tui.session.refusal import first_problem
from planner.tui.session.saving import folder_words, needs_name
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.analysis.serving_fit.benchmarks.asked import Unsaid
    from planner.tui.screens.import_file import Reading
    from planner.tui.screens.page import Page
    from planner.tui.session.file_import import Measured

NEW, HAPPENED, BY_MODEL = "+", "happened", "by model"  # in place of the name of a workload or a deployment
_WORKLOAD, _DEPLOYMENT = "workload ", "deployment "


def ask_for_file(page: Page) -> None:
    """Ask for a file or folder, recognise what it is, and show what it would change."""
    here = folder_words(Path.cwd())
    text = f"Read a usage log, a bill, a ledger or a benchmark. Its file, or a folder of logs, from {here}"
    page.ask_text(text, "", lambda path: _recognise(page, path), problem=_unreadable)


def _unreadable(path: str) -> str:
    """Say why a file can't be read; empty where it can."""
    from planner.tui.session.file_import import file_kind

    try:
        file_kind(path)
    except ScenarioError as error:
        return first_problem(error)
    return ""


def _recognise(page: Page, path: str) -> None:
    from planner.tui.session.file_import import file_kind
    from planner.usage.file_kind import BENCHMARK, BILL, BOOKED_LEDGER

    kind = file_kind(path)
    if kind == BENCHMARK:
        _ask_measured(page, path)
    elif kind == BILL:
        _ask_billed(page, path)
    elif kind == BOOKED_LEDGER:
        _into_actuals(page, path)
    else:
        _ask_use(page, path)


def _ask_use(page: Page, path: str) -> None:
    """Ask what a usage log is for; a benchmark in a shape that is not known comes here as well."""
    from planner.analysis.serving_fit.own_benchmark import hosted
    from planner.tui.dialogs.picker import Option, Picker
    from planner.tui.session.file_import import Measured

    scenario = page.plan.scenario
    options = [
        Option(_WORKLOAD + name, name, "workload: its tokens, models and volume")
        for name in scenario.workloads
    ]
    options += [
        Option(NEW, "A new workload"),
        Option(HAPPENED, "What happened", "requests and costs of its months, beside the plan"),
        *(
            Option(_DEPLOYMENT + name, f"A benchmark of {name}", "its speed, as measured")
            for name in hosted(scenario)
        ),
    ]

    def chosen(use: str | None) -> None:
        if use == NEW:
            page.ask_text("Name of the new workload", "", lambda name: _into_workload(page, path, name))
        elif use == HAPPENED:
            _ask_logged(page, path)
        elif use and use.startswith(_DEPLOYMENT):
            _into_deployment(page, Measured(path, use.removeprefix(_DEPLOYMENT)))
        elif use:
            _into_workload(page, path, use.removeprefix(_WORKLOAD))

    page.ask(Picker("What is the log read for?", options), chosen)


def _pick(page: Page, prompt: str, options: Mapping[str, str], then: Callable[[str], object]) -> None:
    """Let one of some names be chosen, and go on with it; of only one, without asking."""
    from planner.tui.dialogs.picker import Option, Picker

    if len(options) == 1:
        then(next(iter(options)))
        return
    shown = [Option(value, words) for value, words in options.items()]
    page.ask(Picker(prompt, shown), lambda value: then(value) if value else None)


def _into_workload(page: Page, path: str, workload: str) -> None:
    from planner.tui.session.file_import import log_preview

    _open(
        page,
        path,
        f"workload {inert(workload)}",
        lambda plan, told: log_preview(plan, path, workload, progress=told),
    )


def _ask_logged(page: Page, path: str) -> None:
    names = {name: name for name in page.plan.scenario.workloads}
    _pick(page, "Whose requests are these?", names, lambda name: _into_actuals(page, path, workload=name))


def _ask_billed(page: Page, path: str) -> None:
    by_model = {BY_MODEL: "Whichever deployment runs the model that a line names"}
    names = by_model | {name: name for name in page.plan.scenario.deployments}

    def chosen(name: str) -> None:
        _into_actuals(page, path, deployment="" if name == BY_MODEL else name)

    _pick(page, "What is the bill for?", names, chosen)


def _into_actuals(page: Page, path: str, *, workload: str = "", deployment: str = "") -> None:
    """Show what a file says of the months that are over; they stand beside the plan's file, so it needs one first."""
    why = needs_name(page.plan)
    if why is not None:
        go_on = partial(_into_actuals, page, path, workload=workload, deployment=deployment)
        saving.save_as(page, go_on, why=f"{why}What happened is kept beside the plan's file. ")
        return
    from planner.tui.session.file_import import actuals_preview

    _open(
        page,
        path,
        "what happened",
        lambda plan, _: actuals_preview(plan, path, workload=workload, deployment=deployment),
    )


def _ask_measured(page: Page, path: str) -> None:
    from planner.analysis.serving_fit.own_benchmark import hosted
    from planner.tui.session.file_import import Measured

    names = {name: name for name in hosted(page.plan.scenario)}
    if not names:
        said = "No deployment of the plan runs on GPUs: a benchmark changes nothing."
        page.say(Notice(said, "A adds one", "error"))
        return
    _pick(
        page,
        "Which deployment was measured?",
        names,
        lambda name: _into_deployment(page, Measured(path, name)),
    )


def _into_deployment(page: Page, run: Measured) -> None:
    """Ask for what the benchmark doesn't say, one after another; then show what it would change."""
    from planner.tui.session.file_import import benchmark_preview, still_asked

    try:
        asked = still_asked(page.plan, run)
    except ScenarioError:
        asked = []  # the screen says what is wrong with the file
    if asked:
        _ask_unsaid(page, run, asked[0])
    else:
        into = f"deployment {inert(run.deployment)}"
        _open(page, run.path, into, lambda plan, _: benchmark_preview(plan, run))


def _ask_unsaid(page: Page, run: Measured, asked: Unsaid) -> None:
    def told(answer: str) -> None:
        _into_deployment(page, run.told(asked.column, read_number(answer) or 0.0))

    def problem(answer: str) -> str:
        return "" if (read_number(answer) or 0.0) > 0 else f'"{inert(answer)}" is no number above 0.'

    page.ask_text(f"The file doesn't say {asked.what}. What was it?", "", told, problem=problem)


def _open(page: Page, path: str, into: str, read: Reading) -> None:
    from planner.tui.screens.import_file import ImportScreen

    page.tell(page.Opened(ImportScreen(path, into, read)))
