"""Apply claims about a lever to the open plan: the fields that each one changes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np

from planner.analysis.claims.ledger import ClaimResult, claim
from planner.catalog import api_prices
from planner.catalog.api_rates import ApiRates
from planner.errors import Problem, ScenarioError
from planner.model import evaluate
from planner.model.resolve import resolve
from planner.records import dataclass
from planner.schema import ApiDeployment, HostedDeployment, Number, Range, Scenario, step_text, steps_of
from planner.schema.deployment import ApiPrice

Change = tuple[str, Any]
MOST_SHARE = 0.999  # a range of shares may not touch 1
CHUNK_TOKENS = 400


@dataclass(frozen=True)
class Effect:
    """A claim's effect on a plan, as text and as changes to fields."""

    words: str
    changes: Callable[[Scenario, ClaimResult], Iterator[Change]]
    needs: str


def apply(claim_id: str, scenario: Scenario) -> tuple[Scenario, list[Change]]:
    """Return the scenario as if the claim held, and the fields changed.

    Raises ScenarioError if the claim isn't about a lever, or the scenario has nothing it applies to.
    """
    effect = EFFECTS.get(claim_id)
    if effect is None:
        hint = f"Those that are: {', '.join(EFFECTS)}."
        raise ScenarioError([Problem(f"claim {claim_id}", "is about no lever of a scenario.", hint)])
    changes = list(effect.changes(scenario, claim(claim_id)))
    if not changes:
        raise ScenarioError([Problem(f"claim {claim_id}", "has nothing to act on here.", effect.needs)])
    for path, value in changes:
        scenario = with_own_price(scenario, path).with_value(path, value)
    return scenario, changes


def with_own_price(scenario: Scenario, path: str) -> Scenario:
    """Return the scenario with a price table of its own if `path` needs one that doesn't exist yet."""
    names = steps_of(path)
    if len(names) < 4 or names[0] != "deployments" or names[2] != "price":
        return scenario
    deployment = scenario.deployments[names[1]]
    if not isinstance(deployment, ApiDeployment) or deployment.price is not None:
        return scenario
    changed = deployment.model_copy(update={"price": _list_price(scenario, deployment)})
    return scenario.model_copy(update={"deployments": {**scenario.deployments, names[1]: changed}})


def _list_price(scenario: Scenario, deployment: ApiDeployment) -> ApiPrice:
    rates = _rates(scenario, deployment, deployment.processing)
    return ApiPrice(
        input_usd_per_mtok=rates.input.usd_per_mtok,
        output_usd_per_mtok=rates.output.usd_per_mtok,
        cache_read_usd_per_mtok=rates.cache_read.usd_per_mtok if rates.has_cache_read else None,
        cache_write_usd_per_mtok=rates.cache_write.usd_per_mtok if rates.has_cache_write else None,
    )


def _rates(scenario: Scenario, deployment: ApiDeployment, processing: str) -> ApiRates:
    start = date.fromisoformat(f"{scenario.company.start}-01")
    return api_prices.api_rates(str(deployment.model), on=start, processing=processing)


def _used(scenario: Scenario) -> list[str]:
    """Return the deployments that some workload uses, each once."""
    return list(dict.fromkeys(tier for each in scenario.workloads.values() for tier in each.routing.tiers))


def _hosted(scenario: Scenario) -> list[str]:
    return [name for name, each in scenario.deployments.items() if isinstance(each, HostedDeployment)]


def _cost_changes(scenario: Scenario, name: str, factor: Number) -> Iterator[Change]:
    """Yield the changes that multiply the cost of every call to a deployment by `factor`."""
    deployment = scenario.deployments[name]
    if isinstance(deployment, HostedDeployment):
        hosted = resolve(scenario).hosted[name]
        yield f"deployments.{step_text(name)}.usd_per_gpu_hour", hosted.usd_per_gpu_hour * factor
        return
    price = deployment.price or _list_price(scenario, deployment)
    for field in ApiPrice.model_fields:
        if getattr(price, field) is not None:
            yield f"deployments.{step_text(name)}.price.{field}", getattr(price, field) * factor


def _success_changes(scenario: Scenario, name: str, factor: float) -> Iterator[Change]:
    """Yield the changes that multiply a deployment's success by `factor`, wherever it is measured."""
    yield (
        f"deployments.{step_text(name)}.success_share",
        _times(scenario.deployments[name].success_share, factor),
    )
    for workload, each in scenario.workloads.items():
        if name in each.success:
            yield (
                f"workloads.{step_text(workload)}.success.{step_text(name)}",
                _times(each.success[name], factor),
            )


