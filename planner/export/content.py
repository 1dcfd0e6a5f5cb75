"""The content of a report, before layout."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from planner.analysis.actuals import CashPath, cash_path
from planner.analysis.sources import sources
from planner.analysis.uncertainty import Spread, spread
from planner.export.bridge import BridgeStep, margin_bridge
from planner.export.swings import Swings, swings
from planner.model import FLOWS, Result, evaluate
from planner.readout import (
    METRICS,
    call_rows,
    heaviest_tenths,
    label_in,
    metric_text,
    number,
    placed_label,
    range_text,
    segment_rows,
    sum_text,
    tenth_rows,
)
from planner.readout.cautions import cautions
from planner.readout.field_values import value_text
from planner.readout.promises import promises
from planner.readout.summary import summary
from planner.records import dataclass
from planner.schema import Number, Range, Scenario, spec_at
from planner.schema.actuals import Actuals
from planner.units import NOT_AVAILABLE, show

SMALLEST_ITEM_SHARE = 0.0005


@dataclass(frozen=True)
class SessionTable:
    """A workload's session on one deployment: the calls worth a row, under SESSION_HEAD, and their sum."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    words: str


@dataclass(frozen=True)
class Report:
    """A plan in words and numbers, as of a day. Rows hold formatted text."""

    title: str
    file: str
    day: date
    scenario: Scenario
    result: Result
    spread: Spread
    summary: tuple[str, ...]
    headline: tuple[tuple[str, str, str], ...]
    chances: tuple[tuple[str, str], ...]
    bridge: tuple[BridgeStep, ...]
    line_items: tuple[tuple[str, float], ...]
    promises: tuple[tuple[str, str], ...]
    segments: tuple[tuple[str, ...], ...]
    segment_notes: tuple[str, ...]
    tenths: Mapping[str, Sequence[tuple[str, ...]]]
    changes: tuple[tuple[str, ...], ...]
    workloads: tuple[tuple[str, ...], ...]
    sessions: tuple[SessionTable, ...]
    swings: Swings
    unknowns: tuple[tuple[str, str, str], ...]
    stated: tuple[tuple[str, str, str], ...]
    prices: tuple[str, ...]
    warnings: tuple[str, ...]
    path: CashPath | None


def report(
    scenario: Scenario,
    *,
    file: str,
    samples: int = 8192,
    seed: int = 0,
    on: date | None = None,
    actuals: Actuals | None = None,
) -> Report:
    """Return the report on a plan at its medians, with ranges from `samples` draws; `on` is the reader's date.

    `actuals` are those of past months.
    """
    result, drawn = evaluate(scenario), spread(scenario, n=samples, seed=seed)
    day = on or date.today()  # noqa: DTZ011 - the age of a price follows the reader's calendar
    assumed = list(_assumed(scenario))
    return Report(
        title=scenario.title, file=file, day=day, scenario=scenario, result=result, spread=drawn,
        summary=summary(scenario, result, drawn.ranges),
        headline=tuple(_headline(result, drawn)),
        chances=(
            ("Runway under 12 months", show(drawn.p_runway_below_12_months, "share")),
            ("Default alive: profitable before the cash in hand runs out", show(drawn.p_default_alive, "share")),
        ),
        bridge=margin_bridge(result),
        line_items=tuple(_line_items(result)),
        promises=tuple((each.words, each.state) for each in promises(result)),
        segments=tuple(segment_rows(result)),
        segment_notes=tuple(f"{words}." for words in heaviest_tenths(result)),
        tenths={name: rows for name, each in result.segments.items() if (rows := tenth_rows(each))},
        changes=tuple(_changes(scenario)),
        workloads=tuple(_workloads(result)),
        sessions=tuple(_sessions(result)),
        swings=swings(scenario, result),
        unknowns=tuple(row for row, ranged in assumed if ranged),
        stated=tuple(row for row, ranged in assumed if not ranged),
        prices=tuple(f"{name}: {note}" for name, each in result.deployments.items() for note in each.notes),
        warnings=cautions(scenario, result, on=day),
        path=None if actuals is None else cash_path(scenario, actuals),
    )  # fmt: skip


def _headline(result: Result, drawn: Spread) -> Iterator[tuple[str, str, str]]:
    for name, metric in METRICS.items():
        text = metric_text(result, name)
        reason = result.reasons.get(name, "") if text == NOT_AVAILABLE else ""
        ends = range_text(name, drawn.ranges[name], number(result.horizon_months))
        yield metric.label, text, reason or ends


def _line_items(result: Result) -> Iterator[tuple[str, float]]:
    total = sum(float(item.usd_per_month) for item in result.line_items)
    for item in sorted(result.line_items, key=lambda item: -float(item.usd_per_month)):
        usd = float(item.usd_per_month)
        if abs(usd) >= SMALLEST_ITEM_SHARE * total:
            where = " ".join(part for part in (item.workload, item.deployment) if part)
            yield f"{item.name} ({where})" if where else item.name, usd


def _changes(scenario: Scenario) -> Iterator[tuple[str, ...]]:
    """Yield each dated change: when, what it is about, what it sets, what it costs."""
    for each in scenario.change:
        last = int(each.month) + max(int(each.months), 1) - 1
        when = f"month {int(each.month)}" + (f" to {last}" if last > each.month else "")
        yield when, each.label, "; ".join(_set(scenario, each.set)), show(float(each.usd), "usd")


def _set(scenario: Scenario, values: Mapping[str, Any]) -> Iterator[str]:
    for path, value in values.items():
        spec, _ = spec_at(scenario, path)
        yield f"{placed_label(path, label_in(scenario, path, spec.label))}: {value_text(value, spec)}"


def _workloads(result: Result) -> Iterator[tuple[str, ...]]:
    for name, each in result.workloads.items():
        yield (
            name,
            show(float(each.requests_per_month)),
            show(float(each.input_tokens)),
            show(float(each.output_tokens)),
            show(float(each.success_share), "share"),
            show(float(each.usd_per_request), "usd"),
            show(float(each.usd_per_pass), "usd"),
            show(float(each.usd_per_outcome), "usd"),
            show(float(each.p95_latency_s), "s"),
        )


def _sessions(result: Result) -> Iterator[SessionTable]:
    """Yield the sessions on deployments that get calls."""
    for (name, tier), session in result.sessions.items():
        if float(result.workloads[name].tiers[tier].calls_per_request) > 0:
            rows = tuple(row.cells for row in call_rows(session))
            yield SessionTable(f"A session of {name} on {tier}", rows, sum_text(session))


def _assumed(scenario: Scenario) -> Iterator[tuple[tuple[str, str, str], bool]]:
    """Yield each stated unknown with its value and evidence, and whether it is a range."""
    for each in sources(scenario):
        spec, value = spec_at(scenario, each.path)
        ranged = isinstance(value, Range)
        if ranged or each.path in scenario.source:
            marks = f" [{', '.join(each.marks)}]" if each.marks else ""
            yield (
                (
                    placed_label(each.path, label_in(scenario, each.path, each.label)),
                    value_text(value, spec),
                    f"{each.source}{marks}",
                ),
                ranged,
            )


def months_rows(result: Result) -> list[dict[str, float]]:
    """Return the months as rows of plain numbers under names with units."""
    months = result.months
    columns: dict[str, Number] = {name: getattr(months, name) for name in FLOWS} | dict(months.settlement)
    count = months.cash_usd.shape[-1]
    return [
        {"month": month + 1, **{name: float(np.asarray(column)[month]) for name, column in columns.items()}}
        for month in range(count)
    ]
