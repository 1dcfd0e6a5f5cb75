"""`planner show --json`: the keys that scripts rely on."""

from typing import Any

import numpy as np

from planner.cli.io.evaluated_plans import EvaluatedPlan
from planner.cli.io.json_output import as_json, bare
from planner.files import table_of
from planner.model import FLOWS, Result
from planner.readout import number, runway_state


def report(plan: EvaluatedPlan) -> str:
    """Return the plan as JSON."""
    return as_json(
        {
            "title": plan.scenario.title,
            "file": str(plan.loaded.path),
            "metrics": metrics(plan.result),
            "reasons": dict(plan.result.reasons),
            "ranges": ranges(plan),
            "samples": plan.samples,
            "seed": plan.seed,
            "workloads": plan.result.workloads,
            "deployments": plan.result.deployments,
            "line_items": plan.result.line_items,
            "months": months(plan.result),
            "warnings": plan.warnings,
            "inputs": table_of(plan.scenario),
        }
    )


def metrics(result: Result) -> dict[str, Any]:
    """Return the headline numbers; `runway_months` is null unless the cash runs out."""
    values: dict[str, Any] = {name: bare(number(value)) for name, value in result.metrics.items()}
    state = runway_state(result)
    if state != "cash_out":
        values["runway_months"] = None
    return values | {"runway_state": state}


def ranges(plan: EvaluatedPlan) -> dict[str, dict[str, float | None]]:
    """Return the percentiles of each metric; null where there is none, as for a runway that does not end."""
    return {
        name: {end: bare(getattr(plan.ranges[name], end)) for end in ("p5", "p50", "p95")}
        for name in plan.result.metrics
    }


def months(result: Result) -> dict[str, list[float | None]]:
    """Return the plan month by month, each list from month 1 on."""
    run = result.months
    named = {name: getattr(run, name) for name in FLOWS} | {
        "gross_profit_usd": run.gross_profit_usd,
        "gross_margin_share": run.gross_margin_share,
    }
    return {name: bare(np.asarray(values, dtype=float).reshape(-1)) for name, values in named.items()}
