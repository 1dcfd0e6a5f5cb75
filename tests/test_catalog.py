"""Dated facts: rents, owning, commitments, evidence."""

import csv
from datetime import date
from pathlib import Path

import pytest

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
        ("H100", "on-demand", None, "Rents are known for H100-SXM"),
        ("L4", "spot", None, "L4 has no spot rent in the catalog. Known are on-demand: AWS."),
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
