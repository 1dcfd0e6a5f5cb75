"""`planner check`: guardrails for people, pull requests and CI servers."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

import click
import numpy as np

from planner.analysis.policy import Policy, read_policy
from planner.analysis.verdicts import PlanResults, Verdict, judge
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import EvaluatedPlan, opened, together
from planner.cli.io.git_revisions import at_revision
from planner.cli.io.layout import wrapped
from planner.errors import Problem, ScenarioError
from planner.files import inert, inert_markdown
from planner.files.bounds import parse, read_text
from planner.files.library import ACTUALS_SUFFIX
from planner.files.os_errors import unusable
from planner.model import STATES, Result, evaluate
from planner.readout import METRICS
from planner.records import dataclass
from planner.schema import Scenario

BREACHED = 3
POLICY_NAME = "policy.toml"


@click.command(
    "check",
    epilog="""\b
A policy is a TOML file:
  fail = ["gross_margin_share >= 0.6", "P(runway_months < 12) <= 0.1"]
  warn = ["p95(usd_per_outcome) <= 2"]
  [[change]]                  # against a baseline
  metric = "usd_per_outcome"
  rise   = "10%"              # falls are always allowed: limits are one-sided
  cause  = "edits"            # or "drift" (prices moved), or "any"

\b
Examples:
  planner check saved/*.toml --policy policy.toml
  planner check plan.toml --policy policy.toml --against main
  planner check plan.toml --policy policy.toml \\
    --against recorded.json --format junit
A baseline is a git revision, a plan file, or saved output of
`planner show --json`; only the last can tell drift from edits.
Exit code 3: a "fail" rule is broken.""",
)
@click.argument("files", nargs=-1, required=True)
@click.option("--policy", default=POLICY_NAME, show_default=True, help="File with the rules.")
@click.option("--against", help="Baseline: a git revision, a plan, or a recorded result (JSON).")
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "junit", "markdown"]), default="text",
    show_default=True, help="Output format.",
)  # fmt: skip
@click.option(
    "--library", type=click.Path(path_type=Path), help="Folder to search first when FILE is a name."
)
def check_command(
    *, files: tuple[str, ...], policy: str, against: str | None,
    style: Literal["text", "json", "junit", "markdown"], library: Path | None,
) -> int:  # fmt: skip
    """Check FILES against a policy: limits on results, percentiles, probabilities and changes."""
    checked = check(files, policy=policy, against=against, library=library)
    click.echo(STYLES[style](checked))
    broken = any(verdict.state == "fail" for each in checked for verdict in each.verdicts)
    return BREACHED if broken else 0


NO_POLICY = "Name your file of rules with --policy; `planner check --help` shows an example."
RECORD = re.compile(r"\.json$", re.IGNORECASE)


@dataclass(frozen=True)
class Checked:
    """One file and the verdict on each rule."""

    name: str
    plan: EvaluatedPlan
    verdicts: Sequence[Verdict]


@dataclass(frozen=True)
class Baseline:
    """The baseline of a plan: its recorded result, and the result of the same inputs at today's prices."""

    before: Result
    repriced: Result


def check(
    files: Sequence[str], *, policy: str, against: str | None = None, library: Path | None = None
) -> list[Checked]:
    """Return the verdicts for each file; raise ScenarioError with the problems of all files at once.

    Files of actuals, which lie beside plans and match `*.toml` too, are skipped.
    """
    if not Path(policy).exists():
        raise unusable(policy, "doesn't exist.", NO_POLICY)
    rules = read_policy(parse(read_text(Path(policy)), source=policy), source=inert(policy))
    checked: list[Checked] = []
    errors: list[ScenarioError] = []
    for file in [each for each in files if not each.endswith(ACTUALS_SUFFIX)] or files:
        try:
            checked.append(_checked(file, rules, against, library))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    return checked


def _checked(file: str, rules: Policy, against: str | None, library: Path | None) -> Checked:
    plan = opened(file, samples=rules.samples, seed=rules.seed, library=library)
    now = PlanResults(plan.result, plan.drawn.result, plan.horizon_months)
    base = None if against is None else _baseline(against, plan, library)
    verdicts = judge(
        rules, now, before=None if base is None else base.before,
        repriced=None if base is None else base.repriced,
    )  # fmt: skip
    return Checked(plan.name, plan, verdicts)


def _baseline(against: str, plan: EvaluatedPlan, library: Path | None) -> Baseline:
    if RECORD.search(against) and Path(against).is_file():
        return recorded(Path(against))
    if against == "-" or Path(against).is_file():
        result = opened(against, library=library).result
    else:
        result = evaluate(at_revision(against, plan.loaded.path, library=library).scenario)
    return Baseline(result, result)


def recorded(path: Path) -> Baseline:
    """Return the baseline recorded in the file at `path`, as printed by `planner show --json`."""
    source = inert(str(path))
    try:
        held = json.loads(read_text(path))
        metrics, state = dict(held["metrics"]), held["metrics"].get("runway_state")
        table = dict(held["inputs"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problem = Problem("the file", "is not a recorded result.", "`planner show FILE --json` prints one.")
        raise ScenarioError([problem], source=source) from None
    repriced = evaluate(Scenario.from_table(table, source=source))
    numbers = {name: _recorded_number(metrics.get(name)) for name in METRICS}
    index = STATES.index(state) if state in STATES else -1
    return Baseline(replace(repriced, metrics=numbers, runway_state=np.asarray(index)), repriced)


def _recorded_number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


MARKS = {"pass": "ok  ", "warn": "WARN", "fail": "FAIL"}


def as_text(checked: Sequence[Checked]) -> str:
    """Return the verdicts as text; broken rules are marked in words, not only by colour."""
    lines: list[str] = []
    for each in checked:
        lines.append(inert(each.name))
        for verdict in each.verdicts:
            lines += wrapped(f"{MARKS[verdict.state]} {inert(verdict.rule)}: {inert(verdict.words)}", hang=7)
        lines += [line for words in each.plan.warnings for line in wrapped(f"note {words}", hang=7)]
    return "\n".join([*lines, _summary(checked)])


def _summary(checked: Sequence[Checked]) -> str:
    states = [verdict.state for each in checked for verdict in each.verdicts]
    return f"{states.count('fail')} failed, {states.count('warn')} warned, {states.count('pass')} kept"


def as_json(checked: Sequence[Checked]) -> str:
    """Return the verdicts as JSON."""
    files = [
        {
            "file": each.name,
            "title": each.plan.scenario.title,
            "rules": [
                {
                    "rule": verdict.rule,
                    "state": verdict.state,
                    "metric": verdict.metric,
                    "value": verdict.value,
                    "limit": verdict.limit,
                    "words": verdict.words,
                }
                for verdict in each.verdicts
            ],
            "warnings": each.plan.warnings,
        }
        for each in checked
    ]
    breached = any(verdict.state == "fail" for each in checked for verdict in each.verdicts)
    return json_output.as_json({"breached": breached, "files": files})


def as_junit(checked: Sequence[Checked]) -> str:
    """Return the verdicts as JUnit XML: one suite per file, one case per rule."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for each in checked:
        failures = sum(verdict.state == "fail" for verdict in each.verdicts)
        counts = f'tests="{len(each.verdicts)}" failures="{failures}"'
        lines.append(f"  <testsuite name={quoteattr(inert(each.name))} {counts}>")
        lines += [line for verdict in each.verdicts for line in _case(each.name, verdict)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"])


def _case(name: str, verdict: Verdict) -> list[str]:
    words = quoteattr(inert(verdict.words))
    head = f"    <testcase classname={quoteattr(inert(name))} name={quoteattr(inert(verdict.rule))}"
    if verdict.state == "pass":
        return [head + "/>"]
    if verdict.state == "warn":
        return [head + ">", f"      <system-out>warning: {words[1:-1]}</system-out>", "    </testcase>"]
    return [head + ">", f'      <failure type="guardrail" message={words}/>', "    </testcase>"]


def as_markdown(checked: Sequence[Checked]) -> str:
    """Return the broken rules as a table for a pull-request comment."""
    lines = [f"**planner check**: {_summary(checked)}"]
    broken = [(each, verdict) for each in checked for verdict in each.verdicts if verdict.state != "pass"]
    if broken:
        lines += ["", "| | file | rule | found |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {verdict.state} | {inert_markdown(each.name)} | {inert_markdown(verdict.rule)} |"
        f" {inert_markdown(verdict.words)} |"
        for each, verdict in broken
    ]
    return "\n".join(lines)


STYLES: dict[str, Callable[[Sequence[Checked]], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "markdown": as_markdown,
}
