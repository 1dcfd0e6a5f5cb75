"""Warnings in words with the numbers: one list, on every surface."""

import json
import re
from datetime import date
from html import unescape

import plans
import pytest

from planner.export import as_page, as_report_markdown, report
from planner.files import table_of
from planner.files.saving import new_text
from planner.model import evaluate
from planner.readout.cautions import cautions
from planner.schema import Scenario
from planner.tui.screens.explain import warning_entries
from planner.tui.session.outlook import Outlook

TODAY = date(2026, 11, 28)


def changed(chat, **sections):
    table = table_of(chat)
    for name, section in sections.items():
        where = table
        *path, last = name.split("__")
        for step in path:
            where = where.setdefault(step, {})
        where[last] = section
    return Scenario.from_table(table)


def said(scenario, day=TODAY):
    return cautions(scenario, evaluate(scenario), on=day)


@pytest.mark.parametrize(("sections", "words"), [
    ({"company__funding": [{"month": 40, "amount_usd": 3e6}]},
     "the raise of month 40 ($3.00M) is after the plan's last, month 36"),
    ({"company__hiring": [{"month": 48, "usd_per_month": 9e3}]}, "the hiring step of month 48"),
    ({"deployments__small__gpu": "A100-SXM-80GB"}, "has no fp8 units"),
    ({"deployments__small__tensor_parallel": 3}, "32 attention heads don't divide by tp 3"),
    ({"workloads__chat__context_tokens": 400_000.0}, "reads at most 128,000 tokens; a prompt has 400,000"),
    ({"workloads__chat__output_tokens": 40_000.0}, "an answer has 40,000"),
    ({"source": {"company.cahs_usd": "Bank"}}, "company.cahs_usd"),
])  # fmt: skip
def test_what_does_not_exist_is_told_with_the_numbers(chat, sections, words):
    assert any(words in each for each in said(changed(chat, **sections))), said(changed(chat, **sections))


def test_a_plan_in_order_is_told_nothing():
    assert said(plans.chat()) == ()


def test_every_surface_shows_the_same_warnings(chat, planner, tmp_path):
    plan = changed(
        chat, company__funding=[{"month": 40, "amount_usd": 3e6}], deployments__small__tensor_parallel=3
    )
    path = tmp_path / "plan.toml"
    path.write_text(new_text(table_of(plan)))
    policy = tmp_path / "policy.toml"
    policy.write_text('fail = ["gross_margin_share >= -10"]')
    words = cautions(plan, evaluate(plan), on=date.today())  # noqa: DTZ011 - the command line's day
    assert len(words) >= 2
    found = report(plan, file="plan.toml", samples=16)
    surfaces = {
        "show": planner("show", path, "--samples", 16)[1],
        "json": "\n".join(json.loads(planner("show", path, "--samples", 16, "--json")[1])["warnings"]),
        "check": planner("check", path, "--policy", policy)[1],
        "page": unescape(re.sub(r"</?code>", "`", as_page(found))),
        "markdown": as_report_markdown(found).replace("\\", ""),
        "screen": "\n".join(
            "".join(span.text for span in row.row)
            for row in warning_entries(Outlook(plan, evaluate(plan)), date.today(), 300)  # noqa: DTZ011 - as above
        ),
    }
    for name, surface in surfaces.items():
        flat = re.sub(r"\s+", " ", surface)
        assert [each for each in words if each not in flat] == [], name
