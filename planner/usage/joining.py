"""Rows of one call joined: a message in several rows, chunks of a stream, retries, spans over their children."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from planner.records import dataclass
from planner.usage.reading import COUNTS, Row

WINDOW = (
    20_000  # rows of one call stand at most so many calls apart to be joined; later ones are only known again
)
MOST_CALLS_KNOWN = 5_000_000
REPEATED = "rows that repeat a call"
PARENTS = "spans that sum up the calls below them"
NO_CHANCE = 4  # calls: the tokens of one are seldom the sums of so many others
_SUMMING = re.compile(r"summar|total|session|final|shutdown|\bend\b|_end$|\.end$")
COPIES = "files that are copies of others"
SUMS = "rows that sum up the calls before them"
_FAILED = frozenset({"error", "failure", "failed", "errored", "rate_limited", "timeout"})


class JoinedRows:
    """How many rows were joined with others, by why; and the calls that were seen, in all files of a log."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.seen: set[int] = set()

    def see(self, key: object) -> None:
        """Remember a call, as long as there is room for more."""
        if len(self.seen) < MOST_CALLS_KNOWN:
            self.seen.add(hash(key))

    def add(self, why: str, count: int = 1) -> None:
        """Count rows."""
        self.counts[why] = self.counts.get(why, 0) + count


def joined(rows: Iterable[Row], told: JoinedRows) -> Iterator[Row]:
    """Yield one row for each call: rows with the same id and the same prompt are one, its longest output counts.

    Rows with one id and different prompts are calls of their own: the id is a session's. What was seen before the
    window is known by its id and prompt, and left out.
    """
    held: OrderedDict[Any, Row] = OrderedDict()
    for row in rows:
        name = row.get("request_id")
        if name is None or not _has_counts(row) or _counted(row):
            yield from _untold(row, held, told)
            continue
        key = _key(row)
        if key in held:
            held[key] = _together(held[key], row)
            held.move_to_end(key)
            told.add(REPEATED)
        elif hash(key) in told.seen:
            told.add(REPEATED)
        else:
            _succeed(held, row, told)
            held[key] = row
            if len(held) > WINDOW:
                old, first = held.popitem(last=False)
                told.see(old)
                yield first
    for old, first in held.items():
        told.see(old)
        yield first


def _has_counts(row: Row) -> bool:
    return any(
        row.get(field) not in (None, 0, "0")
        for field in ("prompt", "fresh", "total", "output", "answer", "read", "write")
    )


def _counted(row: Row) -> bool:
    """Whether a row sums up several requests: rows of an export that share a name are no repetition."""
    return "count" in row or "ok_count" in row


def _key(row: Row) -> tuple[Any, ...]:
    """Return what rows of one call share: their id, and all that was sent."""
    sent = tuple(str(row.get(field, "")) for field in ("prompt", "fresh", "read", "write"))
    cost = "-" in str(row.get("cost", "")) or "-" in sent[0]
    return (str(row["request_id"]), *sent, cost)


def _together(one: Row, other: Row) -> Row:
    """Return two rows of a call as one: the later one's words, the larger counts of what came back."""
    out = one | {field: value for field, value in other.items() if field != "time"}
    for field in ("output", "answer", "reasoning", "total", "audio_out", "image_out", "cost"):
        if field in one and field in other:
            out[field] = max(one[field], other[field], key=_size)
    return out


def _size(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return -1.0


def _succeed(held: OrderedDict[Any, Row], row: Row, told: JoinedRows) -> None:
    """Count failed attempts of a call that went before it under its id as its retries."""
    attempt = ("", str(row["request_id"]))
    failed = held.pop(attempt, None)
    if failed is not None:
        row["retries"] = row.get("retries", failed.get("attempts", 1))
        told.add(REPEATED, failed.get("attempts", 1))


def _untold(row: Row, held: OrderedDict[Any, Row], told: JoinedRows) -> Iterator[Row]:
    """Hold a failed attempt until its call succeeds or is given up; pass on what has no id."""
    name = row.get("request_id")
    if name is None or not _is_failure(row) or _counted(row):
        yield row
        return
    key = ("", str(name))
    if key in held:
        held[key]["attempts"] = held[key].get("attempts", 1) + 1
        told.add(REPEATED)
    else:
        held[key] = row
        if len(held) > WINDOW:
            yield held.popitem(last=False)[1]


def _is_failure(row: Row) -> bool:
    status = str(row.get("status", "")).lower()
    return (
        row.get("error") is not None
        or status in _FAILED
        or status.startswith(("4", "5", "-"))
        or row.get("success") is False
    )


def without_sums(rows: Iterable[Row], told: JoinedRows) -> Iterator[Row]:
    """Yield the rows without those that count as many tokens as all single calls before them: a session's end.

    Such a row says how many calls it counts, or what it is; or it is the sum of so many that no chance makes it.
    """
    before: dict[str, tuple[int, float, float]] = {}
    for row in rows:
        session = str(row.get("session_id", ""))
        calls, prompt, output = before.get(session, (0, 0.0, 0.0))
        own = (_amount(row, "prompt"), _amount(row, "output"))
        sums = calls > 0 and own == (prompt, output) and prompt + output > 0
        if "count" in row:
            sums = sums and _amount(row, "count") == calls
        else:
            named = bool(_SUMMING.search(str(row.get("kind", "")).lower()))
            sums = sums and calls > 1 and (named or calls >= NO_CHANCE)
            before[session] = (calls + 1, prompt + own[0], output + own[1])
        if sums:
            told.add(SUMS)
        else:
            yield row


def _amount(row: Row, field: str) -> float:
    value = row.get(field)
    return float(value) if isinstance(value, int | float) else 0.0


@dataclass(frozen=True)
class Tree:
    """Spans of a log that have calls below them: what they count is their children's."""

    above: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Tree":
        """Return the ancestors of every span that counts tokens."""
        parent: dict[str, str] = {}
        counting: list[str] = []
        for row in rows:
            up, own = row.get("parent"), row.get("span")
            if own is not None and up is not None and str(up) != str(own):
                parent[str(own)] = str(up)
            if up is not None and _has_counts(row):
                counting.append(str(up))
        above: set[str] = set()
        for start in counting:
            name: str | None = start
            while name is not None and name not in above:
                above.add(name)
                name = parent.get(name)
        return cls(frozenset(above))


def leaves_only(rows: Iterable[Row], tree: Tree, told: JoinedRows) -> Iterator[Row]:
    """Yield the rows without those that sum up what is below them."""
    for row in rows:
        if tree.above and str(row.get("span")) in tree.above and any(field in row for field in COUNTS):
            told.add(PARENTS)
        else:
            yield row
