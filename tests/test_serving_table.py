"""Tables of measurements: predicted, judged, and read with care; calibration, limits and the refit."""

import csv
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from planner.analysis.serving_fit import fitting, refit
from planner.analysis.serving_fit.blockwise import sent_in_blocks, without_blocks
from planner.analysis.serving_fit.calibrate import calibrate
from planner.analysis.serving_fit.cells import engine_of, kv_of
from planner.analysis.serving_fit.limits import explain_limits
from planner.analysis.serving_fit.rows import read_rows, some_rows
from planner.analysis.serving_fit.table import errors_by_kind, predict, predict_table
from planner.catalog import hardware
from planner.catalog.fitted import FITTED, bands_table, constants_from_values, constants_table, values_of
from planner.errors import ScenarioError
from planner.model.serving.step_costs import Placement

HERE = Path(__file__).parent
CITED = list(csv.DictReader((HERE / "serving_cited.csv").read_text(encoding="utf-8").splitlines()))
ALL_MEASURED = HERE.parents[1] / "shared/data/serving/measured.csv"
ALL_MEASURED = next(
    (p for up in HERE.resolve().parents if (p := up / "shared/data/serving/measured.csv").exists()),
    ALL_MEASURED,
)
LOOP = {
    "kind": "closed_loop", "engine": "vllm", "model": "llama-3.1-8b", "gpu": "H100-SXM", "n_gpu": "1", "tp": "1",
    "precision_weights": "fp8", "precision_kv": "fp8", "isl": "1000", "osl": "200", "concurrency_or_batch": "8",
}  # fmt: skip


def bars(predicted):
    return {(e.kind, e.metric): e for e in predicted.errors}


def test_cited_measurements_are_predicted_within_the_stated_error():
    found = bars(predict_table(CITED))
    assert found["offline_max", "throughput"].median < 0.09
    assert found["offline_max", "throughput"].p90 < 0.30
    assert found["closed_loop", "tpot"].median < 0.10
    assert found["closed_loop", "ttft"].median < 0.30
    assert abs(found["offline_max", "throughput"].bias) < 0.05


@pytest.mark.skipif(
    not ALL_MEASURED.exists(), reason="../shared/data/serving/measured.csv is not beside the project"
)
def test_all_public_measurements_are_predicted_within_the_bars():
    with ALL_MEASURED.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["quality"] == "ok"]
    found = bars(predict_table(rows))
    assert found["offline_max", "throughput"].median <= 0.07
    assert found["offline_max", "throughput"].p90 <= 0.20
    assert abs(found["offline_max", "throughput"].bias) <= 0.03
    assert found["closed_loop", "tpot"].median <= 0.08
    assert found["closed_loop", "tpot"].p90 <= 0.28
    assert found["closed_loop", "ttft"].median <= 0.20
    assert found["closed_loop", "ttft"].p90 <= 0.65


def test_three_thousand_rows_are_predicted_in_a_tenth_of_a_second():
    rows, _ = read_rows([row for row in CITED if row["kind"] in ("offline_max", "closed_loop")])
    many = some_rows(rows, np.tile(np.arange(rows.kind.size), 40)[:3000])
    many.batch[:] = np.where(np.isfinite(many.batch), np.arange(3000) % 97 + 1.0, np.nan)
    best = min(timed(predict, many) for _ in range(3))
    assert best < 0.3, "three times the bar: tests share their processor"


def timed(run, *given):
    start = time.process_time()
    run(*given)
    return time.process_time() - start


def test_a_table_matches_its_rows_one_by_one():
    whole = predict_table(CITED[::9]).rows
    for row, together in zip(CITED[::9], whole, strict=True):
        alone = predict_table([row]).rows[0]
        for column in ("throughput_output_tok_s_total", "ttft_ms", "tpot_ms"):
            value = together[f"pred_{column}"]
            assert alone[f"pred_{column}"] == (None if value is None else pytest.approx(value, rel=1e-9))


def test_every_kind_of_run_gets_the_metrics_it_has():
    by_kind = {row["kind"]: row for row in predict_table(CITED).rows}
    assert by_kind["offline_max"]["pred_ttft_ms"] is None
    assert by_kind["offline_max"]["pred_throughput_output_tok_s_total"] > 0
    assert by_kind["prefill_bs1"]["pred_ttft_ms"] > 0
    assert by_kind["open_loop_qps"]["pred_tpot_ms"] > 0
    assert by_kind["mlperf_offline"]["pred_throughput_output_tok_s_total"] > 0


