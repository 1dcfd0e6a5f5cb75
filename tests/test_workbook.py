"""The plan as a spreadsheet: recalculated by LibreOffice, it must agree with the planner."""

import io
import re
import shutil
import subprocess
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pytest
from plans import shipped
from rich_plan import RICH

from planner.errors import ScenarioError
from planner.export.workbook import as_fods, as_xlsx, workbook
from planner.export.workbook.book import Book, CellFormula, Sheet
from planner.export.workbook.calculated import Fault, calculated
from planner.export.workbook.fods import NAMES
from planner.export.workbook.headline import ENDS
from planner.export.workbook.syntax import CellPlace
from planner.files import load
from planner.model import STATES, evaluate
from planner.readout import RUNWAYS, metric_text
from planner.schema import Scenario

ROOT = Path(__file__).parents[1]
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here to recalculate the workbook")
TIGHT = 1e-9


# Everything that moves: segments with ages and tails, changes with ramps, terms, years paid ahead, credits, owned GPUs.
MOVING = {
    "company": {
        "start": "2026-11", "cash_usd": 9e5, "fixed_costs_usd_per_month": 60_000, "horizon_months": 18,
        "cac_usd_per_customer": 40, "funding": [{"month": 7, "amount_usd": 5e5}],
    },
    "revenue": {"usd_per_customer_per_month": 30, "usd_per_request": 0.01},
    "demand": {"customers": 200, "growth_share_per_month": 0.05, "churn_share_per_month": 0.02, "usage_growth_x_per_year": 1.3},
    "decline": {"same_model_price_x_per_year": 1.4},
    "cash": {
        "payment_fee_share": 0.03, "payment_fee_usd": 0.3, "refund_share": 0.02, "interest_share_per_year": 0.04, "paid_after_days": 45, "receivables_usd": 20_000,
        "annual_prepay_share": 0.3, "annual_discount_share": 0.15,
        "credits": [
            {"usd": 30_000, "month": 2, "months": 6, "covers": ["pro"]}, {"usd": 8_000, "month": 1, "months": 12},
        ],
    },
    "deployments": {
        "pro": {"kind": "api", "model": "google:gemini-2.5-pro", "discount_share": 0.1},
        "small": {
            "kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "rent": "owned",
            "owned": {"gpu_usd": 30_000, "life_years": 1},
        },
    },
    "workloads": {
        "chat": {
            "requests_per_customer_per_month": 90, "context_tokens": 1_500,
            "routing": {"tiers": ["small", "pro"], "share_to_last": 0.2}, "session": {"spawns": {"find": 0.3}},
        },
        "find": {"requests_per_month": 20_000, "routing": {"tiers": ["pro"]}},
    },
    "segments": {
        "free": {
            "customers": 4_000, "new_customers_per_month": 900, "churn_share_per_month": 0.25, "requests": {"chat": 12},
            "limit": {"chat": 40}, "use_cv": 2.1, "becomes": {"plus": 0.02, "team": 0.005},
        },
        "plus": {
            "customers": 500, "usd_per_customer_per_month": 12, "requests": {"chat": 150, "find": 10}, "use_tail": 1.7,
            "limit": {"chat": 2_000}, "retention": [0.8, 0.7, 0.65], "churn_share_per_month": 0.06, "becomes": {"team": 0.01},
        },
        "team": {
            "customers": 80, "usd_per_customer_per_month": 40, "included": {"chat": 100}, "overage_usd": {"chat": 0.08},
            "use_cv": 1.2, "expansion_share_per_month": 0.01, "usage_growth_x_per_year": 2, "cac_usd_per_customer": 120,
            "growth_share_per_month": 0.04,
        },
        "packs": {
            "customers": 60, "churn_share_per_month": 0.03, "requests": {"chat": 80, "find": 20}, "limit": {"find": 90},
            "use_tenths": [1, 2, 2, 3, 4, 5, 8, 12, 20, 43], "usage_growth_x_per_year": 1.5,
            "price_bands": {"find": {"up_to": [10, 50], "prices_usd": [0.4, 0.3, 0.1], "fees_usd": [0, 1, 2]}},
            "credits": {"requests": {"chat": 2}, "free": 50, "rule": "package", "package": 100, "prices_usd": [6]},
        },
    },
    "change": [
        {"month": 4, "set": {"demand.growth_share_per_month": 0.01, "decline.same_model_price_x_per_year": 2}},
        {"month": 6, "label": "More to own GPUs", "set": {"workloads.chat.routing.share_to_last": 0.05}, "months": 3, "usd": 9_000},
        {"month": 9, "set": {
            "segments.plus.retention": [0.9, 0.85], "segments.team.usd_per_customer_per_month": 55,
            "segments.free.becomes.plus": 0.03, "cash.annual_prepay_share": 0.5, "demand.churn_share_per_month": 0.05,
        }},
        {"month": 13, "set": {"workloads.find.routing.tiers": ["small"], "segments.team.use_cv": 0.6}, "usd": 3_000},
        {"month": 16, "set": {"workloads.find.routing.tiers": ["pro"], "workloads.chat.routing.tiers": ["pro"]}, "both_months": 2},
    ],
}  # fmt: skip

