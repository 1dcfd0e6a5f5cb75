"""Dated facts: rents, owning, commitments, evidence."""

import csv
import math
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from statistics import median

import pytest

from planner.catalog.evidence import (
    claims,
    default,
    defaults,
    finding,
    findings,
    formulas,
    how_read,
)
from planner.catalog.facts import table
from planner.catalog.rents import (
    KINDS,
    find_rents,
    own_gpu_fact,
    own_gpu_facts,
    rent_trend,
    rent_usd_per_gpu_hour,
    rents,
    terms,
)
from planner.errors import ScenarioError

SHARED = Path(__file__).parents[2] / "shared" / "data"
NOT_IN_GPU_TABLE = {
    "A10",
    "A10G",
    "A100-PCIe-40GB",
    "A100-SXM-40GB",
    "H100-NVL",
    "L40",
    "RTX4090",
    "RTX5090",
    "T4",
}


def shared_rows(path):
    if not (SHARED / path).exists():
        pytest.skip(f"the collected file {path} is not beside this repository")
    with (SHARED / path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_rent_of_a_gpu_is_the_median_provider_of_the_newest_day():
    rent = rent_usd_per_gpu_hour("H100-SXM")
    assert (rent.usd_per_gpu_hour, rent.low, rent.high) == (3.26, 2.15, 4.19)
    assert rent.as_of == date(2026, 8, 21)


def test_the_rent_of_one_provider_is_the_median_of_its_offers():
    rent = rent_usd_per_gpu_hour("H100-SXM", provider="AWS")
    assert (rent.usd_per_gpu_hour, rent.low, rent.high) == ((6.88 + 8.6) / 2, 6.88, 8.944)


def test_one_offer_alone_is_given_as_it_stands():
    rent = rent_usd_per_gpu_hour("H200-SXM", kind="reserved")
    assert (rent.usd_per_gpu_hour, rent.provider, rent.instance) == (5.408, "AWS", "capacity block")


@pytest.mark.parametrize(
    ("gpu", "kind", "provider", "words"),
    [
        ("H100-SXN", "on-demand", None, "There are rents for H100-SXM"),
        ("L4", "spot", None, "L4 has no spot rent in the catalog. Known: on-demand: AWS."),
        ("MI300X", "on-demand", "AWS", "has no on-demand rent by AWS"),
    ],
)
def test_a_rent_nobody_offers_is_refused_with_what_is_offered(gpu, kind, provider, words):
    with pytest.raises(ScenarioError) as caught:
        rent_usd_per_gpu_hour(gpu, kind=kind, provider=provider)
    assert words in str(caught.value)


def test_every_rent_is_positive_and_shows_date_and_source():
    assert len(rents()) > 100
    for rent in rents():
        assert rent.usd_per_gpu_hour > 0
        assert rent.kind in KINDS
        assert date(2024, 1, 1) < rent.as_of <= date(2026, 8, 21)
        assert rent.source


def test_a_rent_counts_as_stale_after_60_days():
    rent = rent_usd_per_gpu_hour("H100-SXM")
    assert rent.age_days(date(2026, 10, 20)) == 60
    assert not rent.is_stale(date(2026, 10, 20))
    assert rent.is_stale(date(2026, 10, 21))


def test_rents_are_found_by_every_word_newest_first():
    found = find_rents("h100-sxm on-demand lambda")
    assert [rent.usd_per_gpu_hour for rent in found] == [4.19, 3.99, 4.29]
    assert found[0].as_of > found[1].as_of


def test_spot_rent_of_an_h100_rose_from_may_to_august_2026():
    trend = rent_trend("H100-SXM", kind="spot")
    assert list(trend) == ["2026-05", "2026-06", "2026-07", "2026-08"]
    assert trend["2026-08"] > 1.1 * trend["2026-05"]
    assert rent_trend("TPU") == {}


def test_gpus_with_a_rent_have_the_names_of_the_gpu_table():
    known = {row["gpu"] for row in shared_rows("serving/gpus.csv")}
    assert {rent.gpu for rent in rents()} - known == NOT_IN_GPU_TABLE


def test_every_complete_on_demand_price_collected_is_in_the_catalog():
    ours = sorted(rent.usd_per_gpu_hour for rent in rents() if rent.kind == "on-demand")
    collected = [
        float(row["usd_per_gpu_hour_on_demand"])
        for row in shared_rows("prices/gpu_prices.csv")
        if row["usd_per_gpu_hour_on_demand"] and "accelerator only" not in row["instance"]
    ]
    assert ours == sorted(collected)


def test_facts_about_owning_have_a_range_a_unit_and_a_source():
    for fact in own_gpu_facts().values():
        assert 0 < fact.low <= fact.mid <= fact.high
        assert fact.unit
        assert fact.source
        assert fact.as_of or fact.dated
    assert own_gpu_fact("gpu_usd.B200-SXM").high == 40_000


def test_an_unknown_fact_about_owning_is_refused_with_those_known():
    with pytest.raises(ScenarioError, match=r"gpu_usd\.H100-SXM"):
        own_gpu_fact("gpu_usd.H900")


def test_every_term_of_a_commitment_has_a_range_and_a_date():
    assert len(terms()) == 33
    for term in terms():
        assert 0 < term.low <= term.high
        assert term.source
        assert term.as_of or term.dated


def test_the_ledger_is_whole():
    assert (len(findings()), len(defaults()), len(formulas()), len(claims())) == (104, 56, 15, 32)


def test_every_finding_has_a_source_with_year_and_place_and_says_how_it_was_read():
    for one in findings():
        assert 2019 <= one.source.year <= 2026
        assert one.source.locator
        assert one.confidence in ("high", "medium", "low")
        assert one.how_read


def test_every_value_lies_in_its_range():
    outside = [
        one.id
        for one in findings()
        if one.value is not None and not (one.low or one.value) <= one.value <= (one.high or one.value)
    ]
    assert outside == []
    assert all(one.low <= one.value <= one.high for one in defaults().values())


def test_defaults_formulas_and_claims_rest_on_findings_that_exist():
    named = [
        (one, finding_id)
        for part in (defaults(), formulas(), claims())
        for one in part.values()
        for finding_id in one.evidence
    ]
    assert {finding_id for _, finding_id in named} <= {one.id for one in findings()}
    assert len(named) > 150


def test_how_a_finding_was_read_is_told_in_words():
    assert how_read("rt-mtbench-mf") == "read in full"
    assert how_read("qz-fp8") == "abstract only"
    assert how_read("lc-lara") == "through another text"
    assert how_read("ca-batch") == "computed from fetched data"
    assert how_read("sp-formula") == "from memory"
    assert how_read("qz-int4") == "abstract only; the low bound is a judgement"


def test_a_default_tells_how_its_findings_were_read_and_what_is_a_judgement():
    assert default("routing.k").how_read == "computed from fetched data"
    assert default("demand.growth").how_read == (
        "through another text; the value is a judgement, below the market's rate"
    )


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: finding("rt-mtbench"), "Close: rt-mtbench-mf"),
        (lambda: finding("nonsense"), "'nonsense' is not in the catalog."),
        (lambda: default("routing.q"), "Close: routing.k"),
    ],
)
def test_an_unknown_name_is_refused_with_those_close_to_it(ask, words):
    with pytest.raises(ScenarioError) as caught:
        ask()
    assert words in str(caught.value)


