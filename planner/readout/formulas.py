"""How each number is calculated: its formula with the numbers filled in, and its ingredients."""

import math
from collections.abc import Callable

from planner.model import Result, WorkloadResult
from planner.model.result import TierResult
from planner.readout.fleet_day import fleet_day
from planner.readout.metrics import RUNWAY
from planner.readout.outcome_cost import outcome_cost
from planner.readout.vendor_terms import limit_text, units_text
from planner.readout.wording import metric_text
from planner.schema import Scenario
from planner.units import MONTHS_PER_YEAR, NOT_AVAILABLE, show

Lines = list[tuple[str, str]]  # (label, value)


def _usd(value: float) -> str:
    return show(float(value), "usd")


def _share(value: float) -> str:
    return show(float(value), "share")


def formula(scenario: Scenario, result: Result, name: str) -> tuple[str, str]:
    """Return a metric's formula in words and with one plan's numbers; empty if it has none."""
    build = _FORMULAS.get(name)
    return build(scenario, result) if build else ("", "")


def _flow(result: Result, name: str) -> float:
    """Return a cash flow of the month being viewed, in USD."""
    return float(result.months.of_month(result.month - 1)[name])


def _net_burn(_: Scenario, result: Result) -> tuple[str, str]:
    gross = _flow(result, "gross_burn_usd")
    if not result.months.settlement:
        words = f"gross burn - revenue, in month {result.month} (money raised does not count)"
        revenue = _flow(result, "revenue_usd")
        return words, f"{_usd(gross)} - {_usd(revenue)} = {_usd(gross - revenue)}"
    flows = result.months.of_month(result.month - 1)
    parts = {
        "what customers pay": float(flows.get("collected_usd", flows["revenue_usd"])),
        "what credits pay": float(flows.get("credits_usd", 0.0)),
        "interest on cash": float(flows.get("interest_usd", 0.0)),
    }
    words = (
        f"gross burn - {' - '.join(parts)}, in month {result.month} (money raised does not count; payment "
        "terms and years paid ahead make what customers pay differ from revenue)"
    )
    minus = " - ".join(_usd(usd) for usd in parts.values())
    return words, f"{_usd(gross)} - {minus} = {_usd(gross - sum(parts.values()))}"


def _gross_burn(_: Scenario, result: Result) -> tuple[str, str]:
    total = float(sum(item.usd_per_month for item in result.line_items))
    return (
        f"the sum of all line items of month {result.month}",
        f"{len(result.line_items)} line items = {_usd(total)}",
    )


def _runway(scenario: Scenario, result: Result) -> tuple[str, str]:
    words = "the month in which cash first reaches zero, linear inside the month; later funding doesn't count"
    months = float(result.metrics["runway_months"])
    if math.isnan(months):
        lowest = float(result.months.cash_usd.min())
        return words, f"cash never reaches zero: its lowest month-end is {_usd(lowest)}"
    at = min(math.floor(months), result.months.cash_usd.shape[-1] - 1)
    funding = float(result.months.funding_usd[..., at])
    before = float(result.months.cash_usd[..., at - 1]) if at else float(scenario.company.cash_usd)
    burn = float(result.months.net_burn_usd[..., at])
    opening = before + funding
    return (
        words,
        f"{at} + {_usd(opening)} left / {_usd(burn)} burnt in month {at + 1} = {show(months, RUNWAY)}",
    )


def _margin(_: Scenario, result: Result) -> tuple[str, str]:
    revenue, cogs = _flow(result, "revenue_usd"), _flow(result, "cogs_usd")
    words = f"(revenue - cost of serving it) / revenue, in month {result.month}"
    if revenue <= 0:
        return words, f"no revenue in month {result.month}; serving costs {_usd(cogs)}"
    return words, f"({_usd(revenue)} - {_usd(cogs)}) / {_usd(revenue)} = {_share((revenue - cogs) / revenue)}"


def _totals(result: Result) -> tuple[float, float]:
    """Return the month's requests and solved requests."""
    cost = outcome_cost(result)
    return cost.requests, cost.solved


def _outcome(_: Scenario, result: Result) -> tuple[str, str]:
    cost = outcome_cost(result)
    parts = {"serving": cost.serving_usd, "people": cost.people_usd, "failures": cost.failures_usd}
    shown = {name: usd for name, usd in parts.items() if usd or name == "serving"}
    words = f"({' + '.join(shown)}) / requests solved"
    if cost.failures_usd:
        words += "; failures: what they cost us and what they cost customers"
    each = _usd(float(result.metrics["usd_per_outcome"]))
    return words, f"({' + '.join(map(_usd, shown.values()))}) / {show(cost.solved)} = {each}"


def _request(_: Scenario, result: Result) -> tuple[str, str]:
    requests, _solved = _totals(result)
    usd = float(result.metrics["usd_per_request"])
    return "serving / requests", f"{_usd(usd * requests)} / {show(requests)} = {_usd(usd)}"


def _success(_: Scenario, result: Result) -> tuple[str, str]:
    requests, solved = _totals(result)
    share = solved / requests if requests else math.nan
    return "requests solved / requests", f"{show(solved)} / {show(requests)} = {_share(share)}"


def _mtok(_: Scenario, result: Result) -> tuple[str, str]:
    requests, _solved = _totals(result)
    serving = float(result.metrics["usd_per_request"]) * requests
    tokens = sum(
        float(each.requests_per_month * (each.input_tokens + each.output_tokens))
        for each in result.workloads.values()
    )
    usd = float(result.metrics["usd_per_mtok"])
    return "serving / million tokens in and out", f"{_usd(serving)} / {show(tokens / 1e6)} Mtok = {_usd(usd)}"


