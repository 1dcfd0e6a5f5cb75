"""A team's own benchmark: files of load clients read by shape, asked about, and written into a plan."""

import json
import tomllib

import pytest
import tomli_w
from client_files import (
    INPUT,
    MODEL,
    OPEN,
    OUTPUT,
    SENT,
    SETTING,
    SHAPES,
    bench_serve,
    genai_perf,
    guidellm,
    in_seconds,
    inferencex_result,
    sglang,
    with_units,
)

from planner.analysis.serving_fit.benchmarks import read_benchmark
from planner.analysis.serving_fit.benchmarks.run import Run, as_row
from planner.catalog import hardware
from planner.errors import ScenarioError


@pytest.fixture
def predicted(planner):
    """What the model says of one load."""
    given = ("--model", MODEL, *SETTING, "--input", INPUT, "--output", OUTPUT, "--concurrency", OPEN)
    return json.loads(planner("serving", *given, "--json")[1])


@pytest.fixture
def calibrated(planner, tmp_path):
    """Give a file's calibration: exit code, parsed JSON, and what was said on stderr."""

    def call(text, *options):
        path = tmp_path / "bench"
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        code, out, err = planner("serving", "--calibrate", path, *options, "--json")
        return code, json.loads(out) if out else {}, err

    return call


@pytest.mark.parametrize("client", SHAPES)
def test_a_prediction_in_the_shape_of_a_client_calibrates_to_one(calibrated, predicted, planner, client):
    engine = {"sglang bench_serving": "sglang", "trtllm-bench": "trtllm"}.get(client, "vllm")
    if engine != "vllm":
        given = ("--model", MODEL, *SETTING[:-1], engine, "--input", INPUT, "--output", OUTPUT)
        predicted = json.loads(planner("serving", *given, "--concurrency", OPEN, "--json")[1])
    code, found, said = calibrated(SHAPES[client](predicted), "--model", MODEL, *SETTING[:-1], engine)
    assert (code, said, found["client"]) == (0, "", client)
    assert [found[f"{name}_x"] for name in ("throughput", "ttft", "tpot")] == pytest.approx(
        [1.0] * 3, rel=1e-3
    )


def test_a_result_of_inferencex_needs_no_option(calibrated, predicted):
    code, found, _ = calibrated(inferencex_result(predicted))
    assert code == 0
    assert [found[f"{name}_x"] for name in ("throughput", "ttft", "tpot")] == pytest.approx(
        [1.0] * 3, rel=1e-3
    )


def test_what_the_planner_printed_as_json_calibrates_to_one(calibrated, predicted):
    found = calibrated(predicted)[1]
    assert [found[f"{name}_x"] for name in ("throughput", "ttft", "tpot")] == pytest.approx(
        [1.0] * 3, rel=1e-3
    )


def test_what_a_file_does_not_say_is_asked_in_a_line_each(calibrated, predicted):
    code, _, said = calibrated(bench_serve(predicted, model_id="", tokenizer_id=""))
    assert code == 2
    for option in ("--model", "--gpu", "--tp", "--weights", "--engine"):
        assert sum(f"Give {option} " in line for line in said.splitlines()) == 1
    assert "--concurrency" not in said


def test_a_shape_that_is_not_known_is_refused_with_those_that_are(calibrated):
    code, _, said = calibrated({"loss": [1.0, 0.5]})
    assert code == 2
    for client in SHAPES:
        assert client in said


def test_lines_and_objects_that_cannot_be_read_are_named_and_do_not_end_it(calibrated, predicted):
    lines = [
        json.dumps(sglang(predicted)),
        "{broken",
        json.dumps({"other": 1}),
        json.dumps(sglang(predicted)),
    ]
    code, found, _ = calibrated("\n".join(lines), *SETTING)
    assert code == 0
    assert found["rows"]["tpot"] == 2
    assert any("line 2 is no JSON" in remark for remark in found["remarks"])
    assert any("object 2 (1 of 3) is in no shape" in remark for remark in found["remarks"])


