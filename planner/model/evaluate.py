"""Scenario in, Result out: the one place where tokens, quality, cost, fleets and months meet."""

from collections.abc import Mapping

import numpy as np

from planner.model.company import headline, months, payments, trajectory
from planner.model.fleet import fleets, staffing
from planner.model.request import api_cost, quality
from planner.model.request.request import Request, request
from planner.model.resolve import Resolved, resolve
from planner.model.result import MonthOne, Result
from planner.model.serving import batch_choice as lanes
from planner.records import dataclass
from planner.schema import ApiDeployment, HostedDeployment, Number, Scenario, holding, some
from planner.units import SECONDS_PER_MONTH

LEAST_TOKENS = 1.0  # a GPU reads and makes a token at least

# Freeing one block of 8 MB makes the C library keep what is freed later, up to twice as much, in place of handing it
# back to the system and asking again: that would take longer than the sums.
np.empty(2**20)


@dataclass(frozen=True)
class Joined:
    """All parts of an evaluated scenario, for the headline and for explanations."""

    scenario: Scenario
    resolved: Resolved
    requests: Mapping[str, Request]
    requests_per_month: Mapping[str, Number]
    api_costs: Mapping[tuple[str, str], tuple[tuple[int, api_cost.ApiCost], ...]]
    lanes: Mapping[tuple[str, str], lanes.Lane]
    company: trajectory.Company


def evaluate(scenario: Scenario, watch: months.Watch | None = None) -> Result:
    """Return what `scenario` leads to.

    Any number of the scenario may be an array: all of them broadcast to the shape of the plans, and
    every number of the result broadcasts to it. `watch` is called with each month (from 0 on) and the cash at its
    end, in memory that the next month overwrites. Raises ScenarioError for names that the catalog lacks.
    """
    joined = join(scenario)
    horizon = int(np.max(scenario.company.horizon_months))
    return headline.result(joined, months.run(joined.company, horizon, watch or months.nobody))


def evaluate_month_one(scenario: Scenario) -> MonthOne:
    """Return the metrics of month 1, which many plans need and few months do.

    Without runway and burn multiple. Shape: each metric has that of the numbers that it depends on.
    """
    return headline.month_one(join(scenario, only_first=True))


def join(scenario: Scenario, *, only_first: bool = False) -> Joined:
    """Return the parts of a scenario that the months are run on, or month 1 alone."""
    resolved = resolve(scenario)
    requests = {
        name: request(
            workload,
            base_success={tier: _base_success(scenario, name, tier) for tier in workload.routing.tiers},
            precision={tier: _precision(resolved, tier) for tier in workload.routing.tiers},
        )
        for name, workload in scenario.workloads.items()
    }
    per_month = {
        name: workload.requests_per_customer_per_month * scenario.demand.customers
        + workload.requests_per_month
        for name, workload in scenario.workloads.items()
    }
    api_costs = _api_costs(scenario, resolved, requests)
    found = _lanes(scenario, resolved, requests, per_month)
    last = per_month if only_first or not resolved.hosted else _last_month_requests(scenario)
    company = trajectory.Company(
        scenario=scenario,
        streams={name: _stream(scenario, name, requests[name], api_costs) for name in scenario.workloads},
        fleets=_fleets(scenario, resolved, requests, found, (per_month, last)),
        payments=[
            *payments.from_one_off(scenario.company.one_off),
            *(
                payment
                for deployment in scenario.deployments.values()
                for payment in payments.payments(deployment, int(np.max(scenario.company.horizon_months)))
            ),
        ],
        own_payments=payments.never_spread(scenario.company.one_off),
        unused_usd=_unused_usd(scenario, resolved),
        shape=np.broadcast_shapes(*(array.shape for _, array in holding(scenario, np.ndarray))),
    )
    return Joined(scenario, resolved, requests, per_month, api_costs, found, company)


def _base_success(scenario: Scenario, workload: str, tier: str) -> Number:
    """Return the success of a deployment on a workload at short prompts and BF16: measured, distilled or tuned."""
    deployment = scenario.deployments[tier]
    measured = scenario.workloads[workload].success
    base = measured.get(tier, deployment.success_share)
    distillation, tuning = deployment.distillation, deployment.fine_tuning
    if some(distillation.on) and tier not in measured:
        teacher = measured.get(distillation.teacher, scenario.deployments[distillation.teacher].success_share)
        kept = quality.distillation_retention(
            first_step_retention=distillation.first_step_retention_share,
            loss_growth_x=distillation.loss_growth_x_per_step,
            steps=distillation.steps,
        )
        base = np.where(distillation.on, teacher * kept, base)
    return np.clip(base + np.where(tuning.on, tuning.gain_share, 0.0), 0.0, 1.0)


def _precision(resolved: Resolved, tier: str) -> Number:
    return resolved.hosted[tier].precision if tier in resolved.hosted else 1.0


def _api_costs(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request]
) -> dict[tuple[str, str], tuple[tuple[int, api_cost.ApiCost], ...]]:
    """Return what a call costs, by workload and API deployment, at each price of the plan's months."""
    return {
        (name, tier): tuple(
            (
                month,
                api_cost.request_usd(
                    rates,
                    input_tokens=each.input_tokens,
                    output_tokens=each.output_tokens,
                    cache_read_tokens=each.cache_read_tokens,
                    cache_write_tokens=each.cache_write_tokens,
                ),
            )
            for month, rates in resolved.apis[tier].epochs
        )
        for name, each in requests.items()
        for tier in scenario.workloads[name].routing.tiers
        if tier in resolved.apis
    }


