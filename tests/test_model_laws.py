"""Laws of the model: what must hold for any plan."""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planner.model
from planner.catalog import hardware
from planner.catalog.api_rates import user_rates
from planner.catalog.fitted import FITTED
from planner.model import STATES, evaluate
from planner.model.serving import Placement, serve
from planner.schema import Range, Scenario, fields

TIGHT = 1e-9
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Two values for every parameter of the model's functions, by name; by function where a name means several things.
VALUES = {
    "success": (0.3, 0.9), "attempts": (1.0, 3.0), "true_accept": (0.9, 0.6), "false_accept": (0.1, 0.4),
    "alike_share": (0.0, 0.5), "hit_share": (0.1, 0.6), "wrong_share": (0.0, 0.2), "person_share": (0.2, 1.0),
    "person_success_share": (0.5, 0.95), "usd_per_request": (0.01, 0.5), "failure_usd": (0.0, 8.0),
    "cheap_usd": (0.1, 0.2), "cheap_success": (0.5, 0.9), "dear_usd": (1.0, 2.0), "dear_success": (0.7, 0.95),
    "input_tokens": (2_000.0, 150_000.0), "output_tokens": (100.0, 900.0), "cache_read_tokens": (0.0, 500.0),
    "cache_write_tokens": (0.0, 300.0), "cache_write_1h_tokens": (0.0, 100.0), "at_32k_share": (0.6, 1.1),
    "at_128k_share": (0.2, 0.9), "chunks": (0.0, 12.0), "at_1_share": (0.3, 0.5), "at_8_share": (0.7, 1.0),
    "rerank_on": (0.0, 1.0), "misses_cut_share": (0.1, 0.5), "recall_share": (0.2, 0.9), "retention": (0.5, 1.2),
    "closed_book_share": (0.1, 0.6), "first_step_retention": (0.85, 0.96), "loss_growth_x": (1.5, 4.0),
    "steps": (1.0, 3.0), "base": (0.2, 0.9), "share": (0.1, 0.8), "k": (1.0, 3.0), "hard_item_retention": (0.5, 0.9),
    "log_servers": (1.1, 4.5), "log_wait": (-1.5, 1.0), "log_patience": (-1.5, 1.0),
    "servers": (3.0, 90.0), "load": (1.0, 2.5), "x": (0.5, 40.0), "rho": (0.3, 0.9), "ca2": (1.0, 6.0), "cs2": (0.5, 2.0),
    "wait_over_service": (0.1, 3.0), "q": (0.95, 0.95), "patience": (0.1, 3.0), "percentile": (0.9, 0.99), "slot_s": (1.0, 9.0),
    "gpu_usd": (2e4, 4e4), "network_share": (0.1, 0.2), "capex_usd": (2e4, 5e4), "residual_share": (0.1, 0.3),
    "life_years": (3.0, 5.0), "kw_per_gpu": (0.7, 1.2), "site_power_ratio": (1.1, 1.5), "usd_per_kwh": (0.05, 0.2),
    "colocation_usd_per_kw_month": (100.0, 250.0), "gpus": (3.0, 9.0), "reserved_gpus": (0.0, 6.0),
    "usd_per_gpu_hour": (2.0, 4.0), "reserved_usd_per_gpu_hour": (1.0, 2.0), "requests_per_s": (0.0, 9.0),
    "requests_per_s_per_copy": (0.5, 2.0), "utilisation": (0.4, 0.9), "copies": (1.2, 7.0), "smallest": (1.0, 3.0),
    "peak_copies": (2.0, 9.0), "peak_to_mean": (1.2, 3.0), "autoscaled": (0.0, 1.0), "floor_copies": (1.0, 2.0),
    "gpus_per_copy": (1.0, 8.0), "spare_copies": (0.0, 2.0), "slots": (0.0, 130.0), "batch": (16.0, 64.0),
    "min_replicas": (0.0, 2.0), "spare_replicas": (0.0, 1.0), "first_load": (1.0, 9.0), "first_slots": (3.0, 12.0),
    "last_load": (20.0, 40.0), "last_slots": (45.0, 60.0), "prompt_tokens": (100.0, 800.0), "context_tokens": (500.0, 9_000.0),
    "history_tokens": (0.0, 700.0), "rag_on": (0.0, 1.0), "chunk_tokens": (200.0, 400.0), "compression_x": (1.0, 3.0),
    "reasoning_tokens": (0.0, 500.0), "removed_share": (0.0, 0.5), "numerator": (0.0, 4.0), "denominator": (0.0, 2.0),
    "tokens": (1.0, 500.0), "read_s": (0.01, 0.2), "compute_s": (0.02, 0.1), "power": (2.0, 4.0), "group": (1.0, 8.0),
    "bytes_each": (1e4, 1e7), "memory_share": (0.8, 0.9), "weight_bytes": (1e10, 4e10), "tp": (1.0, 4.0), "pp": (1.0, 2.0),
    "attn_dp": (1.0, 2.0), "sequences": (1.0, 64.0), "prompt_length": (200.0, 3_000.0), "concurrency": (1.0, 128.0),
    "prefix_hit_share": (0.0, 0.5), "requests": (100.0, 3_000.0), "max_batch": (64.0, 512.0),
    "capacity": (0.0, 40.0), "mean_load": (20.0, 60.0), "peak_load": (60.0, 90.0),
}  # fmt: skip
FIXED = {
    "llm": lambda: hardware.llm("llama-3.1-8b"),
    "gpu": lambda: hardware.gpu("H100-SXM"),
    "constants": lambda: FITTED,
    "placement": lambda: Placement(gpus=1.0),
    "weights": lambda: "fp8",
    "kv": lambda: "fp16",
    "client": lambda: None,
    "arrivals": lambda: "closed",
    "costs": lambda: None,
    "rates": lambda: user_rates(
        model="m", input_usd_per_mtok=2.0, output_usd_per_mtok=8.0, cache_read_usd_per_mtok=0.2, as_of=None
    ),
}
# Functions of whole scenarios and of results: evaluate joins them, and its own stack is tested below. One gives words.
JOINED = {
    "choices.pick", "curves.content", "curves.curve", "evaluate.evaluate", "evaluate.join", "evaluate.retrieval_usd_per_month", "fit.why_unfit", "fleets.fleet",
    "fleets.fleet_month", "fleets.gpus", "fleets.paid_usd", "fleets.rent_usd", "fleets.unit_usd", "fleets.unused_usd", "fleets.usd_per_paid_gpu_hour", "headline.result", "lanes.at_batch", "lanes.batches",
    "lanes.curve", "lanes.lane", "lanes.plans", "lanes.promised", "lanes.running", "line_items.line_items",
    "line_items.total_usd", "months.nobody", "months.run",
    "along.path", "along.blocks", "along.months", "along.joined", "along.by_month", "along.slots_at", "growth.power", "growth.unmoved", "along.fixed_usd", "along.once_usd", "along.raised_usd", "along.requests", "along.slots", "along.bought", "along.request_api_usd", "along.acquisition_usd", "along.overhead_usd", "along.api_usd", "along.covered_share", "along.has_units", "along.provisioned_usd",
    "evaluate.evaluate_month_one", "flows.all_flows", "flows.first_flows", "flows.revenue_usd", "headline.fleets_now", "headline.month_one",
    "queueing.rho_max_table", "request.request", "resolve.resolve", "routing.cascade", "routing.route", "runway.runway",
    "schedule.amortised_usd", "schedule.fixed_usd", "schedule.from_one_off", "schedule.never_spread", "schedule.paid_usd", "schedule.payments",
    "schedule.raised_usd", "staffing.slots_needed", "unit_cost.company_usd_per_request", "unit_cost.idle_usd_per_request", "unit_cost.standing_usd", "unit_cost.usd_per_call",
    "workloads.workload_result",
}  # fmt: skip