def test_a_csv_of_metrics_is_read_by_their_units():
    p = {"throughput_tokens_per_s": 1e3, "ttft_s": 0.5, "tpot_s": 0.02}
    head, (first, *rest) = "Metric,avg,p50", with_units(p).items()
    told = [
        f"{name.replace('_', ' ').title()} ({each['unit']}),{each['avg']}" for name, each in (first, *rest)
    ]
    (row,) = read_benchmark("\n".join([head, *told[2:], "", "Metric,Value", *told[:2]])).rows
    assert (float(row["ttft_ms"]), float(row["tpot_ms"])) == pytest.approx((500.0, 20.0))
    assert float(row["throughput_output_tok_s_total"]) == 1e3


def test_a_run_of_an_engine_that_is_not_known_is_refused_in_words(calibrated):
    code, _, said = calibrated([{"model_filename": "a.gguf", "n_prompt": 512, "n_gen": 0, "avg_ts": 1000.0}])
    assert code == 2
    assert "a.gguf ran in llama.cpp, which is no engine of the model" in said


def test_a_model_that_is_not_known_is_named_by_its_run(calibrated, predicted):
    runs = [bench_serve(predicted), bench_serve(predicted, model_id="my-secret-model")]
    code, found, _ = calibrated(runs, *SETTING)
    assert code == 0
    assert any(
        remark.startswith("left out: run 2, model is 'my-secret-model'") for remark in found["remarks"]
    )


def test_an_option_wins_over_the_file_and_says_so(calibrated, predicted):
    code, found, _ = calibrated(bench_serve(predicted, model_id="served-name"), "--model", MODEL, *SETTING)
    assert code == 0
    assert f"model: {MODEL}, as given, not served-name, as the file says." in found["remarks"]


def test_factors_are_told_by_concurrency_where_one_misleads(calibrated, planner):
    runs = []
    for concurrency, slower in ((1, 1.0), (32, 1.0), (128, 3.0)):
        given = ("--model", MODEL, *SETTING, "--input", INPUT, "--output", OUTPUT)
        p = json.loads(planner("serving", *given, "--concurrency", concurrency, "--json")[1])
        p["ttft_s"] *= slower
        sent = 10 * concurrency
        tokens = {"total_input_tokens": sent * INPUT, "total_output_tokens": sent * OUTPUT}
        runs.append(bench_serve(p, max_concurrency=concurrency, num_prompts=sent, completed=sent, **tokens))
    found = calibrated(runs, *SETTING)[1]
    assert (
        "first token: one factor misleads, it moves with the open requests: 1 at 1, 1 at 32, 3 at 128."
        in [remark.replace("0.999", "1") for remark in found["remarks"]]
    )
    assert not any("throughput: one factor" in remark for remark in found["remarks"])


def test_factors_by_load_are_written_where_one_misleads_and_taken_back_where_it_does_not(
    planner, plan, tmp_path
):
    def run(concurrency, slower):
        given = ("--model", MODEL, *SETTING, "--input", INPUT, "--output", OUTPUT)
        p = json.loads(planner("serving", *given, "--concurrency", concurrency, "--json")[1])
        sent = 10 * concurrency
        tokens = {"total_input_tokens": sent * INPUT, "total_output_tokens": sent * OUTPUT}
        late = p | {"ttft_s": slower * p["ttft_s"]}
        return bench_serve(late, max_concurrency=concurrency, num_prompts=sent, completed=sent, **tokens)

    def written(*runs):
        bench = tmp_path / "bench.json"
        bench.write_text(json.dumps([*runs]))
        setting = ("--engine", "vllm", "--kv", "bf16", "--tp", "1")
        assert (
            planner("serving", "--calibrate", bench, *setting, "--into", plan, "--deployment", "small")[0]
            == 0
        )
        return tomllib.loads(plan.read_text())["deployments"]["small"]["calibration"]

    found = written(run(8, 1.0), run(64, 3.0))
    assert found["at_concurrency"] == [8, 64]
    assert found["ttft_x_at"] == pytest.approx([1.0, 3.0], rel=1e-3)
    assert "tpot_x_at" not in found
    assert written(run(8, 1.0))["at_concurrency"] == []


def test_a_limit_that_never_binds_leaves_the_rate_as_the_load():
    run = Run(offered_per_s=5.0, most_open=256.0, mean_open=11.8, sent=1000.0, requests_per_s=4.9)
    row, doubts = as_row(run)
    assert (row["kind"], row["qps_offered"]) == ("open_loop_qps", "5.0")
    assert "concurrency_or_batch" not in row
    assert "serves all that was offered" in doubts[0]


