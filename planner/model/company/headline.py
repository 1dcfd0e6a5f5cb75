"""The headline numbers of a plan, and reasons for missing ones."""

from collections.abc import Collection, Mapping

import numpy as np

from planner.model.company.cost_of_outcome import ratio
from planner.model.handed_on import MonthAtHand
from planner.model.result import Months, WorkloadResult
from planner.schema import Number, Scenario
from planner.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK


def run_metrics(scenario: Scenario, run: Months) -> dict[str, Number]:
    """Return the metrics that need the months: burn multiple (ratio), runway (months), least cash (USD) and its month."""
    new_usd = MONTHS_PER_YEAR * (run.year_revenue_usd - run.first["revenue_usd"])
    paid = np.asarray(run.first["revenue_usd"]) > 0
    ltv_usd = np.where(paid, run.ltv_usd, np.nan)
    return {
        "ltv_usd": ltv_usd,
        "ltv_to_cac_ratio": ratio(ltv_usd, scenario.company.cac_usd_per_customer),
        "cac_payback_months": np.where(paid, run.cac_payback_months, np.nan),
        "burn_multiple": np.where(run.year_net_burn_usd > 0, ratio(run.year_net_burn_usd, new_usd), np.nan),
        "runway_months": run.runway.months,
        "runway_with_raises_months": run.with_raises.months,
        "least_cash_usd": run.least_cash_usd,
        "least_cash_month": run.least_cash_month,
    }


def company_metrics(scenario: Scenario, now: Mapping[str, Number]) -> dict[str, Number]:
    """Return the metrics of all that a month pays and is paid, from its flows in USD."""
    revenue = now["revenue_usd"]
    profit = revenue - now["cogs_usd"]
    acquisition = now["acquisition_usd"] * np.asarray(
        scenario.company.cac_in_contribution_margin, dtype=float
    )
    margin = ratio(profit, revenue)
    return {
        "gross_burn_usd_per_month": now["gross_burn_usd"],
        "net_burn_usd_per_month": now["net_burn_usd"],
        "gross_margin_share": margin,
        "contribution_margin_share": ratio(profit - acquisition, revenue),
    }


def request_metrics(
    scenario: Scenario, at_hand: MonthAtHand, per_workload: Mapping[str, WorkloadResult]
) -> dict[str, Number]:
    """Return the metrics of a month's requests: what they cost, how often they succeed, how fast they are answered."""
    sums: dict[str, Number] = dict.fromkeys(("volume", "solved", "serving", "whole", "passed", "tokens"), 0.0)
    slowest: Number = np.nan
    for name, each in per_workload.items():
        requests, now = each.requests_per_month, at_hand.workloads[name]
        own, request = now.own_requests_per_month, now.request
        alone_usd = each.usd_per_request - each.started_usd_per_request
        usd = np.where(np.asarray(requests) > 0, alone_usd, 0.0) * requests
        failed_usd = (1.0 - each.success_share) * scenario.workloads[name].outcome.failure_usd
        added = {
            "volume": own,
            "solved": own * each.success_share,
            "passed": own * request.success,
            "serving": usd,
            "whole": usd + requests * (failed_usd + request.extras_usd["people"]),
            "tokens": requests * (each.input_tokens + each.output_tokens),
        }
        sums = {key: total + added[key] for key, total in sums.items()}
        promised = np.asarray(scenario.workloads[name].latency) != "none"
        slowest = np.fmax(slowest, np.where(promised, each.p95_latency_s, np.nan))
    return {
        "usd_per_request": ratio(sums["serving"], sums["volume"]),
        "usd_per_outcome": ratio(sums["whole"], sums["solved"]),
        "usd_per_pass": ratio(sums["serving"], sums["passed"]),
        "usd_per_mtok": ratio(sums["serving"] * TOKENS_PER_MTOK, sums["tokens"]),
        "success_share": ratio(sums["solved"], sums["volume"]),
        "p95_latency_s": slowest,
        "gpus": sum((month.gpus for month in at_hand.fleets.values()), start=0.0),
    }


def reasons(
    metrics: Mapping[str, Number],
    per_workload: Mapping[str, WorkloadResult],
    run: Months,
    unfit: Collection[str],
    month: int = 0,
) -> dict[str, str]:
    """Return why a metric is nan, in the plans where it is; `unfit` are deployments whose model doesn't fit.

    The metrics are those of a month counted from 0.
    """
    unpaid = f"no revenue in month {month + 1}"
    words = {
        "runway_months": "the cash does not run out within the plan",
        "runway_with_raises_months": "with the planned raises the cash does not run out within the plan",
        "gross_margin_share": unpaid,
        "contribution_margin_share": unpaid,
        "burn_multiple": "no new recurring revenue in the first year",
        "ltv_usd": "needs churn, customers and revenue",
        "ltv_to_cac_ratio": "needs a cost to win a customer, churn, customers and revenue",
        "cac_payback_months": "needs a cost to win a customer and a gross profit of customers that reaches it",
        "usd_per_outcome": "no request succeeds",
        "usd_per_pass": "no request succeeds",
        "usd_per_mtok": "no tokens",
        "p95_latency_s": "no workload promises a latency",
    }
    if not per_workload or not np.any(sum(each.requests_per_month for each in per_workload.values())):
        words |= dict.fromkeys(
            ("usd_per_request", "usd_per_outcome", "usd_per_pass", "success_share"), "no requests"
        )
    if np.any(np.asarray(run.year_net_burn_usd) < 0):
        words["burn_multiple"] = "the first year burns nothing, or adds no recurring revenue"
    if unfit:
        text = f"{', '.join(unfit)}: the model does not fit into the memory of its GPUs"
        words |= dict.fromkeys(metrics, text)
    return {
        name: words.get(name, "can't be computed") for name, value in metrics.items() if np.isnan(value).any()
    }


def raise_needed(run: Months) -> tuple[str, ...]:
    """Return the raise, not yet closed, that the plan depends on, in the first plan that does."""
    needed = np.atleast_1d(run.needs_raise_month)
    found = np.flatnonzero(~np.isnan(needed))
    if not found.size:
        return ()
    months = np.broadcast_to(run.runway.months, needed.shape).flat[found[0]]
    raised = f"the raise of month {needed.flat[found[0]]:.0f}"
    return (f"needs {raised}, which has not closed: without it the cash lasts {months:.1f} months",)
