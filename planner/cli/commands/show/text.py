"""`planner show` as text: aligned, 80 columns, readable without colour."""

from collections.abc import Iterator

import numpy as np

from planner.cli.commands.show.sessions import session_lines
from planner.cli.io.evaluated_plans import EvaluatedPlan
from planner.cli.io.layout import cells, cut, section, table, width, wrapped
from planner.files import inert
from planner.readout import (
    METRICS,
    RUNWAY,
    SEGMENTS_HEAD,
    TENTHS_HEAD,
    fleet_day,
    heaviest_tenths,
    label,
    metric_text,
    number,
    range_text,
    runway_state,
    segment_rows,
    tenth_rows,
)
from planner.readout.promises import promises
from planner.readout.vendor_terms import first_month_over, limit_text, units_text
from planner.units import HOURS_PER_DAY, NOT_AVAILABLE, show

WIDE = 90  # columns needed to show every other hour
NAME_COLUMNS = 24
MOST_MONTH_ROWS = 13
LEAST_COLUMNS = 80
EVERY_HOURS = 2


def report(plan: EvaluatedPlan) -> str:
    """Return the whole report."""
    month = f"month {plan.result.month}"
    parts = [
        _head(plan),
        section("Headline", _headline(plan)),
        section(f"Workloads, {month}", _workloads(plan)),
        section(f"Sessions, {month}", session_lines(plan.result)),
        section(f"Promises, {month}", _promises(plan)),
        section(f"Segments, {month}", _segments(plan)),
        *_tenths(plan),
        section(f"Deployments, {month}", _deployments(plan)),
        section(f"Own GPUs by hour, {month}", _hours(plan)),
        section(f"Where the money goes, {month}", _line_items(plan)),
        section("Months", _months(plan)),
        section("Cash and revenue", _settlement(plan)),
        section("Warnings", [line for each in plan.warnings for line in wrapped(each)]),
        section("Not available", list(_reasons(plan))),
    ]
    return "\n".join(line for part in parts for line in part)


def _head(plan: EvaluatedPlan) -> list[str]:
    company = plan.scenario.company
    words = f"{plan.name}, from {company.start}, {plan.horizon_months:.0f} months"
    return [inert(plan.scenario.title), words]


def _headline(plan: EvaluatedPlan) -> list[str]:
    rows = []
    for name in METRICS:
        value = metric_text(plan.result, name)
        if value == NOT_AVAILABLE:
            continue
        rows.append((label(name), value, range_text(name, plan.ranges[name], plan.horizon_months)))
    uncertain = any(row[2] for row in rows)
    now = "now" if plan.result.month == 1 else f"month {plan.result.month}"
    head = ("", now, f"p5 to p95 of {plan.samples:,} draws") if uncertain or plan.result.month > 1 else ()
    return table(rows, head=head)


def _workloads(plan: EvaluatedPlan) -> list[str]:
    head = ("", "requests", "tok in/out", "solved", "$/req", "$/solved", "$/outcome", "p95")
    rows = [
        (
            cut(inert(name), NAME_COLUMNS),
            show(number(each.requests_per_month)),
            f"{show(number(each.input_tokens))}/{show(number(each.output_tokens))}",
            show(number(each.success_share), "success_share"),
            show(number(each.usd_per_request), "usd"),
            show(number(each.usd_per_pass), "usd"),
            show(number(each.usd_per_outcome), "usd"),
            show(number(each.p95_latency_s), "latency_s") + ("" if np.all(each.promise_met) else " !"),
        )
        for name, each in plan.result.workloads.items()
    ]
    lines = table(rows, head=head) if rows else []
    if max(map(cells, lines), default=0) <= max(width(), LEAST_COLUMNS):
        return lines
    return table([_without_tokens(row) for row in rows], head=_without_tokens(head))


