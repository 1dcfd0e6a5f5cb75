import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from plans import CHAT, busy, chat, shipped

from planner.analysis.draws import draw
from planner.files import load
from planner.model import STATES, evaluate, time_spread
from planner.model.joining import join, stages
from planner.model.kept import Kept
from planner.model.serving import batch_choice, batch_curves, latency, places
from planner.schema import Scenario, fields, replaced_many

sys.path.append(str(Path(__file__).parent / "benchmarks"))
import month_by_month
import segments_month_by_month

SAVED = [path for path in shipped() if path.parent.name == "saved"]


def scenarios():
    yield chat()
    yield chat(deployments__small__rent="owned", deployments__small__autoscale=True)
    yield chat(workloads__chat__requests_per_month=1e5, demand__expansion_share_per_month=0.02).with_value(
        "decline.same_model_price_x_per_year", "1.1 to 2.5"
    )
    for path in SAVED:
        scenario = load(path).scenario
        if not (scenario.segments or scenario.change):  # the plain loop knows one kind of customer, one epoch
            yield scenario


@pytest.mark.parametrize("scenario", list(scenarios()), ids=lambda each: each.title.split()[0])
def test_the_months_equal_a_plain_loop(scenario):
    samples = draw(scenario, n=32)
    count = int(np.max(scenario.company.horizon_months))
    plain = month_by_month.months(join(samples), count)
    result = evaluate(samples)
    scale = np.abs(plain["gross_burn_usd"]).max() + np.abs(plain["revenue_usd"]).max()
    for name, values in plain.items():
        fast = np.broadcast_to(np.moveaxis(getattr(result.months, name), -1, 0), values.shape)
        assert fast == pytest.approx(values, rel=1e-12, abs=1e-12 * scale), name
    expected = month_by_month.runway(plain, scenario.company.cash_usd)
    assert np.broadcast_to(result.metrics["runway_months"], expected.shape) == pytest.approx(
        expected, rel=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("n", [1, 7, 700, 9000])
def test_the_cash_while_it_runs_is_the_cash_of_the_plan(n):
    seen = []
    result = evaluate(draw(chat(), n=n), lambda _month, cash: seen.append(np.array(cash)))
    whole = np.moveaxis(result.months.cash_usd, -1, 0)
    assert len(seen) == len(whole)
    for month, cash in enumerate(seen):
        assert np.broadcast_to(cash, whole[month].shape) == pytest.approx(whole[month], rel=1e-11, abs=1e-4)


def test_plans_of_different_length_end_the_same_alone_and_in_a_large_stack():
    table = tomllib.loads(CHAT)
    table["company"] |= {"cash_usd": 1e8, "one_off": [{"month": 13, "amount_usd": 9e6, "label": "office"}]}
    table["demand"] |= {"growth_share_per_month": 0.1, "churn_share_per_month": 0.0}
    table["revenue"]["usd_per_customer_per_month"] = 900
    plan, lengths = Scenario.from_table(table), (12.0, 13.0, 36.0)
    many = plan.with_value("demand.growth_share_per_month", np.full(18_000, 0.1))
    together = evaluate(many.with_value("company.horizon_months", np.repeat(lengths, 6000)))
    alone = [evaluate(plan.with_value("company.horizon_months", months)).runway_state for months in lengths]
    assert [STATES[int(each)] for each in alone] == ["self_sustaining", "beyond_horizon", "self_sustaining"]
    assert together.runway_state[::6000].tolist() == [int(each) for each in alone]


HITS = "workloads.chat.cache.prefix_hit_share"


def test_a_curve_that_is_kept_is_that_of_the_same_numbers_only():
    kept, plan = Kept(most=4, most_bytes=2**23), chat()
    given = join(plan.with_value(HITS, np.linspace(0.1, 0.5, 9)))
    hosted, lengths = given.resolved.hosted["small"], (4_000.0, 250.0, np.linspace(0.1, 0.5, 9))
    asked = (hosted.llm, hosted.gpu, hosted.placement, lengths, (64.0, 1.0, 1.0, 1.0))

    def curve():
        return kept.found(asked, lambda: batch_curves.served(*asked))

    first = curve()
    assert curve() is first
    lengths[2][0] = 0.9  # the same memory with other numbers in it
    assert curve() is not first
    assert curve().slot_s == pytest.approx(batch_curves.served(*asked).slot_s, rel=0)
    lengths[2][0] = 0.1
    assert curve() is first
    with pytest.raises(ValueError, match="read-only"):
        first.slot_s[0] = 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {HITS: 0.3}, {"deployments.small.weights": "int4"}, {"deployments.small.gpu": "L40S"},
        {"deployments.small.model": "mistral-7b"}, {"workloads.chat.context_tokens": 4_001.0},
        {"deployments.small.calibration.tpot_x": 1.1}, {"deployments.small.max_concurrency": 8.0},
        {"deployments.small.speculative.on": True}, {"deployments.small.tensor_parallel": 2.0},
        {"workloads.chat.latency_target_s": 3.0}, {"workloads.chat.latency_percentile": "p99"},
        {"workloads.chat.latency": "first-token"}, {"workloads.chat.output_cv": 1.4}, {"workloads.chat.prompt_cv": 0.7},
        {"workloads.chat.interarrival_cv2": 3.0}, {"workloads.chat.batch_utilisation_share": 0.5},
        {"workloads.chat.peak_to_mean": 3.0}, {"demand.customers": 31.0},
    ],
)  # fmt: skip
def test_an_edit_of_what_serves_finds_no_old_curve(changes):
    slow, fast = chat(), chat()
    for path, value in changes.items():
        evaluate(fast)
        fast, slow = fast.with_value(path, value), slow.with_value(path, value)
    after = evaluate(fast)
    for module in (batch_curves, batch_choice, places, latency, time_spread):
        module._KEPT = Kept(most=4, most_bytes=2**23)
    fresh = evaluate(slow)
    assert {k: float(v) for k, v in after.metrics.items()} == pytest.approx(
        {k: float(v) for k, v in fresh.metrics.items()}, rel=0, abs=0, nan_ok=True
    )


