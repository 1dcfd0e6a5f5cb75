"""Resolve a scenario's names to catalog numbers: prices, rents, models, GPUs, formats."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

import numpy as np

from planner.arrays import pick
from planner.catalog import api_prices, hardware
from planner.catalog.api_rates import ApiRates, UnitPrice
from planner.catalog.cold_starts import measured_words
from planner.catalog.meters import unit_of
from planner.errors import Problem, ScenarioError
from planner.model.api_terms import agreed_rates, api_terms, term_notes
from planner.model.handed_on import ApiTerms
from planner.model.rent_terms import rent_terms
from planner.model.serving.memory import weight_bytes_per_gpu
from planner.model.serving.step_costs import Placement
from planner.model.shared import EachAnew, Parts
from planner.records import dataclass
from planner.schema import ApiDeployment, Deployment, HostedDeployment, Number, Scenario, some, step_text
from planner.units import BYTES_PER_GB

PRECISION = {"bf16": 1.0, "fp16": 1.0, "fp8": 1.0, "int8": 0.985, "int4": 0.975, "fp4": 0.975, "mxfp4": 0.975}
"""Success kept against BF16: evidence defaults quant.*; FP4 as INT4, a judgement."""

Described = TypeVar("Described", hardware.Llm, hardware.Gpu)


@dataclass(frozen=True)
class Api:
    """An API deployment with its prices: `epochs` are (month of the plan, rates from then on)."""

    epochs: tuple[tuple[int, ApiRates], ...]
    terms: ApiTerms = field(default_factory=ApiTerms)


@dataclass(frozen=True)
class Hosted:
    """A self-hosted deployment with its hardware and GPU costs."""

    llm: hardware.Llm
    gpu: hardware.Gpu
    placement: Placement
    gpus_per_replica: Number
    precision: Number
    usd_per_gpu_hour: Number
    reserved_usd_per_gpu_hour: Number
    owned: bool
    rent_notes: tuple[str, ...]


@dataclass(frozen=True)
class Resolved:
    """All deployments of a scenario, with catalog numbers instead of names."""

    apis: Mapping[str, Api]
    hosted: Mapping[str, Hosted]
    notes: Mapping[str, tuple[str, ...]]


def resolve(scenario: Scenario, parts: Parts = EachAnew()) -> Resolved:  # noqa: B008 - it holds nothing
    """Return the scenario's deployments as numbers; raise ScenarioError with every unknown name."""
    dated = (scenario.company.start, scenario.company.horizon_months)
    given = (scenario.deployments, scenario.models, scenario.gpus, *dated)
    return parts.found("resolved", given, lambda: _resolved(scenario, dated, parts))


def _resolved(scenario: Scenario, dated: tuple[Any, ...], parts: Parts) -> Resolved:
    apis: dict[str, Api] = {}
    hosted: dict[str, Hosted] = {}
    notes: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for name, deployment in scenario.deployments.items():
        try:
            if isinstance(deployment, ApiDeployment):
                apis[name] = parts.found("api", (deployment, *dated), partial(_api, scenario, deployment))
                notes[name] = (*_api_notes(apis[name]), *term_notes(deployment))
            else:
                described = (deployment, scenario.models, scenario.gpus)
                hosted[name] = parts.found("own GPUs", described, partial(_hosted, scenario, deployment))
                notes[name] = hosted[name].rent_notes
        except ScenarioError as error:
            problems += [_placed(f"deployments.{step_text(name)}", problem) for problem in error.problems]
    if problems:
        raise ScenarioError(problems)
    return Resolved(apis=apis, hosted=hosted, notes=notes)


def _placed(where: str, problem: Problem) -> Problem:
    return Problem(where, f"({problem.where}) {problem.what}", problem.hint)


def _api(scenario: Scenario, deployment: ApiDeployment) -> Api:
    listed = _listed_rates(scenario, deployment)
    terms = api_terms(deployment, listed[0][1])
    return Api(tuple((month, agreed_rates(deployment, rates)) for month, rates in listed), terms)


def _listed_rates(scenario: Scenario, deployment: ApiDeployment) -> tuple[tuple[int, ApiRates], ...]:
    """Return the prices from each month of the plan on, from the list or the file."""
    start = date.fromisoformat(f"{scenario.company.start}-01")
    meters = _own_meters(deployment)
    own = deployment.price
    if own is not None:
        rates = api_prices.user_rates(
            model=str(deployment.model),
            input_usd_per_mtok=own.input_usd_per_mtok,
            output_usd_per_mtok=own.output_usd_per_mtok,
            cache_read_usd_per_mtok=own.cache_read_usd_per_mtok,
            cache_write_usd_per_mtok=own.cache_write_usd_per_mtok,
            cache_write_1h_usd_per_mtok=own.cache_write_1h_usd_per_mtok,
            as_of=start,
        )
        return ((0, replace(rates, meters=meters)),)
    months = int(np.max(scenario.company.horizon_months))
    epochs = api_prices.rate_epochs(
        deployment.model, start=start, months=months, processing=deployment.processing
    )
    if not meters:
        return epochs
    return tuple((month, replace(rates, meters={**rates.meters, **meters})) for month, rates in epochs)


