"""Read a usage log, and say what it tells about a workload."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.schema.ranges import read_number
from planner.units import SECONDS_PER_HOUR, SECONDS_PER_MONTH
from planner.usage import measures
from planner.usage.columns import Columns, find_columns
from planner.usage.imported import Imported, Used
from planner.usage.logs import Log, MixedLineEndsError, ask, open_log
from planner.usage.measures import UNKNOWN, Estimate, count_estimate, estimate, mean_per_request
from planner.usage.scan import FIRST_PASS_SHARE, Groups, arrivals, scan
from planner.usage.spend import processing_of, reference_of, spend_lines, steps_of

Told = Callable[[float, float], None]
_OfPass = Callable[[float, float], Callable[[float], None] | None]

LOOK_ROWS = 100_000
BESIDE_FROM_SHARE = 0.01
PER_MONTH = "requests_per_month"
WITHOUT_COUNT = ("Anthropic usage report", "Anthropic usage export")


def read_log(
    path: str | Path,
    *,
    workload: str = "imported",
    columns: dict[str, str] | None = None,
    progress: Told | None = None,
) -> Imported:
    """Return what the usage log at `path` says: CSV, JSON lines, JSON or Parquet, of any size.

    `columns` says which column holds what, where the guess is wrong ({"prompt_tokens": "tok_in"}); an export that
    counts no requests is told how many with {"requests_per_month": "250k"}. `progress` is told the share done and the
    seconds left. Of a row, only counts, times, the model's name, cost and status are read. Raises ScenarioError in words.
    """
    path, chosen = Path(path), dict(columns or {})
    per_month = _per_month(chosen, path)
    try:
        return _read(open_log(path), chosen, per_month, workload, _told(progress))
    except MixedLineEndsError:
        return _read(open_log(path, lenient=True), chosen, per_month, workload, _told(progress))


def _read(
    log: Log, chosen: dict[str, str], per_month: float | None, workload: str, told: _OfPass
) -> Imported:
    try:
        found = _looked_at(log, find_columns(log, chosen))
        if per_month is None and found.form in WITHOUT_COUNT and "requests" not in found.sql:
            what = "counts tokens but no requests."
            hint = f"Say how many there are: --column {PER_MONTH}=250k."
            raise ScenarioError([Problem("the file", what, hint)], source=inert(str(log.path)))
        today = datetime.now(tz=UTC).date()
        steps = _steps(log, found, today)
        groups = scan(log, found, steps=steps, progress=told(0.0, FIRST_PASS_SHARE))
        windows = arrivals(log, found, groups, progress=told(FIRST_PASS_SHARE, 1.0))
    finally:
        log.connection.close()
    if per_month is not None:
        groups = _with_requests(groups, per_month)
    return _imported(log, found, groups, windows, workload=workload, steps=steps, today=today)


def _per_month(chosen: dict[str, str], path: Path) -> float | None:
    text = chosen.pop(PER_MONTH, None)
    if text is None:
        return None
    number = read_number(text)
    if number is None or not 0 < number <= 1e13:
        problem = Problem(PER_MONTH, f'is "{inert(text)[:60]}"; it must be a number above 0.')
        raise ScenarioError([problem], source=inert(str(path)))
    return number


def _told(progress: Told | None) -> _OfPass:
    """Return what turns the share done of one pass into that of both, with the seconds left."""
    began_s = time.monotonic()

    def of_pass(start: float, end: float) -> Callable[[float], None] | None:
        if progress is None:
            return None

        def tell(share: float) -> None:
            done = start + (end - start) * min(share, 1.0)
            gone_s = time.monotonic() - began_s
            progress(done, gone_s / done - gone_s if done > 0 else float("inf"))

        return tell

    return of_pass


def _looked_at(log: Log, found: Columns) -> Columns:
    """Return the columns, cached tokens beside the prompt's where the first rows show that they must be."""
    if found.beside or "cache_read_tokens" not in found.sql or "prompt_tokens" not in found.sql:
        return found
    read, prompt = (
        f"TRY_CAST({found.sql[name]} AS DOUBLE)" for name in ("cache_read_tokens", "prompt_tokens")
    )
    rows = f"(SELECT {read} AS r, {prompt} AS p FROM {found.relation} LIMIT {LOOK_ROWS})"
    above, counted = ask(
        log, f"SELECT count(*) FILTER (r > p), count(*) FILTER (r > 0) FROM {rows}", log.arguments
    )[0]
    return replace(found, beside=counted > 0 and above > BESIDE_FROM_SHARE * counted)


