"""Prompts in one pool, answers in another: a published day, laws, and the cache between them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from planner.analysis.serving_fit.split_table import errors, is_run, predicted
from planner.catalog import hardware
from planner.model.serving.gpu_traffic import copies_sent
from planner.model.serving.split_pools import (
    PromptPool,
    decode_tokens_per_s,
    prefill_tokens_per_s,
    serve_split,
    transfer_s,
)
from planner.model.serving.step_costs import Placement

R1, H800, B200 = hardware.llm("deepseek-r1"), hardware.gpu("H800"), hardware.gpu("B200-SXM")
RANKS = {"tp": 1.0, "weights": "fp8", "kv": "bf16", "engine": "sglang"}
PREFILL = Placement(gpus=32.0, attn_dp=32.0, ep=32.0, **RANKS)
DECODE = Placement(gpus=144.0, attn_dp=144.0, ep=144.0, **RANKS)
EIGHT = Placement(gpus=8.0, attn_dp=8.0, ep=8.0, **RANKS)
POOLS = {
    "llm": R1, "gpu": B200, "prefill": EIGHT, "decode": EIGHT, "prefill_workers": 1.0, "decode_workers": 1.0,
    "input_tokens": 921.6, "output_tokens": 921.6,
}  # fmt: skip
# DeepSeek, open-infra-index, day 6, 2025: units of 4 nodes read prompts (EP32), of 18 make answers (EP144), H800; 342 of
# 608 billion input tokens from the cache; 73.7k tokens in or 14.8k out a second and node; 4,989 tokens of context;
# 20 to 22 tokens a second and user. Checked on two decoding units, the share of the published 226.75 nodes.
CACHED = 342.0 / 608.0
NODES = {"prefill": 4.0, "decode": 18.0}
SEQUENCES = 88.0  # of a GPU: 14.8k / 8 / 21


@pytest.mark.parametrize("input_tokens", [2000.0, 4989.0])
def test_a_node_reads_prompts_as_fast_as_deepseek_published(input_tokens):
    rate = prefill_tokens_per_s(
        llm=R1, gpu=H800, placement=PREFILL, input_tokens=input_tokens, prefix_hit_share=CACHED
    )
    assert float(rate) / NODES["prefill"] == pytest.approx(73_700, rel=0.15)


def test_a_node_makes_answers_as_fast_as_deepseek_published():
    rate = decode_tokens_per_s(
        llm=R1, gpu=H800, placement=DECODE, context_tokens=4989.0, batch=144.0 * SEQUENCES
    )
    assert float(rate) / NODES["decode"] == pytest.approx(14_800, rel=0.15)
    assert float(rate) / (144.0 * SEQUENCES) == pytest.approx(21.0, rel=0.15)


# SGLang, "Deploying DeepSeek with PD disaggregation and large-scale expert parallelism on 96 H100", 2025-05-05: 4 nodes that
# read prompts (EP32), 9 that make answers (EP72, 256 sequences a GPU, 2,000 tokens of cache), by node of 8 GPUs; and Kimi K2
# on 128 H200, 2025-07-20: 12 nodes that make answers at 480 sequences a GPU.
@pytest.mark.parametrize(
    ("model", "gpu", "ranks", "sequences", "published"),
    [("deepseek-r1", "H100-SXM", 72.0, 256.0, 22_282.0), ("kimi-k2.5", "H200-SXM", 96.0, 480.0, 24_000.0)],
)
def test_a_node_makes_answers_as_fast_as_sglang_published(model, gpu, ranks, sequences, published):
    rate = decode_tokens_per_s(
        llm=hardware.llm(model), gpu=hardware.gpu(gpu), context_tokens=2000.0, batch=ranks * sequences,
        placement=replace(DECODE, gpus=ranks, attn_dp=ranks, ep=ranks),
    )  # fmt: skip
    assert 8.0 * float(rate) / ranks == pytest.approx(published, rel=0.15)


@pytest.mark.parametrize(
    ("input_tokens", "published"), [(1024.0, 57_674.0), (2048.0, 54_543.0), (4096.0, 50_302.0)]
)
def test_a_node_reads_prompts_slower_than_sglang_published_as_its_experts_are_not_balanced(
    input_tokens, published
):
    rate = prefill_tokens_per_s(
        llm=R1, gpu=hardware.gpu("H100-SXM"), placement=PREFILL, input_tokens=input_tokens
    )
    assert 0.55 * published < float(rate) / NODES["prefill"] < published


def test_a_prompt_waits_as_long_as_in_a_queue_of_equal_services():
    def pool(workers):
        return PromptPool(workers=workers, ranks=1.0, most_per_s=10.0 * workers, alone_s=0.1, least_s=0.1)

    # Pollaczek and Khinchine, one server: rho / (2 (1 - rho)) services; and half of the step that runs
    assert float(pool(1.0).first_s(8.0)) == pytest.approx(0.1 + 0.04 + 0.1 * 0.8 / 0.4)
    assert float(pool(1.0).first_s(0.0)) == pytest.approx(0.1)
    assert float(pool(16.0).first_s(16 * 8.0)) < float(pool(1.0).first_s(8.0))


@pytest.mark.parametrize(
    ("prefill", "decode", "concurrency", "published"),
    [
        # InferenceX through aiconfigurator's silicon_sample.csv at 095f58a5: DeepSeek-R1 FP8, 1k in and out
        (8.0, 40.0, 1920.0, 55_586.0),
        (4.0, 8.0, 512.0, 15_542.0),
    ],
)
def test_pools_of_b200_serve_what_was_published(prefill, decode, concurrency, published):
    weights = "fp8" if prefill == 8.0 else "fp4"
    one = replace(EIGHT, weights=weights, kv="fp8", engine="trtllm" if prefill == 8.0 else "sglang")
    reading = replace(one, gpus=prefill, attn_dp=prefill, ep=prefill)
    point = serve_split(
        **POOLS | {"prefill": reading, "decode": one, "decode_workers": decode / 8.0}, concurrency=concurrency
    )
    assert float(point.throughput_tokens_per_s) == pytest.approx(published, rel=0.3)


def test_a_token_goes_once_to_each_node_and_to_no_more_groups_than_it_may_choose():
    def copies(ranks, groups=0.0):
        return float(copies_sent(gpu=H800, group=ranks, ranks=ranks, chosen=8.0, groups=groups))

    assert copies(8.0) == 7.0
    assert copies(32.0) == pytest.approx(0.75 * 4 * (1 - 0.75**8))
    assert copies(144.0, groups=4.0) == pytest.approx(0.75 * 4)


def test_a_published_run_of_two_pools_is_read_and_predicted():
    run = {
        "model": "deepseek-r1", "gpu": "B200-SXM", "engine": "trtllm", "precision_weights": "fp8", "isl_mean": "921.6",
        "osl_mean": "921.6", "concurrency_or_batch": "1920", "prefill_gpus": "8", "prefill_workers": "1", "prefill_tp": "1",
        "prefill_ep": "8", "decode_gpus": "40", "decode_workers": "5", "decode_tp": "1", "decode_ep": "8", "mtp_n": "0",
        "throughput_output_tok_s_total": "55586", "phase": "end_to_end_disagg", "quality": "ok",
    }  # fmt: skip
    assert is_run(run)
    assert not is_run({**run, "phase": "prefill_only"})
    point = predicted(run)
    assert point is not None
    assert float(point.throughput_tokens_per_s) == pytest.approx(55_586.0, rel=0.3)
    assert predicted({**run, "decode_tp": ""}) is None
    assert "1 runs don't say" in errors([{**run, "decode_tp": ""}, run])[-1]


def test_all_open_requests_are_somewhere():
    point = serve_split(**POOLS, concurrency=256.0)
    inside = point.requests_per_s * (point.ttft_s + point.tpot_s * 920.6)
    assert float(inside) == pytest.approx(256.0, rel=0.1)
    assert float(point.decode_batch) < 256.0


def test_where_prompts_are_the_narrow_pool_more_answers_gpus_change_nothing():
    long = POOLS | {"input_tokens": 30_000.0, "output_tokens": 100.0}
    few, many = (serve_split(**long | {"decode_workers": n}, concurrency=2000.0) for n in (2.0, 8.0))
    assert float(few.prefill_busy_share) == pytest.approx(1.0, abs=0.01)
    assert float(many.requests_per_s) == pytest.approx(float(few.requests_per_s), rel=0.01)


def test_more_workers_of_both_serve_more():
    one, two = (
        serve_split(**POOLS | {"prefill_workers": n, "decode_workers": n}, concurrency=512.0 * n)
        for n in (1.0, 2.0)
    )
    assert float(two.throughput_tokens_per_s) == pytest.approx(
        2.0 * float(one.throughput_tokens_per_s), rel=1e-6
    )


def test_a_cache_is_sent_in_the_time_that_its_bytes_take():
    # 61 layers of 576 numbers of two bytes for 10,000 tokens, at 60 % of 50 GB/s
    seconds = transfer_s(llm=R1, gpu=H800, placement=replace(EIGHT, kv="bf16"), input_tokens=10_000.0)
    assert float(seconds) == pytest.approx(61 * 576 * 2 * 10_000 / (0.6 * 50e9))


def test_many_splits_at_once_equal_one_at_a_time():
    many = serve_split(**POOLS, concurrency=np.array([16.0, 256.0]))
    for i, each in enumerate((16.0, 256.0)):
        alone = serve_split(**POOLS, concurrency=each)
        assert many.tpot_s[i] == pytest.approx(float(alone.tpot_s), rel=1e-9)


GIVEN = (
    "--model",
    "deepseek-r1",
    "--gpu",
    "B200-SXM",
    "--attn-dp",
    8,
    "--weights",
    "fp8",
    "--input",
    922,
    "--output",
    922,
)


def test_serving_prints_two_pools(planner):
    code, out, _ = planner("serving", *GIVEN, "--engine", "trtllm", "--split", 1, 5, "--concurrency", 1920)
    assert code == 0
    assert "1 x 8 GPUs for prefill, 5 x 8 for decode" in out
    told = json.loads(planner("serving", *GIVEN, "--split", 1, 5, "--concurrency", 1920, "--json")[1])
    assert told["gpus"] == 48
    assert 0.0 < told["prefill_busy_share"] <= 1.001


def test_two_pools_need_a_concurrency(planner):
    code, _, told = planner("serving", *GIVEN, "--split", 1, 5)
    assert code == 2
    assert "--split needs --concurrency" in told