def _times(share: Number, factor: float) -> Number:
    if isinstance(share, Range):
        low, high = (min(end * factor, MOST_SHARE) for end in (share.low, share.high))
        return Range(low, high, family=share.family) if share.family != "triangular" and low < high else low
    return np.minimum(np.asarray(share) * factor, 1.0) if np.ndim(share) else min(float(share) * factor, 1.0)


def _replaced_models(scenario: Scenario, cost_x: float, success_x: float) -> Iterator[Change]:
    for name in _used(scenario):
        yield from _cost_changes(scenario, name, cost_x)
        yield from _success_changes(scenario, name, success_x)


def _idle(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    hosted = set(_hosted(scenario))
    for name, each in scenario.workloads.items():
        if hosted & set(each.routing.tiers):
            yield f"workloads.{step_text(name)}.peak_to_mean", of.claimed["overhead_low"]


def _flat_prices(_scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for field in ("same_model_price_x_per_year", "same_quality_price_x_per_year", "gpu_rent_x_per_year"):
        yield f"decline.{field}", of.claimed["decline_x"]


def _int8(scenario: Scenario, _of: ClaimResult) -> Iterator[Change]:
    yield from ((f"deployments.{step_text(name)}.weights", "int8") for name in _hosted(scenario))


def _distilled(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    low, high = of.claimed["retention_low_share"], of.claimed["retention_high_share"]
    for name, each in scenario.workloads.items():
        small, large = each.routing.tiers[0], each.routing.tiers[-1]
        if small == large:
            continue
        where = f"deployments.{step_text(small)}.distillation"
        yield f"{where}.teacher", large
        yield f"{where}.first_step_retention_share", f"{low} to {high}"
        yield f"{where}.on", True
        if small in each.success:
            teacher = float(each.success.get(large, scenario.deployments[large].success_share))
            yield f"workloads.{step_text(name)}.success.{step_text(small)}", teacher * (low + high) / 2.0


def _hundredfold(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    if np.any(scenario.demand.customers):
        ratio = float(of.claimed.get("user_ratio", 100.0))
        yield "demand.customers", scenario.demand.customers * ratio


def _longer_window(scenario: Scenario, _of: ClaimResult) -> Iterator[Change]:
    for name, each in scenario.workloads.items():
        if float(np.mean(each.session.calls)) > 1.0:
            where = f"workloads.{step_text(name)}"
            yield f"{where}.fewer_calls.on", True
            if np.any(each.session.compact_at_tokens):
                yield f"{where}.session.compact_at_tokens", 0.0


def _specialist(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    yield from _replaced_models(scenario, of.inputs["cost_frac"], of.inputs["quality_frac"])


def _dearer(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    yield from _replaced_models(
        scenario, 1.0 + of.inputs["cost_gain_share"], 1.0 + of.inputs["quality_gain_share"]
    )


def _distil_and_save(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    loss = (of.inputs["loss_low_share"] + of.inputs["loss_high_share"]) / 2.0
    yield from _replaced_models(scenario, 1.0 - of.inputs["saving_share"], 1.0 - loss)


def _five_months(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    cash, share = of.inputs["cash_usd"], of.inputs["burn_share_per_month"]
    net = evaluate(scenario).metrics["net_burn_usd_per_month"]
    fixed = scenario.company.fixed_costs_usd_per_month + cash * share - net
    yield "company.cash_usd", cash
    yield (
        "company.fixed_costs_usd_per_month",
        np.maximum(fixed, 0.0) if np.ndim(fixed) else max(float(fixed), 0.0),
    )


def _fast_promise(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for name in scenario.workloads:
        yield f"workloads.{step_text(name)}.latency", "first-token"
        yield f"workloads.{step_text(name)}.latency_target_s", of.inputs["fast_s"]


def _retrieval(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for name in scenario.workloads:
        yield f"workloads.{step_text(name)}.rag.chunks", round(of.inputs["short_tokens"] / CHUNK_TOKENS)
        yield f"workloads.{step_text(name)}.rag.chunk_tokens", CHUNK_TOKENS
        yield f"workloads.{step_text(name)}.rag.on", True


def _routed(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for name, each in scenario.workloads.items():
        if len(each.routing.tiers) > 1:
            where = f"workloads.{step_text(name)}.routing"
            yield f"{where}.policy", "route"
            yield f"{where}.router", "tuned-chat"
            yield f"{where}.share_to_last", of.computed["strong_share"]


def _two_prices(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    """Yield the changes that make the first tier the claim's cheap model, and the last its good one."""
    result = evaluate(scenario)
    done: set[str] = set()
    for name, each in scenario.workloads.items():
        ends: Sequence[tuple[str, str]] = (("cheap", each.routing.tiers[0]), ("good", each.routing.tiers[-1]))
        for which, tier in ends[: len(each.routing.tiers)]:
            usd = result.workloads[name].tiers[tier].usd_per_call
            if tier in done or not np.all(np.asarray(usd) > 0):
                continue
            done.add(tier)
            yield from _cost_changes(scenario, tier, of.inputs[f"{which}_usd"] / usd)
            success = of.inputs[f"{which}_success_share"]
            yield f"deployments.{step_text(tier)}.success_share", success
            if tier in each.success:
                yield f"workloads.{step_text(name)}.success.{step_text(tier)}", success


def _speculative(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for name in _hosted(scenario):
        where = f"deployments.{step_text(name)}.speculative"
        yield f"{where}.acceptance_share", of.inputs["accepted_share"]
        yield f"{where}.draft_tokens", of.inputs["drafted_tokens"]
        yield f"{where}.draft_cost_share", of.inputs["draft_cost_share"]
        yield f"{where}.on", True


def _batch(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for name in _used(scenario):
        deployment = scenario.deployments[name]
        if not isinstance(deployment, ApiDeployment):
            continue
        if deployment.price is not None:
            yield from _cost_changes(scenario, name, of.measured["batch_factor"])
            continue
        try:
            _rates(scenario, deployment, "batch")
        except ScenarioError:
            continue
        yield f"deployments.{step_text(name)}.processing", "batch"


def _tuned(scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    for name in dict.fromkeys(each.routing.tiers[0] for each in scenario.workloads.values()):
        where = f"deployments.{step_text(name)}.fine_tuning"
        yield f"{where}.gain_share", of.measured["lora_points_over_gpt4"] / 100.0
        yield f"{where}.run_usd", of.measured["fine_tune_usd"]
        yield f"{where}.on", True


def _growth(_scenario: Scenario, of: ClaimResult) -> Iterator[Change]:
    yield "demand.usage_growth_x_per_year", f"{of.claimed['low_x']} to {of.claimed['high_x']}"


WORKLOADS = "It needs a workload."
TWO_TIERS = "It needs a workload with two tiers."
HOSTED = "It needs a self-hosted deployment."
EFFECTS: dict[str, Effect] = {
    "c04": Effect("GPUs stand idle 29 of 30 hours: the peak is 30 times the mean", _idle, HOSTED),
    "c07": Effect("No price moves in the whole plan", _flat_prices, WORKLOADS),
    "c09": Effect("Weights in INT8 on own GPUs; speed and quality follow from the model", _int8, HOSTED),
    "c10": Effect("The first tier is a student of the last and keeps 70 to 85 %", _distilled, TWO_TIERS),
    "c12": Effect("A hundred times the customers", _hundredfold, "It needs customers."),
    "c13": Effect("Each model succeeds 70 % as often at 10 % of the cost", _specialist, WORKLOADS),
    "c14": Effect(
        "Five million in cash, and fixed costs that make net burn a million a month", _five_months, ""
    ),
    "c15": Effect("Each model succeeds 5 % more often at 30 % more cost", _dearer, WORKLOADS),
    "c16": Effect("The first token within 100 ms", _fast_promise, WORKLOADS),
    "c17": Effect("Each model succeeds 12.5 % less often at 30 % of the cost", _distil_and_save, WORKLOADS),
    "c18": Effect("Ten chunks of 400 tokens replace the context", _retrieval, WORKLOADS),
    "c19": Effect("A well-trained router sends 18 % of the requests to the last tier", _routed, TWO_TIERS),
    "c20": Effect("The first tier costs 10 cents at 90 %, the last a dollar at 95 %", _two_prices, WORKLOADS),
    "c21": Effect(
        "The first tier costs 0.1 cents at 80 %, the last 10 cents at 100 %", _two_prices, WORKLOADS
    ),
    "c23": Effect(
        "Histories are never compacted, and a session has fewer calls", _longer_window, "It needs sessions."
    ),
    "c25": Effect("A hundred times the customers", _hundredfold, "It needs customers."),
    "c28": Effect("Speculative decoding on own GPUs, 80 % of drafts accepted", _speculative, HOSTED),
    "c30": Effect("Batch processing wherever the vendor sells it", _batch, "It needs an API deployment."),
    "c31": Effect("The first tier is fine-tuned and gains 10 points", _tuned, WORKLOADS),
    "c32": Effect("Usage of each customer grows 10 to 100 times in a year", _growth, ""),
}
