"""The mouse: what is clicked is gone to, the wheel goes on, and text that is drawn over is copied."""

import pytest
from screen import CONTEXT, opened, said
from textual import events

from planner.tui.config.settings import read_settings
from planner.tui.dialogs.picker import Choices
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.sheet import ScrollSheet


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def turn(pilot, pane, x=2, y=2, *, down=True):
    """Turn the wheel over a cell of a pane."""
    kind = events.MouseScrollDown if down else events.MouseScrollUp
    pane.post_message(kind(pane, x, y, 0, 0, 0, shift=False, meta=False, ctrl=False))
    await pilot.pause()


def row_of(app, words):
    """Return where words stand on the screen."""
    lines = screen_text(app).splitlines()
    y = next(y for y, line in enumerate(lines) if words in line)
    return lines[y].index(words), y


async def test_a_row_that_is_clicked_has_the_cursor_and_a_second_click_edits_it(plan):
    async with opened(plan) as (app, pilot):
        inputs = app.plan_screen.inputs
        await pilot.click(offset=row_of(app, "Answer"))
        await pilot.pause()
        assert inputs.line.label == "Answer"
        await pilot.click(offset=row_of(app, "Context"), times=2)
        await pilot.pause()
        assert inputs.typing
        assert inputs.line.path == CONTEXT
        await pilot.click(offset=row_of(app, "Answer"))
        await pilot.pause()
        assert not inputs.typing
        assert inputs.line.label == "Answer"


async def test_the_head_of_a_section_folds_it(plan):
    async with opened(plan) as (app, pilot):
        await pilot.click(offset=row_of(app, "Workload chat"))
        await pilot.pause()
        assert "Context" not in screen_text(app)
        await pilot.click(offset=row_of(app, "Workload chat"))
        await pilot.pause()
        assert "Context" in screen_text(app)


async def test_the_wheel_goes_down_the_form_and_on_by_months(plan):
    async with opened(plan, size=(200, 50)) as (app, pilot):
        inputs, outputs = app.plan_screen.inputs, app.plan_screen.outputs
        before = inputs.cursor
        await turn(pilot, inputs)
        assert inputs.cursor == before + 3
        await turn(pilot, inputs, down=False)
        assert inputs.cursor == before
        x, y = row_of(app, "net burn revenue")
        await turn(pilot, outputs, x - outputs.region.x, y + 3 - outputs.region.y)
        assert app.outlook.result.month == 2


async def test_a_month_that_is_clicked_is_the_one_the_headline_is_about_until_esc(plan):
    async with opened(plan, size=(200, 50)) as (app, pilot):
        x, y = row_of(app, "net burn revenue")
        await pilot.click(offset=(x, y + 9))
        await pilot.pause()
        assert app.outlook.result.month == 9
        assert "Net burn, month 9" in screen_text(app)
        assert said(app).startswith("Month 9")
        _, y = row_of(app, "└0")
        x = screen_text(app).splitlines()[y].index(" 12 ")
        await pilot.click(offset=(x + 1, y - 3))
        await pilot.pause()
        assert app.outlook.result.month == 12
        await pilot.press("escape")
        assert app.outlook.result.month == 1
        assert "Net burn, month 1 " in screen_text(app)


async def test_a_number_of_the_headline_is_chosen_by_a_click_anywhere_in_it(plan):
    async with opened(plan) as (app, pilot):
        x, y = row_of(app, "Gross margin")
        await pilot.click(offset=(x + 3, y + 1))
        await pilot.pause()
        assert app.plan_screen.outputs.chosen == "gross_margin_share"


async def test_a_picker_and_the_hints_answer_a_click(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("slash", *"context")
        await pilot.pause()
        await pilot.click(app.screen.query_one(Choices), offset=(3, 0))
        await pilot.pause()
        assert app.plan_screen.inputs.line.path == CONTEXT
        line = app.screen.query_one(HintLine)
        await pilot.click(offset=(screen_text(app).splitlines()[-1].index("? help"), line.region.y))
        await pilot.pause()
        assert "Go down a row" in screen_text(app)
        await turn(pilot, app.screen.query_one(ScrollSheet))
        assert app.screen.sheet.top == 3


async def test_the_mouse_can_be_left_to_the_terminal_for_the_next_start_too(plan, tmp_path):
    file = tmp_path / "screen.toml"
    async with opened(plan, settings=file) as (app, pilot):
        await pilot.press("colon", *"leave the mouse", "enter")
        await pilot.pause()
        assert said(app) == "The mouse is left to the terminal."
    assert read_settings(file)[0].mouse is False
    async with opened(plan, settings=file) as (app, pilot):
        await pilot.press("colon", *"leave the mouse", "enter")
        await pilot.pause()
        assert said(app) == "The planner answers the mouse."
    assert read_settings(file)[0].mouse is True


async def test_text_that_is_drawn_over_is_copied_and_stays_inside_its_panel(plan):
    async with opened(plan, size=(200, 50)) as (app, pilot):
        x, y = row_of(app, "Cash by month")
        await pilot.mouse_down(offset=(x, y))
        await pilot.hover(offset=(x + 12, y))
        await pilot.mouse_up(offset=(x + 12, y))
        await pilot.pause()
        assert app.clipboard == "Cash by month"
        assert said(app) == "Copied: Cash by month"
        await pilot.mouse_down(offset=(x, y))
        await pilot.hover(offset=(x + 4, y + 2))
        await pilot.mouse_up(offset=(x + 4, y + 2))
        await pilot.pause()
        assert "Months" not in app.clipboard
