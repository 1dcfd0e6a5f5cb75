"""Layouts: which there are, which is best, and a plan that leaves the choice open."""

import json
from pathlib import Path

import numpy as np
import pytest

from planner import files
from planner.analysis.draws import draw
from planner.catalog import hardware
from planner.model import evaluate
from planner.model.joining import join
from planner.model.serving.layouts import GpuLayout, laid_out, layouts
from planner.model.serving.split_pools import best_split, decode_tokens_per_s, prefill_tokens_per_s
from planner.model.serving.step_costs import Placement

DENSE, R1, H100, GB200 = (
    hardware.llm("llama-3.1-8b"),
    hardware.llm("deepseek-r1"),
    hardware.gpu("H100-SXM"),
    hardware.gpu("GB200"),
)
PLAN = files.load(Path(__file__).parent.parent / "saved" / "llama-70b-service.toml").scenario
OWN = "deployments.llama"


def test_heads_divide_and_only_experts_are_spread():
    assert [each.words for each in layouts(llm=DENSE, gpu=H100, most_gpus=8.0)] == [
        "tp 1",
        "tp 2",
        "tp 4",
        "tp 8",
    ]
    spread = layouts(llm=R1, gpu=GB200, most_gpus=72.0)
    assert GpuLayout(1.0, attn_dp=72.0) in spread
    assert all(128 % each.tp == 0 and each.gpus <= 72 for each in spread)
    assert GpuLayout(8.0, pp=2.0) in layouts(llm=DENSE, gpu=H100, most_gpus=16.0)


def test_a_searched_plan_costs_no_more_than_any_layout_it_could_have_stated():
    found = evaluate(PLAN.with_value(f"{OWN}.placement", "search")).metrics["usd_per_request"]
    stated = [
        evaluate(PLAN.with_value(f"{OWN}.tensor_parallel", tp)).metrics["usd_per_request"] for tp in (2, 4, 8)
    ]
    assert float(found) <= min(map(float, stated)) * (1 + 1e-9)


def test_each_plan_of_a_stack_has_the_layout_it_would_find_alone():
    searched = PLAN.with_value(f"{OWN}.placement", "search")
    targets = np.array([0.8, 2.0, 30.0])
    path = (
        "workloads.chat.latency_target_s"
        if "chat" in PLAN.workloads
        else f"workloads.{next(iter(PLAN.workloads))}.latency_target_s"
    )
    together = np.broadcast_to(
        join(searched.with_value(path, targets)).resolved.hosted["llama"].placement.tp, 3
    )
    alone = [
        float(join(searched.with_value(path, one)).resolved.hosted["llama"].placement.tp)
        for one in targets.tolist()
    ]
    assert together.tolist() == alone


def test_the_layout_that_was_found_is_told():
    notes = join(PLAN.with_value(f"{OWN}.placement", "search")).resolved.notes["llama"]
    assert any(note.startswith("placement found: tp ") for note in notes)


def test_a_searched_plan_can_be_drawn():
    drawn = draw(PLAN.with_value(f"{OWN}.placement", "search"), n=16)
    assert np.isfinite(evaluate(drawn).metrics["usd_per_request"]).all()


def test_two_pools_are_as_large_as_each_needs():
    tried = layouts(llm=R1, gpu=GB200, most_gpus=8.0)
    one = Placement(weights="fp4", kv="fp8", engine="trtllm")
    found = best_split(
        llm=R1, gpu=GB200, placement=one, tried=tried, input_tokens=2000.0, output_tokens=500.0
    )
    assert found is not None
    reading = laid_out(one, found.reading)
    setting = {"llm": R1, "gpu": GB200, "placement": reading}
    prompts = float(prefill_tokens_per_s(**setting, input_tokens=2000.0)) / 2000.0 / found.reading.gpus
    assert found.tokens_per_s_per_gpu == pytest.approx(found.reading_gpu_share * prompts * 500.0)
    slow = best_split(
        llm=R1,
        gpu=GB200,
        placement=one,
        tried=tried,
        input_tokens=2000.0,
        output_tokens=500.0,
        tpot_limit_s=0.02,
    )
    assert slow is not None
    assert slow.tokens_per_s_per_gpu < found.tokens_per_s_per_gpu
    made = decode_tokens_per_s(
        llm=R1, gpu=GB200, placement=laid_out(one, slow.making), context_tokens=2250.0, batch=1.0
    )
    assert float(made) > 1 / 0.02


def test_serving_ranks_the_layouts(planner):
    given = (
        "--model",
        "llama-3.1-8b",
        "--gpu",
        "H100-SXM",
        "--weights",
        "fp8",
        "--input",
        1000,
        "--output",
        200,
    )
    found = json.loads(planner("serving", "--search", *given, "--first-token-within", 0.5, "--json")[1])[
        "layouts"
    ]
    rates = [row["tokens_per_s_per_gpu"] for row in found if row["keeps"]]
    assert rates == sorted(rates, reverse=True)
    assert all(row["ttft_s"] <= 0.5 for row in found if row["keeps"])
    assert "best first" in planner("serving", "--search", *given)[1]


def test_a_search_takes_no_layout_and_a_limit_needs_a_search(planner):
    given = ("--model", "llama-3.1-8b", "--gpu", "H100-SXM", "--input", 1000, "--output", 200)
    code, _, said = planner("serving", "--search", *given, "--tp", 2)
    assert code == 2
    assert "can't be combined with --tp" in said
    assert planner("serving", *given, "--per-token-within", 20)[0] == 2
