"""What the recommended moves say, held against the plans that they make."""

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import big_plan
import numpy as np
import pytest
from conftest import CHAT
from plans import chat
from rich_plan import RICH

from planner.analysis.moves import moves, settings, under_headings
from planner.analysis.moves.shift import shift, standing
from planner.analysis.moves.trials import month_one, settled, trials
from planner.errors import ScenarioError
from planner.files import load
from planner.model import evaluate, evaluate_month_one
from planner.schema import Scenario, replaced_many
from planner.schema.cross import cross_problems

MANY = {
    "company": {"cash_usd": 6e6, "fixed_costs_usd_per_month": 1e5, "horizon_months": 12},
    "demand": {"customers": 2000.0, "growth_share_per_month": "0.01 to 0.05"},
    "revenue": {"usd_per_customer_per_month": 30.0},
    "deployments": {
        "cheap": {"kind": "api", "model": "own", "success_share": "0.6 to 0.7",
                  "price": {"input_usd_per_mtok": 0.2, "output_usd_per_mtok": 0.8}},
        "dear": {"kind": "api", "model": "own", "success_share": 0.9,
                 "price": {"input_usd_per_mtok": 3.0, "output_usd_per_mtok": 12.0}},
        "own": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 2.5,
                "success_share": 0.72},
        "spare": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "L4", "usd_per_gpu_hour": 0.8, "success_share": 0.65},
    },
    "workloads": {
        f"w{i}": {
            "requests_per_month": 30_000.0 * (1 + i % 3), "context_tokens": 1_500.0 * (1 + i % 4), "output_tokens": 200.0,
            "latency_target_s": 20.0, "latency_percentile": ("p90", "p95", "p99")[i % 3],
            "routing": {"tiers": [["cheap"], ["own"], ["dear"], ["cheap", "dear"]][i % 4], "share_to_last": 0.3},
            "outcome": {"failure_usd": 0.4, "failure_paid_share": 0.25},
            "rag": {"on": i % 3 > 0, "store_usd_per_month": 400.0 * i, "corpus_mtok": 30.0 * i},
        }
        for i in range(10)
    },
}  # fmt: skip


@pytest.fixture
def chat_on_two():
    return Scenario.from_table(tomllib.loads(CHAT))


@pytest.fixture(scope="module")
def found():
    return moves(chat())


def one(found, words):
    return next(each for each in found.found if each.words == words)


def recurring_burn_usd(result):
    return float(result.months.first["net_burn_usd"] - result.months.first["one_off_usd"])


def test_each_lever_is_tried_at_settings_other_than_the_present():
    tried = settings(chat())
    assert len({each.words for each in tried}) == len(tried)
    for each in tried:
        assert chat().value(each.path) != each.changes[each.path]
    words = {each.words for each in tried}
    assert {"chat: Chunks 4", "small: Weights int4", "chat: frontier answers alone"} <= words
    off = next(each for each in tried if each.words == "chat: RAG off")
    assert off.means.startswith("the whole context of 4,000 tokens")


def test_a_move_cuts_the_net_burn_by_what_it_says(found):
    base = evaluate(chat())
    for move in found.found:
        if math.isnan(move.p_better_share):
            continue
        made = evaluate(replaced_many(chat(), dict(move.changes)))
        expected = recurring_burn_usd(base) - recurring_burn_usd(made)
        assert move.burn_cut_usd_per_month == pytest.approx(expected, rel=1e-6, abs=1e-3)
        cash = float(made.months.cash_end_usd - base.months.cash_end_usd)
        assert move.cash_end_usd == pytest.approx(cash, rel=1e-6, abs=1e-2)


def test_what_failures_cost_customers_is_no_part_of_what_a_move_saves():
    ours = chat(workloads__chat__outcome__failure_paid_share=0.0)
    dearer = ours.with_value("workloads.chat.outcome.failure_usd", 50.0)
    words = "chat: small answers alone"
    cheap, dear = (one(moves(each, paired=0), words) for each in (ours, dearer))
    assert cheap.burn_cut_usd_per_month == pytest.approx(dear.burn_cut_usd_per_month)
    assert dear.customers_lose_usd_per_month == pytest.approx(125 * cheap.customers_lose_usd_per_month)


