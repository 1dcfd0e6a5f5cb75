"""What a usage log says about a workload: numbers with ranges, the models, the spend, and what could not be used."""

from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.files import inert
from planner.records import dataclass
from planner.units import show
from planner.usage.call import METERS
from planner.usage.kinds import CallKind
from planner.usage.measures import UNKNOWN, Estimate
from planner.usage.spend import SpendLine

if TYPE_CHECKING:
    from planner.usage.written_plan import WrittenPlan


@dataclass(frozen=True)
class Used:
    """One model that answered: its requests in the log, its share of them, its mean tokens and what it cost.

    `model` is "provider:model" where the price list has it (`known`), the log's own name elsewhere. `means` are means of a
    request by the names of `planner.usage.scan.SUMS`.
    """

    model: str
    processing: str
    known: bool
    requests: float
    share: Estimate
    prompt_tokens: float
    output_tokens: float
    logged_usd: float
    list_usd: float = float("nan")
    means: dict[str, float] = field(default_factory=dict)

    def usd_per_request(self) -> float:
        """Return what its mean request costs by the price list, or else by the log; infinite where neither says."""
        usd = self.list_usd if np.isfinite(self.list_usd) else self.logged_usd
        return usd / max(self.requests, 1.0) if np.isfinite(usd) else float("inf")


@dataclass(frozen=True)
class LogSummary:
    """What a log says. `rows` are all of it: those used, those in `bad` by reason, and `skipped` ones (no calls).

    Times are seconds since 1970 (since the start of the log where it is not `dated`), nan without times. Numbers
    are per successful request; `requests` counts those, and `sums` are totals over them. `logged` is the log's own cost of
    all its calls, failed ones and refunds too, by currency. `warnings` are sentences for a reader. An Estimate that is not `known` could not be told.
    """

    workload: str
    path: Path
    form: str
    columns: dict[str, str]
    rows: int
    used_rows: int
    bad: dict[str, int]
    bad_at_least: bool
    skipped: int
    first_s: float
    last_s: float
    dated: bool
    requests: float
    mix: tuple[Used, ...]
    spend: tuple[SpendLine, ...]
    sums: dict[str, float] = field(default_factory=dict)
    logged: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    kinds: tuple[CallKind, ...] = ()
    summed: bool = False
    requests_per_month: Estimate = UNKNOWN
    prompt_tokens: Estimate = UNKNOWN
    answer_tokens: Estimate = UNKNOWN
    reasoning_tokens: Estimate = UNKNOWN
    cache_read_share: Estimate = UNKNOWN
    cache_write_share: Estimate = UNKNOWN
    reused_share: Estimate = UNKNOWN
    answer_length_cv2: Estimate = UNKNOWN
    peak_to_mean: Estimate = UNKNOWN
    interarrival_cv2: Estimate = UNKNOWN
    growth_per_month: Estimate = UNKNOWN
    failed_share: float = 0.0
    retried_share: float = float("nan")
    retries_per_request: float = float("nan")

    @property
    def totals(self) -> dict[str, float]:
        """What all calls of the log come to; nan where the log or the price list does not tell."""
        listed = [line.list_usd for line in self.spend if np.isfinite(line.list_usd)]
        compared = [line.difference_usd for line in self.spend if np.isfinite(line.difference_usd)]
        written = self.sums.get("cache_write", 0.0) + self.sums.get("cache_write_1h", 0.0)
        meters = {name: total for name in METERS if (total := self.sums.get(name, 0.0))}
        return {
            "requests": self.requests, "prompt_tokens": self.sums.get("prompt", 0.0), "output_tokens": self.sums.get("output", 0.0),
            "reasoning_tokens": self.sums.get("reasoning", 0.0), "cache_read_tokens": self.sums.get("cache_read", 0.0),
            "cache_write_tokens": written, "cache_write_1h_tokens": self.sums.get("cache_write_1h", 0.0), **meters,
            "list_usd": sum(listed) if listed else np.nan, "logged_usd": self.logged.get("USD", np.nan),
            "difference_usd": sum(compared) if compared else np.nan,
        }  # fmt: skip

    @property
    def currency(self) -> str:
        """The currency of the log's costs; the currencies where there are several, "" where it states none."""
        return ", ".join(sorted(self.logged))

    @property
    def rows_left_out(self) -> int:
        """Rows that could not be used."""
        return sum(self.bad.values())

    @property
    def dates(self) -> str:
        """The first and the last day of the log, in words."""
        if not np.isfinite(self.first_s):
            return "no dates"
        if not self.dated:
            return f"{show(self.last_s - self.first_s, 'length_s')} long, no dates"
        first, last = (datetime.fromtimestamp(at, tz=UTC).date() for at in (self.first_s, self.last_s))
        return f"{first}" if first == last else f"{first} to {last}"

    @property
    def provenance(self) -> str:
        """Where the numbers come from, in one harmless line."""
        return f"{inert(self.path.name)[:200]}: {self.form}, {self.used_rows:,} rows, {self.dates}"

    def plan(self, name: str | None = None) -> "WrittenPlan":
        """Return the plan that the log leads to, with what it costs beside what the log cost."""
        from planner.usage.written_plan import written_plan  # noqa: PLC0415 - the plan is written of an LogSummary

        return written_plan(self, name or self.workload)

    def as_toml(self, name: str | None = None) -> str:
        """Return that plan as the text of a scenario, ranges and sources in it."""
        return self.plan(name).text

    def summary(self) -> list[dict[str, Any]]:
        """Return what was found as rows for people: what it is, its value, its range and a note."""
        rows = [_text("log", self.form, inert(self.path.name)[:200]), _text("time", self.dates, "")]
        rows += self._counts()
        for label, name, found, note in self._estimates():
            rows.append(_row(label, found, name, note))
        rows += [_text("failed calls", show(self.failed_share, "share"), "not in the means")]
        if np.isfinite(self.retried_share):
            each = f"{self.retries_per_request:.3g} retries a request"
            rows.append(_text("retried requests", show(self.retried_share, "share"), each))
        for used in self.mix:
            tier = "" if used.processing == "standard" else f" ({used.processing})"
            note = "" if used.known else "not in the price list"
            rows.append(_row(f"requests to {used.model}{tier}", used.share, "share", note))
        rows += [_spend_row(line) for line in self.spend]
        return rows + [_text("note", "", warning) for warning in self.warnings]

    def _counts(self) -> list[dict[str, Any]]:
        rows = [_text("rows", f"{self.rows:,}", f"{self.used_rows:,} used")]
        least = "at least " if self.bad_at_least else ""
        rows += [_text("left out", f"{least}{count:,}", reason) for reason, count in sorted(self.bad.items())]
        if self.skipped:
            rows.append(_text("passed over", f"{self.skipped:,}", "rows that are no call to a model"))
        return rows

    def _estimates(self) -> list[tuple[str, str, Estimate, str]]:
        return [
            ("requests a month", "requests", self.requests_per_month, "at the pace of the log"),
            ("prompt", "tokens", self.prompt_tokens, "mean per request, cached tokens in it"),
            ("answer", "tokens", self.answer_tokens, "mean per request"),
            ("reasoning", "tokens", self.reasoning_tokens, "mean per request"),
            ("prompt read from cache", "share", self.cache_read_share, "of prompt tokens"),
            ("prompt written to cache", "share", self.cache_write_share, "of prompt tokens"),
            ("answers reused", "share", self.reused_share, "of requests"),
            ("spread of answers", "cv2", self.answer_length_cv2, "squared variation of output tokens"),
            ("busiest hour over mean", "x", self.peak_to_mean, "between weeks, or days"),
            ("burstiness", "cv2", self.interarrival_cv2, "squared variation of gaps, inside of hours"),
            ("growth of requests", "growth_share", self.growth_per_month, "a month, from whole weeks"),
        ]


