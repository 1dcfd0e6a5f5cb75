import tomllib
from pathlib import Path

import numpy as np
import pytest

from planner.analysis.claims import EFFECTS, apply, claim, claims
from planner.catalog import evidence
from planner.errors import ScenarioError
from planner.files import load
from planner.model import evaluate
from planner.schema import Scenario

CITED = tomllib.loads((Path(__file__).parent / "claims_cited.toml").read_text())
DIGITS = 1e-4
ROUNDED = {name: rule["share"] for rule in CITED.pop("tolerance").values() for name in rule["claims"]}
VERDICTS = {"consistent", "inconsistent", "plausible", "contradicted"}

# A number of each claim that matters, another value for it, and the verdict that follows.
MOVES = [
    ("c01", {"lifetime_tokens": 200e9}, "inconsistent"),
    ("c02", {"retail_usd_per_token": 0.000002, "train_usd_per_token": 4e-9}, "plausible"),
    ("c03", {"low_usd_per_token": 5e-6}, "plausible"),
    ("c04", {"wholesale_usd_per_token": 0.15, "overhead_low": 2, "overhead_high": 13.3}, "plausible"),
    ("c05", {"chat_tokens_per_request": 1000}, "plausible"),
    ("c06", {"some_growers_below_cost": 0}, "contradicted"),
    ("c07", {"same_model_log_points_per_year": 0.5}, "contradicted"),
    ("c08", {"b200_over_h200_throughput_x": 1.1}, "plausible"),
    ("c09", {"throughput_gain_x": 2.5}, "plausible"),
    ("c10", {"loss_low_share": 0.17, "loss_high_share": 0.3}, "contradicted"),
    ("c11", {"step_14b_to_7b_share": 0.98}, "plausible"),
    ("c12", {"cost_large_usd_per_month": 10_000, "cost_ratio": 100}, "contradicted"),
    ("c13", {"cost_frac": 0.8}, "inconsistent"),
    ("c14", {"burn_share_per_month": 0.25}, "inconsistent"),
    ("c15", {"cost_gain_share": 0.01}, "inconsistent"),
    ("c16", {"cost_ratio": 100}, "contradicted"),
    ("c17", {"loss_low_share": 0.01, "loss_high_share": 0.03}, "contradicted"),
    ("c18", {"long_tokens": 20_000}, "inconsistent"),
    ("c19", {"cost_ratio": 100}, "inconsistent"),
    ("c20", {"human_contact_usd": 25}, "contradicted"),
    ("c21", {"human_contact_low_usd": 700}, "contradicted"),
    ("c22", {"levers_named": 12}, "plausible"),
    ("c23", {"openai_compute_margin_2025_share": 0.2}, "plausible"),
    ("c24", {"gpt_4o_input_usd_per_mtok": 40}, "plausible"),
    ("c25", {"slots_large": 4}, "plausible"),
    ("c26", {"story_low_months": 40, "story_high_months": 60}, "contradicted"),
    ("c27", {"floor_usd_per_mtok": 0.17}, "plausible"),
    ("c28", {"tokens_saved_share_above": -0.5}, "plausible"),
    ("c29", {"months_ago": 36}, "plausible"),
    ("c30", {"batch_factor": 1.2}, "contradicted"),
    ("c31", {"lora_points_over_gpt4": -3}, "contradicted"),
    ("c32", {"low_x": 500}, "contradicted"),
]


@pytest.fixture
def plan():
    return Scenario.from_table(
        {
            "company": {"cash_usd": 2e6, "fixed_costs_usd_per_month": 1e5},
            "revenue": {"usd_per_customer_per_month": 49},
            "demand": {"customers": 1000},
            "decline": {"same_model_price_x_per_year": 1.5},
            "deployments": {
                "small": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "success_share": 0.7},
                "large": {
                    "kind": "api", "model": "own", "success_share": 0.9,
                    "price": {"input_usd_per_mtok": 2.5, "output_usd_per_mtok": 10},
                },
            },
            "workloads": {
                "chat": {
                    "requests_per_customer_per_month": 100, "context_tokens": 200_000, "output_tokens": 500,
                    "routing": {"tiers": ["small", "large"], "share_to_last": 0.5},
                }
            },
        }
    )  # fmt: skip


def test_every_claim_of_the_catalog_is_recomputed():
    found = claims()
    assert [each.id for each in found] == list(evidence.claims())
    assert len(found) == 32
    assert {each.verdict for each in found} <= VERDICTS
    assert all(each.rule.endswith(".") and each.computed for each in found)


@pytest.mark.parametrize("name", CITED)
def test_a_claim_gives_the_figures_that_were_cited(name):
    computed = claim(name).computed
    expected = {
        key: pytest.approx(value, rel=ROUNDED.get(name, DIGITS)) for key, value in CITED[name].items()
    }
    assert {key: computed[key] for key in expected} == expected


@pytest.mark.parametrize(("name", "changed", "verdict"), MOVES)
def test_the_verdict_moves_with_a_number(name, changed, verdict):
    assert claim(name).verdict != verdict
    assert claim(name, **changed).verdict == verdict


def test_the_list_of_moves_misses_no_claim():
    assert [name for name, *_ in MOVES] == list(evidence.claims())


def test_an_unknown_claim_or_number_is_named():
    with pytest.raises(ScenarioError, match='has no "c99"'):
        claim("c99")
    with pytest.raises(ScenarioError, match="has no cheep_usd"):
        claim("c20", cheep_usd=1)


def test_a_claim_says_how_each_source_was_read():
    read = {source.finding: source.how_read for source in claim("c20").sources}
    assert "through another text" in read["bz-human"]


