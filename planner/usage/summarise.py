"""What the groups of a log say: means with ranges, volume, models, spend, and what needs a word."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.units import SECONDS_PER_HOUR, SECONDS_PER_MONTH
from planner.usage import measures
from planner.usage.joining import JoinedRows
from planner.usage.kinds import kinds_of
from planner.usage.log_summary import LogSummary, Used
from planner.usage.log_warnings import warnings_of
from planner.usage.measures import UNKNOWN, Estimate, count_estimate, estimate, mean_per_request
from planner.usage.one_file import OneFile
from planner.usage.scan import Floats, Groups
from planner.usage.spend import Spending, spending


def with_requests(groups: Groups, per_month: float) -> Groups:
    """Return the groups of an export without counts, with requests shared out by tokens."""
    tokens = groups.sums["prompt"] + groups.sums["output"]
    total = per_month * duration_s(groups) / SECONDS_PER_MONTH
    requests = total * tokens / max(float(tokens.sum()), 1.0)
    unknown = np.full_like(requests, np.nan)
    return replace(
        groups,
        sums=groups.sums | {"requests": requests},
        prompt_squares=unknown,
        output_squares=unknown,
        summed=True,
    )


def duration_s(groups: Groups) -> float:
    """Return the length of time that a log covers; the last bucket of an export by the hour or day counts whole."""
    if np.isfinite(groups.end_s) and groups.end_s - groups.last_s >= SECONDS_PER_HOUR:
        return groups.end_s - groups.first_s
    slots = np.unique(groups.hour)
    length = groups.last_s - groups.first_s
    whole_days = groups.first_s % 86_400 == 0 and groups.last_s % 86_400 == 0
    if len(slots) == 1 or length <= 0:
        return 86_400.0 if groups.summed and whole_days else max(length, 0.0) or SECONDS_PER_HOUR
    on_the_hour = groups.first_s % SECONDS_PER_HOUR == 0 and groups.last_s % SECONDS_PER_HOUR == 0
    if groups.summed and groups.dated and all(_is_first_of_month(hour) for hour in slots):
        return _month_after(groups.last_s) - groups.first_s
    step_s = float(np.diff(slots).min()) * SECONDS_PER_HOUR if on_the_hour else 0.0
    return length + step_s


def _is_first_of_month(hour: int) -> bool:
    at = datetime.fromtimestamp(hour * SECONDS_PER_HOUR, tz=UTC)
    return at.day == 1 and at.hour == 0


def _month_after(at_s: float) -> float:
    """Return the start of the month that follows a moment, in seconds since 1970."""
    later = datetime.fromtimestamp(at_s, tz=UTC).replace(day=1) + timedelta(days=31)
    return later.replace(day=1).timestamp()


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


def summary_of(
    groups: Groups,
    found: list[OneFile],
    windows: list[Floats],
    *,
    told: JoinedRows,
    path: Path,
    workload: str,
    today: date,
) -> LogSummary:
    """Return what a log says of a workload."""
    good = ~groups.failed & (groups.sums["requests"] > 0)
    if not good.any():
        problem = Problem("the file", "has only failed calls: nothing tells what a request is like.")
        raise ScenarioError([problem], source=inert(str(path)))
    timed = bool(np.isfinite(groups.first_s))
    place, count = measures.blocks(groups.hour if timed else np.zeros_like(groups.hour))
    blocks = _Blocks(groups, good, place, count)
    spent = spending(groups, today=today)
    used = int(groups.rows.sum())
    forms = list(dict.fromkeys(one.form for one in found))
    bare = LogSummary(
        workload=workload, path=path, form=forms[0] if len(forms) == 1 else f"{len(forms)} kinds of logs", columns=found[0].columns,
        rows=used + sum(groups.bad.values()) + groups.skipped, used_rows=used, bad=groups.bad,
        bad_at_least=groups.at_least, skipped=groups.skipped, first_s=groups.first_s, last_s=groups.last_s, dated=groups.dated,
        requests=float(groups.sums["requests"][good].sum()), mix=_mix(groups, blocks, spent),
        spend=spent.lines,
        sums={name: float(values[good].sum()) for name, values in groups.sums.items()},
        kinds=kinds_of(groups, spent), summed=groups.summed, logged=logged_by_currency(groups), warnings=(*spent.warnings, *warnings_of(groups, found, told, spent.lines)),
    )  # fmt: skip
    means = _with_tokens(bare, blocks, any(one.summed.fields & {"reasoning"} for one in found))
    return _with_traffic(means, blocks, windows) if timed else means


def _with_tokens(bare: LogSummary, blocks: _Blocks, thinks: bool) -> LogSummary:
    """Return the import with what a request is like: its tokens, its cache, and how often it fails."""
    groups, good = blocks.groups, blocks.good
    sums, requests = groups.sums, groups.sums["requests"]
    summed = groups.summed
    failed = float(requests[~good].sum() + sums["failed_requests"].sum())
    squares = groups.output_squares
    out = replace(
        bare,
        prompt_tokens=blocks.per_request(sums["prompt"], float(groups.prompt_squares[good].sum())),
        answer_tokens=blocks.per_request(sums["output"] - sums["reasoning"], float(squares[good].sum())),
        cache_read_share=blocks.share(sums["cache_read"], sums["prompt"]),
        cache_write_share=blocks.share(sums["cache_write"] + sums["cache_write_1h"], sums["prompt"]),
        reused_share=blocks.share(np.where(groups.reused, requests, 0.0), requests),
        answer_length_cv2=UNKNOWN if summed else _cv2(sums["output"], squares, requests, good),
        failed_share=failed / max(float(requests[good].sum()) + failed, 1e-9),
    )
    if thinks:
        out = replace(out, reasoning_tokens=blocks.per_request(sums["reasoning"]))
    if sums["retries"].sum() > 0:
        retried, retries = (float(sums[name].sum() / requests.sum()) for name in ("retried", "retries"))
        out = replace(out, retried_share=retried, retries_per_request=retries)
    return out


def _with_traffic(told: LogSummary, blocks: _Blocks, windows: list[Floats]) -> LogSummary:
    """Return the import with what the times of a log tell: volume, busiest hour, burstiness, growth."""
    groups = blocks.groups
    summed = groups.summed
    daily = summed and len(np.unique(groups.hour % measures.HOURS_PER_DAY)) == 1
    counts = measures.hourly(groups.hour, np.where(blocks.good, groups.sums["requests"], 0.0))
    return replace(
        told,
        requests_per_month=_volume(groups, blocks, told.requests),
        peak_to_mean=UNKNOWN if daily else measures.peak_to_mean(counts),
        interarrival_cv2=UNKNOWN if summed else measures.interarrival_cv2(windows),
        growth_per_month=measures.growth_per_month(counts),
    )


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
    length_s = duration_s(groups)
    if length_s <= 0:
        return UNKNOWN
    pace = answered / length_s * SECONDS_PER_MONTH
    spread = pace / np.sqrt(answered)
    if length_s >= measures.FEWEST_BLOCKS * measures.HOURS_PER_DAY * SECONDS_PER_HOUR:
        days = blocks.sums(groups.sums["requests"])
        days = days[1:-1] if len(days) > measures.FEWEST_BLOCKS else days
        if len(days) < 2:  # one sum over all of it
            return count_estimate(pace, float(spread))
        spread = max(spread, pace * float(days.std(ddof=1) / max(days.mean(), 1e-9)) / np.sqrt(len(days)))
    return count_estimate(pace, float(spread))


def _mix(groups: Groups, blocks: _Blocks, spent: Spending) -> tuple[Used, ...]:
    """Return the models that answered, cheapest request first, each with its share of requests."""
    requests = groups.sums["requests"]
    per_block = blocks.sums(requests)
    owner = spent.names()
    names = list(dict.fromkeys(owner))
    codes = np.array([names.index(one) for one in owner])
    found = []
    for code, (model, processing) in enumerate(names):
        mine = blocks.good & (codes == code)
        answered = float(requests[mine].sum())
        if answered <= 0:
            continue
        share = mean_per_request(total=blocks.sums(requests, mine), requests=per_block)
        known = any(spent.priced[index].known for index in np.flatnonzero(mine))
        means = {name: float(values[mine].sum()) / answered for name, values in groups.sums.items()}
        usd = [spent.priced[index].list_usd for index in np.flatnonzero(mine & ~groups.reused)]
        logged = means["cost"] * answered if groups.costed[mine].sum() else float("nan")
        found.append(
            Used(
                model,
                processing,
                known,
                answered,
                share,
                means["prompt"],
                means["output"],
                logged,
                _sum(usd),
                means,
            )
        )
    return tuple(sorted(found, key=lambda used: used.usd_per_request()))


def _sum(values: list[float]) -> float:
    """Return the sum of those that are known, nan where none is."""
    known = [value for value in values if np.isfinite(value)]
    return float(sum(known)) if known else float("nan")


def logged_by_currency(groups: Groups) -> dict[str, float]:
    """Return what the log says that its calls cost, by currency; USD where a log names none."""
    out: dict[str, float] = {}
    for index in np.flatnonzero(groups.costed > 0):
        name = groups.currency[index] or "USD"
        out[name] = out.get(name, 0.0) + float(groups.sums["cost"][index])
    return out