COMMITTED = {
    "company": {"start": "2026-11", "cash_usd": 1e6, "horizon_months": 6},
    "revenue": {"usd_per_request": 0.01},
    "demand": {"customers": 500, "growth_share_per_month": 0.2},
    "decline": {"same_model_price_x_per_year": 1.5},
    "deployments": {
        "azure": {
            "kind": "api", "model": "azure:gpt-4.1", "discount_share": 0.05, "surcharge": {"tokens_x": 1.1, "bill_share": 0.02},
            "provisioned": {"offer": "azure-global", "peak_share": 0.8, "term": "month", "reserved_units": 20},
            "held": {"vector_gb": 50}, "held_usd_per_hour": {"vector_gb": 0.1 / 24},
            "committed": {"usd_per_month": 40_000, "discount_share": 0.1, "also_counts": ["daytime"]},
        },
        "scale": {"kind": "api", "model": "openai:gpt-4.1", "provisioned": {"offer": "openai-scale", "term": "month", "peak_share": 1}},
        "daytime": {"kind": "api", "model": "azure:gpt-5", "provisioned": {"offer": "azure-data-zone", "units": 18, "hours_per_month": 240}},
    },
    "workloads": {
        "chat": {
            "requests_per_customer_per_month": 4_000, "prompt_tokens": 900, "output_tokens": 200, "peak_to_mean": 2.2,
            "pictures": {"per_call": 0.5, "counted": "tiles-512"},
            "cache": {"prefix_hit_share": 0.3, "prefix_write_share": 0.1}, "routing": {"tiers": ["scale", "azure"], "share_to_last": 0.5},
        },
        "agent": {
            "requests_per_month": 200_000, "prompt_tokens": 2_000, "session": {"calls": 6, "added_tokens": 400},
            "routing": {"tiers": ["daytime", "azure"], "share_to_last": 0.2},
        },
    },
}  # fmt: skip


