"""Verdicts as text, JSON, JUnit and Markdown."""

from collections.abc import Callable, Sequence
from xml.sax.saxutils import quoteattr

from planner.analysis.verdicts import Verdict
from planner.cli.commands.checking import Checked
from planner.cli.io import json_output
from planner.cli.io.layout import wrapped
from planner.files import inert, inert_markdown

MARKS = {"pass": "ok  ", "warn": "WARN", "fail": "FAIL"}


def as_text(checked: Sequence[Checked]) -> str:
    """Return the verdicts for people, broken ones marked in words."""
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
    """Return the verdicts for programs."""
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
    """Return the verdicts as JUnit XML: one suite for each file, one case for each rule."""
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
