"""The calls of a log summed by hour, model and kind of request, and arrival times of some of its hours."""

import math
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.errors import Problem
from planner.records import dataclass
from planner.units import SECONDS_PER_HOUR
from planner.usage.call import METERS, Call, Outcome
from planner.usage.settle import EMPTY, LONGEST_PROMPT, NOT_A_CALL

Progress = Callable[[float], None]
Floats = NDArray[np.float64]

TIMELESS = -1
SLOT_S = 1800  # sums are of half hours: prices that change with the clock change on these
MOST_ARRIVALS = 1_500_000
MOST_HOURS = 48

TOKEN_SUMS = (
    "prompt",
    "output",
    "reasoning",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "audio_in",
    "audio_out",
    "image_in",
    "image_out",
)
SUMS = ("requests", "failed_requests", *TOKEN_SUMS, *METERS, "cost", "retried", "retries")
KEYS = ("bad", "slot", "model", "seller", "tier", "currency", "step", "failed", "reused")
_TALLIES = (
    "n",
    "costed",
    "prompt_squares",
    "output_squares",
    "timeless",
    "unsure",
    "beyond",
    "summed",
    "spans",
    "aside",
)
_ENDS = ("first_s", "last_s", "end_s", "span_s")


_LISTS = ("model", "provider", "processing", "currency")  # of a group each
_ARRAYS = ("slot", "step", "failed", "reused", "rows", "costed", "prompt_squares", "output_squares")