def public_functions():
    for module in pkgutil.iter_modules(planner.model.__path__):
        loaded = importlib.import_module(f"planner.model.{module.name}")
        for name, function in vars(loaded).items():
            here = inspect.isfunction(function) and function.__module__ == loaded.__name__
            if here and not name.startswith("_"):
                yield f"{module.name}.{name}", function


FUNCTIONS = dict(public_functions())
# The physics below a serving point takes models, GPUs and fitted constants; its two entrances stand for it.
PHYSICS = ("costs", "memory", "runs", "serving", "speed", "step", "traffic")
ENTRANCES = ("serving.serve", "serving.offline_max")
OF_NUMBERS = [
    name
    for name in FUNCTIONS
    if name not in JOINED and (name.partition(".")[0] not in PHYSICS or name in ENTRANCES)
]


def numbers_in(value):
    """Return every number of a result, by name: a result is a number or a value class of numbers."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {"": value}


def test_every_function_of_numbers_is_known_here():
    assert set(FUNCTIONS) >= JOINED
    parameters = {p for name in OF_NUMBERS for p in inspect.signature(FUNCTIONS[name]).parameters}
    assert parameters <= {*VALUES, *FIXED}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_function_of_a_stack_equals_one_plan_at_a_time(name):
    function = FUNCTIONS[name]
    names = list(inspect.signature(function).parameters)
    fixed = {each: FIXED[each]() for each in names if each in FIXED}
    free = [
        each
        for each in names
        if each not in FIXED and not (name.startswith("queueing.rho_max_") and each == "q")
    ]
    if "q" in names and "q" not in free:
        fixed["q"] = 0.95
    rows, columns = free[0::2], free[1::2]
    stacked = {each: np.array(VALUES[each])[:, None] for each in rows} | {
        each: np.array(VALUES[each])[None, :] for each in columns
    }
    together = numbers_in(call(function, names, {**fixed, **stacked}))
    for i, j in itertools.product(range(2), range(2)):
        one = {each: VALUES[each][i] for each in rows} | {each: VALUES[each][j] for each in columns}
        alone = numbers_in(call(function, names, {**fixed, **one}))
        for part, value in alone.items():
            at = np.broadcast_to(together[part], (2, 2))[i, j]
            assert at == pytest.approx(float(np.asarray(value)), rel=TIGHT, nan_ok=True), part


def call(function, names, values):
    """Call with what is positional by position and the rest by name."""
    signature = inspect.signature(function).parameters
    plain = [values[name] for name in names if signature[name].kind is not inspect.Parameter.KEYWORD_ONLY]
    named = {name: values[name] for name in names if signature[name].kind is inspect.Parameter.KEYWORD_ONLY}
    return function(*plain, **named)


RICH = {
    "company": {
        "cash_usd": 3e6, "fixed_costs_usd_per_month": 1e5, "horizon_months": 18, "cac_usd_per_customer": 200.0,
        "funding": [{"month": 9, "amount_usd": 1e6}], "hiring": [{"month": 4, "usd_per_month": 2e4}],
        "one_off": [{"month": 2, "amount_usd": 5e4}, {"month": 1, "amount_usd": 6e3, "amortise_months": 4}],
    },
    "revenue": {"usd_per_customer_per_month": 80.0, "usd_per_request": 0.001, "usd_per_outcome": 0.01, "usd_per_mtok": 0.1},
    "demand": {"customers": 1500.0, "growth_share_per_month": 0.07, "churn_share_per_month": 0.03,
               "expansion_share_per_month": 0.01, "usage_growth_x_per_year": 1.5},
    "decline": {"same_model_price_x_per_year": 1.3, "same_quality_price_x_per_year": 1.1, "gpu_rent_x_per_year": 1.2},
    "deployments": {
        "small": {
            "kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 3.0,
            "reserved_usd_per_gpu_hour": 2.0, "success_share": 0.7, "staff_usd_per_month": 4e3,
            "fine_tuning": {"on": True, "every_months": 6}, "speculative": {"on": True},
        },
        "unused": {
            "kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "L4", "reserved_gpus": 3, "usd_per_gpu_hour": 0.7,
        },
        "owned": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "rent": "owned", "success_share": 0.75},
        "student": {
            "kind": "api", "model": "own", "price": {"input_usd_per_mtok": 0.3, "output_usd_per_mtok": 1.2},
            "distillation": {"on": True, "teacher": "large", "steps": 2},
            "provisioned": {"units": 2, "tokens_per_s_per_unit": 30.0},
        },
        "large": {
            "kind": "api", "model": "own", "success_share": 0.9, "discount_share": 0.1,
            "price": {"input_usd_per_mtok": 2.5, "output_usd_per_mtok": 10.0, "cache_read_usd_per_mtok": 0.25,
                      "cache_write_usd_per_mtok": 3.0},
            "one_off": [{"month": 3, "amount_usd": 9e3, "amortise_months": 12}],
        },
    },
    "workloads": {
        "chat": {
            "requests_per_customer_per_month": 90.0, "requests_per_month": 1e4, "prompt_tokens": 300.0,
            "context_tokens": 5_000.0, "history_tokens": 200.0, "output_tokens": 250.0, "reasoning_tokens": 50.0,
            "rag": {"on": True, "rerank": True, "store_usd_per_month": 100.0, "corpus_mtok": 50.0, "reindex_share_per_month": 0.1},
            "compression": {"on": True}, "output_control": {"on": True, "removed_share": 0.2},
            "cache": {"prefix_hit_share": 0.3, "prefix_write_share": 0.1, "semantic_hit_share": 0.1,
                      "semantic_usd_per_request": 1e-4},
            "routing": {"tiers": ["small", "student", "large"], "share_to_last": 0.3, "share_passed_on": [0.4],
                        "router_usd_per_request": 4e-6, "router_k": 1.8},
            "verifier": {"usd_per_call": 1e-4},
            "outcome": {"value_usd": 1.0, "failure_usd": 2.0, "failure_paid_share": 0.3, "attempts": 2,
                        "attempt_correlation_share": 0.2, "person_share": 0.3},
            "success": {"small": 0.65},
        },
        "reports": {
            "requests_per_month": 5e4, "context_tokens": 20_000.0, "output_tokens": 400.0, "latency_target_s": 60.0,
            "routing": {"tiers": ["owned", "large"], "policy": "cascade"},
            "verifier": {"usd_per_call": 1e-4, "true_accept_share": 0.8, "false_accept_share": 0.2},
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def rich():
    return Scenario.from_table(RICH)


def two_values(field):
    """Return the field's value and another that its declaration allows."""
    spec, now = field.spec, field.value
    if spec.kind == "flag":
        return [now, now if field.path.endswith("distillation.on") and not now else not now]
    if spec.kind == "choice":
        return [now, next(choice for choice in spec.choices if choice != now)]
    if spec.kind == "count":
        return [now, now - 1.0 if now + 1.0 > spec.hi else now + 1.0]
    if spec.kind == "share":
        return [now, 0.5 * now + 0.2]
    return [now, now * 1.25 if now * 1.25 <= spec.hi and now > 0 else min(now + 0.05, spec.hi)]