def test_a_limit_that_binds_is_the_load():
    run = Run(offered_per_s=50.0, most_open=16.0, mean_open=15.6, sent=1000.0, requests_per_s=9.0)
    row, _ = as_row(run)
    assert (row["kind"], row["concurrency_or_batch"]) == ("closed_loop", "16.0")


def test_requests_sent_all_at_once_are_all_open():
    row, _ = as_row(Run(offered_per_s=float("inf"), sent=300.0))
    assert (row["kind"], row["concurrency_or_batch"]) == ("closed_loop", "300.0")


def test_tokens_counted_in_two_ways_leave_only_the_time_per_token(calibrated, predicted):
    whole = genai_perf(predicted)
    whole["output_token_throughput"]["avg"] /= 3
    found = calibrated(whole, *SETTING)[1]
    assert found["rows"] == {"throughput": 0, "ttft": 0, "tpot": 1}
    assert any("is not requests x length" in remark for remark in found["remarks"])


def test_failed_requests_are_counted_and_what_they_spoil_is_left_out(calibrated, predicted):
    code, found, _ = calibrated(guidellm(predicted, successful=40, errored=280), *SETTING)
    assert code == 0
    assert found["rows"] == {"throughput": 0, "ttft": 0, "tpot": 1}
    assert any(f"280 of {SENT} requests failed" in remark for remark in found["remarks"])


def test_times_without_a_unit_are_seconds():
    (row,) = read_benchmark(
        json.dumps(in_seconds({"throughput_tokens_per_s": 1e3, "ttft_s": 0.5, "tpot_s": 0.02}))
    ).rows
    assert (float(row["ttft_ms"]), float(row["tpot_ms"])) == pytest.approx((500.0, 20.0))


def test_a_median_stands_in_for_a_mean_and_a_tail_does_not():
    p = {"throughput_tokens_per_s": 1e3, "ttft_s": 0.5, "tpot_s": 0.02}
    whole = bench_serve(p)
    del whole["mean_ttft_ms"], whole["mean_tpot_ms"]
    (row,) = read_benchmark(json.dumps(whole)).rows
    assert float(row["ttft_ms"]) == pytest.approx(1.0)
    assert "tpot_ms" not in row


def test_a_limit_that_cannot_be_read_is_asked_for(calibrated, predicted):
    code, _, said = calibrated(bench_serve(predicted, max_concurrency="many"), *SETTING)
    assert code == 2
    assert "Give --concurrency N." in said


def test_the_same_model_by_another_name_replaces_nothing(calibrated, predicted):
    whole = bench_serve(predicted, model_id="meta-llama/Llama-3.1-8B-Instruct")
    found = calibrated(whole, "--model", MODEL, *SETTING)[1]
    assert found["remarks"] == []


def test_a_run_on_two_pools_is_named_and_left_out(calibrated, predicted):
    runs = [inferencex_result(predicted), inferencex_result(predicted) | {"disagg": True}]
    code, found, _ = calibrated(runs)
    assert (code, found["rows"]["tpot"]) == (0, 1)
    assert any(remark.startswith("left out: object 2 reads prompts") for remark in found["remarks"])


def test_each_load_of_guidellm_is_a_run_and_a_rate_that_is_kept_up_measures_no_throughput(predicted):
    whole = guidellm(predicted)
    rate = predicted["throughput_tokens_per_s"] / OUTPUT
    strategy = {"strategy": {"type_": "constant", "rate": rate}}
    whole["benchmarks"].append(whole["benchmarks"][0] | {"args": strategy})
    closed, rated = read_benchmark(json.dumps(whole)).rows
    assert (closed["kind"], rated["kind"]) == ("closed_loop", "open_loop_qps")
    assert "throughput_output_tok_s_total" not in rated


def test_a_model_of_a_config_file_is_read(calibrated, predicted, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
        "head_dim": 128, "torch_dtype": "bfloat16", "max_position_embeddings": 131072, "tie_word_embeddings": False,
    }))  # fmt: skip
    code, found, said = calibrated(bench_serve(predicted, model_id="ours"), "--model", str(config), *SETTING)
    assert (code, said) == (0, "")
    assert found["tpot_x"] == pytest.approx(1.0, rel=1e-2)


