"""A report as one self-contained HTML page: no script, nothing loaded from outside."""

from collections.abc import Sequence

from planner.export.content import Report
from planner.export.drawing import cash_chart, cost_chart
from planner.export.markdown import CHANGES_HEAD, WORKLOAD_HEAD
from planner.files import inert_html
from planner.readout import SEGMENTS_HEAD, TENTHS_HEAD
from planner.units import show

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
td, th { padding: .2rem .9rem .2rem 0; text-align: right; border-bottom: 1px solid #ddd; vertical-align: top; }
td:first-child, th:first-child, td.text { text-align: left; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
.outer { fill: #c9d7ea; } .inner { fill: #9db8dc; } .line { fill: none; stroke: #123; stroke-width: 2; }
.grid { stroke: #e4e4e4; } .zero { stroke: #900; stroke-dasharray: 4 3; } .bar { fill: #41628f; }
.warning { border-left: 4px solid #b80; padding-left: .8rem; }
"""


def as_page(report: Report) -> str:
    """Return the report as an HTML page; all text of the scenario is inert."""
    months, drawn = report.result.months, report.spread
    note = (
        f"{report.file}, from {report.scenario.company.start}. Ranges are the 5th to 95th percentile of "
        f"{drawn.n:,} draws (seed {drawn.seed})."
    )
    items = [(name, show(usd, "usd")) for name, usd in report.line_items]
    body = [
        f"<h1>{inert_html(report.title)}</h1><p>{inert_html(note)}</p>",
        *(f'<p class="warning">{inert_html(warning)}</p>' for warning in report.warnings),
        _table(("", "now", "range"), report.headline),
        _table(("chance of", ""), report.chances),
        "<h2>Cash</h2><p>Line: the plan at its medians. Areas: 25th to 75th and 5th to 95th percentile.</p>",
        cash_chart(months.cash_usd, drawn.cash_fan, months.funding_usd),
        "<h2>Where the money goes, month 1</h2>",
        cost_chart(report.line_items),
        _table(("cost", "USD a month"), items),
        "<h2>Workloads</h2>",
        _table(WORKLOAD_HEAD, report.workloads),
        *_segments(report),
        *(["<h2>Changes</h2>", _table(CHANGES_HEAD, report.changes)] if report.changes else []),
        "<h2>What is not known</h2>",
        _table(("field", "range", "source"), report.unknowns),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{inert_html(report.title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _segments(report: Report) -> list[str]:
    if not report.segments:
        return []
    parts = ["<h2>Segments, month 1</h2>", _table(SEGMENTS_HEAD, report.segments)]
    parts += [f"<p>{inert_html(words)}</p>" for words in report.notes]
    for name, rows in report.tenths:
        parts += [f"<h3>{inert_html(name)}: customers by use, month 1</h3>", _table(TENTHS_HEAD, rows)]
    return parts


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{inert_html(cell)}</th>" for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{inert_html(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{lines}</table>"
