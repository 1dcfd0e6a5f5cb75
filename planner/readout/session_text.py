"""A session as text and rows: its cost as a sum over calls, and the calls worth a row."""

import numpy as np

from planner.model.call_by_call import SessionCalls
from planner.records import dataclass
from planner.units import show

MOST_ROWS = 9
SHOWN_SHARE = 0.05  # show calls reached by at least this share of sessions
WRITTEN_OUT = 3  # number of terms to write out
MARKS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1_000, 2_000, 5_000)

SESSION_HEAD = ("call", "sessions", "prompt", "cached", "new", "cost", "so far")
SUM_WORDS = "the sum over calls of (share of sessions that reach the call x cost of the call)"


@dataclass(frozen=True)
class CallRow:
    """One call of a session; `cached_tokens` are read from the cache, `so_far_usd` is the cost up to it."""

    call: int
    reached_share: float
    prompt_tokens: float
    cached_tokens: float
    usd: float
    so_far_usd: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of SESSION_HEAD."""
        new = self.prompt_tokens - self.cached_tokens
        return (
            str(self.call), show(self.reached_share, "share"),
            show(self.prompt_tokens), show(self.cached_tokens), show(new),
            show(self.usd, "usd"), show(self.so_far_usd, "usd"),
        )  # fmt: skip


def call_rows(session: SessionCalls) -> tuple[CallRow, ...]:
    """Return the calls that show a session's course: the first ones, round numbers, compactions, the last."""
    costs = session.usd_per_call
    so_far = np.cumsum(costs)
    return tuple(
        CallRow(
            at + 1,
            float(session.reached_share[at]),
            float(session.prompt_tokens[at]),
            float(session.read_tokens[at]),
            float(costs[at]),
            float(so_far[at]),
        )
        for at in _shown(session)
    )


def _shown(session: SessionCalls) -> list[int]:
    """Return the indices of the calls shown, counted from 0."""
    last = max(int(np.count_nonzero(session.reached_share >= SHOWN_SHARE)), 1) - 1
    compacted = [int(at) for at in np.flatnonzero(session.compacted) if at <= last][:2]
    needed = {0, last, *compacted, *(at - 1 for at in compacted)}
    rest = [mark - 1 for mark in MARKS if mark - 1 < last and mark - 1 not in needed]
    room = max(MOST_ROWS - len(needed), 0)
    return sorted(
        {*needed, *(rest if len(rest) <= room else rest[: room // 2] + rest[len(rest) - room + room // 2 :])}
    )


def sum_text(session: SessionCalls) -> str:
    """Return a session's cost as a sum with numbers; on own GPUs, the sum of its prompts."""
    terms = session.usd_per_call if session.usd else session.prompt_tokens
    unit, what = ("usd", "") if session.usd else ("", " tokens")
    total = float(np.sum(session.reached_share * terms))
    last = len(terms) - 1
    first = [_term(session, terms, at, unit) for at in range(min(WRITTEN_OUT, last + 1))]
    if last >= WRITTEN_OUT:
        shown = _shown(session)[-1]
        dots = ["..."] if shown > WRITTEN_OUT else []
        first += [*dots, _term(session, terms, max(shown, WRITTEN_OUT), unit)]
        first += ["..."] if last > shown else []
    return f"{' + '.join(first)} = {show(total, unit)}{what} over {show(session.mean_calls)} calls on average"


def compacted_at(session: SessionCalls) -> list[int]:
    """Return the shown calls before which the history was compacted, counted from 1."""
    last = _shown(session)[-1]
    return [int(at) + 1 for at in np.flatnonzero(session.compacted) if at <= last]


def course_text(session: SessionCalls) -> str:
    """Return a session's length and cost, how many calls are shown, and where it is compacted, as text."""
    shown = _shown(session)[-1] + 1
    usd = f", {show(session.mean_usd, 'usd')} a session" if session.usd else ""
    more = len(session.reached_share) > shown
    get_there = show(float(session.reached_share[shown - 1]), "share")
    longer = f": {get_there} of sessions get so far" if more else ""
    return (
        f"{show(session.mean_calls)} calls on average{usd}; {shown} are drawn{longer}. {_compacting(session)}"
    )


def _compacting(session: SessionCalls) -> str:
    """Return the first compacted call and the share of sessions that reach it, as text."""
    first = np.flatnonzero(session.compacted)
    if not len(first):
        return "The history is never compacted."
    at = int(first[0])
    before, after = (show(float(session.prompt_tokens[each])) for each in (at - 1, at))
    share = show(float(session.reached_share[at]), "share")
    return f"Compacted before call {at + 1}, from {before} to {after} tokens; {share} of sessions get there."


def compaction_text(session: SessionCalls, uncompacted: SessionCalls) -> str:
    """Return what compaction costs or saves, compared with the same session without it, as text."""
    if not session.usd or not np.any(session.compacted):
        return ""
    change = uncompacted.mean_usd - session.mean_usd
    verb = "saves" if change >= 0 else "costs"
    return (
        f"Compacting {verb} {show(abs(change), 'usd')} a session: never compacted, "
        f"it would cost {show(uncompacted.mean_usd, 'usd')}."
    )


def _term(session: SessionCalls, terms: np.ndarray, at: int, unit: str) -> str:
    return (
        f"{show(float(session.reached_share[at]), 'share')} x {show(float(terms[at]), unit)} (call {at + 1})"
    )


def kinds_of_call(session: SessionCalls) -> tuple[tuple[str, float, float], ...]:
    """Return number and cost of first calls, later calls and calls after a compaction."""
    at = np.arange(len(session.reached_share))
    kinds = {
        "first call": at == 0,
        "later calls": (at > 0) & ~session.compacted,
        "first calls after a compaction": session.compacted & (at > 0),
    }
    weighed = session.reached_share * session.usd_per_call
    found = (
        (name, float(np.sum(session.reached_share[mask])), float(np.sum(weighed[mask])))
        for name, mask in kinds.items()
    )
    return tuple(each for each in found if each[1] > 0)


def lines_of_bill(session: SessionCalls) -> tuple[tuple[str, float], ...]:
    """Return a session's cost by line of the bill, without zero lines."""
    sums = ((line, float(np.sum(session.reached_share * usd))) for line, usd in session.usd.items())
    return tuple(each for each in sums if each[1] > 0)