@dataclass(frozen=True)
class Groups:
    """Sums over the good rows by half hour, model, processing tier, currency, length of prompt, failure and reused answers.

    Arrays of shape (groups,). `sums` are totals over requests by name: tokens (cached ones inside of `prompt`, reasoning
    inside of `output`, `cache_write` those of five minutes), meters, `cost` in the group's currency ("" where the log
    names none). `slot` counts half hours from 1970 (from the start of a log without dates), -1 without times. `step` is a
    length that every prompt of the group exceeds, 0 where no price depends on one. `bad` counts what
    could not be used, by reason; `skipped` what is no call to a model; `notes` rows that were used and need a word.
    """

    slot: NDArray[np.int64]
    model: list[str]
    provider: list[str]
    processing: list[str]
    currency: list[str]
    step: NDArray[np.int64]
    failed: NDArray[np.bool_]
    reused: NDArray[np.bool_]
    rows: Floats
    costed: Floats
    prompt_squares: Floats
    output_squares: Floats
    sums: dict[str, Floats]
    first_s: float
    last_s: float
    end_s: float
    bad: dict[str, int]
    at_least: bool
    skipped: int
    dated: bool
    summed: bool = False
    span_s: float = SLOT_S
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def hour(self) -> NDArray[np.int64]:
        """The hour since 1970 of each group, -1 without times."""
        return np.where(self.slot < 0, self.slot, self.slot * SLOT_S // int(SECONDS_PER_HOUR))

    def in_months(self) -> dict[str, "Groups"]:
        """Return the groups of each calendar month (UTC), such as "2026-11"; none without dates."""
        if not self.dated:
            return {}
        starts = self.slot * SLOT_S
        months = starts.astype("datetime64[s]").astype("datetime64[M]").astype(str)
        return {
            str(month): self._only(np.asarray(months == month)) for month in np.unique(months[self.slot >= 0])
        }

    def _only(self, chosen: NDArray[np.bool_]) -> "Groups":
        places, starts = np.flatnonzero(chosen), self.slot[chosen] * SLOT_S
        lists: dict[str, Any] = {name: [getattr(self, name)[at] for at in places] for name in _LISTS}
        arrays: dict[str, Any] = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        return replace(
            self, **lists, **arrays,
            sums={name: values[chosen] for name, values in self.sums.items()},
            first_s=max(self.first_s, float(starts.min())),
            last_s=min(self.last_s, float(starts.max()) + SLOT_S),
            end_s=min(self.end_s, float(starts.max()) + SLOT_S),
        )  # fmt: skip

    def calls(self) -> Iterator[Call]:
        """Yield each group as the calls that it sums up; with several currencies, each group has one."""
        for index, model in enumerate(self.model):
            sums = {name: float(values[index]) for name, values in self.sums.items()}
            fresh = sums["prompt"] - sums["cache_read"] - sums["cache_write"] - sums["cache_write_1h"]
            outcome: Outcome = "failed" if self.failed[index] else "cache_hit" if self.reused[index] else "ok"
            yield Call(
                at_s=float(self.slot[index]) * SLOT_S if self.dated and self.slot[index] >= 0 else math.nan, model=model,
                seller=self.provider[index], tier=self.processing[index], fresh=max(fresh, 0.0), cache_read=sums["cache_read"],
                cache_write_5m=sums["cache_write"], cache_write_1h=sums["cache_write_1h"], reasoning=sums["reasoning"],
                answer=max(sums["output"] - sums["reasoning"], 0.0), audio_in=sums["audio_in"], audio_out=sums["audio_out"],
                image_in=sums["image_in"], image_out=sums["image_out"], prompt_above=float(self.step[index]),
                meters={name: sums[name] for name in METERS if sums[name]}, currency=self.currency[index],
                billed=sums["cost"] if self.costed[index] else math.nan, outcome=outcome, count=sums["requests"],
                span_s=self.span_s,
            )  # fmt: skip


# a sum that only these fields of a row can make other than 0: what a log lacks is not summed, row by row
_MADE_OF = {
    "reasoning": ("reasoning", "mean_reasoning"), "cache_read": ("read", "mean_read"),
    "cache_write": ("write", "write_5m", "write_1h", "mean_write"), "cache_write_1h": ("write_1h",),
    "failed_requests": ("failed_count",), "cost": ("cost", "mean_cost"),
    **{name: (name,) for name in ("audio_in", "audio_out", "image_in", "image_out", *METERS)},
}  # fmt: skip


def sums_sql(calls: str, steps: list[int], fields: Container[str]) -> str:
    """Return SQL for the sums over the rows of `calls` by what prices and traffic depend on; `fields` are those of the log."""
    lengths = ", ".join(
        f"CASE WHEN prompt > {step} * requests OR above >= {step} THEN {step} ELSE 0 END" for step in steps
    )
    lengths = f"greatest(above, {lengths})" if steps else "above"
    summed = [name for name in SUMS if name not in ("retried", "retries")]
    live = {
        name for name in summed if name not in _MADE_OF or any(field in fields for field in _MADE_OF[name])
    }
    sums = ", ".join(f"sum({name}) AS {name}" if name in live else f"0::DOUBLE AS {name}" for name in summed)
    return f"""
        SELECT bad, CASE WHEN bad IS NULL THEN coalesce(CAST(floor(at_s / {SLOT_S}) AS BIGINT), {TIMELESS}) END AS slot, model,
               seller, tier, currency, CASE WHEN requests > 0 THEN {lengths} ELSE 0 END AS step, failed, reused, count(*) AS n, {sums},
               sum(CAST(retries > 0 AS INT)) AS retried, sum(greatest(retries, 0)) AS retries, count(cost) AS costed,
               sum(prompt * prompt / requests) FILTER (requests > 0) AS prompt_squares,
               sum(output * output / requests) FILTER (requests > 0) AS output_squares,
               min(at_s) AS first_s, max(at_s) AS last_s, max(end_s) FILTER (bad IS NULL OR bad = '{EMPTY}') AS end_s, max(end_s - at_s) FILTER (summed) AS span_s,
               sum(CAST(timeless AS INT)) AS timeless, sum(CAST(unsure AS INT)) AS unsure, sum(CAST(summed AS INT)) AS summed,
               sum(CAST(prompt > {LONGEST_PROMPT} * greatest(requests, 1) AS INT)) AS beyond,
               sum(CAST(end_s - at_s >= {SECONDS_PER_HOUR} AND NOT summed AS INT)) AS spans, sum(CAST(no_answer AS INT)) AS aside
        FROM ({calls}) GROUP BY bad, slot, model, seller, tier, currency, step, failed, reused
    """


def grouped(
    tables: Iterable[dict[str, Any]], *, dated: bool, rejected: int, at_least: bool, left_out: dict[str, int]
) -> Groups | Problem:
    """Return the groups of several results of `sums_sql`, joined; or what is wrong where there is no call in them."""
    whole = merged(tables)
    bad_words = np.asarray([reason or "" for reason in whole["bad"]], dtype=object)
    rows = whole["n"]
    good = bad_words == ""
    bad = {str(reason): int(rows[bad_words == reason].sum()) for reason in dict.fromkeys(bad_words[~good])}
    empty = bad_words == EMPTY
    skipped = bad.pop(NOT_A_CALL, 0)
    bad.pop(EMPTY, 0)
    for reason, count in left_out.items():
        bad[reason] = bad.get(reason, 0) + count
    if rejected:
        bad["unreadable lines"] = bad.get("unreadable lines", 0) + rejected
    if not good.any():
        return nothing(bad, skipped)
    if (totals := _unnamed_totals(whole, good)).any():
        skipped += int(rows[totals].sum())
        good &= ~totals
    kept = {name: values[good] for name, values in whole.items()}
    ends = {name: np.concatenate([kept[name], whole[name][empty]]) for name in _ENDS}
    notes = {name: int(kept[name].sum()) for name in ("timeless", "unsure", "beyond", "spans", "aside")}
    return Groups(
        slot=_slots(kept), model=_words(kept, "model"), provider=_words(kept, "seller"), processing=_words(kept, "tier"),
        currency=_words(kept, "currency"), step=kept["step"].astype(np.int64), failed=kept["failed"].astype(bool),
        reused=kept["reused"].astype(bool), rows=kept["n"], costed=kept["costed"], prompt_squares=kept["prompt_squares"],
        output_squares=kept["output_squares"], sums={name: kept[name] for name in SUMS},
        first_s=_end(np.fmin, ends["first_s"]), last_s=_end(np.fmax, kept["last_s"]),
        end_s=_end(np.fmax, np.concatenate([ends["end_s"], ends["last_s"]])), bad=bad, at_least=at_least, skipped=skipped, dated=dated,
        summed=bool(kept["summed"].sum()), span_s=max(float(np.nan_to_num(_end(np.fmax, kept["span_s"]))), SLOT_S), notes={name: count for name, count in notes.items() if count},
    )  # fmt: skip


def _unnamed_totals(whole: dict[str, NDArray[Any]], good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the groups without a model that count as many tokens as all others, in fewer rows: their totals."""
    unnamed = good & np.array([not name for name in whole["model"]], dtype=bool)
    named = good & ~unnamed
    same = all(
        np.isclose(whole[name][unnamed].sum(), whole[name][named].sum(), rtol=1e-9)
        and whole[name][named].sum() > 0
        for name in ("prompt", "output")
    )
    return unnamed if same and whole["n"][unnamed].sum() < whole["n"][named].sum() else np.zeros_like(unnamed)


def _slots(kept: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    """Return the half hour of each group; what has no time counts with the last one that has."""
    slots: NDArray[np.int64] = kept["slot"].astype(np.int64)
    timed = slots != TIMELESS
    return np.where(timed, slots, slots[timed].max()) if timed.any() else slots


def _end(best: Any, values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(best.reduce(known)) if len(known) else float("nan")


def _words(kept: dict[str, NDArray[Any]], name: str) -> list[str]:
    return [str(value or "") for value in kept[name]]


def merged(tables: Iterable[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Return the groups of several tables as one: the same keys are summed."""
    places: dict[tuple[Any, ...], int] = {}
    keys: list[tuple[Any, ...]] = []
    totals: list[Floats] = []
    names = (*SUMS, *_TALLIES)
    for table in tables:
        columns = {name: _plain(values) for name, values in table.items()}
        values = np.array(
            [np.nan_to_num(columns[name].astype(float)) for name in names]
            + [columns[name].astype(float) for name in _ENDS]
        )
        for index, key in enumerate(zip(*(columns[name].tolist() for name in KEYS), strict=True)):
            place = places.setdefault(key, len(keys))
            if place == len(keys):
                keys.append(key)
                totals.append(values[:, index])
                continue
            old, new = totals[place], values[:, index]
            summed = old[: len(names)] + new[: len(names)]
            ends = [np.fmin(old[-4], new[-4]), *np.fmax(old[-3:], new[-3:])]
            totals[place] = np.concatenate([summed, ends])
    grid = np.array(totals).T if totals else np.zeros((len(names) + len(_ENDS), 0))
    out: dict[str, NDArray[Any]] = {name: grid[place] for place, name in enumerate((*names, *_ENDS))}
    for place, name in enumerate(KEYS):
        out[name] = np.array([key[place] for key in keys], dtype=object)
    out["slot"] = np.array([TIMELESS if slot is None else slot for slot in out["slot"]], dtype=np.int64)
    return out


def _plain(values: Any) -> NDArray[Any]:
    """Return a column without a mask: None, nan or -1 stand where there was nothing."""
    masked = np.ma.asarray(values)
    if masked.dtype.kind == "O":
        hidden = np.ma.getmaskarray(masked)
        return np.array(
            [None if gone else value for gone, value in zip(hidden, masked.data, strict=True)], dtype=object
        )
    return np.ma.filled(masked, {"b": False, "f": np.nan}.get(masked.dtype.kind, -1))


def nothing(bad: dict[str, int], skipped: int) -> Problem:
    """Return the problem of a log in which no row can be used, with the reasons counted."""
    counted = [f"{count:,} {reason}" for reason, count in bad.items()]
    counted += [f"{skipped:,} {NOT_A_CALL}"] if skipped else []
    return Problem("the file", f"has no row that can be used: {', '.join(counted) or 'there are no rows'}.")


def chosen_hours(groups: Groups) -> tuple[list[int], float]:
    """Return some whole hours, spread over the log, and the share of each that fits into what arrivals may take."""
    hours, place = np.unique(groups.hour, return_inverse=True)
    rows = np.bincount(place, weights=groups.rows)
    busy = np.flatnonzero(rows >= min(50.0, float(rows.max())))
    count = int(np.clip(MOST_ARRIVALS / max(float(np.mean(rows[busy])), 1.0), 1, MOST_HOURS))
    chosen = busy[np.unique(np.linspace(0, len(busy) - 1, min(count, len(busy))).astype(int))]
    return [int(hour) for hour in hours[chosen]], min(MOST_ARRIVALS / float(rows[chosen].sum()), 1.0)


def windows_of(times_s: Floats, hours: list[int], share: float) -> list[Floats]:
    """Return the sorted arrival times of each of the hours, of the first `share` of it."""
    times = np.sort(times_s[np.isfinite(times_s)])
    starts = np.array(sorted(hours)) * SECONDS_PER_HOUR
    lows, highs = np.searchsorted(times, starts), np.searchsorted(times, starts + SECONDS_PER_HOUR * share)
    return [times[low:high] for low, high in zip(lows, highs, strict=True) if high > low]