# The vendor's processing and how a fleet is paid are one choice for all plans of a stack.
ONE_FOR_ALL = ("processing", "rent")
FIELDS = [
    field
    for field in fields(Scenario.from_table(RICH))
    if (field.spec.numeric and field.value is not None)
    or field.spec.kind == "flag"
    or (field.spec.kind == "choice" and field.spec.choices and not field.path.endswith(ONE_FOR_ALL))
]
PAIRS = list(zip(FIELDS[0::2], FIELDS[1::2], strict=False))


def results(result):
    """Yield every number of a result of month 1 and of the months, by name, with months first."""
    yield from result.metrics.items()
    yield "runway_state", result.runway_state
    for name, workload in result.workloads.items():
        yield f"{name}.usd_per_request", workload.usd_per_request
        yield f"{name}.usd_per_outcome", workload.usd_per_outcome
        yield f"{name}.p95_latency_s", workload.p95_latency_s
        yield f"{name}.promise_met", workload.promise_met
    for name, deployment in result.deployments.items():
        yield f"{name}.usd_per_month", deployment.usd_per_month
        yield f"{name}.busy_share", deployment.busy_share
    months = int(result.months.cash_usd.shape[-1])
    yield "months.cash_usd", np.moveaxis(result.months.cash_usd, -1, 0)[min(months, 17) - 1]
    yield "months.cogs_usd", np.moveaxis(result.months.cogs_usd, -1, 0)[min(months, 17) - 1]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda field: field.path)
