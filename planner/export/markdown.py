"""A report as Markdown, for a pull request or a wiki."""

from collections.abc import Sequence

import numpy as np

from planner.export.content import Report
from planner.files import inert_markdown
from planner.readout import SEGMENTS_HEAD, SESSION_HEAD, TENTHS_HEAD
from planner.units import show

WORKLOAD_HEAD = (
    "workload", "requests a month", "input tokens", "output tokens", "success", "per request", "per solved task",
    "per outcome", "p95",
)  # fmt: skip
CHANGES_HEAD = ("when", "change", "sets", "costs")
MONTH_HEAD = ("month", "customers", "revenue", "serving", "gross burn", "net burn", "raised", "cash", "GPUs")
MONTH_FLOWS = {
    "customers": "", "revenue_usd": "usd", "cogs_usd": "usd", "gross_burn_usd": "usd", "net_burn_usd": "usd",
    "funding_usd": "usd", "cash_usd": "usd", "gpus": "",
}  # fmt: skip


def as_report_markdown(report: Report) -> str:
    """Return the report as Markdown; all text from the plan is made safe."""
    items = [(name, show(usd, "usd"), show(usd / _total(report), "share")) for name, usd in report.line_items]
    parts = [
        f"# {inert_markdown(report.title)}\n",
        f"{inert_markdown(' '.join(report.summary))}\n",
        (
            f"Plan of {report.day.isoformat()}: {inert_markdown(report.file)}, from {report.scenario.company.start}; "
            f"ranges are the 5th to 95th percentile of {report.spread.n:,} draws (seed {report.spread.seed}).\n"
        ),
        *(f"> {inert_markdown(warning)}\n" for warning in report.warnings),
        _table(("", "now", "range"), report.headline),
        _table(("chance of", ""), report.chances),
        *_titled("Month-end cash: plan and actuals", ("month", "plan", "actual"), _happened(report)),
        *_titled("Promises", ("promise", ""), report.promises),
        "## Where the money goes, month 1\n",
        _table(("cost", "USD a month", "share"), items),
        *_titled("Segments, month 1", SEGMENTS_HEAD, report.segments),
        *(f"{inert_markdown(note)}\n" for note in report.segment_notes),
        *(
            part
            for name, rows in report.tenths.items()
            for part in _titled(f"{inert_markdown(name)}: customers by use, month 1", TENTHS_HEAD, rows)
        ),
        *_titled("Changes", CHANGES_HEAD, report.changes),
        *_titled("Workloads, month 1", WORKLOAD_HEAD, report.workloads),
        *(
            f"{part}\n"
            for each in report.sessions
            for part in (
                *_titled(inert_markdown(each.title), SESSION_HEAD, each.rows),
                inert_markdown(each.words),
            )
        ),
        *_titled(
            "What is assumed, and how certain it is", ("assumption", "value", "based on"), report.unknowns
        ),
    ]
    return "\n".join(parts)


def _happened(report: Report) -> list[tuple[str, ...]]:
    """Return actual cash of each past month beside the plan's."""
    planned = np.ravel(report.result.months.cash_usd)
    return [
        (str(place + 1), show(float(planned[place]), "usd"), show(usd, "usd"))
        for place, usd in enumerate(report.path.happened if report.path else ())
    ]


def month_rows(report: Report) -> list[tuple[str, ...]]:
    """Return every month of the plan as a row under MONTH_HEAD."""
    months = report.result.months
    columns = {name: np.ravel(getattr(months, name)) for name in MONTH_FLOWS}
    return [
        (str(month + 1), *(show(float(columns[name][month]), unit) for name, unit in MONTH_FLOWS.items()))
        for month in range(months.cash_usd.shape[-1])
    ]


def _titled(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"## {title}\n", _table(head, rows)] if rows else []


def _total(report: Report) -> float:
    return sum(float(item.usd_per_month) for item in report.result.line_items) or 1.0


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(cell if cell == '---' else inert_markdown(cell) for cell in line)} |\n"
        for line in lines
    )