def test_nothing_is_written_where_most_requests_failed(planner, plan, predicted, tmp_path):
    bench, before = tmp_path / "bench.json", plan.read_text()
    bench.write_text(json.dumps(guidellm(predicted, successful=40, errored=280)))
    code, _, said = planner("serving", "--calibrate", bench, "--model", "ours", "--into", plan)
    assert code == 2
    assert "nothing is written" in said
    assert plan.read_text() == before


def test_a_first_token_far_too_late_is_asked_about(calibrated, predicted):
    late = bench_serve(predicted, mean_ttft_ms=1e4 * predicted["ttft_s"])
    assert any(
        "10 times as late as predicted" in remark for remark in calibrated(late, *SETTING)[1]["remarks"]
    )


def test_an_option_that_no_benchmark_is_compared_with_is_refused(calibrated, predicted):
    code, _, said = calibrated(bench_serve(predicted), *SETTING, "--hits", "0.5")
    assert code == 2
    assert "--calibrate can't be combined with --hits" in said


def test_prompts_that_share_beginnings_are_told(calibrated, predicted):
    shared = sglang(predicted) | {"dataset_name": "generated-shared-prefix"}
    remarks = calibrated(shared, *SETTING)[1]["remarks"]
    assert any("prompts share beginnings" in remark for remark in remarks)


def test_an_empty_file_is_refused_in_words():
    with pytest.raises(ScenarioError, match="in no shape that is read"):
        read_benchmark("")


PLAN = """schema = 1
# our cluster, do not touch
[deployments]
big = { kind = "api", model = "openai:gpt-5.4" }

[deployments.small] # the small one
kind = "self-hosted"
model = "ours"
gpu = "box"
weights = "fp8"

"""


@pytest.fixture
def plan(tmp_path):
    """A plan whose model and GPU are its own: those of the catalog by another name."""

    def bare(table):
        return {key: each for key, each in table.items() if key not in ("source", "note", "names", "as_of")}

    own = {
        "models": {"ours": bare(hardware.llms()[MODEL])},
        "gpus": {"box": bare(hardware.gpus()["H100-SXM"])},
    }
    path = tmp_path / "plan.toml"
    path.write_text(PLAN + tomli_w.dumps(own))
    return path


def test_factors_are_written_into_a_deployment_with_models_and_gpus_of_the_plan(
    planner, plan, predicted, tmp_path
):
    bench = tmp_path / "bench.json"
    bench.write_text(json.dumps(bench_serve(predicted, model_id="", mean_tpot_ms=2e3 * predicted["tpot_s"])))
    before = plan.read_text()
    code, out, said = planner("serving", "--calibrate", bench, "--into", plan, "--deployment", "small")
    assert (code, said) == (0, "")
    assert "# wrote " in out
    calibration = tomllib.loads(plan.read_text())["deployments"]["small"]["calibration"]
    assert calibration["tpot_x"] == pytest.approx(2.0, rel=1e-3)
    assert set(before.splitlines()) <= set(plan.read_text().splitlines())


def test_a_name_that_only_the_server_knows_is_the_deployments_model(planner, plan, predicted, tmp_path):
    bench = tmp_path / "bench.json"
    bench.write_text(json.dumps(bench_serve(predicted, model_id="prod-chat")))
    code, out, said = planner("serving", "--calibrate", bench, "--into", plan, "--deployment", "small")
    assert (code, said) == (0, "")
    assert "prod-chat is no model that is known; taken as ours, as small runs" in out
    assert tomllib.loads(plan.read_text())["deployments"]["small"]["calibration"]["tpot_x"] == pytest.approx(
        1.0, rel=1e-3
    )


def test_a_deployment_that_is_not_there_is_refused_with_those_that_are(planner, plan, predicted, tmp_path):
    bench = tmp_path / "bench.json"
    bench.write_text(json.dumps(bench_serve(predicted)))
    code, _, said = planner("serving", "--calibrate", bench, "--into", plan, "--deployment", "big")
    assert code == 2
    assert "--deployment is 'big'" in said
    assert "It has: small." in said
