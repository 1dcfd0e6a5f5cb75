import tomllib

import numpy as np
import pytest

from planner.analysis.actuals import check, compare, remaining
from planner.analysis.actuals.planned import is_cost, planned
from planner.analysis.actuals.variance import price_volume_mix
from planner.analysis.draws import draw
from planner.cli.run import run
from planner.errors import ScenarioError
from planner.files import list_scenarios, load
from planner.files.actuals import actuals_path, actuals_text, load_actuals, save_actuals
from planner.model import evaluate
from planner.schema import Scenario
from planner.schema.actuals import Actuals

PLAN = """schema = 1
title = "Two products"
[company]
start = "2026-12"
cash_usd = 100_000
fixed_costs_usd_per_month = 20_000
horizon_months = 24
[revenue]
usd_per_customer_per_month = 10
usd_per_outcome = 0.05
[demand]
customers = 1_000
churn_share_per_month = "0.02 to 0.06"
[deployments.api]
kind = "api"
model = "custom"
price = { input_usd_per_mtok = 2, output_usd_per_mtok = 8 }
success_share = 0.8
[workloads.chat]
requests_per_customer_per_month = 50
prompt_tokens = 1_000
context_tokens = 0
history_tokens = 0
output_tokens = 250
routing = { tiers = ["api"] }
outcome = { failure_usd = 1.0, failure_paid_share = 0.1 }
[workloads.long]
requests_per_customer_per_month = 10
prompt_tokens = 10_000
context_tokens = 0
history_tokens = 0
output_tokens = 250
routing = { tiers = ["api"] }
"""
MONTH = """schema = 1
[months.2026-12]  # the first
customers = 1_100
revenue_usd = 13_700
requests = { chat = 60_000, long = 9_000 }
success_share = { chat = 0.7 }
deployment_usd = { api = 500 }
other_serving_usd = 1_500
fixed_costs_usd = 21_000
unplanned_usd = { move = 300 }
source = { all = "books" }
"""


@pytest.fixture
def plan():
    return Scenario.from_table(tomllib.loads(PLAN))


@pytest.fixture
def actuals():
    return Actuals.from_table(tomllib.loads(MONTH))


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(PLAN)
    actuals_path(path).write_text(MONTH)
    return path


def problems_of(text):
    with pytest.raises(ScenarioError) as caught:
        Actuals.from_table(tomllib.loads(text))
    return [str(each) for each in caught.value.problems]


def test_two_products_split_as_published():
    found = price_volume_mix(
        np.array([50.0, 40.0]), np.array([1.2, 0.8]), np.array([60.0, 50.0]), np.array([1.1, 1.0])
    )
    published = {"price": [-6.0, 10.0], "volume": [13.3, 7.1], "mix": [-1.3, 0.9]}
    assert all(found[name] == pytest.approx(each, abs=0.06) for name, each in published.items())
    assert sum(each.sum() for each in found.values()) == pytest.approx(24.0, abs=1e-9)


def test_the_parts_of_each_line_and_of_net_burn_sum_to_the_difference(plan, actuals):
    (month,) = compare(plan, actuals).months
    assert month.effects.total == pytest.approx(month.net_burn_difference_usd, abs=1e-9)
    split = [line for line in month.lines if line.effects is not None]
    assert [line.effects.total for line in split] == pytest.approx(
        [line.difference for line in split], abs=1e-9
    )


def test_the_cost_of_a_deployment_splits_as_by_hand(plan, actuals):
    # chat: 50,000 at $0.004, long: 10,000 at $0.022; 69,000 of 60,000 requests is 1.15 times as many
    (month,) = compare(plan, actuals).months
    (api,) = [line.effects for line in month.lines if line.line == "deployment_usd.api"]
    assert api.volume == pytest.approx(0.15 * (200.0 + 220.0))
    assert api.mix == pytest.approx((60_000 - 57_500) * 0.004 + (9_000 - 11_500) * 0.022)
    assert api.price == pytest.approx(500.0 - (60_000 * 0.004 + 9_000 * 0.022))


def test_quality_is_what_ten_points_of_success_earn_and_save(plan, actuals):
    (month,) = compare(plan, actuals).months
    of = {line.line: line.effects for line in month.lines}
    assert of["revenue_usd"].quality == pytest.approx(-0.1 * 60_000 * 0.05)
    assert of["other_serving_usd"].quality == pytest.approx(0.1 * 60_000 * 1.0 * 0.1)


def test_what_was_not_measured_can_not_be_told_from_the_rest(plan, actuals):
    month = actuals.months["2026-12"].model_copy(update={"requests": {}, "source": {}})
    (found,) = compare(plan, Actuals(months={"2026-12": month})).months
    assert found.effects.rest == pytest.approx(found.net_burn_difference_usd)


@pytest.mark.parametrize(
    "name", ["support-copilot-own-gpu", "nightly-documents", "legal-review", "seed-runway"]
)
def test_the_costs_of_all_lines_are_the_gross_burn(name):
    scenario = draw(load(f"saved/{name}.toml").scenario, n=8)
    lines, months = planned(scenario, 12).lines, evaluate(scenario).months
    costs = sum(usd for line, usd in lines.items() if is_cost(line))
    assert costs == pytest.approx(months.gross_burn_usd[..., :12], rel=1e-12)


def test_a_dated_change_is_in_the_lines_of_its_months(plan):
    table = tomllib.loads(PLAN) | {"change": [{"month": 3, "set": {"workloads.long.output_tokens": 1_250}}]}
    lines = planned(Scenario.from_table(table), 4).lines
    each = lines["deployment_usd.api"] / lines["customers"]
    assert each == pytest.approx([0.42, 0.42, 0.5, 0.5])