def plans():
    """Return scenarios that between them use every lever, and some that have nothing to divide by."""
    rich = Scenario.from_table(RICH)
    return {
        "rich": rich,
        "rich-autoscaled": rich.with_value("deployments.small.autoscale", True)
        .with_value("workloads.chat.latency", "none")
        .with_value("demand.customers", 3e5)
        .with_value("deployments.small.spare_replicas", 1)
        .with_value("deployments.small.reserved_gpus", 2),
        "rich-plain": rich.with_value("workloads.chat.rag.on", False)
        .with_value("workloads.chat.outcome.attempts", 1)
        .with_value("workloads.chat.compression.on", False)
        .with_value("workloads.reports.context_tokens", 200_000.0)
        .with_value("company.horizon_months", 5),
        "listed": Scenario.from_table(
            {
                "company": {"start": "2026-11", "cash_usd": 1e5, "horizon_months": 14},
                "revenue": {"usd_per_customer_per_month": 400},
                "demand": {"customers": 50, "churn_share_per_month": 0.02},
                "deployments": {"pro": {"kind": "api", "model": "google:gemini-2.5-pro"}},
                "workloads": {
                    "read": {
                        "requests_per_customer_per_month": 20, "context_tokens": 250_000,
                        "cache": {"prefix_hit_share": 0.4}, "routing": {"tiers": ["pro"]},
                    }
                },
            }
        ),
        "metered": Scenario.from_table(
            {
                "company": {"start": "2026-11", "cash_usd": 1e5, "horizon_months": 6},
                "deployments": {
                    "pro": {"kind": "api", "model": "google:gemini-2.5-pro"},
                    "sonnet": {"kind": "api", "model": "anthropic:claude-sonnet-4-5", "meter_usd": {"container_hours": 0.05}},
                },
                "workloads": {
                    "read": {
                        "requests_per_month": 5_000, "context_tokens": 190_000, "prompt_cv": 0.6,
                        "cache": {"prefix_hit_share": 0.4, "prefix_write_share": 0.2}, "routing": {"tiers": ["pro"]},
                        "meters": {"web_searches": 0.5},
                    },
                    "act": {
                        "requests_per_month": 2_000, "cache": {"prefix_write_share": 0.5, "write_1h_share": 0.3},
                        "meters": {"container_hours": 0.1}, "routing": {"tiers": ["sonnet"]},
                    },
                },
            }
        ),
        "session": Scenario.from_table(
            {
                "company": {"start": "2026-11", "cash_usd": 1e6, "horizon_months": 6},
                "revenue": {"usd_per_request": 1.0},
                "deployments": {
                    "sonnet": {"kind": "api", "model": "anthropic:claude-sonnet-4-5", "discount_share": 0.1},
                    "small": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 2.5},
                },
                "workloads": {
                    "agent": {
                        "requests_per_month": 50_000, "output_tokens": 350, "routing": {"tiers": ["small", "sonnet"], "share_to_last": 0.4},
                        "reasoning_tokens": 500, "effort": {"on": True}, "fewer_calls": {"on": True, "removed_share": 0.2},
                        "meters": {"web_search": 0}, "success_without": {"web_search": 0.95}, "prompt_cv": 0.4,
                        "session": {
                            "fails_with": {"look": 0.3}, "compact_retention_share": 0.98,
                            "calls": 20, "calls_cv": 0.7, "added_tokens": 1_500, "gap_s": 25, "spawns": {"look": 1.5},
                            "compact_at_tokens": 20_000, "compact_to_tokens": 6_000,
                        },
                    },
                    "look": {"requests_per_month": 1_000, "routing": {"tiers": ["small"]}},
                },
            }
        ),
        "committed": Scenario.from_table(COMMITTED),
        "idle": Scenario.from_table(tomllib.loads((ROOT / "tests/cases/idle-own-gpu.toml").read_text())["scenario"]),
        "nothing": Scenario.from_table({"company": {"fixed_costs_usd_per_month": 1e4, "cash_usd": 25_000}}),
        "moving": Scenario.from_table(MOVING),
        **{path.stem: load(path).scenario for path in shipped()},
    }  # fmt: skip


PLANS = plans()


def values(path):
    """Return what every cell of a .fods file holds, by sheet, row and column."""
    table, office, text = (f"{{{NAMES[name]}}}" for name in ("table", "office", "text"))
    found = {}
    for sheet in ET.parse(path).iter(f"{table}table"):
        row_number = 0
        for row in sheet.iter(f"{table}table-row"):
            repeated = int(row.get(f"{table}number-rows-repeated", 1))
            column = 0
            for cell in row:
                content = cell.get(f"{office}value") or "".join(p.text or "" for p in cell.iter(f"{text}p"))
                for _ in range(min(int(cell.get(f"{table}number-columns-repeated", 1)), 300)):
                    found[sheet.get(f"{table}name"), row_number, column] = content
                    column += 1
            row_number += repeated
    return found


