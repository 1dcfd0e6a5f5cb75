"""What engines do: launches, memory shares, steps, ages, finite runs; and what a table of their measurements says."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from planner.analysis.serving_fit.calibrate import calibrate
from planner.analysis.serving_fit.cells import (
    engine_of,
    gap_is_median,
    kv_of,
    length_cv_of,
    requests_of,
    weights_of,
)
from planner.analysis.serving_fit.rows import read_rows
from planner.analysis.serving_fit.sweeps import repeated_prompts
from planner.analysis.serving_fit.table import predict, predict_table
from planner.catalog import engines, hardware
from planner.catalog.fitted import FITTED, constants_from_values, values_of
from planner.model.serving import benchmark_runs, gpu_traffic, launches, room, serving_speed
from planner.model.serving.serving_speed import mean_open, offline_max, serve
from planner.model.serving.step_costs import Placement, step_costs

QWEN, H100 = hardware.llm("qwen3-8b"), hardware.gpu("H100-SXM")
R1, B200 = hardware.llm("deepseek-r1"), hardware.gpu("B200-SXM")
ONE = Placement(engine="vllm", weights="bf16", kv="bf16")
CHAT = {"llm": QWEN, "gpu": H100, "input_tokens": 1000.0, "output_tokens": 200.0}
ROW = {
    "kind": "closed_loop", "model": "llama-3.1-8b", "gpu": "H100-SXM", "n_gpu": "1", "tp": "1",
    "precision_weights": "fp8", "isl_mean": "1000", "osl_mean": "200", "concurrency_or_batch": "32",
}  # fmt: skip


# memory


@pytest.mark.parametrize(
    ("model", "gpu", "tp", "weights", "log_tokens"),
    [
        ("qwen3-8b", "H100-SXM", 1.0, "bf16", 377_024),  # silybench, vLLM 0.30, default 0.9
        ("qwen3-235b-a22b", "H100-SXM", 4.0, "fp8", 178_880),  # gpustack, vLLM log
        ("kimi-k2.5", "H200-SXM", 8.0, "int4", 715_072),  # vLLM recipes, Kimi-K2-Thinking
    ],
)
def test_the_cache_is_as_large_as_engine_logs_say(model, gpu, tp, weights, log_tokens):
    placement = Placement(gpus=tp, tp=tp, engine="vllm", weights=weights, kv="bf16")
    fit = serving_speed.max_sequences(
        llm=hardware.llm(model), gpu=hardware.gpu(gpu), placement=placement, context_tokens=1000.0
    )
    assert float(fit) * 1000.0 == pytest.approx(log_tokens, rel=0.15)


def test_a_larger_share_of_the_memory_holds_more():
    half, most = (
        room.cache_room_bytes(llm=QWEN, gpu=H100, placement=replace(ONE, memory_share=s), constants=FITTED)
        for s in (0.5, 0.95)
    )
    assert float(most - half) == pytest.approx(0.45 * 85.5e9)


def test_a_static_batch_that_the_cache_does_not_hold_is_served_in_turns():
    eight = Placement(gpus=8.0, tp=8.0, engine="vllm", weights="fp8", kv="bf16")
    setting = {"llm": hardware.llm("llama-3.1-405b"), "gpu": H100, "placement": eight}
    rate = {
        batch: float(
            benchmark_runs.static_batch_tokens_per_s(
                **setting, input_tokens=2048.0, output_tokens=2048.0, batch=batch
            )
        )
        for batch in (256.0, 512.0)
    }
    assert rate[512.0] == rate[256.0]


# launches


def test_a_short_prompt_takes_as_long_as_its_launches():
    alone = {"gpu": B200, "placement": Placement(gpus=8.0, tp=8.0, engine="sglang")}
    short, tiny = (
        float(benchmark_runs.prompt_alone_s(llm=R1, input_tokens=n, **alone)) for n in (200.0, 50.0)
    )
    costs = step_costs(llm=R1, constants=FITTED, **alone)
    assert short == pytest.approx(tiny) == pytest.approx(float(costs.prompt_launch_s))


def test_recorded_steps_of_vllm_launch_less():
    alone = {"llm": QWEN, "gpu": H100, "placement": ONE}
    short, long = (float(benchmark_runs.prompt_alone_s(input_tokens=n, **alone)) for n in (128.0, 600.0))
    assert short < long * FITTED.prompt_recorded_x * 1.5


def test_a_newer_engine_launches_faster_up_to_the_newest_measured():
    def step_s(year):
        return float(
            launches.launches(
                llm=QWEN, gpu=H100, placement=replace(ONE, released=year), constants=FITTED
            ).step_s
        )

    assert step_s(2025.0) > step_s(2026.0) > step_s(2026.7)
    assert step_s(2026.0) / step_s(2025.0) == pytest.approx(1.0 / FITTED.launch_gain["vllm"])
    assert step_s(2031.0) == step_s(launches.TODAY) == step_s(0.0)


def test_versions_between_known_ones_lie_between_them_in_time():
    years = [engines.released("vllm", v) for v in ("0.6.5", "0.10.2", "0.11.0", "0.13.0", "0.25.0", "0.30.0")]
    assert years == sorted(years)
    assert engines.released("vllm", "nightly (2026-02)") == 0.0


def test_prompts_with_steps_of_their_own_cost_every_answer_a_step():
    joined = values_of(FITTED)
    same = constants_from_values(joined | {f"{n}.sglang": joined[f"{n}.vllm"] for n in ("layer_s", "step_s")})
    together, apart = (
        float(serve(**CHAT, placement=replace(ONE, engine=e), concurrency=32.0, constants=same).tpot_s)
        for e in ("vllm", "sglang")
    )
    assert apart > together


# beyond the links


def test_a_group_larger_than_its_links_takes_the_network():
    inside, outside = (
        float(gpu_traffic.link_bytes_per_s(gpu=H100, group=n, constants=FITTED)) for n in (8.0, 16.0)
    )
    assert outside == pytest.approx(H100.network_gb_per_s * FITTED.network_share * 1e9)
    assert inside > 5.0 * outside


def test_two_nodes_make_a_token_later_than_one_of_sixteen_gpus():
    sixteen = Placement(gpus=16.0, tp=16.0, engine="vllm", weights="fp8")
    far, near = (
        serve(llm=R1, gpu=replace(H100, domain_gpus=n), placement=sixteen, input_tokens=1000.0, output_tokens=200.0,
              concurrency=64.0).tpot_s
        for n in (8.0, 16.0)
    )  # fmt: skip
    assert float(far) > 1.3 * float(near)


# finite runs


def test_a_run_of_few_waves_and_mixed_lengths_has_fewer_open():
    # 80 requests at 16 open, lengths drawn evenly: 13.6 to 14.6 were open in the mean (sgl-cookbook)
    assert 13.6 <= float(mean_open(concurrency=16.0, waves=5.0, length_cv=0.577)) <= 14.6
    assert float(mean_open(concurrency=16.0, waves=5.0, length_cv=0.0)) == 16.0


def test_the_first_burst_is_one_wave_of_a_run():
    few, many = (float(serve(**CHAT, placement=ONE, concurrency=64.0, waves=w).ttft_s) for w in (2.0, 100.0))
    assert few > many


def test_offline_runs_of_one_wave_have_nothing_to_drain():
    whole, drained = (
        offline_max(**CHAT, placement=ONE, requests=64.0, constants=constants_from_values(values_of(FITTED) | {"drain_share": d}))
        for d in (0.0, 1.0)
    )  # fmt: skip
    assert float(whole.throughput_tokens_per_s) == pytest.approx(float(drained.throughput_tokens_per_s))


def test_an_open_loop_reports_what_was_achieved():
    given = CHAT | {"placement": ONE, "requests": 200.0}
    slow, fast = (benchmark_runs.serve_rate(requests_per_s=r, **given) for r in (1.0, 500.0))
    assert float(slow.requests_per_s) == pytest.approx(1.0, rel=0.02)
    assert float(slow.requests_per_s) < 1.0
    assert float(fast.requests_per_s) < 100.0


@pytest.mark.parametrize(
    ("answer_s", "coming_s", "tokens_among", "prompts_upon"),
    [(1.0, 1e6, 1e-6, 1e-6), (10.0, 10.0, 2 / 3, 1 / 2), (30.0, 10.0, 8 / 9, 1 / 2), (10.0, 0.0, 1.0, 1 / 2)],
)
def test_requests_of_a_finite_run_pile_up_as_a_trapezoid(answer_s, coming_s, tokens_among, prompts_upon):
    def open_at(t):
        return np.minimum(t, coming_s) - np.maximum(t - answer_s, 0.0)

    assert float(benchmark_runs.open_share(answer_s, coming_s)) == pytest.approx(tokens_among, rel=1e-6)
    assert float(benchmark_runs.met_share(answer_s, coming_s)) == pytest.approx(prompts_upon, rel=1e-6)
    if 0.0 < coming_s < 1e3:
        among = open_at(np.linspace(0.0, answer_s + coming_s, 100_001))
        assert (among**2).sum() / among.sum() / coming_s == pytest.approx(tokens_among, rel=1e-3)


# TensorRT-LLM docs, performance overview 0.14, 500 requests through Triton, Llama 3.1 in 16 bit: offered a second, tokens a
# second, mean first token and time between tokens in ms. At "inf" prompts are read first: answers end no later for it.
@pytest.mark.parametrize(
    ("model", "answer", "offered", "published"),
    [
        ("llama-3.1-70b", 256.0, np.inf, (4185.0, 9222.0, 83.0)),
        ("llama-3.1-70b", 16.0, np.inf, (457.0, 9074.0, 546.0)),
        ("llama-3.1-8b", 256.0, np.inf, (10_121.0, 3237.0, 36.0)),
        ("llama-3.1-8b", 256.0, 8.0, (1971.0, 24.0, 7.0)),
        ("llama-3.1-70b", 256.0, 16.0, (3264.0, 165.0, 60.0)),
    ],
)
def test_an_open_loop_of_500_requests_is_as_published(model, answer, offered, published):
    tp = 4.0 if "70b" in model else 1.0
    point = benchmark_runs.serve_rate(
        llm=hardware.llm(model), gpu=hardware.gpu("H200-SXM"), requests_per_s=offered, requests=500.0,
        placement=Placement(gpus=tp, tp=tp, weights="bf16", kv="bf16", released=2024.85), input_tokens=467.0, output_tokens=answer,
    )  # fmt: skip
    rate, first_ms, gap_ms = published
    assert float(point.throughput_tokens_per_s) == pytest.approx(rate, rel=0.15)
    assert 1e3 * float(point.ttft_s) == pytest.approx(first_ms, rel=0.35)
    assert 1e3 * float(point.tpot_s) == pytest.approx(gap_ms, rel=0.15)


def test_an_endless_load_above_what_is_served_is_served_at_capacity():
    most = float(serve(**CHAT, placement=ONE, concurrency=benchmark_runs.MOST_OPEN).requests_per_s)
    over = benchmark_runs.serve_rate(**CHAT, placement=ONE, requests_per_s=10.0 * most)
    assert float(over.requests_per_s) == pytest.approx(most, rel=0.02)


# what rows say


def test_a_row_says_its_requests_and_spread_in_columns_or_notes():
    assert requests_of({"notes": "line 3; 1,000 requests at once"}) == 1000.0
    assert requests_of({"requests": "64", "notes": "1000 requests"}) == 64.0
    assert np.isnan(requests_of({}))
    assert length_cv_of({"notes": "lengths uniform 1..N unless ShareGPT"}) == pytest.approx(
        1 / np.sqrt(3), abs=1e-3
    )
    assert length_cv_of({"length_cv": "0.2", "notes": "ShareGPT"}) == 0.2
    assert gap_is_median({"notes": "tpot = median inter-token latency; 3 repeats"})


def test_what_a_row_does_not_say_is_what_the_command_line_takes():
    assert (engine_of(None), kv_of({"precision_weights": "fp8"})) == ("vllm", "bf16")
    assert (engine_of("TensorRT-LLM"), engine_of("nim-trtllm"), weights_of("w4afp8")) == (
        "trtllm",
        "trtllm",
        "int4",
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"engine": "llama.cpp"}, "line 2, engine is 'llama.cpp'. Known: vllm, trtllm, sglang."),
        ({"tp": "3"}, "line 2, n_gpu is 1; tp * pp * attn_dp needs 3."),
        ({"precision_kv": "q4_0"}, "line 2, precision_kv is 'q4_0'. Known: bf16, fp16, fp8."),
        ({"precision_weights": "gguf"}, "line 2, precision_weights is 'gguf'."),
    ],
)
def test_what_no_engine_runs_is_refused_in_words(change, told):
    (problem,) = predict_table([ROW | change]).problems
    assert str(problem).startswith(told)


def test_four_bit_weights_with_eight_bit_activations_are_read_as_four_bit():
    four, eight = read_rows([ROW | {"precision_weights": w} for w in ("w4afp8", "fp8")])[0].placement.weights
    assert (four, eight) == ("int4", "fp8")


# calibration


@pytest.mark.parametrize("engine", ["vllm", "sglang", "trtllm"])
def test_a_prediction_fed_back_calibrates_to_one(planner, engine):
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
    told = json.loads(planner("serving", *given, "--engine", engine, "--concurrency", 32, "--json")[1])
    row = ROW | {
        "throughput_output_tok_s_total": str(told["throughput_tokens_per_s"]),
        "ttft_ms": str(1e3 * told["ttft_s"]), "tpot_ms": str(1e3 * told["tpot_s"]),
    }  # fmt: skip
    found = calibrate([row if engine == "vllm" else row | {"engine": engine}])
    assert [found.throughput_x, found.ttft_x, found.tpot_x] == pytest.approx([1.0] * 3, rel=1e-9)


def test_attention_ranks_that_say_nothing_of_experts_calibrate_to_one(planner):
    given = (
        "--model",
        "deepseek-r1",
        "--gpu",
        "H200-SXM",
        "--attn-dp",
        8,
        "--weights",
        "fp8",
        "--input",
        1000,
    )
    told = json.loads(planner("serving", *given, "--output", 200, "--concurrency", 64, "--json")[1])
    row = ROW | {
        "model": "deepseek-r1",
        "gpu": "H200-SXM",
        "n_gpu": "8",
        "attn_dp": "8",
        "concurrency_or_batch": "64",
    }
    found = calibrate([row | {"tpot_ms": str(1e3 * told["tpot_s"])}])
    assert found.tpot_x == pytest.approx(1.0, rel=1e-9)


def test_one_bad_row_does_not_end_a_calibration(planner, tmp_path):
    good = ROW | {"tpot_ms": "10"}
    text = io.StringIO()
    writer = csv.DictWriter(text, [*good])
    writer.writeheader()
    writer.writerows([good, good | {"model": "no-such-model"}])
    file = tmp_path / "bench.csv"
    file.write_text(text.getvalue())
    code, out, _ = planner("serving", "--calibrate", str(file))
    assert code == 0
    assert "left out: line 3, model is 'no-such-model'" in " ".join(out.replace("#", " ").split())


# sweeps


def _sweep(*runs, source="a/b:docs/Model.md@1"):
    """Rows of SGLang's client as tables have them: (prompt tokens, requests, concurrency) of each run."""
    row = {
        "kind": "closed_loop", "source": source, "engine": "sglang", "model": "qwen3-8b", "gpu": "H100-SXM", "n_gpu": "1",
        "tp": "1", "precision_weights": "bf16", "osl_mean": "500",
    }  # fmt: skip
    return [
        {
            **row,
            "isl_mean": str(tokens),
            "concurrency_or_batch": str(concurrency),
            "notes": f"{requests} requests, lengths uniform 1..N",
        }
        for tokens, requests, concurrency in runs
    ]


