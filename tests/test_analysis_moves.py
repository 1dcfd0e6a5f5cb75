import pytest
from plans import chat

from planner.analysis.levers import settings
from planner.analysis.moves import moves
from planner.files import load
from planner.model import evaluate
from planner.schema import replaced_many


@pytest.fixture(scope="module")
def found():
    return moves(chat())


def single(found, words):
    return next(each for each in found.singles if each.words == words)


def whole_usd(scenario):
    result = evaluate(scenario)
    volume = sum(float(each.requests_per_month) for each in result.workloads.values())
    return float(result.metrics["usd_per_outcome"] * result.metrics["success_share"]) * volume


def test_each_lever_is_tried_at_settings_other_than_the_present():
    tried = settings(chat())
    assert len({each.words for each in tried}) == len(tried)
    for each in tried:
        assert chat().value(each.path) != each.changes[each.path]
    words = {each.words for each in tried}
    assert {"chat: RAG off", "chat: Chunks 4", "small: Weights int4", "chat: frontier answers alone"} <= words


def test_a_move_saves_what_the_changed_plan_costs_less(found):
    for move in (*found.singles, *found.pairs):
        if not move.feasible:
            continue
        changes = {path: value for each in move.settings for path, value in each.changes.items()}
        expected = whole_usd(chat()) - whole_usd(replaced_many(chat(), changes))
        assert move.saves_usd_per_month == pytest.approx(expected, rel=1e-6, abs=1e-4)


def test_moves_stand_in_the_order_of_their_savings(found):
    saved = [each.saves_usd_per_month for each in found.ranked()]
    assert saved == sorted(saved, reverse=True)
    gained = [each.runway_gained_months for each in found.ranked("runway_gained_months")]
    assert gained == sorted(gained, reverse=True)


def test_a_move_pays_until_failures_cost_its_break_even(found):
    cheap = single(found, "chat: small answers alone")
    assert cheap.success_gained_share < 0
    assert cheap.break_even_failure_usd > 0
    at = chat(workloads__chat__outcome__failure_usd=cheap.break_even_failure_usd)
    again = single(moves(at, paired=0), "chat: small answers alone")
    assert again.saves_usd_per_month == pytest.approx(0.0, abs=1e-6 * whole_usd(at))
    assert "makes no difference" in again.effect


def test_a_move_that_cuts_the_bill_and_costs_more_is_a_trap():
    dear = moves(chat(workloads__chat__outcome__failure_usd=20.0), paired=0)
    trap = single(dear, "chat: small answers alone")
    assert trap.verdict == "trap"
    assert trap.serving_cut_usd_per_month > 0 > trap.saves_usd_per_month
    assert "once a failure costs over $" in trap.effect


def test_a_move_that_breaks_the_promise_is_said_to_be_so(found):
    tight = moves(chat(workloads__chat__latency_target_s=3.0), paired=0)
    broken = single(tight, "chat: Latency target 1.5 s")
    assert not broken.feasible
    assert broken.effect == "breaks a promise"
    assert broken not in tight.ranked()


def test_another_gpu_is_paid_at_its_own_rent():
    gpu = next(
        each for each in settings(chat()) if each.words == "small: GPU A100-SXM-80G" or "A100" in each.words
    )
    assert gpu.changes["deployments.small.usd_per_gpu_hour"] is None


def test_one_off_spend_is_told_apart_from_what_a_move_saves(found):
    tuned = single(found, "small: Fine-tuned on")
    assert tuned.one_off_usd == pytest.approx(500.0)
    assert tuned.success_gained_share > 0


def test_pairs_change_two_fields(found):
    assert found.pairs
    for pair in found.pairs:
        assert len({each.path for each in pair.settings}) == 2
    best = found.ranked()[0]
    assert best.saves_usd_per_month >= found.singles[0].saves_usd_per_month


def test_a_move_says_which_defaults_its_effect_rests_on(chat):
    found = {each.words: each for each in moves(chat).singles}
    assert found["chat: RAG on"].assumes == (
        "recall of 1 chunk 45.0%", "recall of 8 chunks 85.0%", "success without it 40.0%",
        "misses that it mends 30.0%",
    )  # fmt: skip
    measured = chat.with_value("workloads.chat.rag.recall_at_1_share", 0.5)
    assert len({each.words: each for each in moves(measured).singles}["chat: RAG on"].assumes) == 3
    assert all(not each.assumes for each in found.values() if "answers alone" in each.words)


def test_a_runway_beyond_the_horizon_is_marked_as_counted_up_to_it_only(root):
    plan = load(root / "saved" / "support-copilot.toml").scenario
    found = moves(plan)
    assert found.base["runway_months"] < plan.company.horizon_months
    assert any(each.runway_lasts for each in found.singles)
    for each in found.singles:
        assert each.runway_lasts == (each.metrics["runway_months"] == plan.company.horizon_months)
