"""A report as one self-contained HTML page: no scripts, nothing loaded from outside, suitable for print."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from planner.export.content import Report
from planner.export.drawing import CashEnds, bridge_chart, cash_chart, swing_chart
from planner.export.markdown import CHANGES_HEAD, MONTH_HEAD, WORKLOAD_HEAD, month_rows
from planner.files import inert_html
from planner.readout import (
    METRICS,
    RUNWAY,
    SEGMENTS_HEAD,
    SESSION_HEAD,
    TENTHS_HEAD,
    closed_cash_usd,
    number,
    runway_state,
)  # fmt: skip
from planner.readout.metrics import RUNWAY_WITH_RAISES
from planner.units import show

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
KEY_FIGURES = (
    "net_burn_usd_per_month", RUNWAY, "least_cash_usd", "gross_margin_share", "usd_per_outcome", "success_share",
)  # fmt: skip
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
CASH_WORDS = (
    "Month-end cash, planned raises included. Line: the plan at its medians. Areas: half of all draws, "
    "and nine in ten."
)
ACTUAL_WORDS = "Dots: actuals. Broken line: projection from there, at the plan's burn."
CLOSED_WORDS = "Dashed: without the raises that have not closed, which is the basis of the runway."
YES, NO = "✓ kept", "✗ broken"
SWING_WORDS = (
    "with each assumption at the low and high end of its range (5th and 95th percentile), all others at "
    "their medians."
)


def as_page(report: Report) -> str:
    """Return the report as an HTML page; all text from the plan is made safe."""
    sections = (
        _summary, _cash, _margin, _promises, _segments, _workloads, _changes, _answer, _assumptions, _details, _made,
    )  # fmt: skip
    title, body = inert_html(report.title), "".join(section(report) for section in sections)
    head = f"<head>{HEAD}<title>{title}</title><style>{STYLE}</style></head>"
    return f'<!doctype html><html lang="en">{head}<body><main>{body}</main></body></html>\n'


def _summary(report: Report) -> str:
    labels = {METRICS[name].label for name in KEY_FIGURES}
    figures = "".join(
        f"<div><dt>{inert_html(label)}</dt><dd>{inert_html(value)}<small>{inert_html(ends)}</small></dd></div>"
        for label, value, ends in report.headline
        if label in labels
    )
    months = report.result.months.cash_usd.shape[-1]
    head = f"Plan of {report.day.isoformat()}: {months} months from {report.scenario.company.start}."
    warnings = "".join(f'<p class="warning">{_with_code(warning)}</p>' for warning in report.warnings)
    return (
        f'<header><h1>{inert_html(report.title)}</h1><p class="meta">{inert_html(head)}</p></header>'
        f'<p class="lead">{inert_html(" ".join(report.summary))}</p><dl class="figures">{figures}</dl>{warnings}'
    )


def _cash(report: Report) -> str:
    months, drawn = report.result.months, report.spread
    closed = closed_cash_usd(report.result)
    ends = CashEnds(
        runway_months=_until_out(report, RUNWAY),
        with_raises_months=_until_out(report, RUNWAY_WITH_RAISES),
        closed_usd=closed,
    )
    chart = cash_chart(months.cash_usd, drawn.cash_fan, months.funding_usd, ends=ends, path=report.path)
    chances = "; ".join(f"{label}: {chance}" for label, chance in report.chances)
    was = f" {ACTUAL_WORDS}" if report.path else ""
    was += f" {CLOSED_WORDS}" if closed is not None else ""
    return _figure("Cash", chart, f"{CASH_WORDS}{was} {chances}.")


def _until_out(report: Report, name: str) -> float:
    """Return a runway in months; nan if the cash lasts."""
    ends = runway_state(report.result, name) == "cash_out"
    return number(report.result.metrics[name]) if ends else math.nan


def _margin(report: Report) -> str:
    if report.bridge[0].usd <= 0:
        return ""
    return _figure("Gross margin", bridge_chart(report.bridge), "From revenue to gross profit, month 1.")


def _promises(report: Report) -> str:
    if not report.promises:
        return ""
    head, told = (
        ("promise", "kept"),
        [(words, {"kept": YES, "broken": NO}.get(kept, kept)) for words, kept in report.promises],
    )
    return f"<section><h2>Promises, month 1</h2>{_table(head, told)}</section>"


def _segments(report: Report) -> str:
    if not report.segments:
        return ""
    notes = "".join(f"<p>{inert_html(note)}</p>" for note in report.segment_notes)
    tenths = "".join(
        _folded(f"{inert_html(name)}: customers by use", _table(TENTHS_HEAD, rows))
        for name, rows in report.tenths.items()
    )
    return f"<section><h2>Segments, month 1</h2>{_table(SEGMENTS_HEAD, report.segments)}{notes}{tenths}</section>"


def _changes(report: Report) -> str:
    if not report.changes:
        return ""
    table = _table(CHANGES_HEAD, report.changes, text=(1, 2))
    return f"<section><h2>What changes</h2>{table}</section>"


def _workloads(report: Report) -> str:
    sessions = "".join(
        _folded(inert_html(each.title), f"{_table(SESSION_HEAD, each.rows)}<p>{inert_html(each.words)}</p>")
        for each in report.sessions
    )
    found = _table(WORKLOAD_HEAD, report.workloads)
    return f"<section><h2>Workloads, month 1</h2>{found}{sessions}</section>"


def _answer(report: Report) -> str:
    found = report.swings
    if not found.swings:
        return ""
    chart = swing_chart(found.swings, found.middle)
    return _figure("What would change the answer", chart, f"{found.result} {SWING_WORDS}")


def _assumptions(report: Report) -> str:
    head = ("assumption", "value", "based on")
    ranged = _table(head, report.unknowns, text=(2,)) if report.unknowns else "<p>The plan has no ranges.</p>"
    stated = _table(head, report.stated, text=(2,))
    more = _folded(f"{len(report.stated)} more with a source", stated) if report.stated else ""
    return f"<section><h2>What is assumed, and how certain it is</h2>{ranged}{more}</section>"


def _details(report: Report) -> str:
    items = [(name, show(usd, "usd")) for name, usd in report.line_items]
    return (
        "<section><h2>In detail</h2>"
        + _folded("All headline numbers", _table(("", "now", "5th to 95th percentile"), report.headline))
        + _folded("Costs of month 1", _table(("cost", "USD a month"), items))
        + _folded("Months", _table(MONTH_HEAD, month_rows(report)))
        + "</section>"
    )


def _made(report: Report) -> str:
    prices = "".join(f"<li>{inert_html(note)}</li>" for note in report.prices)
    words = (
        f"Made from {report.file} by planner. Ranges are the 5th to 95th percentile of {report.spread.n:,} draws "
        f"(seed {report.spread.seed})."
    )
    listed = f"<h2>Prices and speeds</h2><ul>{prices}</ul>" if prices else ""
    return f"<footer>{listed}<p>{inert_html(words)}</p></footer>"


def _figure(title: str, chart: str, words: str) -> str:
    return f"<section><h2>{title}</h2><figure>{chart}<figcaption>{inert_html(words)}</figcaption></figure></section>"


def _with_code(text: str) -> str:
    """Return text with anything between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", inert_html(text))


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>{body}</details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, text: Sequence[int] = ()) -> str:
    """Return a table whose first column names each row; `text` lists other columns with text."""
    top = "".join(f'<th scope="col"{_words(i, text)}>{inert_html(cell)}</th>' for i, cell in enumerate(head))
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td{_words(i, text)}>{inert_html(cell)}</td>" for i, cell in enumerate(rest, 1))
        lines.append(f'<tr><th scope="row">{inert_html(first)}</th>{cells}</tr>')
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _words(column: int, text: Sequence[int]) -> str:
    return ' class="text"' if column in text else ""