def test_what_is_kept_stays_within_its_bytes_and_the_oldest_goes_first():
    kept, asked = Kept(most=9, most_bytes=200), []

    def made(name, size):
        return kept.found(name, lambda: asked.append(name) or np.zeros(size))

    for name, size in (
        ("a", 10),
        ("b", 10),
        ("a", 10),
        ("c", 10),
        ("a", 10),
        ("b", 10),
        ("large", 99),
        ("large", 99),
    ):
        made(name, size)
    assert asked == ["a", "b", "c", "b", "large", "large"]


def test_a_load_beyond_the_largest_batch_that_may_run_is_read_off_all_batch_sizes():
    given = join(chat(deployments__small__max_concurrency=8.0))
    short = given.batches["chat", "small"].curve
    hosted, request = given.resolved.hosted["small"], given.requests["chat"]
    lengths = (request.input_per_call, request.output_per_call, 0.4)
    setting = (hosted.llm, hosted.gpu, hosted.placement, lengths, (8.0, 1.0, 1.0, 1.0))
    few, every = batch_curves.curve(*setting), batch_curves.curve(*setting, sizes=batch_choice.BATCHES.size)
    assert few.batch.size < every.batch.size == batch_choice.BATCHES.size
    assert short.batch.max() == few.batch.max() == 8.0
    for calls_per_s in (0.1, 1.0, 1e3):
        one, other = (batch_choice.running(each, calls_per_s=calls_per_s) for each in (few, every))
        assert vars(one) == vars(other)


def test_curves_of_many_plans_computed_some_batch_sizes_at_a_time_are_those_of_few_plans():
    drawn = draw(chat().with_value(HITS, "0.2 to 0.6"), n=8_192)
    assert batch_choice.batches().size > batch_curves.AT_ONCE // 8_192
    whole = np.broadcast_to(evaluate(drawn).metrics["usd_per_request"], (8_192,))
    for part in (slice(0, 64), slice(4_000, 4_064)):
        stacks = {each.path: each.value for each in fields(drawn) if isinstance(each.value, np.ndarray)}
        few = replaced_many(drawn, {path: values[part] for path, values in stacks.items()})
        assert evaluate(few).metrics["usd_per_request"] == pytest.approx(whole[part], rel=1e-12)


def test_segments_over_changes_are_what_a_plain_loop_of_their_months_gives():
    drawn = draw(busy(), n=8)
    plain = segments_month_by_month.months(stages(drawn, 36), 36)
    found = evaluate(drawn).months
    for name, values in plain.items():
        flow = np.moveaxis(np.broadcast_to(getattr(found, name), (8, 36)), -1, 0)
        assert flow == pytest.approx(values, rel=1e-9), name