def cell_of(reference):
    sheet, letters, row = re.fullmatch(r"(\w+)!\$([A-Z]+)\$(\d+)", reference).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return sheet, int(row) - 1, column - 1


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """Return the cells of every plan after LibreOffice computed them, from both file formats."""
    given, taken = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("taken")
    profile = tmp_path_factory.mktemp("profile")
    for name, scenario in PLANS.items():
        book = workbook(scenario)
        (given / f"{name}.fods").write_text(as_fods(book))
        (given / f"{name}_xlsx.xlsx").write_bytes(as_xlsx(book))
    subprocess.run(
        [str(OFFICE), "--headless", f"-env:UserInstallation=file://{profile}", "--convert-to", "fods", "--outdir", str(taken),
         *map(str, sorted(given.iterdir()))],
        check=True, timeout=300, capture_output=True,
    )  # fmt: skip
    return {path.stem: values(path) for path in taken.iterdir()}


def headline_agrees(cells, result, places):
    assert cells[cell_of(places["runway_state"])] == ENDS[STATES[int(result.runway_state)]]
    left_out = {"p95_latency_s"}
    for metric in set(result.metrics) - left_out:
        cell, expected = cells[cell_of(places[metric])], float(result.metrics[metric])
        if np.isnan(expected):
            assert cell == ("n/a" if metric not in RUNWAYS else metric_text(result, metric)), metric
        else:
            assert float(cell) == pytest.approx(expected, rel=TIGHT, abs=1e-12), metric


def months_agree(cells, scenario, months, places):
    for place, span in places.items():
        if not place.startswith("months."):
            continue
        sheet, first, column = cell_of(span.partition(":")[0])
        horizon = int(scenario.company.horizon_months)
        got = [float(cells[sheet, first + month, column]) for month in range(horizon)]
        flow = place.removeprefix("months.")
        expected = np.broadcast_to(
            months.settlement[flow] if flow in months.settlement else getattr(months, flow), horizon
        )
        assert got == pytest.approx(expected, rel=TIGHT, abs=1e-6), place


def segments_agree(cells, segments, places):
    for place, reference in places.items():
        part, segment, flow = (*place.split("."), "", "")[:3]
        if part == "segments":
            expected, cell = float(getattr(segments[segment], flow)), cells[cell_of(reference)]
            assert (
                (cell == "n/a") if np.isnan(expected) else float(cell) == pytest.approx(expected, rel=TIGHT)
            ), place


@needs_office
@pytest.mark.parametrize("written", ["", "_xlsx"], ids=["fods", "xlsx"])
@pytest.mark.parametrize("name", PLANS)
def test_the_spreadsheet_agrees_with_the_planner(recalculated, name, written):
    cells, result, places = recalculated[name + written], evaluate(PLANS[name]), workbook(PLANS[name]).places
    headline_agrees(cells, result, places)
    months_agree(cells, PLANS[name], result.months, places)
    segments_agree(cells, result.segments, places)


@pytest.mark.parametrize(
    "name", ["rich", "moving", "committed", "session", "metered", "idle", "freemium-assistant"]
)
def test_the_numbers_that_stand_beside_the_formulas_are_what_the_planner_finds(name):
    book, result = workbook(PLANS[name]), evaluate(PLANS[name])
    found = calculated(book)
    assert not [at for at, value in found.items() if isinstance(value, Fault)]
    cells = {
        (sheet.name, row, column): found.get(CellPlace(sheet.name, column + 1, row + 1), content)
        for sheet in book.sheets
        for row, line in enumerate(sheet.rows)
        for column, content in enumerate(line)
    }
    headline_agrees(cells, result, book.places)
    months_agree(cells, PLANS[name], result.months, book.places)
    segments_agree(cells, result.segments, book.places)