def test_a_free_win_worsens_nothing_that_matters(root):
    for name in ("support-copilot", "legal-review", "llama-70b-service", "seed-runway"):
        plan = load(root / "saved" / f"{name}.toml").scenario
        base = evaluate(plan)
        for move in moves(plan).of("free win"):
            made = evaluate(replaced_many(plan, dict(move.changes)))
            assert recurring_burn_usd(made) <= recurring_burn_usd(base) + 1e-6
            assert float(made.months.cash_end_usd) >= float(base.months.cash_end_usd) - 1e-3
            for each, after in made.workloads.items():
                assert float(after.success_share) >= float(base.workloads[each].success_share) - 1e-9
                assert bool(after.promise_met) or not bool(base.workloads[each].promise_met)
            assert move.p_better_share >= 0.8
            assert not move.rests_on


def test_a_trade_off_turns_at_its_failure_cost():
    plan = chat(workloads__chat__outcome__failure_paid_share=0.0)
    words = "chat: small answers alone"
    cheap = one(moves(plan, paired=0), words)
    assert cheap.group == "trade-off"
    assert cheap.success_gained_share < 0 < cheap.burn_cut_usd_per_month
    at = plan.with_value("workloads.chat.outcome.failure_usd", cheap.turns_at_failure_usd)
    again = one(moves(at, paired=0), words)
    balance = again.burn_cut_usd_per_month - again.customers_lose_usd_per_month
    assert balance == pytest.approx(0.0, abs=1.0)
    assert "loses once a failure costs over" in cheap.effect


def test_a_trade_off_that_loses_at_the_plan_s_own_failure_cost_stands_after_those_that_do_not():
    dear = chat(workloads__chat__outcome__failure_usd=50.0, workloads__chat__outcome__failure_paid_share=0.0)
    worse = one(moves(dear, paired=0), "chat: small answers alone")
    assert worse.loses
    assert "and in this plan it does" in worse.effect
    settled = [each for each in moves(dear, paired=0).of("trade-off") if each.p_better_share >= 0]
    assert [each.loses for each in settled] == sorted(each.loses for each in settled)
    free = chat(workloads__chat__outcome__failure_usd=0.0)
    assert not any(each.loses for each in moves(free, paired=0).found)


def test_no_two_trade_offs_do_the_same():
    """All requests to the last of two models is the same as that model alone."""
    two = load(Path(__file__).parents[1] / "saved" / "support-copilot-rag-routing.toml").scenario
    words = [each.words for each in moves(two, paired=0).of("trade-off")]
    assert "chat: frontier answers alone" in words
    assert "chat: Sent to frontier 100%" not in words


def test_retrieval_that_is_off_says_that_the_whole_context_is_in_each_prompt():
    with_rag = chat(workloads__chat__rag__on=True, workloads__chat__context_tokens=6_000)
    off = next(each for each in settings(with_rag) if each.words == "chat: RAG off")
    assert off.means == "the whole context of 6,000 tokens in each prompt"
    assert off.means in one(moves(with_rag, paired=0), off.words).effect


def test_a_move_that_spares_failures_pays_above_its_turn(chat_on_two):
    """Half of a failure of $8 a tenth of which is ours: more to the better model costs more tokens and saves that."""
    better = one(moves(chat_on_two, paired=0), "chat: Sent to large 60%")
    assert better.success_gained_share > 0
    assert 0 < better.turns_at_failure_usd < 8.0
    assert "pays once a failure costs over" in better.effect


def test_a_move_that_breaks_the_promise_is_said_to_be_so():
    broken = one(moves(chat(workloads__chat__latency_target_s=8.0), paired=0), "chat: Latency target 4 s")
    assert broken.group == "can't be"
    assert broken.effect == "breaks the promise of chat"


def test_a_looser_promise_is_no_free_win():
    tight = chat(workloads__chat__latency_target_s=3.0)
    for move in moves(tight, paired=0).found:
        if "Latency target 12 s" in move.words:
            assert move.group != "free win"
            assert "promises 12 s in place of 3 s" in move.effect or move.group == "not worth it"


