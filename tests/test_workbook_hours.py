"""Hours, starts, interruptions and reactions in the workbook: recalculated by LibreOffice, as the rest of it is."""

import subprocess
from typing import Any

import numpy as np
import pytest
from test_workbook import OFFICE, TIGHT, cell_of, needs_office, values

from planner.errors import ScenarioError
from planner.export.workbook import as_fods, workbook
from planner.model import evaluate
from planner.readout import RUNWAYS, metric_text
from planner.schema import Scenario

HOURS: dict[str, Any] = {
    "company": {"start": "2026-11", "cash_usd": 2e6, "horizon_months": 9},
    "revenue": {"usd_per_customer_per_month": 60},
    "demand": {"customers": 3_000, "growth_share_per_month": 0.1, "churn_share_per_month": 0.03},
    "reactions": {"new_to_price": -1.0, "at_usd_per_customer": 50, "churn_to_latency": 0.2, "at_latency_s": 4},
    "deployments": {
        "own": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 2.5, "autoscale": True,
                "rent": "spot", "interruptions_per_hour": 0.05, "start_s": 900, "reserved_gpus": 1},
        "bought": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "L40S", "rent": "owned"},
        "daytime": {"kind": "api", "model": "deepseek:deepseek-v4-pro"},
    },
    "workloads": {
        "work": {"requests_per_customer_per_month": 4_000, "profile": "office", "utc_offset_h": -8, "routing": {"tiers": ["own"]}},
        "chat": {"requests_per_customer_per_month": 3_000, "profile": [1] * 12 + [3] * 12, "utc_offset_h": 5.5,
                 "routing": {"tiers": ["own", "daytime"], "share_to_last": 0.1}},
        "nightly": {"requests_per_month": 400_000, "profile": "night", "latency": "none", "routing": {"tiers": ["bought"]}},
    },
    "change": [{"month": 5, "set": {"workloads.chat.profile": "consumer", "revenue.usd_per_customer_per_month": 70}}],
}  # fmt: skip


@needs_office
def test_hours_of_the_spreadsheet_agree(tmp_path):
    plan = Scenario.from_table(HOURS)
    book, result = workbook(plan), evaluate(plan)
    (tmp_path / "hours.fods").write_text(as_fods(book))
    subprocess.run(
        [str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "fods", "--outdir",
         str(tmp_path / "taken"), str(tmp_path / "hours.fods")],
        check=True, timeout=300, capture_output=True,
    )  # fmt: skip
    cells = values(tmp_path / "taken" / "hours.fods")
    for metric in set(result.metrics) - {"p95_latency_s"}:
        cell, expected = cells[cell_of(book.places[metric])], float(result.metrics[metric])
        if np.isnan(expected):
            assert cell == ("n/a" if metric not in RUNWAYS else metric_text(result, metric)), metric
        else:
            assert float(cell) == pytest.approx(expected, rel=TIGHT, abs=1e-12), metric
    for flow in ("customers", "gpus", "cogs_usd", "net_burn_usd", "cash_usd"):
        sheet, first, column = cell_of(book.places[f"months.{flow}"].partition(":")[0])
        got = [
            float(cells[sheet, first + month, column]) for month in range(int(plan.company.horizon_months))
        ]
        assert got == pytest.approx(getattr(result.months, flow), rel=TIGHT, abs=1e-6), flow


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"chat": {"requests_per_month": 1e5, "routing": {"tiers": ["own"]}}}, "workloads.chat.profile"),
        ({"chat": {"requests_per_month": 1e5, "profile": "office", "routing": {"tiers": ["units"]}}}, "deployments.units.provisioned"),
    ],
)  # fmt: skip
def test_hours_that_formulas_do_not_know_are_refused_in_words(changed, path):
    units = {"kind": "api", "model": "azure:gpt-4.1", "provisioned": {"units": 50}}
    table = {
        **HOURS,
        "deployments": {**HOURS["deployments"], "units": units},
        "workloads": {**HOURS["workloads"], **changed},
    }
    with pytest.raises(ScenarioError, match=path):
        workbook(Scenario.from_table({**table, "change": []}))
