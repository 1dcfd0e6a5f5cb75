"""Drafting as measured: accepted lengths by model, method and draft length."""

from dataclasses import replace

import numpy as np
import pytest

from planner.catalog import hardware
from planner.catalog.acceptance import acceptance, curves
from planner.errors import ScenarioError
from planner.model.serving.serving_speed import serve, tokens_per_step
from planner.model.serving.step_costs import Placement

GIVEN = (
    "--model",
    "glm-5.2",
    "--gpu",
    "B200-SXM",
    "--tp",
    8,
    "--weights",
    "fp8",
    "--input",
    1000,
    "--output",
    500,
)


def made(first, decay, drafts):
    placement = Placement(
        speculative_acceptance=first, acceptance_decay=decay, draft_tokens=np.asarray(drafts, float)
    )
    return tokens_per_step(placement=placement)


def test_without_decay_it_is_the_geometric_sum():
    assert float(made(0.8, 1.0, 3)) == pytest.approx((1 - 0.8**4) / (1 - 0.8))


def test_the_chances_of_three_drafts_by_hand():
    assert float(made(0.8, 0.5, 3)) == pytest.approx(1 + 0.8 + 0.8 * 0.4 + 0.8 * 0.4 * 0.2)


def test_half_a_draft_adds_half_of_what_a_draft_adds():
    one, half, two = (float(made(0.8, 0.9, k)) for k in (1.0, 1.5, 2.0))
    assert half == pytest.approx((one + two) / 2)


@pytest.mark.parametrize("row", curves(), ids=lambda row: row["file"] + str(row["reasoning"]))
def test_the_fit_of_each_curve_is_near_what_was_measured(row):
    error = np.asarray(made(row["first"], row["decay"], range(1, 9))) / row["lengths"] - 1.0
    assert np.abs(error).mean() < 0.03
    assert (
        np.abs(error).max() < 0.06
    )  # DSpark beyond the seven tokens it was made for accepts fewer than with six


def test_a_model_that_was_not_measured_takes_the_methods_median_and_says_so():
    own, other = acceptance("glm-5.2", "mtp"), acceptance("llama-3.3-70b", "mtp")
    assert (own.measured, other.measured) == (True, False)
    firsts = [row["first"] for row in curves() if row["method"] == "mtp"]
    assert other.first == pytest.approx(np.median(firsts))


def test_a_method_that_nobody_measured_is_refused_with_those_that_were():
    with pytest.raises(ScenarioError, match="dspark, eagle3, mtp"):
        acceptance("glm-5.2", "medusa")


def test_the_gain_of_drafting_fades_with_the_batch_of_a_dense_model():
    found = acceptance("glm-5.2", "mtp")
    plain = Placement(gpus=8.0, tp=8.0, engine="vllm", weights="fp8")
    drafting = replace(
        plain,
        speculative_acceptance=found.first,
        acceptance_decay=found.decay,
        draft_tokens=3.0,
        draft_cost_share=0.05,
    )
    card, llm = hardware.gpu("H100-SXM"), hardware.llm("llama-3.3-70b")

    def tpot_s(placement, concurrency):
        return float(
            serve(
                llm=llm,
                gpu=card,
                placement=placement,
                input_tokens=200.0,
                output_tokens=500.0,
                concurrency=concurrency,
            ).tpot_s
        )

    gain = [tpot_s(plain, c) / tpot_s(drafting, c) for c in (1.0, 128.0, 1000.0)]
    assert gain[0] > 2.0
    assert gain[0] > gain[1] > gain[2]


def test_serving_says_what_drafting_is_taken_to_give(planner):
    out = " ".join(planner("serving", *GIVEN, "--draft", "mtp", "--draft-tokens", 3)[1].split())
    assert "Drafts of 3 tokens: 2.99" in out
    assert "InferenceX, SPEED-Bench coding: glm-5.2, mtp" in out


def test_serving_refuses_a_method_in_words(planner):
    code, _, told = planner("serving", *GIVEN, "--draft", "medusa")
    assert code == 2
    assert "Measured methods: dspark, eagle3, mtp." in told


def test_a_plan_without_decay_means_what_it_meant(chat):
    assert float(chat.deployments["small"].speculative.acceptance_decay) == 1.0