def test_the_numbers_are_those_of_the_collected_ledger():
    path = SHARED / "evidence" / "evidence.toml"
    if not path.exists():
        pytest.skip("the collected ledger is not beside this repository")
    ledger = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in ledger["entry"]:
        ours = finding(row["id"])
        if ours.value is not None:
            assert (ours.value, ours.low, ours.high) == (row["value"], row.get("low"), row.get("high"))
    for row in ledger["default"]:
        own = default(row["key"])
        assert (own.value, own.low, own.high, own.evidence) == (
            row["value"],
            row["low"],
            row["high"],
            tuple(row["evidence"]),
        )
    assert [row["id"] for row in ledger["claim"]] == list(claims())
    assert all(tuple(row["evidence"]) == claims()[row["id"]].evidence for row in ledger["claim"])


def test_claims_hold_the_inputs_that_their_equations_need():
    c = {key: {**claim.inputs, **claim.measured} for key, claim in claims().items()}
    assert c["c01"]["training_cost_usd"] / c["c01"]["lifetime_tokens"] == 0.0002
    assert 0.9 * math.exp(c["c07"]["index_log_points_per_year"] * 1.5) == pytest.approx(
        0.9 * 2.98918, rel=1e-5
    )
    assert (1 / c["c09"]["throughput_gain_x"]) / c["c09"]["quality_kept_share"] == pytest.approx(
        0.777001, rel=1e-5
    )
    assert c["c14"]["cash_usd"] / c["c14"]["series_a_net_burn_usd_per_month"] == 20
    assert math.log(c["c16"]["cost_ratio"]) / math.log(
        c["c16"]["slow_s"] / c["c16"]["fast_s"]
    ) == pytest.approx(0.768622, rel=1e-5)
    c20 = c["c20"]
    assert (c20["good_usd"] - c20["cheap_usd"]) / (
        c20["good_success_share"] - c20["cheap_success_share"]
    ) == pytest.approx(18)


def test_a_week_of_load_has_the_peaks_that_the_findings_state():
    week = table("tables/load")["azure-2024-week"]
    for shape, stated in (("chat_by_hour", "ld-az24-conv"), ("code_by_hour", "ld-az24-code")):
        assert len(week[shape]) == 168
        assert max(week[shape]) / (sum(week[shape]) / 168) == pytest.approx(finding(stated).value, rel=0.01)


def test_the_router_curve_misses_the_share_of_strong_calls_by_four_points():
    routers = table("tables/routellm")["routers"]
    shapes = [row["apgr"] / (1 - row["apgr"]) for row in routers]
    half = [abs(row["cpt50"] - (1 - 0.5 ** (1 / k))) for row, k in zip(routers, shapes, strict=True)]
    most = [abs(row["cpt80"] - (1 - 0.2 ** (1 / k))) for row, k in zip(routers, shapes, strict=True)]
    assert len(routers) == 21
    assert sum(half) / 21 == pytest.approx(0.041, abs=0.0005)
    assert sum(most) / 21 == pytest.approx(0.047, abs=0.0005)


def test_the_median_model_keeps_what_the_long_prompt_findings_state():
    rows = table("tables/context_length_accuracy")["scores"]
    nolima = [row["score"]["32k"] / row["base"] for row in rows if row["benchmark"] == "NoLiMa"]
    ruler = [row["score"]["128k"] / row["score"]["4k"] for row in rows if row["benchmark"] == "RULER"]
    assert median(nolima) == pytest.approx(finding("lc-nolima").value, abs=0.005)
    assert median(ruler) == pytest.approx(finding("lc-ruler").value, abs=0.01)


def test_looking_up_a_rent_or_a_default_does_not_load_the_findings():
    code = (
        "from planner.catalog import facts, rents, evidence\n"
        "rents.rent_usd_per_gpu_hour('H100-SXM'); evidence.default('routing.k')\n"
        "print(facts.table.cache_info().currsize)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "1"  # the defaults; of the rents only those of the GPU are read