def _text(what: str, value: str, note: str) -> dict[str, Any]:
    return {"what": what, "value": value, "range": "", "note": note}


def _row(label: str, found: Estimate, name: str, note: str) -> dict[str, Any]:
    if not found.known:
        return {"what": label, "value": "n/a", "range": "", "note": "the log does not tell"}
    spread = f"{show(found.low, name)} to {show(found.high, name)}" if found.low < found.high else ""
    return {"what": label, "value": show(found.value, name), "range": spread, "note": note}


def _spend_row(line: SpendLine) -> dict[str, Any]:
    """Return a line of the reconciliation: logged, by the price list, and the difference."""
    parts = []
    if np.isfinite(line.list_usd):
        kinds = (("input", line.input_usd), ("cache", line.cache_usd), ("output", line.output_usd))
        parts.append("list: " + ", ".join(f"{word} {show(usd, 'usd')}" for word, usd in kinds))
    else:
        parts.append(line.reason or "not in the price list")
    if np.isfinite(line.difference_usd):
        base = line.logged_usd - line.difference_usd
        share = f" ({line.difference_usd / base:+z.1%})" if base > 0 else ""
        parts.append(f"logged minus list: {show(line.difference_usd, 'usd')}{share}")
    if 0 < line.compared_rows < line.rows:
        parts.append(f"{line.compared_rows:,} of {line.rows:,} rows state a cost")
    logged = show(line.logged_usd, "usd") if np.isfinite(line.logged_usd) else "no cost logged"
    listed = show(line.list_usd, "usd")
    return {
        "what": f"spend on {line.model}",
        "value": logged,
        "range": f"list {listed}",
        "note": "; ".join(parts),
    }