def _steps(log: Log, found: Columns, today: date) -> list[int]:
    """Return the prompt lengths at which the price of a model in the first rows changes."""
    if "model" not in found.sql or found.form in WITHOUT_COUNT:
        return []  # sums over unknown numbers of requests have no length
    names = ", ".join(
        f"left(CAST({found.sql[name]} AS VARCHAR), 120) AS {name}" if name in found.sql else f"'' AS {name}"
        for name in ("model", "provider", "processing")
    )
    rows = f"(SELECT {names} FROM {found.relation} LIMIT {LOOK_ROWS})"
    listed = ask(log, f"SELECT DISTINCT model, provider, processing FROM {rows} LIMIT 200", log.arguments)
    return steps_of([(row[0] or "", row[1] or "", row[2] or "") for row in listed], today)


def _with_requests(groups: Groups, per_month: float) -> Groups:
    """Return the groups of an export without counts, with requests shared out by tokens."""
    tokens = groups.sums["prompt"] + groups.sums["output"]
    total = per_month * _duration_s(groups) / SECONDS_PER_MONTH
    requests = total * tokens / max(float(tokens.sum()), 1.0)
    unknown = np.full_like(requests, np.nan)
    return replace(
        groups, sums=groups.sums | {"requests": requests}, prompt_squares=unknown, output_squares=unknown
    )


def _duration_s(groups: Groups) -> float:
    """Return the length of time that a log covers; the last bucket of an export by the hour or day counts whole."""
    hours = np.unique(groups.hour)
    if len(hours) == 1:
        return max(groups.last_s - groups.first_s, 0.0) or SECONDS_PER_HOUR
    on_the_hour = groups.first_s % SECONDS_PER_HOUR == 0 and groups.last_s % SECONDS_PER_HOUR == 0
    step_s = float(np.diff(hours).min()) * SECONDS_PER_HOUR if on_the_hour else 0.0
    return groups.last_s - groups.first_s + step_s