@pytest.mark.parametrize("name", EFFECTS)
def test_a_lever_claim_changes_the_open_scenario_and_says_how(plan, name):
    plan = plan.with_value("workloads.chat.session.calls", 12 if name == "c23" else 1)
    changed, changes = apply(name, plan)
    assert changed != plan
    assert all(changed.value(path) is not None for path, _ in changes)
    assert np.isfinite(evaluate(changed).metrics["usd_per_request"])


def test_a_claim_about_no_lever_says_so(plan):
    with pytest.raises(ScenarioError, match="about no lever"):
        apply("c29", plan)


def test_a_claim_without_anything_to_act_on_says_what_it_needs(plan):
    alone = Scenario.from_table({"deployments": {}, "workloads": {}})
    with pytest.raises(ScenarioError, match="needs a workload with two tiers"):
        apply("c19", alone)


def test_the_five_month_claim_lasts_five_months_here(plan):
    changed, _ = apply("c14", plan.with_value("decline.same_model_price_x_per_year", 1.0))
    assert evaluate(changed).metrics["runway_months"] == pytest.approx(5.0)


def test_the_ten_cent_claim_breaks_even_at_18_dollars_here(plan):
    changed, _ = apply("c20", plan)
    limit = evaluate(changed).workloads["chat"].break_even_failure_usd["small to large"]
    kept = evaluate(changed).workloads["chat"].tiers["large"].success_share / 0.95
    assert kept * limit == pytest.approx(18.0)


def test_retrieval_replaces_the_context_here(plan):
    changed, changes = apply("c18", plan)
    assert ("workloads.chat.rag.on", True) in changes
    assert evaluate(changed).workloads["chat"].input_tokens == 4000


def test_a_model_without_own_price_is_scaled_from_its_list_price():
    listed = Scenario.from_table(
        {
            "deployments": {"a": {"kind": "api", "model": "openai:gpt-4o"}},
            "workloads": {"w": {"requests_per_month": 1, "routing": {"tiers": ["a"]}}},
        }
    )
    changed, _ = apply("c17", listed)
    before, after = (evaluate(each).metrics["usd_per_request"] for each in (listed, changed))
    assert after == pytest.approx(0.3 * before)


def shipped(name):
    return evaluate(load(Path(__file__).parents[1] / "saved/claims" / f"{name}.toml").scenario)


def test_the_shipped_five_months_last_five_months():
    assert shipped("five-months").metrics["runway_months"] == pytest.approx(5.0)


def test_the_shipped_retrieval_is_twenty_times_cheaper():
    found = shipped("rag-twenty-times").workloads
    assert found["whole"].usd_per_request / found["retrieved"].usd_per_request == pytest.approx(
        20.0, rel=1e-3
    )


def test_the_shipped_routing_costs_a_fifth_and_wins_back_half_of_the_gap_in_chat_only():
    found = shipped("routing-five-times").workloads
    large = found["chat"].tiers["frontier"].usd_per_call
    assert large / found["chat"].usd_per_request == pytest.approx(5.0)
    gap = 0.806 - 0.681
    won = [(found[name].success_share - 0.681) / gap for name in ("chat", "knowledge")]
    assert won == pytest.approx(
        [claim("c19").computed[f"gap_recovered_{name}_share"] for name in ("chat", "other")]
    )


def test_the_shipped_ten_cents_break_even_at_18_dollars():
    found = shipped("ten-cents-or-a-dollar").workloads["support"]
    assert found.break_even_failure_usd["cheap to good"] == pytest.approx(18.0)


def test_the_shipped_specialist_is_seven_times_cheaper_up_to_three_calls_a_failure():
    found = shipped("specialist").workloads["specialised"]
    call = found.tiers["generalist"].usd_per_call
    assert call / found.usd_per_pass == pytest.approx(7.0)
    assert found.break_even_failure_usd["specialist to generalist"] / call == pytest.approx(3.0)


def test_the_shipped_promise_of_100_ms_takes_several_times_the_gpus():
    found = shipped("fast-promise")
    assert found.deployments["fast"].gpus / found.deployments["slow"].gpus > 2
    assert all(np.all(each.promise_met) for each in found.workloads.values())


def test_the_shipped_training_charge_is_200_dollars_a_million():
    assert shipped("training-per-token").metrics["usd_per_mtok"] == pytest.approx(200.0)


def test_the_shipped_half_cent_is_a_price_per_request():
    found = shipped("cents-per-request").workloads
    assert found["live"].usd_per_request == pytest.approx(claim("c03").computed["chat_request_usd"])
    assert found["overnight"].usd_per_request == pytest.approx(found["live"].usd_per_request / 2)


@pytest.mark.parametrize(("name", "reality", "verdict"), [
    ("c01", "contradicted", "contradicted"), ("c06", "contested", "plausible"), ("c07", "contested", "plausible"),
    ("c12", "contested", "plausible"), ("c19", "contradicted", "contradicted"), ("c21", "contested", "plausible"),
    ("c27", "contradicted", "contradicted"),
])  # fmt: skip
def test_a_verdict_follows_the_one_rule_of_the_ledger(name, reality, verdict):
    """A claim that agrees with itself is contradicted where all findings are against it, and plausible otherwise."""
    found = claim(name)
    assert (found.reality, found.verdict) == (reality, verdict)


def test_the_price_of_a_token_is_counted_for_each_token_of_the_task():
    """1,366 tokens at a dime each cost $136.60; 0.495 a token and failure is $676 a failure."""
    computed = claim("c21").computed
    assert computed["good_usd_per_success"] == pytest.approx(136.6)
    assert computed["break_even_failure_usd"] == pytest.approx(1_366 * 0.495)
