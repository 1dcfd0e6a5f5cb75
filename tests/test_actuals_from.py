import json
import tomllib

import pytest

from planner.cli.run import run
from planner.errors import ScenarioError
from planner.files.actuals import actuals_path, load_actuals
from planner.schema import Scenario
from planner.usage.booked import line_of, read_booked
from planner.usage.containers import sources

PLAN = """schema = 1
[company]
start = "2026-11"
[deployments.frontier]
kind = "api"
model = "openai:gpt-5.4"
[deployments.night]
kind = "api"
model = "openai:gpt-5.4"
processing = "batch"
[workloads.chat]
requests_per_month = 1_000
output_tokens = 100
routing = { tiers = ["frontier", "night"] }
"""
LEDGER = 'month,line,amount\n2026-11,revenue_usd,"1,200.50"\n2026-12,fixed_costs_usd,300\n2026-12,fixed_costs_usd,20\n'
FOCUS = """BilledCost,BillingCurrency,ChargePeriodStart,ChargeDescription,x_Model
3.00,USD,2026-11-20T00:00:00Z,Claude Sonnet 4.5 input tokens,claude-sonnet-4-5
1.50,USD,2026-11-21T00:00:00Z,Claude Sonnet 4.5 output tokens,claude-sonnet-4-5
9.00,EUR,2026-11-21T00:00:00Z,Claude Sonnet 4.5 output tokens,claude-sonnet-4-5
"""
OPENAI = {"object": "page", "data": [{"start_time": 1795046400, "results": [
    {"amount": {"value": 3.0, "currency": "usd"}, "line_item": "gpt-5.4, input"},
    {"amount": {"value": 1.5, "currency": "usd"}, "line_item": "gpt-5.4 batch, output"},
    {"amount": {"value": 0.5, "currency": "usd"}, "line_item": "gpt-5.4-mini, output"}]}]}  # fmt: skip
ANTHROPIC = {"data": [{"starting_at": "2026-11-03T00:00:00Z", "results": [
    {"amount": "12345.6", "currency": "USD", "cost_type": "tokens", "model": "claude-sonnet-4-5"}]}]}  # fmt: skip


@pytest.fixture
def plan():
    return Scenario.from_table(tomllib.loads(PLAN))


def booked(tmp_path, plan, text, name="bill.csv"):
    (tmp_path / name).write_text(text)
    (source,) = sources([tmp_path / name])
    return read_booked(source, plan)


def test_a_focus_bill_is_summed_by_month_and_model_and_names_what_it_leaves_out(tmp_path, plan):
    found = booked(tmp_path, plan, FOCUS)
    assert found.amounts == {("2026-11", "unplanned_usd.anthropic:claude-sonnet-4-5"): 4.5}
    assert found.remarks == ("1 row of a FOCUS bill is left out: in EUR.",)


def test_a_cost_report_finds_the_deployments_by_model_and_processing_and_no_smaller_sister(tmp_path, plan):
    found = booked(tmp_path, plan, json.dumps(OPENAI), "costs.json").amounts
    assert found["2026-11", "deployment_usd.frontier"] == 3.0
    assert found["2026-11", "deployment_usd.night"] == 1.5
    assert sum(found.values()) == 5.0


def test_a_report_in_cents_is_read_in_dollars(tmp_path, plan):
    (amount,) = booked(tmp_path, plan, json.dumps(ANTHROPIC), "costs.json").amounts.values()
    assert amount == pytest.approx(123.456)


def test_a_table_of_requests_is_no_bill(tmp_path, plan):
    assert booked(tmp_path, plan, "model,prompt_tokens\ngpt-5.4,10\n") is None


def test_a_name_that_no_deployment_has_is_unplanned(plan):
    assert line_of({"description": "Support plan"}, plan) == "unplanned_usd.Support plan"


def test_files_are_shown_first_and_written_when_asked(tmp_path, capsys):
    path, ledger, bill = (tmp_path / name for name in ("plan.toml", "ledger.csv", "focus.csv"))
    for file, text in ((path, PLAN), (ledger, LEDGER), (bill, FOCUS)):
        file.write_text(text)
    assert run(["actuals", str(path), "--from", str(ledger), str(bill)]) == 0
    assert "Nothing written" in capsys.readouterr().out
    assert not actuals_path(path).exists()
    assert run(["actuals", str(path), "--from", str(ledger), str(bill), "--write"]) == 0
    months = load_actuals(actuals_path(path)).actuals.months
    assert months["2026-11"].revenue_usd == 1_200.5
    assert months["2026-12"].fixed_costs_usd == 320.0
    assert months["2026-12"].source_of("fixed_costs_usd") == "ledger.csv, a ledger"
    assert path.read_text() == PLAN


def test_every_row_of_a_ledger_that_can_not_be_used_is_named(tmp_path, capsys):
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "ledger.csv").write_text("month,line,amount\n2026-13,revenue_usd,1\n2026-11,revenu,x\n")
    assert run(["actuals", str(tmp_path / "plan.toml"), "--from", str(tmp_path / "ledger.csv")]) == 2
    err = capsys.readouterr().err
    assert all(words in err for words in ("line 2: month", "line 3: line", "line 3: amount"))


