import json
import tomllib

import numpy as np
import pytest

from planner.analysis.actuals.backtest import drawn_months, drawn_truth
from planner.analysis.actuals.new_ranges import with_new_ranges
from planner.analysis.actuals.refit import refit, resampled
from planner.analysis.draws import ranges
from planner.cli.run import run
from planner.files import load
from planner.schema import Scenario
from planner.schema.actuals import Actuals

PLAN = """schema = 1
[company]
start = "2026-12"
cash_usd = 1_000_000
horizon_months = 24
[revenue]
usd_per_customer_per_month = 20
[demand]
customers = 1_000
growth_share_per_month = "0.02 to 0.10"
[decline]
gpu_rent_x_per_year = "1 to 2"
[deployments.api]
kind = "api"
model = "custom"
price = { input_usd_per_mtok = 2, output_usd_per_mtok = 8, cache_read_usd_per_mtok = 0.2 }
success_share = "0.6 to 0.9"
[workloads.chat]
requests_per_customer_per_month = "30 to 90"
prompt_tokens = 4_000
output_tokens = 250
routing = { tiers = ["api"] }
cache = { prefix_hit_share = "0.2 to 0.7" }
[source]
"demand.growth_share_per_month" = "a guess"
"""
LEARNT = ("demand.growth_share_per_month", "deployments.api.success_share",
          "workloads.chat.requests_per_customer_per_month", "workloads.chat.cache.prefix_hit_share")  # fmt: skip
UNTOUCHED = "decline.gpu_rent_x_per_year"


@pytest.fixture
def plan():
    return Scenario.from_table(tomllib.loads(PLAN))


@pytest.fixture
def year(plan):
    rng = np.random.default_rng(7)
    truth = drawn_truth(plan, rng)
    return truth, drawn_months(plan, truth, rng, 0.03)


def test_what_nothing_tells_stays_and_the_rest_narrows_around_the_truth(plan, year):
    _, actuals = year
    found = refit(plan, actuals, n=2_048)
    width = {path: (each.p95 - each.p5) for path, each in found.after.items()}
    before = {path: (each.p95 - each.p5) for path, each in found.before.items()}
    assert width[UNTOUCHED] == pytest.approx(before[UNTOUCHED], rel=0.1)
    assert all(width[path] < before[path] / 3 for path in LEARNT)


@pytest.mark.parametrize("scatter", [0.01, 0.03, 0.1])
def test_the_truth_lies_in_p5_to_p95_as_often_as_it_says(plan, scatter):
    inside = []
    for case in range(40):
        rng = np.random.default_rng(case)
        truth = drawn_truth(plan, rng)
        after = refit(plan, drawn_months(plan, truth, rng, scatter), n=1_024, seed=case).after
        inside += [after[path].p5 <= truth[path] <= after[path].p95 for path in LEARNT]
    assert len(inside) == 160
    assert np.mean(inside) == pytest.approx(0.9, abs=0.05)


def test_enough_draws_count_however_sharp_the_evidence(plan):
    rng = np.random.default_rng(3)
    found = refit(plan, drawn_months(plan, drawn_truth(plan, rng), rng, 0.002), n=1_024)
    assert found.effective > 200


def test_one_month_teaches_less_than_twelve(plan, year):
    _, actuals = year
    first = min(actuals.months)
    one = refit(plan, Actuals(months={first: actuals.months[first]}), n=2_048).after
    twelve = refit(plan, actuals, n=2_048).after
    path = "workloads.chat.requests_per_customer_per_month"
    assert one[path].p95 - one[path].p5 > 2 * (twelve[path].p95 - twelve[path].p5)


def test_without_months_the_ranges_stay(plan):
    found = refit(plan, Actuals())
    assert found.after == found.before


def test_draws_of_equal_weight_stand_as_often_as_their_weights_say():
    weights = np.array([0.1, 0.4, 0.0, 0.5])
    counts = np.bincount(resampled(np.repeat(weights, 25) / 25), minlength=100).reshape(4, 25).sum(axis=1)
    assert counts.tolist() == [10, 40, 0, 50]


def test_only_ranges_that_moved_are_written_and_say_why(plan, year):
    _, actuals = year
    new = with_new_ranges(plan, refit(plan, actuals, n=1_024), until="2027-11")
    assert set(new.moved) == set(LEARNT)
    assert (
        new.scenario.source["demand.growth_share_per_month"]
        == "a guess; re-weighted by what happened to 2027-11"
    )
    assert ranges(new.scenario)[UNTOUCHED] == ranges(plan)[UNTOUCHED]


def test_nothing_is_written_until_asked(tmp_path, capsys):
    path, beside = tmp_path / "plan.toml", tmp_path / "plan.actuals.toml"
    path.write_text(PLAN)
    beside.write_text(
        "schema = 1\n[months.2026-12]\ncustomers = 1_000\nrequests = { chat = 81_000 }\n"
        "[months.2027-01]\ncustomers = 1_050\nrequests = { chat = 83_000 }\n"
    )  # fmt: skip
    assert run(["actuals", str(path), "--refit"]) == 0
    assert path.read_text() == PLAN
    assert "Changes that --write would make" in capsys.readouterr().out
    assert run(["actuals", str(path), "--refit", "--write"]) == 0
    new = ranges(load(path).scenario)["workloads.chat.requests_per_customer_per_month"]
    assert 70 < new.low < new.high < 90


def test_ranges_of_segments_can_be_refitted_and_tested_against_their_truth(tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text(
        PLAN
        + "[segments.pro]\ncustomers = 200\nrequests = { chat = '20 to 60' }\nusd_per_customer_per_month = 9\n"
    )
    assert run(["actuals", str(plan), "--backtest", "--samples", "64", "--scatter", "0.03", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cases"] == 40
    assert set(told["inside"]) == {*LEARNT, UNTOUCHED, "segments.pro.requests.chat"}
    assert told["inside_share"] > 0.7
