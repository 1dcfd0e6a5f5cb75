"""What a report says, before it is laid out."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from planner.analysis.uncertainty import Spread, spread
from planner.model import FLOWS, Result, evaluate
from planner.readout import (
    METRICS,
    heaviest_tenths,
    metric_text,
    number,
    range_text,
    segment_rows,
    tenth_rows,
)
from planner.readout.cautions import cautions
from planner.records import dataclass
from planner.schema import Number, Range, Scenario, fields
from planner.units import NOT_AVAILABLE, show

SMALLEST_ITEM_SHARE = 0.0005


@dataclass(frozen=True)
class Report:
    """A plan in words and numbers. Rows hold text as people read it."""

    title: str
    file: str
    scenario: Scenario
    result: Result
    spread: Spread
    headline: tuple[tuple[str, str, str], ...]
    line_items: tuple[tuple[str, float], ...]
    workloads: tuple[tuple[str, ...], ...]
    segments: tuple[tuple[str, ...], ...]
    tenths: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    notes: tuple[str, ...]
    changes: tuple[tuple[str, ...], ...]
    unknowns: tuple[tuple[str, str, str], ...]
    chances: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def report(
    scenario: Scenario, *, file: str, samples: int = 8192, seed: int = 0, on: date | None = None
) -> Report:
    """Return the report of a plan at its medians, with ranges from `samples` draws; `on` is the day of its reader."""
    result, drawn = evaluate(scenario), spread(scenario, n=samples, seed=seed)
    day = on or date.today()  # noqa: DTZ011 - a price is as old as the reader's calendar says
    return Report(
        title=scenario.title,
        file=file,
        scenario=scenario,
        result=result,
        spread=drawn,
        headline=tuple(_headline(result, drawn)),
        line_items=tuple(_line_items(result)),
        workloads=tuple(_workloads(result)),
        segments=tuple(segment_rows(result)),
        tenths=tuple(
            (name, rows) for name, each in result.segments.items() if (rows := tuple(tenth_rows(each)))
        ),
        notes=tuple(heaviest_tenths(result)),
        changes=tuple(_changes(scenario)),
        unknowns=tuple(_unknowns(scenario)),
        chances=(
            ("Runway under 12 months", show(drawn.p_runway_below_12_months, "share")),
            ("Default alive (self-sustaining at the horizon)", show(drawn.p_default_alive, "share")),
        ),
        warnings=cautions(scenario, result, on=day),
    )


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


def _workloads(result: Result) -> Iterator[tuple[str, ...]]:
    for name, each in result.workloads.items():
        yield (
            name,
            show(float(each.requests_per_month)),
            show(float(each.input_tokens)),
            show(float(each.output_tokens)),
            show(float(each.success_share), "share"),
            show(float(each.usd_per_request), "usd"),
            show(float(each.usd_per_outcome), "usd"),
            show(float(each.p95_latency_s), "s"),
            "met" if np.all(each.promise_met) else "broken",
        )


def _changes(scenario: Scenario) -> Iterator[tuple[str, ...]]:
    """Yield each dated change: when, what it is about, what it sets, what it costs."""
    for each in scenario.change:
        first, ramp = int(each.month), int(each.months)
        when = f"month {first}" if ramp < 2 else f"months {first} to {first + ramp - 1}"
        values = "; ".join(f"{path} = {_value(value)}" for path, value in each.set.items())
        yield when, each.label, values, show(float(each.usd), "usd")


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _unknowns(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    for field in fields(scenario):
        if isinstance(field.value, Range):
            yield field.path, str(field.value), scenario.source.get(field.path, field.spec.evidence)


def months_rows(result: Result) -> list[dict[str, float]]:
    """Return the months as rows of bare numbers under names with units."""
    months = result.months
    columns: dict[str, Number] = {name: getattr(months, name) for name in FLOWS} | dict(months.settlement)
    count = months.cash_usd.shape[-1]
    return [
        {"month": month + 1, **{name: float(np.asarray(column)[month]) for name, column in columns.items()}}
        for month in range(count)
    ]
