"""Sessions in `planner show`: calls with a bar for their prompt, and the cost added up."""

import numpy as np

from planner.cli.io.layout import GAP, cells, table, width, wrapped
from planner.files import inert
from planner.model import Result, SessionCalls
from planner.readout import SESSION_HEAD, CallRow, call_rows, kinds_of_call, sum_text
from planner.units import show

LEAST_BAR_COLUMNS, BAR_COLUMNS = 6, 24
CACHED, NEW = ".", "#"


def session_lines(result: Result) -> list[str]:
    """Return the sessions of a plan, for each deployment that gets calls."""
    lines: list[str] = []
    for (name, tier), session in result.sessions.items():
        if np.any(np.asarray(result.workloads[name].tiers[tier].calls_per_request) > 0):
            lines += [*wrapped(f"{inert(name)} on {inert(tier)}: {sum_text(session)}"), *_table(session)]
            if session.usd:
                kinds = (
                    f"{show(count)} {what} {show(usd, 'usd')}" for what, count, usd in kinds_of_call(session)
                )
                lines += wrapped("; ".join(kinds))
    return [*lines, f"  prompts: {CACHED} from the cache, {NEW} not"] if lines else []


def _table(session: SessionCalls) -> list[str]:
    rows = call_rows(session)
    longest = max(row.prompt_tokens for row in rows) or 1.0
    found = table([row.cells for row in rows], head=SESSION_HEAD, left=0)
    room = min(max(width(), 80) - max(map(cells, found)) - len(GAP), BAR_COLUMNS)
    return [
        found[0],
        *(
            f"{line}{GAP}{_bar(row, longest, room)}".rstrip()
            for line, row in zip(found[1:], rows, strict=True)
        ),
    ]


def _bar(row: CallRow, longest: float, room: int) -> str:
    """Return the prompt as a bar, at least one mark long, with one mark for new tokens; "" without room."""
    if room < LEAST_BAR_COLUMNS:
        return ""
    whole = max(round(row.prompt_tokens / longest * room), 1)
    some = int(row.cached_tokens < row.prompt_tokens)
    cached = min(round(row.cached_tokens / longest * room), whole - some)
    return CACHED * cached + NEW * (whole - cached)