def test_moves_stand_in_the_order_of_the_goal_inside_a_group(found):
    for ranked in (found, moves(chat(), best="runway_months"), moves(chat(), best="success_share")):
        stated = [
            each.gain
            for each in ranked.of("trade-off")
            if not each.rests_on and not each.loses and each.p_better_share >= 0
        ]
        assert stated == sorted(stated, reverse=True)


def test_moves_under_one_heading_stand_in_the_order_of_their_number(found):
    headed = dict(under_headings(found.found))
    assert [move for moves_under in headed.values() for move in moves_under] == list(found.found)
    assert {"Free wins", "Trade-offs on what the plan states"} <= headed.keys()
    for under in headed.values():
        gains = [each.gain for each in under]
        assert gains == sorted(gains, reverse=True)
        assert len({each.loses for each in under}) <= 1
    by_success = under_headings(found.found, gain=lambda move: move.success_gained_share)
    best = [move.success_gained_share for move in dict(by_success)["Trade-offs on what the plan states"]]
    assert best == sorted(best, reverse=True)


def test_what_a_goal_must_keep_leaves_no_move_that_breaks_it():
    keep = "success_share >= 0.75"
    kept = moves(chat(), keep=[keep])
    for move in (*kept.of("free win"), *kept.of("trade-off")):
        if not math.isnan(move.p_better_share):
            made = evaluate(replaced_many(chat(), dict(move.changes)))
            assert float(made.metrics["success_share"]) >= 0.75 - 1e-9
    assert any("breaks success >= 0.75" in each.effect for each in kept.of("can't be"))


def test_the_goal_of_the_file_is_the_goal_of_the_search():
    table = dict(RICH) | {"goal": {"best": "runway", "keep": ["success_share >= 10%"]}}
    assert moves(Scenario.from_table(table), paired=0).goal.best == "runway_months"


def test_a_goal_that_can_not_be_read_is_refused_with_all_that_is_wrong():
    with pytest.raises(ScenarioError) as caught:
        moves(chat(), best="hapiness", keep=["success >", "p95(runway_months) >= 12"])
    said = str(caught.value)
    assert "--best" in said
    assert "--keep" in said


def test_another_gpu_is_paid_at_its_own_rent_and_forgets_what_was_measured():
    measured = chat(deployments__small__calibration__tpot_x=1.2)
    gpu = next(each for each in settings(measured) if each.path.endswith(".gpu") and "A100" in each.words)
    assert gpu.changes["deployments.small.usd_per_gpu_hour"] is None
    assert gpu.changes["deployments.small.calibration.tpot_x"] == 1.0


def test_no_lever_is_offered_at_a_price_that_nobody_knows():
    found = moves(chat(), paired=0)
    assert not any("frontier: Fine-tuned" in each.words for each in found.found)
    assert any("frontier: fine-tuning" in each for each in found.unpriced)
    stated = chat(deployments__frontier__fine_tuning__run_usd=900.0)
    assert any("frontier: Fine-tuned" in each.words for each in settings(stated))
    owned = chat(deployments__small__rent="owned", deployments__small__usd_per_gpu_hour=None)
    assert not any(each.path.endswith(".gpu") for each in settings(owned))


def test_retrieval_takes_along_what_the_prefix_cache_can_hit():
    """8,000 tokens of context, half of all 10,000 tokens cached; chunks can't be, so 2,000 of 4,000 or less are."""
    plan = chat(
        workloads__chat__rag__on=False, workloads__chat__context_tokens=8_000, workloads__chat__prompt_tokens=2_000,
        workloads__chat__cache__prefix_hit_share=0.5,
    )  # fmt: skip
    on = next(each for each in settings(plan) if each.words == "chat: RAG on")
    rag = plan.workloads["chat"].rag
    tokens = float(2_000 + rag.chunks * rag.chunk_tokens)
    assert on.changes["workloads.chat.cache.prefix_hit_share"] == pytest.approx(2_000 / tokens)


def test_one_off_spend_is_told_apart_from_what_a_move_saves(found):
    tuned = one(found, "small: Fine-tuned on")
    assert tuned.one_off_usd == pytest.approx(500.0)
    assert tuned.success_gained_share > 0