def test_both_files_hold_the_numbers_beside_their_formulas(tmp_path):
    book = workbook(PLANS["rich"])
    found = calculated(book)
    (tmp_path / "rich.fods").write_text(as_fods(book))
    cells = values(tmp_path / "rich.fods")
    assert all(
        cells[at.sheet, at.row - 1, at.column - 1] in (value, repr(value)) for at, value in found.items()
    )
    openpyxl = pytest.importorskip("openpyxl", reason="no openpyxl here to read the workbook with")
    read = openpyxl.load_workbook(io.BytesIO(as_xlsx(book)), data_only=True)
    for at, value in found.items():
        assert (read[at.sheet].cell(at.row, at.column).value or value) == value, at
        assert read[at.sheet].cell(at.row, at.column).value is not None or value in ("", 0.0)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("2-3-4", -5.0), ("-2^2", 4.0), ("2^3^2", 64.0), ("1+2*3>6", True), ('"n/a">0', True), ("1E-300*2", 2e-300),
        ("MAX(A1:A3)", 7.0), ("SUM(A1:A4)", 12.0), ("COUNT(A1:A4)", 2.0), ("MATCH(5,A1:A3,0)", 3.0), ("INDEX(A1:A3,1)", 7.0),
        ("SUMPRODUCT((A1:A3>6)*A1:A3)", 7.0), ("MOD(-1,12)", 11.0), ("INT(-0.5)", -1.0), ("ROUNDUP(1.2,0)", 2.0),
        ("A4+1", Fault("#VALUE!")), ("1/A2", Fault("#DIV/0!")), ("LN(0)", Fault("#NUM!")), ("EXP(1000)", Fault("#NUM!")),
        ("IF(A2>0,NA(),A1)", 7.0), ("NA()+1", Fault("#N/A")), ("IF(AND(A1>6,OR(A3=5,A3>9)),1,2)", 1.0),
    ],
)  # fmt: skip
def test_a_formula_comes_to_what_a_spreadsheet_says(formula, value):
    """A1 is 7, A2 empty, A3 is 5, A4 a text."""
    sheet = Sheet("Inputs", [[7.0], [None], [5.0], ["x"], [CellFormula(formula)]])
    assert calculated(Book("", (sheet,), {})) == {CellPlace("Inputs", 1, 5): value}


def test_a_workbook_has_the_warnings_of_the_plan():
    broken = PLANS["rich"].with_value("workloads.chat.latency_target_s", 0.5)
    said = [row[0] for row in workbook(broken).sheets[0].rows if row]
    assert set(evaluate(broken).warnings) <= set(said[said.index("Warnings") :])


def test_a_name_that_looks_like_a_formula_stays_text():
    evil = Scenario.from_table({"title": '=HYPERLINK("http://x","y")'})
    book = workbook(evil)
    fods, archive = as_fods(book), zipfile.ZipFile(io.BytesIO(as_xlsx(book)))
    sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<table:table-cell office:value-type="string"><text:p>=HYPERLINK' in fods
    assert "<f>HYPERLINK" not in sheet
    assert 't="inlineStr"><is><t xml:space="preserve">=HYPERLINK' in sheet


def test_the_same_plan_gives_the_same_bytes():
    assert as_xlsx(workbook(PLANS["rich"])) == as_xlsx(workbook(PLANS["rich"]))


def test_every_part_of_the_archive_is_xml():
    archive = zipfile.ZipFile(io.BytesIO(as_xlsx(workbook(PLANS["rich"]))))
    for name in archive.namelist():
        assert ET.fromstring(archive.read(name)) is not None


def test_a_strict_reader_opens_the_archive():
    openpyxl = pytest.importorskip("openpyxl", reason="no openpyxl here to read the workbook with")
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(workbook(PLANS["rich"]))))
    assert book.sheetnames == ["Headline", "Inputs", "Requests", "Months"]
    assert book["Headline"]["B2"].value.startswith("=Months!")


def test_no_formula_is_longer_than_a_spreadsheet_takes():
    longest = max(len(cell.text) for sheet in workbook(PLANS["rich"]).sheets for row in sheet.rows for cell in row
                  if hasattr(cell, "text"))  # fmt: skip
    assert longest < 8192


def test_a_spreadsheet_holds_one_plan_only():
    many = PLANS["rich"].with_value("demand.customers", np.array([1.0, 2.0]))
    with pytest.raises(ScenarioError, match="holds many plans"):
        workbook(many)
