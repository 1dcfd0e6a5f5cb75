"""`planner show --json`: the keys that scripts rely on."""

from dataclasses import fields
from typing import Any

import numpy as np

from planner.cli.io.evaluated_plans import EvaluatedPlan
from planner.cli.io.json_output import as_json, bare
from planner.files import table_of
from planner.model import FLOWS, Result
from planner.readout import RUNWAY, RUNWAY_WITH_RAISES, RUNWAYS, fleet_day, number, runway_state
from planner.readout.promises import promises


def report(plan: EvaluatedPlan) -> str:
    """Return the plan as JSON."""
    return as_json(
        {
            "title": plan.scenario.title,
            "file": str(plan.loaded.path),
            "month": plan.result.month,
            "metrics": metrics(plan.result),
            "reasons": dict(plan.result.reasons),
            "ranges": ranges(plan),
            "samples": plan.samples,
            "seed": plan.seed,
            "workloads": workloads(plan.result),
            "sessions": sessions(plan.result),
            "promises": promises(plan.result),
            "deployments": plan.result.deployments,
            "limits": plan.result.limits,
            "fleet_hours": {name: fleet_day(each) for name, each in plan.result.fleet_hours.items()},
            "segments": plan.result.segments,
            "line_items": plan.result.line_items,
            "months": months(plan.result),
            "warnings": plan.warnings,
            "inputs": table_of(plan.scenario),
        }
    )


def metrics(result: Result) -> dict[str, Any]:
    """Return the headline numbers; a runway is null unless the cash runs out.

    `default_alive`: the plan turns a profit on the cash it has. `needs_raise_month`: the month of the first
    raise, not yet closed, that the plan depends on.
    """
    values: dict[str, Any] = {name: bare(number(value)) for name, value in result.metrics.items()}
    states = {name: runway_state(result, name) for name in RUNWAYS}
    values |= {name: None for name, state in states.items() if state != "cash_out"}
    return values | {
        "runway_state": states[RUNWAY],
        "runway_with_raises_state": states[RUNWAY_WITH_RAISES],
        "default_alive": states[RUNWAY] == "self_sustaining",
        "needs_raise_month": bare(number(result.months.needs_raise_month)),
    }


def workloads(result: Result) -> dict[str, dict[str, Any]]:
    """Return each workload of the month, with its latency by percentile."""
    shown = ("p50_latency_s", "p90_latency_s", "p99_latency_s")
    return {
        name: {key.name: getattr(each, key.name) for key in fields(each) if key.name != "latency"}
        | {key: getattr(each, key) for key in shown}
        for name, each in result.workloads.items()
    }


def sessions(result: Result) -> list[dict[str, Any]]:
    """Return the sessions call by call, each list starting with the first call."""
    return [
        {"workload": workload, "deployment": tier}
        | {key.name: getattr(each, key.name) for key in fields(each)}
        | {"usd_per_call": each.usd_per_call, "mean_usd": each.mean_usd}
        for (workload, tier), each in result.sessions.items()
    ]


def ranges(plan: EvaluatedPlan) -> dict[str, dict[str, float | None]]:
    """Return the percentiles of each metric; null where there is none, as for a runway that doesn't end."""
    return {
        name: {end: bare(getattr(plan.ranges[name], end)) for end in ("p5", "p50", "p95")}
        for name in plan.result.metrics
    }


def months(result: Result) -> dict[str, list[float | None]]:
    """Return the plan month by month, each list starting with month 1."""
    run = result.months
    named = {name: getattr(run, name) for name in FLOWS} | {
        "gross_profit_usd": run.gross_profit_usd,
        "gross_margin_share": run.gross_margin_share,
        **run.settlement,
    }
    return {name: bare(np.asarray(values, dtype=float).reshape(-1)) for name, values in named.items()}