def _own_meters(deployment: Deployment) -> dict[str, UnitPrice]:
    """Return the meter prices stated in the scenario, by unit."""
    return {unit_of(name): UnitPrice(usd) for name, usd in deployment.meter_usd.items()}


def check_meters(scenario: Scenario, resolved: Resolved) -> None:
    """Raise ScenarioError with each meter that a workload uses but one of its deployments has no price for."""
    problems = [
        Problem(
            f"workloads.{step_text(name)}.meters.{step_text(meter)}",
            f"has no price for {_called(resolved, tier)}.",
            f"State one, in USD for each: [deployments.{step_text(tier)}.meter_usd] {step_text(meter)} = ...",
        )
        for name, workload in scenario.workloads.items()
        for meter, count in workload.meters.items()
        if some(count)
        for tier in workload.routing.tiers
        if unit_of(meter) not in _priced(scenario, resolved, tier)
    ]
    if problems:
        raise ScenarioError(problems)


def _priced(scenario: Scenario, resolved: Resolved, tier: str) -> set[str]:
    if tier in resolved.apis:
        return set.intersection(*(set(rates.meters) for _, rates in resolved.apis[tier].epochs))
    return set(_own_meters(scenario.deployments[tier]))


def _called(resolved: Resolved, tier: str) -> str:
    return resolved.apis[tier].epochs[0][1].name if tier in resolved.apis else f"{tier} (own GPUs)"


def _api_notes(api: Api) -> tuple[str, ...]:
    rates = api.epochs[0][1]
    later = [f"prices change in month {month + 1}" for month, _ in api.epochs[1:]]
    return (f"{rates.name} ({rates.processing}), {rates.source}, {rates.as_of}", *rates.notes, *later)


def _hosted(scenario: Scenario, deployment: HostedDeployment) -> Hosted:
    d = deployment
    speculative = d.speculative
    gpus = d.tensor_parallel * d.pipeline_parallel * d.attention_data_parallel
    placement = Placement(
        gpus=gpus,
        tp=d.tensor_parallel,
        pp=d.pipeline_parallel,
        attn_dp=d.attention_data_parallel,
        ep=np.where(np.asarray(d.expert_parallel) > 0, d.expert_parallel, d.attention_data_parallel),
        weights=d.weights,
        kv=d.kv_cache,
        engine=d.engine,
        memory_share=0.0 if d.memory_share is None else d.memory_share,
        speculative_acceptance=np.where(speculative.on, speculative.acceptance_share, 0.0),
        acceptance_decay=speculative.acceptance_decay,
        draft_tokens=np.where(speculative.on, speculative.draft_tokens, 0.0),
        draft_cost_share=speculative.draft_cost_share,
    )
    llm, gpu, rent = _all_or_problems(
        lambda: _described(d.model, scenario.models, hardware.llm, hardware.llm_from_table),
        lambda: _described(d.gpu, scenario.gpus, hardware.gpu, hardware.gpu_from_table),
        lambda: rent_terms(d),
    )
    return Hosted(
        llm=llm,
        gpu=gpu,
        placement=placement,
        gpus_per_replica=gpus,
        precision=pick(PRECISION, d.weights)
        if d.precision_retention_share is None
        else d.precision_retention_share,
        usd_per_gpu_hour=rent.usd_per_gpu_hour,
        reserved_usd_per_gpu_hour=rent.reserved_usd_per_gpu_hour,
        owned=d.rent == "owned",
        rent_notes=(*rent.notes, *_start_notes(d, llm)),
    )


def _start_notes(deployment: HostedDeployment, llm: hardware.Llm) -> tuple[str, ...]:
    """Return a note on measured start times, if GPUs follow the load and the file doesn't state one."""
    if not some(deployment.autoscale) or some(deployment.start_s) or deployment.rent == "owned":
        return ()
    weights_gb = float(
        np.max(weight_bytes_per_gpu(llm=llm, weights=deployment.weights, tp=1.0, pp=1.0, attn_dp=1.0))
    )
    return (
        f"starting a replica (start_s) is not stated and costs nothing; measured {measured_words(weights_gb / BYTES_PER_GB)}",
    )


def _all_or_problems(*found: Callable[[], Any]) -> list[Any]:
    """Return the result of each of `found`; raise ScenarioError with the problems of all of them."""
    values: list[Any] = []
    problems: list[Problem] = []
    for each in found:
        try:
            values.append(each())
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return values


def _described(
    name: Any,
    own: Mapping[str, Mapping[str, Any]],
    from_catalog: Callable[[str], Described],
    from_table: Callable[..., Described],
) -> Described:
    """Return one model or GPU, or a stack of several in the shape of `name`."""

    def one(each: str) -> Described:
        return from_table(own[each], where=each) if each in own else from_catalog(each)

    if isinstance(name, str):
        return one(name)
    names = np.asarray(name)
    known, index = np.unique(names, return_inverse=True)
    return hardware.take(hardware.stack([one(str(each)) for each in known]), index.reshape(names.shape))
