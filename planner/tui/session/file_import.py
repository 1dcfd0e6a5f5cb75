"""A file read into the open plan: what it would change, told before it is taken. Nothing is written until then."""

from __future__ import annotations

from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from planner.analysis.serving_fit.own_benchmark import MeasuredDeployment, OwnRuns, own_runs, with_factors
from planner.errors import Problem, ScenarioError
from planner.files import inert, load_text, new_text, table_of
from planner.files.actuals import actuals_path, load_actuals, save_actuals
from planner.files.measurements import measurements
from planner.files.saving import edited_text
from planner.records import dataclass
from planner.schema import step_text
from planner.tui.session.import_table import changed_fields, found_rows
from planner.units import counted
from planner.usage.file_kind import kind_of
from planner.usage.into_actuals import with_files
from planner.usage.into_plan import preview_of_log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.analysis.serving_fit.benchmarks.asked import Unsaid
    from planner.files import Loaded
    from planner.tui.state import Plan

    Told = Callable[[float, float], None]

NOT_IN_A_FILE = Path("plan.toml")


@dataclass(frozen=True)
class ImportPreview:
    """What a file would make of a plan.

    `lines` are what a reader sees: what the file says, then what would change. `take` makes the plan that has it,
    and may write a file beside it; it is None, and `problems` say why, where the file can't be taken. `at` is a
    field to go to.
    """

    lines: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    take: Callable[[], Plan] | None = None
    at: str = ""


@dataclass(frozen=True)
class Measured:
    """A benchmark's file, the deployment that was measured, and cells of the serving table that the user told of it."""

    path: str
    deployment: str
    given: Mapping[str, str] = field(default_factory=dict)

    def told(self, column: str, value: float) -> Measured:
        """Return the same with one more number told."""
        return replace(self, given={**self.given, column: f"{value:g}"})


def file_kind(path: str) -> str:
    """Return what the file or folder at a path holds; raise ScenarioError in words where it can't be read."""
    return kind_of(Path(path).expanduser())


def log_preview(plan: Plan, path: str, workload: str, *, progress: Told) -> ImportPreview:
    """Return what a usage log would make of a workload of a plan, its unsaved edits kept."""
    try:
        found = preview_of_log(_as_it_stands(plan), Path(path).expanduser(), workload, progress=progress)
    except ScenarioError as error:
        return ImportPreview(problems=error.problems)
    if found.merged is None:
        return ImportPreview(found.lines, found.problems)
    scenario, words = found.merged.scenario, f"taken from {inert(path)}."
    changes = changed_fields(plan.scenario, scenario, "from the log")
    lines = (*changes, "", *found.merged.remarks, "", *found_rows(found.said))
    at = f"workloads.{step_text(workload)}"
    return ImportPreview(lines, take=lambda: plan.became(scenario, words=words), at=at)


def actuals_preview(plan: Plan, path: str, *, workload: str = "", deployment: str = "") -> ImportPreview:
    """Return what ledgers, bills or logs would make of the file of actuals beside a plan's file."""
    assert plan.file is not None
    try:
        before = load_actuals(actuals_path(plan.file.path))
        found = with_files(
            plan.scenario, before, [Path(path).expanduser()], workload=workload, deployment=deployment
        )
        changes = found.preview()
    except ScenarioError as error:
        return ImportPreview(problems=error.problems)
    said = [words for each in found.files for words in (each.words, *each.booked.remarks)]
    if not changes:
        what = "says all of this already: nothing would change."
        return ImportPreview(tuple(said), (Problem(inert(before.path.name), what),))
    return ImportPreview(
        (*said, "", *changes), take=lambda: plan.with_actuals(before, save_actuals(before, found.after))
    )


def still_asked(plan: Plan, run: Measured) -> list[Unsaid]:
    """Return what neither a benchmark nor its deployment says; raise ScenarioError where it can't be read."""
    return _own_runs(run, MeasuredDeployment(plan.scenario, run.deployment)).unsaid


def benchmark_preview(plan: Plan, run: Measured) -> ImportPreview:
    """Return what a benchmark of its own GPUs would make of a deployment of a plan."""
    try:
        target = MeasuredDeployment(plan.scenario, run.deployment)
        runs = _own_runs(run, target)
        found = runs.calibration()
        scenario, names = with_factors(target, runs, found)
    except ScenarioError as error:
        return ImportPreview(problems=error.problems)
    used = counted(max(found.rows.values()), "run")
    said = [f"{used} of {runs.bench.client}", *([runs.settings] if runs.settings else []), *runs.said(found)]
    changes = changed_fields(plan.scenario, scenario, "from the benchmark")
    if not changes:
        problem = Problem("the plan", "says already what the benchmark tells: nothing would change.")
        return ImportPreview(tuple(map(inert, said)), (problem,))
    at = f"deployments.{step_text(run.deployment)}.calibration.{names[0]}"
    lines, words = (*changes, "", *map(inert, said)), f"taken from {inert(run.path)}."
    return ImportPreview(lines, take=lambda: plan.became(scenario, at, words=words), at=at)


def _own_runs(run: Measured, target: MeasuredDeployment) -> OwnRuns:
    return own_runs(measurements(Path(run.path).expanduser()), run.given, target=target)


def _as_it_stands(plan: Plan) -> Loaded:
    """Return the plan as its file would be if it were saved now, comments kept."""
    if plan.file is None:
        return load_text(new_text(table_of(plan.scenario)), path=NOT_IN_A_FILE)
    if plan.file.scenario == plan.scenario:
        return plan.file
    return load_text(edited_text(plan.file, plan.scenario), path=plan.file.path)