def test_a_stack_of_plans_equals_one_plan_at_a_time(rich, first, second):
    one, other = two_values(first), two_values(second)
    stack = rich.with_value(first.path, np.array(one)[:, None]).with_value(
        second.path, np.array(other)[None, :]
    )
    together = dict(results(evaluate(stack)))
    for i, j in itertools.product(range(2), range(2)):
        alone = evaluate(rich.with_value(first.path, one[i]).with_value(second.path, other[j]))
        for name, value in results(alone):
            at = np.broadcast_to(together[name], (2, 2))[i, j]
            assert at == pytest.approx(float(value), rel=TIGHT, nan_ok=True), name


def test_a_range_computes_as_its_median(rich):
    ranged = rich.with_value("deployments.large.success_share", Range(0.6, 0.9, family="logit-normal"))
    plain = rich.with_value(
        "deployments.large.success_share", float(ranged.value("deployments.large.success_share"))
    )
    for name, value in evaluate(plain).metrics.items():
        assert float(evaluate(ranged).metrics[name]) == pytest.approx(float(value), nan_ok=True)


SHARES = st.floats(0.0, 1.0)
PLANS = st.fixed_dictionaries(
    {
        "deployments.small.success_share": SHARES,
        "deployments.large.success_share": SHARES,
        "workloads.chat.routing.share_to_last": SHARES,
        "workloads.chat.cache.semantic_hit_share": SHARES,
        "workloads.chat.cache.semantic_wrong_share": SHARES,
        "workloads.chat.cache.prefix_hit_share": SHARES,
        "workloads.chat.cache.prefix_write_share": SHARES,
        "workloads.chat.verifier.true_accept_share": SHARES,
        "workloads.chat.verifier.false_accept_share": SHARES,
        "workloads.chat.outcome.person_share": SHARES,
        "workloads.chat.outcome.attempts": st.integers(1, 9),
        "workloads.chat.rag.on": st.booleans(),
        "workloads.reports.context_tokens": st.floats(0, 150_000),
        "workloads.reports.verifier.true_accept_share": SHARES,
        "workloads.reports.verifier.false_accept_share": SHARES,
        "demand.customers": st.sampled_from([0.0, 1.0, 500.0, 1e6]),
        "demand.churn_share_per_month": st.sampled_from([0.0, 0.02, 1.0]),
        "demand.growth_share_per_month": st.floats(-0.2, 0.4),
        "revenue.usd_per_customer_per_month": st.sampled_from([0.0, 20.0, 2_000.0]),
        "company.cash_usd": st.sampled_from([0.0, 1e5, 1e8]),
        "company.horizon_months": st.sampled_from([1, 7, 24]),
    }
)