def _without_tokens(row: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row of the workloads without its third column, to save room."""
    return row[:2] + row[3:]


def _promises(plan: EvaluatedPlan) -> list[str]:
    return [
        line
        for each in promises(plan.result)
        for line in wrapped(f"{'BROKEN' if each.state == 'broken' else each.state}: {inert(each.words)}")
    ]


def _segments(plan: EvaluatedPlan) -> list[str]:
    rows = [(cut(inert(name), NAME_COLUMNS), *rest) for name, *rest in segment_rows(plan.result)]
    if not rows:
        return []
    notes = [line for words in heaviest_tenths(plan.result) for line in wrapped(inert(words))]
    return [*table(rows, head=SEGMENTS_HEAD), *notes]


def _tenths(plan: EvaluatedPlan) -> Iterator[list[str]]:
    """Yield what a customer in each tenth by use pays and costs, for segments whose use varies."""
    for name, each in plan.result.segments.items():
        title = f"{inert(name)}: customers by use, month {plan.result.month}"
        yield section(title, table(rows, head=TENTHS_HEAD) if (rows := tenth_rows(each)) else [])


def _deployments(plan: EvaluatedPlan) -> list[str]:
    rows, notes = [], []
    for name, each in plan.result.deployments.items():
        hosted = each.kind == "self-hosted"
        batch = ", ".join(show(number(value)) for value in each.batch.values())
        rows.append(
            (
                cut(inert(name), NAME_COLUMNS),
                each.kind,
                show(number(each.usd_per_month), "usd"),
                show(number(each.gpus)) if hosted else "",
                batch,
                show(number(each.busy_share), "share") if hosted else "",
                show(number(each.usd_per_gpu_hour), "usd") if hosted else "",
            )
        )
        notes += [line for note in each.notes for line in wrapped(f"{inert(name)}: {inert(note)}")]
        if words := units_text(each):
            notes += wrapped(f"{inert(name)}: {words}")
        if not np.all(each.fits):
            notes += wrapped(f"{inert(name)}: the model doesn't fit into the memory of its GPUs")
    kept = [each for each in plan.result.limits if first_month_over(each) is None]
    notes += [line for each in kept for line in wrapped(inert(limit_text(each)))]
    head = ("", "", "USD/month", "GPUs", "batch", "busy", "USD/GPU-hour")
    return [*table(rows, head=head, left=2), *notes] if rows else []


def _hours(plan: EvaluatedPlan) -> list[str]:
    """Return own GPUs at every other or every fourth hour of a weekday and a weekend day."""
    lines: list[str] = []
    for name, hours in plan.result.fleet_hours.items():
        day = fleet_day(hours)
        shown = range(0, HOURS_PER_DAY, EVERY_HOURS if width() > WIDE else 2 * EVERY_HOURS)
        rows = [
            (f"{label_of}, {what}", *(show(float(np.round(series[hour]))) for hour in shown))
            for label_of, of in (("weekday", day.weekday), ("weekend", day.weekend_day))
            for what, series in (("places", of.places), ("GPUs", of.gpus))
        ]
        lines += wrapped(f"{inert(name)}: {day.words}")
        lines += table(rows, head=("UTC", *(str(hour) for hour in shown)))
    return lines


def _line_items(plan: EvaluatedPlan) -> list[str]:
    items = [(item, number(item.usd_per_month)) for item in plan.result.line_items]
    total = sum(usd for _, usd in items)
    rows = [
        (
            item.name,
            cut(" ".join(filter(None, (inert(item.workload), inert(item.deployment)))), NAME_COLUMNS),
            show(usd, "usd"),
            show(usd / total, "share") if total > 0 else "",
        )
        for item, usd in sorted(items, key=lambda pair: -pair[1])
    ]
    return table([*rows, ("gross burn", "", show(total, "usd"), "100.0%" if total > 0 else "")], left=2)


def _months(plan: EvaluatedPlan) -> list[str]:
    run = plan.result.months
    head = ("month", "customers", "revenue", "serving", "fixed", "net burn", "raised", "cash", "GPUs")
    columns = (
        run.customers, run.revenue_usd, run.cogs_usd, run.fixed_costs_usd, run.net_burn_usd, run.funding_usd,
        run.cash_usd, run.gpus,
    )  # fmt: skip
    units = ("", "usd", "usd", "usd", "usd", "usd", "usd", "")
    rows = [
        (
            str(month),
            *(
                _month_cell(float(np.asarray(values).reshape(-1)[month - 1]), unit)
                for values, unit in zip(columns, units, strict=True)
            ),
        )
        for month in _chosen_months(int(np.asarray(run.cash_usd).size), np.asarray(run.funding_usd))
    ]
    lines = table(rows, head=head, left=0)
    return [cut(line, max(width(), 80)) for line in lines]


def _settlement(plan: EvaluatedPlan) -> list[str]:
    """Return cash collected, receivables and deferred revenue, where they differ from revenue."""
    run = plan.result.months
    if not run.settlement:
        return []
    names = {
        "collected_usd": "collected", "receivable_usd": "owed", "deferred_usd": "deferred",
        "credits_usd": "credits", "interest_usd": "interest",
    }  # fmt: skip
    shown = [name for name in names if name in run.settlement]
    head = ("month", "revenue", *(names[name] for name in shown))
    columns = (run.revenue_usd, *(run.settlement[name] for name in shown))
    rows = [
        (
            str(month),
            *(_month_cell(float(np.asarray(values).reshape(-1)[month - 1]), "usd") for values in columns),
        )
        for month in _chosen_months(int(np.asarray(run.cash_usd).size), np.asarray(run.funding_usd))
    ]
    return table(rows, head=head, left=0)


def _month_cell(value: float, unit: str) -> str:
    return "0" if value == 0 else show(value, unit)


def _chosen_months(count: int, funding: np.ndarray) -> list[int]:
    """Return the months to print: the first three, every third, those with a raise, and the last."""
    step = max(3, -(-count // (MOST_MONTH_ROWS - 1)))
    raised = {int(index) + 1 for index in np.flatnonzero(funding.reshape(-1))}
    chosen = {1, 2, 3, *range(step, count + 1, step), count, *raised}
    return sorted(month for month in chosen if month <= count)


def _reasons(plan: EvaluatedPlan) -> Iterator[str]:
    for name, reason in plan.result.reasons.items():
        if name == RUNWAY and runway_state(plan.result) is not None:
            continue
        yield from wrapped(f"{label(name)}: {inert(reason)}")
