"""Where the numbers of the shipped plans are from, as `e` tells it."""

import pytest
from screen import comes, opened
from textual import events

from planner.files import load
from planner.schema import fields
from planner.tui.screens.explain import ExplainScreen, field_entries
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import plain
from planner.tui.widgets.headline_numbers import reading

SHIPPED = ("legal-review", "llama-70b-service", "nightly-documents", "seed-runway", "support-copilot")


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_source_of_a_shipped_plan_can_be_looked_up(root, name):
    plan = Plan.opened(load(root / "saved" / f"{name}.toml"))
    sourced = [field for field in fields(plan.scenario) if field.path in plan.scenario.source]
    assert sourced
    for field in sourced:
        told = plain(entry.row for entry in field_entries(plan, field, 100))
        assert "not in the catalog" not in told, f"{field.path}:\n{told}"


def test_a_source_names_its_finding_and_how_it_was_read(root):
    plan = Plan.opened(load(root / "saved" / "legal-review.toml"))
    path = "workloads.review.long_context.at_32k_share"
    field = next(field for field in fields(plan.scenario) if field.path == path)
    told = plain(entry.row for entry in field_entries(plan, field, 100))
    assert "The file says: lc-ruler, lc-nolima; relative to 4K." in told
    assert told.count("RULER") >= 1
    assert told.count("NoLiMa") >= 1


async def test_an_explanation_opened_right_after_an_undo_ends_with_the_new_range(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await pilot.press("slash", *"fixed costs", "enter", "L", "tab")
        await app.settling.settled.wait()
        for key in ("u", "e"):
            app.post_message(events.Key(key, None))
        await comes(pilot, lambda: isinstance(app.screen, ExplainScreen))
        await app.settling.settled.wait()
        await pilot.pause()
        assert reading(app.outlook, "net_burn_usd_per_month").spread in screen_text(app)
