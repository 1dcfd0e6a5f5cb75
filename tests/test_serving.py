"""Serving physics: worked cases, limits, laws, stacks."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog import hardware
from planner.catalog.fitted import FITTED, constants_from_values, values_of
from planner.model.serving import benchmark_runs, gpu_traffic, memory, serving_speed, speed, step, step_costs
from planner.model.serving.serving_speed import Placement, offline_max, serve

LLAMA, H100 = hardware.llm("llama-3.3-70b"), hardware.gpu("H100-SXM")
FOUR = Placement(gpus=4.0, tp=4.0)
CHAT = {"llm": LLAMA, "gpu": H100, "placement": FOUR, "input_tokens": 1000.0, "output_tokens": 500.0}


def with_constant(name, value):
    return constants_from_values(values_of(FITTED) | {name: value})


# bytes


def test_llama_70b_has_the_parameters_its_makers_count():
    assert float(memory.total_params(llm=LLAMA)) == pytest.approx(70.55e9, rel=0.001)


@pytest.mark.parametrize(
    ("name", "total", "active"),
    [("deepseek-r1", 671e9, 37e9), ("mixtral-8x7b", 46.7e9, 12.9e9), ("gpt-oss-120b", 117e9, 5.1e9)],
)
def test_mixture_models_have_the_parameters_their_makers_count(name, total, active):
    llm = hardware.llm(name)
    assert float(memory.total_params(llm=llm)) == pytest.approx(total, rel=0.01)
    assert float(memory.active_params(llm=llm)) == pytest.approx(active, rel=0.02)


def test_a_token_of_llama_70b_leaves_160_kib_in_an_8_bit_cache():
    assert float(memory.cache_bytes_per_token(llm=LLAMA, kv="fp8")) == 80 * 2 * 8 * 128


def test_latent_attention_leaves_576_numbers_a_layer():
    deepseek = hardware.llm("deepseek-r1")
    assert float(memory.cache_bytes_per_token(llm=deepseek, kv="fp8")) == 61 * 576


def test_a_window_on_half_the_layers_keeps_half_of_a_long_context():
    gpt = hardware.llm("gpt-oss-120b")
    kept = memory.reach_tokens(llm=gpt, context_tokens=100_000.0, window_freed=1.0)
    assert float(kept) == 50_000 + 64


def test_an_engine_that_does_not_free_windows_keeps_all_of_it():
    gpt = hardware.llm("gpt-oss-120b")
    assert float(memory.reach_tokens(llm=gpt, context_tokens=100_000.0, window_freed=0.0)) == 100_000


def test_attention_in_chunks_reads_half_a_chunk_on_three_of_four_layers():
    scout = hardware.llm("llama-4-scout")
    assert float(memory.read_tokens(llm=scout, context_tokens=20_000.0)) == 5_000 + 0.75 * 4096


def test_the_weights_of_a_described_block_are_counted_once_for_each_layer():
    table = {"hidden": 8, "vocab": 0, "blocks": [{"kind": "mlp", "count": 3, "width": 16, "matrices": 2}]}
    assert float(memory.total_params(llm=hardware.llm_from_table(table))) == 3 * 2 * 8 * 16


def test_sparse_attention_reads_no_more_than_it_chose():
    glm = hardware.llm("glm-5")
    assert float(memory.read_tokens(llm=glm, context_tokens=50_000.0)) == 2048


def test_linear_layers_keep_a_state_whatever_the_length():
    qwen = hardware.llm("qwen3.5-397b-a17b")
    short, long = (memory.cache_bytes(llm=qwen, kv="fp8", context_tokens=n) for n in (1000.0, 2000.0))
    assert float(long - short) == 1000 * 15 * 2 * 2 * 256
    convolutions = 45 * 3 * (2 * 16 * 128 + 64 * 128) * 2
    assert float(short) == 1000 * 15 * 2 * 2 * 256 + 45 * 64 * 128 * 128 * 4 + convolutions


def test_tensor_parallelism_splits_weights_and_data_parallel_attention_only_the_experts():
    mixtral = hardware.llm("mixtral-8x7b")
    whole = memory.weight_bytes_per_gpu(llm=mixtral, weights="fp8", tp=1.0, pp=1.0, attn_dp=1.0)
    split = memory.weight_bytes_per_gpu(llm=mixtral, weights="fp8", tp=4.0, pp=1.0, attn_dp=1.0)
    ranks = memory.weight_bytes_per_gpu(llm=mixtral, weights="fp8", tp=1.0, pp=1.0, attn_dp=4.0)
    experts = memory.expert_bytes(llm=mixtral, weights="fp8")
    assert float(split) == pytest.approx(float(whole) / 4)
    assert float(ranks) == pytest.approx(float(whole - experts * 0.75))


def test_a_cache_is_split_over_its_heads_and_no_further():
    assert memory.cache_split(llm=LLAMA, tp=np.array([4.0, 16.0])).tolist() == [4.0, 8.0]


def test_what_does_not_fit_serves_nothing_and_says_so():
    point = serve(**CHAT | {"placement": Placement(weights="bf16")}, concurrency=1.0)
    assert not point.fits
    assert float(point.throughput_tokens_per_s) == 0.0
    assert np.isinf(point.ttft_s)


# seconds


def test_one_token_reads_the_experts_it_chose_and_many_tokens_read_all():
    seen = speed.expert_coverage(chosen_share=8 / 256, tokens=np.array([1.0, 1e6]), independence=0.4)
    assert seen == pytest.approx([8 / 256, 1.0])


def test_a_gpu_without_8_bit_units_multiplies_8_bit_weights_in_16_bit():
    ratio = speed.format_ratio(gpu=hardware.gpu("A100-SXM-80GB"), weights=np.array(["bf16", "fp8", "int4"]))
    assert ratio.tolist() == [1.0, 1.0, 1.0]


def test_more_tflops_a_watt_leave_a_smaller_share():
    cool, hot = (
        speed.compute_share(gpu=replace(H100, tdp_w=watts), constants=FITTED) for watts in (700.0, 350.0)
    )
    assert float(hot) < float(cool) == pytest.approx(FITTED.compute_share["nvidia"], rel=0.01)


def test_an_all_reduce_of_one_gpu_moves_nothing_and_of_two_one_message():
    moved = gpu_traffic.reduce_traffic_s(
        group=np.array([1.0, 2.0]), message_s=3.0, one_shot_traffic=1.0, two_shot_s=0.5
    )
    assert moved.tolist() == [0.0, 3.0]


def test_large_groups_scatter_and_gather():
    assert float(
        gpu_traffic.reduce_traffic_s(group=8.0, message_s=1.0, one_shot_traffic=1.0, two_shot_s=0.25)
    ) == pytest.approx(2.0)


def test_a_lone_request_cannot_beat_reading_the_weights():
    point = serve(**CHAT, concurrency=1.0)
    floor_s = float(memory.body_bytes(llm=LLAMA, weights="fp8")) / 4 / (H100.bandwidth_gb_per_s * 1e9)
    assert floor_s < float(point.tpot_s) < 3 * floor_s


def test_the_shares_of_a_step_sum_to_one():
    point = serve(**CHAT, concurrency=np.array([1.0, 30.0, 1e4]))
    parts = point.bandwidth_share + point.compute_share + point.communication_share + point.overhead_share
    assert parts == pytest.approx(1.0)


def test_requests_beyond_the_room_wait_and_change_nothing_else():
    room = float(serving_speed.max_sequences(llm=LLAMA, gpu=H100, placement=FOUR, context_tokens=1500.0))
    full, over = (serve(**CHAT, concurrency=n) for n in (room, 2 * room))
    assert float(over.throughput_tokens_per_s) == pytest.approx(float(full.throughput_tokens_per_s))
    assert float(over.ttft_s) - float(full.ttft_s) == pytest.approx(room / float(full.requests_per_s))


def test_littles_law_holds_in_the_closed_loop():
    point = serve(**CHAT, concurrency=32.0)
    state = serving_speed.settle(**CHAT, concurrency=32.0).state
    assert float(point.requests_per_s) * float(state.busy_s) == pytest.approx(32.0)


def test_copies_share_the_requests_and_multiply_the_throughput():
    one = serve(**CHAT, concurrency=10.0)
    three = serve(**CHAT | {"placement": replace(FOUR, gpus=12.0)}, concurrency=30.0)
    assert float(three.throughput_tokens_per_s) == pytest.approx(3 * float(one.throughput_tokens_per_s))
    assert float(three.tpot_s) == pytest.approx(float(one.tpot_s))


def test_a_cached_prefix_brings_the_first_token_forward_and_raises_throughput():
    cold, warm = (serve(**CHAT, concurrency=32.0, prefix_hit_share=share) for share in (0.0, 0.9))
    assert float(warm.ttft_s) < float(cold.ttft_s)
    assert float(warm.throughput_tokens_per_s) > float(cold.throughput_tokens_per_s)


def test_drafting_speeds_up_a_small_batch_and_fades_with_a_large_one():
    drafting = replace(FOUR, speculative_acceptance=0.7, draft_tokens=4.0, draft_cost_share=0.05)
    batches = np.array([1.0, 512.0])
    plain = serve(**CHAT, concurrency=batches).throughput_tokens_per_s
    faster = serve(**CHAT | {"placement": drafting}, concurrency=batches).throughput_tokens_per_s
    gain = faster / plain
    assert gain[0] > 1.8
    assert gain[1] < 0.75 * gain[0]


def test_nothing_accepted_is_the_same_as_no_drafting():
    idle = replace(FOUR, speculative_acceptance=0.0, draft_tokens=4.0, draft_cost_share=0.5)
    assert float(serve(**CHAT | {"placement": idle}, concurrency=8.0).tpot_s) == float(
        serve(**CHAT, concurrency=8.0).tpot_s
    )


def test_half_accepted_of_one_drafted_token_makes_one_and_a_half():
    made = serving_speed.tokens_per_step(
        placement=replace(FOUR, speculative_acceptance=0.5, draft_tokens=1.0)
    )
    assert float(made) == pytest.approx(1.5)


def test_uneven_experts_slow_a_large_batch_down():
    llm, gpu = hardware.llm("deepseek-r1"), hardware.gpu("H200-SXM")
    setting = {"llm": llm, "gpu": gpu, "input_tokens": 1000.0, "output_tokens": 1000.0, "concurrency": 2000.0}
    ranks = Placement(gpus=8.0, attn_dp=8.0, ep=8.0)
    even, uneven = (
        serve(**setting, placement=ranks, constants=with_constant("expert_imbalance", x)) for x in (1e-6, 3.0)
    )
    assert float(uneven.throughput_tokens_per_s) < 0.98 * float(even.throughput_tokens_per_s)


def test_a_short_run_is_slower_than_a_long_one_for_its_end():
    short, long = (offline_max(**CHAT, requests=n).throughput_tokens_per_s for n in (1000.0, 1e7))
    assert float(short) < float(long)


def test_prompts_without_end_leave_no_more_steps_than_prompts_allow():
    point = serve(**CHAT | {"input_tokens": 8000.0, "output_tokens": 10.0}, concurrency=100.0)
    alone_s = benchmark_runs.prompt_alone_s(llm=LLAMA, gpu=H100, placement=FOUR, input_tokens=8000.0)
    assert float(point.requests_per_s) <= 1.3 / float(alone_s)


def test_at_a_rate_below_capacity_all_requests_are_served():
    most = float(serve(**CHAT, concurrency=256.0).requests_per_s)
    point = benchmark_runs.serve_rate(**CHAT, requests_per_s=np.array([0.2, 0.7]) * most)
    assert point.requests_per_s == pytest.approx([0.2 * most, 0.7 * most], rel=0.02)


def test_the_most_within_a_limit_keeps_it_and_uses_it():
    point = benchmark_runs.most_within(**CHAT, tpot_limit_s=0.03)
    assert 0.028 < float(point.tpot_s) <= 0.03


def test_a_limit_no_batch_keeps_leaves_a_single_request():
    point = benchmark_runs.most_within(**CHAT, tpot_limit_s=1e-4)
    assert float(point.running) == pytest.approx(1.0)


def test_a_static_batch_takes_its_prompts_and_then_its_steps():
    alone_s = float(
        benchmark_runs.prompt_alone_s(llm=LLAMA, gpu=H100, placement=FOUR, input_tokens=500.0, batch=8.0)
    )
    each = step_costs.step_costs(llm=LLAMA, gpu=H100, placement=FOUR, constants=FITTED)
    step_s = float(step.step(costs=each, sequences=8.0, read_tokens=550.0).total_s)
    rate = benchmark_runs.static_batch_tokens_per_s(
        llm=LLAMA, gpu=H100, placement=FOUR, input_tokens=500.0, output_tokens=100.0, batch=8.0
    )
    assert float(rate) == pytest.approx(800.0 / (alone_s + 99 * step_s))


def test_a_front_end_slower_than_the_gpus_bounds_the_answers():
    slow = with_constant("stream_token_s.trtllm", 3e-4)
    free, bound = (serve(**CHAT, concurrency=900.0, constants=c) for c in (FITTED, slow))
    each_s = 500 * 3e-4 + 1000 * FITTED.tokenise_token_s
    assert float(free.requests_per_s) > 1 / each_s
    assert float(bound.requests_per_s) == pytest.approx(1 / each_s)
    assert float(bound.service_s) == pytest.approx(900 * each_s, rel=0.01)
    assert float(bound.tpot_s) == float(free.tpot_s)


def test_a_front_end_that_keeps_up_changes_nothing():
    slow = with_constant("stream_token_s.trtllm", 1e-4)
    assert serve(**CHAT, concurrency=4.0, constants=slow) == serve(**CHAT, concurrency=4.0)


def test_a_long_prompt_waits_for_its_tokens_to_be_made():
    slow = with_constant("tokenise_token_s", FITTED.tokenise_token_s + 1e-5)
    before, after = (serve(**CHAT, concurrency=1.0, constants=c) for c in (FITTED, slow))
    assert float(after.ttft_s - before.ttft_s) == pytest.approx(1000 * 1e-5)


def test_a_plan_on_sglang_takes_nothing_from_a_benchmark_that_starts_its_requests_together():
    setting = CHAT | {"placement": Placement(gpus=4.0, tp=4.0, engine="sglang"), "concurrency": 64.0}
    plan, waves = (serve(**setting, client=client) for client in (None, "sglang in-house"))
    assert float(plan.tpot_s) > float(waves.tpot_s)
    assert float(plan.ttft_s) < float(waves.ttft_s)


def test_scarce_memory_leaves_buffers_half_of_what_the_weights_leave():
    room = {"gpu": H100, "weight_bytes": 78e9, "reserve_gb": 5.5}
    tight = memory.cache_room_bytes(**room, workspace_bytes=10e9)
    assert float(tight) == pytest.approx(0.5 * (85.5 - 5.5 - 78) * 1e9)
    assert memory.cache_room_bytes(**room, workspace_bytes=0.5e9) == pytest.approx(1.5e9)


# laws and shapes


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(hardware.llms())), st.sampled_from(sorted(hardware.gpus())), st.floats(1, 2000))
def test_more_open_requests_never_lower_throughput_or_speed_up_a_token(model, gpu, concurrency):
    setting = CHAT | {
        "llm": hardware.llm(model),
        "gpu": hardware.gpu(gpu),
        "placement": Placement(gpus=8.0, tp=8.0),
    }
    point = serve(**setting, concurrency=concurrency * np.array([1.0, 1.5]))
    assert point.throughput_tokens_per_s[1] >= 0.999 * point.throughput_tokens_per_s[0]
    assert not np.all(point.fits) or point.tpot_s[1] >= 0.999 * point.tpot_s[0]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(hardware.llms())), st.floats(1.0, 3.0))
def test_a_faster_memory_never_slows_a_model_down(model, factor):
    faster = replace(H100, bandwidth_gb_per_s=H100.bandwidth_gb_per_s * factor)
    setting = CHAT | {"llm": hardware.llm(model), "placement": Placement(gpus=8.0, tp=8.0, weights="fp8")}
    before, after = (serve(**setting | {"gpu": gpu}, concurrency=16.0) for gpu in (H100, faster))
    assert float(after.throughput_tokens_per_s) >= float(before.throughput_tokens_per_s)


STACKED = [
    ("llama-3.1-8b", "A100-SXM-80GB", Placement(weights="bf16", kv="bf16", engine="vllm"), 700.0, 90.0, 3.0),
    (
        "deepseek-r1",
        "B200-SXM",
        Placement(gpus=8.0, attn_dp=8.0, ep=8.0, weights="fp4"),
        1000.0,
        900.0,
        900.0,
    ),
    (
        "gpt-oss-120b",
        "H200-SXM",
        Placement(gpus=2.0, tp=2.0, weights="mxfp4", engine="sglang"),
        8000.0,
        100.0,
        40.0,
    ),
    ("qwen3.5-397b-a17b", "GB200", Placement(gpus=8.0, tp=4.0, pp=2.0, weights="fp4"), 3000.0, 300.0, 64.0),
    (
        "glm-5",
        "MI355X",
        Placement(gpus=8.0, tp=8.0, speculative_acceptance=0.6, draft_tokens=3.0),
        500.0,
        50.0,
        8.0,
    ),
    ("llama-3.1-405b", "H100-SXM", Placement(gpus=2.0, tp=2.0), 500.0, 50.0, 8.0),
]


def stacked_setting():
    placements = [row[2] for row in STACKED]
    names = [field.name for field in fields(Placement)]
    return {
        "llm": hardware.stack([hardware.llm(row[0]) for row in STACKED]),
        "gpu": hardware.stack([hardware.gpu(row[1]) for row in STACKED]),
        "placement": Placement(**{n: np.array([getattr(p, n) for p in placements]) for n in names}),
        "input_tokens": np.array([row[3] for row in STACKED]),
        "output_tokens": np.array([row[4] for row in STACKED]),
    }


@pytest.mark.parametrize("run", [serve, offline_max, benchmark_runs.serve_rate, benchmark_runs.most_within])
def test_a_stack_of_plans_matches_plans_one_by_one(run):
    numbers = np.array([row[5] for row in STACKED])
    last = {serve: "concurrency", offline_max: "requests", benchmark_runs.serve_rate: "requests_per_s"}.get(
        run, "tpot_limit_s"
    )
    stacked = run(**stacked_setting(), **{last: numbers / 10.0})
    for i, (llm, gpu, placement, tokens_in, tokens_out, number) in enumerate(STACKED):
        alone = run(
            llm=hardware.llm(llm), gpu=hardware.gpu(gpu), placement=placement, input_tokens=tokens_in,
            output_tokens=tokens_out, **{last: number / 10.0},
        )  # fmt: skip
        shares = [name for name in ("bandwidth_share", "overhead_share") if hasattr(alone, name)]
        for name in [each.name for each in fields(alone) if each.name != "plain"] + shares:
            both = (np.broadcast_to(getattr(stacked, name), (len(STACKED),))[i], getattr(alone, name))
            assert float(both[0]) == pytest.approx(float(both[1]), rel=1e-9), name


def test_levers_on_axes_of_their_own_match_all_their_combinations():
    weights, engines = np.array(["bf16", "fp8"])[:, None], np.array(["vllm", "trtllm", "sglang"])
    grid = serve(**CHAT | {"placement": replace(FOUR, weights=weights, engine=engines)}, concurrency=20.0)
    assert grid.tpot_s.shape == (2, 3)
    single = serve(**CHAT | {"placement": replace(FOUR, weights="bf16", engine="sglang")}, concurrency=20.0)
    assert grid.tpot_s[0, 2] == pytest.approx(float(single.tpot_s))
