"""How sure a prediction is: bands by regime, what they hold, and where they are printed."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from planner import files
from planner.analysis.draws import ranges, stated
from planner.analysis.serving_fit import bands as banded
from planner.analysis.serving_fit.cells import page_of, source_of
from planner.analysis.serving_fit.rows import read_rows
from planner.analysis.serving_fit.table import METRICS, predict
from planner.analysis.uncertainty import spread
from planner.catalog import hardware
from planner.catalog.fitted import bands_table
from planner.model import evaluate
from planner.model.serving.regimes import PARENT_PAGES, UNMEASURED_X, Regime, band, regime_of
from planner.model.serving.step_costs import Placement
from planner.schema.deployment import Calibration

SAVED = Path(__file__).parent.parent / "saved"
GIVEN = ("--model", "llama-3.1-8b", "--gpu", "H100-SXM", "--weights", "fp8", "--input", 1000, "--output", 200)
PLAIN = {"tpot": {"low_x": 0.8, "high_x": 1.25, "rows": 9, "pages": 6}}
VLLM = Regime("closed_loop", "vllm", "hopper", "moe")
BAND = band(Regime("closed_loop", "vllm", "hopper", "dense"), "throughput")


def test_a_regime_is_known_by_engine_generation_and_architecture():
    def architecture(name):
        model, card = hardware.llm(name), hardware.gpu("B200-SXM")
        return regime_of(llm=model, gpu=card, placement=Placement(engine="sglang"))

    assert architecture("llama-3.1-8b") == Regime("closed_loop", "sglang", "blackwell", "dense")
    assert architecture("qwen3-235b-a22b").architecture == "moe"
    assert architecture("qwen3-next-80b-a3b").architecture == "hybrid"


def test_where_nothing_was_measured_the_band_is_wider():
    seen = PLAIN | {VLLM.family: {"low_x": 1.0, "high_x": 1.0, "rows": 1, "pages": 1}}
    known, unknown = band(VLLM, "tpot", table=seen), band(VLLM, "tpot", table=PLAIN)
    assert (known.measured, unknown.measured) == (True, False)
    assert (known.low_x, known.high_x) == pytest.approx((0.8, 1.25))
    assert np.log(unknown.high_x) == pytest.approx(UNMEASURED_X * np.log(1.25))


def test_a_narrow_regime_counts_by_its_pages():
    narrow = PLAIN | {"tpot closed_loop": {"low_x": 0.5, "high_x": 2.0, "rows": 30, "pages": PARENT_PAGES}}
    narrow |= {VLLM.family: PLAIN["tpot"]}
    # as many pages of its own as count of the wider regime: half way in logarithms
    assert band(VLLM, "tpot", table=narrow).high_x == pytest.approx(np.sqrt(1.25 * 2.0))


def test_every_regime_has_a_band_on_both_sides_of_the_prediction():
    regimes = [
        Regime(kind, engine, generation, architecture)
        for kind in ("closed_loop", "offline_max", "never")
        for engine in ("vllm", "trtllm", "sglang")
        for generation in hardware.GENERATIONS
        for architecture in ("dense", "moe", "hybrid")
    ]
    for regime in regimes:
        for metric in METRICS:
            found = band(regime, metric)
            assert 0.05 < found.low_x < 1.0 < found.high_x < 20.0


def measured(page, factor, concurrency):
    row = {
        "kind": "closed_loop", "model": "llama-3.1-8b", "gpu": "H100-SXM", "n_gpu": "1", "tp": "1",
        "precision_weights": "fp8", "isl_mean": "1000", "osl_mean": "200", "engine": "vllm",
        "concurrency_or_batch": str(concurrency), "source": f"lab/{page}", "tpot_ms": "1",
    }  # fmt: skip
    rows, _ = read_rows([row])
    return row | {"tpot_ms": str(factor * float(predict(rows)["tpot"][0]) * 1e3)}


def test_a_band_spans_what_its_pages_measured():
    given = [measured(page, f, c) for page in "abcde" for c, f in enumerate((0.7, 0.9, 1.0, 1.1, 1.6), 1)]
    rows, _ = read_rows(given)
    found = banded.bands_of(rows, predict(rows), judged=np.ones(rows.kind.shape, dtype=bool))
    own = found["tpot closed_loop vllm dense"]
    assert (own["rows"], own["pages"]) == (25, 5)
    assert 0.7 <= own["low_x"] < 0.75
    assert 1.5 < own["high_x"] <= 1.6


def test_the_shipped_bands_come_from_pages_and_are_no_wider_than_their_use():
    for name, row in bands_table().items():
        assert row["pages"] <= row["rows"], name
        assert row["low_x"] <= 1.0 <= row["high_x"], name


def test_serving_says_between_what_the_truth_lies(planner):
    told = json.loads(planner("serving", *GIVEN, "--concurrency", 8, "--json")[1])
    assert told["tpot_s_lo"] < told["tpot_s"] < told["tpot_s_hi"]
    assert told["tpot_s_hi"] / told["tpot_s"] == pytest.approx(told["bands"]["tpot"]["high_x"])
    text = " ".join(planner("serving", *GIVEN)[1].split())
    assert "Nine in ten measurements that the fit had not seen (vllm, hopper, dense) are at" in text


def test_a_plan_draws_the_band_of_gpus_that_nobody_measured():
    plan = files.load(SAVED / "llama-70b-service.toml").scenario
    own = "deployments.llama.calibration"
    speed = ranges(plan)[f"{own}.speed_x"]
    assert [speed.low, float(speed), speed.high] == [BAND.low_x, 1.0, BAND.high_x]
    assert set(ranges(plan)) - set(stated(plan)) == {f"{own}.speed_x", f"{own}.first_token_x"}
    assert set(ranges(plan.with_value(f"{own}.speed_x", 1.0))) - set(stated(plan)) == {f"{own}.first_token_x"}
    measured_here = plan.with_value(f"{own}.throughput_x", 1.02)
    assert ranges(measured_here).keys() == stated(plan).keys()


def test_gpus_that_nobody_measured_widen_what_a_request_may_cost():
    plan = files.load(SAVED / "llama-70b-service.toml").scenario
    as_predicted = plan
    for factor in ("speed_x", "first_token_x"):
        as_predicted = as_predicted.with_value(f"deployments.llama.calibration.{factor}", 1.0)
    wide, narrow = (spread(each, n=1024).ranges["usd_per_request"] for each in (plan, as_predicted))
    assert wide.p95 / wide.p5 > 1.01 * narrow.p95 / narrow.p5
    middle = [float(evaluate(each).metrics["usd_per_request"]) for each in (plan, as_predicted)]
    assert middle[0] == middle[1]


def test_a_slow_gpu_answers_late_and_carries_less():
    slow = Calibration(speed_x=0.5, first_token_x=2.0)
    assert slow.factors == (0.5, 2.0, 2.0)
    assert not slow.measured


def test_serving_says_where_nothing_was_measured(planner):
    out = planner("serving", *GIVEN[:2], "--gpu", "MI355X", *GIVEN[4:], "--engine", "trtllm")[1]
    assert "Nothing like this has been measured (trtllm, cdna4, dense)" in " ".join(out.split())


def test_a_table_has_the_band_beside_each_prediction(planner, tmp_path):
    row = measured("a", 1.0, 8)
    given, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with given.open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    assert planner("serving", "--table", str(given), "--out", str(out))[0] == 0
    found = next(csv.DictReader(out.read_text().splitlines()))
    low, value, high = (float(found[f"pred_tpot_ms{end}"]) for end in ("_lo", "", "_hi"))
    assert low < value < high


@pytest.mark.parametrize(
    ("row", "source", "page"),
    [
        ({"source": "gpustack/gpustack:docs/qwen3-8b/h100.md@47", "model": "qwen3-8b"}, "gpustack", "gpustack qwen3-8b docs/qwen3-8b/h100.md"),
        ({"source": "https://docs.vultr.com/a/b/c", "model": "m"}, "docs.vultr.com/a/b", "docs.vultr.com/a/b m"),
        ({"source": "NVIDIA/TensorRT-LLM:perf.md@1", "engine_version": "0.17", "model": "m"}, "TensorRT-LLM docs 0.17", "TensorRT-LLM docs 0.17 m perf.md"),
    ],
)  # fmt: skip
def test_a_source_is_who_measured_and_a_page_what_they_wrote_on_one_model(row, source, page):
    assert (source_of(row), page_of(row)) == (source, page)