def test_an_unknown_model_and_a_bad_number_are_named_with_their_lines_and_the_rest_is_predicted():
    bad = LOOP | {"model": "lama-3.1-8b", "concurrency_or_batch": "many", "precision_weights": "fp3"}
    found = predict_table([LOOP, bad, LOOP | {"gpu": "", "kind": "chat"}])
    words = [str(problem) for problem in found.problems]
    assert any(w.startswith("line 3, model is 'lama-3.1-8b'") and "llama-3.1-8b" in w for w in words)
    assert any(w.startswith("line 3, concurrency_or_batch is 'many'") for w in words)
    assert any(w.startswith("line 3, precision_weights is 'fp3'") for w in words)
    assert any(w.startswith("line 4, gpu") for w in words)
    assert any(w.startswith("line 4, kind is 'chat'") for w in words)
    assert found.rows[0]["pred_tpot_ms"] > 0
    assert found.rows[1]["pred_tpot_ms"] is None


def test_a_row_of_an_empty_table_is_no_error():
    assert predict_table([]).rows == []


def test_missing_parallelism_means_one_group_of_all_gpus():
    told = LOOP | {"n_gpu": "4", "tp": "4", "pp": "1", "attn_dp": "1", "ep": "1"}
    silent = {name: cell for name, cell in told.items() if name not in ("tp", "pp", "attn_dp", "ep")}
    both = predict_table([told, silent]).rows
    assert both[0]["pred_tpot_ms"] == both[1]["pred_tpot_ms"]


def test_experts_counted_as_further_gpus_are_read_as_one_node_and_said_so():
    row = LOOP | {"model": "gpt-oss-120b", "n_gpu": "64", "tp": "64", "ep": "8", "precision_weights": "mxfp4"}
    found = predict_table([row, row | {"n_gpu": "8", "tp": "8"}])
    assert found.rows[0]["pred_tpot_ms"] == pytest.approx(found.rows[1]["pred_tpot_ms"])
    assert len(found.remarks) == 1
    assert "line 2: 64 GPUs count its experts twice; read as tp 8" in found.remarks[0]


@pytest.mark.parametrize(
    ("words", "engine"),
    [
        ("TensorRT 10.11, CUDA 12.8", "trtllm"),
        ("vLLM 0.9.0 ROCm", "vllm"),
        ("Mango LLMBoost", "vllm"),
        (None, "vllm"),
        ("PyTorch ROCm 7.2.2", "vllm"),
    ],
)
def test_engines_are_known_by_what_people_call_them(words, engine):
    assert engine_of(words) == engine


def test_an_assumed_cache_format_counts_only_where_its_source_sets_one():
    assumed = {"notes": "kv precision assumed", "precision_kv": "fp8"}
    assert kv_of(assumed | {"source": "SemiAnalysis InferenceX db"}) == "fp8"
    assert kv_of(assumed | {"source": "in-house"}) == "bf16"
    assert kv_of({"precision_weights": "int4"}) == "bf16"


def test_a_benchmark_twice_as_fast_as_the_model_calibrates_to_two():
    rows = [LOOP | {"concurrency_or_batch": str(n)} for n in (4, 8, 16)]
    measured = [
        row | {"tpot_ms": str(found["pred_tpot_ms"] / 2), "throughput_output_tok_s_total": str(
            found["pred_throughput_output_tok_s_total"] * 2)}
        for row, found in zip(rows, predict_table(rows).rows, strict=True)
    ]  # fmt: skip
    found = calibrate(measured)
    assert (found.throughput_x, found.tpot_x, found.ttft_x) == pytest.approx((2.0, 0.5, 1.0))
    assert found.rows == {"throughput": 3, "ttft": 0, "tpot": 3}
    assert found.remarks == ()


def test_a_benchmark_that_does_not_agree_with_itself_is_remarked_on():
    rows = [LOOP | {"tpot_ms": "2"}, LOOP | {"tpot_ms": "20", "concurrency_or_batch": "9"}]
    assert calibrate(rows).remarks[0].startswith("tpot: rows differ by")


def test_a_benchmark_of_nothing_known_is_an_error_in_words():
    with pytest.raises(ScenarioError, match=r"line 2, gpu is 'H1000'"):
        calibrate([LOOP | {"gpu": "H1000"}])


SMALL = {"llm": hardware.llm("llama-3.3-70b"), "gpu": hardware.gpu("H100-SXM"), "input_tokens": 2000.0,
         "output_tokens": 300.0}  # fmt: skip


def test_a_lone_request_is_limited_by_bandwidth():
    found = explain_limits(**SMALL, placement=Placement(gpus=4.0, tp=4.0), concurrency=1.0)
    assert found.by == "bandwidth"
    assert "memory bandwidth" in found.words
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_too_many_requests_for_the_cache_are_told_how_many_run():
    found = explain_limits(**SMALL, placement=Placement(), concurrency=500.0)
    assert found.by == "cache"
    assert "of 500 concurrent requests fit into the KV cache" in found.words
    assert found.changes[0].words == "tp 2, twice the GPUs"
    assert found.changes[0].throughput_x > 2