def test_a_month_as_planned_differs_in_nothing(plan):
    lines = {name: float(each[0]) for name, each in planned(plan, 1).lines.items()}
    table = {
        "customers": lines["customers"],
        "revenue_usd": lines["revenue_usd"],
        "cash_usd": lines["cash_usd"],
    }
    found = compare(plan, Actuals.from_table({"schema": 1, "months": {"2026-12": table}}))
    assert all(line.difference == 0 for month in found.months for line in month.lines)
    assert [each.wape for each in found.accuracy.values()] == [0.0, 0.0, 0.0]


def test_half_of_the_actual_sum_missed_is_a_wape_of_a_half(plan):
    months = {"2026-12": {"fixed_costs_usd": 40_000}, "2027-01": {"fixed_costs_usd": 40_000}}
    accuracy = compare(plan, Actuals.from_table({"schema": 1, "months": months})).accuracy["fixed_costs_usd"]
    assert (accuracy.wape, accuracy.bias) == pytest.approx((0.5, -0.5))


def test_the_share_inside_counts_only_what_the_plan_has_ranges_for(plan):
    months = {"2026-12": {"customers": 900}, "2027-01": {"customers": 960}, "2027-02": {"customers": 1_000}}
    found = compare(plan, Actuals.from_table({"schema": 1, "months": months}))
    assert (found.accuracy["customers"].ranged, found.accuracy["customers"].inside) == (2, 1)


def test_runway_starts_from_the_cash_that_is_left(plan):
    sure = plan.with_value("demand.churn_share_per_month", 0.0)
    burn = float(evaluate(sure).months.net_burn_usd[0])
    months = {"2026-12": {}, "2027-01": {"cash_usd": 2.5 * burn}}
    left = remaining(sure, Actuals.from_table({"schema": 1, "months": months}))
    assert (left.months, left.state, left.last_month) == (pytest.approx(2.5), "cash_out", "2027-01")


def test_cash_that_is_not_stated_is_reckoned_from_what_is(plan, actuals):
    sure = plan.with_value("demand.churn_share_per_month", 0.0)
    left = remaining(sure, actuals)
    spent = 500 + 1_500 + 21_000 + 300
    assert left.cash_usd == pytest.approx(100_000 + 13_700 - spent)
    assert left.reckoned == "2026-12"


def test_every_problem_of_the_file_is_told_at_once():
    found = problems_of(
        'schema = 1\nmonth = 1\n[months.2026-13]\nrevenue = 2\nfixed_costs_usd = "1 to 2"\n'
        '[months.2027-01]\nrequests = { chat = -1 }\nsource = { cash_usd = "x" }\n'
    )
    named = (
        "months.2026-13 is not a month",
        "revenue is not a field",
        "month is not a field",
        "requests.chat is -1",
    )
    assert all(any(words in each for each in found) for words in named)
    assert any("is the range" in each for each in found)
    assert any("names a line that the month doesn't have" in each for each in found)


def test_what_the_plan_lacks_is_refused_by_name(plan):
    months = {"2025-01": {}, "2026-12": {"requests": {"chats": 1}, "deployment_usd": {"gpu": 1}}}
    with pytest.raises(ScenarioError) as caught:
        check(plan, Actuals.from_table({"schema": 1, "months": months}))
    assert [each.where for each in caught.value.problems] == [
        "months.2025-01", "months.2026-12.requests.chats", "months.2026-12.deployment_usd.gpu",
    ]  # fmt: skip


def test_saving_touches_only_what_differs(files):
    loaded = load_actuals(actuals_path(files))
    month = loaded.actuals.months["2026-12"].model_copy(update={"cash_usd": 90_000.0})
    changed = loaded.actuals.model_copy(update={"months": {"2026-12": month, "2027-01": month}})
    saved = save_actuals(loaded, changed)
    assert "# the first" in saved.text
    assert load_actuals(saved.path).actuals == changed


def test_a_file_from_scratch_says_what_it_was_given(tmp_path, actuals):
    nothing = load_actuals(tmp_path / "new.actuals.toml")
    assert Actuals.from_table(tomllib.loads(actuals_text(nothing, actuals))) == actuals


def test_a_file_that_changed_meanwhile_is_left_alone(files, actuals):
    loaded = load_actuals(actuals_path(files))
    loaded.path.write_text(MONTH + "\n")
    with pytest.raises(ScenarioError, match="changed by another program"):
        save_actuals(loaded, actuals)


def test_actuals_are_no_plan_of_the_library(files):
    names = {each.name for each in list_scenarios(library=files.parent)}
    assert "two" in names
    assert "two.actuals" not in names


def test_the_command_shows_month_line_and_cause(files, capsys):
    assert run(["actuals", str(files)]) == 0
    out = capsys.readouterr().out
    assert all(words in out for words in ("2026-12", "Deployment api", "quality", "Runway from there"))
    assert out.index("Why net burn differs") < out.index("\n2026-12\n")
    assert "The rest is " in out


def test_unusable_actuals_end_with_2_and_every_problem(files, capsys):
    actuals_path(files).write_text("schema = 1\n[months.2026-12]\nrevenu_usd = 1\ncash = 2\n")
    assert run(["actuals", str(files)]) == 2
    err = capsys.readouterr().err
    assert "revenu_usd is not a field. Did you mean revenue_usd?" in err
    assert "cash is not a field" in err


def test_a_plan_without_actuals_says_how_to_get_some(tmp_path, capsys):
    path = tmp_path / "bare.toml"
    path.write_text(PLAN)
    assert run(["actuals", str(path)]) == 2
    assert "has no month of actuals" in capsys.readouterr().err
