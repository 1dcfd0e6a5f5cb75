"""The line that says how a plan stands: broken promises with figures, goal, age of prices, what is not saved."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from screen import CONTEXT, TODAY, opened

from planner.files import load, table_of
from planner.model import evaluate
from planner.readout.promises import promises
from planner.schema import Scenario
from planner.tui.session.health import HealthPoint, health
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import plain
from planner.tui.widgets.health import Health

SAVED = Path(__file__).parents[1] / "saved"
TARGET = "workloads.chat.latency_target_s"


def told(scenario):
    return [each.text for each in health(Plan.of(scenario), evaluate(scenario), TODAY)]


def strict(chat):
    return chat.with_value(TARGET, 0.5)


def test_a_broken_promise_comes_first_with_what_is_reached_and_what_was_promised(chat):
    reached = evaluate(strict(chat)).workloads["chat"].promised_latency_s
    first = told(strict(chat))[0]
    assert first.startswith("✗ chat: 95% of answers within ")
    assert f"{float(reached):.1f}"[:3] in first
    assert first.endswith("promised 500 ms")


def test_kept_promises_are_counted(chat):
    assert "✓ 1 promise kept" in told(chat)


def test_a_promise_that_nobody_asks_for_does_not_count_as_kept(chat):
    quiet = chat.with_value("workloads.chat.requests_per_customer_per_month", 0.0)
    quiet = quiet.with_value("workloads.chat.requests_per_month", 0.0)
    assert not any("kept" in each for each in told(quiet))
    assert any(each.endswith("chat: no requests, no cost") for each in told(quiet))


def test_how_much_slower_flex_is_can_not_be_told_and_so_not_whether_its_promise_is_kept():
    plan = load(SAVED / "support-copilot.toml").scenario
    flex = plan.with_value("deployments.frontier.processing", "flex")
    assert [each.state for each in promises(evaluate(plan))] == ["kept"]
    assert [each.state for each in promises(evaluate(flex))] == ["not known"]
    assert any(
        "with flex processing on frontier, how much slower is not known" in each for each in told(flex)
    )


def test_only_what_is_broken_has_the_sign_of_it():
    """Prices of March are old, and a model that goes in month 5 wants care; neither breaks anything."""
    said = told(load(SAVED / "support-copilot-rag-routing.toml").scenario)
    assert [each[0] for each in said[:3]] == ["✗", "!", "!"]
    assert said[0] == "✗ cash runs out in month 15"
    assert said[1] == "! openai:gpt-5.4-nano ends 2027-04-01, month 5"
    assert said[2].startswith("! prices ")


def test_a_change_to_a_model_that_is_retired_by_then_wants_care(chat):
    then = {"month": 9, "set": {"deployments.large.model": "openai:gpt-5.4-nano"}}
    later = Scenario.from_table({**table_of(chat), "change": [then]})
    assert any(
        "openai:gpt-5.4-nano ends 2027-04-01, before it is used, from month 9" in each for each in told(later)
    )


def test_how_many_findings_are_left_out_stands_whole_at_any_width():
    line = Health()
    found = [HealthPoint("cash runs out in month 15 without the planned raises", bad=True)]
    found += [HealthPoint(f"finding {at}") for at in range(1, 25)]
    line.set_reactive(Health.findings, tuple(found))
    for width in range(20, 120):
        row = plain(line.draw(width, 1))
        assert cell_len(row) <= width
        left = int(row.rpartition("+")[2])
        assert sum(f"finding {at} " in f"{row} " for at in range(1, 25)) == 24 - left


def test_changes_name_what_they_are_against(chat):
    other = Plan.of(chat).edited(CONTEXT, 5000)
    assert "changes: against the plan as it was" in [each.text for each in health(other, None, TODAY)]


def test_a_plan_that_promises_nothing_says_so(chat):
    silent = chat.with_value("workloads.chat.latency", "none")
    assert promises(evaluate(silent)) == ()
    assert "no latency is promised" in told(silent)


def test_rules_of_the_goal_are_held_against_the_plan(chat):
    burn = evaluate(chat).metrics["net_burn_usd_per_month"]
    kept = chat.with_value("goal.keep", f"net_burn_usd_per_month <= {float(burn) + 1:.0f}")
    broken = chat.with_value("goal.keep", f"net_burn_usd_per_month <= {float(burn) - 1:.0f}")
    assert "✓ 1 rule kept" in told(kept)
    assert any(each.startswith("✗ net burn <=") for each in told(broken))
    assert any(each.startswith("goal: net burn") for each in told(kept))


def test_an_edit_that_is_not_saved_is_told(chat):
    plan = Plan.of(chat).edited(CONTEXT, 5000)
    assert "not saved" in [each.text for each in health(plan, None, TODAY)]
    assert "not saved" not in [each.text for each in health(Plan.of(chat), None, TODAY)]


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (80, 14)])
async def test_a_broken_promise_is_in_sight_at_every_size(chat, size):
    async with opened(Plan.of(strict(chat)), size=size) as (app, _):
        assert "✗ chat: 95% of answers" in screen_text(app)


async def test_what_there_is_no_room_for_is_counted(chat):
    async with opened(Plan.of(strict(chat))) as (app, _):
        line = "".join(span.text for span in app.plan_screen.query_one(Health).draw(60, 1)[0])
        assert len(line) <= 60
        assert re.search(r"\+\d$", line.rstrip())
