"""Scenario in, Result out: the one place where requests, serving, fleets and the company are joined.

A scenario passes through once: names become catalog numbers; each workload becomes a mean request; a request is priced
(APIs) or given a batch that keeps its promise (own GPUs); loads become fleets; costs of requests and fleets become
the company's months. docs/architecture.md shows which function passes what to which.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from planner.model.company import (
    cash_flows,
    deployment_summary,
    headline,
    line_items,
    months,
    segment_summary,
    vendor_limits,
    workload_summary,
)
from planner.model.company.business import Business
from planner.model.handed_on import MonthAtHand, WorkloadMonth
from planner.model.joining import Joined, join
from planner.model.month_at_hand import epoch_of, first_month, fleet_hours, month_at_hand, sessions_of
from planner.model.reacting import reacting_stages
from planner.model.request import api_limits
from planner.model.result import MonthOne, Months, Result, WorkloadResult
from planner.model.serving import latency
from planner.model.serving.split_notes import split_notes
from planner.model.serving.why_unfit import beyond_context, broken_promise
from planner.model.shared import EachAnew, Parts
from planner.schema import Number, Scenario, some

EACH_ANEW = EachAnew()


def evaluate(scenario: Scenario, watch: months.Watch | None = None, parts: Parts | None = None) -> Result:
    """Evaluate `scenario` and return its Result as of month 1; `Result.at_month` gives any other month.

    Any number in the scenario may be an array: all broadcast to the shape of the plans, and
    every number of the result broadcasts to it. `watch` is called with each month (from 0 on) and the cash at its
    end, in memory that the next month overwrites. `parts` may hold the parts of an earlier plan: those that are the same
    are reused. Raises ScenarioError for names missing from the catalog.
    """
    horizon = int(np.max(scenario.company.horizon_months))
    stages = reacting_stages(scenario, horizon, parts)
    run = months.run([each.business for each in stages], horizon, watch or months.nobody)
    return _result(stages, run, parts, 0)


def evaluate_month_one(scenario: Scenario, parts: Parts | None = None) -> MonthOne:
    """Return only the metrics of month 1, for analyses that need many plans but not their months.

    Without runway and burn multiple. `parts` as above. Shape: each metric has that of the numbers it depends on.
    """
    joined = join(scenario, only_first=True, parts=parts)
    at_hand = first_month(joined, parts)
    per_workload, of_requests = _of_requests(joined.business, at_hand)
    fits = np.all(np.broadcast_arrays(True, *(fleet.fits for fleet in at_hand.fleets.values())), axis=0)
    feasible = np.all(
        np.broadcast_arrays(fits, *(each.promise_met for each in per_workload.values())), axis=0
    )
    first = cash_flows.first_flows(joined.business)
    metrics = {**headline.company_metrics(joined.scenario, first), **of_requests}
    return MonthOne(metrics=metrics, feasible=feasible, fits=fits, workloads=per_workload, first=first)


def _result(stages: Sequence[Joined], run: Months, parts: Parts | None, month: int) -> Result:
    """Return the full result of a plan: one month in detail, counted from 0, and all months."""
    joined, at_hand = epoch_of(stages, month), month_at_hand(stages, month, parts)
    business = joined.business
    given, made = _given(business, at_hand), partial(_of_requests, business, at_hand)
    per_workload, of_requests = (parts or EACH_ANEW).found("of requests", given, made)
    metrics = {
        **headline.company_metrics(business.scenario, run.of_month(month)),
        **of_requests,
        **headline.run_metrics(stages[0].scenario, run),
    }
    batches: dict[str, dict[str, Number]] = {}
    for (name, tier), chosen in joined.batches.items():
        batches.setdefault(tier, {})[name] = chosen.batch
    unfit = [tier for tier, fleet in at_hand.fleets.items() if not np.all(fleet.fits)]
    return Result(
        metrics=metrics,
        runway_state=np.where(np.isnan(run.cash_end_usd), -1, run.runway.state),
        horizon_months=stages[0].scenario.company.horizon_months,
        month=month + 1,
        scenario=joined.scenario,
        workloads=per_workload,
        deployments=deployment_summary.deployment_results(
            business, at_hand, notes=joined.resolved.notes, batches=batches
        ),
        months=run,
        items=partial(line_items.line_items, business, at_hand),
        kinds=partial(segment_summary.segment_results, business, per_workload, month),
        calls=partial(sessions_of, joined, month),
        missing=partial(headline.reasons, metrics, per_workload, run, unfit, month),
        week=partial(fleet_hours, joined, at_hand),
        others=partial(_result, stages, run, None),
        let_through=partial(
            vendor_limits.limit_results, [each.business for each in stages], _horizon(stages)
        ),
        warnings=(*headline.raise_needed(run), *joined.reactions, *_warnings(joined, at_hand)),
    )


def _of_requests(
    business: Business, at_hand: MonthAtHand
) -> tuple[dict[str, WorkloadResult], dict[str, Number]]:
    """Return each workload in a month, and the metrics of all requests."""
    per_workload = workload_summary.workload_results(business, at_hand)
    return per_workload, headline.request_metrics(business.scenario, at_hand, per_workload)


def _given(business: Business, at_hand: MonthAtHand) -> tuple[Any, ...]:
    """Return all that this follows from: not what customers pay, nor what the company pays beside deployments."""
    scenario = business.scenario
    return (
        scenario.workloads, scenario.deployments, scenario.company.one_off, scenario.decline, business.carried,
        business.shape, at_hand.month, *business.streams.values(), *business.api_terms.values(),
        *business.fleets.values(), *business.unused_usd.values(), *at_hand.workloads.values(),
        *at_hand.fleets.values(),
    )  # fmt: skip


def _horizon(stages: Sequence[Joined]) -> int:
    return int(np.max(stages[0].scenario.company.horizon_months))


def _warnings(joined: Joined, at_hand: MonthAtHand) -> tuple[str, ...]:
    found = [
        f"{tier}: no workload lists it; its reserved GPUs are paid all the same"
        for tier, usd in joined.business.unused_usd.items()
        if np.any(usd)
    ]
    for tier, each in joined.resolved.hosted.items():
        split = split_notes(llm=each.llm, gpu=each.gpu, placement=each.placement)
        found += [f"{tier}: {words}" for words in split]
    for name, month in at_hand.workloads.items():
        workload = joined.scenario.workloads[name]
        if not np.all(month.latency.kept):
            found.append(_broken_promise(joined, name, month))
        found += _beyond_context(joined, name, month)
        first = {tier: api.epochs[0][1] for tier, api in joined.resolved.apis.items()}
        found += api_limits.api_warnings(joined.scenario, name, month.request, first)
        cached = some(workload.cache.prefix_hit_share)
        found += [
            f"{tier}: the vendor has no price for cached tokens; they cost as much as others"
            for tier in month.api_lines
            if cached and not joined.resolved.apis[tier].epochs[0][1].has_cache_read
        ]
    return tuple(dict.fromkeys(found))


def _beyond_context(joined: Joined, name: str, month: WorkloadMonth) -> list[str]:
    """Return the own models whose context a workload's mean request exceeds."""
    tokens = month.request.input_per_call + month.request.output_per_call
    return [
        f"{name}: the model of {tier} {words}"
        for user, tier in joined.batches
        if user == name
        and (words := beyond_context(llm=joined.resolved.hosted[tier].llm, context_tokens=tokens))
    ]


def _broken_promise(joined: Joined, name: str, month: WorkloadMonth) -> str:
    workload, each = joined.scenario.workloads[name], month.request
    for (user, tier), chosen in joined.batches.items():
        hosted = joined.resolved.hosted[tier]
        if user == name and not (np.all(chosen.fits) and np.all(chosen.met)):
            return f"{name}: " + broken_promise(
                workload, chosen, tier,
                llm=hosted.llm, gpu=hosted.gpu, placement=hosted.placement,
                input_tokens=each.input_per_call, output_tokens=each.output_per_call,
            )  # fmt: skip
    return f"{name}: {latency.late_words(workload, month.latency)}"