def test_a_run_begins_with_the_prompts_that_shorter_runs_of_its_sweep_have_sent():
    runs = _sweep((600, 10, 1), (496, 80, 16), (3750, 80, 16), (500, 500, 100), (3981, 320, 64))
    assert repeated_prompts(runs).tolist() == [0.0, 10.0, 0.0, 80.0, 80.0]
    assert repeated_prompts([runs[0], *_sweep((496, 80, 16), source="a/b:docs/Other.md@1")]).tolist() == [
        0.0,
        0.0,
    ]
    assert not repeated_prompts([{**each, "engine": "vllm"} for each in runs]).any()
    assert repeated_prompts([{**runs[0], "engine": "vllm", "repeated_prompts": "7"}]).tolist() == [7.0]


def test_a_burst_whose_prompts_were_sent_before_is_read_at_once():
    alone = _first_tokens(_sweep((3981, 320, 64)))
    swept = _first_tokens(_sweep((3750, 80, 16), (3981, 320, 64)))
    longer = _first_tokens(_sweep((3750, 40, 16), (3981, 320, 64)))
    assert swept[-1] < longer[-1] < alone[-1]
    # all that differs is the burst, one wave of five, and a quarter of the prompts that are not read
    assert swept[-1] > 0.25 * alone[-1]


def _first_tokens(rows):
    read, problems = read_rows(rows)
    assert not problems
    return predict(read)["ttft"].tolist()
