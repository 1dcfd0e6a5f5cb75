"""What explains the cost of a session: the sum over its calls with numbers, its chart, and its calls one by one."""

from collections.abc import Sequence

import numpy as np

from planner.model import Result, SessionCalls
from planner.readout import SESSION_HEAD, call_rows, kinds_of_call, lines_of_bill, sum_text
from planner.readout.session_text import SUM_WORDS, compacted_at, course_text
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.session import CallCourse, session_chart
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, pair, text
from planner.units import show

OF_COST = ("usd_per_request", "usd_per_pass", "usd_per_outcome", "usd_per_mtok")
"""The headline numbers that a session's calls explain."""

_CHART_ROWS = 9
_COLUMN = 9


def session_entries(result: Result, width: int, *, ascii_only: bool = False) -> list[SheetRow]:
    """Return the sessions of a plan, of deployments that get calls."""
    entries: list[SheetRow] = []
    for (name, tier), session in result.sessions.items():
        if float(np.mean(result.workloads[name].tiers[tier].calls_per_request)) > 0:
            said = [course_text(session)]
            entries += one_session_entries((name, tier), session, width, said=said, ascii_only=ascii_only)
    return entries


def one_session_entries(
    place: tuple[str, str],
    session: SessionCalls,
    width: int,
    *,
    said: Sequence[str],
    ascii_only: bool = False,
) -> list[SheetRow]:
    """Return a session of a workload on a deployment: what is `said` of it, its sum, its chart, its calls."""
    name, tier = place
    return [
        BLANK,
        heading(f"A session of {name} on {tier}", width),
        *(row for sentence in said for row in text(sentence, width)),
        *_chart(session, width, ascii_only=ascii_only),
        *text(f"{SUM_WORDS}:", width),
        *text(sum_text(session), width, look="title"),
        *_parts(session, width),
        *_calls(session, width),
    ]


def _parts(session: SessionCalls, width: int) -> list[SheetRow]:
    """Return what a session costs by kind of call, and by line of the bill."""
    if not session.usd:
        return []
    kinds = [
        pair(what, show(usd, "usd"), width, more=f"{show(count)} of them")
        for what, count, usd in kinds_of_call(session)
    ]
    lines = [pair(line, show(usd, "usd"), width) for line, usd in lines_of_bill(session)]
    return [*kinds, *lines]


def _chart(session: SessionCalls, width: int, *, ascii_only: bool) -> list[SheetRow]:
    last = call_rows(session)[-1].call
    course = CallCourse(
        session.prompt_tokens[:last].tolist(),
        session.read_tokens[:last].tolist(),
        session.usd_per_call[:last].tolist(),
        compacted_at(session),
    )
    rows = session_chart(
        course, width=width - 1, height=_CHART_ROWS, show_tokens=show, show_usd=lambda usd: show(usd, "usd"),
        ascii_only=ascii_only,
    )  # fmt: skip
    return [SheetRow(row) for row in rows]


def _calls(session: SessionCalls, width: int) -> list[SheetRow]:
    columns = min(len(SESSION_HEAD), max(width // _COLUMN, 1))

    def line(cells: tuple[str, ...]) -> str:
        return "".join(cell.rjust(_COLUMN) for cell in cells[:columns])

    every = (SESSION_HEAD, *(each.cells for each in call_rows(session)))
    looks = ("muted", *["label"] * len(every))
    return [SheetRow([Span(line(cells), look)]) for cells, look in zip(every, looks, strict=False)]
