from html.parser import HTMLParser

import pytest

from planner.export import as_page, as_report_markdown, months_rows, report
from planner.files import as_csv, load


@pytest.fixture
def written(chat):
    hostile = chat.model_copy(update={"title": "<script>alert(1)</script> | x\x1b[2J"})
    return report(hostile, file="plan.toml", samples=256)


def test_the_page_is_whole_and_loads_nothing_from_outside(written):
    page = as_page(written)
    HTMLParser().feed(page)
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<svg") == 2


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
    assert ("demand.growth_share_per_month", "0.04 to 0.12", "") in written.unknowns


def test_a_report_says_what_segments_pay_and_what_changes():
    free = report(load("saved/freemium-assistant.toml").scenario, file="free.toml", samples=32)
    for written in (as_report_markdown(free), as_page(free)):
        assert "plus: the heaviest tenth takes 54% of the cost and loses $5.97 each a month" in written
        assert "heaviest tenth" in written.partition("team: customers by use")[2]
    agent = report(load("saved/coding-agent.toml").scenario, file="agent.toml", samples=32)
    assert agent.changes == (
        ("months 9 to 11", "A third of the tasks starts on the small model",
         "workloads.task.routing.share_to_last = 0.67", "$60.0k"),
    )  # fmt: skip
