"""The facts and measurements beside the project: the catalog agrees, and any mix of them is predicted or explained."""

import csv
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from planner.analysis.serving_fit.rows import FIRST_LINE, KINDS
from planner.analysis.serving_fit.table import METRICS, predict_table
from planner.catalog import hardware
from planner.model.serving import memory

HERE = Path(__file__).resolve()
SHARED = next(
    (p for up in HERE.parents if (p := up / "shared/data/serving").exists()), HERE.parent / "shared"
)
pytestmark = pytest.mark.skipif(
    not (SHARED / "measured.csv").exists(), reason="../shared/data/serving is not beside the project"
)
PREDICTED = [f"pred_{column}" for column in METRICS.values()]
# what the runs of a kind are judged by
JUDGED = {"closed_loop": PREDICTED, "prefill_bs1": ["pred_ttft_ms"]}


def table(name):
    with (SHARED / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_shared_model_is_in_the_catalog_with_its_parameters_and_cache():
    for fact in table("models.csv"):
        llm = hardware.llm(fact["model"])
        if "linear attention" in fact["note"]:
            continue  # the table counts its linear layers as if they attended
        found = [
            memory.total_params(llm=llm),
            memory.active_params(llm=llm),
            memory.attended_bytes_per_token(llm=llm, kv="fp8"),
        ]
        told = [float(fact[name]) for name in ("params_total", "params_active", "kv_elems_per_token")]
        # the table counts windows as whole contexts and leaves out the index of sparse attention
        assert [float(one) for one in found] == pytest.approx(told, rel=0.02), fact["model"]


def test_every_shared_gpu_is_in_the_catalog_with_its_peaks_and_links():
    for fact in table("gpus.csv"):
        gpu = hardware.gpu(fact["gpu"])
        names = ("bf16_tflops", "fp8_tflops", "fp4_tflops", "int8_tops", "tdp_w")
        found = [*(getattr(gpu, name) for name in names), gpu.link_gb_per_s]
        told = [*(float(fact[name]) for name in names), float(fact["link_gbs_unidir"])]
        assert found == told, fact["gpu"]
        assert gpu.link == fact["link"]
        # the RTX PRO 6000 as servers have it is slower than the workstation's card
        assert gpu.bandwidth_gb_per_s == pytest.approx(1e3 * float(fact["bw_tbs"]), rel=0.12)
        assert 1.0 <= gpu.mem_gb / float(fact["mem_gb"]) < 1.08


def mixed():
    """Each kind of run with every model on every GPU, cells left out here and there, engines of a later version."""
    rows, rng = table("measured.csv"), np.random.default_rng(0)
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}
    models, gpus = [r["model"] for r in table("models.csv")], [r["gpu"] for r in table("gpus.csv")]
    for kind, model, gpu in product(KINDS, models, gpus):
        row = by_kind[kind][int(rng.integers(len(by_kind[kind])))]
        left_out = [name for name in ("tp", "pp", "attn_dp", "ep", *METRICS.values()) if rng.random() < 0.5]
        new = {"model": model, "gpu": gpu, "engine_version": "9.9.9-dev"}
        yield row | new | dict.fromkeys(left_out, "")


def test_any_model_on_any_gpu_in_any_kind_of_run_is_predicted_or_told_why_not():
    rows = list(mixed())
    found = predict_table(rows)
    told = Counter(str(problem).split()[1].rstrip(",") for problem in found.problems)
    for i, row in enumerate(found.rows):
        values = [row[name] for name in JUDGED.get(str(row["kind"]), ["pred_throughput_output_tok_s_total"])]
        if str(i + FIRST_LINE) in told:
            assert values == [None] * len(values)
        else:
            assert all(value is not None and 0 < value < np.inf for value in values), row
    assert sum(told.values()) < 0.25 * len(rows)


def test_all_spellings_of_the_measurements_are_read():
    assert [str(p) for p in predict_table(table("measured.csv")).problems if "is " in p.what] == []