def planned(rich, changed):
    for path, value in changed.items():
        rich = rich.with_value(path, value)
    return rich


def test_horizons_in_a_stack_match_horizons_one_by_one(rich):
    horizons = np.array([1.0, 5.0, 12.0, 18.0, 30.0])
    together = evaluate(rich.with_value("company.horizon_months", horizons))
    for i, horizon in enumerate(horizons):
        alone = evaluate(rich.with_value("company.horizon_months", horizon))
        assert int(together.runway_state[i]) == int(alone.runway_state)
        for name, value in alone.metrics.items():
            at = np.broadcast_to(together.metrics[name], horizons.shape)[i]
            assert at == pytest.approx(float(value), rel=TIGHT, nan_ok=True), name


def test_rounds_of_tuning_in_a_stack_match_rounds_one_by_one(rich):
    every = np.array([0.0, 1.0, 4.0, 7.0])
    together = evaluate(
        rich.with_value("deployments.small.fine_tuning.every_months", every)
    ).months.one_off_usd
    for i, months in enumerate(every):
        alone = evaluate(
            rich.with_value("deployments.small.fine_tuning.every_months", months)
        ).months.one_off_usd
        assert together[i] == pytest.approx(alone)


@given(changed=PLANS)
@FEW
def test_nothing_is_infinite_or_missing_without_a_reason(rich, changed):
    result = evaluate(planned(rich, changed))
    values = dict(results(result))
    assert not [name for name, value in values.items() if np.isinf(np.asarray(value, dtype=float)).any()]
    missing = {name for name, value in result.metrics.items() if np.isnan(value).any()}
    assert missing == set(result.reasons)
    assert all(result.reasons.values())


@given(changed=PLANS)
@FEW
def test_success_is_a_probability(rich, changed):
    result = evaluate(planned(rich, changed))
    for workload in result.workloads.values():
        assert 0.0 <= workload.success_share <= 1.0
        assert all(0.0 <= tier.success_share <= 1.0 for tier in workload.tiers.values())


@given(changed=PLANS)
@FEW
def test_the_line_items_sum_to_the_gross_burn(rich, changed):
    result = evaluate(planned(rich, changed))
    total = sum(item.usd_per_month for item in result.line_items)
    assert total == pytest.approx(float(result.metrics["gross_burn_usd_per_month"]), rel=TIGHT, abs=1e-6)