def _lanes(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request], per_month: Mapping[str, Number]
) -> dict[tuple[str, str], lanes.Lane]:
    """Return how each workload runs on each self-hosted deployment that it uses."""
    return {
        (name, tier): lanes.lane(
            scenario.workloads[name],
            _curve(scenario, resolved, each, name, tier),
            calls_per_s=per_month[name] * calls / SECONDS_PER_MONTH,
        )
        for name, each in requests.items()
        for tier, calls in each.calls.items()
        if tier in resolved.hosted
    }


def _curve(scenario: Scenario, resolved: Resolved, each: Request, name: str, tier: str) -> lanes.Curve:
    deployment, hosted = scenario.deployments[tier], resolved.hosted[tier]
    assert isinstance(deployment, HostedDeployment)
    from planner.model.serving import batch_curves  # noqa: PLC0415 - reads the fitted constants, which a plan on APIs needs none of

    calibration = deployment.calibration
    return batch_curves.curve(
        hosted.llm, hosted.gpu, hosted.placement,
        (
            np.maximum(each.input_tokens, LEAST_TOKENS), np.maximum(each.output_tokens, LEAST_TOKENS),
            scenario.workloads[name].cache.prefix_hit_share,
        ),
        (deployment.max_concurrency, calibration.throughput_x, calibration.ttft_x, calibration.tpot_x),
    )  # fmt: skip


def _fleets(
    scenario: Scenario, resolved: Resolved, requests: Mapping[str, Request],
    found: Mapping[tuple[str, str], lanes.Lane], volumes: tuple[Mapping[str, Number], Mapping[str, Number]],
) -> dict[str, fleets.Fleet]:  # fmt: skip
    """Return the fleets that carry the requests of the first and of the last month."""
    out: dict[str, fleets.Fleet] = {}
    for tier, hosted in resolved.hosted.items():
        users = [name for name, each in scenario.workloads.items() if tier in each.routing.tiers]
        deployment = scenario.deployments[tier]
        if not users or not isinstance(deployment, HostedDeployment):
            continue

        def loads(
            volume: Mapping[str, Number], users: list[str] = users, tier: str = tier
        ) -> dict[str, staffing.Load]:
            return {
                name: staffing.Load(
                    lane=found[name, tier],
                    workload=scenario.workloads[name],
                    calls_per_s=volume[name] * requests[name].calls[tier] / SECONDS_PER_MONTH,
                )
                for name in users
            }

        first = loads(volumes[0])
        last = first if volumes[1] is volumes[0] else loads(volumes[1])
        out[tier] = fleets.fleet(deployment, hosted, first=first, last=last)
    return out


def _unused_usd(scenario: Scenario, resolved: Resolved) -> dict[str, Number]:
    """Return what own GPUs cost a month that no workload lists."""
    listed = {tier for each in scenario.workloads.values() for tier in each.routing.tiers}
    return {
        tier: fleets.unused_usd(deployment, resolved.hosted[tier])
        for tier, deployment in scenario.deployments.items()
        if tier not in listed and isinstance(deployment, HostedDeployment)
    }


def _last_month_requests(scenario: Scenario) -> dict[str, Number]:
    factors = trajectory.path(scenario)
    steps = scenario.company.horizon_months - 1.0
    customers = scenario.demand.customers * np.power(factors.customers, steps)
    usage = np.power(factors.usage, steps)
    return {
        name: (each.requests_per_customer_per_month * customers + each.requests_per_month) * usage
        for name, each in scenario.workloads.items()
    }


def _stream(
    scenario: Scenario, name: str, each: Request,
    api_costs: Mapping[tuple[str, str], tuple[tuple[int, api_cost.ApiCost], ...]],
) -> trajectory.Stream:  # fmt: skip
    workload, revenue = scenario.workloads[name], scenario.revenue
    tokens = each.input_tokens + each.output_tokens
    return trajectory.Stream(
        per_customer=workload.requests_per_customer_per_month,
        besides=workload.requests_per_month,
        calls=each.calls,
        api_usd={
            tier: [
                (month, cost.total_usd * (1.0 - _discount(scenario, tier)))
                for month, cost in api_costs[name, tier]
            ]
            for tier in each.calls
            if (name, tier) in api_costs
        },
        api_tokens=tokens,
        flat_usd=sum(each.extras_usd.values(), start=0.0)
        + each.failure_usd * workload.outcome.failure_paid_share,
        flat_usd_per_month=retrieval_usd_per_month(scenario, name),
        revenue_usd=revenue.usd_per_request
        + revenue.usd_per_outcome * each.solved
        + revenue.usd_per_mtok * tokens / 1e6,
    )


def _discount(scenario: Scenario, tier: str) -> Number:
    deployment = scenario.deployments[tier]
    return deployment.discount_share if isinstance(deployment, ApiDeployment) else 0.0


def retrieval_usd_per_month(scenario: Scenario, name: str) -> Number:
    """Return the vector store and the embedding of changed documents, a month."""
    rag = scenario.workloads[name].rag
    changed = rag.corpus_mtok * rag.reindex_share_per_month * rag.embed_usd_per_mtok
    return np.where(rag.on, rag.store_usd_per_month + changed, 0.0)