def test_weights_too_large_for_a_gpu_are_told_with_the_numbers():
    found = explain_limits(**SMALL, placement=Placement(weights="bf16"), concurrency=1.0)
    assert found.by == "memory"
    assert "the weights take 141 GB" in found.words
    assert "from tensor parallelism 2 on" in found.words


def test_the_shipped_constants_lie_inside_their_bounds_and_say_what_they_are():
    for name, row in constants_table().items():
        assert row["low"] <= row["value"] <= row["high"], name
        assert row["unit"], name
        assert row["meaning"], name


def test_a_prediction_takes_its_constants_from_the_shipped_table():
    assert constants_from_values({name: row["value"] for name, row in constants_table().items()}) == FITTED


def test_constants_survive_the_way_into_a_table_and_back():
    text = refit.as_toml(
        table=constants_table(), values=values_of(FITTED), spread={"reserve_gb": 0.1}, date="2026-11-23",
        bands=bands_table(),
    )  # fmt: skip
    back = tomllib.loads(text)
    assert back["fitted_on"] == "2026-11-23"
    again = values_of(constants_from_values({name: row["value"] for name, row in back["constant"].items()}))
    assert again == pytest.approx(values_of(FITTED), rel=1e-4)


def test_the_refit_finds_the_constant_that_made_its_rows():
    rows, _ = read_rows([row for row in CITED if row["kind"] == "offline_max"])
    truth = values_of(FITTED)["bandwidth_share.hopper"] * 0.8
    made = predict(
        rows, constants=constants_from_values(values_of(FITTED) | {"bandwidth_share.hopper": truth})
    )
    rows.measured["throughput"][:] = made["throughput"]
    tied = {name: row | {"fixed": True} for name, row in constants_table().items() if "same_as" not in row}
    table = constants_table() | tied | {"bandwidth_share.hopper": constants_table()["bandwidth_share.hopper"]}
    asked = fitting.task(rows=rows, table=table, trust=np.ones(rows.kind.shape))
    assert asked.names == ("bandwidth_share.hopper",)
    found = fitting.fit(asked, rounds=8)
    assert fitting.values_at(asked, found.free)["bandwidth_share.hopper"] == pytest.approx(truth, rel=0.02)


def test_a_prior_holds_a_constant_that_no_row_tells():
    rows, _ = read_rows([row for row in CITED if row["kind"] == "offline_max"])
    name = "layer_generation.cdna3"
    table = {each: row | {"fixed": True} for each, row in constants_table().items()}
    table[name] = constants_table()[name] | {"value": 3.0, "prior": 1.3, "within": 0.3}
    asked = fitting.task(rows=rows, table=table, trust=np.ones(rows.kind.shape))
    found = fitting.fit(asked, rounds=6)
    assert fitting.values_at(asked, found.free)[name] == pytest.approx(1.3, rel=0.02)


def runs_of(answer, first_token_ms):
    """Rows of eight concurrencies with one answer length and one first token."""
    shape = {"osl": str(answer), "ttft_ms": str(first_token_ms), "tpot_ms": "10"}
    return [LOOP | shape | {"concurrency_or_batch": str(c)} for c in range(1, 9)]


def test_first_tokens_that_come_twenty_steps_late_are_known_by_their_twins_with_longer_answers():
    alone = LOOP | {"osl": "200", "ttft_ms": "300", "tpot_ms": "10", "concurrency_or_batch": "99"}
    rows, _ = read_rows([*runs_of(200, 300), *runs_of(2000, 100), alone])
    assert sent_in_blocks(rows).tolist() == [True] * 8 + [False] * 8 + [True]
    kept = without_blocks(rows).measured
    assert np.isnan(kept["ttft"]).sum() == 9
    assert np.isfinite(kept["tpot"]).all()


def test_a_queue_of_a_few_steps_is_no_block():
    rows, _ = read_rows([*runs_of(200, 180), *runs_of(2000, 100)])
    assert not sent_in_blocks(rows).any()


def test_errors_are_relative_and_signed():
    rows, _ = read_rows([LOOP | {"tpot_ms": "10"}, LOOP | {"tpot_ms": "10", "osl": "100"}])
    found = {"throughput": np.full(2, np.nan), "ttft": np.full(2, np.nan), "tpot": np.array([0.012, 0.008])}
    (error,) = errors_by_kind(rows, found)
    assert (error.median, error.bias) == pytest.approx((0.2, 0.0))


def test_a_column_or_a_cell_that_is_not_there_is_said_in_words():
    told = [
        str(each)
        for each in predict_table([{"kind": "offline_max", "model": "", "gpu": "H100-SXM"}]).problems
    ]
    assert any(each.startswith("line 2, isl_mean is missing: the table has no such column") for each in told)
    assert any(each.startswith("line 2, model is empty, which is not in the catalog") for each in told)
    assert not any("None" in each for each in told)
