"""What explains a part of the plan: a workload, its sessions call by call, a segment by tenths of its customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.model import evaluate
from planner.readout.formulas import workload_lines
from planner.readout.segments import SEGMENTS_HEAD, TENTHS_HEAD, heaviest_tenth_text, segment_rows, tenth_rows
from planner.readout.session_text import compaction_text, course_text
from planner.schema.steps import path_of, steps_of
from planner.tui.screens.session_entries import one_session_entries
from planner.tui.widgets.charts import Span
from planner.tui.widgets.panels.scene import SEGMENT, SESSION, WORKLOAD
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, pair, text

if TYPE_CHECKING:
    from planner.model import Result, SessionCalls
    from planner.tui.session.outlook import Outlook

PARTS = (WORKLOAD, SEGMENT, SESSION)


def part_label(what: str) -> str:
    """Return what a part is called, which is named as the cursor names it."""
    kind, _, name = what.partition(":")
    return f"A session of {name}" if f"{kind}:" == SESSION else f"{kind} {name}"


def part_entries(outlook: Outlook, what: str, width: int) -> list[SheetRow]:
    """Return what explains a workload, a session or a segment."""
    kind, _, name = what.partition(":")
    if f"{kind}:" == SEGMENT:
        return segment_entries(outlook, name, width)
    if f"{kind}:" == SESSION:
        return of_sessions(outlook, name, width)[1:]
    assert outlook.result is not None
    rows = [
        pair(label, value, width) for label, value in workload_lines(name, outlook.result.workloads[name])
    ]
    return [*rows, *of_sessions(outlook, name, width)]


def of_field(outlook: Outlook, path: str, width: int) -> list[SheetRow]:
    """Return the picture of what a field is of: a session where it is of one, a segment's customers by use."""
    parts = list(steps_of(path))
    if parts[0] == "segments" and outlook.result is not None and parts[1] in outlook.result.segments:
        return segment_entries(outlook, parts[1], width)
    if parts[0] == "workloads" and len(parts) > 2 and parts[2] == "session":
        return of_sessions(outlook, parts[1], width)
    return []


def of_sessions(outlook: Outlook, name: str, width: int) -> list[SheetRow]:
    """Return the sessions of a workload, or one of them by its workload and deployment."""
    assert outlook.result is not None
    found = {
        place: session
        for place, session in outlook.result.sessions.items()
        if name in (place[0], f"{place[0]} on {place[1]}")
    }
    used = {
        place: session
        for place, session in found.items()
        if float(outlook.result.workloads[place[0]].tiers[place[1]].calls_per_request) > 0
    }
    found = used or found
    without = _uncompacted(outlook.result, {workload for workload, _ in found})
    entries: list[SheetRow] = []
    for place, session in found.items():
        said = [course_text(session)]
        if place in without and (words := compaction_text(session, without[place])):
            kept = float(outlook.result.scenario.workloads[place[0]].session.compact_retention_share)
            said.append(f"{words} The plan takes {kept:.0%} of success to be kept at each compaction.")
        entries += one_session_entries(place, session, width, said=said)
    return entries


def _uncompacted(result: Result, workloads: set[str]) -> dict[tuple[str, str], SessionCalls]:
    """Return the same sessions if they were never compacted; nothing where that can't be computed."""
    scenario = result.scenario
    changes = {path_of(["workloads", name, "session", "compact_at_tokens"]): 0.0 for name in workloads}
    if not any(scenario.value(path) for path in changes):
        return {}
    try:
        for path, value in changes.items():
            scenario = scenario.with_value(path, value)
        return dict(evaluate(scenario).sessions)
    except ScenarioError:
        return {}


def segment_entries(outlook: Outlook, name: str, width: int) -> list[SheetRow]:
    """Return what a segment pays, costs and is worth, and the same of a customer of each tenth."""
    result = outlook.result
    assert result is not None
    rows = [row for row in segment_rows(result) if row[0] == name]
    entries = [
        BLANK,
        heading(f"Segment {name}, month {result.month}", width),
        *_table((SEGMENTS_HEAD, *rows), width),
    ]
    tenths = tenth_rows(result.segments[name])
    if not tenths:
        return [
            *entries,
            *text("All customers use alike: Spread of use makes some heavier.", width, look="muted"),
        ]
    entries += [BLANK, heading(f"A customer of {name} by use, a month", width)]
    entries += text(f"{heaviest_tenth_text(result.segments[name])}.".capitalize(), width)
    return [*entries, *_table((TENTHS_HEAD, *reversed(tenths)), width)]


def _table(rows: tuple[tuple[str, ...], ...], width: int) -> list[SheetRow]:
    """Return rows in columns as wide as they need, as many as fit; what is lost is shown so."""
    wide = [max(len(row[at]) for row in rows) + 2 for at in range(len(rows[0]))]
    while len(wide) > 1 and sum(wide) > width - 1:
        wide.pop()
    entries = []
    for at, cells in enumerate(rows):
        spans = [Span(f" {cells[0]}".ljust(wide[0]), "label" if at else "muted")]
        for cell, size in zip(cells[1:], wide[1:], strict=False):
            look = "bad" if cell.startswith("-") else "label"
            spans.append(Span(cell.rjust(size), look if at else "muted"))
        entries.append(SheetRow(spans))
    return entries