def test_a_gain_that_rests_on_defaults_is_no_free_win_and_says_so_in_few_words(found):
    tuned = one(found, "small: Fine-tuned on")
    assert tuned.group == "trade-off"
    assert "rests on defaults: gain in success" in tuned.effect
    assert len(tuned.effect) < 200


def test_a_pair_saves_more_than_either_of_its_moves(found):
    alone = {each.words: each.burn_cut_usd_per_month for each in found.found if len(each.settings) == 1}
    pairs = [each for each in found.found if len(each.settings) == 2]
    assert pairs
    for pair in pairs:
        assert pair.burn_cut_usd_per_month > max(alone[each.words] for each in pair.settings)


def test_a_runway_beyond_the_horizon_is_marked_as_counted_up_to_it_only(root):
    whole = load(root / "saved" / "support-copilot.toml").scenario
    runs_out = float(evaluate(whole).metrics["runway_months"])
    plan = whole.with_value("company.horizon_months", math.ceil(runs_out))  # any longer, and the plan is over
    found = moves(plan)
    assert found.base["runway_months"] < plan.company.horizon_months
    settled_moves = [each for each in found.found if not math.isnan(each.runway_gained_months)]
    assert any(each.runway_lasts for each in settled_moves)
    for each in settled_moves:
        reached = found.base["runway_months"] + each.runway_gained_months
        assert each.runway_lasts == (reached == pytest.approx(plan.company.horizon_months))


DATED = tomllib.loads(big_plan.text(parts=3, segments=2, changes=2, months=12))


@pytest.mark.parametrize(
    "table", [MANY, RICH, DATED], ids=["many", "rich", "with segments and dated changes"]
)
def test_moves_in_one_evaluation_are_what_they_are_one_by_one(table):
    plan = Scenario.from_table(table)
    on = trials(plan, draws=8)
    tried = settings(plan)
    base = standing(plan, evaluate_month_one(plan))
    compared = 0
    for setting, outcome in zip(tried, month_one(on, [each.changes for each in tried]), strict=True):
        made = replaced_many(plan, setting.changes)
        if cross_problems(made):
            assert outcome is None
            continue
        try:
            alone = shift(base, standing(made, evaluate_month_one(made)), requests=base.requests)
        except ScenarioError:
            assert outcome is None
            continue
        assert outcome is not None, setting.words
        for name, value in vars(alone).items():
            found_value = getattr(outcome[0], name)
            assert np.allclose(found_value, value, rtol=1e-6, atol=1e-4, equal_nan=True), (
                setting.words,
                name,
            )
        compared += 1
    assert compared > 20


def test_a_part_of_a_plan_says_what_the_whole_says():
    plan = Scenario.from_table(MANY)
    parts, whole = trials(plan, draws=8), trials(plan, draws=8, whole=True)
    assert parts.cuts
    assert not whole.cuts
    for setting in settings(plan)[::7]:
        a, b = settled(parts, setting.changes), settled(whole, setting.changes)
        for name, value in vars(b.point).items():
            assert np.allclose(getattr(a.point, name), value, rtol=1e-6, atol=1e-2, equal_nan=True), (
                setting.words
            )
        assert a.runway_months == pytest.approx(b.runway_months, rel=1e-6)
        assert a.one_off_usd == pytest.approx(b.one_off_usd, abs=1e-2)
        assert np.allclose(a.drawn.burn_cut_usd, b.drawn.burn_cut_usd, rtol=1e-6, atol=1e-2)


def test_a_search_tells_how_far_it_is_and_is_given_up_wherever_it_stands():
    plan, told = Scenario.from_table(DATED), []

    def progress(done, total, _left_s):
        told.append((done, total))
        return len(told) < 4

    found = moves(plan, draws=8, progress=progress)
    assert found.stopped
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len({total for _, total in told}) == 1
    assert sum(not math.isnan(each.runway_gained_months) for each in found.found) == 2


def test_the_share_of_draws_counts_those_in_which_the_gain_is_there():
    plan = chat(deployments__small__success_share="0.5 to 0.95")
    found = one(moves(plan, draws=256), "chat: frontier answers alone")
    assert 0.0 < found.p_better_share <= 1.0
    certain = replace(found, p_better_share=1.0)
    assert certain.p_better_share >= found.p_better_share
