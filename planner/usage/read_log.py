"""Read a usage log, and say what it tells about a workload."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.schema.ranges import read_number
from planner.units import SECONDS_PER_HOUR
from planner.usage.containers import LogFile, sources, without_copies
from planner.usage.engine import connect
from planner.usage.joining import COPIES, JoinedRows
from planner.usage.log_summary import LogSummary
from planner.usage.names import words
from planner.usage.one_file import OneFile, ReadOptions, read_one
from planner.usage.pricing import price_steps
from planner.usage.scan import SLOT_S, Floats, Groups, chosen_hours, grouped, windows_of
from planner.usage.summarise import summary_of, with_requests
from planner.usage.summing import TimeRule

Told = Callable[[float, float], None]

PER_MONTH = "requests_per_month"
WITHOUT_COUNT = (
    "Anthropic usage report",
    "Anthropic usage export",
    "Claude Code analytics",
    "ccusage report",
)
FIRST_PASS_SHARE = 0.7
SECONDS_PER_DAY = 86_400
SUM_WORDS = frozenset({"sum", "total", "totals"})
LONGEST_ORDINARY_PROMPT = (
    50_000  # mean tokens: the sum of a day of one model is more, that of requests seldom
)


def read_log(
    path: str | Path | Iterable[str | Path],
    *,
    workload: str = "imported",
    columns: dict[str, str] | None = None,
    time_format: str = "",
    no_time: bool = False,
    progress: Told | None = None,
) -> LogSummary:
    """Return what the usage log at `path` says: one file or several, folders, archives, "-" for standard input.

    `columns` says which column holds what, where the guess is wrong ({"prompt_tokens": "tok_in"}); an export that
    counts no requests is told how many with {"requests_per_month": "250k"}. `time_format` is how times are written, in the
    letters of strptime; `no_time` leaves them alone. `progress` is told the share done and the seconds left. Of a row,
    only counts, times, the model's name, cost and status are read. Raises ScenarioError in words.
    """
    paths = [Path(one) for one in ([path] if isinstance(path, str | Path) else path)]
    log = _opened(paths, dict(columns or {}), TimeRule(time_format, no_time), progress)
    return log.summary(log.groups, log.windows, workload)


def read_months(path: str | Path, *, workload: str = "imported") -> dict[str, LogSummary]:
    """Return the same of each calendar month (UTC) of a log, such as "2026-11"; empty for a log without dates.

    A month with failed calls only is left out.
    """
    log = _opened([Path(path)], {}, TimeRule("", none=False), None)
    months = log.groups.in_months()
    return {
        month: log.summary(groups, [], workload)
        for month, groups in months.items()
        if (~groups.failed & (groups.sums["requests"] > 0)).any()
    }


@dataclass(frozen=True)
class _Log:
    """A log that has been read: its groups, its files, the arrival times of some hours."""

    groups: Groups
    found: list[OneFile]
    windows: list[Floats]
    told: JoinedRows
    path: Path

    def summary(self, groups: Groups, windows: list[Floats], workload: str) -> LogSummary:
        """Return what some of the groups say."""
        today = datetime.now(tz=UTC).date()
        return summary_of(
            groups, self.found, windows, told=self.told, path=self.path, workload=workload, today=today
        )


def _opened(paths: list[Path], chosen: dict[str, str], times: TimeRule, progress: Told | None) -> _Log:
    per_month = _per_month(chosen, paths[0])
    told = JoinedRows()
    connection = connect()
    try:
        found_files = sources(paths)
        files = without_copies(found_files)
        told.add(COPIES, len(found_files) - len(files))
        steps_of = (
            price_steps if per_month is None else _no_steps
        )  # sums of unknown numbers of requests have no length
        task = ReadOptions(chosen, times, steps_of, connection, told, alone=len(files) == 1)
        groups, found, windows = _read(files, task, per_month, _Clock(progress))
    finally:
        connection.close()
    if per_month is not None:
        groups = with_requests(groups, per_month)
    return _Log(groups, found, windows, told, _name(paths, files))


def _no_steps(_names: list[tuple[str, str]]) -> list[int]:
    return []


def _name(paths: list[Path], files: list[LogFile]) -> Path:
    """Return what the log is called: its own name, or that of the first file and how many more there are."""
    if len(paths) == 1:
        return Path("standard input") if str(paths[0]) == "-" else paths[0]
    return paths[0].with_name(f"{paths[0].name} and {len(files) - 1} more")


def _read(
    files: list[LogFile], task: ReadOptions, per_month: float | None, clock: "_Clock"
) -> tuple[Groups, list[OneFile], list[Floats]]:
    """Return the groups of all files, the files, and the arrival times of some hours."""
    found, problems = list[OneFile](), list[ScenarioError]()
    for place, source in enumerate(files):
        part = clock.part(place / len(files), FIRST_PASS_SHARE / len(files))
        try:
            found.append(read_one(source, replace(task, progress=part)))
        except ScenarioError as error:
            problems.append(error)
    if not found or (problems and len(files) == 1):
        raise problems[0]
    dated = any(one.summed.dated for one in found)
    left_out = {"files that are no log": len(problems)} if problems else {}
    groups = grouped(
        (table for one in found for table in _tables(one, dated=dated)), dated=dated, rejected=sum(one.summed.rejected for one in found),
        at_least=False, left_out=left_out,
    )  # fmt: skip
    name = inert(str(files[0].name))
    if isinstance(groups, Problem):
        raise ScenarioError([replace(groups, hint=_of_one_side(found))], source=name)
    if per_month is None and _lacks_count(groups, found):
        hint = f"Say how many there are: --column {PER_MONTH}=250k."
        raise ScenarioError([Problem("the file", "counts tokens but no requests.", hint)], source=name)
    return groups, found, _windows(groups, found)


def _tables(one: OneFile, *, dated: bool) -> Iterable[dict[str, Any]]:
    """Yield the tables of a file; its times count for nothing where others have dates and it has none."""
    for table in one.summed.tables:
        if dated and not one.summed.dated:
            gone = np.full(len(table["n"]), np.nan)
            yield table | {
                "slot": np.full(len(table["n"]), -1),
                "first_s": gone,
                "last_s": gone,
                "end_s": gone,
            }
        else:
            yield table


def _of_one_side(found: list[OneFile]) -> str:
    """Return what to say where a log has a column for one side of its calls only, "" elsewhere."""
    fields = {field for one in found for field in one.summed.fields}
    sides = (
        ("prompt_tokens", {"prompt", "fresh", "read", "total"}),
        ("output_tokens", {"output", "answer", "total"}),
    )
    lacking = [f"--column {name}=NAME" for name, any_of in sides if not fields & any_of]
    return (
        f"No column is known to hold the other tokens: say which with {' '.join(lacking)}." if lacking else ""
    )


def _lacks_count(groups: Groups, found: list[OneFile]) -> bool:
    """Whether rows are sums over an unknown number of requests: by their form, their span of time or their size."""
    if groups.summed:
        return False
    rows = float(groups.rows.sum())
    whole = sum(groups.notes.get(name, 0) for name in ("spans", "beyond"))
    return any(one.form in WITHOUT_COUNT for one in found) or whole * 2 >= rows > 0 or _by_day(groups, found)


def _by_day(groups: Groups, found: list[OneFile]) -> bool:
    """Whether rows are sums: one for each hour or day, model and tier, without ids, called sums or too long for calls."""
    prompt = float(groups.sums["prompt"].sum()) / max(float(groups.sums["requests"].sum()), 1.0)
    called = any(set(words(one.columns.get("prompt_tokens", ""))) & SUM_WORDS for one in found)
    step_s = SECONDS_PER_HOUR if called else SECONDS_PER_DAY
    return (
        groups.dated
        and np.isfinite(groups.first_s)
        and not any(one.summed.fields & {"request_id", "status", "error", "end_time"} for one in found)
        and bool((groups.rows == 1).all())
        and groups.first_s % step_s == groups.last_s % step_s == 0
        and bool((groups.slot * SLOT_S % step_s == 0).all())
        and (called or prompt > LONGEST_ORDINARY_PROMPT)
    )


def _windows(groups: Groups, found: list[OneFile]) -> list[Floats]:
    """Return the arrival times of some hours, where the log has times and a row is a call."""
    if groups.summed or not np.isfinite(groups.first_s) or (groups.slot < 0).all():
        return []
    hours, share = chosen_hours(groups)
    times = [values for one in found for values in one.summed.times_s]
    times += [one.times_of(hours, share) for one in found if one.times_of is not None and one.summed.has_time]
    return windows_of(np.concatenate(times), hours, share) if times else []


def _per_month(chosen: dict[str, str], path: Path) -> float | None:
    text = chosen.pop(PER_MONTH, None)
    if text is None:
        return None
    number = read_number(text)
    if number is None or not 0 < number <= 1e13:
        problem = Problem(PER_MONTH, f'is "{inert(text)[:60]}"; it must be a number above 0.')
        raise ScenarioError([problem], source=inert(str(path)))
    return number


class _Clock:
    """Tells the share done of all passes, with the seconds left."""

    def __init__(self, progress: Told | None) -> None:
        self.progress = progress
        self.began_s = time.monotonic()

    def part(self, start: float, width: float) -> Callable[[float], None] | None:
        """Return what turns the share done of one pass into that of all."""
        told = self.progress
        if told is None:
            return None

        def tell(share: float) -> None:
            done = start + width * min(share, 1.0)
            gone_s = time.monotonic() - self.began_s
            told(done, gone_s / done - gone_s if done > 0 else float("inf"))

        return tell
