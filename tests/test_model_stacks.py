"""Many plans in one stack give what each gives alone: every function of numbers, and the whole model."""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil

import numpy as np
import pytest
from rich_plan import RICH, results

import planner.model
from planner.catalog import hardware
from planner.catalog.api_rates import user_rates
from planner.catalog.fitted import FITTED
from planner.model import evaluate
from planner.model.serving.serving_speed import Placement
from planner.schema import Scenario, fields

TIGHT = 1e-9

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
    "steps": (1.0, 3.0), "base": (0.2, 0.9), "share": (0.1, 0.8), "k": (1.0, 3.0),
    "log_servers": (1.1, 4.5), "log_wait": (-1.5, 1.0), "log_patience": (-1.5, 1.0),
    "servers": (3.0, 90.0), "load": (1.0, 2.5), "x": (0.5, 40.0), "rho": (0.3, 0.9), "ca2": (1.0, 6.0), "cs2": (0.5, 2.0),
    "wait_over_service": (0.1, 3.0), "q": (0.95, 0.95), "percentile": (0.9, 0.99), "slot_s": (1.0, 9.0),
    "gpu_usd": (2e4, 4e4), "network_share": (0.1, 0.2), "capex_usd": (2e4, 5e4), "residual_share": (0.1, 0.3),
    "life_years": (3.0, 5.0), "kw_per_gpu": (0.7, 1.2), "site_power_ratio": (1.1, 1.5), "usd_per_kwh": (0.05, 0.2),
    "colocation_usd_per_kw_month": (100.0, 250.0), "gpus": (3.0, 9.0), "beyond_reserved": (0.0, 5.0), "reserved_gpus": (0.0, 6.0),
    "per_hour": (0.0, 0.2), "lost_s": (60.0, 900.0), "usd_per_gpu_hour": (2.0, 4.0), "reserved_usd_per_gpu_hour": (1.0, 2.0),
    "slots": (0.0, 130.0), "batch": (16.0, 64.0),
    "min_replicas": (0.0, 2.0), "spare_replicas": (0.0, 1.0), "first_load": (1.0, 9.0), "first_slots": (3.0, 12.0),
    "last_load": (20.0, 40.0), "last_slots": (45.0, 60.0), "prompt_tokens": (100.0, 800.0), "context_tokens": (500.0, 9_000.0),
    "history_tokens": (0.0, 700.0), "rag_on": (0.0, 1.0), "chunk_tokens": (200.0, 400.0), "compression_x": (1.0, 3.0),
    "reasoning_tokens": (0.0, 500.0), "removed_share": (0.0, 0.5), "numerator": (0.0, 4.0), "denominator": (0.0, 2.0),
    "concurrency": (1.0, 128.0),
    "prefix_hit_share": (0.0, 0.5), "requests": (100.0, 3_000.0), "waves": (3.0, 10.0), "length_cv": (0.0, 0.6), "burst_read_x": (0.2, 1.0),
    "prompt_cv": (0.0, 0.7), "cv": (0.0, 0.8), "mean": (1e5, 3e5), "start": (1e5, 2e5), "z": (-1.0, 2.0),
    "peak_per_minute": (1_000.0, 9_000.0), "unit_per_minute": (40.0, 300.0), "least": (0.0, 15.0), "step": (1.0, 5.0),
    "wanted": (0.0, 36.0), "width_px": (300.0, 3_000.0), "height_px": (380.0, 1_000.0), "tile": (140.0, 170.0), "open_share": (1.0, 0.4), "capacity": (0.0, 40.0), "mean_load": (20.0, 60.0), "peak_load": (60.0, 90.0),
}  # fmt: skip
FIXED = {
    "llm": lambda: hardware.llm("llama-3.1-8b"),
    "gpu": lambda: hardware.gpu("H100-SXM"),
    "constants": lambda: FITTED,
    "placement": lambda: Placement(gpus=1.0),
    "client": lambda: None,
    "costs": lambda: None,
    "meters": lambda: None,
    "rates": lambda: user_rates(
        model="m", input_usd_per_mtok=2.0, output_usd_per_mtok=8.0, cache_read_usd_per_mtok=0.2, as_of=None
    ),
}
# What takes no numbers alone, by why; the stack of whole plans below goes through all of them.
NOT_OF_NUMBERS_ALONE = {
    "takes segments, ages, tiers or terms, whole plans of which test_segments.py and test_settlement.py stack": """
        month_lines.month_lines month_lines.deployments_usd ages.leaving ages.a_month_later ages.joined ages.of_ages ages.months_there ages.moves_on
        asked.with_started cash_flows.later_usd cash_flows.seats_usd cash_flows.customers
        customer_value.mean_of_segments overheads.charges_usd overheads.new_customers_usd
        price_tiers.graduated_usd price_tiers.volume_usd price_tiers.package_usd
        segment_summary.segment_results segments.all_segments segments.leaving_of segments.use_of
        segments.use_by_tenth segments.credits_usd segments.by_tenth settlement.earns_interest settlement.interest_usd
        use_price.quantity use_price.charged_usd use_spread.beyond_share settlement.settles_later settlement.seat_price_share settlement.prepaid_share
        settlement.years_paid_ahead settlement.paid_after settlement.credits_used settlement.settled
        use_spread.capped_use use_spread.overage use_spread.by_tenth use_spread.beyond_share segments.credits_usd segments.by_tenth
        settlement.earns_interest settlement.interest_usd use_price.quantity use_price.charged_usd""",
    "takes a whole scenario": """
        evaluate.evaluate evaluate.evaluate_month_one running_both.with_both_paid running_both.both_payments month_at_hand.epoch_of month_at_hand.month_at_hand month_at_hand.first_month joining.join joining.stages own_gpus.own_gpus
        own_gpus.batches_in_epochs own_gpus.places_in_epochs own_gpus.with_layouts own_gpus.searches offer.request_revenue_usd month_at_hand.sessions_of epochs.epochs resolve.resolve resolve.check_meters base_success.base_success
        monthly_factors.monthly_factors volumes.requests_in volumes.own_requests_in volumes.first_month_requests volumes.last_month_requests asked.asked
        payments.borne_by_unit_cost""",
    "takes a section of a scenario": """
        rent_terms.rent_terms request.request payments.of_changes request.session_of request.prompt_tokens session_cost.session session_cost.hour_share session_cost.calls_of quality.kept_of_cuts quality.kept_of_helpers
        joining.at_its_hours meters.per_call meters.with_own_gpus request.retrieval_usd_per_month payments.from_one_off
        payments.never_spread payments.payments payments.fixed_usd payments.raised_usd payments.planned_usd
        batch_choice.choose_batch batch_choice.running
        fleets.fleet fleets.unused_usd latency.api_times latency.own_gpu_times latency.workload_latency
        answer_spread.promise_of answer_spread.answer_cv2 answer_spread.promised_percentile answer_spread.late_answer_x answer_spread.late_prompt_x""",
    "takes a business and some of its months": """
        months.run month_blocks.blocks month_blocks.one_block month_blocks.with_ends month_blocks.by_month cash_flows.all_flows
        cash_flows.first_flows cash_flows.of_block cash_flows.money_of_block cash_flows.fleet_flows cash_flows.revenue_usd customer_value.gross_profit_usd volumes.requests volumes.own_requests volumes.places
        volumes.places_by_growth overheads.fixed_usd overheads.once_usd overheads.revenue_cost_share
        overheads.charge_usd overheads.revenue_cost_usd overheads.raised_usd overheads.planned_usd
        overheads.standing_usd api_bill.billed api_bill.request_usd api_bill.tier_usd api_bill.pass_usd
        api_bill.refused_share api_bill.by_token_usd api_bill.units_worth_usd api_bill.paid_share api_bill.carried api_bill.pool_loads
        api_bill.metered_per_pass_usd api_bill.metered_lines_usd api_bill.units_usd api_bill.calls_usd
        api_bill.missing_usd api_bill.load_usd api_bill.anyway_usd""",
    "takes what is agreed with a vendor, whole plans of which test_commitments.py stacks": """
        api_terms.api_terms api_terms.agreed_rates unit_load.unit_load unit_load.metered
        unit_load.counted picture_tokens.picture_tokens vendor_limits.limit_results provisioned.units_there
        provisioned.pool_usd price_tiers.metered_usd""",
    "takes month 1 of a business": """
        api_bill.billed_in
        unit_cost.shared_costs unit_cost.usd_per_call unit_cost.company_usd_per_request
        workload_summary.workload_results deployment_summary.deployment_results line_items.line_items
        headline.company_metrics headline.request_metrics headline.run_metrics""",
    "takes a list of payments, loads, tiers or line items": """
        payments.paid_usd payments.amortised_usd places.places_needed places.places_wanted routing.cascade routing.route
        line_items.total_usd""",
    "takes a session, which test_session.py stacks": """
        session.bands session.first_bands session.later_bands session_sums.expected_bands session_cost.session_usd
        pass_cost.pass_usd session_calls.session_calls idle_sessions.kept_share session_meters.kept_meters session_meters.kept_usd later_calls.fixed later_calls.evenly later_calls.where later_calls.lognormal""",
    "takes what demand reacts to, which test_reactions.py stacks": """
        reactions.reacts reactions.times reactions.reacted reactions.allowance reacting.reacting_stages offer.offer
        reacting.slowest_s""",
    "takes a fleet": """
        fleets.fleet_month fleets.gpus fleets.gpus_at fleets.fleet_hours month_at_hand.fleet_hours fleets.in_months
        fleets.places_busy fleets.idle""",
    "takes months, one axis of which is time": "runway.runway runway.needed_raise_month month_blocks.joined",
    "has an axis of batch sizes, or is asked how one is laid out": """
        batch_choice.at_batch batch_choice.batches batch_choice.curve batch_choice.plans batch_curves.curve batch_curves.served
        measured_loads.factors layouts.layouts layouts.laid_out layouts.fewest_gpus
        held_prefixes.curve held_prefixes.pause_s""",
    "takes a function, or a fleet and its GPUs": "hours.following_gpus hours.starting fleets.rented_usd",
    "takes a load through the hours, or workloads, which test_hours.py stacks": """
        joining.at_its_hours week_hours.profile_of week_hours.share_between week_hours.own_peak week_hours.week_hours week_hours.summed week_hours.load_in_hours
        week_hours.mean_of week_hours.rising_to week_hours.hourly_loads week_hours.busiest week_hours.at_busiest
        provisioned.carried_in_hours volumes.parts_of_load volumes.put_together""",
    "takes or gives ways that a time may go, see test_latency": """
        time_spread.repeated time_spread.together outcomes.tries waiting.waits_and_mean_s""",
    "gives no number": """
        latency.late_words latency.percentile_name
        session_cost.price_steps api_terms.term_notes api_cost.lengthens api_limits.api_warnings why_unfit.why_unfit why_unfit.broken_promise why_unfit.beyond_context split_notes.split_notes headline.raise_needed headline.reasons months.nobody growth.unmoved kept.content kept.sealed_bytes""",
    "takes a count that is the same for all plans": "growth.power",
    "makes a table once": "queueing.rho_max_table",
}
JOINED = {name for names in NOT_OF_NUMBERS_ALONE.values() for name in names.split()}