def _pass(_: Scenario, result: Result) -> tuple[str, str]:
    requests, _solved = _totals(result)
    serving = float(result.metrics["usd_per_request"]) * requests
    usd = float(result.metrics["usd_per_pass"])
    passed = serving / usd if usd > 0 else math.nan
    words = "serving / requests that the models solve, people left out"
    return words, f"{_usd(serving)} / {show(passed)} = {_usd(usd)}"


def _contribution(scenario: Scenario, result: Result) -> tuple[str, str]:
    share = float(result.metrics["contribution_margin_share"])
    won = _flow(result, "acquisition_usd") * bool(scenario.company.cac_in_contribution_margin)
    revenue, cogs = _flow(result, "revenue_usd"), _flow(result, "cogs_usd")
    words = (
        "(revenue - cost of serving - cost of new customers, if the plan counts it as variable) / revenue, "
        f"in month {result.month}"
    )
    return words, f"({_usd(revenue)} - {_usd(cogs)} - {_usd(won)}) / {_usd(revenue)} = {_share(share)}"


def _burn_multiple(_: Scenario, result: Result) -> tuple[str, str]:
    months = result.months
    burnt, last = float(months.year_net_burn_usd), float(months.year_revenue_usd)
    new = MONTHS_PER_YEAR * (last - float(months.revenue_usd[..., 0]))
    words = (
        "net burn of 12 months / the annualised revenue that month 13 adds over month 1, since a month's "
        "growth shows in the next; a shorter plan uses its last month"
    )
    multiple = show(float(result.metrics["burn_multiple"]), "burn_multiple")
    return words, f"{_usd(burnt)} / {_usd(new)} = {multiple}"


def _lifetime(scenario: Scenario, result: Result) -> tuple[str, str]:
    usd = _usd(float(result.metrics["ltv_usd"]))
    if scenario.segments:
        words = "the gross profit per customer in month 1 / the share of customers who leave in that month"
        each = (f"{name} {_usd(float(one.ltv_usd))}" for name, one in result.segments.items())
        return words, f"{usd}; a new customer by segment, including later segments: {', '.join(each)}"
    churn = show(float(scenario.demand.churn_share_per_month), "churn_share")
    words = (
        "the sum over the months of gross profit per customer times the share of customers still there; "
        "beyond the plan, its last month repeats; other business is left out"
    )
    return words, f"{churn} leave each month: {usd}"


def _payback(scenario: Scenario, result: Result) -> tuple[str, str]:
    cac, months = float(scenario.company.cac_usd_per_customer), float(result.metrics["cac_payback_months"])
    words = "the month in which a customer's cumulative gross profit reaches CAC"
    return words, f"{_usd(cac)} are reached after {show(months, 'cac_payback_months')}"


def _gpus(_: Scenario, result: Result) -> tuple[str, str]:
    if not result.fleet_hours:
        return "", ""
    words = "whole replicas for the places that all workloads together need in the busiest hour, plus spares"
    return words, "; ".join(f"{name}: {fleet_day(hours).words}" for name, hours in result.fleet_hours.items())


_FORMULAS: dict[str, Callable[[Scenario, Result], tuple[str, str]]] = {
    "net_burn_usd_per_month": _net_burn,
    "gross_burn_usd_per_month": _gross_burn,
    "runway_months": _runway,
    "gross_margin_share": _margin,
    "usd_per_outcome": _outcome,
    "usd_per_request": _request,
    "success_share": _success,
    "usd_per_mtok": _mtok,
    "usd_per_pass": _pass,
    "contribution_margin_share": _contribution,
    "burn_multiple": _burn_multiple,
    "ltv_usd": _lifetime,
    "cac_payback_months": _payback,
    "gpus": _gpus,
}


def ingredients(result: Result) -> Lines:
    """Return the inputs of cost and success, for each workload and its tiers."""
    lines = [line for name, each in result.workloads.items() for line in workload_lines(name, each)]
    lines += [
        (f"{name}: units of capacity", words)
        for name, each in result.deployments.items()
        if (words := units_text(each))
    ]
    lines += [(f"{each.deployment}: limit of its vendor", limit_text(each)) for each in result.limits]
    return lines


def workload_lines(name: str, each: WorkloadResult) -> Lines:
    """Return the inputs of cost and success for one workload and each model that answers it."""
    lines = [
        (f"{name}: requests a month", show(float(each.requests_per_month))),
        (f"{name}: tokens in, out", f"{show(float(each.input_tokens))}, {show(float(each.output_tokens))}"),
        (f"{name}: success", _share(float(each.success_share))),
        (f"{name}: cost per request", _usd(float(each.usd_per_request))),
        (f"{name}: p95 latency", show(float(each.p95_latency_s), "s")),
    ]
    lines += [(f"  {tier}", _tier(part)) for tier, part in each.tiers.items()]
    turns = {tuple(which.split(" to ")): float(usd) for which, usd in each.break_even_failure_usd.items()}
    pays = [
        (f"  {', or '.join(pair)}?", _pays(pair[-1], usd))
        for pair, usd in turns.items()
        if math.isfinite(usd)
    ]
    return lines + pays


def _pays(dear: str, usd: float) -> str:
    """Return the failure cost above which the better of two models pays off, as text."""
    return (
        f"{dear} pays once a failure costs over {_usd(usd)}"
        if usd > 0
        else f"{dear} is better, and no dearer"
    )


def _tier(part: TierResult) -> str:
    calls, solved = _share(float(part.calls_per_request)), _share(float(part.success_share))
    return f"{calls} of calls, {_usd(float(part.usd_per_call))} each, {solved} solved"


def reason(result: Result, name: str) -> str:
    """Return why a metric is missing; "" if it isn't."""
    return result.reasons.get(name, "") if metric_text(result, name) == NOT_AVAILABLE else ""
