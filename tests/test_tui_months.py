"""The plan month by month, by keys: every month in a row, least cash and cash-out marked."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from screen import opened, said

from planner.catalog.api_models import model_facts
from planner.files import load
from planner.files.actuals import actuals_path
from planner.model import evaluate
from planner.readout import closed_cash_usd
from planner.schema import Scenario
from planner.schema.company import Funding
from planner.tui.screens.months import MonthsScreen
from planner.tui.session.month_marks import words_by_month
from planner.tui.session.months import fitting
from planner.tui.session.outlook import Forecast
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import CashCourse, cash_curve, plain
from planner.units import show

PARTS = ("fixed", "CAC", "one-off", "timing")


@pytest.mark.parametrize("size", [(40, 14), (80, 24), (200, 50)])
async def test_each_month_stands_in_a_row_with_its_cash(chat, size):
    async with opened(Plan.of(chat), size=size) as (app, pilot):
        await pilot.press("M")
        await pilot.pause()
        assert isinstance(app.screen, MonthsScreen)
        rows = [line.split("\t") for line in app.screen.copied_table().splitlines()]
        cash = np.asarray(app.outlook.result.months.cash_usd, dtype=float)
        for month, usd in enumerate(cash.tolist(), 1):
            assert any(row[0].strip() == str(month) and show(usd, "usd") in row for row in rows)
        assert all(len(line) <= size[0] for line in screen_text(app).splitlines())


async def test_the_months_of_least_cash_and_of_cash_out_are_marked(chat):
    poor = chat.with_value("company.cash_usd", 1_000_000)
    result = evaluate(poor)
    out = math.floor(float(result.metrics["runway_months"])) + 1
    least = int(np.argmin(np.asarray(result.months.cash_usd))) + 1
    assert "cash runs out" in words_by_month(result, poor)[out]
    assert "least cash" in words_by_month(result, poor)[least]
    async with opened(Plan.of(poor), size=(120, 40)) as (app, pilot):
        await pilot.press("M")
        await pilot.pause()
        line = next(line for line in screen_text(app).splitlines() if "cash runs out" in line)
        assert line.split()[0] == str(out)
        await pilot.press(*["j"] * (out - 1))
        await pilot.pause()
        assert said(app).startswith(f"Month {out}: {', '.join(words_by_month(result, poor)[out])}. Cash ")
        await pilot.press("enter")
        assert app.screen is app.plan_screen
        assert app.outlook.result.month == out
        await pilot.press("escape", "4", "greater_than_sign")
        assert app.outlook.result.month == 4
        assert "Net burn, month 4" in screen_text(app)


def test_a_plan_whose_cash_lasts_marks_no_cash_out(chat):
    rich = chat.with_value("company.cash_usd", 1e10)
    assert not any("cash runs out" in said for said in words_by_month(evaluate(rich), rich).values())


async def test_with_an_open_raise_title_marks_and_lines_name_the_case_without_it_and_with_it(chat):
    raised = chat.with_value("company.cash_usd", 1_000_000)
    raise_ = {"month": 2, "amount_usd": 1_000_000, "closed": False}
    company = raised.company.model_copy(update={"funding": (Funding.model_validate(raise_),)})
    raised = raised.model_copy(update={"company": company})
    result = evaluate(raised)
    out, later = (
        math.floor(float(result.metrics[name])) + 1 for name in ("runway_months", "runway_with_raises_months")
    )
    assert 2 < out < later
    closed = closed_cash_usd(result)
    assert closed[out - 1] < 0 < result.months.cash_usd[out - 1]
    assert closed[-1] == pytest.approx(float(result.months.cash_usd[-1]) - 1_000_000)
    marks = words_by_month(result, raised)
    assert "cash runs out" in marks[out]
    assert "cash runs out with planned raises" in marks[later]
    async with opened(Plan.of(raised), size=(160, 40)) as (app, _):
        shown = screen_text(app)
        assert f"runs out in month {out}, or {later} with planned raises" in shown
        assert "with planned raises, ⣀ ⣀ without" in shown


async def test_what_happened_stands_beside_the_plan_in_table_and_chart(tmp_path):
    plan = load(Path(__file__).parents[1] / "saved" / "support-copilot.toml")
    path = tmp_path / "copilot.toml"
    path.write_text(plan.text)
    start = plan.scenario.company.start
    actuals_path(path).write_text(f'[months."{start}"]\ncash_usd = 4_321_000\nrevenue_usd = 99_000\n')
    async with opened(Plan.opened(load(path)), size=(200, 50)) as (app, _):
        shown = screen_text(app)
        assert "● what happened" in shown
        assert shown.count("●") == 2
        row = next(line for line in shown.splitlines() if "$4.32M" in line)
        assert "$99.0k" in row


async def test_costs_on_the_screen_add_up_to_net_burn(root):
    plan = Plan.opened(load(root / "saved" / "support-copilot.toml"))
    for scenario in (plan.scenario, plan.scenario.with_value("cash.paid_after_days", 45.0)):
        outlook = Forecast().outlook(plan, scenario)
        for room, names in ((5, ["other"]), (12, ["fixed", "CAC"])):
            columns = {each.name: np.asarray(values) for each, values in fitting(outlook, room)}
            assert set(names) <= set(columns)
            costs = [values for name, values in columns.items() if name in ("serving", "other", *PARTS)]
            assert sum(costs) - columns["revenue"] == pytest.approx(columns["net burn"], abs=1)


async def test_months_with_hires_changes_and_models_taken_off_are_marked(root):
    rows = tomllib.loads(load(root / "saved" / "support-copilot.toml").text)
    rows |= {"change": [{"month": 9, "label": "dearer", "set": {"revenue.usd_per_request": 1.0}}]}
    rows["company"]["one_off"] = [{"month": 3, "amount_usd": 50_000}]
    rows["deployments"]["frontier"]["model"] = "openai:gpt-5-mini"
    scenario = Scenario.from_table(rows)
    said = words_by_month(evaluate(scenario), scenario)
    assert said[7] == ("three engineers +$45.0k/month",)
    assert said[9] == ("dearer",)
    assert said[3] == ("payment $50.0k",)
    gone = model_facts("openai:gpt-5-mini").retired
    assert any(
        "frontier retired: openai:gpt-5-mini" in each
        for each in said[(gone.year - 2026) * 12 + gone.month - 11]
    )


async def test_a_word_typed_over_the_months_does_nothing_else(chat):
    async with opened(Plan.of(chat), size=(120, 40)) as (app, pilot):
        await pilot.press("M", *"need")
        await pilot.pause()
        assert isinstance(app.screen, MonthsScreen)
        assert said(app) == "n does nothing here."
        await pilot.press("down", "down")
        assert said(app).startswith("Month 3")


def test_the_month_under_the_cursor_cuts_no_other_on_the_axis():
    for month in range(1, 37):
        course = CashCourse([1e6 - 1e4 * at for at in range(37)])
        rows = plain(cash_curve(course, width=66, height=10, show=lambda usd: show(usd, "usd"), month=month))
        axis = next(line for line in rows.splitlines() if line.startswith("month")).partition("└")[2]
        numbers = [int(each) for each in axis.split()]
        assert month in numbers
        assert all(each % 3 == 0 or each == month for each in numbers)


async def test_why_a_month_differed_stands_on_the_screen_and_its_lines_one_key_further():
    path = Path(__file__).parents[1] / "saved" / "meeting-notes-a-year-on.toml"
    async with opened(Plan.opened(load(path)), size=(120, 40)) as (app, pilot):
        await pilot.press("M")
        await pilot.pause()
        first = next(line for line in screen_text(app).splitlines() if line.startswith("     1 "))
        assert first.split()[1:9] == [
            "$2.49M",
            "$2.50M",
            "$107k",
            "$104k",
            "$32.4k",
            "$32.6k",
            "$6,555",
            "$7,400",
        ]
        await pilot.press("w")
        await pilot.pause()
        assert "volume    price     mix  quality     rest" in screen_text(app)
        assert said(app).startswith("2025-11: burnt $3,125 less than planned: rest -$3,804")
        await pilot.press("enter")
        await pilot.pause()
        assert "Deployment sonnet" in screen_text(app)
