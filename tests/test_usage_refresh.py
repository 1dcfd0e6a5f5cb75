"""Newer prices: what changes, what that does to each scenario, and that nothing is written."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import genai_prices
import pytest

from planner.catalog.api_prices import api_rates, prices_instead
from planner.catalog.rents import rent_usd_per_gpu_hour
from planner.errors import ScenarioError
from planner.usage import refresh
from planner.usage.newer import read_newer

TODAY = date(2026, 11, 23)
SCENARIO = """
schema = 1
[company]
start = "2026-11"
cash_usd = 1_000_000
fixed_costs_usd_per_month = 50_000
[deployments.api]
kind = "api"
model = "openai:gpt-4o"
[deployments.own-price]
kind = "api"
model = "openai:gpt-4o"
price = { input_usd_per_mtok = 1, output_usd_per_mtok = 1 }
[deployments.gpus]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
[workloads.chat]
requests_per_month = 1_000_000
latency_target_s = 20
routing = { tiers = ["TIER"] }
"""
NEWER = """
[sources]
quote = "A quote of 2026-11-20"
[rents.H100-SXM]
on-demand = [{ provider = "Elsewhere", usd = 9.5, as_of = 2026-11-20, source = "quote" }]
[[api."openai:gpt-4o"]]
input_usd_per_mtok = 5.0
output_usd_per_mtok = 20.0
cache_read_usd_per_mtok = 2.5
as_of = 2026-11-20
source = "The vendor's page"
"""


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    for name, tier in (("api", "api"), ("own", "own-price"), ("gpus", "gpus")):
        (folder / f"{name}.toml").write_text(SCENARIO.replace("TIER", tier))
    (folder / "broken.toml").write_text("schema = 1\ncolour = 3\n")
    return folder


@pytest.fixture
def newer(tmp_path):
    path = tmp_path / "newer.toml"
    path.write_text(NEWER)
    return path


def effects(report):
    return {effect.name: effect for effect in report.effects}


def test_each_price_is_shown_before_and_after(library, newer):
    changes = {change.name: change for change in refresh(newer, library=library, today=TODAY).prices}
    before = api_rates("openai:gpt-4o", on=TODAY)
    fresh = changes["openai:gpt-4o input"]
    assert (fresh.before_usd, fresh.after_usd) == (before.input.usd_per_mtok, 5.0)
    rent = changes["H100-SXM on-demand"]
    assert (rent.before_usd, rent.after_usd) == (rent_usd_per_gpu_hour("H100-SXM").usd_per_gpu_hour, 9.5)
    assert rent.as_of == date(2026, 11, 20)


def test_a_doubled_list_price_doubles_the_cost_of_a_request_where_it_is_paid(library, newer):
    found = effects(refresh(newer, library=library, today=TODAY))
    before, after = found["api"].metrics["usd_per_request"]
    assert after == pytest.approx(2 * before)
    assert found["own"].changed == {}
    before, after = found["gpus"].metrics["gross_burn_usd_per_month"]
    assert after > before
    assert found["api"].changed["runway_months"][1] < found["api"].changed["runway_months"][0]


def test_a_scenario_that_cant_be_read_is_named_with_the_reason(library, newer):
    effect = effects(refresh(newer, library=library, today=TODAY))["broken"]
    assert "colour is not a field" in effect.problem


def test_nothing_is_written_and_nothing_stays_changed(library, newer):
    texts = {path: path.read_bytes() for path in library.iterdir()}
    prices = api_rates("openai:gpt-4o", on=TODAY), rent_usd_per_gpu_hour("H100-SXM")
    refresh(newer, library=library, today=TODAY)
    assert {path: path.read_bytes() for path in library.iterdir()} == texts
    assert (api_rates("openai:gpt-4o", on=TODAY), rent_usd_per_gpu_hour("H100-SXM")) == prices


def test_rows_hold_only_what_differs(library, newer):
    report = refresh(newer, library=library, today=TODAY)
    assert {row["scenario"] for row in report.effect_rows()} >= {"api", "gpus", "broken"}
    assert "own" not in {row["scenario"] for row in report.effect_rows()}
    assert not {"nan", "inf"} & {str(value) for row in report.effect_rows() for value in row.values()}
    assert {row["change"] for row in report.price_rows()} >= {"+100.0%"}


def test_prices_of_more_than_sixty_days_warn_and_a_newer_file_ends_that(library, newer):
    late = date(2027, 1, 19)  # 60 days after the file
    warnings = refresh(library=library, today=late).warnings
    assert any(line.startswith("gpus: the rent of gpus is of ") for line in warnings)
    after = refresh(newer, library=library, today=late).warnings
    assert not any(line.startswith("gpus: the rent of gpus") for line in after)
    later = refresh(newer, library=library, today=date(2027, 1, 20)).warnings
    assert "gpus: the rent of gpus is of 2026-11-20, 61 days old" in later


def test_a_price_from_a_day_on_holds_from_that_day_on(library, tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        NEWER.replace("[[api", "[[api").replace(
            'as_of = 2026-11-20\nsource = "The', 'from = 2027-02-01\nas_of = 2026-11-20\nsource = "The'
        )
    )
    report = refresh(path, library=library, today=TODAY)
    assert not any(change.name.startswith("openai") for change in report.prices)
    before, after = effects(report)["api"].metrics["runway_months"]
    assert after < before


def test_the_installed_package_against_itself_changes_nothing(library):
    folder = Path(genai_prices.__file__).parents[1]
    report = refresh(folder, library=library, today=TODAY)
    assert report.source == f"genai-prices {genai_prices.__version__}"
    assert report.prices == ()
    assert all(not effect.changed for effect in report.effects)


BAD = {
    "an unknown section": ("[colours]\na = 1\n", "colours is not a section"),
    "nothing": ("", "states no rent and no price"),
    "a price in words": (NEWER.replace("9.5", '"cheap"'), "rents.H100-SXM.on-demand.0.usd must be a price"),
    "a price below 0": (NEWER.replace("5.0", "-5.0", 1), "must be a price"),
    "an unknown source": (NEWER.replace('source = "quote"', 'source = "rumour"'), "is not among the sources"),
    "no date": (NEWER.replace("as_of = 2026-11-20, ", ""), "as_of is missing"),
    "a date in words": (NEWER.replace("as_of = 2026-11-20\n", 'as_of = "today"\n'), "must be a date"),
    "an unknown kind": (NEWER.replace("on-demand =", "borrowed ="), "is not a kind of rent"),
    "a list for a table": ("rents = [1]\n", "must be a list of tables"),
    "no TOML": ("{", "can't be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_price_file_that_cant_be_used_is_refused_in_words(library, tmp_path, name):
    path = tmp_path / "bad.toml"
    path.write_text(BAD[name][0])
    with pytest.raises(ScenarioError) as caught:
        refresh(path, library=library, today=TODAY)
    assert BAD[name][1] in str(caught.value)


def test_a_folder_without_the_package_is_refused_in_words(library, tmp_path):
    with pytest.raises(ScenarioError, match="holds no genai-prices package"):
        refresh(tmp_path, library=library, today=TODAY)
    (tmp_path / "genai_prices").mkdir()
    (tmp_path / "genai_prices/__init__.py").write_text("raise SystemExit('boom')")
    with pytest.raises(ScenarioError, match="that this planner can't read"):
        refresh(tmp_path, library=library, today=TODAY)


def test_importing_the_package_loads_neither_duckdb_nor_the_price_list():
    check = "import planner.usage, sys; sys.exit(any(m in sys.modules for m in ('duckdb', 'genai_prices')))"
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", check], check=False, cwd=root).returncode == 0


def test_newer_prices_of_tokens_leave_the_meters_as_they_are(tmp_path):
    path = tmp_path / "newer.toml"
    path.write_text(
        '[[api."anthropic:claude-sonnet-4-5"]]\nas_of = 2026-11-20\nsource = "the vendor"\ninput_usd_per_mtok = 1.0\n'
        "output_usd_per_mtok = 5.0\ncache_write_1h_usd_per_mtok = 2.0\n"
    )
    newer = read_newer(path, [])
    with prices_instead(newer.timelines):
        rates = api_rates("anthropic:claude-sonnet-4-5", on=date(2026, 11, 27))
    assert rates.meters["web_searches"].at(0.0) == 0.01
    assert (rates.cache_write_1h.usd_per_mtok, rates.context_tokens) == (2.0, 200_000)