def public_functions():
    for module in pkgutil.walk_packages(planner.model.__path__, "planner.model."):
        loaded = importlib.import_module(module.name)
        for name, function in vars(loaded).items():
            here = inspect.isfunction(function) and function.__module__ == loaded.__name__
            if here and not name.startswith("_"):
                yield f"{module.name.rpartition('.')[2]}.{name}", function


FUNCTIONS = dict(public_functions())
# The physics below a serving point takes models, GPUs and fitted constants; its two entrances stand for it.
PHYSICS = (
    "step_costs", "memory", "benchmark_runs", "serving_speed", "speed", "step", "gpu_traffic", "launches", "room", "regimes",
    "split_pools", "cache_reuse",
)  # fmt: skip
ENTRANCES = ("serving_speed.serve", "serving_speed.offline_max")
OF_NUMBERS = [
    name
    for name in FUNCTIONS
    if name not in JOINED and (name.partition(".")[0] not in PHYSICS or name in ENTRANCES)
]


def numbers_in(value):
    """Return every number of a result, by name: a result is a number or a value class of numbers."""
    if dataclasses.is_dataclass(value):
        return {
            f"{field.name} {part}".strip(): number
            for field in dataclasses.fields(value)
            if field.name != "meters_usd"
            for part, number in numbers_in(getattr(value, field.name)).items()
        }
    if isinstance(value, tuple):
        return {str(place): item for place, item in enumerate(value)}
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
NEEDS_SEGMENTS = "reactions.becoming_to_allowance"
FIELDS = [
    field
    for field in fields(Scenario.from_table(RICH))
    if (field.spec.numeric and field.value is not None and field.path != NEEDS_SEGMENTS)
    or field.spec.kind == "flag"
    or (field.spec.kind == "choice" and field.spec.choices and not field.path.endswith(ONE_FOR_ALL))
]
PAIRS = list(zip(FIELDS[0::2], FIELDS[1::2], strict=False))


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
