"""What explains a headline number beside its formula: parts of an outcome's cost, months of a runway, its items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.readout import number
from planner.readout.metrics import RUNWAYS
from planner.readout.outcome_cost import outcome_cost
from planner.tui.session.month_marks import words_by_month
from planner.tui.session.months import flow
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, told
from planner.units import show

if TYPE_CHECKING:
    from planner.model import LineItem, Result

_OF_SERVING = ("usd_per_request", "usd_per_pass", "usd_per_mtok", "usd_per_outcome", "gross_margin_share")
_MONTHS_SHOWN = 24
_CELL = 11


def own_entries(result: Result, name: str, width: int) -> list[SheetRow]:
    """Return what a number is made of that no other one is."""
    if name == "usd_per_outcome":
        return _of_outcome(result, width)
    if name in RUNWAYS:
        return _of_runway(result, width)
    return []


def items_of(result: Result, name: str) -> list[LineItem]:
    """Return the line items that are in a number's formula, the largest first."""
    serving = name in _OF_SERVING
    found = [each for each in result.line_items if number(each.usd_per_month)]
    if serving and name != "gross_margin_share":
        found = [each for each in found if each.group == "serving" and (each.workload or each.deployment)]
    elif serving:
        found = [each for each in found if each.group == "serving" or each.name in ("people", "failures")]
    return sorted(found, key=lambda each: -abs(number(each.usd_per_month)))


def _of_outcome(result: Result, width: int) -> list[SheetRow]:
    """Return serving, people and failures, ours and the customers' apart, and the failures of each workload."""
    cost = outcome_cost(result)
    if not cost.solved:
        return []

    def each(usd: float) -> str:
        return f"{show(usd / cost.solved, 'usd')} an outcome"

    parts = [
        ("Serving", cost.serving_usd),
        ("People who solve what models do not", cost.people_usd),
        ("Failures that we pay", cost.failures_ours_usd),
        ("Failures that customers bear", cost.failures_customers_usd),
    ]
    entries = [BLANK, heading(f"What it is made of, month {result.month}", width)]
    for label, usd in parts:
        entries += told(label, show(usd, "usd"), width, more=each(usd)) if usd else []
    for name, one in result.workloads.items():
        outcome = result.scenario.workloads[name].outcome
        failed = number(one.requests_per_month) * (1.0 - number(one.success_share))
        if usd := failed * number(outcome.failure_usd):
            share = show(number(outcome.failure_paid_share), "share")
            more = f"{show(failed)} fail, at {show(number(outcome.failure_usd), 'usd')} each; we pay {share}"
            entries += told(f"  failures of {name}", show(usd, "usd"), width, more=more)
    return entries


def _of_runway(result: Result, width: int) -> list[SheetRow]:
    """Return cash month by month until it is gone: what comes in, what is burnt, what is left."""
    burn, cash, raised = (flow(result, name) for name in ("net_burn_usd", "cash_usd", "funding_usd"))
    months = number(result.metrics["runway_months"])
    last = math.floor(months) + 2 if math.isfinite(months) else len(cash)
    said = words_by_month(result, result.scenario)
    heads = "".join(head.rjust(_CELL) for head in ("net burn", "raised", "cash left"))
    entries = [BLANK, heading("Month by month", width), SheetRow([Span(f" month {heads}", "muted")])]
    for at in range(min(last, len(cash), _MONTHS_SHOWN)):
        raise_usd = raised[min(at, len(raised) - 1)]
        usd = {"burn": burn[min(at, len(burn) - 1)], "raised": raise_usd, "cash": cash[at]}
        cells = (show(each, "usd") if each or of != "raised" else "" for of, each in usd.items())
        look = "bad" if cash[at] < 0 else "label"
        note = ", ".join(said.get(at + 1, ()))
        row = [
            Span(f" {at + 1:>5} {''.join(cell.rjust(_CELL) for cell in cells)}", look),
            Span(f"  {note}", "mark"),
        ]
        entries.append(SheetRow(row))
    if len(cash) > _MONTHS_SHOWN:
        entries.append(SheetRow([Span(" M shows every month", "muted")]))
    return entries
