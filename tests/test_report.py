import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from plans import shipped

from planner.analysis.actuals import cash_path
from planner.export import as_page, as_report_markdown, months_rows, report
from planner.export.workbook import workbook
from planner.files import as_csv, load, table_of
from planner.files.actuals import actuals_path, load_actuals
from planner.model import evaluate
from planner.readout.promises import promises
from planner.schema import Scenario

ROOT = Path(__file__).parents[1]


@pytest.fixture
def written(chat):
    hostile = chat.model_copy(update={"title": "<script>alert(1)</script> | x\x1b[2J"})
    return report(hostile, file="plan.toml", samples=256)


def test_the_page_is_whole_and_loads_nothing_from_outside(written):
    page = as_page(written)
    HTMLParser().feed(page)
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<svg") == 3


def test_the_text_of_a_stranger_stays_inert(written):
    for out in (as_page(written), as_report_markdown(written)):
        assert "<script>" not in out
        assert "\x1b" not in out


def test_the_cost_table_adds_up_to_the_gross_burn(written):
    total = sum(usd for _, usd in written.line_items)
    assert total == pytest.approx(float(written.result.metrics["gross_burn_usd_per_month"]), rel=0.01)


def test_the_months_are_bare_numbers_under_names_with_units(written):
    head, first, *rest = as_csv(months_rows(written.result)).splitlines()
    assert head.startswith("month,customers,requests,revenue_usd")
    assert first.split(",")[1] == "1000.0"
    assert len(rest) == 35


def test_every_unknown_stands_in_the_report_with_its_range(written):
    assert ("New customers", "4% to 12%", "no source stated") in written.unknowns


def test_the_bridge_goes_from_revenue_to_gross_profit_and_loses_nothing(written):
    first, *steps, last = written.bridge
    months = written.result.months.first
    assert first.usd == pytest.approx(float(months["revenue_usd"].item()))
    assert first.usd + sum(step.usd for step in steps) == pytest.approx(last.usd, rel=1e-9)
    assert last.usd == pytest.approx(first.usd - float(months["cogs_usd"].item()), rel=1e-9)


def test_the_page_names_fields_by_their_labels_and_heads_its_tables_for_readers_by_ear(written):
    page = as_page(written)
    assert "demand.growth_share_per_month" not in page
    assert page.count('<th scope="col"') > page.count("<table>") <= page.count("<thead>")
    assert '<th scope="row">' in page


def test_a_table_that_says_what_a_chart_says_is_folded(written):
    page = as_page(written)
    assert page.index("<details>") < page.index("All headline numbers") < page.index("Months")


@pytest.mark.parametrize("name", [path.stem for path in shipped() if path.parent.name == "saved"])
def test_the_summary_says_burn_cash_and_promises_of_every_shipped_plan(name):
    loaded = load(ROOT / f"saved/{name}.toml")
    found = report(loaded.scenario, file=name, samples=64)
    text = " ".join(found.summary)
    assert text.startswith("The company ")
    assert "Cash in hand lasts" in text
    made = promises(found.result)
    broken = [each for each in made if not each.kept]
    assert (f"{len(broken)} of {len(made)}" in text) == bool(broken)
    assert ("kept" in text) == (bool(made) and not broken)
    assert not re.search(r"\bnan\b", as_page(found))


def test_a_raise_that_comes_too_late_is_told_so():
    loaded = load(ROOT / "saved/support-copilot.toml")
    found = report(loaded.scenario, file="a", samples=64)
    assert "The raise planned for month 18 comes after the cash has run out." in found.summary
    assert as_page(found).count('class="closed"') == 1


def test_a_report_says_what_each_tenth_of_a_segment_pays_and_what_changes():
    free = report(load("saved/freemium-assistant.toml").scenario, file="free.toml", samples=32)
    for written in (as_report_markdown(free), as_page(free)):
        assert "plus: customers by use" in written
    assert free.tenths["plus"][-1][:3] == ("heaviest tenth", "1,125", "53.6%")
    agent = report(load("saved/coding-agent.toml").scenario, file="agent.toml", samples=32)
    (when, label, sets, usd), *_ = agent.changes
    assert (when, usd) == ("month 9 to 11", "$60.0k")
    assert "67" in sets
    assert label in as_page(agent)


def test_what_was_stands_beside_what_was_planned_and_the_rest_goes_on_from_it():
    plan = load("saved/meeting-notes-a-year-on.toml").scenario
    actuals = load_actuals(actuals_path("saved/meeting-notes-a-year-on.toml")).actuals
    path = cash_path(plan, actuals)
    months = evaluate(plan).months
    assert len(path.happened) + len(path.to_come) == 36
    assert path.happened[-1] == actuals.months["2026-10"].cash_usd
    assert path.to_come[0] == pytest.approx(path.happened[-1] - months.net_burn_usd[12])
    page = as_page(report(plan, file="notes.toml", samples=32, actuals=actuals))
    assert page.count('class="actual"') == 12
    assert "projection from there" in page
    sheet = workbook(plan, actuals=actuals).sheets[-1]
    assert [row[-2] for row in sheet.rows[1:13]] == list(path.happened)
    assert [row[-1] for row in sheet.rows[13:]] == list(path.to_come)


def test_a_change_of_a_list_is_told_value_by_value():
    plan = load("saved/freemium-assistant.toml").scenario
    table = table_of(plan) | {"change": [{"month": 4, "set": {"segments.team.retention": [0.9, 0.85]}}]}
    told = report(Scenario.from_table(table), file="free.toml", samples=16)
    assert "90%, 85%" in told.changes[0][2]
    assert "90%, 85%" in as_page(told)