JOURNAL = """Acme Inc.
Journal, September and October
Date,Account,Debit,Credit,Memo
2026-11-30,Revenue,,"12,000.00",Subscriptions
2026-11-30,Payroll,"300,000.00",,
2026-12-31,Revenue,500.00,,A refund
2026-12-31,frontier,80.00,,Tokens
2026-12-31,Office,20.00,,
"""
EUROPEAN = "Datum;Konto;Betrag\n30.11.2026;Revenue;1.234,50\n3.12.2026;Fixed costs;(99,50)\n"


def ledger_in(tmp_path, plan, text, **named):
    (tmp_path / "books.csv").write_text(text)
    (source,) = sources([tmp_path / "books.csv"])
    return read_booked(source, plan, named=named)


def test_a_journal_is_put_on_lines_by_label_by_deployment_and_as_told(tmp_path, plan):
    found = ledger_in(tmp_path, plan, JOURNAL, Payroll="fixed_costs_usd", Office="-")
    assert found.amounts == {
        ("2026-11", "revenue_usd"): 12_000.0, ("2026-11", "fixed_costs_usd"): 300_000.0,
        ("2026-12", "revenue_usd"): -500.0, ("2026-12", "deployment_usd.frontier"): 80.0,
    }  # fmt: skip
    assert found.remarks == ('1 row of a ledger is left out: account "Office".',)


def test_books_of_another_country_are_read_by_their_own_rules(tmp_path, plan):
    found = ledger_in(tmp_path, plan, EUROPEAN)
    assert found.amounts == {("2026-11", "revenue_usd"): 1234.5, ("2026-12", "fixed_costs_usd"): -99.5}


def test_accounts_that_no_line_has_are_named_once_with_what_to_type(tmp_path, plan):
    with pytest.raises(ScenarioError) as told:
        ledger_in(tmp_path, plan, JOURNAL + "2026-12-31,Payroll,5,,\n2026-12-31,Cash,5,,\n")
    words = str(told.value)
    assert words.count('--line "Payroll=') == words.count('--line "Office=') == 1
    assert "line 5: account" in words
    assert "line 10: account" in words
    assert "tell no balance" in words


def test_lines_are_told_on_the_command_line_and_checked_there(tmp_path, capsys):
    path, books = tmp_path / "plan.toml", tmp_path / "books.csv"
    path.write_text(PLAN)
    books.write_text(JOURNAL)
    asked = ["actuals", str(path), "--from", str(books), "--line", "Office=-", "--line"]
    assert run([*asked, "Payroll=payroll"]) == 2
    assert "ACCOUNT=LINE" in capsys.readouterr().err
    assert run([*asked, "Payroll=fixed_costs_usd"]) == 0
    assert "fixed_costs_usd = 300_000" in capsys.readouterr().out


def test_a_bill_with_empty_json_in_a_column_is_a_table(tmp_path, plan):
    focus = FOCUS.replace("x_Model\n", "x_Model,Tags\n").replace("sonnet-4-5\n", "sonnet-4-5,{}\n")
    first = "ChargePeriodStart,BilledCost,BillingCurrency,Tags\n2026-11-20T00:00:00Z,3.00,USD,{}\n2026-11-21T00:00:00Z,1.00,USD,{}\n"
    assert sum(booked(tmp_path, plan, focus).amounts.values()) == 4.5
    assert sum(booked(tmp_path, plan, first).amounts.values()) == 4.0


def test_what_is_no_ledger_bill_or_log_says_what_a_ledger_is(tmp_path, capsys):
    pytest.importorskip("duckdb")
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert run(["actuals", str(tmp_path / "plan.toml"), "--from", str(tmp_path / "a.csv")]) == 2
    assert "A ledger has a month or a date" in capsys.readouterr().err


def test_a_usage_log_of_several_months_is_split_by_month(tmp_path):
    pytest.importorskip("duckdb")
    path, log = tmp_path / "plan.toml", tmp_path / "log.csv"
    path.write_text(PLAN)
    days = (
        [f"2026-11-{day:02d}" for day in range(20, 31)]
        + [f"2026-12-{day:02d}" for day in range(1, 32)]
        + ["2027-01-01"]
    )
    rows = "".join(f"{day}T{hour:02d}:10:00Z,gpt-5.4,1000,100,0.01\n" for day in days for hour in (0, 23))
    log.write_text("created_at,model,prompt_tokens,completion_tokens,cost\n" + rows)
    assert run(["actuals", str(path), "--from", str(log), "--deployment", "frontier", "--write"]) == 0
    months = load_actuals(actuals_path(path)).actuals.months
    assert {name: month.requests["chat"] for name, month in months.items()} == {
        "2026-11": 22,
        "2026-12": 62,
        "2027-01": 2,
    }
    assert months["2026-12"].deployment_usd["frontier"] == pytest.approx(0.62)


def test_a_usage_log_of_one_month_gives_requests_and_costs(tmp_path):
    pytest.importorskip("duckdb")
    path, log = tmp_path / "plan.toml", tmp_path / "log.csv"
    path.write_text(PLAN)
    rows = "".join(f"2026-11-{day:02d}T10:00:00Z,gpt-5.4,1000,100,0.01\n" for day in range(1, 29))
    log.write_text("created_at,model,prompt_tokens,completion_tokens,cost\n" + rows)
    assert run(["actuals", str(path), "--from", str(log), "--deployment", "frontier", "--write"]) == 0
    month = load_actuals(actuals_path(path)).actuals.months["2026-11"]
    assert month.requests == {"chat": 28.0}
    assert month.deployment_usd["frontier"] == pytest.approx(0.28)
