"""A report as Markdown, for a pull request or a wiki."""

from collections.abc import Sequence

from planner.export.content import Report
from planner.files import inert_markdown
from planner.readout import SEGMENTS_HEAD, TENTHS_HEAD
from planner.units import show

WORKLOAD_HEAD = (
    "workload", "requests a month", "input tokens", "output tokens", "success", "per request", "per outcome",
    "p95", "promise",
)  # fmt: skip
CHANGES_HEAD = ("when", "change", "sets", "costs")


def as_report_markdown(report: Report) -> str:
    """Return the report as Markdown; all text of the scenario is inert."""
    items = [(name, show(usd, "usd"), show(usd / _total(report), "share")) for name, usd in report.line_items]
    parts = [
        f"# {inert_markdown(report.title)}\n",
        (
            f"{inert_markdown(report.file)}, from {report.scenario.company.start}; "
            f"ranges are the 5th to 95th percentile of {report.spread.n:,} draws (seed {report.spread.seed}).\n"
        ),
        _table(("", "now", "range"), report.headline),
        _table(("chance of", ""), report.chances),
        "## Where the money goes, month 1\n",
        _table(("cost", "USD a month", "share"), items),
        "## Workloads\n",
        _table(WORKLOAD_HEAD, report.workloads),
        *_segments(report),
        *_changes(report),
        "## What is not known\n",
        _table(("field", "range", "source"), report.unknowns),
    ]
    parts += [f"> {inert_markdown(warning)}\n" for warning in report.warnings]
    return "\n".join(parts)


def _segments(report: Report) -> list[str]:
    if not report.segments:
        return []
    parts = ["## Segments, month 1\n", _table(SEGMENTS_HEAD, report.segments)]
    parts += [f"- {inert_markdown(words)}\n" for words in report.notes]
    for name, rows in report.tenths:
        parts += [f"### {inert_markdown(name)}: customers by use, month 1\n", _table(TENTHS_HEAD, rows)]
    return parts


def _changes(report: Report) -> list[str]:
    return ["## Changes\n", _table(CHANGES_HEAD, report.changes)] if report.changes else []


def _total(report: Report) -> float:
    return sum(float(item.usd_per_month) for item in report.result.line_items) or 1.0


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(cell if cell == '---' else inert_markdown(cell) for cell in line)} |\n"
        for line in lines
    )