@given(changed=PLANS)
@FEW
def test_what_requests_cost_is_the_cost_of_serving_them(rich, changed):
    scenario = planned(rich, changed)
    result = evaluate(scenario)
    total = 0.0
    for name, workload in result.workloads.items():
        outcome = scenario.workloads[name].outcome
        failing = (1 - workload.success_share) * outcome.failure_usd * outcome.failure_paid_share
        total += workload.requests_per_month * (workload.usd_per_request + failing)
    people = sum(item.usd_per_month for item in result.line_items if item.name == "people")
    if all(workload.requests_per_month > 0 for workload in result.workloads.values()):
        assert total + people == pytest.approx(result.months.cogs_usd[0], rel=TIGHT)


@given(customers=st.floats(1, 1e6), spares=st.integers(0, 5))
@FEW
def test_autoscaling_never_costs_more_and_spares_always_cost_their_rent(rich, customers, spares):
    plan = rich.with_value("demand.customers", customers)
    fixed, scaled = (
        evaluate(plan.with_value("deployments.small.autoscale", on)).deployments["small"].usd_per_month
        for on in (False, True)
    )
    assert scaled <= fixed
    spared = (
        evaluate(plan.with_value("deployments.small.spare_replicas", spares))
        .deployments["small"]
        .usd_per_month
    )
    assert spared - fixed == pytest.approx(spares * 3.0 * 730)


@given(changed=PLANS)
@FEW
def test_no_line_item_is_negative(rich, changed):
    assert all(item.usd_per_month >= 0 for item in evaluate(planned(rich, changed)).line_items)


@given(changed=PLANS)
@FEW
def test_the_runway_agrees_with_the_cash_of_each_month(rich, changed):
    result = evaluate(planned(rich, changed))
    cash, burn = result.months.cash_usd, result.months.net_burn_usd
    gone = np.flatnonzero((cash <= 0) & (burn > 0))
    state = STATES[int(result.runway_state)]
    if gone.size:
        assert state == "cash_out"
        assert gone[0] <= result.metrics["runway_months"] <= gone[0] + 1
    else:
        assert np.isnan(result.metrics["runway_months"])
        assert state == ("self_sustaining" if burn[-1] <= 0 else "beyond_horizon")


@given(changed=PLANS)
@FEW
def test_cash_is_what_was_there_plus_raises_less_burn(rich, changed):
    scenario = planned(rich, changed)
    months = evaluate(scenario).months
    flows = scenario.company.cash_usd + np.cumsum(months.funding_usd - months.net_burn_usd)
    assert months.cash_usd == pytest.approx(flows, rel=1e-9, abs=1e-3)


TOKEN_FIELDS = [
    "workloads.chat.prompt_tokens", "workloads.chat.history_tokens", "workloads.chat.output_tokens",
    "workloads.chat.reasoning_tokens", "workloads.chat.rag.chunk_tokens", "workloads.reports.context_tokens",
    "workloads.reports.output_tokens",
]  # fmt: skip


@given(path=st.sampled_from(TOKEN_FIELDS), more=st.floats(1.0, 3.0))
@FEW
def test_more_tokens_never_cost_less_to_call_an_api(rich, path, more):
    longer = evaluate(rich.with_value(path, rich.value(path) * more))
    shorter = evaluate(rich)
    name = path.split(".")[1]
    before, after = (each.workloads[name].tiers["large"].usd_per_call for each in (shorter, longer))
    assert after >= before * (1 - TIGHT)


@given(path=st.sampled_from(TOKEN_FIELDS), more=st.floats(1.0, 3.0))
@FEW
def test_more_tokens_never_take_fewer_gpus(rich, path, more):
    same = rich.with_value("workloads.chat.outcome.attempts", 1).with_value("workloads.chat.latency", "none")
    same = same.with_value("workloads.reports.routing.policy", "route").with_value(
        "workloads.reports.latency", "none"
    )
    longer = same.with_value(path, same.value(path) * more)
    assert evaluate(longer).metrics["gpus"] >= evaluate(same).metrics["gpus"]


@given(more=st.floats(1.0, 1e4))
@FEW
def test_more_customers_never_cost_less(rich, more):
    grown = evaluate(rich.with_value("demand.customers", 1500.0 * more)).metrics
    assert grown["gross_burn_usd_per_month"] >= evaluate(rich).metrics["gross_burn_usd_per_month"]


