"""The work behind `planner check`: plans, baselines and verdicts."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from planner.analysis.policy import Policy, read_policy
from planner.analysis.verdicts import Outcome, Verdict, judge
from planner.cli.io.evaluated_plans import Plan, opened, together
from planner.cli.io.git_revisions import at_revision
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.bounds import parse, read_text
from planner.files.os_errors import unusable
from planner.model import STATES, Result, evaluate
from planner.readout import METRICS
from planner.records import dataclass
from planner.schema import Scenario

NO_POLICY = "Name the file of your rules with --policy; `planner check --help` shows what one says."
RECORD = re.compile(r"\.json$", re.IGNORECASE)


@dataclass(frozen=True)
class Checked:
    """One file with what the policy finds in it."""

    name: str
    plan: Plan
    verdicts: Sequence[Verdict]


@dataclass(frozen=True)
class Baseline:
    """What a plan is compared with: its result as it was, and that of the same inputs at today's prices."""

    before: Result
    repriced: Result


def check(
    files: Sequence[str], *, policy: str, against: str | None = None, library: Path | None = None
) -> list[Checked]:
    """Return the verdicts for each file; raise ScenarioError with the problems of all files at once."""
    if not Path(policy).exists():
        raise unusable(policy, "is not there.", NO_POLICY)
    rules = read_policy(parse(read_text(Path(policy)), source=policy), source=inert(policy))
    checked: list[Checked] = []
    errors: list[ScenarioError] = []
    for file in files:
        try:
            checked.append(_checked(file, rules, against, library))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    return checked


def _checked(file: str, rules: Policy, against: str | None, library: Path | None) -> Checked:
    plan = opened(file, samples=rules.samples, seed=rules.seed, library=library)
    now = Outcome(plan.result, plan.drawn.result, plan.horizon_months)
    base = None if against is None else _baseline(against, plan, library)
    verdicts = judge(
        rules, now, before=None if base is None else base.before,
        repriced=None if base is None else base.repriced,
    )  # fmt: skip
    return Checked(plan.name, plan, verdicts)


def _baseline(against: str, plan: Plan, library: Path | None) -> Baseline:
    if RECORD.search(against) and Path(against).is_file():
        return recorded(Path(against))
    if against == "-" or Path(against).is_file():
        result = opened(against, library=library).result
    else:
        result = evaluate(at_revision(against, plan.loaded.path, library=library).scenario)
    return Baseline(result, result)


def recorded(path: Path) -> Baseline:
    """Return the baseline that `planner show --json` once printed into the file at `path`."""
    source = inert(str(path))
    try:
        held = json.loads(read_text(path))
        metrics, state = dict(held["metrics"]), held["metrics"].get("runway_state")
        table = dict(held["inputs"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problem = Problem("the file", "is no recorded result.", "`planner show FILE --json` prints one.")
        raise ScenarioError([problem], source=source) from None
    repriced = evaluate(Scenario.from_table(table, source=source))
    numbers = {name: _recorded_number(metrics.get(name)) for name in METRICS}
    index = STATES.index(state) if state in STATES else -1
    return Baseline(replace(repriced, metrics=numbers, runway_state=np.asarray(index)), repriced)


def _recorded_number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