@dataclass(frozen=True)
class _Blocks:
    """The successful groups, and the block of time that each falls into."""

    groups: Groups
    good: NDArray[np.bool_]
    place: NDArray[np.int64]
    count: int

    def sums(
        self, values: NDArray[np.float64], where: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Return the sum of `values` in each block, of the groups in `where`."""
        used = self.good if where is None else where
        weights = np.where(used, values, 0.0)
        return np.bincount(self.place, weights=weights, minlength=self.count).astype(float)

    def per_request(self, values: NDArray[np.float64], squares: float = float("nan")) -> Estimate:
        """Return the mean of `values` over successful requests."""
        requests = self.sums(self.groups.sums["requests"])
        return mean_per_request(total=self.sums(values), requests=requests, squares=squares)

    def share(self, values: NDArray[np.float64], of: NDArray[np.float64]) -> Estimate:
        """Return the sum of `values` over that of `of`, from 0 to 1; unknown where there are none."""
        found = mean_per_request(total=self.sums(values), requests=self.sums(of))
        if not found.known or found.value <= 0:
            return UNKNOWN
        return Estimate(min(found.value, 1.0), max(found.low, found.value / 10), min(found.high, 1.0))


def _imported(
    log: Log, found: Columns, groups: Groups, windows: list[NDArray[np.float64]], *,
    workload: str, steps: list[int], today: date,
) -> Imported:  # fmt: skip
    good = ~groups.failed
    if not good.any():
        problem = Problem("the file", "has only failed calls: nothing tells what a request is like.")
        raise ScenarioError([problem], source=inert(str(log.path)))
    timed = "time" in found.sql
    place, count = measures.blocks(groups.hour if timed else np.zeros_like(groups.hour))
    blocks = _Blocks(groups, good, place, count)
    owner = [_owner(groups, index, today) for index in range(len(groups.model))]
    used = int(groups.rows.sum())
    bare = Imported(
        workload=workload, path=log.path, form=found.form, columns=found.names,
        rows=used + sum(groups.bad.values()) + groups.skipped, used_rows=used, bad=groups.bad,
        bad_at_least=groups.at_least, skipped=groups.skipped, first_s=groups.first_s if timed else float("nan"),
        last_s=groups.last_s if timed else float("nan"), dated=groups.dated, beside=found.beside,
        requests=float(groups.sums["requests"][good].sum()),
        mix=_mix(groups, blocks, owner, today),
        spend=spend_lines(groups, [name for name, _ in owner], steps=steps, today=today),
    )  # fmt: skip
    told = _with_tokens(bare, found, blocks)
    return _with_traffic(told, found, blocks, windows) if timed else told


def _with_tokens(bare: Imported, found: Columns, blocks: _Blocks) -> Imported:
    """Return the import with what a request is like: its tokens, its cache, and how often it fails."""
    groups, good = blocks.groups, blocks.good
    sums, requests = groups.sums, groups.sums["requests"]
    summed = "requests" in found.sql or found.form in WITHOUT_COUNT
    squares = groups.output_squares
    out = replace(
        bare,
        prompt_tokens=blocks.per_request(sums["prompt"], float(groups.prompt_squares[good].sum())),
        answer_tokens=blocks.per_request(sums["output"] - sums["reasoning"], float(squares[good].sum())),
        cache_read_share=blocks.share(sums["cache_read"], sums["prompt"]),
        cache_write_share=blocks.share(sums["cache_write"] + sums["cache_write_1h"], sums["prompt"]),
        reused_share=blocks.share(np.where(groups.reused, requests, 0.0), requests),
        answer_length_cv2=UNKNOWN if summed else _cv2(sums["output"], squares, requests, good),
        failed_share=float(requests[~good].sum() / requests.sum()),
    )
    if "reasoning_tokens" in found.sql:
        out = replace(out, reasoning_tokens=blocks.per_request(sums["reasoning"]))
    if "retries" in found.sql:
        retried, retries = (float(sums[name].sum() / requests.sum()) for name in ("retried", "retries"))
        out = replace(out, retried_share=retried, retries_per_request=retries)
    return out


def _with_traffic(
    told: Imported, found: Columns, blocks: _Blocks, windows: list[NDArray[np.float64]]
) -> Imported:
    """Return the import with what the times of a log tell: volume, busiest hour, burstiness, growth."""
    groups = blocks.groups
    summed = "requests" in found.sql or found.form in WITHOUT_COUNT
    daily = summed and len(np.unique(groups.hour % measures.HOURS_PER_DAY)) == 1
    counts = measures.hourly(groups.hour, np.where(blocks.good, groups.sums["requests"], 0.0))
    return replace(
        told,
        requests_per_month=_volume(groups, blocks, told.requests),
        peak_to_mean=UNKNOWN if daily else measures.peak_to_mean(counts),
        interarrival_cv2=UNKNOWN if summed else measures.interarrival_cv2(windows),
        growth_per_month=measures.growth_per_month(counts),
    )


def _owner(groups: Groups, index: int, today: date) -> tuple[str, str]:
    """Return the model of a group as the price list has it, or else as the log has it; and its processing."""
    model, provider = groups.model[index], groups.provider[index]
    name = reference_of(model, provider, today) or inert(model) or "unnamed model"
    return name, processing_of(groups.processing[index])


def _cv2(
    total: NDArray[np.float64],
    squares: NDArray[np.float64],
    requests: NDArray[np.float64],
    good: NDArray[np.bool_],
) -> Estimate:
    counted = float(requests[good].sum())
    mean = float(total[good].sum()) / counted
    return (
        estimate(max(float(squares[good].sum()) / counted / mean**2 - 1.0, 0.0), 0.0) if mean > 0 else UNKNOWN
    )


def _volume(groups: Groups, blocks: _Blocks, answered: float) -> Estimate:
    """Return successful requests a month, at the pace of the log; its range is that between days."""
    duration_s = _duration_s(groups)
    if duration_s <= 0:
        return UNKNOWN
    pace = answered / duration_s * SECONDS_PER_MONTH
    spread = pace / np.sqrt(answered)
    if duration_s >= measures.FEWEST_BLOCKS * measures.HOURS_PER_DAY * SECONDS_PER_HOUR:
        days = blocks.sums(groups.sums["requests"])
        days = days[1:-1] if len(days) > measures.FEWEST_BLOCKS else days
        spread = max(spread, pace * float(days.std(ddof=1) / max(days.mean(), 1e-9)) / np.sqrt(len(days)))
    return count_estimate(pace, float(spread))


def _mix(groups: Groups, blocks: _Blocks, owner: list[tuple[str, str]], today: date) -> tuple[Used, ...]:
    """Return the models that answered, cheapest request first, each with its share of requests."""
    requests = groups.sums["requests"]
    per_block = blocks.sums(requests)
    names = list(dict.fromkeys(owner))
    codes = np.array([names.index(one) for one in owner])
    found = []
    for code, (model, processing) in enumerate(names):
        mine = blocks.good & (codes == code)
        if not mine.any():
            continue
        share = mean_per_request(total=blocks.sums(requests, mine), requests=per_block)
        index = int(np.flatnonzero(mine)[0])
        known = bool(reference_of(groups.model[index], groups.provider[index], today))
        answered = float(requests[mine].sum())
        tokens = {
            name: float(groups.sums[name][mine].sum()) / max(answered, 1e-9) for name in ("prompt", "output")
        }
        logged = float(groups.sums["cost"][mine].sum()) if groups.costed[mine].sum() else float("nan")
        found.append(
            Used(model, processing, known, answered, share, tokens["prompt"], tokens["output"], logged)
        )
    return tuple(sorted(found, key=lambda used: used.usd_per_request(today)))