@given(share=SHARES, failure=st.floats(0, 50))
@FEW
def test_the_break_even_failure_makes_both_tiers_cost_the_same(rich, share, failure):
    result = evaluate(rich.with_value("workloads.chat.routing.share_to_last", share))
    tiers = result.workloads["chat"].tiers
    limit = result.workloads["chat"].break_even_failure_usd["student to large"]
    if not np.isnan(limit):
        cheap, dear = (
            tiers[name].usd_per_call + (1 - tiers[name].success_share) * limit
            for name in ("student", "large")
        )
        assert cheap == pytest.approx(float(dear), rel=1e-9)


HOSTED = {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 3.0}
ODD_PLANS = {
    "model-too-large": ({"model": "llama-3.1-405b"}, {}),
    "prompt-too-long": ({}, {"context_tokens": 2e7}),
    "promise-too-short": ({}, {"latency_target_s": 0.01}),
    "no-answer": ({}, {"output_tokens": 0}),
    "no-tokens": ({}, {"output_tokens": 0, "context_tokens": 0}),
    "a-trillion-requests": ({}, {"requests_per_month": 1e12}),
    "hardly-a-request": ({}, {"requests_per_month": 1e-9}),
    "no-request-no-floor": ({"min_replicas": 0}, {"requests_per_month": 0}),
    "nothing-varies": ({}, {"interarrival_cv2": 0, "answer_length_cv2": 0}),
    "steep-peak": ({}, {"peak_to_mean": 1000}),
    "all-from-the-cache": ({}, {"cache": {"prefix_hit_share": 1.0, "semantic_hit_share": 1.0}}),
}


@pytest.mark.parametrize("name", ODD_PLANS)
def test_odd_plans_on_own_gpus_give_numbers_or_reasons_and_no_infinity(name):
    deployment, workload = ODD_PLANS[name]
    table = {
        "deployments": {"own": HOSTED | deployment},
        "workloads": {"ask": {"requests_per_month": 1e6, "routing": {"tiers": ["own"]}} | workload},
    }
    result = evaluate(Scenario.from_table(table))
    assert not [
        key for key, value in dict(results(result)).items() if np.isinf(np.asarray(value, dtype=float)).any()
    ]
    assert {key for key, value in result.metrics.items() if np.isnan(value).any()} == set(result.reasons)
    assert not [words for words in result.warnings if "inf" in words.split() or "nan" in words.split()]


def ranged():
    """Return RICH with every number that is neither counted nor empty as a narrow range around itself."""
    scenario = Scenario.from_table(RICH)
    for field in fields(scenario):
        whole = field.spec.kind == "count" or field.value is None or not field.spec.numeric
        low = 0.0 if whole else float(field.value) * 0.98
        if whole or not field.spec.lo < low < float(field.value) * 1.02 < field.spec.hi:
            continue
        scenario = scenario.with_value(field.path, f"{low} to {float(field.value) * 1.02}")
    return scenario


def values_in(found):
    if dataclasses.is_dataclass(found):
        return [one for each in dataclasses.fields(found) for one in values_in(getattr(found, each.name))]
    if isinstance(found, dict):
        return [one for each in found.values() for one in values_in(each)]
    return [found]


def test_a_result_holds_numbers_and_never_the_words_of_a_range():
    plan = ranged()
    assert sum(isinstance(field.value, Range) for field in fields(plan)) > 50
    result = evaluate(plan)
    parts = [*result.line_items, result.workloads, result.deployments, result.metrics]
    assert not [one for part in parts for one in values_in(part) if isinstance(one, Range)]


def test_a_fleet_is_as_fast_as_the_serving_model_says():
    own = {
        "kind": "self-hosted",
        "model": "llama-3.3-70b",
        "gpu": "H100-SXM",
        "tensor_parallel": 4,
        "weights": "fp8",
    }
    ask = {
        "requests_per_month": 9e7,
        "context_tokens": 1155,
        "output_tokens": 211,
        "routing": {"tiers": ["own"]},
    }
    found = evaluate(
        Scenario.from_table({"deployments": {"own": own}, "workloads": {"ask": ask}})
    ).deployments["own"]
    point = serve(
        llm=hardware.llm("llama-3.3-70b"), gpu=hardware.gpu("H100-SXM"),
        placement=Placement(gpus=4.0, tp=4.0, weights="fp8", kv="fp16", engine="vllm"), input_tokens=1155, output_tokens=211,
        concurrency=float(found.batch["ask"]),
    )  # fmt: skip
    carried_share = 9e7 / (730 * 3600) / float(found.replicas * point.requests_per_s)
    assert float(found.busy_share) == pytest.approx(carried_share)
